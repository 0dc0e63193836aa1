//! Rows are written from Microsoft's documentation of `IWscProduct`, `MSFT_MpComputerStatus` and the service
//! manager, unless a test says otherwise.

use freehold_proto::v1::{section::Status, toggle::State};

use super::*;
use crate::{probe::windows::fake::Fake, rows::Row};

const OPTIONS: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\ProductOptions";
const UNINSTALL: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall";
const ANTIVIRUS: Source = Source::Center(Provider::Antivirus);

/// A client with Defender's services, as Windows 11 has them.
fn client() -> Fake {
    Fake::new()
        .key(OPTIONS, [("ProductType", "WinNT")])
        .list(Source::Processes, Ok(vec![]))
        .service("WinDefend", "Microsoft Defender Antivirus-Dienst", 4, 2)
        .service(
            "WdNisSvc",
            "Microsoft Defender-Netzwerkinspektionsdienst",
            4,
            3,
        )
}

fn server() -> Fake {
    Fake::new()
        .key(OPTIONS, [("ProductType", "ServerNT")])
        .list(Source::Processes, Ok(vec![]))
        .service("Spooler", "Druckwarteschlange", 4, 2)
}

fn registered(name: &str, state: u32, signatures: u32) -> Row {
    Row::of([("Name", name)])
        .with("State", state)
        .with("Signatures", signatures)
}

fn defender(mode: &str) -> Vec<Row> {
    let row = Row::of([
        ("AMRunningMode", mode),
        ("AMProductVersion", "4.18.24090.11"),
    ])
    .with("AMServiceEnabled", mode != "Not running")
    .with("AntivirusEnabled", mode != "Not running")
    .with("RealTimeProtectionEnabled", true)
    .with("OnAccessProtectionEnabled", true);
    vec![row]
}

fn named<'a>(section: &'a Antivirus, name: &str) -> &'a Product {
    let found = section.products.iter().find(|product| product.name == name);
    found.unwrap_or_else(|| panic!("{name} is missing: {:?}", section.products))
}

#[test]
fn a_client_with_defender_alone_is_protected_and_complete() {
    let machine = client()
        .list(ANTIVIRUS, Ok(vec![registered("Windows Defender", 0, 1)]))
        .class("MSFT_MpComputerStatus", Ok(defender("Normal")));
    let section = read(&machine);
    assert_eq!(section.status(), Status::Complete);
    assert_eq!(section.products.len(), 1);
    let product = named(&section, DEFENDER);
    assert_eq!(product.running_mode(), RunningMode::Active);
    assert_eq!(product.real_time_protection(), State::On);
    assert_eq!(product.signatures_current(), State::On);
    assert_eq!(product.services[0], "WinDefend: running, automatic");
    assert_eq!(product.problem, "");
}

#[test]
fn defender_that_makes_room_is_listed_as_off_and_says_for_whom() {
    let rows = vec![
        registered("ESET Security", 0, 1),
        registered("Windows Defender", 1, 1),
    ];
    let machine = client()
        .list(ANTIVIRUS, Ok(rows))
        .service("ekrn", "ESET Service", 4, 2)
        .class("MSFT_MpComputerStatus", Ok(defender("Not running")));
    let section = read(&machine);
    assert_eq!(named(&section, "ESET").running_mode(), RunningMode::Active);
    assert_eq!(named(&section, "ESET").real_time_protection(), State::On);
    let off = named(&section, DEFENDER);
    assert_eq!(off.running_mode(), RunningMode::Stopped);
    assert_eq!(off.problem, "it makes room for ESET Security, which is on");
}

#[test]
fn two_products_are_both_listed_and_passive_defender_does_not_count_as_watching() {
    let machine = client()
        .list(ANTIVIRUS, Ok(vec![registered("Sophos Intercept X", 0, 1)]))
        .service("Sophos Endpoint Defense Service", "", 4, 2)
        .service("Sense", "", 4, 2)
        .class("MSFT_MpComputerStatus", Ok(defender("Passive Mode")));
    let section = read(&machine);
    assert_eq!(section.products.len(), 2);
    let passive = named(&section, DEFENDER);
    assert_eq!(passive.running_mode(), RunningMode::Passive);
    assert_eq!(passive.real_time_protection(), State::Off);
    assert_eq!(passive.managed_by, "Microsoft Defender for Endpoint");
}

#[test]
fn a_product_that_says_on_while_its_service_is_down_is_listed_as_stopped() {
    let machine = client()
        .list(ANTIVIRUS, Ok(vec![registered("ESET Security", 0, 1)]))
        .service("ekrn", "ESET Service", 1, 4)
        .class("MSFT_MpComputerStatus", Ok(defender("Normal")));
    let section = read(&machine);
    let sick = named(&section, "ESET");
    assert_eq!(sick.running_mode(), RunningMode::Stopped);
    assert_eq!(sick.real_time_protection(), State::Off);
    assert_eq!(
        sick.problem,
        "it says to Security Center that it is on, but its service ekrn does not run and is disabled"
    );
}

#[test]
fn a_registration_left_behind_is_no_protection() {
    let machine = client().list(ANTIVIRUS, Ok(vec![registered("Norton 360", 0, 0)]));
    let section = read(&machine);
    let left = named(&section, "Norton");
    assert_eq!(left.running_mode(), RunningMode::Stopped);
    assert!(left.problem.contains("left behind"), "{}", left.problem);
    // While the services cannot be listed, nobody knows whether it is.
    let blind = Fake::new()
        .list(ANTIVIRUS, Ok(vec![registered("Norton 360", 0, 0)]))
        .list(Source::Services, Err(Unread::Denied));
    let section = read(&blind);
    assert_eq!(section.status(), Status::Partial);
    assert_eq!(
        named(&section, "Norton").running_mode(),
        RunningMode::Active
    );
}

#[test]
fn an_unknown_product_is_listed_under_its_own_name_in_any_script() {
    let stranger = |path: &str| {
        let row = registered("安全管家\u{202e}", 0, 0).with("Path", path);
        client().list(ANTIVIRUS, Ok(vec![row]))
    };
    let section = read(&stranger("windowsdefender://"));
    let product = named(&section, "安全管家\u{202e}");
    assert_eq!(product.running_mode(), RunningMode::Active);
    assert_eq!(product.signatures_current(), State::Off);
    let section = read(&stranger(r"C:\Program Files\Gone\gone.exe"));
    assert_eq!(section.products[1].running_mode(), RunningMode::Stopped);
    let there = stranger(r"C:\Here\here.exe").list(
        Source::Exists(r"C:\Here\here.exe".into()),
        Ok(vec![Row::default()]),
    );
    assert_eq!(read(&there).products[1].running_mode(), RunningMode::Active);
}

#[test]
fn off_snoozed_and_expired_products_are_listed_and_not_called_protection() {
    for (state, word) in [
        (1, "switched off"),
        (2, "for a while"),
        (3, "licence has ended"),
    ] {
        let machine = client()
            .list(
                ANTIVIRUS,
                Ok(vec![registered("Kaspersky Endpoint Security", state, 1)]),
            )
            .service("AVP.KES.21.9", "Kaspersky", 4, 2);
        let section = read(&machine);
        let product = named(&section, "Kaspersky");
        assert_eq!(product.real_time_protection(), State::Off, "{word}");
        assert!(product.problem.contains(word), "{}", product.problem);
    }
    let machine = client()
        .list(ANTIVIRUS, Ok(vec![registered("Kaspersky", 77, 1)]))
        .service("AVP21", "Kaspersky", 4, 2);
    let section = read(&machine);
    assert_eq!(
        named(&section, "Kaspersky").running_mode(),
        RunningMode::Unknown
    );
}

#[test]
fn a_server_has_no_security_center_and_is_complete_by_its_services() {
    let machine = server()
        .service("CSFalconService", "CrowdStrike Falcon Sensor Service", 4, 2)
        .key(
            &format!(r"{UNINSTALL}\{{C}}"),
            [
                ("DisplayName", "CrowdStrike Windows Sensor"),
                ("DisplayVersion", "7.16.18613.0"),
            ],
        );
    let section = read(&machine);
    assert_eq!(section.status(), Status::Complete);
    let product = named(&section, "CrowdStrike Falcon");
    assert_eq!(product.version, "7.16.18613.0");
    assert_eq!(product.running_mode(), RunningMode::Active);
    // It runs, but nobody says that it watches.
    assert_eq!(product.real_time_protection(), State::Unknown);
    assert_eq!(product.source, "service CSFalconService");
    let bare = read(&server());
    assert_eq!((bare.status(), bare.products.len()), (Status::Complete, 0));
}

#[test]
fn a_client_without_security_center_is_partial_and_never_simply_without_a_product() {
    let machine = Fake::new()
        .key(OPTIONS, [("ProductType", "WinNT")])
        .list(Source::Processes, Ok(vec![]))
        .service("Spooler", "", 4, 2);
    let section = read(&machine);
    assert_eq!(section.status(), Status::Partial);
    assert!(section.products.is_empty());
    assert!(
        section.diagnostics[0]
            .reason
            .contains("does not exist on this system")
    );
}

#[test]
fn defender_that_stalls_is_said_and_what_else_is_known_of_it_stays() {
    let machine = client()
        .list(ANTIVIRUS, Ok(vec![registered("Windows Defender", 0, 1)]))
        .class("MSFT_MpComputerStatus", Err(Unread::Late { seconds: 5 }));
    let section = read(&machine);
    assert_eq!(section.status(), Status::Partial);
    assert_eq!(
        named(&section, DEFENDER).running_mode(),
        RunningMode::Active
    );
    assert!(
        section.diagnostics[0]
            .reason
            .contains("no answer within 5 seconds")
    );
}

#[test]
fn nothing_readable_is_unreadable() {
    let section = read(&Fake::new());
    assert_eq!(section.status(), Status::Unreadable);
    assert!(section.diagnostics.len() >= 3);
}

#[test]
fn names_longer_than_a_section_takes_are_cut_and_said() {
    let long = "Ü".repeat(9000);
    let rows = vec![registered(&long, 0, 1)];
    let section = read(&client().list(ANTIVIRUS, Ok(rows)));
    assert!(
        section
            .products
            .iter()
            .all(|product| product.name.len() <= 4096)
    );
    assert_eq!(section.status(), Status::Partial);
}

#[test]
fn services_that_protect_are_told_from_those_that_help() {
    for service in ["WinDefend", "windefend", "ekrn", "QHActiveDefense"] {
        assert!(protects(service), "{service}");
    }
    for service in ["AvastWscReporter", SENSE, "Spooler", ""] {
        assert!(!protects(service), "{service}");
    }
}
