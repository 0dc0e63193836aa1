//! Hostile and broken input: never a hang, never a crash, never a silent gap.

use std::time::{Duration, Instant};

use freehold_proto::v1::section::Status;
use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::*;

const PATIENCE: Duration = Duration::from_secs(20);

fn reasons(section: &Services) -> String {
    let each = section.diagnostics.iter();
    let lines: Vec<String> = each
        .map(|it| format!("{}: {}", it.source, it.reason))
        .collect();
    lines.join("\n")
}

#[test]
fn broken_units_are_named_and_the_rest_is_read() {
    let tree = Tree::new(&[
        (
            "/etc/systemd/system/good.service",
            "[Unit]\nDescription=Good\n[Service]\nExecStart=/bin/good\n",
        ),
        ("/etc/systemd/system/folder.service/x", ""),
        ("/proc/1/comm", "systemd\n"),
        ("/proc/net/tcp", ""),
    ]);
    let path = |name: &str| tree.path().join("etc/systemd/system").join(name);
    let pipe = path("pipe.service");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::from_raw_mode(0o644), 0).unwrap();
    tree.link("/etc/systemd/system/loop.service", "loop.service");
    tree.link("/etc/systemd/system/a.service", "b.service");
    tree.link("/etc/systemd/system/b.service", "a.service");
    std::fs::write(path("latin.service"), b"[Unit]\nDescription=M\xfcller\n").unwrap();
    let huge = std::fs::File::create(path("huge.service")).unwrap();
    huge.set_len(1 << 30).unwrap();

    let began = Instant::now();
    let section = read(&tree.root, Some(Live::read(&tree.root)));
    assert!(began.elapsed() < PATIENCE);
    assert_eq!(section.status(), Status::Partial);
    let reasons = reasons(&section);
    for name in ["folder", "pipe", "loop", "huge"] {
        assert!(
            reasons.contains(&format!("/{name}.service: ")),
            "{name}: {reasons}"
        );
    }
    let good = section
        .services
        .iter()
        .find(|it| it.name == "good.service")
        .unwrap();
    assert_eq!(
        (good.display_name.as_str(), good.program.as_str()),
        ("Good", "/bin/good")
    );
    let latin = section
        .services
        .iter()
        .find(|it| it.name == "latin.service")
        .unwrap();
    assert_eq!(latin.display_name, "M\u{fffd}ller");
}

#[test]
fn configuration_that_includes_itself_comes_to_an_end() {
    let tree = Tree::new(&[
        (
            "/lib/systemd/system/smbd.service",
            "[Service]\nExecStart=/usr/sbin/smbd\n",
        ),
        (
            "/lib/systemd/system/mariadb.service",
            "[Service]\nExecStart=/usr/sbin/mariadbd\n",
        ),
        (
            "/etc/samba/smb.conf",
            "[a]\npath=/a\ninclude = /etc/samba/smb.conf\ninclude = /etc/samba/smb.conf\ninclude = /etc/samba/%m.conf\n",
        ),
        (
            "/etc/mysql/my.cnf",
            "[mysqld]\ndatadir=/srv/db\n!include /etc/mysql/my.cnf\n!includedir /etc/mysql\n",
        ),
    ]);
    let began = Instant::now();
    let section = tree.read(false);
    assert!(began.elapsed() < PATIENCE);
    assert_eq!(section.file_shares.len(), 1);
    assert_eq!(section.databases[0].data_path, "/srv/db");
    let reasons = reasons(&section);
    assert!(
        reasons.contains("/etc/samba/smb.conf: includes too many files"),
        "{reasons}"
    );
    assert!(reasons.contains("depending on who asks"), "{reasons}");
    assert!(
        reasons.contains("/etc/mysql/my.cnf: includes too many files"),
        "{reasons}"
    );
}

#[test]
fn thousands_of_sockets_are_listed_up_to_the_limit_and_the_cut_is_told() {
    let mut tree = Tree::new(&[("/proc/1/comm", "systemd\n")]);
    for address in 0..=(ITEMS as u32 / 1000) {
        for port in 1..=1000 {
            let [_, b, c, d] = address.to_be_bytes();
            tree.socket(
                "tcp",
                [10, b, c, d],
                port,
                u64::from(address) * 1000 + u64::from(port),
            );
        }
    }
    let began = Instant::now();
    let section = tree.read(true);
    assert!(began.elapsed() < PATIENCE);
    assert_eq!(section.listening_sockets.len(), ITEMS);
    assert!(
        reasons(&section).contains("21000 listening sockets"),
        "{}",
        reasons(&section)
    );
}

#[test]
fn listening_sockets_are_found_without_reading_every_connection() {
    let mut tree = Tree::new(&[("/proc/1/comm", "systemd\n")]);
    tree.socket("tcp", [0; 4], 22, 1);
    let established =
        "   1: 0100007F:0016 0100007F:9999 01 00000000:00000000 00:00000000 00000000 0 0 2 1\n";
    tree.tables[0].push_str(&established.repeat(3000));
    let mut late = Tree::new(&[]);
    late.socket("tcp", [0; 4], 23, 3);
    tree.tables[0].push_str(&late.tables[0]);
    let ports: Vec<_> = tree
        .read(true)
        .listening_sockets
        .iter()
        .map(|it| it.port)
        .collect();
    assert_eq!(ports, [22]);
}

#[test]
fn a_name_server_is_told_without_the_ports_it_asks_from() {
    let mut tree = Tree::new(&[("/proc/1/comm", "systemd\n")]);
    tree.process(
        80,
        "/usr/sbin/unbound",
        "/system.slice/unbound.service",
        &[1, 2, 3],
    );
    tree.socket("udp", [0; 4], 53, 1);
    tree.socket("udp", [0; 4], 61_234, 2);
    tree.socket("tcp", [0; 4], 8953, 3);
    let section = tree.read(true);
    let ports: Vec<_> = section.listening_sockets.iter().map(|it| it.port).collect();
    assert_eq!(ports, [8953, 53]);
    assert_eq!(
        section.roles[0].description,
        "DNS server (Unbound) on port 53"
    );
}

#[test]
fn a_process_that_vanishes_while_it_is_read_is_passed_over() {
    let mut tree = Tree::new(&[("/proc/1/comm", "systemd\n"), ("/proc/77/cgroup", "0::/\n")]);
    tree.socket("tcp", [0; 4], 22, 5);
    // Its program could be read, its open files not any more.
    tree.link("/proc/78/exe", "/usr/sbin/sshd");
    let section = tree.read(true);
    assert_eq!(section.status(), Status::Complete, "{}", reasons(&section));
    assert_eq!(section.listening_sockets[0].program, "");
}
