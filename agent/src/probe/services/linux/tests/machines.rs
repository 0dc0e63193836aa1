//! Whole machines.

use super::*;

const PASSWD: &str =
    "root:x:0:0:root:/root:/bin/bash\npostgres:x:105:113::/var/lib/postgresql:/bin/bash\n";
const STATUS: &str = "Package: postgresql-15\nStatus: install ok installed\nArchitecture: amd64\nVersion: 15.18-0+deb12u1\n\n";
const SMB: &str = "[global]\n workgroup = OFFICE\n include = /etc/samba/shares.conf\n[homes]\n browseable = no\n[printers]\n path = /var/tmp\n printable = yes\n[print$]\n path = /var/lib/samba/printers\n";

/// Files of a server of an office on Debian 12: PostgreSQL, Samba, nginx.
const SERVER: &[(&str, &str)] = &[
    ("/etc/passwd", PASSWD),
    ("/var/lib/dpkg/status", STATUS),
    ("/var/lib/dpkg/info/postgresql-15.list", ""),
    ("/run/systemd/system/.keep", ""),
    (
        "/lib/systemd/system/nginx.service",
        "[Unit]\nDescription=A high performance web server\n[Service]\nType=forking\nExecStart=/usr/sbin/nginx -g 'daemon on;'\n[Install]\nWantedBy=multi-user.target\n",
    ),
    (
        "/lib/systemd/system/smbd.service",
        "[Unit]\nDescription=Samba SMB Daemon\n[Service]\nType=notify\nExecStart=/usr/sbin/smbd --foreground $SMBDOPTIONS\n[Install]\nWantedBy=multi-user.target\nAlias=smb.service\n",
    ),
    (
        "/lib/systemd/system/postgresql@.service",
        "[Unit]\nDescription=PostgreSQL Cluster %i\n[Service]\nType=forking\nExecStart=-/usr/bin/pg_ctlcluster --skip-systemctl-redirect %i start\n[Install]\nWantedBy=multi-user.target\n",
    ),
    (
        "/lib/systemd/system/postgresql.service",
        "[Unit]\nDescription=PostgreSQL RDBMS\n[Service]\nType=oneshot\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n",
    ),
    ("/lib/systemd/system/user@.service", "[Service]\nUser=%i\n"),
    (
        "/lib/systemd/system/telnet.service",
        "[Service]\nExecStart=/usr/sbin/telnetd\n",
    ),
    (
        "/lib/systemd/system/backup.service",
        "[Service]\nType=oneshot\nExecStart=/usr/local/bin/backup --key secret\n",
    ),
    (
        "/etc/systemd/system/backup.service.d/account.conf",
        "[Service]\nUser=backup\n",
    ),
    (
        "/lib/systemd/system/backup.timer",
        "[Timer]\nOnCalendar=daily\n",
    ),
    (
        "/lib/systemd/system/unused.timer",
        "[Timer]\nOnCalendar=daily\n",
    ),
    ("/etc/init.d/smbd", "#!/bin/sh\n"),
    (
        "/etc/init.d/legacy",
        "#!/bin/sh\n# Short-Description: Something old\n",
    ),
    (
        "/etc/postgresql/15/main/postgresql.conf",
        "data_directory = '/srv/pg'\t# where\nport = 5432\n",
    ),
    ("/etc/samba/smb.conf", SMB),
    (
        "/etc/samba/shares.conf",
        "[Patienten]\n path = /srv/patienten\n[Scans]\n path = /srv/scans\n[Old]\n path = /srv/old\n available = no\n",
    ),
    (
        "/etc/cron.d/certbot",
        "SHELL=/bin/sh\n0 */12 * * * root certbot -q renew --token secret\n",
    ),
    ("/etc/cron.daily/logrotate", "#!/bin/sh\n"),
    (
        "/var/spool/cron/crontabs/anna",
        "# m h\n0 3 * * 1 rsync secret\n",
    ),
];

fn server() -> Tree {
    let mut tree = Tree::new(SERVER);
    tree.link("/etc/systemd/system/telnet.service", "/dev/null");
    tree.link(
        "/etc/systemd/system/smb.service",
        "/lib/systemd/system/smbd.service",
    );
    tree.link(
        "/etc/systemd/system/timers.target.wants/backup.timer",
        "/lib/systemd/system/backup.timer",
    );
    tree.link(
        "/run/systemd/generator/postgresql.service.wants/postgresql@15-main.service",
        "/lib/systemd/system/postgresql@.service",
    );
    tree.link("/etc/rc2.d/S01legacy", "../init.d/legacy");
    tree.enable("nginx.service");
    tree.enable("postgresql.service");
    tree.enable("smb.service");
    tree.process(1, "/usr/lib/systemd/systemd", "/init.scope", &[11]);
    tree.process(
        400,
        "/usr/sbin/nginx",
        "/system.slice/nginx.service",
        &[11, 12, 13],
    );
    tree.process(
        401,
        "/usr/sbin/nginx (deleted)",
        "/system.slice/nginx.service",
        &[11, 12, 13],
    );
    tree.process(
        500,
        "/usr/lib/postgresql/15/bin/postgres",
        "/system.slice/system-postgresql.slice/postgresql@15-main.service",
        &[14, 15, 30],
    );
    tree.link("/proc/500/cwd", "/srv/pg");
    tree.process(600, "/usr/sbin/smbd", "/system.slice/smbd.service", &[16]);
    tree.process(
        700,
        "/usr/bin/bash",
        "/user.slice/user-1000.slice/user@1000.service/app.slice/x.scope",
        &[],
    );
    for (table, address, port, inode) in [
        ("tcp", [0, 0, 0, 0], 80, 11),
        ("tcp6", [0; 4], 80, 12),
        ("tcp", [0, 0, 0, 0], 443, 13),
        ("tcp", [0, 0, 0, 0], 5432, 14),
        ("tcp", [0, 0, 0, 0], 445, 16),
        // A session's forwarding, and a question on its way: neither lasts.
        ("tcp", [127, 0, 0, 1], 40_123, 17),
        ("udp", [0, 0, 0, 0], 45_000, 18),
        // WireGuard, in the kernel.
        ("udp", [0, 0, 0, 0], 51_820, 0),
    ] {
        tree.socket(table, address, port, inode);
    }
    tree
}

#[test]
fn a_server_with_postgresql_samba_and_nginx() {
    let section = server().read(true);
    let text = told(&section);
    assert!(!text.contains("secret"), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn the_same_server_as_a_disk_that_does_not_run() {
    let section = server().read(false);
    assert!(section.listening_sockets.is_empty());
    insta::assert_snapshot!(told(&section));
}

#[test]
fn a_container_without_systemd() {
    let mut tree = Tree::new(&[
        (
            "/etc/passwd",
            "root:x:0:0::/root:/bin/sh\nredis:x:999:999::/:/bin/sh\n",
        ),
        // The package brings its unit, which nothing here starts.
        (
            "/usr/lib/systemd/system/redis-server.service",
            "[Unit]\nDescription=Advanced key-value store\n[Service]\nExecStart=/usr/bin/redis-server /etc/redis/redis.conf\nUser=redis\n[Install]\nWantedBy=multi-user.target\n",
        ),
        (
            "/etc/redis/redis.conf",
            "# bind\nport 6379\ndir /var/lib/redis\n",
        ),
    ]);
    tree.process(1, "/usr/bin/redis-check-rdb", "/", &[21]);
    tree.link("/proc/1/cwd", "/data");
    tree.write("/proc/1/comm", "redis-server\n");
    tree.socket("tcp", [0, 0, 0, 0], 6379, 21);
    insta::assert_snapshot!(told(&tree.read(true)));
}

#[test]
fn a_database_in_a_container_is_told_without_the_hosts_folders() {
    let tree = Tree::new(SERVER);
    tree.process(1, "/usr/lib/systemd/systemd", "/init.scope", &[]);
    let group = "/system.slice/docker-3f2a.scope";
    tree.process(900, "/usr/lib/postgresql/17/bin/postgres", group, &[]);
    tree.link("/proc/900/cwd", "/srv/pg");
    let databases = tree.read(true).databases;
    let told: Vec<_> = databases
        .iter()
        .map(|it| {
            (
                it.instance.as_str(),
                it.version.as_str(),
                it.data_path.as_str(),
                it.running(),
            )
        })
        .collect();
    let expected = [
        ("15/main", "15.18", "/srv/pg", State::Off),
        ("in a container", "", "", State::On),
    ];
    assert_eq!(told, expected);
}

#[test]
fn nothing_at_all_is_unreadable_and_no_empty_success() {
    let tree = Tree::new(&[]);
    let section = read(&tree.root, Some(Live::read(&tree.root)));
    assert_eq!(
        section.status(),
        freehold_proto::v1::section::Status::Unreadable
    );
    assert!(!section.diagnostics.is_empty());
}

#[test]
fn services_of_openrc_are_told_with_their_runlevel() {
    let tree = Tree::new(&[
        (
            "/etc/init.d/sshd",
            "#!/sbin/openrc-run\ndescription=\"OpenBSD Secure Shell server\"\n",
        ),
        ("/etc/init.d/chronyd", "#!/sbin/openrc-run\n"),
        ("/etc/init.d/functions.sh", "#!/bin/sh\n"),
        ("/run/openrc/started/sshd", ""),
        ("/proc/1/comm", "init\n"),
        ("/proc/net/tcp", ""),
    ]);
    tree.link("/etc/runlevels/default/sshd", "/etc/init.d/sshd");
    let section = read(&tree.root, Some(Live::read(&tree.root)));
    let services: Vec<_> = section
        .services
        .iter()
        .map(|it| (it.name.as_str(), it.start(), it.running()))
        .collect();
    let expected = [
        ("chronyd", StartKind::Manual, State::Off),
        ("sshd", StartKind::Automatic, State::On),
    ];
    assert_eq!(services, expected);
}

#[test]
fn an_nfs_server_shares_what_its_exports_say() {
    let mut tree = Tree::new(&[
        (
            "/lib/systemd/system/nfs-server.service",
            "[Service]\nType=oneshot\nExecStart=/usr/sbin/rpc.nfsd\n[Install]\nWantedBy=multi-user.target\n",
        ),
        ("/etc/exports", "/srv/data 192.0.2.0/24(rw)\n"),
        ("/etc/exports.d/more.exports", "\"/srv/my files\" *(ro)\n"),
        ("/proc/1/comm", "systemd\n"),
    ]);
    tree.enable("nfs-server.service");
    tree.socket("tcp", [0, 0, 0, 0], 2049, 0);
    let section = tree.read(true);
    let names: Vec<_> = section
        .file_shares
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    assert_eq!(names, ["/srv/data", "/srv/my files"]);
    assert_eq!(section.roles[0].description, "file server for 2 shares");
}
