//! The virtual table, through SQLite.

use super::*;
use crate::question::{schema::tables, worker::filling::Filling};
use freehold_proto::v1::services::ListeningSocket;
use prost::Message as _;

/// Sockets (computer, program, port) as a table of a connection.
fn connection(sockets: &[(&str, &str, u32)]) -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    let table = tables()
        .iter()
        .find(|table| table.name == "services_listening_sockets");
    let shelf = Shelf::new(table.unwrap(), &Arc::default());
    let mut filling = Filling::new(shelf.table, u64::MAX);
    for (computer, program, port) in sockets {
        filling.about(computer, "id");
        let socket = ListeningSocket {
            program: (*program).to_owned(),
            port: *port,
            ..ListeningSocket::default()
        };
        filling.add(&socket.encode_to_vec()).unwrap();
    }
    shelf.content.set(filling.settled()).unwrap();
    shelf.join(&connection).unwrap();
    connection
}

fn answer(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).unwrap();
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| {
        let cells = (0..columns).map(|column| match row.get_ref_unwrap(column) {
            ValueRef::Null => "-".to_owned(),
            ValueRef::Integer(value) => value.to_string(),
            ValueRef::Text(text) => String::from_utf8(text.to_vec()).unwrap(),
            other => format!("{other:?}"),
        });
        Ok(cells.collect::<Vec<_>>().join(" "))
    });
    rows.unwrap().map(Result::unwrap).collect()
}

fn sockets() -> Connection {
    connection(&[
        ("b", "sshd", 22),
        ("a", "sshd", 22),
        ("a", "nginx", 443),
        ("c", "", 9),
        ("c", "nginx", 80),
    ])
}

const TABLE: &str = "services_listening_sockets";

#[test]
fn what_is_found_by_a_value_is_what_a_scan_finds() {
    let connection = sockets();
    for (condition, found) in [
        ("program = 'nginx'", "443,80"),
        ("+program = 'nginx'", "443,80"),
        ("program = 'NGINX'", "-"),
        ("program = 'NGINX' COLLATE NOCASE", "443,80"),
        ("program IN ('nginx', 'sshd') AND computer = 'a'", "22,443"),
        ("program = NULL", "-"),
        ("program IS NULL", "9"),
        ("port = 22", "22,22"),
        ("port = '22'", "22,22"),
        ("port = 22.0", "22,22"),
        ("port = 'x'", "-"),
        ("port > 80", "443"),
        ("program = 22", "-"),
        ("program = x'00'", "-"),
        ("rowid = 2", "443"),
    ] {
        let sql = format!(
            "SELECT group_concat(port) FROM (SELECT port FROM {TABLE} WHERE {condition} ORDER BY port || '')"
        );
        assert_eq!(answer(&connection, &sql), [found], "{condition}");
    }
}

#[test]
fn rows_come_in_the_order_that_is_asked_for() {
    let connection = sockets();
    let ordered = |order: &str| {
        let sql = format!("SELECT computer, program, port FROM {TABLE} ORDER BY {order}");
        answer(&connection, &sql)
    };
    assert_eq!(
        ordered("program DESC, computer"),
        [
            "a sshd 22",
            "b sshd 22",
            "a nginx 443",
            "c nginx 80",
            "c - 9"
        ]
    );
    assert_eq!(ordered("port")[0], "c - 9");
    assert_eq!(ordered("port DESC")[0], "a nginx 443");
    assert_eq!(ordered("program")[0], "c - 9");
    assert_eq!(ordered("length(program) DESC, 1")[0], "a nginx 443");
    assert_eq!(ordered("rowid DESC")[0], "c nginx 80");
    let sql = format!("SELECT program, count(*) FROM {TABLE} GROUP BY program");
    assert_eq!(answer(&connection, &sql), ["- 1", "nginx 2", "sshd 2"]);
    let sql = format!("SELECT DISTINCT computer FROM {TABLE} ORDER BY computer DESC");
    assert_eq!(answer(&connection, &sql), ["c", "b", "a"]);
}

#[test]
fn a_join_meets_every_pair() {
    let connection = sockets();
    let sql = format!(
        "SELECT one.computer, two.computer FROM {TABLE} AS one JOIN {TABLE} AS two ON two.port = one.port              WHERE one.computer < two.computer"
    );
    assert_eq!(answer(&connection, &sql), ["a b"]);
    let sql = format!("SELECT count(*) FROM {TABLE}");
    assert_eq!(answer(&connection, &sql), ["5"]);
}

#[test]
fn a_column_that_was_not_brought_is_a_fault_and_never_nothing() {
    let connection = Connection::open_in_memory().unwrap();
    let shelf = Shelf::new(&tables()[0], &Arc::default());
    let mut filling = Filling::new(shelf.table, 1);
    filling.about("pc", "id");
    filling.add(&[]).unwrap();
    shelf.content.set(filling.settled()).unwrap();
    shelf.join(&connection).unwrap();
    let read = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, Option<String>>(0));
    assert_eq!(
        read("SELECT computer FROM computers").unwrap().unwrap(),
        "pc"
    );
    assert!(read("SELECT state FROM computers").is_err());
    assert!(read("SELECT computer FROM computers WHERE state = 'x'").is_err());
}
