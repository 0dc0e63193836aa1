//! The software probe against the programs that own the databases: dpkg-query, rpm, pacman, flatpak.
//!
//! apk and snapd do not run on Debian outside of Alpine and systemd: their files are written from
//! documentation in the unit tests. ndb, SUSE's kind of rpm database, cannot be made with Debian's rpm,
//! which was built without it; only that it never passes for an empty one is tested.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod dpkg;
mod flatpak;
mod pacman;
mod rpm;
mod scale;

use std::{ffi::OsStr, path::Path, process::Command};

use freehold_agent::probe::{self, Root};
use freehold_proto::v1::{
    Software,
    section::Kind,
    software::{Package, package::Source},
};
use prost::Message as _;

/// The section of another root.
fn collected(root: &Path) -> Software {
    let collected = probe::collect(Kind::Software, &Root::at(root)).unwrap();
    Software::decode(collected.body.as_slice()).unwrap()
}

/// The packages of one source.
fn of(software: &Software, source: Source) -> Vec<&Package> {
    let packages = software.packages.iter();
    packages.filter(|one| one.source() == source).collect()
}

/// A version put together again.
fn version(package: &Package) -> String {
    let epoch = package
        .epoch
        .map_or(String::new(), |epoch| format!("{epoch}:"));
    let hyphen = if package.release.is_empty() { "" } else { "-" };
    format!("{epoch}{}{hyphen}{}", package.version, package.release)
}

/// What a program printed. It must succeed.
fn done(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// Whether all programs are installed; says which test does not run where one is not.
fn installed(test: &str, programs: &[&str]) -> bool {
    let missing = programs.iter().find(|program| {
        let found = Command::new("sh")
            .args(["-c", &format!("command -v {program}")])
            .output();
        !found.is_ok_and(|output| output.status.success())
    });
    if let Some(program) = missing {
        eprintln!("NOT TESTED: {test}: {program} is not installed");
    }
    missing.is_none()
}

/// A program with arguments.
fn command<S: AsRef<OsStr>>(program: &str, arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(program);
    command.args(arguments);
    command
}
