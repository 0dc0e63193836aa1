//! Databases, and what they make of the machine.

use freehold_proto::v1::services::Database;

use super::*;

fn told_of(section: &Services) -> Vec<(&str, &str, &str, State)> {
    let databases = section.databases.iter();
    databases
        .map(|it| {
            (
                it.product.as_str(),
                it.version.as_str(),
                it.data_path.as_str(),
                it.running(),
            )
        })
        .collect()
}

/// In Debian 10 a service and the program of the one have names of the other.
#[test]
fn one_database_with_names_of_two_products_is_told_once() {
    let unit = "[Service]\nExecStart=/usr/sbin/mysqld\n[Install]\nWantedBy=multi-user.target\nAlias=mysql.service\n";
    let tree = Tree::new(&[
        ("/lib/systemd/system/mariadb.service", unit),
        ("/etc/init.d/mysql", "#!/bin/sh\n"),
        ("/var/lib/mysql/ibdata1", ""),
    ]);
    tree.process(1, "/usr/lib/systemd/systemd", "/init.scope", &[]);
    tree.process(50, "/usr/sbin/mysqld", "/system.slice/mariadb.service", &[]);
    tree.link("/proc/50/cwd", "/var/lib/mysql");
    assert_eq!(
        told_of(&tree.read(true)),
        [("MariaDB", "", "/var/lib/mysql", State::On)]
    );
}

#[test]
fn a_package_of_another_version_says_nothing_about_the_data() {
    let status = "Package: mariadb-server\nStatus: install ok installed\nArchitecture: all\nVersion: 1:10.11.6-0+deb12u1\n\n";
    for (data, version) in [("10.11.3-MariaDB", "10.11.6"), ("9.9.3-MariaDB", "9.9.3")] {
        let tree = Tree::new(&[
            (
                "/lib/systemd/system/mariadb.service",
                "[Service]\nExecStart=/usr/sbin/mariadbd\n",
            ),
            ("/var/lib/dpkg/status", status),
            ("/var/lib/dpkg/info/mariadb-server.list", ""),
            ("/var/lib/mysql/mysql_upgrade_info", data),
        ]);
        let section = tree.read(false);
        assert_eq!(section.databases[0].version, version, "{data}");
    }
}

#[test]
fn a_process_that_may_belong_to_any_instance_leaves_it_open_which_run() {
    let clusters = [
        (
            "/etc/postgresql/15/main/postgresql.conf",
            "data_directory = '/srv/a'\n",
        ),
        (
            "/etc/postgresql/15/other/postgresql.conf",
            "data_directory = '/srv/b'\n",
        ),
    ];
    let tree = Tree::new(&clusters);
    tree.process(1, "/usr/lib/systemd/systemd", "/init.scope", &[]);
    tree.process(70, "/usr/lib/postgresql/15/bin/postgres", "/", &[]);
    let states = |tree: &Tree| {
        let section = tree.read(true);
        let states: Vec<_> = section.databases.iter().map(Database::running).collect();
        states
    };
    assert_eq!(states(&tree), [State::Unknown, State::Unknown]);
    // Where it works tells which one it is.
    tree.link("/proc/70/cwd", "/srv/b");
    assert_eq!(states(&tree), [State::Off, State::On]);
}

#[test]
fn a_port_alone_makes_no_server_of_a_machine() {
    let mut tree = Tree::new(&[]);
    tree.process(1, "/usr/lib/systemd/systemd", "/init.scope", &[]);
    tree.socket("tcp", [0, 0, 0, 0], 25, 77);
    assert_eq!(tree.read(true).roles.len(), 0);
    tree.process(60, "/usr/lib/postfix/sbin/master", "/", &[]);
    let roles = tree.read(true).roles;
    assert_eq!(roles.len(), 1, "{roles:?}");
}
