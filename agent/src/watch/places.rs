//! Files and folders whose change concerns a subject. Folders are watched, not files: most programs
//! replace a file instead of writing into it. To watch something more, add a line.

use std::path::{Path, PathBuf};

use freehold_proto::v1::section::Kind;

use super::Subject;

const SYSTEM: Subject = Subject::Section(Kind::System);
const HARDWARE: Subject = Subject::Section(Kind::Hardware);
const SOFTWARE: Subject = Subject::Section(Kind::Software);
const ANTIVIRUS: Subject = Subject::Section(Kind::Antivirus);
const ACCOUNTS: Subject = Subject::Section(Kind::Accounts);
const NETWORK: Subject = Subject::Section(Kind::Network);
const SERVICES: Subject = Subject::Section(Kind::Services);
const PROTECTION: Subject = Subject::Section(Kind::Protection);

/// Names in a folder whose change concerns subjects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(super) directory: PathBuf,
    pub(super) names: Names,
    pub(super) signs: Signs,
    pub(super) subjects: Vec<Subject>,
}

/// Which names in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Names {
    All,
    These(&'static [&'static str]),
    Ending(&'static str),
    One(Vec<u8>),
}

/// What counts as a change of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signs {
    /// Whoever wrote into it is done.
    Closed,
    /// Something was written into it. For databases that are opened for writing by those who only read.
    Written,
    /// It came or went; what happens within it does not matter.
    Presence,
}

impl Place {
    /// One file.
    pub(super) fn file(path: &Path, subject: Subject) -> Option<Self> {
        Some(Self {
            directory: path.parent()?.to_owned(),
            names: Names::One(path.file_name()?.as_encoded_bytes().to_owned()),
            signs: Signs::Closed,
            subjects: vec![subject],
        })
    }

    /// Everything in a folder.
    pub(super) fn folder(path: PathBuf, subject: Subject) -> Self {
        Self {
            directory: path,
            names: Names::All,
            signs: Signs::Closed,
            subjects: vec![subject],
        }
    }

    /// Whether a name in the folder matters; no name stands for the folder itself.
    pub(super) fn concerns(&self, name: Option<&[u8]>) -> bool {
        let Some(name) = name else {
            return true;
        };
        match &self.names {
            Names::All => true,
            Names::These(known) => known.iter().any(|known| known.as_bytes() == name),
            Names::Ending(ending) => name.ends_with(ending.as_bytes()),
            Names::One(known) => known == name,
        }
    }
}

/// The places that every machine may have.
pub(super) fn common() -> Vec<Place> {
    let folders = FOLDERS.iter().flat_map(|(subjects, directories)| {
        let place = |directory: &&str| place(directory, Names::All, Signs::Closed, subjects);
        directories.iter().map(place)
    });
    let files = FILES.iter().map(|(directory, names, subjects)| {
        place(directory, Names::These(names), Signs::Closed, subjects)
    });
    let units = CONTROL_GROUPS.iter().map(|directory| {
        let names = Names::Ending(".service");
        place(directory, names, Signs::Presence, &[ANTIVIRUS, SERVICES])
    });
    let products = crate::probe::antivirus::files().into_iter();
    let products = products.filter_map(|file| Place::file(Path::new(file), ANTIVIRUS));
    // Should the kernel not grant all of them, the first are the ones to have.
    files.chain(folders).chain(products).chain(units).collect()
}

/// The databases of rpm in some folders, by the names of their files.
pub(super) fn databases(folders: Vec<String>, names: &'static [&'static str]) -> Vec<Place> {
    let places = folders
        .into_iter()
        .map(|directory| place(&directory, Names::These(names), Signs::Written, PACKAGES));
    places.collect()
}

fn place(directory: &str, names: Names, signs: Signs, subjects: &[Subject]) -> Place {
    Place {
        directory: directory.into(),
        names,
        signs,
        subjects: subjects.to_vec(),
    }
}

/// A product is recognised by its package, too.
const PACKAGES: &[Subject] = &[SOFTWARE, ANTIVIRUS, PROTECTION, SERVICES];

/// The kernel makes a folder when a unit starts and removes it when the unit ends.
const CONTROL_GROUPS: [&str; 2] = [
    "/sys/fs/cgroup/system.slice",
    "/sys/fs/cgroup/systemd/system.slice",
];

/// Folders in which every name matters.
const FOLDERS: &[(&[Subject], &[&str])] = &[
    (
        &[ACCOUNTS],
        &[
            "/etc/sudoers.d",
            "/usr/local/etc/sudoers.d",
            "/etc/doas.d",
            "/root/.ssh",
            "/etc/polkit-1/rules.d",
            "/usr/share/polkit-1/rules.d",
            "/usr/local/share/polkit-1/rules.d",
            "/run/polkit-1/rules.d",
            "/etc/polkit-1/localauthority.conf.d",
            "/etc/polkit-1/localauthority/50-local.d",
            "/etc/polkit-1/localauthority/90-mandatory.d",
            "/var/lib/polkit-1/localauthority.conf.d",
            "/var/lib/polkit-1/localauthority/50-local.d",
            "/usr/share/polkit-1/actions",
            "/etc/pam.d",
            "/usr/lib/pam.d",
            "/etc/sssd/conf.d",
            "/var/lib/systemd/home",
        ],
    ),
    (&[ACCOUNTS, PROTECTION], &["/etc/ssh/sshd_config.d"]),
    (
        &[SOFTWARE],
        &["/var/lib/snapd/snaps", "/var/lib/flatpak/app"],
    ),
    (&[SOFTWARE, ANTIVIRUS], &["/opt"]),
    (
        PACKAGES,
        &[
            "/etc/rpm",
            "/var/lib/dpkg/status.d",
            "/var/lib/pacman/local",
        ],
    ),
    (&[ANTIVIRUS], &["/var/lib/clamav", "/etc/clamav"]),
    (
        &[SERVICES, ANTIVIRUS, PROTECTION, ACCOUNTS],
        &[
            "/etc/systemd/system",
            "/etc/systemd/system/multi-user.target.wants",
            "/usr/local/lib/systemd/system",
            "/usr/lib/systemd/system",
            "/lib/systemd/system",
            "/run/systemd/system",
            "/etc/init.d",
        ],
    ),
    (
        // What cron runs as root is a way to become root.
        &[SERVICES, ACCOUNTS],
        &[
            "/etc/cron.d",
            "/etc/cron.hourly",
            "/etc/cron.daily",
            "/etc/cron.weekly",
            "/etc/cron.monthly",
            "/var/spool/cron/crontabs",
            "/var/spool/cron/tabs",
            "/var/spool/cron",
        ],
    ),
    (&[SERVICES], &["/etc/samba", "/etc/exports.d"]),
    (
        &[PROTECTION],
        &[
            "/etc/nftables.d",
            "/etc/ufw",
            "/etc/firewalld",
            "/etc/firewalld/zones",
            "/etc/iptables",
            "/etc/apt/apt.conf.d",
            "/var/lib/apt/periodic",
            "/etc/dnf",
            "/etc/yum",
        ],
    ),
    (
        &[NETWORK],
        &[
            "/run/systemd/netif/leases",
            "/run/systemd/resolve",
            "/var/lib/dhcp",
            "/var/lib/NetworkManager",
        ],
    ),
    (&[Subject::Readings], &["/run/systemd/sessions"]),
];

/// Names in folders in which most names do not matter.
const FILES: &[(&str, &[&str], &[Subject])] = &[
    (
        "/etc",
        &[
            "passwd",
            "group",
            "shadow",
            "gshadow",
            "sudoers",
            "sudo.conf",
            "doas.conf",
            "nsswitch.conf",
        ],
        &[ACCOUNTS],
    ),
    (
        "/etc",
        &[
            "hostname",
            "hosts",
            "os-release",
            "localtime",
            "timezone",
            "locale.conf",
            "machine-id",
            "krb5.conf",
        ],
        &[SYSTEM],
    ),
    ("/etc", &["resolv.conf"], &[NETWORK]),
    ("/etc", &["exports"], &[SERVICES]),
    ("/etc", &["crontab"], &[SERVICES, ACCOUNTS]),
    ("/etc", &["login.defs"], &[ACCOUNTS]),
    (
        "/etc",
        &["nftables.conf", "crypttab", "fstab"],
        &[PROTECTION],
    ),
    ("/etc/default", &["locale"], &[SYSTEM]),
    ("/etc/default", &["ufw"], &[PROTECTION]),
    ("/etc/ssh", &["sshd_config"], &[ACCOUNTS, PROTECTION]),
    ("/usr/etc/ssh", &["sshd_config"], &[ACCOUNTS, PROTECTION]),
    ("/etc/samba", &["smb.conf"], &[SYSTEM]),
    ("/etc/sssd", &["sssd.conf"], &[SYSTEM, ACCOUNTS]),
    ("/etc/cups", &["printers.conf"], &[HARDWARE]),
    ("/var/lib/dpkg", &["status"], PACKAGES),
    ("/lib/apk/db", &["installed"], PACKAGES),
    ("/usr/lib/apk/db", &["installed"], PACKAGES),
    ("/var/lib/flatpak", &[".changed"], &[SOFTWARE]),
    ("/run", &["reboot-required"], &[SYSTEM, PROTECTION]),
    ("/run", &["utmp"], &[Subject::Readings]),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn subjects(directory: &str, name: &str) -> Vec<Subject> {
        let mut subjects: Vec<_> = common()
            .into_iter()
            .filter(|place| place.directory == Path::new(directory))
            .filter(|place| place.concerns(Some(name.as_bytes())))
            .flat_map(|place| place.subjects)
            .collect();
        subjects.sort_unstable();
        subjects
    }

    #[test]
    fn only_names_that_matter_concern_a_section() {
        assert_eq!(subjects("/etc", "shadow"), [ACCOUNTS]);
        assert_eq!(subjects("/etc", "ld.so.cache"), []);
        assert_eq!(subjects("/etc/sudoers.d", "anything"), [ACCOUNTS]);
        assert_eq!(subjects("/etc/samba", "smb.conf"), [SYSTEM, SERVICES]);
        assert_eq!(subjects("/var/lib/dpkg", "status-old"), []);
        let unit = "clamav-daemon.service";
        assert_eq!(
            subjects(CONTROL_GROUPS[0], unit),
            [ANTIVIRUS, SERVICES],
            "a daemon that dies"
        );
    }

    #[test]
    fn whatever_decides_about_administrators_is_noticed() {
        for (directory, name) in [
            ("/etc", "crontab"),
            ("/etc", "doas.conf"),
            ("/etc", "nsswitch.conf"),
            ("/etc", "sudoers"),
            ("/etc/cron.d", "backup"),
            ("/etc/cron.hourly", "backup"),
            ("/etc/pam.d", "su"),
            ("/etc/polkit-1/rules.d", "10-admin.rules"),
            ("/etc/ssh", "sshd_config"),
            ("/etc/ssh/sshd_config.d", "root.conf"),
            ("/etc/sssd", "sssd.conf"),
            ("/etc/sssd/conf.d", "domain.conf"),
            ("/etc/systemd/system", "app.service"),
            ("/usr/share/polkit-1/rules.d", "10-admin.rules"),
            ("/var/spool/cron/crontabs", "root"),
        ] {
            let concerned = subjects(directory, name);
            assert!(concerned.contains(&ACCOUNTS), "{directory}/{name}");
        }
    }

    #[test]
    fn every_section_has_something_that_is_noticed() {
        for kind in crate::probe::KINDS {
            let subject = Subject::Section(kind);
            let is_noticed = common()
                .iter()
                .any(|place| place.subjects.contains(&subject));
            assert!(is_noticed, "{kind:?}");
        }
    }
}
