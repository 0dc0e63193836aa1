//! Units of systemd: which exist, which start with the machine, which run.

use std::{
    collections::{HashMap, HashSet},
    ffi::{OsStr, OsString},
    path::Path,
};

use super::{Root, root::is_absent, section::Diagnostics};

/// Where units are, the ones that win first.
const DIRECTORIES: [&str; 5] = [
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
];

/// Where units are enabled: by the administrator, and by a package that does so by itself.
const ENABLING: [&str; 4] = [
    "/etc/systemd/system",
    "/run/systemd/system",
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

/// Units that exist, of those that were looked for. A unit whose name ends in "@" stands for any instance
/// of that template, and is there when one is enabled.
#[derive(Debug, Default)]
pub(super) struct Units {
    /// Path of each unit's file.
    files: HashMap<&'static str, String>,
    enabled: HashSet<String>,
    masked: HashSet<&'static str>,
}

/// A folder of units. What is not among its names is not asked for.
struct Folder {
    path: &'static str,
    /// Absent when the folder could not be read.
    names: Option<HashSet<OsString>>,
}

impl Folder {
    fn read(root: &Root, path: &'static str) -> Self {
        let names = match root.list(path) {
            Ok(names) => Some(names.into_iter().collect()),
            Err(error) => is_absent(&error).then(HashSet::new),
        };
        Self { path, names }
    }

    fn may_hold(&self, name: &str) -> bool {
        let names = self.names.as_ref();
        names.is_none_or(|names| names.contains(OsStr::new(name)))
    }
}

impl Units {
    /// Looks for units of these names. `missing` completes "…, so … missing".
    pub(super) fn read(
        root: &Root,
        names: impl Iterator<Item = &'static str>,
        diagnostics: &mut Diagnostics,
        missing: &str,
    ) -> Self {
        let mut units = Self::default();
        units.read_enabled(root, diagnostics, missing);
        let folders = DIRECTORIES.map(|directory| Folder::read(root, directory));
        for name in names {
            units.find(root, &folders, name);
        }
        units
    }

    fn find(&mut self, root: &Root, folders: &[Folder], unit: &'static str) {
        let template = unit
            .split_once('@')
            .map(|(name, _)| format!("{name}@.service"));
        let holds = |folder: &&Folder| {
            let template = template.as_ref();
            folder.may_hold(unit) || template.is_some_and(|template| folder.may_hold(template))
        };
        for folder in folders.iter().filter(holds) {
            let directory = folder.path;
            let path = format!("{directory}/{unit}");
            if matches!(root.read_link(&path), Ok(target) if target == Path::new("/dev/null")) {
                self.masked.insert(unit);
                continue;
            }
            if !unit.ends_with('@') && root.exists(&path).unwrap_or(false) {
                self.files.insert(unit, path);
                return;
            }
            // An instance exists where it is enabled; its template alone is only an offer.
            let Some(template) = &template else {
                continue;
            };
            let template = format!("{directory}/{template}");
            if self.is_enabled(unit) && root.exists(&template).unwrap_or(false) {
                self.files.insert(unit, template);
                return;
            }
        }
    }

    /// Units are enabled by links in "wants" and "requires" folders.
    fn read_enabled(&mut self, root: &Root, diagnostics: &mut Diagnostics, missing: &str) {
        for directory in ENABLING {
            let folders = match root.list(directory) {
                Ok(folders) => folders,
                Err(error) if is_absent(&error) => continue,
                Err(error) => {
                    diagnostics.unreadable(directory, &error, missing);
                    continue;
                }
            };
            for folder in folders {
                let kind = Path::new(&folder).extension().and_then(OsStr::to_str);
                if matches!(kind, Some("wants" | "requires")) {
                    let path = Path::new(directory).join(&folder);
                    let names = root.list(path).unwrap_or_default();
                    self.enabled
                        .extend(names.into_iter().filter_map(|name| name.into_string().ok()));
                }
            }
        }
    }

    /// Path of a unit's file.
    pub(super) fn file(&self, unit: &str) -> Option<&str> {
        self.files.get(unit).map(String::as_str)
    }

    /// Whether a unit starts with the machine, or an instance of it if its name ends in "@".
    pub(super) fn is_enabled(&self, unit: &str) -> bool {
        if unit.ends_with('@') {
            return self.enabled.iter().any(|name| name.starts_with(unit));
        }
        self.enabled.contains(unit)
    }

    /// When a unit starts.
    pub(super) fn start(&self, unit: &str) -> Start {
        if self.masked.contains(unit) {
            Start::Masked
        } else if self.is_enabled(unit) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::fixture::root_with;

    fn read(root: &Root, names: &[&'static str]) -> Units {
        Units::read(root, names.iter().copied(), &mut Diagnostics::new(), "x is")
    }

    #[test]
    fn a_template_is_there_once_an_instance_is_enabled() {
        let template = ("/usr/lib/systemd/system/vncserver@.service", &b""[..]);
        let (_directory, root) = root_with(&[template]);
        let units = read(&root, &["vncserver@"]);
        assert_eq!(units.file("vncserver@"), None);
        let instance = (
            "/etc/systemd/system/multi-user.target.wants/vncserver@:1.service",
            &b""[..],
        );
        let (_directory, root) = root_with(&[template, instance]);
        let units = read(&root, &["vncserver@"]);
        assert_eq!(
            units.file("vncserver@"),
            Some("/usr/lib/systemd/system/vncserver@.service")
        );
        assert_eq!(units.start("vncserver@"), Start::Enabled);
    }

    #[test]
    fn a_masked_unit_of_a_package_is_there_and_masked() {
        let (directory, root) = root_with(&[("/usr/lib/systemd/system/a.service", b"")]);
        let folder = directory.path().join("etc/systemd/system");
        std::fs::create_dir_all(&folder).unwrap();
        std::os::unix::fs::symlink("/dev/null", folder.join("a.service")).unwrap();
        let units = read(&root, &["a.service", "b.service"]);
        assert_eq!(units.start("a.service"), Start::Masked);
        assert!(units.file("a.service").is_some());
        assert!(units.file("b.service").is_none());
    }
}
