//! The folders of systemd: which units there are, by which names, and what starts them.

use std::{
    collections::{BTreeMap, HashMap, HashSet, btree_map::Entry},
    ffi::OsString,
};

use crate::probe::{Root, root::is_absent, section::Diagnostics};

use super::is_kind;

/// Where units are, the ones that win first.
const DIRECTORIES: [&str; 8] = [
    "/run/systemd/generator.early",
    "/etc/systemd/system",
    "/run/systemd/system",
    "/run/systemd/generator",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
    "/run/systemd/generator.late",
];

/// Most unit files that are looked at.
const FILES: usize = 20_000;

/// Targets that are not part of an ordinary start of the machine. What only they want starts on demand.
const ON_DEMAND: [&str; 22] = [
    "bluetooth",
    "ctrl-alt-del",
    "emergency",
    "exit",
    "factory-reset",
    "final",
    "halt",
    "hibernate",
    "hybrid-sleep",
    "kexec",
    "poweroff",
    "printer",
    "reboot",
    "rescue",
    "shutdown",
    "sleep",
    "smartcard",
    "sound",
    "suspend",
    "suspend-then-hibernate",
    "system-update",
    "usb-gadget",
];

/// The folders of systemd, read once.
#[derive(Default)]
pub(super) struct Folders {
    /// Services and timers by name, with the path of the file that counts.
    pub(super) files: BTreeMap<String, String>,
    /// Other names of units, with the name they stand for.
    pub(super) aliases: HashMap<String, String>,
    /// Units that must not start.
    pub(super) masked: HashSet<String>,
    /// Units that others want, and whether that is so when the machine starts.
    pub(super) wanted: BTreeMap<String, bool>,
    /// Folders of drop-ins, the ones that win first, by the name before ".d".
    pub(super) drop_ins: HashMap<String, Vec<String>>,
    /// There are more files than are looked at.
    cut: bool,
}

impl Folders {
    /// Reads the folders.
    pub(super) fn read(root: &Root, diagnostics: &mut Diagnostics) -> Self {
        let mut folders = Self::default();
        let mut seen = Vec::new();
        for directory in DIRECTORIES {
            // /lib and /usr/lib are one and the same in newer distributions.
            let same = identity(root, directory);
            if same.is_some_and(|same| seen.contains(&same)) {
                continue;
            }
            seen.extend(same);
            folders.take_in(root, directory, diagnostics);
        }
        folders
    }

    fn take_in(&mut self, root: &Root, directory: &str, diagnostics: &mut Diagnostics) {
        let missing = "the services defined there are";
        let names = diagnostics.list_optional(root, directory, missing);
        if names.is_empty() {
            return;
        }
        let links = links(root, directory, missing, diagnostics);
        for name in names {
            let path = format!("{directory}/{name}");
            if let Some(unit) = name.strip_suffix(".d") {
                self.drop_ins.entry(unit.to_owned()).or_default().push(path);
            } else if let Some(target) = name
                .strip_suffix(".wants")
                .or_else(|| name.strip_suffix(".requires"))
            {
                self.want(root, &path, target, diagnostics);
            } else if is_kind(&name, "service") || is_kind(&name, "timer") {
                self.unit(name, path, &links, diagnostics);
            }
        }
    }

    fn unit(
        &mut self,
        name: String,
        path: String,
        links: &HashMap<String, String>,
        diagnostics: &mut Diagnostics,
    ) {
        let known = self.files.contains_key(&name) || self.aliases.contains_key(&name);
        match links.get(&name).map(String::as_str) {
            Some("/dev/null") if !known => {
                self.masked.insert(name);
            }
            Some(target) if is_other_unit(&name, target) => {
                if !known {
                    self.aliases.insert(name, super::base(target).to_owned());
                }
            }
            _ => self.file(name, path, diagnostics),
        }
    }

    fn file(&mut self, name: String, path: String, diagnostics: &mut Diagnostics) {
        let full = self.files.len() >= FILES;
        if let Entry::Vacant(place) = self.files.entry(name) {
            if !full {
                place.insert(path);
            } else if !std::mem::replace(&mut self.cut, true) {
                let reason = format!("there are more than {FILES} units; the others are missing");
                diagnostics.note("/etc/systemd/system", "", reason);
            }
        }
    }

    fn want(&mut self, root: &Root, path: &str, by: &str, diagnostics: &mut Diagnostics) {
        let missing = "whether services start with the machine is";
        let at_start = match by.strip_suffix(".target") {
            Some(target) => !ON_DEMAND.contains(&target) && !target.starts_with("initrd"),
            None => true,
        };
        for unit in diagnostics.list_optional(root, path, missing) {
            *self.wanted.entry(unit).or_default() |= at_start;
        }
    }

    /// The unit that a name stands for.
    pub(super) fn canonical<'a>(&'a self, name: &'a str) -> &'a str {
        const STEPS: usize = 8;
        let mut name = name;
        for _ in 0..STEPS {
            match self.aliases.get(name) {
                Some(target) => name = target,
                None => break,
            }
        }
        name
    }

    /// Whether a service of this name is known, by whatever name.
    pub(super) fn knows(&self, service: &str) -> bool {
        self.files.contains_key(service)
            || self.aliases.contains_key(service)
            || self.masked.contains(service)
    }
}

/// Whether a link is a second name of another unit, and not just the place where this one is kept.
fn is_other_unit(name: &str, target: &str) -> bool {
    let target = super::base(target);
    let kind = name.rsplit_once('.').map_or("", |(_, kind)| kind);
    target != name && is_kind(target, kind)
}

/// The symbolic links of a folder: names and targets.
fn links(
    root: &Root,
    directory: &str,
    missing: &str,
    diagnostics: &mut Diagnostics,
) -> HashMap<String, String> {
    let links = match root.links(directory) {
        Ok(links) => links,
        Err(error) => {
            if !is_absent(&error) {
                diagnostics.unreadable(directory, &error, missing);
            }
            Vec::new()
        }
    };
    // Names of units are ASCII; others are none.
    let text = |name: OsString| name.into_string().ok();
    let named = links
        .into_iter()
        .filter_map(|(name, target)| Some((text(name)?, text(target)?)));
    named.collect()
}

/// Device and number of a directory.
fn identity(root: &Root, directory: &str) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = root.metadata(directory).ok()?;
    Some((metadata.dev(), metadata.ino()))
}
