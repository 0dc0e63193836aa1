//! The agent as a program of its own.

fn main() -> std::process::ExitCode {
    freehold_agent::cli::main()
}
