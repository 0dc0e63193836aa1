//! A copy of this computer's own settings and package database that programs see in place of the real one,
//! so that a test can install a package or make somebody administrator without touching the computer.

use std::{
    path::{Path, PathBuf},
    process::Command as Blocking,
};

use tokio::process::Command;

/// What is copied.
const COPIED: [&str; 2] = ["/etc", "/var/lib/dpkg"];

/// A mount namespace's worth of copied files.
#[derive(Clone, Debug)]
pub struct Sandbox {
    directory: PathBuf,
    /// How many folders the kernel lets programs in it watch.
    file_watches: Option<u32>,
    /// How many folders there are in /opt, instead of what is there.
    folders: Option<u32>,
}

impl Sandbox {
    /// Copies the files to below `parent`. `None`, with a message, where mount namespaces are not allowed.
    pub fn new(parent: &Path) -> Option<Self> {
        let probe = Blocking::new("unshare")
            .args(unshare_options())
            .arg("true")
            .output();
        if !probe.is_ok_and(|output| output.status.success()) {
            eprintln!(
                "NOT TESTED: this computer does not allow mount namespaces (unshare --mount)"
            );
            return None;
        }
        let directory = parent.join("sandbox");
        for path in COPIED {
            let copy = directory.join(path.trim_start_matches('/'));
            std::fs::create_dir_all(copy.parent().expect("a parent")).expect("a directory");
            let status = Blocking::new("cp").arg("-a").arg(path).arg(&copy).status();
            // Without root, what may not be read stays behind: the agent says so in its diagnostics.
            status.expect("cp");
        }
        Some(Self {
            directory,
            file_watches: None,
            folders: None,
        })
    }

    /// Lets the kernel grant programs in it only so many file watches.
    #[must_use]
    pub fn with_file_watches(mut self, limit: u32) -> Self {
        self.file_watches = Some(limit);
        self
    }

    /// Lets programs in it see so many folders in /opt, in memory, instead of what is there.
    #[must_use]
    pub fn with_folders(mut self, count: u32) -> Self {
        self.folders = Some(count);
        self
    }

    /// The copy of a file.
    pub fn path(&self, path: &str) -> PathBuf {
        self.directory.join(path.trim_start_matches('/'))
    }

    /// A program that sees the copies.
    pub fn command(&self, program: &Path) -> Command {
        use std::fmt::Write as _;
        let mut script = String::new();
        for path in COPIED {
            let copy = self.path(path);
            let _ = write!(script, "mount --bind '{}' {path} && ", copy.display());
        }
        let mut command = Command::new("unshare");
        command.args(unshare_options());
        if let Some(limit) = self.file_watches {
            // Such limits are kept by user namespace.
            command.args(["--user", "--map-root-user"]);
            let _ = write!(
                script,
                "echo {limit} >/proc/sys/user/max_inotify_watches && "
            );
        }
        if let Some(count) = self.folders {
            let _ = write!(
                script,
                "mount -t tmpfs folders /opt && seq -f '/opt/%.0f' {count} | xargs mkdir && "
            );
        }
        script.push_str("exec \"$0\" \"$@\"");
        command.args(["sh", "-c", &script]).arg(program);
        command
    }
}

fn unshare_options() -> &'static [&'static str] {
    if rustix::process::geteuid().is_root() {
        &["--mount"]
    } else {
        &["--mount", "--map-root-user"]
    }
}
