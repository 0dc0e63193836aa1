//! What a block device is made of, as /sys shows it: mapped devices, RAID, partitions, disks.

use crate::parse::mounts::Mount;
use crate::probe::{Root, sysfs};

/// Deepest stack that is followed: nobody builds one of more layers.
const LAYERS: usize = 16;

/// Kinds of dm-crypt that encrypt, as cryptsetup puts them into a device's identifier, and their names.
const ENCRYPTING: [(&str, &str); 9] = [
    ("LUKS1", "LUKS1"),
    ("LUKS2", "LUKS2"),
    ("PLAIN", "dm-crypt"),
    ("LOOPAES", "loop-AES"),
    ("TCRYPT", "VeraCrypt"),
    ("BITLK", "BitLocker"),
    ("FVAULT2", "FileVault"),
    ("TEMP", "dm-crypt"),
    ("REENCRYPT", "LUKS1"),
];

/// Beginnings of the identifiers of mapped devices that encrypt nothing themselves. That of dm-verity and
/// dm-integrity comes from cryptsetup, too, but they only check.
const PASSING: [&str; 8] = [
    "LVM-",
    "CRYPT-VERITY-",
    "CRYPT-INTEGRITY-",
    "CRYPT-SUBDEV-",
    "DMRAID-",
    "mpath-",
    "part",
    "stratis-1-",
];

/// Beginnings of the names of devices whose data lies elsewhere or in memory.
const ELSEWHERE: [&str; 4] = ["nbd", "rbd", "drbd", "zram"];

/// What was found at the bottom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// All of it is encrypted, in this way.
    Encrypted(String),
    /// Some of it lies on a disk in clear text. The text says what is encrypted all the same.
    Plain(String),
    /// It could not be followed to the bottom.
    Unknown { place: String, reason: String },
}

fn unknown(place: impl Into<String>, reason: impl Into<String>) -> Finding {
    Finding::Unknown {
        place: place.into(),
        reason: reason.into(),
    }
}

/// Follows devices.
pub(super) struct Stack<'a> {
    root: &'a Root,
    mounts: &'a [Mount],
}

impl<'a> Stack<'a> {
    pub(super) fn new(root: &'a Root, mounts: &'a [Mount]) -> Self {
        Self { root, mounts }
    }

    /// The devices of a mounted file system.
    pub(super) fn of_mount(&self, mount: &Mount) -> Finding {
        self.mounted(mount, LAYERS)
    }

    /// A device by its path.
    pub(super) fn of_device(&self, path: &str) -> Finding {
        match self.name(path) {
            Some(name) => self.follow(&name, LAYERS),
            None => unknown(path, "it is not known to the kernel by this name"),
        }
    }

    /// The file system that holds a file.
    pub(super) fn of_file(&self, path: &str) -> Finding {
        self.file(path, LAYERS)
    }

    fn mounted(&self, mount: &Mount, layers: usize) -> Finding {
        let device = String::from_utf8_lossy(&mount.device);
        if !device.starts_with("/dev/") {
            return unknown(
                format!("{} {device}", mount.kind),
                "what it lies on is outside of this machine or not told",
            );
        }
        // File systems of several devices have numbers of their own.
        let by_number = sysfs::link_name(self.root, &format!("/sys/dev/block/{}", mount.number));
        let Some(name) = by_number.or_else(|| self.name(&device)) else {
            return unknown(&*device, "it is not known to the kernel by this name");
        };
        if mount.kind == "bcachefs" {
            return unknown(&*device, "bcachefs does not tell whether it encrypts");
        }
        let members = self.members(&name);
        if mount.kind == "btrfs" && members.len() > 1 {
            return self.all(&members, layers);
        }
        self.follow(&name, layers)
    }

    /// All devices of the file system of btrfs that a device belongs to.
    fn members(&self, name: &str) -> Vec<String> {
        const FOLDER: &str = "/sys/fs/btrfs";
        let systems = sysfs::names(self.root, FOLDER).into_iter();
        systems
            .map(|system| sysfs::names(self.root, &format!("{FOLDER}/{system}/devices")))
            .find(|devices| devices.iter().any(|device| device == name))
            .unwrap_or_default()
    }

    /// The kernel's name of a device.
    fn name(&self, path: &str) -> Option<String> {
        let linked = sysfs::link_name(self.root, path);
        let name = linked.or_else(|| path.strip_prefix("/dev/").map(str::to_owned))?;
        // The kernel writes "!" where a device's name has a slash.
        let name = name.replace('/', "!");
        sysfs::exists(self.root, &format!("/sys/class/block/{name}")).then_some(name)
    }

    fn file(&self, path: &str, layers: usize) -> Finding {
        let holds = |mount: &&Mount| {
            path.as_bytes()
                .strip_prefix(mount.point.as_slice())
                .is_some_and(|rest| mount.point.ends_with(b"/") || rest.starts_with(b"/"))
        };
        let mount = self.mounts.iter().filter(holds);
        match mount.max_by_key(|mount| mount.point.len()) {
            Some(mount) => self.mounted(mount, layers),
            None => unknown(path, "which file system it is on is not known"),
        }
    }

    fn follow(&self, name: &str, layers: usize) -> Finding {
        let path = format!("/sys/class/block/{name}");
        let Some(layers) = layers.checked_sub(1) else {
            return unknown(path, "it is made of too many layers");
        };
        if ELSEWHERE.iter().any(|start| name.starts_with(start)) {
            return unknown(path, "its data lies outside of this machine's disks");
        }
        let value = |file: &str| sysfs::value(self.root, &format!("{path}/{file}"));
        if name.starts_with("dm-") {
            match mapped(&value("dm/uuid").unwrap_or_default()) {
                Some(Mapped::Encrypting(method)) => return Finding::Encrypted(method.to_owned()),
                Some(Mapped::Passing) => {}
                None => return unknown(path, "what its mapping does is not known"),
            }
        }
        if let Some(file) = value("loop/backing_file") {
            return self.file(&file, layers);
        }
        if sysfs::exists(self.root, &format!("{path}/partition")) {
            return match self.disk_of(&path) {
                Some(disk) => self.follow(&disk, layers),
                None => unknown(path, "the disk it is a part of is not known"),
            };
        }
        self.made_of(&path, layers)
    }

    /// The devices that a device is made of; a disk is made of none.
    fn made_of(&self, path: &str, layers: usize) -> Finding {
        let folder = format!("{path}/slaves");
        match self.root.list(&folder) {
            Ok(names) if names.is_empty() => Finding::Plain(String::new()),
            Ok(names) => {
                let names = names.into_iter().filter_map(|name| name.into_string().ok());
                self.all(&names.collect::<Vec<_>>(), layers)
            }
            Err(error) => unknown(folder, crate::probe::section::explain(&error)),
        }
    }

    /// Something is encrypted when each of its parts is.
    fn all(&self, names: &[String], layers: usize) -> Finding {
        let mut methods = Vec::new();
        let mut hidden = None;
        for name in names {
            match self.follow(name, layers) {
                Finding::Plain(method) => return Finding::Plain(method),
                Finding::Encrypted(method) if methods.contains(&method) => {}
                Finding::Encrypted(method) => methods.push(method),
                unknown @ Finding::Unknown { .. } => hidden = Some(unknown),
            }
        }
        hidden.unwrap_or_else(|| Finding::Encrypted(methods.join(", ")))
    }

    /// The disk of a partition: the folder above its own.
    fn disk_of(&self, path: &str) -> Option<String> {
        let place = self.root.read_link(path).ok()?;
        Some(place.parent()?.file_name()?.to_str()?.to_owned())
    }
}

enum Mapped {
    Encrypting(&'static str),
    Passing,
}

/// What a mapped device does, by its identifier, such as "CRYPT-LUKS2-0123…-name" or "LVM-…".
fn mapped(identifier: &str) -> Option<Mapped> {
    if PASSING.iter().any(|start| identifier.starts_with(start)) {
        return Some(Mapped::Passing);
    }
    let kind = identifier.strip_prefix("CRYPT-")?.split('-').next()?;
    let (_, method) = ENCRYPTING.iter().find(|(known, _)| *known == kind)?;
    Some(Mapped::Encrypting(method))
}
