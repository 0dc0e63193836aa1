//! `completion`: what makes a shell complete this program's commands.

use std::io::{self, Write as _};

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::{args::Cli, trouble::Trouble};

/// Prints it.
pub(super) fn print(shell: Shell) -> Result<(), Trouble> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "freehold", &mut script);
    io::stdout().write_all(&script).map_err(Trouble::Output)
}
