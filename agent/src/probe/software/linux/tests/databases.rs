//! apk, pacman and snapd. The files are written from documentation.

use super::*;

const APK: &[u8] = b"C:Q1a=\nP:musl\nV:1.2.4-r2\nA:x86_64\nS:1\nI:634880\nT:the musl c library\no:musl\nm:Timo <t@x>\nt:1\nF:lib\nR:ld-musl\n\n\
    P:nginx\nV:1.24.0-r15\nA:x86_64\no:nginx\n\nP:php\nV:8.2.1-r0\nA:x86_64\no:php82\nf:s\n\n";

#[test]
fn packages_of_apk_are_listed() {
    let software = collect_with(&[
        ("/lib/apk/db/installed", APK),
        ("/etc/apk/world", b"alpine-base\nnginx=1.24.0-r15\n"),
    ]);
    assert_eq!(software.status(), Status::Complete);
    assert_eq!(
        names(&software),
        [
            ("musl", "x86_64", State::Installed),
            ("nginx", "x86_64", State::Held),
            ("php", "x86_64", State::Broken),
        ]
    );
    let musl = &software.packages[0];
    assert_eq!(
        (musl.version.as_str(), musl.release.as_str()),
        ("1.2.4", "r2")
    );
    assert_eq!(
        (musl.size_bytes, musl.publisher.as_str()),
        (Some(634_880), "Timo <t@x>")
    );
    assert_eq!(software.packages[2].source_package, "php82");
}

#[test]
fn one_database_at_two_paths_counts_once() {
    let (directory, root) = root_with(&[("/usr/lib/apk/db/installed", APK)]);
    std::os::unix::fs::symlink("usr/lib", directory.path().join("lib")).unwrap();
    let software = collect(&root);
    assert_eq!(
        (software.packages.len(), software.status()),
        (3, Status::Complete)
    );
}

#[test]
fn a_leftover_database_is_named() {
    let (directory, root) = root_with(&[
        ("/usr/lib/apk/db/installed", b"P:new\nV:1-r0\n\n"),
        ("/lib/apk/db/installed", APK),
    ]);
    let old = std::fs::File::open(directory.path().join("lib/apk/db/installed")).unwrap();
    old.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    let software = collect(&root);
    assert_eq!(names(&software), [("new", "", State::Installed)]);
    assert!(diagnostics(&software)[0].starts_with("/lib/apk/db/installed [] is older"));
}

#[test]
fn packages_of_pacman_are_listed() {
    let software = collect_with(&[
        ("/etc/pacman.conf", b"[options]\nIgnorePkg = lin*\n"),
        ("/var/lib/pacman/local/ALPM_DB_VERSION", b"9\n"),
        (
            "/var/lib/pacman/local/linux-6.9.1.arch1-1/desc",
            b"%NAME%\nlinux\n\n%VERSION%\n6.9.1.arch1-1\n\n%ARCH%\nx86_64\n\n%INSTALLDATE%\n1716100000\n\n%SIZE%\n5\n\n",
        ),
        (
            "/var/lib/pacman/local/shadow-1:4.2-3/desc",
            b"%NAME%\nshadow\n\n%VERSION%\n1:4.2-3\n\n%BASE%\nshadow-base\n\n%PACKAGER%\nJan <j@x>\n\n",
        ),
        ("/var/lib/pacman/local/broken-1-1/files", b""),
    ]);
    assert_eq!(
        names(&software),
        [
            ("linux", "x86_64", State::Held),
            ("shadow", "", State::Installed)
        ]
    );
    let shadow = &software.packages[1];
    assert_eq!(
        (
            shadow.epoch,
            shadow.version.as_str(),
            shadow.release.as_str()
        ),
        (Some(1), "4.2", "3")
    );
    assert_eq!(
        software.packages[0].installed_at.unwrap().seconds,
        1_716_100_000
    );
    assert_eq!(
        diagnostics(&software),
        [
            "/var/lib/pacman/local/broken-1-1/desc [] does not exist, so a package of pacman is missing"
        ]
    );
}

#[test]
fn pacman_is_found_where_its_configuration_says() {
    let software = collect_with(&[
        ("/etc/pacman.conf", b"[options]\nDBPath = /srv/db/\n"),
        (
            "/srv/db/local/a-1-1/desc",
            b"%NAME%\na\n\n%VERSION%\n1-1\n\n",
        ),
    ]);
    assert_eq!(names(&software), [("a", "", State::Installed)]);
}

#[test]
fn snapd_tells_what_is_held_and_switched_off() {
    let state = br#"{"data":{"snaps":{
        "firefox":{"type":"app","active":true,"current":"9","channel":"latest/stable"},
        "old":{"type":"app","active":false,"current":"3"},
        "core22":{"type":"base","active":true,"current":"1122"}},
        "snaps-hold":{"firefox":{"system":{"hold-until":"2999-01-01T00:00:00Z"}},
                      "core22":{"system":{"hold-until":"2001-01-01T00:00:00Z"}}}}}"#;
    let software = collect_with(&[
        ("/var/lib/snapd/state.json", state),
        ("/var/lib/snapd/snaps/firefox_9.snap", b"12"),
        ("/var/lib/snapd/snaps/firefox_10.snap", b"123"),
        ("/var/lib/snapd/snaps/old_3.snap", b"1"),
        ("/var/lib/snapd/snaps/core22_1122.snap", b"1"),
    ]);
    assert_eq!(
        names(&software),
        [
            ("core22", "", State::Installed),
            ("firefox", "", State::Held),
            ("old", "", State::Disabled),
        ]
    );
    assert_eq!(software.packages[1].release, "9");
    assert_eq!(software.packages[1].channel, "latest/stable");
    assert!(software.packages[0].system_component);
    assert_eq!(software.status(), Status::Complete);
}

#[test]
fn products_are_found_in_apk_and_pacman_too() {
    for files in [
        [("/lib/apk/db/installed", &b"P:clamav\nV:1.2.2-r0\n\n"[..])],
        [(
            "/var/lib/pacman/local/clamav-1.2.2-r0/desc",
            b"%NAME%\nclamav\n\n%VERSION%\n1.2.2-r0\n\n",
        )],
    ] {
        let (_directory, root) = root_with(&files);
        let found = versions(&root, &["clamav", "av"], false, &mut Diagnostics::new());
        assert_eq!((found.len(), found[0].version.as_str()), (1, "1.2.2-r0"));
    }
}
