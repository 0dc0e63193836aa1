//! The software probe against dpkg-query, on the machine the tests run on.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::{collections::BTreeSet, path::Path, process::Command};

use freehold_agent::probe::{self, Root};
use freehold_proto::v1::{
    Software,
    section::Kind,
    software::{Package, package::Source},
};
use prost::Message as _;

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
            let there =
                package.state() != freehold_proto::v1::software::package::State::ConfigFiles;
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

fn version(package: &Package) -> String {
    let epoch = package
        .epoch
        .map_or(String::new(), |epoch| format!("{epoch}:"));
    let hyphen = if package.release.is_empty() { "" } else { "-" };
    format!("{epoch}{}{hyphen}{}", package.version, package.release)
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
