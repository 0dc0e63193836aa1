//! Golden machines of accounts, read by the real program: ten thousand users, broken files, and files that
//! the agent may not read. All were written for these tests from the documentation of the formats.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::{
    fmt::Write as _,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

/// A machine below a directory that everyone may enter.
struct Machine(TempDir);

impl Machine {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
        Self(directory)
    }

    fn root(&self) -> PathBuf {
        self.0.path().join("root")
    }

    fn file(self, path: &str, text: impl AsRef<[u8]>, mode: u32) -> Self {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        self
    }

    fn accounts(&self) -> Value {
        let program = env!("CARGO_BIN_EXE_freehold-agent");
        self.told(Command::new(program))
    }

    /// As nobody; `None` where that cannot be had.
    fn accounts_without_rights(&self) -> Option<Value> {
        let setpriv = Path::new("/usr/bin/setpriv");
        if !rustix::process::geteuid().is_root() || !setpriv.exists() {
            eprintln!("NOT TESTED: what the agent says without rights (needs root and setpriv)");
            return None;
        }
        // The build's own directory may be closed to others.
        let program = self.0.path().join("freehold-agent");
        // Copied by another process: what is open for writing, here or in a child that inherited it, cannot run.
        let mut copy = Command::new("cp");
        copy.arg(env!("CARGO_BIN_EXE_freehold-agent")).arg(&program);
        assert!(copy.status().unwrap().success());
        let mut command = Command::new(setpriv);
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
        command.args(["--inh-caps=-all", "--no-new-privs", "--"]);
        command.arg(program);
        Some(self.told(command))
    }

    fn told(&self, mut command: Command) -> Value {
        command.args([
            "snapshot",
            "--section",
            "accounts",
            "--format",
            "json",
            "--root",
        ]);
        let output = command.arg(self.root()).current_dir("/").output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{error}");
        let value: Value = serde_json::from_slice(&output.stdout).unwrap();
        value["sections"]["accounts"].clone()
    }
}

fn list<'a>(accounts: &'a Value, name: &str) -> &'a [Value] {
    accounts[name].as_array().map_or(&[], Vec::as_slice)
}

/// Status, diagnostics and privileges, a line each.
fn summary(accounts: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let texts = |value: &Value| {
        let items = value.as_array().into_iter().flatten();
        items.map(text).collect::<Vec<_>>().join(" < ")
    };
    let mut told = format!("status {}\n", text(&accounts["status"]));
    for one in list(accounts, "diagnostics") {
        let (source, position) = (text(&one["source"]), text(&one["position"]));
        writeln!(told, "{source} [{position}] {}", text(&one["reason"])).unwrap();
    }
    for one in list(accounts, "accounts") {
        let (name, locked) = (text(&one["name"]), text(&one["locked"]));
        let (enabled, expired) = (text(&one["enabled"]), text(&one["password_expired"]));
        writeln!(
            told,
            "account {name}: enabled {enabled}, locked {locked}, password expired {expired}"
        )
        .unwrap();
    }
    for one in list(accounts, "privileges") {
        let (who, path) = (text(&one["principal"]), texts(&one["path"]));
        let (scope, full) = (text(&one["scope"]), text(&one["full_control"]));
        let place = format!("{}:{}", text(&one["source"]), one["line"]);
        writeln!(told, "{who}: {path}: {scope}: full control {full}: {place}").unwrap();
    }
    for one in list(accounts, "authorized_keys") {
        writeln!(
            told,
            "key of {}: {}",
            text(&one["account"]),
            text(&one["fingerprint"])
        )
        .unwrap();
    }
    told
}

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f anna@laptop\n";

fn office() -> Machine {
    Machine::new()
        .file(
            "etc/passwd",
            "root:x:0:0:root:/root:/bin/bash\nanna:x:1000:1000:Anna:/home/anna:/bin/bash\nbob:x:1001:1001::/home/bob:/bin/sh\n",
            0o644,
        )
        .file("etc/group", "root:x:0:\nsudo:x:27:anna\nanna:x:1000:\nbob:x:1001:\n", 0o644)
        .file("etc/shadow", "root:!:19000:0:99999:7:::\nanna:$y$j9T$s$h.h.h.h.h.h:19000:0:99999:7:::\nbob::0:::::0:\n", 0o600)
        .file("etc/sudoers", "%sudo ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n", 0o440)
        .file("etc/sudoers.d/bob", "bob ALL=NOPASSWD: ALL\n", 0o440)
        .file("etc/doas.conf", "permit nopass bob\n", 0o400)
        .file("etc/ssh/sshd_config", "PermitRootLogin yes\n", 0o600)
        .file("home/anna/.ssh/authorized_keys", KEY, 0o600)
        .file("var/spool/cron/crontabs/root", "@daily /opt/backup\n", 0o600)
        .file("opt/backup", "#!/bin/sh\n", 0o757)
}

#[test]
fn an_office_computer_is_read_whole_with_rights() {
    let accounts = office().accounts();
    insta::assert_snapshot!(summary(&accounts));
}

#[test]
fn without_rights_each_source_that_is_missing_is_named() {
    let Some(accounts) = office().accounts_without_rights() else {
        return;
    };
    assert_eq!(accounts["status"], "PARTIAL");
    insta::assert_snapshot!(summary(&accounts));
}

#[test]
fn a_folder_of_rules_that_cannot_be_read_is_named() {
    let machine = office();
    let folder = machine.root().join("etc/sudoers.d");
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
    fs::set_permissions(
        machine.root().join("etc/sudoers"),
        fs::Permissions::from_mode(0o444),
    )
    .unwrap();
    let Some(accounts) = machine.accounts_without_rights() else {
        return;
    };
    assert_eq!(accounts["status"], "PARTIAL");
    let reasons = list(&accounts, "diagnostics");
    let named = |one: &&Value| one["source"] == "/etc/sudoers.d";
    assert_eq!(reasons.iter().filter(named).count(), 1, "{reasons:?}");
}

#[test]
fn broken_lines_are_named_with_their_place_and_the_rest_is_read() {
    let passwd = b"root:x:0:0:root:/root:/bin/bash\nbroken\n::::::\nanna:x:1000:1000::/home/anna:/bin/sh\n\
        twin:x:1000:1000::/home/twin:/bin/sh\nanna:x:1002:1002::/x:/bin/sh\nneg:x:-5:1::/:/bin/sh\n\
        big:x:4294967296:1::/:/bin/sh\nM\xfcller:x:1003:1003::/:/bin/sh\n+@staff::::::\n\x00\x01\x02\ntoor:x:0:0::/root:/bin/sh\n";
    let machine = Machine::new()
        .file("etc/passwd", passwd, 0o644)
        .file(
            "etc/group",
            "root:x:0:\nsudo:x:27:anna,ghost\nsudo:x:28:twin\nx\nwheel:x:ten:anna\n+\n",
            0o644,
        )
        .file(
            "etc/shadow",
            "root:*:19000:0:99999:7:::\nanna:!:soon:0:99999:7:::\nbroken\n",
            0o600,
        )
        .file(
            "etc/sudoers",
            "%sudo ALL=ALL\nanna ALL=(root ALL\n@include /etc/sudoers\n",
            0o440,
        );
    insta::assert_snapshot!(summary(&machine.accounts()));
}

#[test]
fn ten_thousand_users_are_read_in_no_time() {
    const USERS: usize = 10_000;
    let (mut passwd, mut group, mut shadow) = (
        "root:x:0:0:root:/root:/bin/bash\n".to_owned(),
        "root:x:0:\n".to_owned(),
        "root:*:19000:0:99999:7:::\n".to_owned(),
    );
    let (mut all, mut alias) = (String::new(), String::from("User_Alias EVERY = root"));
    for number in 0..USERS {
        let id = number + 1000;
        writeln!(
            passwd,
            "user{number}:x:{id}:{id}:User {number},,,:/home/user{number}:/bin/bash"
        )
        .unwrap();
        writeln!(group, "user{number}:x:{id}:").unwrap();
        writeln!(
            shadow,
            "user{number}:$y$j9T$salt$hashhashhash:19000:0:99999:7:::"
        )
        .unwrap();
        write!(all, "{}user{number}", if number == 0 { "" } else { "," }).unwrap();
        write!(alias, ", user{number}").unwrap();
    }
    writeln!(group, "sudo:x:27:{all}").unwrap();
    let machine = Machine::new()
        .file("etc/passwd", passwd, 0o644)
        .file("etc/group", group, 0o644)
        .file("etc/shadow", shadow, 0o600)
        .file(
            "etc/sudoers",
            format!("%sudo ALL=ALL\n{alias}\nEVERY, !user7 ALL=/bin/x\n"),
            0o440,
        );
    let began = Instant::now();
    let accounts = machine.accounts();
    let took = began.elapsed();
    assert_eq!(list(&accounts, "accounts").len(), USERS + 1);
    assert_eq!(list(&accounts, "groups").len(), USERS + 2);
    let by = |mechanism: &str| {
        let all = list(&accounts, "privileges").iter();
        all.filter(|one| one["mechanism"] == mechanism).count()
    };
    assert_eq!(by("ADMIN_GROUP"), USERS);
    // The group with its members, then the alias without the one taken out.
    assert_eq!(by("SUDO"), 1 + USERS + USERS);
    assert_eq!(accounts["status"], "COMPLETE");
    // Unoptimised and perhaps on a busy machine; comparing everyone with everyone takes far longer.
    assert!(took < Duration::from_secs(120), "{took:?}");
}
