//! The browser of whoever sits at this computer's screen.

use std::{
    io::{self, IsTerminal as _},
    process::Stdio,
};

use crate::config;

/// Opens a page; nobody there is fine.
pub(super) fn open(url: &str) {
    if !io::stdout().is_terminal() || !config::has_display() {
        return;
    }
    let (program, arguments) = config::BROWSER;
    let mut command = tokio::process::Command::new(program);
    command
        .args(arguments)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Ok(mut child) = command.spawn() {
        tokio::spawn(async move { child.wait().await });
    }
}
