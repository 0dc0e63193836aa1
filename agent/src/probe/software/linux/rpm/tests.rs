//! Against rpm itself, with a database of its own.

use std::{fs, os::unix::fs::PermissionsExt as _, process::Command};

use freehold_proto::v1::section::Status;

use super::*;

const SPEC: &str = "Name: freehold-probe\nEpoch: 7\nVersion: 1.2\nRelease: 3\nSummary: s\nLicense: x\nVendor: Acme \"Ä\" Inc.\n\
    BuildArch: noarch\n%description\nd\n%files\n";

/// A database with one package; `None` where rpm is not installed.
fn database() -> Option<tempfile::TempDir> {
    if !Path::new("/usr/bin/rpm").exists() || !Path::new("/usr/bin/rpmbuild").exists() {
        eprintln!("rpm is not installed: nothing is tested");
        return None;
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    // The unprivileged user must get there.
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(path.join("p.spec"), SPEC).unwrap();
    let top = format!("_topdir {}", path.join("build").display());
    run(Command::new("rpmbuild")
        .args(["-bb", "--quiet", "--define", &top])
        .arg(path.join("p.spec")));
    let package = path.join("build/RPMS/noarch/freehold-probe-1.2-3.noarch.rpm");
    let database = path.join("db");
    run(Command::new("rpm")
        .args(["-i", "--justdb", "--nodeps", "--dbpath"])
        .arg(&database)
        .arg(package));
    Some(directory)
}

fn run(command: &mut Command) {
    let output = command.env("HOME", "/nonexistent").output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn packages_are_listed_as_rpm_knows_them() {
    let Some(directory) = database() else { return };
    let path = directory.path().join("db");
    let before = listing(&path);
    let output = ask("/usr/bin/rpm", &path, &[], TIME).unwrap();
    let (mut packages, mut diagnostics) = (Vec::new(), Diagnostics::new());
    assert!(add(&output, "db", true, &mut packages, &mut diagnostics));
    assert_eq!(
        diagnostics.status(true),
        Status::Complete,
        "{diagnostics:?}"
    );
    let package = &packages[0];
    assert_eq!(
        (packages.len(), package.name.as_str()),
        (1, "freehold-probe")
    );
    assert_eq!(
        (
            package.epoch,
            package.version.as_str(),
            package.release.as_str()
        ),
        (Some(7), "1.2", "3")
    );
    assert_eq!(
        (package.architecture.as_str(), package.publisher.as_str()),
        ("noarch", "Acme \"Ä\" Inc.")
    );
    assert!(package.installed_at.is_some() && package.size_bytes.is_some());
    assert_eq!(listing(&path), before, "rpm changed the database");
}

#[test]
fn packages_of_some_names_are_found() {
    let Some(directory) = database() else { return };
    let path = directory.path().join("db");
    let output = ask("/usr/bin/rpm", &path, &["nothing", "freehold-probe"], TIME).unwrap();
    let (mut packages, mut diagnostics) = (Vec::new(), Diagnostics::new());
    add(&output, "db", false, &mut packages, &mut diagnostics);
    assert_eq!(packages.len(), 1);
    assert_eq!(diagnostics.status(true), Status::Complete);
}

#[test]
fn a_damaged_database_is_not_an_empty_list() {
    let Some(directory) = database() else { return };
    let path = directory.path().join("db");
    fs::write(
        path.join("rpmdb.sqlite"),
        b"this is no database, and long enough to be looked at",
    )
    .unwrap();
    for file in ["rpmdb.sqlite-wal", "rpmdb.sqlite-shm"] {
        let _ = fs::remove_file(path.join(file));
    }
    let output = ask("/usr/bin/rpm", &path, &[], TIME).unwrap();
    let (mut packages, mut diagnostics) = (Vec::new(), Diagnostics::new());
    let readable = add(&output, "db", true, &mut packages, &mut diagnostics);
    assert!(packages.is_empty() && !readable);
    let reason = &diagnostics.finish()[0].reason;
    assert!(reason.starts_with("rpm says"), "{reason}");
}

#[test]
fn a_database_that_may_not_be_read_is_not_an_empty_list() {
    let Some(directory) = database() else { return };
    let path = directory.path().join("db");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let output = ask("/usr/bin/rpm", &path, &[], TIME).unwrap();
    let (mut packages, mut diagnostics) = (Vec::new(), Diagnostics::new());
    let readable = add(&output, "db", true, &mut packages, &mut diagnostics);
    assert_ne!(diagnostics.status(readable), Status::Complete);
}

/// Names and contents of a folder.
fn listing(path: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap());
    let mut files: Vec<_> = entries
        .map(|entry| {
            (
                entry.file_name().into_string().unwrap(),
                fs::read(entry.path()).unwrap(),
            )
        })
        .collect();
    files.sort();
    files
}
