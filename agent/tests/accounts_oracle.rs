//! The accounts probe against getent, id and sudo, on the machine the tests run on, and without rights.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::Path,
    process::Command,
};

use freehold_agent::probe::{self, Root};
use freehold_proto::v1::{
    Accounts, Diagnostic,
    accounts::privilege::{Mechanism, PrincipalKind},
    section::{Kind, Status},
    toggle::State,
};
use prost::Message as _;

fn accounts(root: &Root) -> Accounts {
    let collected = probe::collect(Kind::Accounts, root).unwrap();
    Accounts::decode(collected.body.as_slice()).unwrap()
}

fn lines(program: &str, arguments: &[&str]) -> Vec<String> {
    let output = Command::new(program)
        .args(arguments)
        .env("LC_ALL", "C")
        .output()
        .unwrap();
    assert!(output.status.success(), "{program} {arguments:?}");
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(str::to_owned)
        .collect()
}

#[test]
fn accounts_are_those_of_getent() {
    let expected: BTreeSet<Vec<String>> = lines("getent", &["-s", "files", "passwd"])
        .iter()
        .map(|line| {
            let fields: Vec<_> = line.split(':').collect();
            [0, 2, 3, 5, 6]
                .map(|index| fields[index].to_owned())
                .to_vec()
        })
        .collect();
    let own: BTreeSet<Vec<String>> = accounts(&Root::live())
        .accounts
        .into_iter()
        .map(|one| vec![one.name, one.id, one.primary_group_id, one.home, one.shell])
        .collect();
    assert_eq!(own, expected);
}

#[test]
fn groups_and_members_are_those_of_getent() {
    let mut expected: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for line in lines("getent", &["-s", "files", "group"]) {
        let fields: Vec<_> = line.split(':').collect();
        let members = fields[3]
            .split(',')
            .filter(|member| !member.is_empty())
            .map(str::to_owned);
        expected.insert((fields[0].into(), fields[2].into()), members.collect());
    }
    for line in lines("getent", &["-s", "files", "passwd"]) {
        let fields: Vec<_> = line.split(':').collect();
        for (_, members) in expected.iter_mut().filter(|((_, gid), _)| gid == fields[3]) {
            members.insert(fields[0].into());
        }
    }
    let own = accounts(&Root::live()).groups.into_iter();
    let own: BTreeMap<_, BTreeSet<_>> = own
        .map(|group| ((group.name, group.id), group.members.into_iter().collect()))
        .collect();
    assert_eq!(own, expected);
}

#[test]
fn whoever_sudo_lets_do_everything_has_full_control() {
    if !Path::new("/usr/bin/sudo").exists() || !rustix::process::geteuid().is_root() {
        eprintln!("NOT TESTED: what sudo allows (needs sudo and root)");
        return;
    }
    let accounts = accounts(&Root::live());
    let full: BTreeSet<_> = accounts
        .privileges
        .iter()
        .filter(|one| one.mechanism() == Mechanism::Sudo && one.full_control() == State::On)
        .filter(|one| one.principal_kind() == PrincipalKind::LocalUser)
        .map(|one| one.principal.as_str())
        .collect();
    for account in &accounts.accounts {
        let output = Command::new("sudo")
            .args(["-n", "-l", "-U", &account.name])
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let allowed = text
            .lines()
            .map(str::trim)
            .any(|line| line.starts_with('(') && line.contains(") ") && line.ends_with("ALL"));
        assert_eq!(
            full.contains(account.name.as_str()),
            allowed,
            "{}: {text}",
            account.name
        );
    }
}

/// Runs commands in a mount namespace of their own, where files of this machine are replaced by those of a
/// directory; `None` where that is not allowed.
fn in_namespace(directory: &Path, replaced: &[&str], script: &str) -> Option<String> {
    let mut commands = String::from("set -e\n");
    for name in replaced {
        writeln!(
            commands,
            "mount --bind {}/{name} /{name}",
            directory.display()
        )
        .unwrap();
    }
    let output = Command::new("unshare")
        .args(["-m", "sh", "-c", &(commands + "set +e\n" + script)])
        .env("LC_ALL", "C")
        .output()
        .ok()?;
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    told.contains("BEGIN").then_some(told)
}

/// Files of a machine with people whom sudo, and only sudo, makes administrators.
fn machine(rules: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let etc = directory.path().join("etc");
    fs::create_dir_all(&etc).unwrap();
    let mut passwd = "root:x:0:0:root:/root:/bin/sh\n".to_owned();
    for (index, name) in PEOPLE.iter().enumerate() {
        let id = 1500 + index;
        writeln!(passwd, "{name}:x:{id}:{id}::/nonexistent:/bin/sh").unwrap();
    }
    let group = "root:x:0:\nops:x:2500:anna,bob\nstaff2:x:1502:\n";
    for (name, text, mode) in [
        ("passwd", passwd.as_str(), 0o644),
        ("group", group, 0o644),
        ("shadow", "root:*:1::::::\n", 0o600),
        ("sudoers", rules, 0o440),
        ("hostname", "web1\n", 0o644),
    ] {
        let path = etc.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }
    directory
}

const PEOPLE: [&str; 4] = ["anna", "bob", "carl", "dora"];

/// Rules, of which the host "web1" means the machine.
const RULES: [&str; 18] = [
    "anna ALL=(ALL:ALL) ALL",
    "%ops ALL=ALL",
    "%ops, !bob ALL=(ALL) ALL",
    "%#1502 ALL=(root) ALL",
    "#1503 ALL=NOPASSWD: ALL",
    "User_Alias T = carl, !dora : U = T, anna\nU ALL=ALL",
    "anna web1=ALL",
    "anna db1=ALL",
    "anna ALL, !web1=ALL",
    "Host_Alias H = web*, !db1\nbob H=ALL",
    "anna ALL=(carl) ALL",
    "anna ALL=(ALL, !root) /bin/ls",
    "carl ALL=ALL\ncarl ALL=!ALL",
    "ALL, !anna ALL=(#0) ALL",
    "Runas_Alias R = root\ndora ALL=(R) ALL",
    "anna ALL=NOTAFTER=2020010100 ALL",
    "bob ALL=NOTAFTER=2999010100 ALL",
    "Cmnd_Alias C = ALL\ndora ALL=C",
];

#[test]
fn whoever_sudo_obeys_under_generated_rules_has_full_control() {
    if !Path::new("/usr/bin/sudo").exists() || !rustix::process::geteuid().is_root() {
        eprintln!("NOT TESTED: sudo on generated rules (needs sudo and root)");
        return;
    }
    let host = lines("hostname", &[]).join("");
    let mut asked = 0;
    for rules in RULES {
        let rules = rules.replace("web1", &host).replace("web*", &host);
        let machine = machine(&format!("{rules}\n"));
        fs::write(machine.path().join("etc/hostname"), &host).unwrap();
        // Whether sudo would run a program as root for someone is what "-l -U USER PROGRAM" answers.
        let ask: Vec<_> = PEOPLE
            .iter()
            .map(|name| {
                format!("sudo -n -l -U {name} /bin/cat >/dev/null 2>&1 && echo YES {name}\n")
            })
            .collect();
        let script = format!("echo BEGIN\n{}", ask.concat());
        let replaced = ["etc/passwd", "etc/group", "etc/sudoers"];
        let Some(told) = in_namespace(machine.path(), &replaced, &script) else {
            eprintln!("NOT TESTED: sudo on generated rules (no mount namespace here)");
            return;
        };
        let expected: BTreeSet<_> = told
            .lines()
            .filter_map(|line| line.strip_prefix("YES "))
            .collect();
        let accounts = accounts(&Root::at(machine.path()));
        let own: BTreeSet<_> = accounts
            .privileges
            .iter()
            .filter(|one| one.mechanism() == Mechanism::Sudo && one.full_control() == State::On)
            .flat_map(|one| holders(&one.principal, one.principal_kind(), &one.conditions))
            .collect();
        assert_eq!(own, expected, "{rules}\n{:?}", accounts.privileges);
        asked += PEOPLE.len();
    }
    assert_eq!(asked, PEOPLE.len() * RULES.len());
}

/// The people of a machine that a principal stands for.
fn holders(principal: &str, kind: PrincipalKind, conditions: &[String]) -> Vec<&'static str> {
    let except = |name: &str| {
        conditions
            .iter()
            .any(|one| *one == format!("except for {name}"))
    };
    match kind {
        PrincipalKind::LocalUser => PEOPLE.into_iter().filter(|one| *one == principal).collect(),
        PrincipalKind::Everyone => PEOPLE.into_iter().filter(|one| !except(one)).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn fingerprints_are_those_of_ssh_keygen() {
    if !Path::new("/usr/bin/ssh-keygen").exists() {
        eprintln!("NOT TESTED: ssh-keygen is not installed");
        return;
    }
    let machine = machine("");
    let home = machine.path().join("root/.ssh");
    fs::create_dir_all(&home).unwrap();
    let mut text = String::new();
    for (kind, bits) in [
        ("ed25519", "256"),
        ("ecdsa", "256"),
        ("ecdsa", "521"),
        ("rsa", "2048"),
    ] {
        let key = home.join(format!("{kind}{bits}"));
        let arguments = [
            "-q",
            "-t",
            kind,
            "-b",
            bits,
            "-N",
            "",
            "-C",
            "a comment",
            "-f",
        ];
        let made = Command::new("ssh-keygen")
            .args(arguments)
            .arg(&key)
            .status()
            .unwrap();
        assert!(made.success());
        text += "no-pty,command=\"x y\" ";
        text += &fs::read_to_string(key.with_extension("pub")).unwrap();
    }
    fs::write(home.join("authorized_keys"), text).unwrap();
    let file = home.join("authorized_keys");
    let expected: Vec<_> = lines("ssh-keygen", &["-l", "-f", file.to_str().unwrap()])
        .iter()
        .map(|line| line.split(' ').nth(1).unwrap().to_owned())
        .collect();
    let keys = accounts(&Root::at(machine.path())).authorized_keys;
    let own: Vec<_> = keys.iter().map(|key| key.fingerprint.clone()).collect();
    assert_eq!((own.len(), own), (4, expected));
}

#[test]
fn states_of_passwords_are_those_of_passwd_and_chage() {
    let machine = machine("");
    let hash = "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7";
    let shadow = format!(
        "root:*:19000:0:99999:7:::\nanna:{hash}:19000:0:99999:7:::\nbob:!{hash}:19000:0:90:7::1:\ncarl::19000:0:99999:7:::\ndora:{hash}:0:0:99999:7:::\n"
    );
    fs::write(machine.path().join("etc/shadow"), shadow).unwrap();
    let script = "echo BEGIN\nfor name in root anna bob carl dora; do passwd -S $name; chage -l $name | sed \"s/^/$name: /\"; done";
    let replaced = ["etc/passwd", "etc/group", "etc/shadow"];
    let Some(told) = in_namespace(machine.path(), &replaced, script) else {
        eprintln!("NOT TESTED: passwd -S and chage -l (no mount namespace here)");
        return;
    };
    let accounts = accounts(&Root::at(machine.path()));
    assert_eq!(accounts.accounts.len(), 5);
    for one in &accounts.accounts {
        let name = &one.name;
        let state = told
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{name} ")))
            .and_then(|rest| rest.split(' ').next())
            .unwrap();
        let expected = match state {
            "L" => (State::On, State::On),
            "NP" => (State::Off, State::Off),
            "P" => (State::Off, State::On),
            other => panic!("{other}: {told}"),
        };
        assert_eq!(
            (one.locked(), one.password_required()),
            expected,
            "{name}: {told}"
        );
        let says = |label: &str| {
            let start = format!("{name}: {label}");
            let mut lines = told.lines().filter(|line| line.starts_with(&start));
            let line = lines.next().unwrap_or_else(|| panic!("{label}: {told}"));
            line.rsplit(": ")
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned()
        };
        let must_change = says("Last password change") == "password must be changed";
        let past = ["bob", "dora"].contains(&name.as_str());
        assert_eq!(
            one.password_expired() == State::On,
            must_change || past,
            "{name}: {told}"
        );
        assert_eq!(
            one.expires_at.is_some(),
            says("Account expires") != "never",
            "{name}: {told}"
        );
        let most = says("Maximum number of days between password change");
        let never = most.parse::<u32>().unwrap() >= 99_999;
        assert_eq!(
            one.password_never_expires() == State::On,
            never,
            "{name}: {told}"
        );
    }
}

/// A copy of this test's program, run as nobody on a root; what it prints.
fn as_nobody(root: &Path) -> Option<String> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let directory = tempfile::tempdir().unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let program = directory.path().join("program");
    // Copied by another process: a test that starts a program meanwhile would inherit the open file here,
    // and what is open for writing cannot be run.
    let mut copy = Command::new("cp");
    copy.arg(std::env::current_exe().unwrap()).arg(&program);
    assert!(copy.status().unwrap().success());
    let output = Command::new(program)
        .args([
            "--ignored",
            "--exact",
            "--nocapture",
            "child_without_rights",
        ])
        .env("FREEHOLD_TEST_ROOT", root)
        .uid(65_534)
        .gid(65_534)
        .current_dir("/")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
#[ignore = "started by the tests that need a process without rights"]
#[allow(clippy::disallowed_methods)]
fn child_without_rights() {
    let root = std::env::var_os("FREEHOLD_TEST_ROOT").unwrap();
    let accounts = accounts(&Root::at(root));
    println!();
    println!("status {:?}", accounts.status());
    for one in &accounts.diagnostics {
        println!(
            "diagnostic {} [{}] {}",
            one.source, one.position, one.reason
        );
    }
    for one in &accounts.accounts {
        println!("account {} locked {:?}", one.name, one.locked());
    }
    for one in &accounts.privileges {
        println!(
            "privilege {} {:?} {}",
            one.principal,
            one.full_control(),
            one.scope
        );
    }
}

#[test]
fn without_rights_what_is_missing_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let etc = directory.path().join("etc");
    fs::create_dir_all(etc.join("sudoers.d")).unwrap();
    fs::create_dir_all(directory.path().join("home/anna/.ssh")).unwrap();
    for (path, text, mode) in [
        (
            "etc/passwd",
            "root:x:0:0:root:/root:/bin/bash\nanna:x:1000:1000::/home/anna:/bin/bash\n",
            0o644,
        ),
        ("etc/group", "root:x:0:\nsudo:x:27:anna\n", 0o644),
        ("etc/shadow", "anna:*:1:::::\n", 0o600),
        ("etc/sudoers", "%sudo ALL=ALL\n", 0o440),
        ("etc/doas.conf", "permit anna\n", 0o400),
        ("home/anna/.ssh/authorized_keys", "", 0o600),
    ] {
        let path = directory.path().join(path);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let Some(output) = as_nobody(directory.path()) else {
        eprintln!("NOT TESTED: what the agent says without rights (needs root)");
        return;
    };
    let wanted = ["status ", "diagnostic ", "account ", "privilege "];
    let told: Vec<_> = output
        .lines()
        .filter(|line| wanted.iter().any(|start| line.starts_with(start)))
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn with_rights_this_machine_is_read_whole() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let accounts = accounts(&Root::live());
    // Where homes are large, searching them takes hours.
    let is_pending = |one: &Diagnostic| one.gap.as_ref().is_some_and(|gap| gap.pending);
    let expected = if accounts.diagnostics.iter().any(is_pending) {
        Status::Partial
    } else {
        Status::Complete
    };
    let is_remark = |one: &Diagnostic| one.gap.as_ref().is_some_and(|gap| gap.hides.is_empty());
    let mut said = accounts.diagnostics.iter();
    let is_whole = said.all(|one| is_pending(one) || is_remark(one));
    assert!(
        is_whole && accounts.status() == expected,
        "{:?}",
        accounts.diagnostics
    );
}
