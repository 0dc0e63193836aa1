//! Backup programs and ways in from elsewhere, and by what they are recognised. To add one, add an entry.
//!
//! Written from their makers' documentation; those of Debian were checked against its packages.

use crate::probe::{root::is_absent, section::Diagnostics};

use super::Scene;

/// A program.
pub(super) struct Program {
    /// Name.
    pub(super) name: &'static str,
    /// Files and folders that only this program has.
    pub(super) files: &'static [&'static str],
    /// What it runs as, or is started by.
    pub(super) services: &'static [Service],
    /// What is special about it.
    pub(super) kind: Kind,
}

/// A service, socket or timer of a program.
pub(super) struct Service {
    /// Unit of systemd; one that ends in "@" stands for any instance.
    pub(super) unit: &'static str,
    /// Its process, as the kernel shows it: at most 15 characters; empty when it does not show the
    /// program.
    pub(super) process: &'static str,
}

/// What is special about a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Makes backups and records its success in a place that can be read.
    Backup(Success),
    /// Shows the screen to somebody elsewhere.
    Screen,
    /// Lets somebody elsewhere in without showing the screen.
    Shell,
}

/// Where a backup program records its success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Success {
    /// In no place that is known to tell a success from a failure.
    NotKnown,
    /// In a log whose last line ends so when all went well; the log's time is the time of success.
    LogEnds(&'static str, &'static str),
    /// A folder for each backup, in which this file is written last.
    Snapshots(&'static str, &'static str),
    /// Files in folders of these folders whose names hold the time: duplicity's manifests.
    Manifests(&'static [&'static str]),
}

const fn runs(unit: &'static str, process: &'static str) -> Service {
    Service { unit, process }
}

/// A timer or socket, which has no process of its own.
const fn starts(unit: &'static str) -> Service {
    Service { unit, process: "" }
}

const fn backup(
    name: &'static str,
    files: &'static [&'static str],
    services: &'static [Service],
) -> Program {
    Program {
        name,
        files,
        services,
        kind: Kind::Backup(Success::NotKnown),
    }
}

const fn screen(
    name: &'static str,
    files: &'static [&'static str],
    services: &'static [Service],
) -> Program {
    Program {
        name,
        files,
        services,
        kind: Kind::Screen,
    }
}

const fn shell(
    name: &'static str,
    files: &'static [&'static str],
    services: &'static [Service],
) -> Program {
    Program {
        name,
        files,
        services,
        kind: Kind::Shell,
    }
}

/// All of them.
pub(super) fn all() -> impl Iterator<Item = &'static Program> {
    BACKUP.iter().chain(REMOTE)
}

/// Backup programs, ordered by name.
pub(super) const BACKUP: &[Program] = &[
    backup(
        "Acronis Cyber Protect",
        &["/usr/lib/Acronis/BackupAndRecovery"],
        &[runs("acronis_mms.service", "mms")],
    ),
    backup(
        "Amanda",
        &["/usr/sbin/amdump", "/usr/lib/amanda"],
        &[starts("amanda.socket")],
    ),
    backup(
        "BackupPC",
        &["/usr/share/backuppc", "/usr/share/BackupPC"],
        &[runs("backuppc.service", "BackupPC")],
    ),
    backup(
        "Bacula",
        &["/usr/sbin/bacula-fd", "/opt/bacula/bin/bacula-fd"],
        &[
            runs("bacula-fd.service", "bacula-fd"),
            runs("bacula-dir.service", "bacula-dir"),
        ],
    ),
    backup(
        "Bareos",
        &["/usr/sbin/bareos-fd"],
        &[
            runs("bareos-fd.service", "bareos-fd"),
            runs("bareos-filedaemon.service", "bareos-fd"),
            runs("bareos-dir.service", "bareos-dir"),
        ],
    ),
    backup("BorgBackup", &["/usr/bin/borg", "/usr/local/bin/borg"], &[]),
    backup(
        "borgmatic",
        &[
            "/usr/bin/borgmatic",
            "/usr/local/bin/borgmatic",
            "/etc/borgmatic",
        ],
        &[starts("borgmatic.timer")],
    ),
    backup("Burp", &["/usr/sbin/burp"], &[runs("burp.service", "burp")]),
    backup(
        "Commvault",
        &["/opt/commvault", "/etc/CommVaultRegistry"],
        &[runs("commvault.Instance001.service", "cvd")],
    ),
    backup(
        "Cove Data Protection",
        &["/opt/MXB/bin"],
        &[runs("ProcessController.service", "ProcessControll")],
    ),
    backup(
        "CrashPlan",
        &["/usr/local/crashplan"],
        &[runs("crashplan.service", "CrashPlanServic")],
    ),
    Program {
        name: "Déjà Dup",
        files: &["/usr/bin/deja-dup"],
        services: &[],
        kind: Kind::Backup(Success::Manifests(&["/root/.cache/deja-dup"])),
    },
    Program {
        name: "Duplicity",
        files: &["/usr/bin/duplicity", "/usr/local/bin/duplicity"],
        services: &[],
        kind: Kind::Backup(Success::Manifests(&["/root/.cache/duplicity"])),
    },
    backup(
        "Duplicati",
        &["/usr/lib/duplicati", "/opt/duplicati"],
        &[runs("duplicati.service", "duplicati-serve")],
    ),
    backup(
        "IDrive",
        &["/opt/IDriveForLinux"],
        &[runs("idrivecron.service", "")],
    ),
    backup(
        "IBM Storage Protect",
        &["/opt/tivoli/tsm/client/ba/bin/dsmc"],
        &[runs("dsmcad.service", "dsmcad")],
    ),
    backup(
        "Kopia",
        &["/usr/bin/kopia"],
        &[runs("kopia.service", "kopia")],
    ),
    backup(
        "MSP360",
        &["/opt/local/Online Backup", "/opt/local/CloudBerry Backup"],
        &[
            runs("online-backup.service", ""),
            runs("cloudberry-backup.service", ""),
        ],
    ),
    backup(
        "NetBackup",
        &["/usr/openv/netbackup/bin"],
        &[runs("netbackup.service", "bpcd")],
    ),
    backup(
        "Proxmox Backup Client",
        &["/usr/bin/proxmox-backup-client"],
        &[],
    ),
    backup(
        "Relax-and-Recover",
        &["/usr/sbin/rear"],
        &[starts("rear-rescue-iso.timer")],
    ),
    backup(
        "restic",
        &["/usr/bin/restic", "/usr/local/bin/restic"],
        &[
            starts("restic.timer"),
            starts("restic-backup.timer"),
            starts("restic@"),
        ],
    ),
    Program {
        name: "rsnapshot",
        files: &["/usr/bin/rsnapshot"],
        services: &[],
        kind: Kind::Backup(Success::LogEnds(
            "/var/log/rsnapshot.log",
            "completed successfully",
        )),
    },
    backup(
        "Synology Active Backup",
        &["/opt/Synology/ActiveBackupforBusiness"],
        &[runs(
            "synology-active-backup-business-linux-service.service",
            "synology-backup",
        )],
    ),
    backup(
        "Tarsnap",
        &["/usr/bin/tarsnap", "/usr/local/bin/tarsnap"],
        &[],
    ),
    Program {
        name: "Timeshift",
        files: &["/usr/bin/timeshift"],
        services: &[],
        kind: Kind::Backup(Success::Snapshots("/timeshift/snapshots", "info.json")),
    },
    backup(
        "UrBackup",
        &[
            "/usr/local/sbin/urbackupclientbackend",
            "/usr/sbin/urbackupclientbackend",
        ],
        &[runs("urbackupclientbackend.service", "urbackupclientb")],
    ),
    backup(
        "Veeam Agent",
        &["/opt/veeam/veeamagent", "/etc/veeam"],
        &[runs("veeamservice.service", "veeamservice")],
    ),
];

/// Ways in from elsewhere, ordered by name.
pub(super) const REMOTE: &[Program] = &[
    screen(
        "AnyDesk",
        &["/usr/bin/anydesk"],
        &[runs("anydesk.service", "anydesk")],
    ),
    screen(
        "Chrome Remote Desktop",
        &["/opt/google/chrome-remote-desktop"],
        &[starts("chrome-remote-desktop@")],
    ),
    shell(
        "Cockpit",
        &["/usr/lib/cockpit", "/usr/libexec/cockpit-ws"],
        &[
            starts("cockpit.socket"),
            runs("cockpit.service", "cockpit-tls"),
        ],
    ),
    screen(
        "DWService",
        &["/usr/share/dwagent"],
        &[runs("dwagent.service", "dwagsvc")],
    ),
    shell(
        "Dropbear",
        &["/usr/sbin/dropbear"],
        &[runs("dropbear.service", "dropbear")],
    ),
    screen(
        "GNOME Remote Desktop",
        &["/usr/libexec/gnome-remote-desktop-daemon"],
        &[runs("gnome-remote-desktop.service", "gnome-remote-de")],
    ),
    screen(
        "MeshCentral",
        &["/usr/local/mesh_services/meshagent", "/usr/local/mesh"],
        &[runs("meshagent.service", "meshagent")],
    ),
    screen(
        "NoMachine",
        &["/usr/NX/bin/nxserver"],
        &[runs("nxserver.service", "nxserver.bin")],
    ),
    shell(
        OPENSSH,
        &["/usr/sbin/sshd"],
        &[
            runs("ssh.service", "sshd"),
            runs("sshd.service", "sshd"),
            starts("ssh.socket"),
            starts("sshd.socket"),
        ],
    ),
    screen(
        "RealVNC",
        &["/usr/bin/vncserver-x11"],
        &[runs("vncserver-x11-serviced.service", "vncserver-x11-s")],
    ),
    screen(
        "RustDesk",
        &["/usr/bin/rustdesk", "/usr/share/rustdesk"],
        &[runs("rustdesk.service", "rustdesk")],
    ),
    screen(
        "Splashtop",
        &["/opt/splashtop-streamer"],
        &[runs("SRStreamer.service", "SRFeature")],
    ),
    screen(
        "TeamViewer",
        &["/opt/teamviewer"],
        &[runs("teamviewerd.service", "teamviewerd")],
    ),
    screen(
        "TigerVNC",
        &[
            "/usr/bin/tigervncserver",
            "/usr/bin/Xvnc",
            "/usr/bin/Xtigervnc",
        ],
        &[
            runs("tigervncserver@", "Xtigervnc"),
            runs("vncserver@", "Xvnc"),
        ],
    ),
    shell(
        "Webmin",
        &["/usr/share/webmin", "/usr/libexec/webmin"],
        &[runs("webmin.service", "miniserv.pl")],
    ),
    screen(
        "x11vnc",
        &["/usr/bin/x11vnc"],
        &[runs("x11vnc.service", "x11vnc")],
    ),
    screen("xrdp", &["/usr/sbin/xrdp"], &[runs("xrdp.service", "xrdp")]),
];

/// Name of the program whose settings are read, too.
pub(super) const OPENSSH: &str = "OpenSSH";

/// A program that was found.
pub(super) struct Found {
    pub(super) program: &'static Program,
    /// What shows that it is there.
    pub(super) source: String,
    /// A unit of it starts with the machine.
    pub(super) enabled: bool,
    /// It runs; `None` when that cannot be seen.
    pub(super) runs: Option<bool>,
    /// Its units, each with its state.
    pub(super) services: Vec<String>,
}

/// Looks for a program by its files, units and processes.
pub(super) fn find(
    scene: &Scene<'_>,
    program: &'static Program,
    diagnostics: &mut Diagnostics,
) -> Option<Found> {
    let mut found = Found {
        program,
        source: String::new(),
        enabled: false,
        runs: scene.processes.is_some().then_some(false),
        services: Vec::new(),
    };
    for service in program.services {
        found.add(scene, service);
    }
    if found.source.is_empty() {
        found.source = file(scene, program, diagnostics)?;
    }
    Some(found)
}

impl Found {
    fn add(&mut self, scene: &Scene<'_>, service: &Service) {
        let runs = scene.runs(service.unit, service.process);
        let file = scene.units.file(service.unit);
        let started = runs == Some(true);
        if started {
            self.runs = runs;
        }
        let Some(file) = file else {
            if started && self.source.is_empty() {
                self.source = format!("process {}", service.process);
            }
            return;
        };
        self.enabled |= scene.units.is_enabled(service.unit);
        if self.source.is_empty() {
            file.clone_into(&mut self.source);
        }
        let start = scene.units.start(service.unit).word();
        // A timer or a socket is no process.
        let state = match runs {
            _ if service.process.is_empty() => String::new(),
            Some(true) => "running, ".into(),
            Some(false) => "stopped, ".into(),
            None => "not known, ".into(),
        };
        self.services
            .push(format!("{}: {state}{start}", service.unit));
    }
}

fn file(scene: &Scene<'_>, program: &Program, diagnostics: &mut Diagnostics) -> Option<String> {
    for path in program.files {
        match scene.root.exists(path) {
            Ok(true) => return Some((*path).to_owned()),
            Ok(false) => {}
            Err(error) if is_absent(&error) => {}
            Err(error) => {
                let missing = format!("whether {} is installed is", program.name);
                diagnostics.unreadable(path, &error, missing);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_told_apart_and_recognisable() {
        let mut names = std::collections::HashSet::new();
        for program in all() {
            assert!(names.insert(program.name), "{}", program.name);
            assert!(!program.files.is_empty(), "{}", program.name);
            assert!(program.files.iter().all(|path| path.starts_with('/')));
            for service in program.services {
                assert!(service.process.len() <= 15, "{}", service.process);
            }
        }
        assert!(BACKUP.len() >= 20 && REMOTE.len() >= 15);
    }
}
