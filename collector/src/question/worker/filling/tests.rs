//! Rows out of the bytes of messages.

use freehold_proto::v1::{self, accounts::Privilege, software::Package};
use prost::Message as _;

use super::*;
use crate::question::{schema::tables, worker::column::Value};

fn table(name: &str) -> &'static Table {
    tables().iter().find(|table| table.name == name).unwrap()
}

fn shown(table: &Table, content: &Content, row: usize, name: &str) -> Value {
    let column = table.columns.iter().position(|it| it.name == name).unwrap();
    content.columns[column].as_ref().unwrap().value(row).clone()
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

#[test]
fn a_row_says_what_the_message_says_and_nothing_where_it_is_not_known() {
    let table = table("software_packages");
    let mut filling = Filling::new(table, u64::MAX);
    filling.about("pc", "id");
    let package = Package {
        name: "openssl".to_owned(),
        epoch: Some(0),
        size_bytes: Some(u64::MAX),
        source: v1::software::package::Source::Dpkg.into(),
        installed_at: Some(Timestamp {
            seconds: 1_700_000_000,
            nanos: 5,
        }),
        ..Package::default()
    };
    filling.add(&package.encode_to_vec()).unwrap();
    // What is there but empty is not known either.
    filling.add(&[0x0a, 0x00]).unwrap();
    let content = filling.settled();
    assert_eq!(content.rows, 2);
    let value = |row, name| shown(table, &content, row, name);
    assert_eq!(value(0, "computer"), text("pc"));
    assert_eq!(value(0, "name"), text("openssl"));
    assert_eq!(value(0, "version"), Value::Null);
    assert_eq!(value(0, "epoch"), Value::Integer(0));
    assert_eq!(value(0, "size_bytes"), Value::Integer(i64::MAX));
    assert_eq!(value(0, "source"), text("DPKG"));
    assert_eq!(value(0, "installed_at"), text("2023-11-14T22:13:20Z"));
    assert_eq!(value(0, "system_component"), Value::Integer(0));
    assert_eq!(value(1, "name"), Value::Null);
    assert_eq!(value(1, "epoch"), Value::Null);
}

#[test]
fn a_fact_of_a_computer_that_is_not_known_is_null_and_not_that_of_the_computer_before() {
    let table = table("computers");
    let column = table.columns.iter().position(|it| it.name == "system");
    let column = column.unwrap();
    let mut filling = Filling::new(table, u64::MAX);
    for (fact, at) in [("Debian 12", 9000), ("", 0)] {
        filling.set(column, fact);
        filling.set_time(column + 1, at);
        filling.add(&[]).unwrap();
    }
    let content = filling.settled();
    assert_eq!(shown(table, &content, 0, "system"), text("Debian 12"));
    assert_eq!(shown(table, &content, 1, "system"), Value::Null);
    let times = content.columns[column + 1].as_ref().unwrap();
    assert_eq!(*times.value(0), text("1970-01-01T00:00:09Z"));
    assert_eq!(*times.value(1), Value::Null);
}

#[test]
fn what_is_in_a_message_has_its_columns_and_lists_are_lists() {
    let table = table("accounts_privileges");
    let mut filling = Filling::new(table, u64::MAX);
    let privilege = Privilege {
        path: vec!["group \"wheel\"".to_owned(), "sudoers".to_owned()],
        ..Privilege::default()
    };
    filling.add(&privilege.encode_to_vec()).unwrap();
    filling.add(&Privilege::default().encode_to_vec()).unwrap();
    let content = filling.settled();
    let value = |row, name| shown(table, &content, row, name);
    assert_eq!(
        value(0, "path"),
        text("[\"group \\\"wheel\\\"\",\"sudoers\"]")
    );
    assert_eq!(value(1, "path"), text("[]"));
    let system = tables().iter().find(|it| it.name == "system").unwrap();
    let mut filling = Filling::new(system, u64::MAX);
    let message = v1::System {
        operating_system: Some(v1::OperatingSystem {
            name: "Debian".to_owned(),
            ..v1::OperatingSystem::default()
        }),
        ..v1::System::default()
    };
    filling.add(&message.encode_to_vec()).unwrap();
    let content = filling.settled();
    assert_eq!(
        shown(system, &content, 0, "operating_system_name"),
        text("Debian")
    );
}

#[test]
fn columns_that_nobody_reads_take_nothing() {
    let table = table("software_packages");
    let mut filling = Filling::new(table, 0);
    let package = Package {
        name: "x".repeat(1000),
        ..Package::default()
    };
    for _ in 0..1000 {
        filling.add(&package.encode_to_vec()).unwrap();
    }
    assert!(filling.size() < 10_000);
    assert_eq!(filling.settled().rows, 1000);
}

#[test]
fn what_is_no_message_is_refused_wherever_it_ends() {
    let table = table("software_packages");
    let package = Package {
        name: "openssl".to_owned(),
        installed_at: Some(Timestamp::default()),
        size_bytes: Some(300),
        ..Package::default()
    };
    let bytes = package.encode_to_vec();
    for length in 1..bytes.len() {
        let mut filling = Filling::new(table, u64::MAX);
        let _ = filling.add(&bytes[..length]);
    }
    for bytes in [&[0x0a][..], &[0x0a, 0xff], &[0xff; 20], &[0x07, 0x01]] {
        let mut filling = Filling::new(table, u64::MAX);
        assert_eq!(filling.add(bytes), Err(Damaged));
    }
}
