//! Noticing at once that something worth reporting changed.
//!
//! Directories are watched, not files: most programs replace a file instead of writing into it. What has
//! no notification is polled.

use freehold_proto::v1::section::Kind;

#[cfg_attr(target_os = "linux", path = "watch/linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "watch/unsupported.rs")]
mod notification;

pub(crate) use notification::Watch;

/// Names in a directory whose change concerns a section.
#[derive(Clone, Copy, Debug)]
struct Target {
    directory: &'static str,
    /// Empty for everything in the directory.
    names: &'static [&'static str],
    kind: Kind,
}

const TARGETS: [Target; 10] = [
    Target {
        directory: "/etc",
        names: &[
            "passwd",
            "group",
            "shadow",
            "gshadow",
            "sudoers",
            "doas.conf",
        ],
        kind: Kind::Accounts,
    },
    Target {
        directory: "/etc/sudoers.d",
        names: &[],
        kind: Kind::Accounts,
    },
    Target {
        directory: "/root/.ssh",
        names: &[],
        kind: Kind::Accounts,
    },
    Target {
        directory: "/var/lib/dpkg",
        names: &["status"],
        kind: Kind::Software,
    },
    Target {
        directory: "/var/lib/rpm",
        names: &[],
        kind: Kind::Software,
    },
    Target {
        directory: "/usr/lib/sysimage/rpm",
        names: &[],
        kind: Kind::Software,
    },
    Target {
        directory: "/var/lib/clamav",
        names: &[],
        kind: Kind::Antivirus,
    },
    Target {
        directory: "/etc",
        names: &["hostname", "os-release", "localtime", "machine-id"],
        kind: Kind::System,
    },
    Target {
        directory: "/etc",
        names: &["resolv.conf"],
        kind: Kind::Network,
    },
    Target {
        directory: "/run",
        names: &["reboot-required"],
        kind: Kind::System,
    },
];

impl Target {
    fn concerns(&self, directory: &str, name: &[u8]) -> bool {
        self.directory == directory
            && (self.names.is_empty() || self.names.iter().any(|known| known.as_bytes() == name))
    }
}

/// The directories to watch, each once.
fn directories() -> impl Iterator<Item = &'static str> {
    TARGETS.iter().enumerate().filter_map(|(index, target)| {
        let is_first = !TARGETS[..index]
            .iter()
            .any(|earlier| earlier.directory == target.directory);
        is_first.then_some(target.directory)
    })
}

/// The sections that a name in a directory concerns; no name stands for the directory itself.
fn concerned<'a>(directory: &'a str, name: Option<&'a [u8]>) -> impl Iterator<Item = Kind> + 'a {
    TARGETS
        .iter()
        .filter(move |target| {
            name.map_or(target.directory == directory, |name| {
                target.concerns(directory, name)
            })
        })
        .map(|target| target.kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_matter_concern_a_section() {
        let kinds =
            |directory, name: &'static [u8]| concerned(directory, Some(name)).collect::<Vec<_>>();
        assert_eq!(kinds("/etc", b"shadow"), [Kind::Accounts]);
        assert_eq!(kinds("/etc", b"ld.so.cache"), []);
        assert_eq!(kinds("/etc/sudoers.d", b"anything"), [Kind::Accounts]);
        assert_eq!(kinds("/var/lib/dpkg", b"status-old"), []);
        assert_eq!(
            directories()
                .filter(|directory| *directory == "/etc")
                .count(),
            1
        );
    }
}
