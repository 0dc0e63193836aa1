//! A part of this computer with mounts and process numbers of its own: daemons with well-known names can
//! run in it without meeting those of the computer, and folders can have another content.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command as Blocking, Stdio},
    time::{Duration, Instant},
};

use tokio::process::Command;

/// Mounts and processes that end with it.
#[derive(Debug)]
pub struct World {
    keeper: Child,
    /// Its first process.
    first: u32,
}

impl World {
    /// Lets each folder stand in for another one. `None`, with a message, where this computer does not
    /// allow it.
    pub fn new(folders: &[(&Path, &str)]) -> Option<Self> {
        use std::fmt::Write as _;
        let mut script = String::new();
        for (folder, place) in folders {
            let _ = write!(script, "mount --bind '{}' {place} && ", folder.display());
        }
        script.push_str("exec sleep infinity");
        let mut keeper = Blocking::new("unshare")
            .args(["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"])
            .args(["sh", "-c", &script])
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .ok()?;
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(10) {
            if let Some(first) = first_process(keeper.id()) {
                return Some(Self { keeper, first });
            }
            if !matches!(keeper.try_wait(), Ok(None)) {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = keeper.kill();
        let output = keeper.wait_with_output();
        let said = output.map(|output| String::from_utf8_lossy(&output.stderr).into_owned());
        eprintln!(
            "NOT TESTED: this computer does not allow process and mount namespaces (unshare): {}",
            said.unwrap_or_default().trim()
        );
        None
    }

    /// A program that runs in it.
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new("nsenter");
        command
            .args([
                "--target",
                &self.first.to_string(),
                "--mount",
                "--pid",
                "--",
            ])
            .arg(program.as_ref());
        command
    }

    /// A command as it is, but in it.
    pub fn inside(&self, command: &Command) -> Command {
        let command = command.as_std();
        let mut inside = self.command(PathBuf::from(command.get_program()));
        inside.args(command.get_args());
        inside
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = self.keeper.kill();
        let _ = self.keeper.wait();
    }
}

/// The shell's process once all is mounted, when it has become the one that only waits.
fn first_process(keeper: u32) -> Option<u32> {
    let children = format!("/proc/{keeper}/task/{keeper}/children");
    let children = std::fs::read_to_string(children).ok()?;
    let first: u32 = children.split_whitespace().next()?.parse().ok()?;
    let name = std::fs::read_to_string(format!("/proc/{first}/comm")).ok()?;
    (name.trim_end() == "sleep").then_some(first)
}
