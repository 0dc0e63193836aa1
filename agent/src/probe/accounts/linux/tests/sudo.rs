//! What sudo rules come to.

use super::*;

#[test]
fn members_of_groups_are_named_beside_the_group() {
    assert_eq!(
        rules("%ops ALL = NOPASSWD: ALL\n"),
        [
            "anna | group ops < sudoers | everything | without password | full",
            "bob | group ops < sudoers | everything | without password | full",
            "ops | sudoers | everything | without password | full",
            "zoe | group ops < sudoers | everything | without password | full",
        ]
    );
}

#[test]
fn users_are_found_by_name_number_alias_and_directory() {
    let text = "User_Alias ADMINS = anna, #1001 : ALL_OF = ADMINS, +net, %:far, #4711, %#998, %#4712, MYCORP\\\\dora\nALL_OF ALL=ALL\n";
    let accounts = sudoers(text);
    let sudo: Vec<_> = accounts
        .privileges
        .iter()
        .filter(|one| one.mechanism() == Mechanism::Sudo)
        .collect();
    let found: Vec<_> = sudo
        .iter()
        .map(|one| {
            (
                one.principal.as_str(),
                one.principal_kind(),
                one.path.join(" < "),
            )
        })
        .collect();
    let via = "alias ALL_OF < sudoers".to_owned();
    let deep = "alias ADMINS < alias ALL_OF < sudoers".to_owned();
    assert_eq!(
        found,
        [
            ("#4711", PrincipalKind::Orphaned, via.clone()),
            ("%#4712", PrincipalKind::Orphaned, via.clone()),
            ("%:far", PrincipalKind::DomainGroup, via.clone()),
            ("+net", PrincipalKind::DomainGroup, via.clone()),
            ("MYCORP\\dora", PrincipalKind::DomainUser, via.clone()),
            ("anna", PrincipalKind::LocalUser, deep.clone()),
            ("bob", PrincipalKind::LocalUser, deep),
            (
                "carl",
                PrincipalKind::LocalUser,
                format!("group docker < {via}")
            ),
            ("docker", PrincipalKind::LocalGroup, via),
        ]
    );
}

#[test]
fn negated_users_are_taken_out_again() {
    assert_eq!(
        rules("%ops, !anna ALL=ALL\n"),
        [
            "bob | group ops < sudoers | everything | full",
            "ops | sudoers | everything | except for anna | full",
            "zoe | group ops < sudoers | everything | full",
        ]
    );
    assert_eq!(rules("User_Alias X = anna, !bob\nX ALL=ALL\n").len(), 1);
    assert_eq!(rules("!anna ALL=ALL\n"), [""; 0]);
    assert_eq!(
        rules("ALL, !anna ALL=ALL\n"),
        ["everyone | sudoers | everything | except for anna | full"]
    );
}

#[test]
fn whoever_is_taken_out_twice_is_in() {
    assert_eq!(
        rules("User_Alias OTHERS = ALL, !anna\n!OTHERS ALL = ALL\n"),
        ["anna | alias OTHERS < sudoers | everything | full"]
    );
}

#[test]
fn an_alias_that_is_not_defined_is_a_plain_name() {
    assert_eq!(
        rules("GHOST ALL=ALL\n"),
        ["GHOST | sudoers | everything | full"]
    );
}

#[test]
fn aliases_in_a_circle_end() {
    let text = "User_Alias A = B : B = A, anna\nCmnd_Alias C = D, /bin/a x : D = C\nHost_Alias H = H\nA ALL=C\nA H=ALL\n";
    let all = rules(text);
    assert!(all.iter().all(|one| one.starts_with("anna | ")), "{all:?}");
}

#[test]
fn of_two_definitions_the_first_counts() {
    let accounts = sudoers("User_Alias A = anna\nUser_Alias A = bob\nA ALL=ALL\n");
    assert_eq!(
        lines(&accounts, Mechanism::Sudo),
        ["anna | alias A < sudoers | everything | full"]
    );
    assert_eq!(
        diagnostics(&accounts),
        ["/etc/sudoers [line 2] the alias A is defined before; sudo ignores this one"]
    );
    assert_eq!(accounts.status(), Status::Complete);
}

#[test]
fn commands_are_the_scope() {
    let text = "Cmnd_Alias SHELLS = /bin/sh, /bin/bash\nCmnd_Alias WEB = /usr/bin/systemctl restart nginx, !/bin/x\n\
        anna ALL = /opt/a, WEB, (carl) NOPASSWD: /opt/b \"\", ALL\nbob ALL=(ALL) ALL, !SHELLS\ncarl ALL = SHELLS\n";
    assert_eq!(
        rules(text),
        [
            "anna | sudoers | /opt/a, /usr/bin/systemctl restart nginx except /bin/x as root | unknown",
            "anna | sudoers | everything as carl | without password | not full",
            "bob | sudoers | everything except /bin/sh, /bin/bash as any user | full",
            "carl | sudoers | /bin/sh, /bin/bash as root | full",
        ]
    );
}

#[test]
fn what_is_forbidden_is_said() {
    assert_eq!(
        rules("anna ALL = ALL, !ALL, /opt/a b\nbob ALL = !/bin/su\ncarl ALL = ALL, NOEXEC: !ALL\n"),
        [
            "anna | sudoers | /opt/a b except everything as root | not full",
            "bob | sudoers | /bin/su as root | negated | not full",
            "carl | sudoers | everything as root | negated | programs may not start others | not full",
        ]
    );
}

#[test]
fn a_later_rule_can_take_everything_back() {
    assert_eq!(
        rules("%ops ALL=ALL\nbob ALL=!ALL\nanna ALL=(carl) !ALL\nzoe db=!ALL\n")[..4],
        [
            "anna | group ops < sudoers | everything | full",
            "anna | sudoers | everything as carl | negated | not full",
            "bob | group ops < sudoers | everything | taken back by /etc/sudoers line 2 | not full",
            "bob | sudoers | everything as root | negated | not full",
        ]
    );
    assert_eq!(
        rules("bob ALL=!ALL\nbob ALL=ALL\n")[1],
        "bob | sudoers | everything | full"
    );
}

#[test]
fn targets_decide_whether_it_is_full_control() {
    for (runas, scope, full) in [
        ("", "everything", "full"),
        ("(root)", "everything", "full"),
        ("(#0)", "everything", "full"),
        ("(ALL)", "everything", "full"),
        (
            "(ALL : ALL)",
            "everything as any user with group any",
            "full",
        ),
        ("(carl)", "everything as carl", "not full"),
        (
            "(ALL, !root)",
            "everything as any user, but not root",
            "unknown",
        ),
        ("()", "everything as the same user", "not full"),
        (
            "(: docker)",
            "everything as the same user with group docker",
            "full",
        ),
        (
            "(: ops)",
            "everything as the same user with group ops",
            "not full",
        ),
        ("(%root)", "everything", "full"),
        ("(R)", "everything", "full"),
    ] {
        let text = format!("Runas_Alias R = root\nanna ALL = {runas} ALL\n");
        let all = rules(&text);
        let scope = if scope == "everything as any user with group any" {
            "everything"
        } else {
            scope
        };
        assert_eq!(
            all,
            [format!("anna | sudoers | {scope} | {full}")],
            "{runas}"
        );
    }
    assert_eq!(
        rules("Defaults runas_default=carl\nanna ALL=ALL\n"),
        ["anna | sudoers | everything as carl | not full"]
    );
}

#[test]
fn hosts_limit_a_rule() {
    for (hosts, condition, full) in [
        ("ALL", "", "full"),
        ("web1", "only on host web1", "full"),
        ("WEB*", "only on host WEB*", "full"),
        ("db", "only on host db, not on this computer", "not full"),
        ("db, web1", "only on hosts db, web1", "full"),
        (
            "ALL, !web1",
            "only on hosts ALL, !web1, not on this computer",
            "not full",
        ),
        ("FARM", "only on host FARM", "full"),
        ("10.0.0.0/8", "only on host 10.0.0.0/8", "unknown"),
        ("+net", "only on host +net", "unknown"),
        (
            "web1.example.com",
            "only on host web1.example.com",
            "unknown",
        ),
    ] {
        let all = rules(&format!("Host_Alias FARM = web1, db\nanna {hosts} = ALL\n"));
        let condition = if condition.is_empty() {
            String::new()
        } else {
            format!(" | {condition}")
        };
        assert_eq!(
            all,
            [format!("anna | sudoers | everything{condition} | {full}")],
            "{hosts}"
        );
    }
}

#[test]
fn settings_that_turn_the_password_off_are_conditions() {
    for (settings, condition) in [
        ("Defaults !authenticate", "without password"),
        ("Defaults:anna !authenticate", "without password"),
        ("Defaults:%ops !authenticate", "without password"),
        ("Defaults:bob !authenticate", ""),
        ("Defaults@web1 !authenticate", "without password"),
        ("Defaults@db !authenticate", ""),
        ("Defaults>root !authenticate", "without password"),
        ("Defaults>carl !authenticate", ""),
        ("Defaults!/opt/a !authenticate", "without password"),
        ("Defaults!OPT !authenticate", "without password"),
        ("Defaults!/opt/b !authenticate", ""),
        ("Defaults!ALL,!/opt/a !authenticate", ""),
        (
            "Defaults!/opt/b,!OPT,/opt/a !authenticate",
            "without password",
        ),
        ("Defaults !authenticate\nDefaults authenticate", ""),
        ("Defaults exempt_group=ops", "without password"),
        ("Defaults rootpw", "asks for root's password"),
        (
            "Defaults targetpw",
            "asks for the password of the target user",
        ),
        (
            "Defaults runaspw",
            "asks for the password of the default target user",
        ),
        ("Defaults noexec", "programs may not start others"),
    ] {
        let all = rules(&format!(
            "Cmnd_Alias OPT = /opt/a\n{settings}\nanna ALL = /opt/a b\n"
        ));
        let condition = if condition.is_empty() {
            String::new()
        } else {
            format!(" | {condition}")
        };
        assert_eq!(
            all,
            [format!(
                "anna | sudoers | /opt/a b as root{condition} | not full"
            )],
            "{settings}"
        );
    }
}

#[test]
fn a_tag_goes_before_a_setting() {
    assert_eq!(
        rules("Defaults !authenticate\nanna ALL = PASSWD: ALL\n"),
        ["anna | sudoers | everything | full"]
    );
    assert_eq!(
        rules("Defaults targetpw\nALL ALL=(ALL) ALL\n"),
        ["everyone | sudoers | everything | asks for the password of the target user | unknown"]
    );
}

#[test]
fn tags_options_and_checksums_are_conditions() {
    let checksum = "a".repeat(64);
    let text = format!(
        "anna ALL = CWD=/srv CHROOT=/jail TIMEOUT=5m NOTBEFORE=20250101000000Z NOTAFTER=20990101000000Z ROLE=r TYPE=t \
         NOPASSWD: NOEXEC: SETENV: LOG_INPUT: LOG_OUTPUT: INTERCEPT: sha256:{checksum} /bin/bash\n"
    );
    let all = rules(&text);
    assert_eq!(
        all,
        [
            "anna | sudoers | /bin/bash as root | programs may not start others | programs it starts are checked as well | \
          may set the environment | what is typed is recorded | what is shown is recorded | with SELinux role r | \
          with SELinux type t | for at most 5m | not before 20250101000000Z | not after 20990101000000Z | \
          in directory /srv | in root directory /jail | only programs with the stated checksum | without password | unknown"
        ]
    );
}

#[test]
fn a_rule_outside_of_its_time_gives_nothing() {
    for (limit, full) in [
        ("NOTBEFORE=2020010100Z NOTAFTER=2999010100Z", "full"),
        ("NOTAFTER=2020010100Z", "not full"),
        ("NOTBEFORE=2999010100Z", "not full"),
    ] {
        let all = rules(&format!("anna ALL = {limit} ALL\n"));
        assert!(all[0].ends_with(&format!(" | {full}")), "{all:?}");
    }
}
