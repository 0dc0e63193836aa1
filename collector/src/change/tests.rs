mod gaps;

use std::time::Instant;

use freehold_proto::v1::{
    Accounts, Antivirus, Diagnostic, Hardware, Network, OperatingSystem, Services, Software,
    System, accounts,
    accounts::privilege::{Mechanism, PrincipalKind},
    antivirus, hardware, network,
    section::Status,
    services, software,
    toggle::State,
};
use proptest::prelude::*;
use prost::Message;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind as FieldKind, Value};

use super::*;

const AT: UnixMillis = UnixMillis(1_700_000_000_000);

fn changes(kind: Kind, old: &impl Message, new: &impl Message) -> Vec<ChangeRecord> {
    between(kind, Some(&old.encode_to_vec()), &new.encode_to_vec(), AT).unwrap()
}

fn summaries(kind: Kind, old: &impl Message, new: &impl Message) -> Vec<String> {
    sentences(changes(kind, old, new))
}

fn sentences(entries: Vec<ChangeRecord>) -> Vec<String> {
    entries.into_iter().map(|entry| entry.summary).collect()
}

fn package(name: &str, version: &str) -> software::Package {
    software::Package {
        name: name.to_owned(),
        version: version.to_owned(),
        release: "1".to_owned(),
        architecture: "amd64".to_owned(),
        source: software::package::Source::Dpkg.into(),
        size_bytes: Some(4096),
        ..software::Package::default()
    }
}

fn packages(packages: impl IntoIterator<Item = software::Package>) -> Software {
    Software {
        status: Status::Complete.into(),
        packages: packages.into_iter().collect(),
        ..Software::default()
    }
}

fn sudo(name: &str, full: State) -> accounts::Privilege {
    accounts::Privilege {
        principal: name.to_owned(),
        principal_kind: PrincipalKind::LocalUser.into(),
        mechanism: Mechanism::Sudo.into(),
        path: vec!["sudoers".to_owned()],
        scope: "everything".to_owned(),
        source: "/etc/sudoers".to_owned(),
        line: Some(20),
        full_control: full.into(),
        ..accounts::Privilege::default()
    }
}

fn member(name: &str) -> accounts::Privilege {
    accounts::Privilege {
        mechanism: Mechanism::AdminGroup.into(),
        path: vec!["group wheel".to_owned()],
        scope: String::new(),
        ..sudo(name, State::On)
    }
}

fn privileges(status: Status, privileges: Vec<accounts::Privilege>) -> Accounts {
    Accounts {
        status: status.into(),
        privileges,
        ..Accounts::default()
    }
}

fn denied(source: &str) -> Diagnostic {
    Diagnostic {
        source: source.to_owned(),
        reason: "permission denied".to_owned(),
        ..Diagnostic::default()
    }
}

#[test]
fn an_upgrade_is_told_as_versions() {
    let old = packages([package("curl", "7.88.1"), package("openssl", "3.0.11")]);
    let mut upgraded = package("openssl", "3.0.15");
    upgraded.size_bytes = Some(8192);
    let new = packages([package("curl", "7.88.1"), upgraded]);
    let entries = changes(Kind::Software, &old, &new);
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].summary, "package openssl 3.0.11 -> 3.0.15");
    assert_eq!(entries[0].item, "openssl");
    assert_eq!(entries[0].action(), Action::Altered);
    let fields: Vec<_> = entries[0]
        .fields
        .iter()
        .map(|field| field.name.as_str())
        .collect();
    assert_eq!(fields, ["version", "size_bytes"]);
    assert_eq!((entries[0].at, entries[0].section), (AT.0, 3));
}

#[test]
fn as_much_of_a_version_is_shown_as_differs() {
    let old = packages([package("bash", "5.2")]);
    let mut rebuilt = package("bash", "5.2");
    rebuilt.release = "2".to_owned();
    assert_eq!(
        summaries(Kind::Software, &old, &packages([rebuilt])),
        ["package bash 5.2-1 -> 5.2-2"]
    );
    let mut epoch = package("bash", "5.2");
    epoch.epoch = Some(1);
    assert_eq!(
        summaries(Kind::Software, &old, &packages([epoch])),
        ["package bash 5.2-1 -> 5.2-1 epoch 1"]
    );
    let mut held = package("bash", "5.3");
    held.state = software::package::State::Held.into();
    assert_eq!(
        summaries(Kind::Software, &old, &packages([held])),
        ["package bash 5.2 -> 5.3; state (not known) -> held"]
    );
}

#[test]
fn installed_and_removed_packages_are_named() {
    let (old, new) = (
        packages([package("nano", "7.2")]),
        packages([package("vim", "9.0")]),
    );
    let told = summaries(Kind::Software, &old, &new);
    assert_eq!(
        told,
        ["package vim 9.0-1 added", "package nano 7.2-1 removed"]
    );
}

#[test]
fn the_same_package_for_two_architectures_stays_two() {
    let mut other = package("libc6", "2.36");
    other.architecture = "i386".to_owned();
    let old = packages([package("libc6", "2.36"), other.clone()]);
    let new = packages([package("libc6", "2.37"), other]);
    assert_eq!(
        summaries(Kind::Software, &old, &new),
        ["package libc6 2.36 -> 2.37"]
    );
}

#[test]
fn the_first_report_is_one_entry() {
    let new = packages([package("a", "1"), package("b", "1")]).encode_to_vec();
    let entries = between(Kind::Software, None, &new, AT).unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].action(), Action::FirstReport);
    assert_eq!(
        entries[0].summary,
        "software reported for the first time: 2 packages"
    );
    let dark = Accounts {
        status: Status::Unreadable.into(),
        diagnostics: vec![denied("/etc/passwd")],
        ..Accounts::default()
    };
    let entries = between(Kind::Accounts, None, &dark.encode_to_vec(), AT).unwrap();
    assert_eq!(
        sentences(entries),
        ["accounts reported for the first time; not readable: /etc/passwd: permission denied"]
    );
}

#[test]
fn an_unchanged_section_changes_nothing() {
    let same = packages([package("a", "1")]);
    assert!(changes(Kind::Software, &same, &same).is_empty());
}

#[test]
fn a_new_administrator_is_named_with_the_reason() {
    let none = privileges(Status::Complete, vec![]);
    let anna = privileges(Status::Complete, vec![sudo("anna", State::On)]);
    let entries = changes(Kind::Accounts, &none, &anna);
    assert_eq!(
        entries[0].summary,
        "administrator added: anna (sudo: sudoers)"
    );
    assert_eq!(
        (entries[0].noun.as_str(), entries[0].item.as_str()),
        ("administrator", "anna")
    );
    assert_eq!(entries[0].action(), Action::Added);
    let told = summaries(Kind::Accounts, &anna, &none);
    assert_eq!(told, ["administrator removed: anna (sudo: sudoers)"]);
}

#[test]
fn a_group_that_administers_is_called_a_group() {
    let none = privileges(Status::Complete, vec![]);
    let group = accounts::Privilege {
        principal_kind: PrincipalKind::LocalGroup.into(),
        ..sudo("wheel", State::On)
    };
    let told = summaries(
        Kind::Accounts,
        &none,
        &privileges(Status::Complete, vec![group]),
    );
    assert_eq!(told, ["administrator added: group wheel (sudo: sudoers)"]);
}

#[test]
fn a_limited_right_says_what_it_allows() {
    let none = privileges(Status::Complete, vec![]);
    let limited = accounts::Privilege {
        scope: "/usr/bin/apt as root".to_owned(),
        conditions: vec!["without password".to_owned()],
        ..sudo("bob", State::Off)
    };
    let told = summaries(
        Kind::Accounts,
        &none,
        &privileges(Status::Complete, vec![limited]),
    );
    let why = "sudo: sudoers, allows /usr/bin/apt as root, without password";
    assert_eq!(told, [format!("limited right added: bob ({why})")]);
}

#[test]
fn ways_that_no_rule_names_are_told_in_words() {
    let none = privileges(Status::Complete, vec![]);
    for (mechanism, path, scope, expected) in [
        (
            Mechanism::Setuid,
            "/var/tmp/.x",
            "everything: a shell or interpreter that runs as root",
            "program that runs as root whoever starts it: /var/tmp/.x, allows everything: a shell or interpreter that runs as root",
        ),
        (
            Mechanism::Service,
            "may change /srv/a, which service a.service runs",
            "everything: the program runs as root",
            "service or task that runs as root: may change /srv/a, which service a.service runs, allows everything: \
             the program runs as root",
        ),
        (
            Mechanism::Capability,
            "/usr/bin/python3 with cap_setuid",
            "everything: becomes any user",
            "program with rights of root: /usr/bin/python3 with cap_setuid, allows everything: becomes any user",
        ),
        (
            Mechanism::WritableFile,
            "may change /etc/passwd",
            "everything: makes anyone root",
            "file the system relies on: may change /etc/passwd, allows everything: makes anyone root",
        ),
        (
            Mechanism::Su,
            "group ops",
            "everything",
            "su without a password: group ops",
        ),
    ] {
        let way = accounts::Privilege {
            principal_kind: PrincipalKind::Everyone.into(),
            mechanism: mechanism.into(),
            path: vec![path.to_owned()],
            scope: scope.to_owned(),
            ..sudo("everyone", State::On)
        };
        let told = summaries(
            Kind::Accounts,
            &none,
            &privileges(Status::Complete, vec![way]),
        );
        assert_eq!(
            told,
            [format!("administrator added: everyone ({expected})")]
        );
    }
}

#[test]
fn a_further_way_does_not_make_another_administrator() {
    let one = privileges(Status::Complete, vec![sudo("anna", State::On)]);
    let two = privileges(
        Status::Complete,
        vec![member("anna"), sudo("anna", State::On)],
    );
    let why = "administrators' group: group wheel";
    assert_eq!(
        summaries(Kind::Accounts, &one, &two),
        [format!("administrator anna: another way added ({why})")]
    );
    assert_eq!(
        summaries(Kind::Accounts, &two, &one),
        [format!("administrator anna: another way removed ({why})")]
    );
}

#[test]
fn a_limited_right_that_becomes_full_control_adds_an_administrator() {
    let limited = privileges(Status::Complete, vec![sudo("anna", State::Off)]);
    let full = privileges(Status::Complete, vec![sudo("anna", State::On)]);
    let entries = changes(Kind::Accounts, &limited, &full);
    assert_eq!(entries.len(), 1);
    assert!(
        entries[0]
            .summary
            .starts_with("administrator added: anna (sudo"),
        "{}",
        entries[0].summary
    );
    assert_eq!(entries[0].action(), Action::Added);
    let back = summaries(Kind::Accounts, &full, &limited);
    assert!(
        back[0].starts_with("administrator removed: anna"),
        "{back:?}"
    );
    let unknown = privileges(Status::Complete, vec![sudo("eve", State::Unknown)]);
    let told = summaries(
        Kind::Accounts,
        &privileges(Status::Complete, vec![]),
        &unknown,
    );
    assert!(
        told[0].starts_with("possible administrator added: eve"),
        "{told:?}"
    );
}

#[test]
fn a_rule_that_only_moved_to_another_line_is_no_change() {
    let old = privileges(Status::Complete, vec![sudo("anna", State::On)]);
    let mut moved = sudo("anna", State::On);
    moved.line = Some(21);
    assert!(
        changes(
            Kind::Accounts,
            &old,
            &privileges(Status::Complete, vec![moved])
        )
        .is_empty()
    );
}

#[test]
fn a_section_that_reads_worse_removes_nothing() {
    let before = privileges(
        Status::Complete,
        vec![sudo("anna", State::On), member("bob")],
    );
    let mut after = privileges(Status::Partial, vec![member("bob"), member("carl")]);
    after.diagnostics.push(denied("/etc/sudoers"));
    let told = summaries(Kind::Accounts, &before, &after);
    assert_eq!(
        told,
        [
            "accounts can no longer be read completely: /etc/sudoers: permission denied; \
             1 item missing from it may still be there",
            "administrator added: carl (administrators' group: group wheel)",
        ]
    );
    let mut dark = privileges(Status::Unreadable, vec![]);
    dark.diagnostics.push(denied("/etc"));
    let told = summaries(Kind::Accounts, &before, &dark);
    assert_eq!(told.len(), 1);
    assert!(
        told[0].starts_with("accounts can no longer be read: /etc: permission denied"),
        "{told:?}"
    );
}

#[test]
fn a_value_that_cannot_be_read_any_more_is_not_altered() {
    let account = |password_set: State| accounts::Account {
        name: "anna".to_owned(),
        id: "1000".to_owned(),
        password_set: password_set.into(),
        ..accounts::Account::default()
    };
    let section = |status: Status, password_set| Accounts {
        status: status.into(),
        accounts: vec![account(password_set)],
        ..Accounts::default()
    };
    let (clear, dim) = (
        section(Status::Complete, State::On),
        section(Status::Partial, State::Unknown),
    );
    assert_eq!(
        summaries(Kind::Accounts, &clear, &dim),
        ["accounts can no longer be read completely"]
    );
    let (clear, dim) = (clear.encode_to_vec(), dim.encode_to_vec());
    let baseline = Baseline {
        previous: Some(&dim),
        earlier: std::slice::from_ref(&clear),
    };
    let told = sentences(since(Kind::Accounts, baseline, &clear, AT).unwrap());
    assert_eq!(told, ["accounts can now be read completely"]);
}

#[test]
fn after_a_failure_only_true_changes_are_told() {
    let before = privileges(
        Status::Complete,
        vec![sudo("anna", State::On), sudo("bob", State::On)],
    );
    let mut dark = privileges(Status::Unreadable, vec![]);
    dark.diagnostics.push(denied("/etc/sudoers"));
    let after = privileges(
        Status::Complete,
        vec![sudo("anna", State::On), sudo("eve", State::On)],
    );
    let (before, dark) = (before.encode_to_vec(), dark.encode_to_vec());
    let baseline = Baseline {
        previous: Some(&dark),
        earlier: &[before],
    };
    let told = sentences(since(Kind::Accounts, baseline, &after.encode_to_vec(), AT).unwrap());
    assert_eq!(
        told,
        [
            "accounts can now be read completely",
            "administrator added: eve (sudo: sudoers)",
            "administrator removed: bob (sudo: sudoers)",
        ]
    );
}

#[test]
fn what_turns_up_when_more_can_be_read_is_now_visible() {
    let mut dim = privileges(Status::Partial, vec![member("bob")]);
    dim.diagnostics.push(denied("/etc/sudoers"));
    let clear = privileges(
        Status::Complete,
        vec![member("bob"), sudo("anna", State::On)],
    );
    let told = summaries(Kind::Accounts, &dim, &clear);
    assert_eq!(told[1], "administrator now visible: anna (sudo: sudoers)");
    let dark = privileges(Status::Unreadable, vec![]);
    let told = summaries(Kind::Accounts, &dark, &clear);
    assert_eq!(
        told,
        ["accounts could be read for the first time: 2 administrative rights"]
    );
}

#[test]
fn a_section_that_always_reads_in_part_still_tells_removals() {
    let section = |rights| {
        let mut section = privileges(Status::Partial, rights);
        section.diagnostics.push(denied("/etc/shadow"));
        section
    };
    let told = summaries(
        Kind::Accounts,
        &section(vec![member("bob")]),
        &section(vec![]),
    );
    assert_eq!(
        told,
        ["administrator removed: bob (administrators' group: group wheel)"]
    );
}

#[test]
fn new_diagnostics_are_told() {
    let mut old = privileges(Status::Partial, vec![]);
    old.diagnostics.push(denied("/etc/shadow"));
    let mut new = old.clone();
    new.diagnostics = vec![denied("/etc/sudoers")];
    let told = summaries(Kind::Accounts, &old, &new);
    assert_eq!(
        told,
        [
            "accounts: could not be read: /etc/sudoers: permission denied",
            "accounts: no longer reported: /etc/shadow: permission denied",
        ]
    );
}

#[test]
fn fields_and_nested_messages_are_told_in_words() {
    let old = System {
        status: Status::Complete.into(),
        host_name: "front-desk".to_owned(),
        operating_system: Some(OperatingSystem {
            version: "12".to_owned(),
            code_name: "bookworm".to_owned(),
            ..OperatingSystem::default()
        }),
        pending_reboot: State::Off.into(),
        ..System::default()
    };
    let new = System {
        host_name: "reception".to_owned(),
        operating_system: Some(OperatingSystem {
            version: "13".to_owned(),
            code_name: "trixie".to_owned(),
            ..OperatingSystem::default()
        }),
        booted_at: Some(prost_types::Timestamp {
            seconds: 1_700_000_000,
            nanos: 0,
        }),
        pending_reboot: State::On.into(),
        ..old.clone()
    };
    let told = summaries(Kind::System, &old, &new);
    assert_eq!(
        told,
        [
            "system: host name front-desk -> reception",
            "operating system: version 12 -> 13, code name bookworm -> trixie",
            "system: last start (not known) -> 2023-11-14T22:13:20Z",
            "system: restart needed off -> on",
        ]
    );
}

#[test]
fn sizes_that_read_the_same_are_told_exactly() {
    let section = |bytes| Hardware {
        status: Status::Complete.into(),
        memory_bytes: Some(bytes),
        ..Hardware::default()
    };
    let told = summaries(Kind::Hardware, &section(8 << 30), &section(16 << 30));
    assert_eq!(told, ["hardware: memory 8 GiB -> 16 GiB"]);
    let told = summaries(Kind::Hardware, &section(8 << 30), &section((8 << 30) + 1));
    assert_eq!(told, ["hardware: memory 8589934592 -> 8589934593"]);
}

#[test]
fn a_disk_is_followed_by_its_serial_number_then_by_its_place() {
    let disk = |name: &str, serial: &str| hardware::Disk {
        name: name.to_owned(),
        serial: serial.to_owned(),
        ..hardware::Disk::default()
    };
    let section = |disks| Hardware {
        status: Status::Complete.into(),
        disks,
        ..Hardware::default()
    };
    let swapped = summaries(
        Kind::Hardware,
        &section(vec![disk("sda", "A"), disk("sdb", "B")]),
        &section(vec![disk("sda", "B"), disk("sdb", "A")]),
    );
    assert_eq!(
        swapped,
        ["disk sda: name sdb -> sda", "disk sdb: name sda -> sdb"]
    );
    let replaced = summaries(
        Kind::Hardware,
        &section(vec![disk("sda", "A")]),
        &section(vec![disk("sda", "C")]),
    );
    assert_eq!(replaced, ["disk sda: serial A -> C"]);
}

#[test]
fn lists_of_values_tell_what_came_and_went() {
    let section = |members: &[&str]| Accounts {
        status: Status::Complete.into(),
        groups: vec![accounts::Group {
            name: "docker".to_owned(),
            members: members.iter().map(|&name| name.to_owned()).collect(),
            ..accounts::Group::default()
        }],
        ..Accounts::default()
    };
    let told = summaries(
        Kind::Accounts,
        &section(&["anna", "bob"]),
        &section(&["anna", "carl"]),
    );
    assert_eq!(told, ["group docker: members carl added, bob removed"]);
}

#[test]
fn protection_that_was_switched_off_is_told_and_daily_signatures_are_not() {
    let section = |version: &str, signatures: &str, real_time: State| Antivirus {
        status: Status::Complete.into(),
        products: vec![antivirus::Product {
            name: "ClamAV".to_owned(),
            version: version.to_owned(),
            signature_version: signatures.to_owned(),
            real_time_protection: real_time.into(),
            ..antivirus::Product::default()
        }],
        ..Antivirus::default()
    };
    let old = section("1.0.3", "27100", State::On);
    assert!(changes(Kind::Antivirus, &old, &section("1.0.3", "27101", State::On)).is_empty());
    let told = summaries(
        Kind::Antivirus,
        &old,
        &section("1.0.3", "27101", State::Off),
    );
    assert_eq!(told, ["antivirus ClamAV: real-time protection on -> off"]);
    let told = summaries(
        Kind::Antivirus,
        &old,
        &section("1.0.5", "27101", State::Off),
    );
    assert_eq!(
        told,
        ["antivirus ClamAV 1.0.3 -> 1.0.5; real-time protection on -> off"]
    );
}

#[test]
fn another_gateway_is_told_as_such() {
    let section = |gateway: &str| Network {
        status: Status::Complete.into(),
        routes: vec![network::Route {
            destination: "0.0.0.0/0".to_owned(),
            gateway: gateway.to_owned(),
            adapter: "eth0".to_owned(),
            ..network::Route::default()
        }],
        ..Network::default()
    };
    let told = summaries(Kind::Network, &section("10.0.0.1"), &section("10.0.0.2"));
    assert_eq!(told, ["route 0.0.0.0/0 via 10.0.0.1 -> via 10.0.0.2"]);
}

#[test]
fn floods_are_folded_with_a_count() {
    let many = |version: &str| packages((0..2000).map(|n| package(&format!("p{n}"), version)));
    let entries = changes(Kind::Software, &many("1"), &many("2"));
    assert_eq!(entries.len(), REPORT_ENTRIES);
    let last = entries.last().unwrap();
    assert_eq!(
        last.summary,
        "1501 more changes, not listed one by one: 1501 packages altered"
    );
    let total: u32 = entries.iter().map(|entry| 1 + entry.folded).sum();
    assert_eq!(total, 2000);
    let again = fold(entries, 1);
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].folded, 1999);
}

#[test]
fn an_administrator_survives_a_flood() {
    let group = |n: usize| accounts::Group {
        name: format!("g{n}"),
        ..accounts::Group::default()
    };
    let old = privileges(Status::Complete, vec![]);
    let mut new = privileges(Status::Complete, vec![sudo("eve", State::On)]);
    new.groups = (0..2000).map(group).collect();
    let told = summaries(Kind::Accounts, &old, &new);
    assert!(
        told.iter()
            .any(|summary| summary.starts_with("administrator added: eve"))
    );
}

#[test]
fn hostile_names_are_kept_but_cut() {
    let evil = format!("<b>\u{202e}\u{1b}[31m{}", "x".repeat(4000));
    let told = changes(
        Kind::Software,
        &packages([]),
        &packages([package(&evil, "1")]),
    );
    assert!(
        told[0]
            .summary
            .starts_with("package <b>\u{202e}\u{1b}[31mxxx")
    );
    assert!(told[0].summary.len() < 400 && told[0].item.len() < 200);
}

#[test]
fn fields_of_newer_agents_make_no_difference() {
    let item = package("curl", "1").encode_to_vec();
    let mut newer = item.clone();
    newer.extend([0xf8, 0x7f, 0x05]);
    let section = |item: &[u8]| {
        let mut body = vec![0x08, 0x01, 0x1a, item.len() as u8];
        body.extend(item);
        body
    };
    let mut new = section(&newer);
    new.extend([0xf8, 0x7f, 0x07]);
    let entries = between(Kind::Software, Some(&section(&item)), &new, AT).unwrap();
    assert!(entries.is_empty(), "{entries:?}");
}

#[test]
fn bytes_that_are_no_section_are_refused() {
    let error = between(Kind::Software, None, &[0x1a, 0x05], AT).unwrap_err();
    assert!(error.to_string().contains("software"), "{error}");
    assert!(matches!(
        between(Kind::Unspecified, None, &[], AT),
        Err(CompareError::Kind(0))
    ));
}

#[test]
fn a_thousand_packages_are_compared_quickly() {
    let many = |version: &str| {
        let others = (1..1000).map(|n| package(&format!("package-{n}"), "1"));
        packages(others.chain([package("openssl", version)])).encode_to_vec()
    };
    let (old, new) = (many("1"), many("2"));
    between(Kind::Software, Some(&old), &new, AT).unwrap();
    let best = (0..5)
        .map(|_| {
            let start = Instant::now();
            assert_eq!(
                between(Kind::Software, Some(&old), &new, AT).unwrap().len(),
                1
            );
            start.elapsed()
        })
        .min();
    assert!(best.unwrap().as_millis() < 20, "{best:?}");
}

/// An item of a list in which every field says something.
fn full_item(list: &ListSchema, suffix: &str) -> DynamicMessage {
    let mut item = DynamicMessage::new(list.item.clone());
    for field in list.item.fields() {
        set(&mut item, &field, suffix);
    }
    item
}

fn set(item: &mut DynamicMessage, field: &FieldDescriptor, suffix: &str) {
    let number = u32::try_from(suffix.len()).unwrap();
    let one = match field.kind() {
        FieldKind::String => Value::String(format!("{}-{suffix}", field.name())),
        FieldKind::Enum(_) => Value::EnumNumber(number.cast_signed()),
        FieldKind::Bool => Value::Bool(number % 2 == 1),
        FieldKind::Uint32 => Value::U32(number),
        FieldKind::Uint64 => Value::U64(number.into()),
        FieldKind::Message(message) => {
            let mut inner = DynamicMessage::new(message);
            inner.set_field_by_name("seconds", Value::I64(number.into()));
            Value::Message(inner)
        }
        other => panic!("{other:?}"),
    };
    item.set_field(
        field,
        if field.is_list() {
            Value::List(vec![one])
        } else {
            one
        },
    );
}

fn section_with(section: &Section, list: &ListSchema, item: Option<&DynamicMessage>) -> Vec<u8> {
    let mut message = DynamicMessage::new(section.message.clone());
    message.set_field_by_name("status", Value::EnumNumber(1));
    let items = item.into_iter().cloned().map(Value::Message).collect();
    message.set_field_by_number(list.number, Value::List(items));
    message.encode_to_vec()
}

#[test]
fn each_field_of_each_list_is_told_or_quiet() {
    for kind in schema::KINDS {
        let section = section_of(kind).unwrap();
        for list in &section.lists {
            let full = full_item(list, "a");
            let (none, old) = (
                section_with(section, list, None),
                section_with(section, list, Some(&full)),
            );
            let told = |old: &[u8], new: &[u8]| between(kind, Some(old), new, AT).unwrap();
            let (added, removed) = (told(&none, &old), told(&old, &none));
            assert_eq!(added.len(), 1, "{added:?}");
            assert_eq!(
                (added[0].action(), removed[0].action()),
                (Action::Added, Action::Removed)
            );
            // People and ports are told in words of their own.
            let own_words = kind == Kind::Accounts || list.entry.form == Form::Socket;
            assert!(own_words || added[0].summary.contains(list.entry.noun));
            for field in list.item.fields() {
                let mut item = full.clone();
                set(&mut item, &field, "ab");
                let entries = told(&old, &section_with(section, list, Some(&item)));
                let is_quiet = list.entry.quiet.contains(&field.name());
                let name = format!("{}.{}", list.entry.field, field.name());
                let is_key = list
                    .entry
                    .keys
                    .iter()
                    .any(|keys| keys.contains(&field.name()));
                match entries.len() {
                    0 => assert!(is_quiet, "{name} is not told"),
                    1 => assert!(!is_quiet, "{name} is told"),
                    2 => assert!(is_key, "{name}: {entries:?}"),
                    _ => panic!("{name}: {entries:?}"),
                }
            }
        }
    }
}

#[derive(Clone, Debug)]
enum Edit {
    Keep,
    Remove,
    Upgrade,
}

fn edits() -> impl Strategy<Value = (Vec<Edit>, usize)> {
    let edit = prop_oneof![Just(Edit::Keep), Just(Edit::Remove), Just(Edit::Upgrade)];
    (prop::collection::vec(edit, 0..40), 0..10_usize)
}

proptest! {
    #[test]
    fn exactly_what_was_changed_is_named((edits, added) in edits(), shuffle: u64) {
        let name = |n: usize| format!("package-{n}");
        let old = packages((0..edits.len()).map(|n| package(&name(n), "1")));
        let (mut new, mut expected) = (Vec::new(), Vec::new());
        for (n, edit) in edits.iter().enumerate() {
            match edit {
                Edit::Keep => new.push(package(&name(n), "1")),
                Edit::Remove => expected.push(format!("package {} 1-1 removed", name(n))),
                Edit::Upgrade => {
                    new.push(package(&name(n), "2"));
                    expected.push(format!("package {} 1 -> 2", name(n)));
                }
            }
        }
        for n in 0..added {
            new.push(package(&name(1000 + n), "1"));
            expected.push(format!("package {} 1-1 added", name(1000 + n)));
        }
        let middle = if new.is_empty() { 0 } else { shuffle as usize % new.len() };
        new.rotate_left(middle);
        let mut told = summaries(Kind::Software, &old, &packages(new));
        told.sort();
        expected.sort();
        prop_assert_eq!(told, expected);
    }

    #[test]
    fn any_bytes_are_compared_or_refused(
        old in prop::collection::vec(any::<u8>(), 0..200),
        new in prop::collection::vec(any::<u8>(), 0..200),
        kind in 1..9_i32,
    ) {
        let kind = Kind::try_from(kind).unwrap();
        let _ = between(kind, Some(&old), &new, AT);
        let baseline = Baseline { previous: Some(&old), earlier: std::slice::from_ref(&new) };
        let _ = since(kind, baseline, &new, AT);
    }
}

#[test]
fn what_changes_every_day_is_no_entry_and_a_firewall_has_its_own_words() {
    use freehold_proto::v1::{
        Protection,
        protection::{Firewall, Updates},
        toggle::State,
    };
    let section = |day: i64, filters: State| {
        let last_success_at = Some(prost_types::Timestamp {
            seconds: day * 86_400,
            nanos: 0,
        });
        let ufw = Firewall {
            name: "ufw".into(),
            enabled: filters.into(),
            ..Firewall::default()
        };
        let protection = Protection {
            status: 1,
            firewalls: vec![ufw],
            updates: Some(Updates {
                automatic: State::On.into(),
                last_success_at,
                ..Updates::default()
            }),
            ..Protection::default()
        };
        protection.encode_to_vec()
    };
    let told = |old: &[u8], new: &[u8]| between(Kind::Protection, Some(old), new, AT).unwrap();
    let (today, tomorrow) = (section(1, State::On), section(2, State::On));
    assert!(told(&today, &tomorrow).is_empty());
    let entries = told(&today, &section(1, State::Off));
    assert_eq!(entries[0].summary, "firewall ufw: filters on -> off");
}

fn listening(port: u32, address: &str, program: &str) -> services::ListeningSocket {
    services::ListeningSocket {
        protocol: "tcp".to_owned(),
        address: address.to_owned(),
        port,
        program: program.to_owned(),
        account: "root".to_owned(),
        source: "/proc/net/tcp".to_owned(),
        ..services::ListeningSocket::default()
    }
}

fn sockets(sockets: impl IntoIterator<Item = services::ListeningSocket>) -> Services {
    Services {
        status: Status::Complete.into(),
        listening_sockets: sockets.into_iter().collect(),
        ..Services::default()
    }
}

#[test]
fn ports_are_told_with_their_audience_and_their_program() {
    const POSTGRES: &str = "/usr/lib/postgresql/15/bin/postgres";
    let none = sockets([]);
    let all = sockets([
        listening(5432, "0.0.0.0", POSTGRES),
        listening(6379, "127.0.0.1", ""),
        listening(8080, "10.0.0.5", "C:\\Program Files\\x\\web.exe"),
    ]);
    let expected = [
        "port 5432 (tcp) now listens on every address, opened by postgres",
        "port 6379 (tcp) now listens for this computer only, opened by the account root",
        "port 8080 (tcp) now listens on 10.0.0.5, opened by web.exe",
    ];
    assert_eq!(summaries(Kind::Services, &none, &all), expected);
    let gone = sockets([listening(5432, "0.0.0.0", POSTGRES)]);
    let expected =
        ["port 5432 (tcp) no longer listens on every address, it was opened by postgres"];
    assert_eq!(summaries(Kind::Services, &gone, &none), expected);
    let moved = sockets([listening(5433, "0.0.0.0", POSTGRES)]);
    let expected = ["port 5433 (tcp): port 5432 -> 5433"];
    assert_eq!(summaries(Kind::Services, &gone, &moved), expected);
}

#[test]
fn services_databases_and_roles_are_told_in_plain_words() {
    let service = |running: State| services::Service {
        name: "nginx.service".to_owned(),
        running: running.into(),
        start: services::service::StartKind::Automatic.into(),
        source: "/lib/systemd/system/nginx.service".to_owned(),
        ..services::Service::default()
    };
    let role = |shares: u32| services::Role {
        kind: "file server".to_owned(),
        description: format!("file server for {shares} shares"),
        ..services::Role::default()
    };
    let database = |version: &str| services::Database {
        product: "PostgreSQL".to_owned(),
        instance: "15/main".to_owned(),
        version: version.to_owned(),
        data_path: "/srv/pg".to_owned(),
        ..services::Database::default()
    };
    let none = sockets([]);
    let before = Services {
        services: vec![service(State::On)],
        roles: vec![role(6)],
        databases: vec![database("15.17")],
        ..none.clone()
    };
    let expected = [
        "service nginx.service added",
        "database PostgreSQL 15/main 15.17 added",
        "role file server for 6 shares added",
    ];
    assert_eq!(summaries(Kind::Services, &none, &before), expected);
    let after = Services {
        services: vec![service(State::Off)],
        roles: vec![role(7)],
        databases: vec![database("15.18")],
        ..none
    };
    let expected = [
        "service nginx.service: runs on -> off",
        "database PostgreSQL 15/main 15.17 -> 15.18",
        "role file server for 7 shares: description file server for 6 shares -> file server for 7 shares",
    ];
    assert_eq!(summaries(Kind::Services, &before, &after), expected);
}
