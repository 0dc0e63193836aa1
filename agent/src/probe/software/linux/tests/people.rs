//! What people installed for themselves. The files are written from documentation.

use std::path::Path;

use super::*;

const PASSWD: &[u8] = b"root:x:0:0::/root:/bin/sh\nanna:x:1000:1000::/home/anna:/bin/sh\nwww-data:x:33:33::/var/www:/bin/false\n";

/// A file that begins as an AppImage does.
pub(super) fn appimage() -> Vec<u8> {
    let mut file = b"\x7fELF\x02\x01\x01\x00AI\x02\x00\x00\x00\x00\x00\x02\x00\x3e\x00".to_vec();
    file.resize(40_000, 0);
    file
}

/// Recorded: what flatpak 1.14.10 wrote on Debian 12 when it installed an application made for it from the
/// remote "local": 1,536 bytes, "Hello & World" 1.2.3.
pub(super) const DEPLOY: &[u8] = include_bytes!("deploy.gvariant");

/// Writes an installed application below a Flatpak installation.
pub(super) fn install(base: &Path, reference: &str, deploy: &[u8]) {
    let branch = base.join(reference);
    std::fs::create_dir_all(branch.join("c0ffee")).unwrap();
    std::fs::write(branch.join("c0ffee/deploy"), deploy).unwrap();
    std::os::unix::fs::symlink("c0ffee", branch.join("active")).unwrap();
}

fn rows(software: &Software) -> Vec<(&str, &str, &str, &str)> {
    let packages = software.packages.iter();
    packages
        .map(|one| {
            (
                one.name.as_str(),
                one.version.as_str(),
                one.user.as_str(),
                one.location.as_str(),
            )
        })
        .collect()
}

#[test]
fn flatpaks_are_listed_for_everyone_and_for_people() {
    let (directory, root) = root_with(&[
        ("/etc/passwd", PASSWD),
        (
            "/etc/flatpak/installations.d/x.conf",
            b"[Installation \"extra\"]\nPath=/srv/flatpak\n",
        ),
        (
            "/var/lib/flatpak/repo/config",
            b"[core]\nxa.masked=org.x.Hello;\n",
        ),
        (
            "/home/anna/.local/share/flatpak/app/org.y.App/x86_64/beta/c0ffee/files/share/metainfo/org.y.App.metainfo.xml",
            b"<component><releases><release version=\"3.4\"/></releases></component>",
        ),
    ]);
    let at = |path: &str| directory.path().join(path);
    install(
        &at("var/lib/flatpak"),
        "app/org.x.Hello/x86_64/stable",
        DEPLOY,
    );
    std::os::unix::fs::symlink(
        "x86_64/stable",
        at("var/lib/flatpak/app/org.x.Hello/current"),
    )
    .unwrap();
    install(
        &at("var/lib/flatpak"),
        "runtime/org.x.Platform/x86_64/22.08",
        b"",
    );
    install(
        &at("var/lib/flatpak"),
        "runtime/org.x.Platform/x86_64/23.08",
        b"",
    );
    install(&at("srv/flatpak"), "app/org.z.Extra/x86_64/stable", DEPLOY);
    install(
        &at("home/anna/.local/share/flatpak"),
        "app/org.y.App/x86_64/beta",
        b"",
    );
    let software = collect(&root);
    assert_eq!(
        rows(&software),
        [
            (
                "org.x.Hello",
                "1.2.3",
                "",
                "/var/lib/flatpak/app/org.x.Hello/x86_64/stable"
            ),
            (
                "org.x.Platform",
                "",
                "",
                "/var/lib/flatpak/runtime/org.x.Platform/x86_64/22.08"
            ),
            (
                "org.x.Platform",
                "",
                "",
                "/var/lib/flatpak/runtime/org.x.Platform/x86_64/23.08"
            ),
            (
                "org.y.App",
                "3.4",
                "anna",
                "/home/anna/.local/share/flatpak/app/org.y.App/x86_64/beta"
            ),
            (
                "org.z.Extra",
                "1.2.3",
                "",
                "/srv/flatpak/app/org.z.Extra/x86_64/stable"
            ),
        ]
    );
    let hello = &software.packages[0];
    assert_eq!(
        (hello.title.as_str(), hello.origin.as_str()),
        ("Hello & World", "local")
    );
    assert_eq!(
        (hello.channel.as_str(), hello.architecture.as_str()),
        ("stable", "x86_64")
    );
    assert_eq!((hello.size_bytes, hello.state()), (Some(1536), State::Held));
    assert!(!hello.system_component && software.packages[1].system_component);
    assert!(hello.installed_at.is_some());
    assert_eq!(
        software.status(),
        Status::Complete,
        "{:?}",
        diagnostics(&software)
    );
}

#[test]
fn appimages_are_recognised_by_what_they_are() {
    let program = appimage();
    let (directory, root) = root_with(&[
        ("/etc/passwd", PASSWD),
        ("/var/lib/dpkg/status", STATUS.as_bytes()),
        (
            "/var/lib/dpkg/info/bash.list",
            b"/opt/shell\n/opt/shell/shell.AppImage\n",
        ),
        ("/opt/Krita-5.2.2-x86_64.AppImage", &program),
        ("/opt/shell/shell.AppImage", &program),
        ("/opt/cura/Cura-5.6.0.AppImage", &program),
        ("/opt/notes.AppImage", b"no program"),
        ("/home/anna/Downloads/Obsidian-1.5.3.AppImage", &program),
        ("/home/anna/Téléchargements/joplin", &program),
        (
            "/home/anna/.config/user-dirs.dirs",
            "XDG_DOWNLOAD_DIR=\"$HOME/Téléchargements\"\n".as_bytes(),
        ),
        ("/home/guest/bin/tool", &program),
        ("/var/www/bin/tool", &program),
    ]);
    let link = directory.path().join("usr/local/bin/krita");
    std::fs::create_dir_all(link.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink("/opt/Krita-5.2.2-x86_64.AppImage", link).unwrap();
    let software = collect(&root);
    let found: Vec<_> = rows(&software)
        .into_iter()
        .filter(|row| !row.3.is_empty())
        .collect();
    assert_eq!(
        found,
        [
            ("Cura", "5.6.0", "", "/opt/cura"),
            ("Krita", "5.2.2", "", "/opt"),
            ("Obsidian", "1.5.3", "anna", "/home/anna/Downloads"),
            ("joplin", "", "anna", "/home/anna/Téléchargements"),
            ("tool", "", "guest", "/home/guest/bin"),
        ]
    );
    assert_eq!(
        software.status(),
        Status::Complete,
        "{:?}",
        diagnostics(&software)
    );
}

#[test]
fn a_home_that_two_accounts_share_counts_once() {
    let (_directory, root) = root_with(&[
        (
            "/etc/passwd",
            b"a:x:1000:0::/home/a:\nb:x:1001:0::/home/a:\n",
        ),
        ("/home/a/x.AppImage", &appimage()),
    ]);
    let software = collect(&root);
    assert_eq!(rows(&software), [("x", "", "a", "/home/a/")]);
}
