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
            "zoe | group ops < doas | everything | without password | full",
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
fn without_polkit_its_files_mean_nothing() {
    let accounts = collect_with(&[("/usr/share/polkit-1/rules.d/40-debian-sudo.rules", FIRST)]);
    assert_eq!(lines(&accounts, Mechanism::Polkit), [""; 0]);
}
