//! dpkg: the machine the tests run on, and a database with every state.

use std::{collections::BTreeSet, path::Path, process::Command};

use freehold_agent::probe::{self, Root};
use freehold_proto::v1::{
    Software,
    section::Kind,
    software::package::{Source, State},
};
use prost::Message as _;

use crate::{collected, version};

/// Name, architecture, version, whether it is more than configuration files.
type Row = (String, String, String, bool);

fn dpkg() -> BTreeSet<Row> {
    let format = "${Package}\\t${Architecture}\\t${Version}\\t${db:Status-Status}\\n";
    let output = Command::new("dpkg-query")
        .args(["-W", "-f", format])
        .output()
        .unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .map(|line| {
            let fields: Vec<_> = line.split('\t').collect();
            let [name, architecture, version, status] = fields[..] else {
                panic!("{line}");
            };
            (
                name.into(),
                architecture.into(),
                version.into(),
                status != "config-files",
            )
        })
        .collect()
}

fn probed() -> (Software, BTreeSet<Row>) {
    let collected = probe::collect(Kind::Software, &Root::live()).unwrap();
    let software = Software::decode(collected.body.as_slice()).unwrap();
    let packages = software
        .packages
        .iter()
        .filter(|package| package.source() == Source::Dpkg);
    let rows = packages
        .map(|package| {
            let there = package.state() != State::ConfigFiles;
            (
                package.name.clone(),
                package.architecture.clone(),
                version(package),
                there,
            )
        })
        .collect();
    (software, rows)
}

#[test]
fn packages_are_those_of_dpkg_query() {
    if !Path::new("/usr/bin/dpkg-query").exists() {
        eprintln!("dpkg is not installed: nothing is tested");
        return;
    }
    // Someone may install something between the two.
    let equal = (0..5).any(|_| probed().1 == dpkg());
    let (software, own) = probed();
    let dpkg = dpkg();
    assert!(
        equal,
        "only dpkg: {:?}\nonly here: {:?}",
        dpkg.difference(&own),
        own.difference(&dpkg)
    );
    assert!(
        software
            .packages
            .iter()
            .any(|package| package.epoch.is_some())
    );
    let dated = software
        .packages
        .iter()
        .filter(|package| package.installed_at.is_some());
    assert!(dated.count() * 10 > software.packages.len() * 9);
}

#[test]
fn two_runs_give_the_same_bytes() {
    let equal = (0..5).any(|_| {
        let run = || probe::collect(Kind::Software, &Root::live()).unwrap().body;
        run() == run()
    });
    assert!(equal);
}

/// What dpkg writes of each state, as `Want Flag Status`, and what that is here.
const STATES: [(&str, State); 8] = [
    ("install ok installed", State::Installed),
    ("hold ok installed", State::Held),
    ("install ok half-configured", State::Broken),
    ("install reinstreq half-installed", State::Broken),
    ("install ok unpacked", State::Broken),
    ("install ok triggers-awaited", State::Installed),
    ("deinstall ok installed", State::Installed),
    ("deinstall ok config-files", State::ConfigFiles),
];

#[test]
fn every_state_is_the_one_that_dpkg_query_tells() {
    let directory = tempfile::tempdir().unwrap();
    let admin = directory.path().join("var/lib/dpkg");
    std::fs::create_dir_all(admin.join("updates")).unwrap();
    let mut status = String::new();
    for (number, (state, _)) in STATES.iter().enumerate() {
        status += &format!(
            "Package: p{number}\nStatus: {state}\nArchitecture: all\nMaintainer: M\nVersion: {number}:1.{number}-2+b1\n\
             Config-Version: 1\nTriggers-Awaited: p0\nDescription: d\n\n"
        );
    }
    // dpkg knows these two fields in some states only.
    let status = status.replace("Config-Version: 1\n", "");
    let mut kept = String::new();
    for paragraph in status.split_inclusive("\n\n") {
        let awaits = paragraph.contains("triggers-awaited");
        kept += &if awaits {
            paragraph.to_owned()
        } else {
            paragraph.replace("Triggers-Awaited: p0\n", "")
        };
    }
    std::fs::write(admin.join("status"), kept).unwrap();
    let Ok(output) = Command::new("dpkg-query")
        .arg("--admindir")
        .arg(&admin)
        .args(["-W", "-f", "${Package} ${Version} ${Status}\\n"])
        .output()
    else {
        return eprintln!("NOT TESTED: dpkg-query is not installed");
    };
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let expected: Vec<_> = text
        .lines()
        .map(|line| {
            let (package, status) = line
                .split_once(' ')
                .and_then(|(name, rest)| {
                    let (version, status) = rest.split_once(' ')?;
                    Some((format!("{name} {version}"), status))
                })
                .unwrap();
            (
                package,
                STATES.iter().find(|(known, _)| *known == status).unwrap().1,
            )
        })
        .collect();
    let software = collected(directory.path());
    let found: Vec<_> = software
        .packages
        .iter()
        .map(|one| (format!("{} {}", one.name, version(one)), one.state()))
        .collect();
    assert_eq!((found.len(), found), (STATES.len(), expected));
}
