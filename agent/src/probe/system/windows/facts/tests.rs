//! The rows are written from Microsoft's documentation of the keys and calls they stand for, not recorded.

use freehold_proto::v1::section::Status;

use super::*;
use crate::rows::Value;

fn text(name: &'static str, value: &str) -> (&'static str, Value) {
    (name, value.into())
}

fn number(name: &'static str, value: u64) -> (&'static str, Value) {
    (name, Value::Number(value.into()))
}

/// A front-desk PC with Windows 11 in a workgroup.
fn office_pc() -> Rows {
    Rows {
        current_version: Ok(Row::of([
            text("ProductName", "Windows 10 Pro"),
            text("CurrentVersion", "6.3"),
            number("CurrentMajorVersionNumber", 10),
            number("CurrentMinorVersionNumber", 0),
            text("CurrentBuildNumber", "22631"),
            number("UBR", 3447),
            text("DisplayVersion", "23H2"),
            text("ReleaseId", "2009"),
            number("InstallTime", 133_537_536_000_000_000),
            number("InstallDate", 1_600_000_000),
        ])),
        cryptography: Ok(Row::of([text(
            "MachineGuid",
            "3F2504E0-4F89-11D3-9A0C-0305E82C3301",
        )])),
        product_options: Ok(Row::of([text("ProductType", "WinNT")])),
        time_zone: Ok(Row::of([text(
            "TimeZoneKeyName",
            "W. Europe Standard Time",
        )])),
        environment: Ok(Row::of([text("PROCESSOR_ARCHITECTURE", "AMD64")])),
        firmware: Ok(Row::of([
            text("SystemManufacturer", "Dell Inc."),
            text("SystemProductName", "OptiPlex 7090"),
        ])),
        entra: Err(Unread::Absent),
        restart: [Ok(false), Ok(false)],
        host: Ok("EMPFANG-1".into()),
        dns_domain: Ok(String::new()),
        membership: Ok((IN_WORKGROUP, "WORKGROUP".into())),
        masters: None,
        locale: Ok("de-DE".into()),
        booted: Some(133_700_000_123_456_789),
        hypervisor: Some("Microsoft Hv".into()),
        chassis: ChassisKind::Desktop,
    }
}

#[test]
fn an_office_computer_is_read_whole_and_is_windows_11_whatever_it_says() {
    let system = assemble(&office_pc());
    assert_eq!(
        system.status(),
        Status::Complete,
        "{:?}",
        system.diagnostics
    );
    let os = system.operating_system.clone().unwrap();
    let named = [os.name, os.version, os.edition, os.build, os.code_name];
    assert_eq!(named, ["Windows", "11", "Pro", "22631.3447", "23H2"]);
    assert_eq!(system.kernel, "10.0.22631.3447");
    assert_eq!(system.architecture, "x86_64");
    assert_eq!(system.time_zone, "Europe/Berlin");
    assert_eq!(system.machine_id, "3f2504e0-4f89-11d3-9a0c-0305e82c3301");
    assert_eq!(system.installed_at, Some(seconds(1_709_280_000)));
    assert_eq!(system.booted_at.unwrap().seconds % 60, 0);
    assert_eq!(system.fqdn, "");
    let domain = system.domain.unwrap();
    assert_eq!(domain.join(), Join::Workgroup);
    assert_eq!(domain.role(), Role::Workstation);
}

#[test]
fn windows_on_its_own_hypervisor_is_no_virtual_machine() {
    let mut rows = office_pc();
    assert_eq!(assemble(&rows).virtualization, "none");
    assert_eq!(assemble(&rows).chassis(), ChassisKind::Desktop);
    rows.firmware = Ok(Row::of([
        text("SystemManufacturer", "Microsoft Corporation"),
        text("SystemProductName", "Virtual Machine"),
    ]));
    assert_eq!(assemble(&rows).virtualization, "microsoft");
    assert_eq!(assemble(&rows).chassis(), ChassisKind::Virtual);
    rows.firmware = Err(Unread::Absent);
    rows.hypervisor = Some("VMwareVMware".into());
    assert_eq!(assemble(&rows).virtualization, "vmware");
}

#[test]
fn names_of_products_are_taken_apart() {
    let named = |text: &str, build| {
        let product = Product::named(text, build);
        [product.name, product.version, product.edition]
    };
    assert_eq!(
        named("Windows Server 2012 R2 Standard", 9600),
        ["Windows Server", "2012 R2", "Standard"]
    );
    assert_eq!(
        named("Windows 10 Enterprise LTSC 2021", 19044),
        ["Windows", "10", "Enterprise LTSC 2021"]
    );
    assert_eq!(
        named("Windows Server 2022 Datacenter", 20348),
        ["Windows Server", "2022", "Datacenter"]
    );
    // A server's build is above that of Windows 11, and it is none.
    assert_eq!(named("Windows Server 2025 Standard", 26100)[1], "2025");
    assert_eq!(named("Azure Stack HCI", 20349), ["Azure Stack HCI", "", ""]);
    assert_eq!(named("", 0), ["", "", ""]);
}

#[test]
fn a_domain_and_entra_id_are_told_apart_and_together() {
    let mut rows = office_pc();
    rows.membership = Ok((IN_DOMAIN, "PRAXIS".into()));
    rows.dns_domain = Ok("praxis.example".into());
    let system = assemble(&rows);
    assert_eq!(system.fqdn, "EMPFANG-1.praxis.example");
    let domain = system.domain.unwrap();
    assert_eq!(
        (domain.join(), domain.name.as_str()),
        (Join::Domain, "praxis.example")
    );
    rows.entra = Ok(vec!["0123456789ABCDEF".into()]);
    assert_eq!(assemble(&rows).domain.unwrap().join(), Join::Hybrid);
    rows.membership = Ok((UNJOINED, String::new()));
    assert_eq!(assemble(&rows).domain.unwrap().join(), Join::Entra);
    rows.product_options = Ok(Row::of([text("ProductType", "LanmanNT")]));
    rows.masters = Some(Masters::ask(|name, _| match name {
        "" => Ok(Row::of([
            ("dsServiceName", "CN=NTDS Settings,CN=DC1"),
            ("defaultNamingContext", "DC=praxis,DC=example"),
        ])),
        "DC=praxis,DC=example" => Ok(Row::of([("fSMORoleOwner", "CN=NTDS Settings,CN=DC1")])),
        _ => Ok(Row::of([("fSMORoleOwner", "CN=NTDS Settings,CN=DC2")])),
    }));
    let system = assemble(&rows);
    let domain = system.domain.clone().unwrap();
    assert_eq!(domain.role(), Role::DomainController);
    assert_eq!(domain.fsmo_roles, ["PDC emulator"]);
    // Two parts of this directory are not told, so two roles may be missing.
    assert_eq!(system.diagnostics.len(), 2, "{:?}", system.diagnostics);
    assert_eq!(system.status(), Status::Partial);
    rows.masters = Some(Err(Unread::Late { seconds: 10 }));
    let system = assemble(&rows);
    assert_eq!(system.domain.clone().unwrap().fsmo_roles, [""; 0]);
    let told = &system.diagnostics[0].reason;
    assert!(
        told.contains("operation-master roles may be missing"),
        "{told}"
    );
}

#[test]
fn an_update_that_waits_for_a_restart_is_told_and_what_cannot_be_read_is_unknown() {
    let mut rows = office_pc();
    assert_eq!(assemble(&rows).pending_reboot(), State::Off);
    rows.restart = [Ok(false), Ok(true)];
    assert_eq!(assemble(&rows).pending_reboot(), State::On);
    rows.restart = [Err(Unread::Denied), Ok(false)];
    let system = assemble(&rows);
    assert_eq!(system.pending_reboot(), State::Unknown);
    assert_eq!(system.status(), Status::Partial);
}

#[test]
fn what_is_missing_is_named_and_nothing_at_all_is_unreadable() {
    let nothing = || Unread::Failed { code: 1450 };
    let rows = Rows {
        current_version: Err(nothing()),
        cryptography: Err(nothing()),
        product_options: Err(nothing()),
        time_zone: Err(nothing()),
        environment: Err(nothing()),
        firmware: Err(nothing()),
        entra: Err(nothing()),
        restart: [Err(nothing()), Err(nothing())],
        host: Err(nothing()),
        dns_domain: Err(nothing()),
        membership: Err(nothing()),
        masters: None,
        locale: Err(nothing()),
        booted: None,
        hypervisor: None,
        chassis: ChassisKind::Unspecified,
    };
    let system = assemble(&rows);
    assert_eq!(system.status(), Status::Unreadable);
    assert_eq!(system.diagnostics.len(), 14);
    assert_eq!(system.domain.unwrap().join(), Join::Unspecified);
}

#[test]
fn values_that_make_no_sense_are_named() {
    let mut rows = office_pc();
    rows.time_zone = Ok(Row::of([text("TimeZoneKeyName", "西欧")]));
    rows.cryptography = Ok(Row::of([text("MachineGuid", "none")]));
    let system = assemble(&rows);
    assert_eq!(system.status(), Status::Partial);
    assert_eq!(
        (system.time_zone.as_str(), system.machine_id.as_str()),
        ("", "")
    );
    assert!(system.diagnostics.iter().any(|d| d.reason.contains("西欧")));
}
