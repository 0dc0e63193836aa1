//! Which files sudo rules come from.

use super::*;

#[test]
fn included_files_are_read_by_sudos_rules() {
    let accounts = collect_with(&[
        (
            "/etc/sudoers",
            b"@include extra.%h\n@includedir /etc/sudoers.d\n#includedir /etc/missing.d\n",
        ),
        ("/etc/extra.web1", b"anna ALL=ALL\n"),
        ("/etc/sudoers.d/10-b", b"bob ALL=ALL\n"),
        ("/etc/sudoers.d/9-c", b"carl ALL=ALL\n"),
        ("/etc/sudoers.d/README.txt", b"broken\n"),
        ("/etc/sudoers.d/backup~", b"broken\n"),
        ("/etc/sudoers.d/folder/x", b"broken\n"),
    ]);
    assert_eq!(diagnostics(&accounts), [""; 0]);
    let sources: Vec<_> = accounts
        .privileges
        .iter()
        .filter(|one| one.mechanism() == Mechanism::Sudo)
        .map(|one| (one.principal.as_str(), one.source.as_str()))
        .collect();
    assert_eq!(
        sources,
        [
            ("anna", "/etc/extra.web1"),
            ("bob", "/etc/sudoers.d/10-b"),
            ("carl", "/etc/sudoers.d/9-c")
        ]
    );
}

#[test]
fn a_missing_include_is_noted() {
    let accounts = sudoers("@include /etc/gone\nanna ALL=ALL\n");
    assert_eq!(
        diagnostics(&accounts),
        ["/etc/gone [] does not exist, so what sudo allows by it is missing"]
    );
    assert_eq!(accounts.status(), Status::Partial);
    assert_eq!(lines(&accounts, Mechanism::Sudo).len(), 1);
}

#[test]
fn includes_in_a_circle_are_noticed() {
    let accounts = collect_with(&[
        (
            "/etc/sudoers",
            b"@include /etc/a\n@include /etc/sudoers\nanna ALL=ALL\n",
        ),
        ("/etc/a", b"@include /etc/b\n"),
        ("/etc/b", b"bob ALL=ALL\n@include /etc/a\n"),
    ]);
    assert_eq!(
        diagnostics(&accounts),
        [
            "/etc/b [line 2] includes /etc/a, which includes this file again; it is not read twice",
            "/etc/sudoers [line 2] includes /etc/sudoers, which includes this file again; it is not read twice",
        ]
    );
    assert_eq!(lines(&accounts, Mechanism::Sudo).len(), 2);
}

#[test]
fn includes_that_multiply_are_bounded() {
    let mut files = Vec::new();
    for level in 0..20 {
        let next = format!("@include /etc/s{0}\n@include /etc/s{0}\n", level + 1);
        files.push((format!("/etc/s{level}"), next));
    }
    files.push((
        "/etc/sudoers".into(),
        "@include /etc/s0\nanna ALL=ALL\n".into(),
    ));
    files.push(("/etc/s20".into(), String::new()));
    let files: Vec<_> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_bytes()))
        .collect();
    let accounts = collect_with(&files);
    assert!(
        diagnostics(&accounts)
            .iter()
            .any(|one| one.contains("more than 2000 files"))
    );
    assert_eq!(lines(&accounts, Mechanism::Sudo).len(), 1);
}

#[test]
fn a_broken_line_is_placed_and_the_rest_is_read() {
    let accounts = sudoers("anna ALL=ALL\nbob ALL=(ALL ALL\ncarl ALL=ALL\n");
    assert_eq!(
        diagnostics(&accounts),
        [
            "/etc/sudoers [line 2, column 14] there is \"A\" where \")\" is expected, so sudo ignores the entry"
        ]
    );
    assert_eq!(accounts.status(), Status::Partial);
    assert_eq!(lines(&accounts, Mechanism::Sudo).len(), 2);
}

#[test]
fn rules_in_a_directory_service_are_said_to_be_missing() {
    let nsswitch = (
        "/etc/nsswitch.conf",
        &b"passwd: files sss\nsudoers: files sss ldap\n"[..],
    );
    let sssd = (
        "/etc/sssd/sssd.conf",
        &b"[sssd]\ndomains = example.com, plain\n[domain/example.com]\nid_provider = ad\nsudo_provider = ldap\n[domain/plain]\nid_provider = ad\nsudo_provider = none\n"[..],
    );
    let ldap = (
        "/etc/ldap/ldap.conf",
        &b"sudoers_base ou=sudoers,dc=x\n"[..],
    );
    let accounts = collect_with(&[nsswitch, sssd, ldap, ("/etc/sudoers", b"")]);
    assert_eq!(
        diagnostics(&accounts)[1..],
        [
            "/etc/nsswitch.conf [sudoers] sudo also asks SSSD (example.com by ldap); rules in the directory are not read here, so they are missing",
            "/etc/nsswitch.conf [sudoers] sudo also asks LDAP, as /etc/ldap/ldap.conf says; rules in the directory are not read here, so they are missing",
        ]
    );
    assert_eq!(accounts.status(), Status::Partial);
    // Distributions name directories that nobody has set up, and without sudo nobody asks them.
    let unused = collect_with(&[nsswitch, ("/etc/sudoers", b"")]);
    assert_eq!(diagnostics(&unused), [""; 0]);
    let without_sudo = collect_with(&[nsswitch, ldap]);
    assert_eq!(diagnostics(&without_sudo), [""; 0]);
}

#[test]
fn rules_of_a_file_that_sudo_refuses_are_not_in_force() {
    use std::os::unix::fs::PermissionsExt as _;
    let (directory, root) = root_with(&[
        ("/etc/passwd", b""),
        ("/etc/group", b""),
        ("/etc/shadow", b""),
        (
            "/etc/sudoers",
            b"anna ALL=ALL\n@includedir /etc/sudoers.d\n",
        ),
        (
            "/etc/sudoers.d/x",
            b"Defaults !authenticate\nbob ALL=ALL\n@include /etc/more\n",
        ),
        ("/etc/more", b"carl ALL=ALL\n"),
    ]);
    let path = directory.path().join("etc/sudoers.d/x");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o666)).unwrap();
    let accounts = collect(&root);
    let reason = "not in force: /etc/sudoers.d/x may be written by everyone, so sudo refuses it";
    assert_eq!(
        lines(&accounts, Mechanism::Sudo),
        [
            "anna | sudoers | everything | full".to_owned(),
            format!("bob | sudoers | everything | {reason} | not full"),
            format!("carl | sudoers | everything | {reason} | not full"),
        ]
    );
    assert!(
        diagnostics(&accounts)[0].starts_with("/etc/sudoers.d/x [] may be written by everyone")
    );
    assert_eq!(accounts.status(), Status::Complete);
}

/// sudo, doas and polkit read such files like any other.
#[test]
fn rules_in_files_whose_names_are_no_utf8_are_said_to_be_missing() {
    use std::{ffi::OsStr, fs, os::unix::ffi::OsStrExt as _};

    let (directory, root) = root_with(&[
        ("/etc/passwd", PASSWD.as_bytes()),
        ("/etc/group", GROUP.as_bytes()),
        ("/etc/shadow", SHADOW.as_bytes()),
        ("/etc/sudoers", b"@includedir /etc/sudoers.d\n"),
        ("/etc/sudoers.d/plain", b"anna ALL=ALL\n"),
        ("/usr/lib/polkit-1/polkitd", b""),
    ]);
    let folders = [
        ("etc/sudoers.d", &b"M\xfcller"[..]),
        ("etc/doas.d", b"M\xfcller.conf"),
        ("etc/polkit-1/rules.d", b"M\xfcller.rules"),
    ];
    for (folder, name) in folders {
        let folder = directory.path().join(folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(OsStr::from_bytes(name)), "carl ALL=ALL\n").unwrap();
    }
    // sudo passes over it.
    let backup = OsStr::from_bytes(b"M\xfcller.old");
    fs::write(directory.path().join("etc/sudoers.d").join(backup), "").unwrap();
    let accounts = collect(&root);
    assert_eq!(accounts.status(), Status::Partial);
    let said: Vec<_> = accounts
        .diagnostics
        .iter()
        .filter(|one| one.position.starts_with("M\u{fffd}ller"))
        .map(|one| one.source.as_str())
        .collect();
    assert_eq!(
        said,
        ["/etc/sudoers.d", "/etc/doas.d", "/etc/polkit-1/rules.d"]
    );
}

#[test]
fn while_rules_cannot_be_read_it_is_not_known_what_a_group_may() {
    // A folder in its place can be read by nobody.
    let accounts = collect_with(&[("/etc/sudoers/x", b"")]);
    let told = lines(&accounts, Mechanism::AdminGroup);
    assert!(!told.is_empty());
    for one in told {
        assert!(
            one.ends_with("not known: rules could not be read | unknown"),
            "{one}"
        );
    }
}
