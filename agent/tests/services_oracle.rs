//! Services, sockets and databases against the programs that people would check them with, on the machine
//! the test runs on, with real servers that the tests start.
//!
//! Differences that are meant, each for a reason:
//! - `ss` lists UDP sockets on ports that the system hands out, and TCP sockets on such ports that only
//!   this machine can reach: they come and go by themselves, so the probe leaves them out.
//! - `ss` names the adapter that a socket is bound to and lists each of several sockets with one address;
//!   the probe tells the address once.
//! - `systemctl` lists templates, aliases and units that are masked without there being one; the probe
//!   tells services, and instances by their own names.
//! - `systemctl` calls "disabled" and "static" what starts on demand; the probe tells "disabled" of masked
//!   units only. Static units that a target of the system wants are told as automatic.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{TcpListener, UdpSocket},
    os::unix::{fs::symlink, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU16, Ordering},
    time::{Duration, Instant},
};

use freehold_agent::probe::{self, Root};
use freehold_proto::v1::{
    Services,
    section::Kind,
    services::{Database, ListeningSocket, service::StartKind},
    toggle::State,
};

const PATIENCE: Duration = Duration::from_secs(30);

fn services() -> Services {
    let collected = probe::collect(Kind::Services, &Root::live()).unwrap();
    prost::Message::decode(collected.body.as_slice()).unwrap()
}

/// Lines that a program prints; `None`, with a message, where it is not installed.
fn lines(program: &str, arguments: &[&str]) -> Option<Vec<String>> {
    let Ok(output) = Command::new(program)
        .args(arguments)
        .env("LC_ALL", "C")
        .output()
    else {
        eprintln!("NOT TESTED: {program} is not installed, so nothing is compared with it");
        return None;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Some(text.lines().map(str::to_owned).collect())
}

/// A server of the test, ended with it.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    // Below the ports that the system hands out, which the probe does not tell of this machine alone.
    static NEXT: AtomicU16 = AtomicU16::new(20_000);
    std::iter::repeat_with(|| NEXT.fetch_add(1, Ordering::Relaxed))
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .unwrap()
}

/// Waits until a socket on a port is told.
fn socket_on(port: u16) -> (Services, ListeningSocket) {
    let began = Instant::now();
    loop {
        let section = services();
        let mut sockets = section.listening_sockets.iter();
        if let Some(found) = sockets.find(|socket| socket.port == u32::from(port)) {
            let found = found.clone();
            return (section, found);
        }
        assert!(began.elapsed() < PATIENCE, "nothing listens on {port}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn database_in<'a>(section: &'a Services, folder: &Path) -> &'a Database {
    let folder = folder.canonicalize().unwrap();
    let mut all = section.databases.iter();
    all.find(|it| Path::new(&it.data_path) == folder)
        .unwrap_or_else(|| {
            panic!(
                "no database in {}: {:?}",
                folder.display(),
                section.databases
            )
        })
}

/// Version of an installed package, without what the distribution added.
fn package_version(name: &str) -> Option<String> {
    let output = lines(
        "dpkg-query",
        &["-W", "-f", "${db:Status-Status} ${Version}\n", name],
    )?;
    let version = output.first()?.strip_prefix("installed ")?;
    let version = version
        .split_once(':')
        .map_or(version, |(_, version)| version);
    Some(version.split(['-', '+', '~']).next()?.to_owned())
}

#[test]
fn sockets_agree_with_ss() {
    // Something must be there to compare.
    let port = free_port();
    let _tcp = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let _udp = UdpSocket::bind(("127.0.0.1", port)).unwrap();
    let Some(theirs) = lines("ss", &["-Hlntu"]) else {
        return;
    };
    let (section, _) = socket_on(port);
    let told = |socket: &ListeningSocket| {
        format!("{} {} {}", socket.protocol, socket.address, socket.port)
    };
    let ours: BTreeSet<String> = section.listening_sockets.iter().map(told).collect();
    let theirs: BTreeSet<String> = theirs.iter().filter_map(|line| of_ss(line)).collect();
    assert!(theirs.contains(&format!("tcp 127.0.0.1 {port}")));
    // Other tests start and end servers meanwhile: only what is in all three looks counts.
    let again = lines("ss", &["-Hlntu"]).unwrap();
    let again: BTreeSet<String> = again.iter().filter_map(|line| of_ss(line)).collect();
    let missing: Vec<_> = theirs
        .intersection(&again)
        .filter(|it| !ours.contains(*it))
        .collect();
    assert!(missing.is_empty(), "missing: {missing:?}");
    let section = services();
    let once_more: BTreeSet<String> = section.listening_sockets.iter().map(told).collect();
    let invented: Vec<_> = ours
        .intersection(&once_more)
        .filter(|it| !again.contains(*it))
        .collect();
    assert!(invented.is_empty(), "invented: {invented:?}");
}

/// "tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:*", unless the probe leaves it out.
fn of_ss(line: &str) -> Option<String> {
    const HANDED_OUT: std::ops::RangeInclusive<u16> = 32_768..=60_999;
    let fields: Vec<&str> = line.split_whitespace().collect();
    let (address, port) = fields.get(4)?.rsplit_once(':')?;
    let port: u16 = port.parse().ok()?;
    let address = address.trim_matches(['[', ']']);
    let address = address.split('%').next()?.trim_end_matches(']');
    let address = if address == "*" { "::" } else { address };
    let address = address.strip_prefix("::ffff:").unwrap_or(address);
    let private = address == "::1" || address.starts_with("127.");
    if HANDED_OUT.contains(&port) && (fields[0] == "udp" || private) {
        return None;
    }
    Some(format!("{} {address} {port}", fields[0]))
}

#[test]
fn a_socket_is_told_with_its_program() {
    let port = free_port();
    let _socket = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let (_, socket) = socket_on(port);
    let this = std::env::current_exe().unwrap();
    assert_eq!(Path::new(&socket.program), this);
    assert_eq!(
        (socket.protocol.as_str(), socket.address.as_str()),
        ("tcp", "127.0.0.1")
    );
}

#[test]
fn services_agree_with_systemctl() {
    let options = [
        "--root=/",
        "list-unit-files",
        "--type=service",
        "--no-pager",
        "--no-legend",
    ];
    let Some(output) = lines("systemctl", &options) else {
        return;
    };
    let states: BTreeMap<&str, &str> = output
        .iter()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            Some((words.next()?, words.next()?))
        })
        .collect();
    if states.is_empty() {
        eprintln!("NOT TESTED: systemctl lists no units here");
        return;
    }
    let section = services();
    let ours: BTreeMap<&str, StartKind> = section
        .services
        .iter()
        .filter(|it| it.source.contains("/systemd/") && !it.name.contains('@'))
        .map(|it| (it.name.as_str(), it.start()))
        .collect();
    for (name, state) in &states {
        let is_service =
            !name.contains("@.") && !matches!(*state, "alias" | "transient" | "generated");
        let Some(start) = ours.get(name) else {
            assert!(
                !is_service || state.starts_with("masked"),
                "{name} ({state}) is missing"
            );
            continue;
        };
        let fitting: &[StartKind] = match *state {
            "enabled" | "enabled-runtime" => &[StartKind::Automatic, StartKind::Manual],
            "disabled" => &[StartKind::Manual],
            "masked" | "masked-runtime" => &[StartKind::Disabled],
            _ => &[StartKind::Manual, StartKind::Automatic],
        };
        assert!(fitting.contains(start), "{name} is {state}, not {start:?}");
    }
    for name in ours.keys() {
        assert!(states.contains_key(name), "{name} was invented");
    }
}

/// Redis' server. Debian packs it as the program that checks its files, which tells by its name what to do.
fn redis() -> Option<(PathBuf, Vec<&'static str>)> {
    let program = ["/usr/bin/redis-server", "/usr/bin/redis-check-rdb"]
        .into_iter()
        .map(PathBuf::from)
        .find(|path| path.exists());
    if program.is_none() {
        eprintln!("NOT TESTED: redis-tools is not installed, so no real Redis is looked at");
    }
    Some((
        program?,
        vec!["--save", "", "--appendonly", "no", "--bind", "127.0.0.1"],
    ))
}

#[test]
fn a_real_redis_is_seen_with_its_socket_and_folder() {
    let Some((program, options)) = redis() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let server = folder.path().join("redis-server");
    symlink(&program, &server).unwrap();
    let port = free_port();
    let _server = Server(
        Command::new(&server)
            .args(options)
            .args(["--port", &port.to_string()])
            .args(["--requirepass", "swordfish"])
            .arg("--dir")
            .arg(folder.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap(),
    );
    let (section, socket) = socket_on(port);
    assert_eq!(Path::new(&socket.program), program.canonicalize().unwrap());
    let database = database_in(&section, folder.path());
    assert_eq!(
        (database.product.as_str(), database.running()),
        ("Redis", State::On)
    );
    if let Some(version) = package_version("redis-server") {
        assert_eq!(database.version, version);
    }
    assert!(
        !format!("{section:?}").contains("swordfish"),
        "an argument was told"
    );
    // It serves this machine only.
    assert!(
        !section
            .roles
            .iter()
            .any(|role| role.description.contains("Redis"))
    );
}

#[test]
fn a_real_postgresql_is_seen_with_its_socket_version_and_folder() {
    let version = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .next();
    let (Some(version), true) = (version, rustix::process::geteuid().is_root()) else {
        eprintln!(
            "NOT TESTED: PostgreSQL is not installed, or the test is not root: no real cluster is looked at"
        );
        return;
    };
    let programs = version.path().join("bin");
    let account = lines("id", &["-u", "postgres"]).and_then(|lines| lines.first()?.parse().ok());
    let Some(account) = account else {
        eprintln!("NOT TESTED: there is no account 'postgres'");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::chown(folder.path(), Some(account), None).unwrap();
    let data = folder.path().join("data");
    let as_postgres = |program: &str| {
        let mut command = Command::new(programs.join(program));
        command
            .uid(account)
            .current_dir("/")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    };
    let made = as_postgres("initdb")
        .args(["-N", "-A", "trust", "-D"])
        .arg(&data)
        .status();
    assert!(made.unwrap().success());
    let port = free_port();
    let _server = Server(
        as_postgres("postgres")
            .args(["-p", &port.to_string(), "-k", "", "-D"])
            .arg(&data)
            .spawn()
            .unwrap(),
    );
    let (section, socket) = socket_on(port);
    assert_eq!(socket.account, "postgres");
    assert!(
        socket.program.ends_with("/bin/postgres"),
        "{}",
        socket.program
    );
    let database = database_in(&section, &data);
    assert_eq!(
        (database.product.as_str(), database.running()),
        ("PostgreSQL", State::On)
    );
    let major = version.file_name().to_string_lossy().into_owned();
    assert_eq!(database.version.split('.').next(), Some(major.as_str()));
    if let Some(version) = package_version(&format!("postgresql-{major}")) {
        assert_eq!(database.version, version);
    }
}

#[test]
#[ignore = "started by the test that needs a process without rights"]
fn child_without_rights() {
    let section = services();
    println!("\nstatus {:?}", section.status());
    for it in &section.diagnostics {
        println!("diagnostic {}: {}", it.source, it.reason);
    }
    for it in &section.listening_sockets {
        println!("socket {} [{}] {}", it.port, it.program, it.account);
    }
}

#[test]
fn without_rights_it_is_said_whose_sockets_are_not_known() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("NOT TESTED: only root can start a process without rights");
        return;
    }
    let port = free_port();
    let _socket = TcpListener::bind(("127.0.0.1", port)).unwrap();
    // Where the test's program lies may be closed to others.
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    let program = folder.path().join("test");
    // Copied by another process: a test that starts a program meanwhile would inherit the open file here,
    // and what is open for writing cannot be run.
    let mut copy = Command::new("cp");
    copy.arg(std::env::current_exe().unwrap()).arg(&program);
    assert!(copy.status().unwrap().success());
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(folder.path(), open).unwrap();
    let output = Command::new(&program)
        .args([
            "--ignored",
            "--nocapture",
            "--exact",
            "child_without_rights",
        ])
        .uid(65_534)
        .gid(65_534)
        .current_dir("/")
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.contains("status Partial"), "{output}");
    assert!(
        output.contains("diagnostic /proc/*/fd: the agent is not allowed"),
        "{output}"
    );
    assert!(
        output.contains(&format!("socket {port} [] root")),
        "{output}"
    );
}
