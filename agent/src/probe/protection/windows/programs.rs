//! Backup programs and ways in from elsewhere, and by what they are recognised. To add one, add an entry.
//!
//! Written from their makers' documentation and from what is publicly known of their services; none was seen
//! running.

use super::Scene;
use crate::probe::{section, windows::services::Start};

/// A program.
pub(super) struct Program {
    /// Name.
    pub(super) name: &'static str,
    /// Its services; one that ends in "*" stands for a beginning.
    services: Names,
    /// Names under which it can be uninstalled; one that ends in "*" stands for a beginning.
    programs: Names,
    /// What is special about it.
    pub(super) kind: Kind,
}

/// What is special about a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Makes backups.
    Backup,
    /// Shows the screen to somebody elsewhere.
    Screen,
    /// Lets somebody elsewhere in without showing the screen.
    Shell,
}

type Names = &'static [&'static str];

const fn backup(name: &'static str, services: Names, programs: Names) -> Program {
    Program {
        name,
        services,
        programs,
        kind: Kind::Backup,
    }
}

const fn screen(name: &'static str, services: Names, programs: Names) -> Program {
    Program {
        name,
        services,
        programs,
        kind: Kind::Screen,
    }
}

const fn shell(name: &'static str, services: Names, programs: Names) -> Program {
    Program {
        name,
        services,
        programs,
        kind: Kind::Shell,
    }
}

/// Backup programs, ordered by name.
pub(super) const BACKUP: &[Program] = &[
    backup(
        "Acronis Cyber Protect",
        &["AcrSch2Svc", "MMS"],
        &["Acronis*"],
    ),
    backup(
        "Altaro / Hornetsecurity VM Backup",
        &["Altaro*"],
        &["Altaro*", "Hornetsecurity VM Backup*"],
    ),
    backup(
        "AOMEI Backupper",
        &["Backupper Service"],
        &["AOMEI Backupper*"],
    ),
    backup(
        "Arcserve",
        &["CASAD2DWebSvc", "CASUniversalAgent"],
        &["Arcserve*"],
    ),
    backup(
        "Azure Backup",
        &["obengine"],
        &["Microsoft Azure Recovery Services Agent*"],
    ),
    backup("Backblaze", &["bzserv"], &["Backblaze*"]),
    backup(
        "Backup Exec",
        &["BackupExecAgentAccelerator", "BackupExecRPCService"],
        &["Veritas Backup Exec*", "Symantec Backup Exec*"],
    ),
    backup("Bacula", &["Bacula-fd"], &["Bacula*"]),
    backup("Bareos", &["Bareos-fd"], &["Bareos*"]),
    backup("Carbonite", &["CarboniteService"], &["Carbonite*"]),
    backup(
        "Cobian Backup",
        &["CobianReflectorService", "cbVSCService11"],
        &["Cobian*"],
    ),
    backup("Commvault", &["GxCVD(*"], &["Commvault*"]),
    backup(
        "Cove Data Protection",
        &["Backup Service Controller"],
        &["Backup Manager*", "Cove Data Protection*"],
    ),
    backup(
        "CrashPlan",
        &["CrashPlanService"],
        &["CrashPlan*", "Code42*"],
    ),
    backup(
        "Datto",
        &["DattoBackupAgentService", "DattoProvider"],
        &["Datto Windows Agent*", "Datto Backup Agent*"],
    ),
    backup("Druva inSync", &["inSyncCPHService"], &["Druva inSync*"]),
    backup("Duplicati", &["Duplicati*"], &["Duplicati*"]),
    backup(
        "EaseUS Todo Backup",
        &["EaseUS Agent*"],
        &["EaseUS Todo Backup*"],
    ),
    backup(
        "IBM Storage Protect",
        &["TSM *"],
        &["IBM Spectrum Protect*", "IBM Storage Protect*"],
    ),
    backup("IDrive", &["IDriveService*"], &["IDrive*"]),
    backup("Iperius Backup", &["IperiusSvc"], &["Iperius Backup*"]),
    backup(
        "Macrium Reflect",
        &["MacriumService", "ReflectService"],
        &["Macrium Reflect*"],
    ),
    backup(
        "MSP360",
        &["Online Backup*", "CloudBerry*", "MSP360*"],
        &["Online Backup*", "CloudBerry*", "MSP360*"],
    ),
    backup("NAKIVO Backup", &["NAKIVO*"], &["NAKIVO*"]),
    backup(
        "NetBackup",
        &["NetBackup Client Service"],
        &["Veritas NetBackup*"],
    ),
    backup(
        "Rubrik",
        &["Rubrik Backup Service"],
        &["Rubrik Backup Service*"],
    ),
    backup(
        "ShadowProtect",
        &["ShadowProtectSvc", "StorageCraft*"],
        &["StorageCraft*", "ShadowProtect*", "ShadowXafe*"],
    ),
    backup(
        "Synology Active Backup",
        &["Synology Active Backup for Business Service"],
        &["Synology Active Backup*"],
    ),
    backup("Uranium Backup", &["UraniumBackup*"], &["Uranium Backup*"]),
    backup("UrBackup", &["UrBackupClientBackend"], &["UrBackup*"]),
    backup(
        "Veeam Agent",
        &["VeeamEndpointBackupSvc"],
        &["Veeam Agent for Microsoft Windows*"],
    ),
    backup(
        "Veeam Backup & Replication",
        &["VeeamBackupSvc"],
        &["Veeam Backup & Replication*"],
    ),
];

/// Ways in from elsewhere besides Windows' own remote desktop, ordered by name.
pub(super) const REMOTE: &[Program] = &[
    screen("Action1", &["A1Agent"], &["Action1*"]),
    screen("Ammyy Admin", &["AmmyyAdmin*"], &["Ammyy Admin*"]),
    screen("AnyDesk", &["AnyDesk*"], &["AnyDesk*"]),
    screen("Atera", &["AteraAgent"], &["AteraAgent*", "Atera*"]),
    screen(
        "BeyondTrust Remote Support",
        &["bomgar-*", "sra-*"],
        &["BeyondTrust*", "Bomgar*"],
    ),
    screen(
        "Chrome Remote Desktop",
        &["chromoting"],
        &["Chrome Remote Desktop Host*"],
    ),
    shell(
        "ConnectWise Automate",
        &["LTService"],
        &["LabTech*", "ConnectWise Automate*"],
    ),
    screen(
        "ConnectWise ScreenConnect",
        &["ScreenConnect Client*", "ConnectWise Control*"],
        &["ScreenConnect Client*", "ConnectWise Control*"],
    ),
    screen(
        "DameWare",
        &["DWMRCS", "DameWare Mini Remote Control"],
        &["DameWare*", "SolarWinds Dameware*"],
    ),
    shell(
        "Datto RMM",
        &["CagService"],
        &["Datto RMM*", "CentraStage*"],
    ),
    screen("DWService", &["DWAgent"], &["DWAgent*"]),
    screen(
        "GoTo Resolve / GoToAssist",
        &["GoToResolve*", "GoToAssist*"],
        &["GoTo Resolve*", "GoToAssist*", "GoTo Opener*"],
    ),
    screen(
        "ISL Light",
        &["ISL AlwaysOn*", "ISLAlwaysOn*"],
        &["ISL AlwaysOn*", "ISL Light*"],
    ),
    shell(
        "Kaseya VSA",
        &["KAENDAGENT*", "Kaseya Agent*"],
        &["Kaseya Agent*", "Kaseya VSA*"],
    ),
    screen("LogMeIn", &["LogMeIn"], &["LogMeIn*"]),
    shell(
        "ManageEngine Endpoint Central",
        &["ManageEngine UEMS*", "ManageEngine Desktop Central*"],
        &["ManageEngine UEMS*", "ManageEngine Desktop Central*"],
    ),
    screen(
        "MeshCentral",
        &["Mesh Agent*", "MeshAgent*"],
        &["Mesh Agent*", "MeshCentral Agent*"],
    ),
    shell(
        "Microsoft Intune",
        &["IntuneManagementExtension"],
        &["Microsoft Intune Management Extension*"],
    ),
    shell(
        "N-able N-central",
        &["Windows Agent Service"],
        &["Windows Agent"],
    ),
    shell(
        "N-able N-sight RMM",
        &["Advanced Monitoring Agent"],
        &["Advanced Monitoring Agent*"],
    ),
    screen(
        "N-able Take Control",
        &["BASupportExpress*", "BASupportExpressStandaloneService*"],
        &["Take Control Agent*", "TakeControl*"],
    ),
    shell(
        "NinjaOne",
        &["NinjaRMMAgent"],
        &["NinjaRMMAgent*", "NinjaOne*"],
    ),
    screen("NoMachine", &["nxservice*"], &["NoMachine*"]),
    shell("OpenSSH", &["sshd"], &[]),
    screen("Parsec", &["Parsec"], &["Parsec*"]),
    shell("Pulseway", &["PC Monitor"], &["Pulseway*"]),
    screen("Radmin", &["RServer3"], &["Radmin Server*"]),
    screen("RealVNC", &["vncserver"], &["RealVNC*", "VNC Server*"]),
    screen("Remote Utilities", &["RManService"], &["Remote Utilities*"]),
    screen("RustDesk", &["RustDesk*"], &["RustDesk*"]),
    screen(
        "Splashtop",
        &["SplashtopRemoteService", "SSUService"],
        &["Splashtop Streamer*", "Splashtop for RMM*"],
    ),
    screen("Supremo", &["SupremoService"], &["Supremo*"]),
    shell("Syncro", &["Syncro", "SyncroLive"], &["Syncro*"]),
    shell("Tactical RMM", &["tacticalrmm"], &["Tactical RMM Agent*"]),
    screen("TeamViewer", &["TeamViewer*"], &["TeamViewer*"]),
    screen("TigerVNC", &["TigerVNC*", "WinVNC4"], &["TigerVNC*"]),
    screen("TightVNC", &["tvnserver"], &["TightVNC*"]),
    screen("UltraVNC", &["uvnc_service"], &["UltraVNC*"]),
    shell("Windows Remote Management", &["WinRM"], &[]),
    screen(
        "Zoho Assist",
        &["Zoho Assist*", "ZohoURS*"],
        &["Zoho Assist*"],
    ),
];

/// A service that Windows brings along: there is something to tell only while it is on.
const BROUGHT_ALONG: Names = &["sshd", "WinRM"];

/// A program that was found.
pub(super) struct Found {
    /// What shows that it is there.
    pub(super) source: String,
    /// A service of it starts with the computer.
    pub(super) enabled: bool,
    /// It runs; `None` when that cannot be seen.
    pub(super) runs: Option<bool>,
    /// Its services, each with its state.
    pub(super) services: Vec<String>,
}

/// Looks for a program by its services and by how it is uninstalled.
pub(super) fn find(scene: &Scene<'_>, program: &Program) -> Option<Found> {
    let mut found = Found {
        source: String::new(),
        enabled: false,
        runs: scene.services.is_some().then_some(false),
        services: Vec::new(),
    };
    let services = scene.services.iter();
    for service in services.flat_map(|all| all.named(program.services)) {
        let start = service.setup(scene.machine).unwrap_or_default().start;
        let is_on = service.runs || start == Start::Automatic;
        if BROUGHT_ALONG.contains(&program.services[0]) && !is_on {
            continue;
        }
        found.enabled |= start == Start::Automatic;
        if service.runs {
            found.runs = Some(true);
        }
        if found.source.is_empty() {
            found.source = format!("service {}", service.name);
        }
        found.services.push(service.words(scene.machine));
    }
    if found.source.is_empty() {
        let installed = scene.programs.find(program.programs)?;
        // The name is anyone's text.
        found.source = section::cut(format!("program {}", installed.name)).0;
        // Without a service somebody has to start it, which is not seen.
        found.runs = None;
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_ordered_told_apart_and_recognisable() {
        for list in [BACKUP, REMOTE] {
            let names: Vec<_> = list.iter().map(|it| it.name.to_lowercase()).collect();
            for pair in names.windows(2) {
                assert!(pair[0] < pair[1], "{}", pair[1]);
            }
            assert!(list.iter().all(|it| !it.services.is_empty()));
        }
        assert!(BACKUP.iter().all(|it| it.kind == Kind::Backup));
        assert!(BACKUP.len() >= 25 && REMOTE.len() >= 30);
    }
}
