//! Files made to mislead, to exhaust or to keep the agent waiting.

use std::{
    fs,
    os::unix::fs::symlink,
    path::Path,
    time::{Duration, Instant},
};

use rustix::fs::{CWD, FileType, Mode};

use super::people::{DEPLOY, appimage, install};
use super::*;

fn fifo(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    rustix::fs::mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
}

#[test]
fn pipes_in_place_of_files_are_named_and_not_waited_for() {
    let (directory, root) = root_with(&[("/var/lib/pacman/local/a-1-1/files", b"")]);
    for path in [
        "var/lib/dpkg/status",
        "lib/apk/db/installed",
        "etc/pacman.conf",
        "var/lib/pacman/local/a-1-1/desc",
        "var/lib/rpm/rpmdb.sqlite",
        "var/lib/snapd/snaps",
        "var/lib/flatpak/app",
        "var/lib/flatpak/repo/config",
        "opt/x.AppImage",
        "etc/passwd",
    ] {
        fifo(&directory.path().join(path));
    }
    let begun = Instant::now();
    let software = collect(&root);
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert_ne!(software.status(), Status::Complete);
    let said = diagnostics(&software).join("\n");
    for source in [
        "dpkg/status",
        "apk/db/installed",
        "pacman.conf",
        "a-1-1/desc",
        "lib/rpm",
        "repo/config",
        "etc/passwd",
    ] {
        assert!(said.contains(source), "{source}: {said}");
    }
}

#[test]
fn a_person_reads_nothing_outside_the_own_home() {
    let (directory, root) = root_with(&[
        (
            "/etc/passwd",
            b"eve:x:1000:0::/home/eve:\nbob:x:1001:0::/home/bob:\n",
        ),
        ("/secret/deploy", DEPLOY),
        ("/secret/x.AppImage", &appimage()),
        ("/home/eve/.keep", b""),
    ]);
    let at = |path: &str| directory.path().join(path);
    install(
        &at("home/bob/.local/share/flatpak"),
        "app/org.bob.App/x86_64/stable",
        DEPLOY,
    );
    fs::write(at("home/bob/y.AppImage"), appimage()).unwrap();
    // Someone else's installation as one's own.
    fs::create_dir_all(at("home/eve/.local/share")).unwrap();
    symlink(
        "../../../bob/.local/share/flatpak",
        at("home/eve/.local/share/flatpak"),
    )
    .unwrap();
    symlink("/home/bob", at("home/eve/Downloads")).unwrap();
    symlink("../../secret/x.AppImage", at("home/eve/x.AppImage")).unwrap();
    let software = collect(&root);
    let users: Vec<_> = software
        .packages
        .iter()
        .map(|one| (one.name.as_str(), one.user.as_str()))
        .collect();
    assert_eq!(users, [("org.bob.App", "bob"), ("y", "bob")]);

    fs::remove_file(at("home/eve/.local/share/flatpak")).unwrap();
    let app = at("home/eve/.local/share/flatpak/app/org.eve.App/x86_64/stable");
    fs::create_dir_all(&app).unwrap();
    symlink("../../../../../../../../../secret", app.join("active")).unwrap();
    let software = collect(&root);
    assert!(software.packages.iter().all(|one| one.user != "eve"));
    assert!(diagnostics(&software)[0].contains("leads out of its folder"));
}

#[test]
fn a_person_cannot_hide_others_nor_fill_the_section() {
    let (directory, root) = root_with(&[
        (
            "/etc/passwd",
            b"eve:x:1000:0::/home/eve:\nzoe:x:1001:0::/home/zoe:\n",
        ),
        ("/var/lib/dpkg/status", STATUS.as_bytes()),
        ("/home/zoe/z.AppImage", &appimage()),
    ]);
    let base = directory.path().join("home/eve/.local/share/flatpak");
    for number in 0..1500 {
        install(
            &base,
            &format!("app/org.a{number}/x86_64/stable"),
            b"rubbish",
        );
    }
    let downloads = directory.path().join("home/eve/Downloads");
    fs::create_dir_all(&downloads).unwrap();
    for number in 0..2500 {
        fs::write(downloads.join(format!("{number}.AppImage")), b"").unwrap();
    }
    let begun = Instant::now();
    let software = collect(&root);
    assert!(begun.elapsed() < Duration::from_secs(30));
    let of = |user: &str| {
        software
            .packages
            .iter()
            .filter(|one| one.user == user)
            .count()
    };
    assert_eq!((of("eve"), of("zoe"), of("")), (1000, 1, 4));
    let said = diagnostics(&software);
    assert!(said.len() <= 10, "{said:?}");
    assert!(
        said.last()
            .unwrap()
            .contains("further problems are left out"),
        "{said:?}"
    );
    assert!(
        said.iter().all(|line| line.starts_with("/home/eve")),
        "{said:?}"
    );
}

#[test]
fn odd_names_and_times_of_a_person_do_no_harm() {
    use std::os::unix::ffi::OsStrExt as _;
    let (directory, root) = root_with(&[("/etc/passwd", b"eve:x:1000:0::/home/eve:\n")]);
    let home = directory.path().join("home/eve");
    fs::create_dir_all(&home).unwrap();
    for name in [
        &b"\xff\xfe-1.0.AppImage"[..],
        b"<b>\x1b[31m\n=1+1.AppImage",
        "\u{202e}gpj.AppImage".as_bytes(),
    ] {
        let path = home.join(std::ffi::OsStr::from_bytes(name));
        fs::write(&path, appimage()).unwrap();
        let far = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 33);
        fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(far)
            .unwrap();
    }
    let base = home.join(".local/share/flatpak");
    install(
        &base,
        &format!("app/{}/x86_64/stable", "x".repeat(250)),
        DEPLOY,
    );
    let bad = base.join("app").join(std::ffi::OsStr::from_bytes(b"\xff"));
    fs::create_dir_all(bad).unwrap();
    let software = collect(&root);
    assert_eq!(software.packages.len(), 4);
    assert!(
        software
            .packages
            .iter()
            .all(|one| one.installed_at.is_none() || one.location.contains("flatpak"))
    );
    assert!(
        software
            .packages
            .iter()
            .any(|one| one.name == "<b>\u{1b}[31m\n=1+1")
    );
    assert!(diagnostics(&software)[0].contains("no UTF-8"));
}

#[test]
fn loops_of_links_are_no_loops() {
    let (directory, root) = root_with(&[("/etc/passwd", b"eve:x:1000:0::/home/eve:\n")]);
    let flatpak = directory.path().join("home/eve/.local/share/flatpak");
    fs::create_dir_all(flatpak.join("app/a/b")).unwrap();
    symlink(".", flatpak.join("app/a/b/c")).unwrap();
    symlink("active", flatpak.join("app/a/b/active")).unwrap();
    symlink("..", flatpak.join("runtime")).unwrap();
    symlink("/", directory.path().join("home/eve/Applications")).unwrap();
    let begun = Instant::now();
    let software = collect(&root);
    assert!(begun.elapsed() < Duration::from_secs(10));
    // What eve made up is said to be hers.
    assert!(software.packages.iter().all(|one| one.user == "eve"));
    assert!(software.packages.len() < 10 && software.diagnostics.len() < 20);
}

#[test]
fn a_gigabyte_without_an_end_of_line_is_no_trouble() {
    let (directory, root) = root_with(&[]);
    for path in ["var/lib/dpkg/status", "lib/apk/db/installed"] {
        let path = directory.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        // A file of NULs that takes no space.
        let file = fs::File::create(path).unwrap();
        file.set_len(1 << 30).unwrap();
    }
    let begun = Instant::now();
    let software = collect(&root);
    assert!(begun.elapsed() < Duration::from_secs(20));
    assert_ne!(software.status(), Status::Complete);
    let said = diagnostics(&software).join("\n");
    assert!(
        said.contains("dpkg/status") && said.contains("apk/db/installed"),
        "{said}"
    );
}
