//! Rules of doas and polkit.

use super::*;

#[test]
fn doas_rules_are_privileges() {
    let accounts = collect_with(&[
        (
            "/etc/doas.conf",
            b"permit nopass :ops\npermit anna as carl\npermit 1001 as root cmd /usr/bin/apt args update\ndeny carl\npermit carl cmd /bin/sh\n",
        ),
        ("/etc/doas.d/x.conf", b"permit persist zoe\n"),
    ]);
    assert_eq!(
        lines(&accounts, Mechanism::Doas),
        [
            "anna | doas | everything as carl | not full",
            "anna | group ops < doas | everything | without password | full",
            "bob | doas | /usr/bin/apt update as root | not full",
            "bob | group ops < doas | everything | without password | full",
            "carl | doas | nothing as any user | negated | not full",
            "carl | doas | /bin/sh as any user | full",
            "ops | doas | everything | without password | full",
            "zoe | doas | everything | full",
        ]
    );
}

#[test]
fn of_doas_rules_the_last_that_matches_counts() {
    let rules = b"permit nopass :ops\npermit carl as root\ndeny bob\npermit carl\npermit anna as carl\ndeny anna as root cmd /bin/sh\n";
    let accounts = collect_with(&[("/etc/doas.conf", rules)]);
    assert_eq!(
        lines(&accounts, Mechanism::Doas),
        [
            "anna | doas | everything as carl | not full",
            "anna | doas | /bin/sh as root | negated | not full",
            "anna | group ops < doas | everything | without password | full",
            "bob | doas | nothing as any user | negated | not full",
            "carl | doas | everything | full",
            "ops | doas | everything | without password | full",
            "zoe | group ops < doas | everything | without password | full",
        ]
    );
}

#[test]
fn a_denial_takes_the_same_command_back_and_groups_are_known_by_number() {
    let rules = b"permit anna cmd /bin/a\ndeny anna cmd /bin/a\npermit :2000 cmd /bin/b\n";
    let accounts = collect_with(&[("/etc/doas.conf", rules)]);
    assert_eq!(
        lines(&accounts, Mechanism::Doas),
        [
            "anna | doas | /bin/a as any user | negated | not full",
            "anna | group ops < doas | /bin/b as any user | unknown",
            "bob | group ops < doas | /bin/b as any user | unknown",
            "ops | doas | /bin/b as any user | unknown",
            "zoe | group ops < doas | /bin/b as any user | unknown",
        ]
    );
}

const POLKIT: (&str, &[u8]) = ("/usr/lib/polkit-1/polkitd", b"");
const FIRST: &[u8] = b"polkit.addAdminRule(function(action, subject) { return [\"unix-group:sudo\", \"unix-user:0\"]; });\n";
const SECOND: &[u8] =
    b"polkit.addAdminRule(function(action, subject) { return [\"unix-group:ops\"]; });\n";

#[test]
fn administrators_of_polkit_are_those_of_the_first_rule_that_answers() {
    let accounts = collect_with(&[
        POLKIT,
        ("/usr/share/polkit-1/rules.d/40-debian-sudo.rules", FIRST),
        ("/etc/polkit-1/rules.d/50-more.rules", SECOND),
        ("/etc/polkit-1/rules.d/10-wheel.rules", b"polkit.addRule(function(a, s) { if (s.user == \"carl\") return polkit.Result.YES; });"),
    ]);
    assert_eq!(
        lines(&accounts, Mechanism::Polkit),
        [
            "anna | group sudo < polkit | everything | full",
            "bob | group sudo < polkit | everything | full",
            "carl | polkit | everything | without password | full",
            "sudo | polkit | everything | full",
        ]
    );
    assert_eq!(diagnostics(&accounts), [""; 0]);
    assert!(lines(&accounts, Mechanism::AdminGroup)[0].ends_with("everything | full"));
}

#[test]
fn older_versions_of_polkit_name_administrators_in_a_configuration() {
    let accounts = collect_with(&[
        POLKIT,
        (
            "/etc/polkit-1/localauthority.conf.d/50-localauthority.conf",
            b"[Configuration]\nAdminIdentities=unix-user:0\n",
        ),
        (
            "/etc/polkit-1/localauthority.conf.d/51-ubuntu-admin.conf",
            b"[Configuration]\nAdminIdentities=unix-group:ops;unix-user:1002\n",
        ),
    ]);
    assert_eq!(lines(&accounts, Mechanism::Polkit).len(), 5);
    let carl = accounts
        .privileges
        .iter()
        .find(|one| one.mechanism() == Mechanism::Polkit && one.principal == "carl");
    assert_eq!(carl.unwrap().line, Some(2));
}

#[test]
fn rules_of_polkit_that_are_not_understood_are_noted() {
    let accounts = collect_with(&[
        POLKIT,
        (
            "/etc/polkit-1/rules.d/1.rules",
            b"polkit.addAdminRule(function(a, s) { return admins(); });",
        ),
        (
            "/etc/polkit-1/rules.d/2.rules",
            b"polkit.addAdminRule(function(a, s) { if (x) return [\"unix-user:anna\"]; });",
        ),
    ]);
    assert_eq!(
        lines(&accounts, Mechanism::Polkit),
        ["anna | polkit | everything | only under the rule's conditions | unknown"]
    );
    assert!(diagnostics(&accounts)[0].contains("not understood"));
    assert_eq!(accounts.status(), Status::Partial);
}

#[test]
fn actions_that_amount_to_root_are_told_and_others_are_not() {
    let rule = |condition: &str, answer: &str| {
        format!(
            "polkit.addRule(function(action, subject) {{ if ({condition}) return polkit.Result.{answer}; }});\n"
        )
    };
    let text = [
        rule(
            "action.id == \"org.freedesktop.systemd1.manage-units\" && subject.isInGroup(\"ops\")",
            "YES",
        ),
        rule(
            "action.id.indexOf(\"org.freedesktop.policykit.\") == 0 && subject.user == \"carl\"",
            "AUTH_SELF",
        ),
        rule(
            "action.id == \"org.libvirt.unix.manage\" && subject.local && subject.active",
            "YES",
        ),
        rule(
            "action.id == \"org.freedesktop.timedate1.set-time\" && subject.isInGroup(\"ops\")",
            "YES",
        ),
        rule("action.id.match(/x/)", "YES"),
        rule(
            "action.id.indexOf(\"org.freedesktop.accounts\") == 0 && subject.user == \"zoe\"",
            "YES",
        ),
        // Not the beginning of that for packages that nobody signed.
        rule(
            "action.id == \"org.freedesktop.packagekit.package-install\" && subject.user == \"bob\"",
            "YES",
        ),
    ]
    .concat();
    let accounts = collect_with(&[POLKIT, ("/etc/polkit-1/rules.d/1.rules", text.as_bytes())]);
    let units = "everything: starts any program as root through systemd | without password";
    assert_eq!(
        lines(&accounts, Mechanism::Polkit),
        [
            format!("anna | group ops < polkit | {units} | full"),
            format!("bob | group ops < polkit | {units} | full"),
            "carl | polkit | everything | full".to_owned(),
            "everyone | polkit | everything: starts virtual machines that have every disk, as root | without password | \
             only at the computer itself | only in the session in front | full".to_owned(),
            format!("ops | polkit | {units} | full"),
            format!("zoe | group ops < polkit | {units} | full"),
            "zoe | polkit | everything: makes anyone an administrator | without password | full"
                .to_owned(),
        ]
    );
    assert_eq!(
        diagnostics(&accounts),
        [
            "/etc/polkit-1/rules.d/1.rules [line 5] allows something in a way that is not understood; whether that amounts to root is not known"
        ]
    );
}

#[test]
fn local_authorities_of_polkit_are_read_where_something_reads_them() {
    let file = (
        "/etc/polkit-1/localauthority/50-local.d/a.pkla",
        &b"[ops]\nIdentity=unix-group:ops\nAction=org.freedesktop.policykit.*;x\nResultActive=yes\n\n[no]\nIdentity=unix-user:carl\nAction=*\nResultAny=auth_admin\n\n[all]\nIdentity=unix-user:*\nAction=*\nResultAny=auth_self\n"[..],
    );
    let reader = ("/usr/bin/pkla-check-authorization", &b""[..]);
    let accounts = collect_with(&[POLKIT, reader, file]);
    let limits = "without password | only at the computer itself | only in the session in front";
    let all = lines(&accounts, Mechanism::Polkit);
    assert_eq!(
        all[0],
        format!("anna | group ops < polkit | everything | {limits} | full")
    );
    assert_eq!(all[2], "everyone | polkit | everything | full");
    assert_eq!(all.len(), 5);
    let unread = collect_with(&[POLKIT, file]);
    assert_eq!(lines(&unread, Mechanism::Polkit), [""; 0]);
}

#[test]
fn without_polkit_its_files_mean_nothing() {
    let accounts = collect_with(&[("/usr/share/polkit-1/rules.d/40-debian-sudo.rules", FIRST)]);
    assert_eq!(lines(&accounts, Mechanism::Polkit), [""; 0]);
}
