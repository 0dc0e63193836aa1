//! Root file systems of two Debian releases, made with debootstrap, against their own programs.
//!
//! They are kept in ${XDG_CACHE_HOME:-$HOME/.cache}/freehold/roots, so that only the first run has to load
//! them from the mirror that apt is set up with.
//!
//! Differences that are meant: none. Every package and its state, every account with its password's state,
//! every group and its members, and the fields of os-release are the same.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use serde_json::Value;

use super::program;

const RELEASES: [&str; 2] = ["bookworm", "trixie"];
/// Longest time debootstrap may take for one release.
const MAKING: Duration = Duration::from_secs(400);

/// The roots, made in parallel: most of the time is spent waiting for the mirror and the disk.
fn roots() -> Vec<(&'static str, PathBuf)> {
    if !program::is_root("root file systems made by debootstrap")
        || !program::has("debootstrap", "root file systems of Debian")
    {
        return Vec::new();
    }
    let Some(mirror) = mirror() else {
        eprintln!("NOT TESTED: root file systems of Debian: apt is not set up with a mirror of it");
        return Vec::new();
    };
    let made = RELEASES.map(|release| {
        let mirror = mirror.clone();
        (release, std::thread::spawn(move || root(release, &mirror)))
    });
    made.into_iter()
        .filter_map(|(release, root)| Some((release, root.join().unwrap()?)))
        .collect()
}

/// The mirror of Debian's main archive that apt uses here.
fn mirror() -> Option<String> {
    let output = Command::new("apt-get")
        .args([
            "indextargets",
            "--format",
            "$(REPO_URI)",
            "Origin: Debian",
            "Created-By: Packages",
        ])
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let main =
        |uri: &&str| uri.starts_with("http") && uri.trim_end_matches('/').ends_with("/debian");
    text.lines().find(main).map(str::to_owned)
}

#[allow(
    clippy::disallowed_methods,
    reason = "tests/run keeps its tools in the same place"
)]
fn cache() -> PathBuf {
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_else(|| "/root".into()));
    let base =
        std::env::var_os("XDG_CACHE_HOME").map_or_else(|| home().join(".cache"), PathBuf::from);
    base.join("freehold/roots")
}

/// The root of a release; `None`, with a message, where it cannot be made.
fn root(release: &str, mirror: &str) -> Option<PathBuf> {
    let finished = cache().join(release);
    if finished.is_dir() {
        return Some(finished);
    }
    fs::create_dir_all(cache()).unwrap();
    let unfinished = cache().join(format!("{release}.{}", std::process::id()));
    let mut command = Command::new("debootstrap");
    command
        .args(["--variant=minbase", release])
        .arg(&unfinished)
        .arg(mirror)
        .env("DEBIAN_FRONTEND", "noninteractive");
    let outcome = program::run(&mut command, MAKING);
    if outcome.is_none_or(|outcome| outcome.code != Some(0)) {
        let log =
            fs::read_to_string(unfinished.join("debootstrap/debootstrap.log")).unwrap_or_default();
        let _ = fs::remove_dir_all(&unfinished);
        eprintln!("NOT TESTED: {release}: debootstrap could not make it from {mirror}: {log}");
        return None;
    }
    prepare(&unfinished);
    fs::rename(&unfinished, &finished).unwrap();
    Some(finished)
}

/// Gives a fresh root a name of its own, people, a held package and one of which only settings remain.
fn prepare(root: &Path) {
    fs::write(root.join("etc/hostname"), "debian-root\n").unwrap();
    for script in [
        "useradd --create-home --comment 'Anna Ärztin' anna && usermod --append --groups sudo anna",
        "useradd --system daemon2 && passwd --lock daemon2",
        "useradd nopass && passwd --delete nopass",
        "apt-mark hold tar",
        "sed -i '/^Package: bsdutils$/,/^$/ s/^Status: .*/Status: deinstall ok config-files/' /var/lib/dpkg/status",
    ] {
        lines(root, &["sh", "-c", script]);
    }
}

/// What a program of the root prints; it has to succeed.
fn lines(root: &Path, command: &[&str]) -> Vec<String> {
    let output = Command::new("chroot")
        .arg(root)
        .args(command)
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("LC_ALL", "C.UTF-8")
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}

fn list<'a>(value: &'a Value, section: &str, field: &str) -> &'a [Value] {
    value[section][field].as_array().unwrap()
}

#[test]
fn debian_roots_agree_with_their_own_programs() {
    for (release, root) in roots() {
        let answer = program::sections(&root, &[]);
        packages(release, &root, &answer);
        accounts(release, &root, &answer);
        groups(release, &root, &answer);
        passwords(release, &root, &answer);
        operating_system(release, &root, &answer);
        for section in ["software", "accounts"] {
            let diagnostics = &answer[section]["diagnostics"];
            assert_eq!(
                answer[section]["status"], "COMPLETE",
                "{release}: {diagnostics:#}"
            );
        }
    }
}

fn packages(release: &str, root: &Path, answer: &Value) {
    let format = "${Package} ${Version} ${Architecture} ${db:Status-Abbrev} ${Installed-Size}\n";
    let theirs = lines(root, &["dpkg-query", "-W", "-f", format]);
    let theirs: BTreeSet<Vec<String>> = theirs
        .iter()
        .map(|line| line.split_whitespace().map(str::to_owned).collect())
        .collect();
    let ours = list(answer, "software", "packages").iter().map(|package| {
        let state = match package["state"].as_str() {
            Some("INSTALLED") => "ii",
            Some("HELD") => "hi",
            Some("CONFIG_FILES") => "rc",
            other => panic!("{other:?}"),
        };
        let kib = package["size_bytes"].as_u64().unwrap_or_default() / 1024;
        vec![
            text(package, "name"),
            version(package),
            text(package, "architecture"),
            state.to_owned(),
            kib.to_string(),
        ]
    });
    let ours: BTreeSet<Vec<String>> = ours.collect();
    assert!(ours.len() > 60, "{release}: {}", ours.len());
    assert_eq!(ours, theirs, "{release}");
    let states: BTreeSet<&str> = ours.iter().map(|package| package[3].as_str()).collect();
    assert_eq!(states, BTreeSet::from(["hi", "ii", "rc"]), "{release}");
}

fn version(package: &Value) -> String {
    let epoch = package["epoch"]
        .as_u64()
        .map_or(String::new(), |epoch| format!("{epoch}:"));
    let release = text(package, "release");
    let hyphen = if release.is_empty() { "" } else { "-" };
    format!("{epoch}{}{hyphen}{release}", text(package, "version"))
}

fn accounts(release: &str, root: &Path, answer: &Value) {
    let theirs: BTreeSet<Vec<String>> = lines(root, &["getent", "passwd"])
        .iter()
        .map(|line| {
            let fields: Vec<&str> = line.split(':').collect();
            let full = fields[4].split(',').next().unwrap_or_default();
            [fields[0], fields[2], fields[3], full, fields[5], fields[6]]
                .map(str::to_owned)
                .to_vec()
        })
        .collect();
    let fields = [
        "name",
        "id",
        "primary_group_id",
        "full_name",
        "home",
        "shell",
    ];
    let ours: BTreeSet<Vec<String>> = list(answer, "accounts", "accounts")
        .iter()
        .map(|account| fields.map(|field| text(account, field)).to_vec())
        .collect();
    assert_eq!(ours, theirs, "{release}");
}

fn groups(release: &str, root: &Path, answer: &Value) {
    let primary: Vec<(String, String)> = lines(root, &["getent", "passwd"])
        .iter()
        .map(|line| {
            let fields: Vec<&str> = line.split(':').collect();
            (fields[0].to_owned(), fields[3].to_owned())
        })
        .collect();
    let theirs: BTreeMap<String, BTreeSet<String>> = lines(root, &["getent", "group"])
        .iter()
        .map(|line| {
            let fields: Vec<&str> = line.split(':').collect();
            let named = fields[3]
                .split(',')
                .filter(|name| !name.is_empty())
                .map(str::to_owned);
            let by_number = primary
                .iter()
                .filter(|(_, gid)| gid == fields[2])
                .map(|(name, _)| name.clone());
            (fields[0].to_owned(), named.chain(by_number).collect())
        })
        .collect();
    let ours: BTreeMap<String, BTreeSet<String>> = list(answer, "accounts", "groups")
        .iter()
        .map(|group| {
            let members = group["members"].as_array().unwrap().iter();
            let members = members.map(|member| member.as_str().unwrap().to_owned());
            (text(group, "name"), members.collect())
        })
        .collect();
    assert_eq!(ours, theirs, "{release}");
}

/// `passwd --status` says L for locked, NP for no password, P for a usable one.
fn passwords(release: &str, root: &Path, answer: &Value) {
    let theirs: BTreeMap<String, String> = lines(root, &["passwd", "--status", "--all"])
        .iter()
        .map(|line| {
            let mut words = line.split_whitespace().map(str::to_owned);
            (words.next().unwrap(), words.next().unwrap())
        })
        .collect();
    let mut seen = BTreeSet::new();
    for account in list(answer, "accounts", "accounts") {
        let status = &theirs[&text(account, "name")];
        let locked = text(account, "locked");
        let set = text(account, "password_set");
        match status.as_str() {
            "L" => assert_eq!(locked, "ON", "{release}: {account:#}"),
            "NP" => assert_eq!(set, "OFF", "{release}: {account:#}"),
            _ => assert_eq!(locked, "OFF", "{release}: {account:#}"),
        }
        seen.insert(status.clone());
    }
    assert!(
        seen.contains("L") && seen.contains("NP"),
        "{release}: {seen:?}"
    );
}

fn operating_system(release: &str, root: &Path, answer: &Value) {
    let script = ". /etc/os-release; printf '%s\\n' \"$ID\" \"$NAME\" \"$VERSION_ID\" \"$VERSION_CODENAME\"; cat /etc/debian_version";
    let theirs = lines(root, &["sh", "-c", script]);
    let system = &answer["system"];
    let ours = ["id", "name", "version", "code_name", "build"]
        .map(|field| text(&system["operating_system"], field));
    assert_eq!(ours.to_vec(), theirs, "{release}");
    assert_eq!(text(system, "host_name"), "debian-root");
    assert_eq!(answer["hardware"]["status"], "UNSUPPORTED", "{release}");
}
