//! Trees of files and processes written by the test after the documentation of systemd, procfs, Samba and
//! PostgreSQL, and after what the packages of Debian 12 install.

mod bounds;
mod databases;
mod machines;
mod units;

use std::{fmt::Write as _, os::unix::fs::symlink, path::Path};

use tempfile::TempDir;

use super::*;
use crate::probe::fixture::{root_with, write};

/// A root file system, with processes and sockets.
struct Tree {
    directory: TempDir,
    root: Root,
    tables: [String; 4],
}

impl Tree {
    fn new(files: &[(&str, &str)]) -> Self {
        let files: Vec<(&str, &[u8])> = files
            .iter()
            .map(|(path, text)| (*path, text.as_bytes()))
            .collect();
        let (directory, root) = root_with(&files);
        Self {
            directory,
            root,
            tables: Default::default(),
        }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn write(&self, path: &str, text: &str) {
        write(self.path(), path, text.as_bytes());
    }

    fn link(&self, path: &str, target: &str) {
        let path = self.path().join(path.trim_start_matches('/'));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(target, path).unwrap();
    }

    fn enable(&self, unit: &str) {
        let name = unit
            .split_once('@')
            .map_or(unit.to_owned(), |(prefix, _)| format!("{prefix}@.service"));
        self.link(
            &format!("/etc/systemd/system/multi-user.target.wants/{unit}"),
            &format!("/lib/systemd/system/{name}"),
        );
    }

    /// A process that holds sockets.
    fn process(&self, id: u32, program: &str, group: &str, sockets: &[u64]) {
        let folder = format!("/proc/{id}");
        self.link(&format!("{folder}/exe"), program);
        self.write(&format!("{folder}/comm"), &format!("{}\n", base(program)));
        self.write(&format!("{folder}/cgroup"), &format!("0::{group}\n"));
        self.write(&format!("{folder}/fd/.keep"), "");
        for inode in sockets {
            self.link(
                &format!("{folder}/fd/{inode}"),
                &format!("socket:[{inode}]"),
            );
        }
    }

    /// A line in one of the kernel's tables of sockets.
    fn socket(&mut self, table: &str, address: [u8; 4], port: u16, inode: u64) {
        let at = ["tcp", "tcp6", "udp", "udp6"]
            .iter()
            .position(|name| *name == table)
            .unwrap();
        let state = if table.starts_with("tcp") { "0A" } else { "07" };
        let address = if table.ends_with('6') {
            "0".repeat(32)
        } else {
            format!("{:08X}", u32::from_ne_bytes(address))
        };
        let peer = "0".repeat(address.len());
        let _ = writeln!(
            self.tables[at],
            "   0: {address}:{port:04X} {peer}:0000 {state} 00000000:00000000 00:00000000 00000000     0        0 {inode} 1"
        );
    }

    fn read(&self, running: bool) -> Services {
        for (name, lines) in ["tcp", "tcp6", "udp", "udp6"].iter().zip(&self.tables) {
            if running {
                self.write(
                    &format!("/proc/net/{name}"),
                    &format!("  sl  local_address\n{lines}"),
                );
            }
        }
        read(&self.root, running.then(|| Live::read(&self.root)))
    }
}

/// A section as lines.
fn told(section: &Services) -> String {
    let mut text = format!("{:?}\n", section.status());
    for it in &section.diagnostics {
        let _ = writeln!(text, "! {} [{}] {}", it.source, it.position, it.reason);
    }
    for it in &section.services {
        let _ = writeln!(
            text,
            "service {} \"{}\" {:?} {:?} as {} {} ({})",
            it.name,
            it.display_name,
            it.running(),
            it.start(),
            it.account,
            it.program,
            it.source
        );
    }
    for it in &section.listening_sockets {
        let _ = writeln!(
            text,
            "socket {} {} {} [{}] {} {}",
            it.protocol, it.address, it.port, it.program, it.account, it.service
        );
    }
    for it in &section.databases {
        let _ = writeln!(
            text,
            "database {} \"{}\" {} {} {:?} ({})",
            it.product,
            it.instance,
            it.version,
            it.data_path,
            it.running(),
            it.source
        );
    }
    for it in &section.roles {
        let _ = writeln!(text, "role {}: {} ({})", it.kind, it.description, it.source);
    }
    for it in &section.file_shares {
        let _ = writeln!(
            text,
            "share {} {} {} ({})",
            it.protocol, it.name, it.path, it.source
        );
    }
    for it in &section.scheduled_tasks {
        let _ = writeln!(text, "task {} as {} ({})", it.name, it.account, it.source);
    }
    text
}
