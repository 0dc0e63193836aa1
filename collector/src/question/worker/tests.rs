//! A worker on threads of this process, told what a collector would tell it.

mod hostile;

use std::io;

use freehold_proto::v1::{
    self, Accounts, Software, System,
    accounts::Account,
    query_response::{Header, Rows, value::Kind as Cell},
    section::{Kind as Section, Status},
    software::{Package, package::Source},
};

use super::*;
use crate::question::frame::{Computer, Done, Needs};

/// What came of a question: columns and rows as text, or the sentence.
struct Said {
    needs: Option<Needs>,
    columns: Vec<String>,
    rows: Vec<String>,
    done: Option<Done>,
    fault: Option<frame::Fault>,
}

fn package(name: &str, version: &str, source: Source) -> Package {
    Package {
        name: name.to_owned(),
        version: version.to_owned(),
        source: source.into(),
        ..Package::default()
    }
}

/// Two computers with software, accounts and a system.
fn sections() -> Vec<(u32, Section, Vec<u8>)> {
    let software = |packages| Software {
        status: Status::Complete.into(),
        packages,
        ..Software::default()
    };
    let openssl = Package {
        epoch: Some(1),
        release: "2".to_owned(),
        ..package("openssl", "3.0", Source::Dpkg)
    };
    let one = software(vec![openssl, package("bash", "5", Source::Dpkg)]);
    let two = software(vec![
        package("openssl", "1.1", Source::Rpm),
        package("Java 8 Update 40", "8.0.40", Source::Msi),
    ]);
    let account = |name: &str, id: &str| Account {
        name: name.to_owned(),
        id: id.to_owned(),
        primary_group_id: "1000".to_owned(),
        ..Account::default()
    };
    let accounts = Accounts {
        accounts: vec![account("anna", "1000"), account("Bob", "S-1-5-21-7-501")],
        ..Accounts::default()
    };
    let system = System {
        host_name: "two".to_owned(),
        ..System::default()
    };
    vec![
        (0, Section::Software, one.encode_to_vec()),
        (1, Section::Software, two.encode_to_vec()),
        (0, Section::Accounts, accounts.encode_to_vec()),
        (1, Section::System, system.encode_to_vec()),
    ]
}

fn question(sql: &str) -> Question {
    Question {
        sql: sql.to_owned(),
        as_of: "2026-11-22T10:00:00Z".to_owned(),
        rows: 1000,
        millis: 1500,
    }
}

fn ask(sql: &str) -> Said {
    asked(&question(sql), &sections())
}

fn asked(question: &Question, sections: &[(u32, Section, Vec<u8>)]) -> Said {
    let (theirs, mut ours) = io::pipe().unwrap();
    let (mut answers, said) = io::pipe().unwrap();
    within(theirs, said);
    frame::write(&mut ours, Kind::Question, &question.encode_to_vec()).unwrap();
    let mut said = Said {
        needs: None,
        columns: Vec::new(),
        rows: Vec::new(),
        done: None,
        fault: None,
    };
    while let Some((kind, content)) = frame::read(&mut answers, limits::PIECE).unwrap() {
        match kind {
            Kind::Needs => {
                let needs = Needs::decode(content.as_slice()).unwrap();
                tell(&mut ours, &needs, sections);
                said.needs = Some(needs);
            }
            Kind::Header => {
                said.columns = Header::decode(content.as_slice()).unwrap().columns;
            }
            Kind::Rows => {
                let rows = Rows::decode(content.as_slice()).unwrap().rows;
                said.rows.extend(rows.iter().map(shown));
            }
            Kind::Progress => {}
            Kind::Done => said.done = Some(Done::decode(content.as_slice()).unwrap()),
            Kind::Fault => said.fault = Some(frame::Fault::decode(content.as_slice()).unwrap()),
            other => panic!("{other:?}"),
        }
    }
    said
}

fn tell(out: &mut impl io::Write, needs: &Needs, sections: &[(u32, Section, Vec<u8>)]) {
    for (name, id) in [("one", "id-1"), ("two", "id-2")] {
        let computer = Computer {
            name: name.to_owned(),
            id: id.to_owned(),
            facts: vec!["ACTIVE".to_owned(), "[\"office\"]".to_owned()],
        };
        frame::write(out, Kind::Computer, &computer.encode_to_vec()).unwrap();
    }
    for (computer, kind, body) in sections {
        if needs.sections.contains(&i32::from(*kind)) {
            frame::section(out, *computer, *kind, (1_700_000_000_000, 0), body).unwrap();
        }
    }
    frame::write(out, Kind::Complete, &[]).unwrap();
    out.flush().unwrap();
}

fn shown(row: &v1::query_response::Row) -> String {
    let cells = row.values.iter().map(|value| match &value.kind {
        None => "-".to_owned(),
        Some(Cell::Integer(number)) => number.to_string(),
        Some(Cell::Real(number)) => format!("{number:?}"),
        Some(Cell::Text(text)) => text.clone(),
        Some(Cell::Blob(bytes)) => format!("{bytes:?}"),
    });
    cells.collect::<Vec<_>>().join("|")
}

#[test]
fn a_question_is_answered_with_what_was_reported() {
    let said = ask(
        "SELECT computer, name, version FROM software_packages WHERE name = 'openssl' ORDER BY computer",
    );
    assert!(said.fault.is_none(), "{:?}", said.fault);
    assert_eq!(said.columns, ["computer", "name", "version"]);
    assert_eq!(said.rows, ["one|openssl|3.0", "two|openssl|1.1"]);
    assert_eq!(
        said.done,
        Some(Done {
            rows: 2,
            cut: false
        })
    );
}

#[test]
fn what_is_not_known_is_null_and_empty_text_stays_empty_text() {
    let said = ask(
        "SELECT '', NULL, version, title, coalesce(title, ''), title IS NULL, title = '' FROM software_packages \
         WHERE name = 'bash'",
    );
    assert!(said.fault.is_none(), "{:?}", said.fault);
    assert_eq!(said.rows, ["|-|5|-||1|-"]);
}

#[test]
fn only_what_a_statement_reads_is_asked_for() {
    let sections = |sql: &str| ask(sql).needs.unwrap();
    let software = i32::from(Section::Software);
    let needs = sections("SELECT count(*) FROM software_packages");
    assert_eq!(
        (needs.sections, needs.touched),
        (vec![software], vec![software])
    );
    let needs = sections("SELECT computer FROM computers");
    assert_eq!((needs.sections.len(), needs.touched.len()), (0, 0));
    assert!(needs.computers && !needs.headlines && !needs.readings);
    let needs = sections("SELECT system FROM computers");
    assert_eq!(needs.touched, [i32::from(Section::System)]);
    assert!(needs.sections.is_empty() && needs.headlines);
    let needs = sections("SELECT c.state FROM computers AS c JOIN users AS u USING (computer_id)");
    assert_eq!(needs.touched, [i32::from(Section::Accounts)]);
    let needs = sections("SELECT 1");
    assert!(!needs.computers && needs.sections.is_empty());
    let needs = sections("SELECT mount FROM readings_volumes");
    assert!(needs.readings);
    assert_eq!(needs.touched, [i32::from(Section::Hardware)]);
    // A table that is named but not read in the end is touched all the same.
    let needs = sections("SELECT 1 WHERE EXISTS (SELECT 1 FROM accounts_accounts WHERE 0)");
    assert_eq!(needs.touched, [i32::from(Section::Accounts)]);
}

#[test]
fn the_views_of_osquery_say_what_osquery_would() {
    for (sql, rows) in [
        (
            "SELECT name, version, revision, status FROM deb_packages ORDER BY name",
            &[
                "bash|5||install ok installed",
                "openssl|1:3.0-2|2|install ok installed",
            ][..],
        ),
        (
            "SELECT computer, name, epoch FROM rpm_packages",
            &["two|openssl|-"],
        ),
        (
            "SELECT name, version FROM programs",
            &["Java 8 Update 40|8.0.40"],
        ),
        (
            "SELECT username, uid, gid, uuid FROM users ORDER BY uid",
            &["Bob|501|1000|S-1-5-21-7-501", "anna|1000|1000|"],
        ),
        (
            "SELECT typeof(uid), typeof(username) FROM users LIMIT 1",
            &["integer|text"],
        ),
        ("SELECT count(*) FROM groups", &["0"]),
        (
            "SELECT computer, collected_at FROM system",
            &["two|2023-11-14T22:13:20Z"],
        ),
    ] {
        let said = ask(sql);
        assert!(said.fault.is_none(), "{sql}: {:?}", said.fault);
        assert_eq!(said.rows, rows, "{sql}");
    }
    for view in crate::question::schema::VIEWS {
        let said = ask(&format!("SELECT * FROM {}", view.name));
        assert!(said.fault.is_none(), "{}: {:?}", view.name, said.fault);
        let columns: Vec<&str> = view.columns.iter().map(|(name, _)| *name).collect();
        assert_eq!(said.columns, columns, "{}", view.name);
    }
}

/// The columns that osquery's own tables have on Windows and Linux (specs/*.table of its sources), hidden ones left
/// out: whatever was written for it has an answer here.
#[test]
fn statements_written_for_osquery_have_an_answer() {
    for (view, columns) in [
        (
            "programs",
            "name, version, install_location, install_source, language, publisher, uninstall_string, install_date, \
             identifying_number, package_family_name, upgrade_code",
        ),
        (
            "deb_packages",
            "name, version, source, size, arch, revision, status, maintainer, section, priority, admindir",
        ),
        (
            "rpm_packages",
            "name, version, release, source, size, sha1, arch, epoch, install_time, vendor, package_group",
        ),
        (
            "users",
            "uid, gid, uid_signed, gid_signed, username, description, directory, shell, uuid, type",
        ),
        ("groups", "gid, gid_signed, groupname, group_sid, comment"),
        (
            "system_info",
            "hostname, uuid, cpu_type, cpu_subtype, cpu_brand, cpu_physical_cores, cpu_logical_cores, cpu_sockets, \
             cpu_microcode, physical_memory, hardware_vendor, hardware_model, hardware_version, hardware_serial, \
             board_vendor, board_model, board_version, board_serial, computer_name, local_hostname, emulated_cpu_type",
        ),
        (
            "os_version",
            "name, version, major, minor, patch, build, platform, platform_like, codename, arch, extra, install_date, \
             revision",
        ),
        (
            "interface_addresses",
            "interface, address, mask, broadcast, point_to_point, type, friendly_name",
        ),
        (
            "listening_ports",
            "pid, port, protocol, family, address, fd, socket, path, net_namespace",
        ),
        (
            "windows_security_products",
            "type, name, state, state_timestamp, remediation_path, signatures_up_to_date",
        ),
    ] {
        let said = ask(&format!("SELECT {columns}, computer FROM {view}"));
        assert!(said.fault.is_none(), "{view}: {:?}", said.fault);
    }
}

#[test]
fn addresses_become_rows_with_their_masks() {
    let network = v1::Network {
        adapters: vec![v1::network::Adapter {
            name: "eth0".to_owned(),
            addresses: vec!["192.168.1.7/22".to_owned(), "fe80::1/64".to_owned()],
            ..v1::network::Adapter::default()
        }],
        ..v1::Network::default()
    };
    let said = asked(
        &question("SELECT interface, address, mask FROM interface_addresses"),
        &[(0, Section::Network, network.encode_to_vec())],
    );
    assert_eq!(
        said.rows,
        ["eth0|192.168.1.7|255.255.252.0", "eth0|fe80::1|"]
    );
}

#[test]
fn the_moment_can_be_named_and_nothing_else_is_left_open() {
    assert_eq!(ask("SELECT :as_of").rows, ["2026-11-22T10:00:00Z"]);
    assert_eq!(ask("SELECT date(:as_of, '-1 month')").rows, ["2026-10-22"]);
    let fault = ask("SELECT ?1").fault.unwrap();
    assert!(fault.sentence.contains("?1"), "{}", fault.sentence);
}

#[test]
fn every_ready_question_can_be_asked() {
    for subject in crate::question::ready::SUBJECTS {
        for ready in subject.questions {
            let said = ask(ready.sql);
            let word = ready.word;
            assert!(said.fault.is_none(), "{word}: {:?}", said.fault);
            assert!(said.done.is_some() && !said.columns.is_empty(), "{word}");
        }
    }
    let java = ask(crate::question::ready::ready("java-8").unwrap().sql);
    assert_eq!(java.rows, ["two|Java 8 Update 40|8.0.40|-"]);
}
