//! Directories are named, and their people kept apart.

use super::*;

const SWITCH: (&str, &[u8]) = (
    "/etc/nsswitch.conf",
    b"passwd: files [NOTFOUND=continue success=return] sss\ngroup: files systemd\n",
);

fn kind_of(accounts: &Accounts, name: &str) -> PrincipalKind {
    let mut privileges = accounts.privileges.iter();
    let found = privileges.find(|one| one.principal == name);
    found.unwrap().principal_kind()
}

#[test]
fn names_that_only_a_directory_can_know_are_marked_as_its_own() {
    let rules = ("/etc/sudoers", &b"%ops ALL=ALL\n%far ALL=ALL\n"[..]);
    let sssd = (
        "/etc/sssd/conf.d/a.conf",
        &b"[sssd]\ndomains=example.com\n"[..],
    );
    let accounts = collect_with(&[SWITCH, sssd, rules]);
    assert_eq!(
        diagnostics(&accounts),
        [
            "/etc/nsswitch.conf [passwd] accounts also come from SSSD (example.com); they are not enumerated, but kept where a local group or rule names them; of example.com may sign in: everyone"
        ]
    );
    assert_eq!(accounts.status(), Status::Complete);
    assert_eq!(kind_of(&accounts, "zoe"), PrincipalKind::DomainUser);
    assert_eq!(kind_of(&accounts, "far"), PrincipalKind::DomainGroup);
    assert_eq!(kind_of(&accounts, "anna"), PrincipalKind::LocalUser);
}

#[test]
fn whom_sssd_lets_in_is_told() {
    let many: Vec<String> = (0..25).map(|number| format!("u{number}")).collect();
    for (settings, who) in [
        (
            "access_provider = simple\nsimple_allow_groups = it-admins, office",
            "groups it-admins, office",
        ),
        (
            "access_provider = simple\nsimple_allow_users = eve\nsimple_deny_groups=guests",
            "users eve; not groups guests",
        ),
        ("access_provider = simple", "everyone"),
        ("access_provider = deny", "nobody"),
        ("access_provider = ad", "whoever the domain lets (ad)"),
        (
            &format!(
                "access_provider=simple\nsimple_allow_users={}",
                many.join(",")
            ),
            "u19 and 5 more",
        ),
    ] {
        let text = format!("[sssd]\ndomains = Example.com\n[domain/Example.com]\n{settings}\n");
        let accounts = collect_with(&[SWITCH, ("/etc/sssd/sssd.conf", text.as_bytes())]);
        let told = diagnostics(&accounts).remove(0);
        assert!(
            told.contains("; of Example.com may sign in: ") && told.ends_with(who),
            "{told}"
        );
    }
}

#[test]
fn a_directory_that_nobody_set_up_knows_nobody() {
    let accounts = collect_with(&[SWITCH, ("/etc/sudoers", b"%ops ALL=ALL\n")]);
    assert_eq!(diagnostics(&accounts), [""; 0]);
    assert_eq!(kind_of(&accounts, "zoe"), PrincipalKind::Unspecified);
}

#[test]
fn accounts_kept_elsewhere_are_said_to_be_missing() {
    let accounts = collect_with(&[
        ("/etc/nsswitch.conf", b"passwd: files extrausers\n"),
        ("/var/lib/extrausers/passwd", b""),
        ("/var/lib/systemd/home/dora.identity", b"{}"),
    ]);
    assert_eq!(
        diagnostics(&accounts),
        [
            "/var/lib/systemd/home [] accounts of systemd-homed are not listed: dora",
            "/etc/nsswitch.conf [passwd] accounts of /var/lib/extrausers are not listed",
        ]
    );
    assert_eq!(accounts.status(), Status::Partial);
}
