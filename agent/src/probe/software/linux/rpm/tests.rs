//! Against rpm itself, with a database of its own.

use std::{fs, os::unix::fs::PermissionsExt as _};

use freehold_proto::v1::section::Status;

use super::*;

const RPM: &str = "/usr/bin/rpm";

/// What is made of rpm's answer about a database, and how much of it can be relied on.
fn asked(
    database: &Path,
    names: Option<&[&str]>,
    may_be_empty: bool,
) -> (Vec<Package>, Status, Vec<String>) {
    let output = run(RPM, database, names, TIME).unwrap();
    let query = Query {
        database: "db",
        names,
        may_be_empty,
    };
    let (mut list, mut diagnostics) = (List::new(), Diagnostics::new());
    let readable = query.add(&output, &Locks::default(), &mut list, &mut diagnostics);
    let status = diagnostics.status(readable);
    let said = diagnostics.finish().into_iter().map(|one| one.reason);
    (list.into_found(), status, said.collect())
}

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
    done(
        Command::new("rpmbuild")
            .args(["-bb", "--quiet", "--define", &top])
            .arg(path.join("p.spec")),
    );
    let package = path.join("build/RPMS/noarch/freehold-probe-1.2-3.noarch.rpm");
    let database = path.join("db");
    done(
        Command::new("rpm")
            .args(["-i", "--justdb", "--nodeps", "--dbpath"])
            .arg(&database)
            .arg(package),
    );
    Some(directory)
}

fn done(command: &mut Command) {
    let output = command.env("HOME", "/dev/null").output().unwrap();
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
    let (packages, status, said) = asked(&path, None, true);
    assert_eq!(status, Status::Complete, "{said:?}");
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
    let (packages, status, _) = asked(&path, Some(&["nothing", "freehold-probe"]), true);
    assert_eq!((packages.len(), status), (1, Status::Complete));
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
    let (packages, status, said) = asked(&path, None, true);
    assert_eq!((packages.len(), status), (0, Status::Unreadable));
    assert!(said[0].starts_with("rpm says"), "{said:?}");
}

#[test]
fn a_kind_of_database_that_rpm_does_not_know_is_not_an_empty_list() {
    let Some(directory) = database() else { return };
    // Debian's rpm was built without ndb and says nothing at all about such a database.
    let path = directory.path().join("ndb");
    fs::create_dir(&path).unwrap();
    fs::write(path.join("Packages.db"), [0; 4096]).unwrap();
    let (packages, status, said) = asked(&path, None, false);
    assert_eq!(
        (packages.len(), status),
        (0, Status::Unreadable),
        "{said:?}"
    );
    assert!(said[0].contains("packages of rpm are missing"), "{said:?}");
}

#[test]
fn a_database_that_may_not_be_read_is_not_an_empty_list() {
    let Some(directory) = database() else { return };
    let path = directory.path().join("db");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let (_, status, said) = asked(&path, None, true);
    assert_ne!(status, Status::Complete, "{said:?}");
}

#[test]
fn a_database_of_another_root_is_read_from_a_copy_and_left_as_it_is() {
    let Some(directory) = database() else { return };
    let place = directory.path().join("root/var/lib/rpm");
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    fs::rename(directory.path().join("db"), &place).unwrap();
    let locks = directory.path().join("root/etc/dnf/plugins");
    fs::create_dir_all(&locks).unwrap();
    fs::write(locks.join("versionlock.list"), "freehold-probe-7:1.2-3.*\n").unwrap();
    let before = listing(&place);
    let root = Root::at(directory.path().join("root"));
    for names in [None, Some(&["freehold-probe"][..])] {
        let (mut list, mut diagnostics) = (List::new(), Diagnostics::new());
        assert_eq!(read(&root, names, &mut list, &mut diagnostics), Some(true));
        assert_eq!(
            diagnostics.status(true),
            Status::Complete,
            "{diagnostics:?}"
        );
        let packages = list.into_found();
        assert_eq!((packages.len(), packages[0].state()), (1, State::Held));
    }
    let (mut list, mut diagnostics) = (List::new(), Diagnostics::new());
    read(&root, Some(&["other"]), &mut list, &mut diagnostics);
    assert_eq!(list.len(), 0);
    assert_eq!(listing(&place), before, "the database was changed");
}

#[test]
fn a_copy_disappears() {
    let Some(directory) = database() else { return };
    let root = Root::at(directory.path());
    let copy = Copy::make(&root, "/db", NOBODY).unwrap();
    let path = copy.path().to_owned();
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    assert!(path.join("rpmdb.sqlite").exists());
    drop(copy);
    assert!(!path.exists());
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
