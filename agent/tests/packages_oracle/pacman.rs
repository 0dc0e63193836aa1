//! pacman: packages made for the test, installed by pacman itself.

use std::{fs, path::Path};

use freehold_proto::v1::{
    section::Status,
    software::package::{Source, State},
};

use crate::{collected, command, done, installed, of, version};

/// Name, version, base, architecture, packager.
const PACKAGES: [[&str; 5]; 4] = [
    [
        "linux-x",
        "1:6.9.1.arch1-1",
        "linux",
        "any",
        "Jan <jan@example.org>",
    ],
    ["gimp", "2.10.38-2", "gimp", "any", "Ä Ö <x@y>"],
    ["lib32-x", "0.9+r3+gabc-1", "lib32-x", "any", ""],
    ["zlib", "1:1.3-1.1", "zlib", "any", "Unknown Packager"],
];

fn install(root: &Path, [name, version, base, architecture, packager]: [&str; 5]) {
    let folder = root.join(name);
    fs::create_dir(&folder).unwrap();
    let information = format!(
        "pkgname = {name}\npkgbase = {base}\npkgver = {version}\npkgdesc = d\nbuilddate = 1716000000\n\
         packager = {packager}\nsize = 4096\narch = {architecture}\n"
    );
    fs::write(folder.join(".PKGINFO"), information).unwrap();
    let archive = root.join(format!("{name}.pkg.tar.gz"));
    let mut tar = command("tar", ["-czf"]);
    done(tar.arg(&archive).arg("-C").arg(&folder).arg(".PKGINFO"));
    let database = root.join("var/lib/pacman");
    let mut pacman = command("pacman", ["--noconfirm", "--config", "/dev/null", "--root"]);
    done(
        pacman
            .arg(root)
            .arg("--dbpath")
            .arg(database)
            .arg("-U")
            .arg(archive),
    );
}

#[test]
fn packages_are_those_of_pacman() {
    if !installed("packages of pacman", &["pacman", "tar"]) || !rustix::process::geteuid().is_root()
    {
        return eprintln!("NOT TESTED: packages of pacman, which installs as root only");
    }
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    fs::create_dir_all(root.join("var/lib/pacman/local")).unwrap();
    fs::create_dir_all(root.join("etc")).unwrap();
    for package in PACKAGES {
        install(root, package);
    }
    fs::write(
        root.join("etc/pacman.conf"),
        "[options]\nIgnorePkg = gim?\n",
    )
    .unwrap();
    let database = root.join("var/lib/pacman");
    let list = done(command("pacman", ["--config", "/dev/null", "-Q", "--dbpath"]).arg(&database));
    let software = collected(root);
    let found = of(&software, Source::Pacman);
    let rows: Vec<_> = found
        .iter()
        .map(|one| format!("{} {}", one.name, version(one)))
        .collect();
    assert_eq!(rows, list.lines().collect::<Vec<_>>());
    assert_eq!(
        software.status(),
        Status::Complete,
        "{:?}",
        software.diagnostics
    );

    let details =
        done(command("pacman", ["--config", "/dev/null", "-Qi", "--dbpath"]).arg(&database));
    let field = |name: &str| -> Vec<&str> {
        let lines = details.lines().filter_map(|line| line.split_once(" : "));
        lines
            .filter(|(key, _)| key.trim() == name)
            .map(|(_, value)| value)
            .collect()
    };
    let packagers: Vec<_> = found
        .iter()
        .map(|one| {
            if one.publisher.is_empty() {
                "None"
            } else {
                &one.publisher
            }
        })
        .collect();
    assert_eq!(packagers, field("Packager"));
    assert!(
        found
            .iter()
            .all(|one| one.size_bytes == Some(4096) && one.installed_at.is_some())
    );
    let held: Vec<_> = found
        .iter()
        .filter(|one| one.state() == State::Held)
        .map(|one| &one.name)
        .collect();
    assert_eq!(held, ["gimp"]);
    let sources: Vec<_> = found
        .iter()
        .map(|one| one.source_package.as_str())
        .collect();
    assert_eq!(sources, ["", "", "linux", ""]);
}
