mod databases;
mod hostile;
mod people;

use freehold_proto::{
    limits,
    v1::{section::Status, software::package::Source},
};

use super::*;
use crate::probe::fixture::root_with;

const STATUS: &str = "Package: bash\nEssential: yes\nStatus: install ok installed\nInstalled-Size: 7163\nMaintainer: Matthias <x@y>\n\
    Architecture: amd64\nSource: bash (5.2.15-2)\nVersion: 5.2.15-2+b7\n\n\
    Package: libc6\nStatus: hold ok installed\nArchitecture: amd64\nMulti-Arch: same\nSource: glibc\nVersion: 2.36-9\n\n\
    Package: libc6\nStatus: install ok unpacked\nArchitecture: i386\nMulti-Arch: same\nSource: glibc\nVersion: 2.36-9\n\n\
    Package: old\nStatus: deinstall ok config-files\nArchitecture: all\nVersion: 1:3-1\n\n\
    Package: gone\nStatus: purge ok not-installed\nArchitecture: all\n\n";

fn collect_with(files: &[(&str, &[u8])]) -> Software {
    let (_directory, root) = root_with(files);
    collect(&root)
}

fn names(software: &Software) -> Vec<(&str, &str, State)> {
    let packages = software.packages.iter();
    packages
        .map(|one| (one.name.as_str(), one.architecture.as_str(), one.state()))
        .collect()
}

fn diagnostics(software: &Software) -> Vec<String> {
    let all = software.diagnostics.iter();
    all.map(|one| format!("{} [{}] {}", one.source, one.position, one.reason))
        .collect()
}

#[test]
fn packages_of_dpkg_are_listed_with_their_state() {
    let software = collect_with(&[
        ("/var/lib/dpkg/status", STATUS.as_bytes()),
        ("/var/lib/dpkg/info/bash.list", b""),
        ("/var/lib/dpkg/info/libc6:amd64.list", b""),
        ("/var/lib/dpkg/info/old.list", b""),
    ]);
    assert_eq!(software.status(), Status::Complete);
    assert_eq!(
        names(&software),
        [
            ("bash", "amd64", State::Installed),
            ("libc6", "amd64", State::Held),
            ("libc6", "i386", State::Broken),
            ("old", "all", State::ConfigFiles),
        ]
    );
    let bash = &software.packages[0];
    assert_eq!(
        (bash.version.as_str(), bash.release.as_str()),
        ("5.2.15", "2+b7")
    );
    assert_eq!((bash.epoch, bash.size_bytes), (None, Some(7163 * 1024)));
    assert_eq!(
        (bash.publisher.as_str(), bash.source_package.as_str()),
        ("Matthias <x@y>", "")
    );
    assert!(bash.system_component && bash.installed_at.is_some());
    assert_eq!(bash.source(), Source::Dpkg);
    let installed: Vec<_> = software
        .packages
        .iter()
        .map(|package| package.installed_at.is_some())
        .collect();
    assert_eq!(installed, [true, true, false, false]);
    assert_eq!(software.packages[1].source_package, "glibc");
    assert_eq!(software.packages[3].epoch, Some(1));
}

#[test]
fn changes_not_yet_merged_count() {
    let software = collect_with(&[
        ("/var/lib/dpkg/status", STATUS.as_bytes()),
        (
            "/var/lib/dpkg/updates/0000",
            b"Package: bash\nStatus: install ok half-configured\nArchitecture: amd64\nVersion: 6\n",
        ),
        (
            "/var/lib/dpkg/updates/0001",
            b"Package: old\nStatus: purge ok not-installed\nArchitecture: all\n",
        ),
        ("/var/lib/dpkg/updates/tmp.i", b"Package: half\n"),
    ]);
    assert_eq!(names(&software)[0], ("bash", "amd64", State::Broken));
    assert_eq!(software.packages.len(), 3);
}

#[test]
fn a_change_of_one_architecture_leaves_the_others_alone() {
    let status = "Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n\n\
        Package: libc6\nStatus: install ok installed\nArchitecture: i386\nVersion: 1\n";
    let software = collect_with(&[
        ("/var/lib/dpkg/status", status.as_bytes()),
        (
            "/var/lib/dpkg/updates/0000",
            b"Package: libc6\nStatus: install ok unpacked\nArchitecture: i386\nVersion: 2\n",
        ),
    ]);
    assert_eq!(
        names(&software),
        [
            ("libc6", "amd64", State::Installed),
            ("libc6", "i386", State::Broken)
        ]
    );
}

#[test]
fn images_without_a_package_manager_are_read() {
    let software = collect_with(&[
        (
            "/var/lib/dpkg/status.d/base",
            b"Package: base-files\nVersion: 12.4+deb12u5\nArchitecture: amd64\n",
        ),
        (
            "/var/lib/dpkg/status.d/base.md5sums",
            b"d41d8cd98f00b204e9800998ecf8427e  etc/x\n",
        ),
    ]);
    assert_eq!(
        names(&software),
        [("base-files", "amd64", State::Unspecified)]
    );
    assert_eq!(software.status(), Status::Complete);
}

#[test]
fn names_that_leave_the_folder_are_not_looked_up() {
    let software = collect_with(&[
        ("/var/lib/dpkg/status", b"Package: ../../../etc/passwd\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n"),
        ("/etc/passwd.list", b""),
    ]);
    assert_eq!(software.packages[0].installed_at, None);
}

#[test]
fn broken_databases_are_named_and_the_rest_is_read() {
    let software = collect_with(&[(
        "/var/lib/dpkg/status",
        b"Package: a\nStatus: install ok fine\nVersion: 1\n\nVersion: 9\n\nPackage: b\nStatus: install ok installed\nMaintainer: M\xfcller\nVersion: 2\nrubbish\n",
    )]);
    assert_eq!(software.packages.len(), 2);
    assert_eq!(software.status(), Status::Partial);
    insta::assert_snapshot!(diagnostics(&software).join("\n"));
}

#[test]
fn a_database_that_a_crash_emptied_is_not_an_empty_list() {
    for status in [None, Some(&b""[..]), Some(b"\0\0\0\0")] {
        let mut files = vec![("/var/lib/dpkg/info/bash.list", &b"/.\n"[..])];
        files.extend(status.map(|bytes| ("/var/lib/dpkg/status", bytes)));
        let software = collect_with(&files);
        assert_eq!(software.status(), Status::Unreadable, "{status:?}");
        let said = diagnostics(&software).join("\n");
        assert!(said.contains("packages of dpkg are missing"), "{said}");
    }
}

#[test]
fn a_database_that_is_cut_off_says_so() {
    let whole = STATUS.len();
    for length in [whole - 60, whole / 2, 100] {
        let software = collect_with(&[("/var/lib/dpkg/status", &STATUS.as_bytes()[..length])]);
        assert_eq!(software.status(), Status::Partial, "{length}");
    }
}

#[test]
fn no_database_at_all_is_not_an_empty_list() {
    let software = collect_with(&[]);
    assert_eq!(software.status(), Status::Unreadable);
    assert!(diagnostics(&software)[0].contains("no package database"));
}

#[test]
fn an_rpm_database_of_another_root_is_not_an_empty_list() {
    for path in [
        "/var/lib/rpm/Packages",
        "/var/lib/rpm/Packages.db",
        "/usr/lib/sysimage/rpm/rpmdb.sqlite",
    ] {
        let software = collect_with(&[(path, b"x")]);
        assert_eq!(software.status(), Status::Unreadable);
        assert!(diagnostics(&software)[0].contains("packages of rpm are missing"));
        let both = collect_with(&[(path, b"x"), ("/var/lib/dpkg/status", STATUS.as_bytes())]);
        assert_eq!(both.status(), Status::Partial);
    }
    let empty_folder = collect_with(&[
        ("/var/lib/dpkg/status", STATUS.as_bytes()),
        ("/var/lib/rpm/.keep", b""),
    ]);
    assert_eq!(empty_folder.status(), Status::Complete);
}

#[test]
fn hostile_names_are_kept_and_bounded() {
    let long = "x".repeat(10_000);
    let status = format!(
        "Package: <b>\u{202e}=1\u{7}\nStatus: install ok installed\nVersion: 1\nMaintainer: {long}\n"
    );
    let software = collect_with(&[("/var/lib/dpkg/status", status.as_bytes())]);
    assert_eq!(software.packages[0].name, "<b>\u{202e}=1\u{7}");
    assert_eq!(software.packages[0].publisher.len(), limits::STRING_BYTES);
    assert_eq!(software.status(), Status::Partial);
}

#[test]
fn versions_of_some_names_are_whole() {
    let (_directory, root) = root_with(&[
        ("/var/lib/dpkg/status", STATUS.as_bytes()),
        ("/var/lib/dpkg/info/bash.list", b""),
        ("/var/lib/dpkg/info/old.list", b""),
    ]);
    let mut own = Diagnostics::new();
    let found = versions(&root, &["bash", "old", "gone"], false, &mut own);
    let expected = Installed {
        name: "bash".into(),
        version: "5.2.15-2+b7".into(),
        broken: false,
    };
    assert_eq!(found, [expected]);
}
