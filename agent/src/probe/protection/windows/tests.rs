//! Rows are written from Microsoft's documentation of the registry's values and of the service manager.

use freehold_proto::v1::section::Status;

use super::*;
use crate::{
    probe::windows::{Provider, fake::Fake},
    rows::{Row, Unread},
};

const OPTIONS: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\ProductOptions";
const FIREWALL: &str =
    r"HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy";
const TERMINAL: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server";
const AU: &str = r"HKLM\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU";

/// A laptop as an office has it: Windows 11 Pro with everything on.
fn laptop() -> Fake {
    let volume = Row::of([("DriveLetter", "C:")])
        .with("ProtectionStatus", 1_u32)
        .with("ConversionStatus", 1_u32)
        .with("EncryptionMethod", 6_u32);
    let update = |title: &str, at: u32| {
        Row::of([("Title", title)])
            .with("At", at)
            .with("Operation", 1_u32)
            .with("Result", 2_u32)
    };
    let history = vec![
        update("Security Intelligence-Update (KB2267602)", 1_730_000_000),
        update("2024-10 Kumulatives Update (KB5044285)", 1_729_000_000),
    ];
    ["DomainProfile", "StandardProfile", "PublicProfile"]
        .iter()
        .fold(Fake::new(), |machine, profile| {
            let values = [("EnableFirewall", 1_u32), ("DefaultInboundAction", 1)];
            machine.key(&format!(r"{FIREWALL}\{profile}"), values)
        })
        .key(OPTIONS, [("ProductType", "WinNT")])
        .key(SECURE_BOOT, [("UEFISecureBootEnabled", 1_u32)])
        .key(TERMINAL, [("fDenyTSConnections", 1_u32)])
        .key(POLICIES, [("InactivityTimeoutSecs", 600_u32)])
        .class("Win32_EncryptableVolume", Ok(vec![volume]))
        .list(Source::Center(Provider::Firewall), Ok(vec![]))
        .list(Source::UpdateHistory, Ok(history))
        .list(
            Source::UpdateResults,
            Ok(vec![Row::default().with("SearchedAt", 1_730_100_000_u32)]),
        )
        .service("MpsSvc", "Windows Defender Firewall", 4, 2)
        .service("TermService", "Remotedesktopdienste", 1, 3)
        .service("wuauserv", "Windows Update", 1, 3)
        .service("WinRM", "Windows-Remoteverwaltung", 1, 3)
}

fn remote<'a>(section: &'a Protection, name: &str) -> &'a RemoteAccess {
    let mut items = section.remote_access.iter();
    let found = items.find(|item| item.name == name);
    found.unwrap_or_else(|| panic!("{name} is missing: {:?}", section.remote_access))
}

#[test]
fn a_laptop_as_an_office_has_it_is_complete() {
    let section = read(&laptop());
    assert_eq!(
        section.status(),
        Status::Complete,
        "{:?}",
        section.diagnostics
    );
    assert_eq!(section.volume_encryption[0].encrypted(), State::On);
    assert_eq!(section.secure_boot(), State::On);
    assert_eq!(section.screen_lock(), State::On);
    assert_eq!(section.remote_desktop(), State::Off);
    let firewalls: Vec<_> = section
        .firewalls
        .iter()
        .map(|it| (it.name.as_str(), it.enabled(), it.inbound.as_str()))
        .collect();
    assert_eq!(
        firewalls,
        [
            ("Windows Firewall: domain", State::On, "drop"),
            ("Windows Firewall: private", State::On, "drop"),
            ("Windows Firewall: public", State::On, "drop"),
        ]
    );
    let updates = section.updates.unwrap();
    assert_eq!(updates.automatic(), State::On);
    assert_eq!(updates.product, "Windows Update");
    assert_eq!(updates.last_success_at.unwrap().seconds, 1_729_000_000);
    assert_eq!(updates.last_check_at.unwrap().seconds % 86_400, 0);
    // Off as it comes: nothing to tell.
    assert_eq!(section.remote_access.len(), 1);
}

#[test]
fn a_policy_outweighs_what_the_computer_says_of_its_firewall() {
    let policy = r"HKLM\SOFTWARE\Policies\Microsoft\WindowsFirewall\PublicProfile";
    let off = read(&laptop().key(policy, [("EnableFirewall", 0_u32)]));
    assert_eq!(off.firewalls[2].enabled(), State::Off);
    assert_eq!(off.firewalls[2].inbound, "");
    let open = read(&laptop().key(policy, [("DefaultInboundAction", 0_u32)]));
    assert_eq!(open.firewalls[2].inbound, "accept");
    let closed = read(&laptop().broken_key(policy, Unread::Denied));
    assert_eq!(closed.firewalls[2].enabled(), State::Unknown);
    assert_eq!(closed.status(), Status::Partial);
}

#[test]
fn a_firewall_whose_service_is_down_is_off_and_others_are_listed() {
    let registered = Row::of([("Name", "ESET Firewall")])
        .with("State", 0_u32)
        .with("Signatures", 1_u32);
    let machine = Fake::new()
        .key(
            &format!(r"{FIREWALL}\PublicProfile"),
            [("EnableFirewall", 1_u32)],
        )
        .service("MpsSvc", "", 1, 4)
        .list(Source::Center(Provider::Firewall), Ok(vec![registered]));
    let section = read(&machine);
    assert_eq!(section.firewalls[0].name, "ESET Firewall");
    assert_eq!(section.firewalls[0].enabled(), State::On);
    assert!(
        section.firewalls[1..]
            .iter()
            .all(|it| it.enabled() == State::Off)
    );
}

#[test]
fn remote_desktop_is_what_counts_last_and_its_open_door_is_said() {
    let on = laptop()
        .key(
            r"HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services",
            [("fDenyTSConnections", 0_u32)],
        )
        .key(
            &format!(r"{TERMINAL}\WinStations\RDP-Tcp"),
            [("UserAuthentication", 0_u32)],
        );
    let section = read(&on);
    assert_eq!(remote(&section, "Remote Desktop").enabled(), State::On);
    assert_eq!(section.remote_desktop(), State::On);
    assert!(
        section
            .diagnostics
            .iter()
            .any(|it| it.reason.contains("sign-in screen"))
    );
    let disabled = laptop()
        .key(
            r"HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services",
            [("fDenyTSConnections", 0_u32)],
        )
        .list(
            Source::Service("TermService".into()),
            Ok(vec![Row::default().with("Start", 4_u32)]),
        );
    assert_eq!(read(&disabled).remote_desktop(), State::Off);
    let closed = laptop().broken_key(TERMINAL, Unread::Denied);
    assert_eq!(read(&closed).remote_desktop(), State::Unknown);
}

#[test]
fn what_a_supplier_left_behind_is_recognised_with_its_state() {
    let uninstall = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall";
    let machine = laptop()
        .service("ScreenConnect Client (1a2b3c4d)", "", 4, 2)
        .service("TeamViewer", "TeamViewer", 1, 4)
        .service("sshd", "OpenSSH SSH Server", 4, 2)
        .service("VeeamEndpointBackupSvc", "", 4, 2)
        .key(
            &format!(r"{uninstall}\RustDesk"),
            [("DisplayName", "RustDesk")],
        )
        .key(
            &format!(r"{uninstall}\Macrium"),
            [("DisplayName", "Macrium Reflect Free")],
        );
    let section = read(&machine);
    let screen = remote(&section, "ConnectWise ScreenConnect");
    assert_eq!(
        (screen.enabled(), screen.graphical()),
        (State::On, State::On)
    );
    assert_eq!(
        screen.services,
        ["ScreenConnect Client (1a2b3c4d): running, automatic"]
    );
    assert_eq!(remote(&section, "TeamViewer").enabled(), State::Off);
    assert_eq!(remote(&section, "RustDesk").enabled(), State::Unknown);
    assert_eq!(remote(&section, "OpenSSH").graphical(), State::Off);
    let backups: Vec<_> = section
        .backup_products
        .iter()
        .map(|it| (it.name.as_str(), it.scheduled()))
        .collect();
    assert_eq!(
        backups,
        [
            ("Macrium Reflect", State::Unknown),
            ("Veeam Agent", State::On)
        ]
    );
}

#[test]
fn updates_that_are_switched_off_paused_or_asked_for_are_not_automatic() {
    let updates = |machine: Fake| read(&machine).updates.unwrap();
    let policy = updates(laptop().key(AU, [("NoAutoUpdate", 1_u32)]));
    assert_eq!(policy.automatic(), State::Off);
    assert!(policy.problem.contains("NoAutoUpdate"));
    let asked = updates(laptop().key(AU, [("AUOptions", 3_u32)]));
    assert_eq!(asked.automatic(), State::Off);
    let pause = r"HKLM\SOFTWARE\Microsoft\WindowsUpdate\UX\Settings";
    let paused = updates(laptop().key(pause, [("PauseUpdatesExpiryTime", "2099-01-31T10:00:00Z")]));
    assert_eq!(paused.automatic(), State::Off);
    assert_eq!(paused.problem, "they are paused until 2099-01-31");
    let over = updates(laptop().key(pause, [("PauseUpdatesExpiryTime", "2020-01-31T10:00:00Z")]));
    assert_eq!(over.automatic(), State::On);
    let odd = updates(laptop().key(pause, [("PauseUpdatesExpiryTime", "次の火曜日")]));
    assert_eq!(odd.automatic(), State::On);
    let server = laptop().key(OPTIONS, [("X", "")]);
    let disabled = server.list(
        Source::Service("wuauserv".into()),
        Ok(vec![Row::default().with("Start", 4_u32)]),
    );
    assert_eq!(updates(disabled).automatic(), State::Off);
    let wsus = laptop().key(AU, [("UseWUServer", 1_u32)]).key(
        r"HKLM\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate",
        [("WUServer", "http://wsus:8530")],
    );
    assert!(updates(wsus).product.contains("WSUS"));
}

#[test]
fn updates_of_which_nothing_is_there_are_not_called_automatic() {
    let machine = laptop().list(Source::UpdateHistory, Err(Unread::Absent));
    assert_eq!(read(&machine).updates.unwrap().automatic(), State::Unknown);
}

#[test]
fn a_server_on_which_nobody_chose_is_not_called_automatic() {
    let machine = Fake::new()
        .key(OPTIONS, [("ProductType", "ServerNT")])
        .service("wuauserv", "Windows Update", 1, 3);
    let updates = read(&machine).updates.unwrap();
    assert_eq!(updates.automatic(), State::Unknown);
}

#[test]
fn secure_boot_is_off_on_old_firmware_and_otherwise_not_known() {
    let machine = |kind: u32| Fake::new().key(CONTROL, [("PEFirmwareType", kind)]);
    assert_eq!(read(&machine(1)).secure_boot(), State::Off);
    assert_eq!(read(&machine(2)).secure_boot(), State::Unknown);
    assert_eq!(read(&Fake::new()).secure_boot(), State::Unknown);
}

#[test]
fn nothing_readable_is_unreadable_and_says_why() {
    let section = read(&Fake::new());
    assert_eq!(section.status(), Status::Unreadable);
    assert_eq!(section.remote_desktop(), State::Unknown);
    assert!(section.diagnostics.len() >= 5);
}
