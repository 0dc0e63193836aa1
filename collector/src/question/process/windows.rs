//! Starting the worker on Windows.

use std::{env, io, os::windows::process::CommandExt as _, path::PathBuf, process::Command};

/// No window of a console appears for it.
const CREATE_NO_WINDOW: u32 = 0x0800_0000;

/// The program that runs now.
pub(super) fn program() -> io::Result<PathBuf> {
    env::current_exe()
}

pub(super) fn prepare(command: &mut Command) {
    command.creation_flags(CREATE_NO_WINDOW);
}
