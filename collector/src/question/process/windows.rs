//! Starting the worker on Windows.

use std::{env, io, os::windows::process::CommandExt as _, path::PathBuf, process::Command};

/// No window of a console appears for it.
const CREATE_NO_WINDOW: u32 = 0x0800_0000;

/// The program that runs now.
pub(super) fn program() -> io::Result<PathBuf> {
    env::current_exe()
}

/// Where Windows looks for parts of itself, such as its random numbers: no program does without.
const SYSTEM_ROOT: &str = "SystemRoot";

pub(super) fn prepare(command: &mut Command) {
    #[allow(
        clippy::disallowed_methods,
        reason = "passed on unread: it is no setting of the collector"
    )]
    let system_root = env::var_os(SYSTEM_ROOT);
    if let Some(folder) = system_root {
        command.env(SYSTEM_ROOT, folder);
    }
    command.creation_flags(CREATE_NO_WINDOW);
}
