//! Encryption of each mounted volume and of swap space: followed from the file system down to the disks.

mod stack;

use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _, path::Path, process::Command, time::Duration};

use freehold_proto::v1::{protection::VolumeEncryption, toggle::State};

use crate::order;
use crate::parse::{
    mounts::{self, Mount},
    status,
};
use crate::probe::{
    Root,
    program::{self, RunError},
    section::{self, Diagnostics},
};

use stack::{Finding, Stack};

const MISSING: &str = "which volumes are encrypted is";

/// File systems that encrypt what is written into them, whatever they are on.
const ENCRYPTING: [(&str, &str); 5] = [
    ("ecryptfs", "eCryptfs"),
    ("fuse.cryfs", "CryFS"),
    ("fuse.encfs", "EncFS"),
    ("fuse.gocryptfs", "gocryptfs"),
    ("fuse.securefs", "securefs"),
];

/// File systems made of programs that are mounted, read-only and the same everywhere.
const IMAGES: [&str; 3] = ["squashfs", "iso9660", "erofs"];

/// Encryption of the volumes, ordered by mount point.
pub(super) fn read(root: &Root, diagnostics: &mut Diagnostics) -> Vec<VolumeEncryption> {
    let Some((source, mounts)) = table(root, diagnostics) else {
        return Vec::new();
    };
    let mut reader = Reader {
        stack: Stack::new(root, &mounts),
        root,
        source,
        diagnostics,
    };
    let mut volumes: Vec<_> = selected(&mounts)
        .into_iter()
        .map(|mount| reader.volume(mount))
        .collect();
    volumes.extend(reader.swap());
    order::sort_by(&mut volumes, |a, b| a.mount.cmp(&b.mount));
    volumes
}

/// The mounts of the first process, which sees the machine as it is; the agent's own where those may not
/// be read.
fn table(root: &Root, diagnostics: &mut Diagnostics) -> Option<(&'static str, Vec<Mount>)> {
    if let Ok(bytes) = root.read("/proc/1/mountinfo")
        && !bytes.is_empty()
    {
        return Some(("/proc/1/mountinfo", mounts::parse(&bytes)));
    }
    let path = "/proc/self/mountinfo";
    let bytes = diagnostics.read_required(root, path, MISSING)?;
    Some((path, mounts::parse(&bytes)))
}

/// Mounts that keep data on this machine, each file system once, by the shortest of its mount points.
fn selected(mounts: &[Mount]) -> Vec<&Mount> {
    let mut selected: Vec<&Mount> = Vec::new();
    for mount in mounts.iter().filter(|mount| keeps_data(mount)) {
        let same = |other: &&mut &Mount| other.number == mount.number;
        match selected.iter_mut().find(same) {
            Some(known) if mount.point.len() < known.point.len() => *known = mount,
            Some(_) => {}
            None => selected.push(mount),
        }
    }
    selected
}

fn keeps_data(mount: &Mount) -> bool {
    let kind = mount.kind.as_str();
    let on_device = mount.device.starts_with(b"/dev/") && kind != "devtmpfs" && kind != "tmpfs";
    let known = ENCRYPTING.iter().any(|(known, _)| *known == kind);
    let pooled = matches!(kind, "zfs" | "bcachefs");
    // The file system of a container lies on its host.
    let root = mount.point == b"/" && !matches!(kind, "tmpfs" | "ramfs" | "rootfs");
    (on_device || known || pooled || root) && !IMAGES.contains(&kind)
}

struct Reader<'a> {
    stack: Stack<'a>,
    root: &'a Root,
    source: &'static str,
    diagnostics: &'a mut Diagnostics,
}

impl Reader<'_> {
    fn volume(&mut self, mount: &Mount) -> VolumeEncryption {
        let point = self
            .diagnostics
            .text(self.source, "mount point", &mount.point);
        let device = self.diagnostics.text(self.source, "device", &mount.device);
        let finding = self.finding(mount);
        let finding = self.in_folders(mount, finding);
        self.item(self.source, point, device, finding)
    }

    fn item(
        &mut self,
        source: &str,
        mount: String,
        device: String,
        finding: Finding,
    ) -> VolumeEncryption {
        let (encrypted, method) = match finding {
            Finding::Encrypted(method) => (State::On, method),
            Finding::Plain(method) => (State::Off, method),
            Finding::Unknown { place, reason } => {
                let reason = format_args!("{reason}, so whether {mount} is encrypted is missing");
                self.diagnostics.note(place, "", reason);
                (State::Unknown, String::new())
            }
        };
        VolumeEncryption {
            mount,
            encrypted: encrypted.into(),
            method: section::cut(method).0,
            source: source.into(),
            device,
        }
    }

    fn finding(&mut self, mount: &Mount) -> Finding {
        let kind = mount.kind.as_str();
        if let Some((_, method)) = ENCRYPTING.iter().find(|(known, _)| *known == kind) {
            return Finding::Encrypted((*method).to_owned());
        }
        match kind {
            "zfs" => zfs(self.root, &mount.device),
            _ => self.stack.of_mount(mount),
        }
    }

    /// A file system that is not encrypted as a whole can hold folders that are.
    fn in_folders(&self, mount: &Mount, finding: Finding) -> Finding {
        let folder = Path::new(OsStr::from_bytes(&mount.point)).join(".fscrypt/policies");
        match finding {
            Finding::Plain(_) if self.root.list(folder).is_ok_and(|names| !names.is_empty()) => {
                Finding::Plain("fscrypt, some folders only".to_owned())
            }
            other => other,
        }
    }

    /// Swap space. What is swapped into memory never reaches a disk.
    fn swap(&mut self) -> Vec<VolumeEncryption> {
        const PATH: &str = "/proc/swaps";
        let missing = "whether swap space is encrypted is";
        let Some(bytes) = self.diagnostics.read_optional(self.root, PATH, missing) else {
            return Vec::new();
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let areas = text.lines().skip(1).filter_map(|line| {
            let mut fields = line.split_whitespace();
            Some((fields.next()?.to_owned(), fields.next()?.to_owned()))
        });
        let areas = areas.filter(|(path, _)| !path.starts_with("/dev/zram"));
        areas
            .map(|(path, kind)| {
                let finding = match kind.as_str() {
                    "partition" => self.stack.of_device(&path),
                    _ => self.stack.of_file(&path),
                };
                self.item(PATH, format!("[SWAP] {path}"), path, finding)
            })
            .collect()
    }
}

/// A data set of zfs, which only its own program knows.
fn zfs(root: &Root, data_set: &[u8]) -> Finding {
    const PROGRAMS: [&str; 3] = ["/usr/sbin/zfs", "/sbin/zfs", "/usr/bin/zfs"];
    let unknown = |reason: String| Finding::Unknown {
        place: "zfs".into(),
        reason,
    };
    let name = String::from_utf8_lossy(data_set);
    // A name that looks like an option is none.
    if !root.is_live() || name.starts_with('-') {
        return unknown("only the running machine tells".into());
    }
    let mut commands = PROGRAMS
        .iter()
        .map(|path| program::command(Path::new(path)));
    let Some(command) = commands.find_map(Result::ok) else {
        return unknown("the program zfs is not there, or not to be trusted".into());
    };
    match ask_zfs(command, &name) {
        Ok(value) => match value.as_str() {
            "off" => Finding::Plain(String::new()),
            "" | "-" => unknown("the program zfs does not tell".into()),
            cipher => Finding::Encrypted(format!("ZFS {cipher}")),
        },
        Err(error) => unknown(error.to_string()),
    }
}

fn ask_zfs(mut command: Command, name: &str) -> Result<String, RunError> {
    command.args(["get", "-H", "-o", "value", "encryption", name]);
    let output = program::run(&mut command, Duration::from_secs(5), 4096)?;
    let facts = status::facts(&output.stdout);
    let value = facts.into_iter().next().map(|(_, value)| value);
    Ok(value.unwrap_or_default())
}
