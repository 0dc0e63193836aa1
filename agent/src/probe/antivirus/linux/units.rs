//! Units of systemd: which exist and which start with the machine.

use std::{collections::HashSet, ffi::OsStr, path::Path};

use crate::probe::{Root, root::is_absent, section::Diagnostics};

use super::catalogue::CATALOGUE;

/// Where units are, the ones that win first.
const DIRECTORIES: [&str; 5] = [
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
];

/// Where the kernel keeps the processes of units, by version of control groups.
const CONTROL_GROUPS: [&str; 2] = [
    "/sys/fs/cgroup/system.slice",
    "/sys/fs/cgroup/systemd/system.slice",
];

/// When a unit starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    Enabled,
    Disabled,
    Masked,
}

impl Start {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Masked => "masked",
        }
    }
}

/// Units of the catalogue that exist.
pub(super) struct Units {
    /// Unit and path of its file.
    files: Vec<(&'static str, String)>,
    enabled: HashSet<String>,
    masked: HashSet<&'static str>,
}

impl Units {
    /// Looks for the catalogue's units.
    pub(super) fn read(root: &Root, diagnostics: &mut Diagnostics) -> Self {
        let mut units = Self {
            files: Vec::new(),
            enabled: HashSet::new(),
            masked: HashSet::new(),
        };
        for service in CATALOGUE.iter().flat_map(|entry| entry.services) {
            units.find(root, service.unit);
        }
        if !units.files.is_empty() {
            units.read_enabled(root, diagnostics);
        }
        units
    }

    fn find(&mut self, root: &Root, unit: &'static str) {
        for directory in DIRECTORIES {
            let path = format!("{directory}/{unit}");
            match root.read_link(&path) {
                Ok(target) if target == Path::new("/dev/null") => {
                    self.masked.insert(unit);
                    continue;
                }
                // A link to the file in the package's folder, or no link.
                _ => {}
            }
            let template = unit
                .split_once('@')
                .map(|(name, _)| format!("{directory}/{name}@.service"));
            let template = template.filter(|path| root.exists(path).unwrap_or(false));
            // An instance exists where it is enabled; its template alone is only an offer.
            if root.exists(&path).unwrap_or(false) {
                self.files.push((unit, path));
                return;
            }
            if let Some(template) = template {
                let wanted = "/etc/systemd/system/multi-user.target.wants";
                if root.is_link(format!("{wanted}/{unit}")).unwrap_or(false) {
                    self.files.push((unit, template));
                    return;
                }
            }
        }
    }

    /// Units are enabled by links in "wants" and "requires" folders.
    fn read_enabled(&mut self, root: &Root, diagnostics: &mut Diagnostics) {
        const CONFIGURED: &str = "/etc/systemd/system";
        let folders = match root.list(CONFIGURED) {
            Ok(folders) => folders,
            Err(error) if is_absent(&error) => return,
            Err(error) => {
                let missing = "whether services start with the machine is";
                return diagnostics.unreadable(CONFIGURED, &error, missing);
            }
        };
        for folder in folders {
            let kind = Path::new(&folder).extension().and_then(OsStr::to_str);
            if matches!(kind, Some("wants" | "requires")) {
                let path = Path::new(CONFIGURED).join(&folder);
                let names = root.list(path).unwrap_or_default();
                self.enabled
                    .extend(names.into_iter().filter_map(|name| name.into_string().ok()));
            }
        }
    }

    /// Path of a unit's file.
    pub(super) fn file(&self, unit: &str) -> Option<&str> {
        let mut files = self.files.iter();
        files
            .find(|(other, _)| *other == unit)
            .map(|(_, path)| path.as_str())
    }

    /// When a unit starts.
    pub(super) fn start(&self, unit: &str) -> Start {
        if self.masked.contains(unit) {
            return Start::Masked;
        }
        if self.enabled.contains(unit) {
            Start::Enabled
        } else {
            Start::Disabled
        }
    }

    /// Whether the kernel counts processes to a unit.
    pub(super) fn has_processes(root: &Root, unit: &str) -> bool {
        CONTROL_GROUPS.iter().any(|folder| {
            let processes = root.read_at_most(format!("{folder}/{unit}/cgroup.procs"), 1 << 20);
            processes.is_ok_and(|processes| !processes.is_empty())
        })
    }
}
