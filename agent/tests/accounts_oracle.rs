//! The accounts probe against getent, id and sudo, on the machine the tests run on, and without rights.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::Path,
    process::Command,
};

use freehold_agent::probe::{self, Root};
use freehold_proto::v1::{
    Accounts,
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
        eprintln!("sudo is not installed, or only root may ask it: nothing is tested");
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

/// A copy of this test's program, run as nobody on a root; what it prints.
fn as_nobody(root: &Path) -> Option<String> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let directory = tempfile::tempdir().unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let program = directory.path().join("program");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
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
        eprintln!("only root can start a process without rights: nothing is tested");
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
    assert_eq!(
        accounts.status(),
        Status::Complete,
        "{:?}",
        accounts.diagnostics
    );
}
