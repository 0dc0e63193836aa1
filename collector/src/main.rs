//! The collector's program: parses the command line, runs one subcommand, reports its failure.

use std::process::ExitCode;

fn main() -> ExitCode {
    freehold_collector::cli::main()
}
