//! The command line of people who read: parses what is asked, asks the collectors, prints what they answer.

use std::process::ExitCode;

fn main() -> ExitCode {
    freehold_collector::client::main()
}
