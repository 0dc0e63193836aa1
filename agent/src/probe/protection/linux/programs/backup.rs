//! Backup programs, and by what they are recognised. To add one, add an entry.
//!
//! Written from their makers' documentation; those of Debian were checked against its packages.

use super::{Kind, Program, Success, backup, runs, starts};

/// Backup programs, ordered by name.
pub(in super::super) const BACKUP: &[Program] = &[
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
