//! Settings of apt against `apt-config dump`, which prints what apt itself understands.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use std::{collections::BTreeSet, fs, process::Command};

use freehold_agent::parse::apt_conf::Settings;

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
