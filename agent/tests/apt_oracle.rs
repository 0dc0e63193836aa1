//! What apt and dpkg themselves say: settings against `apt-config dump`, versions against `dpkg`, security updates that
//! are missing against `apt-get --simulate`.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use std::{
    cmp::Ordering,
    collections::BTreeSet,
    fs,
    path::Path,
    process::{Command, Stdio},
};

use freehold_agent::{
    parse::{apt_conf::Settings, debian_version},
    probe::{self, Root},
};
use freehold_proto::v1::{Protection, section::Kind};
use prost::Message as _;

/// Written for this test: every form the grammar has.
const FILES: [(&str, &str); 4] = [
    (
        "10first",
        "// a comment\nFreehold::One \"1\"; Freehold::Two \"old\"; /* more\nlines */\nFreehold { Block { Deep \"x y\"; Bare value; }; };\n",
    ),
    (
        "20lists.conf",
        "Freehold::List { \"origin=Debian,codename=bookworm\"; \"o;p\"; };\nFreehold::List:: \"third\";\nFREEHOLD::two \"new\"; # end\n",
    ),
    (
        "30cleared",
        "Freehold::Gone { A \"1\"; \"item\"; };\nFreehold::Kept \"yes\";\n#clear Freehold::Gone;\nFreehold::Gone::B \"2\";\n",
    ),
    (
        "40periodic",
        "Freehold::Periodic {\n  Enable \"0\";\n  Unattended-Upgrade \"1\"; // daily\n};\nFreehold::Url \"http://h/%61\";\n",
    ),
];

#[test]
fn settings_agree_with_apt_config() {
    let directory = tempfile::tempdir().unwrap();
    let parts = directory.path().join("parts");
    fs::create_dir(&parts).unwrap();
    let mut settings = Settings::default();
    for (name, text) in FILES {
        fs::write(parts.join(name), text).unwrap();
        assert_eq!(settings.read(text), [], "{name}");
    }
    let main = directory.path().join("main");
    fs::write(&main, format!("Dir::Etc::parts \"{}\";\n", parts.display())).unwrap();
    let Ok(output) = Command::new("apt-config")
        .args(["dump"])
        .env("APT_CONFIG", &main)
        .env("LC_ALL", "C")
        .output()
    else {
        eprintln!("skipped: apt-config is not installed, so nothing is compared with it");
        return;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    let expected: BTreeSet<(String, String)> = text
        .lines()
        .filter_map(|line| line.strip_suffix("\";")?.split_once(" \""))
        .map(|(key, value)| (key.to_lowercase(), value.to_owned()))
        // It prints the folders above a value, too, with an empty value.
        .filter(|(key, value)| key.starts_with("freehold::") && !value.is_empty())
        .collect();
    let ours: BTreeSet<(String, String)> = settings
        .all()
        .map(|(key, value)| (key, value.to_owned()))
        .collect();
    assert!(expected.len() >= 10, "{text}");
    assert_eq!(ours, expected);
}

/// Versions put together from pieces that matter for their order.
fn versions(count: usize) -> Vec<String> {
    const PIECES: [&str; 16] = [
        "0", "1", "10", "01", "a", "b", ".", "+", "~", "~~", "-", "-0", ":", "deb12u", "ubuntu",
        "rc",
    ];
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random % below as u64).unwrap()
    };
    let mut version = || {
        let epoch = ["", "", "0:", "1:"][next(4)];
        let pieces: String = (0..next(6)).map(|_| PIECES[next(PIECES.len())]).collect();
        let revision = ["", "-1", "-1+deb12u2", "-0ubuntu0.1"][next(4)];
        format!("{epoch}{}{}{revision}", next(3), pieces.replace(':', ""))
    };
    (0..count).map(|_| version()).collect()
}

#[test]
fn versions_are_ordered_as_dpkg_does() {
    let versions = versions(180);
    let mut compared = 0;
    for pair in versions.windows(2) {
        let says = |relation: &str| {
            let mut dpkg = Command::new("dpkg");
            dpkg.args(["--compare-versions", &pair[0], relation, &pair[1]]);
            let output = dpkg.stdin(Stdio::null()).output().ok()?;
            output.stderr.is_empty().then_some(output.status.success())
        };
        let expected = match (says("lt"), says("gt")) {
            (Some(true), _) => Ordering::Less,
            (_, Some(true)) => Ordering::Greater,
            (Some(false), Some(false)) => Ordering::Equal,
            // It warns of versions that no package may have.
            _ => continue,
        };
        compared += 1;
        let own = debian_version::compare(pair[0].as_bytes(), pair[1].as_bytes());
        assert_eq!(own, expected, "{} and {}", pair[0], pair[1]);
    }
    if compared == 0 {
        eprintln!("NOT TESTED: the order of versions: dpkg is not installed");
        return;
    }
    assert!(compared > 100, "{compared}");
}

const INSTALLED: [(&str, &str, &str); 6] = [
    ("alpha", "amd64", "1.0-1"),
    ("beta", "amd64", "2:1.0-1+deb12u9"),
    ("gamma", "all", "3.0~rc1-1"),
    ("delta", "amd64", "4.0-1"),
    ("epsilon", "amd64", "5.0-2"),
    ("zeta", "amd64", "1.0-1"),
];
const OFFERED: [(&str, &str, &str); 7] = [
    ("alpha", "amd64", "1.0-1+deb12u1"),
    ("beta", "amd64", "2:1.0-1+deb12u10"),
    ("gamma", "all", "3.0-1"),
    ("delta", "amd64", "4.0-1"),
    ("epsilon", "amd64", "5.0-1"),
    ("epsilon", "amd64", "4.0-1"),
    ("other", "amd64", "9.0-1"),
];

fn stanzas(packages: &[(&str, &str, &str)], rest: &str) -> String {
    let stanza = |(name, architecture, version): &(&str, &str, &str)| {
        format!(
            "Package: {name}\nArchitecture: {architecture}\nVersion: {version}\nMaintainer: x <x@example.org>\nDescription: x\n{rest}\n"
        )
    };
    packages.iter().map(stanza).collect()
}

/// Runs apt-get within a root of its own; what it printed, or why it cannot be had.
fn apt(root: &Path, kept_as: Option<&str>, arguments: &[&str]) -> Result<String, String> {
    let setting = |name: &str, path: &str| format!("{name}={}{path}", root.display());
    let output = Command::new("apt-get")
        .args([
            "-o",
            &setting("Dir", "/"),
            "-o",
            &setting("Dir::State::status", "/var/lib/dpkg/status"),
        ])
        .args([
            "-o",
            "APT::Architecture=amd64",
            "-o",
            "APT::Sandbox::User=root",
            "-o",
            "Acquire::Languages=none",
        ])
        .args([
            "-o",
            "Dir::Bin::dpkg=/usr/bin/dpkg",
            "-o",
            &format!("Acquire::GzipIndexes={}", kept_as.is_some()),
        ])
        .args(kept_as.into_iter().flat_map(|ending| {
            let setting = "Acquire::IndexTargets::deb::Packages::KeepCompressedAs";
            ["-o".to_owned(), format!("{setting}={ending}")]
        }))
        .args(arguments)
        .env("LC_ALL", "C")
        .env_remove("APT_CONFIG")
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

#[test]
fn security_updates_that_are_missing_are_those_that_apt_would_install() {
    if Command::new("apt-get").arg("--version").output().is_err() {
        eprintln!("NOT TESTED: security updates: apt-get is not installed");
        return;
    }
    for kept_as in [None, Some("gz"), Some("lz4")] {
        let updates = missing_updates(kept_as);
        assert_eq!(updates.0, Some(3), "{kept_as:?}: {:?}", updates.1);
    }
    for kept_as in ["bz2", "lzma", "xz", "zst"] {
        let (missing, said) = missing_updates(Some(kept_as));
        assert_eq!(missing, None, "{kept_as}");
        let expected = format!("_Packages.{kept_as}: is compressed as {kept_as}");
        assert!(said.iter().any(|one| one.contains(&expected)), "{said:?}");
    }
}

/// Has apt fetch lists, keep them in one way or the other, and say what it would install; then what the agent makes of
/// them, and what it says.
fn missing_updates(kept_as: Option<&str>) -> (Option<u32>, Vec<String>) {
    let directory = tempfile::tempdir().unwrap();
    let (root, site) = (
        directory.path().join("root"),
        directory.path().join("debian-security"),
    );
    let packages = site.join("dists/bookworm-security/main/binary-amd64");
    for folder in [
        "etc/apt/apt.conf.d",
        "etc/apt/preferences.d",
        "etc/apt/trusted.gpg.d",
        "var/lib/apt/lists/partial",
        "var/cache/apt/archives/partial",
        "var/lib/dpkg",
        "usr/lib/apt",
    ] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    std::os::unix::fs::symlink("/usr/lib/apt/methods", root.join("usr/lib/apt/methods")).unwrap();
    fs::create_dir_all(&packages).unwrap();
    let offered = stanzas(
        &OFFERED,
        "Filename: x.deb\nSize: 1\nSHA256: 0000000000000000000000000000000000000000000000000000000000000000\n",
    );
    let list = packages.join("Packages");
    fs::write(&list, offered).unwrap();
    // What comes compressed may be kept so, in another way.
    let packed = Command::new("gzip").arg(&list).status().unwrap();
    assert!(packed.success());
    let installed = stanzas(&INSTALLED, "Status: install ok installed\n");
    fs::write(root.join("var/lib/dpkg/status"), installed).unwrap();
    let source = format!(
        "deb [trusted=yes arch=amd64] copy:{} bookworm-security main\n",
        site.display()
    );
    fs::write(root.join("etc/apt/sources.list"), source).unwrap();

    let apt = |arguments: &[&str]| apt(&root, kept_as, arguments).unwrap();
    apt(&["update"]);
    let lists = fs::read_dir(root.join("var/lib/apt/lists")).unwrap();
    let ending = kept_as.map_or(String::new(), |ending| format!(".{ending}"));
    let kept = lists.filter(|name| {
        let name = name.as_ref().unwrap().file_name();
        let name = name.to_string_lossy();
        name.ends_with(&format!("_Packages{ending}"))
    });
    assert_eq!(kept.count(), 1, "{kept_as:?}");
    let simulated = apt(&["--simulate", "dist-upgrade"]);
    let expected = simulated
        .lines()
        .filter(|line| line.starts_with("Inst "))
        .count();
    assert_eq!(expected, 3, "{simulated}");
    let collected = probe::collect(Kind::Protection, &Root::at(&root)).unwrap();
    let protection = Protection::decode(collected.body.as_slice()).unwrap();
    let updates = protection.updates.unwrap();
    assert!(updates.last_check_at.is_some());
    let said = protection.diagnostics.into_iter();
    let said = said.map(|one| format!("{}: {}", one.source, one.reason));
    (updates.pending_security, said.collect())
}
