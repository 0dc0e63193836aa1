use freehold_proto::v1::{
    accounts::{
        Account, Privilege,
        privilege::{Mechanism, PrincipalKind},
    },
    section::Status,
    toggle::State,
};

use super::*;
use crate::probe::fixture::{root_with, write};

const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n\
    anna:x:1000:1000:Anna Muster,Office,,:/home/anna:/bin/bash\nbob:x:1001:27::/home/bob:/bin/sh\n\
    carl:x:1002:1002::/home/carl:\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n";
const GROUP: &str = "root:x:0:\ndaemon:x:1:\nsudo:x:27:anna\nanna:x:1000:\ncarl:x:1002:\nops:x:2000:anna,bob,zoe\n\
    docker:x:998:carl\nnogroup:x:65534:\n";
const SHADOW: &str = "root:*:19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\nanna:$y$j9T$saltsalt$hashhash:19700:0:90:7:::\n\
    bob:!$6$saltsalt$hashhash:0:0:99999:7::1:\ncarl::19700::::::\nnobody:!:19000::::::\n";

fn collect_with(extra: &[(&str, &[u8])]) -> Accounts {
    let mut files: Vec<(&str, &[u8])> = vec![
        ("/etc/passwd", PASSWD.as_bytes()),
        ("/etc/group", GROUP.as_bytes()),
        ("/etc/shadow", SHADOW.as_bytes()),
        ("/etc/hostname", b"web1\n"),
    ];
    files.extend(extra);
    let (_directory, root) = root_with(&files);
    collect(&root)
}

fn sudoers(text: &str) -> Accounts {
    collect_with(&[("/etc/sudoers", text.as_bytes())])
}

/// Privileges of one mechanism, a line each.
fn lines(accounts: &Accounts, mechanism: Mechanism) -> Vec<String> {
    let wanted = |one: &&Privilege| one.mechanism() == mechanism;
    accounts
        .privileges
        .iter()
        .filter(wanted)
        .map(line)
        .collect()
}

fn line(privilege: &Privilege) -> String {
    let full = match privilege.full_control() {
        State::On => "full",
        State::Off => "not full",
        _ => "unknown",
    };
    let mut parts = vec![
        privilege.principal.clone(),
        privilege.path.join(" < "),
        privilege.scope.clone(),
    ];
    parts.extend(privilege.conditions.iter().cloned());
    parts.push(full.to_owned());
    parts.join(" | ")
}

fn rules(text: &str) -> Vec<String> {
    lines(&sudoers(text), Mechanism::Sudo)
}

fn diagnostics(accounts: &Accounts) -> Vec<String> {
    let all = accounts.diagnostics.iter();
    all.map(|one| format!("{} [{}] {}", one.source, one.position, one.reason))
        .collect()
}

fn account<'a>(accounts: &'a Accounts, name: &str) -> &'a Account {
    accounts
        .accounts
        .iter()
        .find(|account| account.name == name)
        .unwrap()
}

#[test]
fn accounts_tell_the_state_of_their_passwords() {
    let accounts = collect_with(&[]);
    assert_eq!(accounts.status(), Status::Complete);
    let names: Vec<_> = accounts
        .accounts
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    assert_eq!(names, ["root", "daemon", "anna", "bob", "carl", "nobody"]);

    let anna = account(&accounts, "anna");
    assert_eq!(anna.full_name, "Anna Muster");
    assert_eq!(
        (anna.enabled(), anna.locked(), anna.password_set()),
        (State::On, State::Off, State::On)
    );
    assert_eq!(
        (anna.password_required(), anna.password_never_expires()),
        (State::On, State::Off)
    );
    assert_eq!(
        anna.password_changed_at.as_ref().unwrap().seconds,
        19_700 * 86_400
    );
    assert_eq!(
        (anna.built_in(), anna.interactive()),
        (State::Off, State::On)
    );

    let bob = account(&accounts, "bob");
    assert_eq!(
        (bob.locked(), bob.password_set(), bob.enabled()),
        (State::On, State::On, State::Off)
    );
    assert_eq!(bob.expires_at.as_ref().unwrap().seconds, 86_400);
    assert_eq!(bob.password_changed_at, None);

    let carl = account(&accounts, "carl");
    assert_eq!(
        (carl.password_set(), carl.password_required()),
        (State::Off, State::Off)
    );
    assert_eq!((carl.locked(), carl.interactive()), (State::Off, State::On));

    let root = account(&accounts, "root");
    assert_eq!(
        (root.locked(), root.enabled(), root.built_in()),
        (State::On, State::On, State::On)
    );
    assert_eq!(account(&accounts, "daemon").enabled(), State::Off);
    assert_eq!(account(&accounts, "nobody").built_in(), State::On);
}

#[test]
fn no_hash_leaves_the_machine() {
    let accounts = collect_with(&[]);
    let text = format!("{accounts:?}");
    assert!(!text.contains("hashhash") && !text.contains("saltsalt"));
}

#[test]
fn groups_have_primary_and_secondary_members() {
    let accounts = collect_with(&[]);
    let group = |name: &str| {
        accounts
            .groups
            .iter()
            .find(|group| group.name == name)
            .unwrap()
    };
    assert_eq!(group("sudo").members, ["anna", "bob"]);
    assert_eq!(group("ops").members, ["anna", "bob", "zoe"]);
    let names: Vec<_> = accounts
        .groups
        .iter()
        .map(|group| group.name.as_str())
        .collect();
    assert!(names.is_sorted());
}

#[test]
fn every_account_with_user_id_zero_is_an_administrator() {
    let passwd = format!("{PASSWD}toor:x:0:0::/root:/bin/sh\n");
    let accounts = collect_with(&[("/etc/passwd", passwd.as_bytes())]);
    assert_eq!(
        lines(&accounts, Mechanism::UidZero),
        [
            "root | user id 0 | everything | full",
            "toor | user id 0 | everything | full"
        ]
    );
    assert_eq!(account(&accounts, "toor").built_in(), State::Off);
}

#[test]
fn administrators_by_group_are_found_by_secondary_and_primary_membership() {
    let accounts = sudoers("%sudo ALL=(ALL:ALL) ALL\n");
    assert_eq!(
        lines(&accounts, Mechanism::AdminGroup),
        [
            "anna | group sudo | everything | full",
            "bob | primary group sudo | everything | full"
        ]
    );
    let group = accounts
        .privileges
        .iter()
        .find(|one| one.principal == "sudo")
        .unwrap();
    assert_eq!(
        (group.principal_kind(), group.principal_id.as_str()),
        (PrincipalKind::LocalGroup, "27")
    );
    assert_eq!(
        (group.source.as_str(), group.line),
        ("/etc/sudoers", Some(1))
    );
}

#[test]
fn an_administrators_group_without_a_rule_gives_nothing() {
    let accounts = collect_with(&[]);
    let all = lines(&accounts, Mechanism::AdminGroup);
    assert!(
        all[0].ends_with("nothing: no sudo or doas rule names the group | not full"),
        "{all:?}"
    );
}

#[test]
fn groups_that_amount_to_root_say_how() {
    let accounts = collect_with(&[]);
    let all = lines(&accounts, Mechanism::RootEquivalentGroup);
    assert_eq!(all.len(), 1);
    assert!(
        all[0].starts_with("carl | group docker | everything: starts containers"),
        "{all:?}"
    );
}

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
        "anna ALL = CWD=/srv CHROOT=/jail TIMEOUT=5m NOTBEFORE=20250101000000Z NOTAFTER=20260101000000Z ROLE=r TYPE=t \
         NOPASSWD: NOEXEC: SETENV: LOG_INPUT: LOG_OUTPUT: INTERCEPT: sha256:{checksum} /bin/bash\n"
    );
    let all = rules(&text);
    assert_eq!(
        all,
        [
            "anna | sudoers | /bin/bash as root | programs may not start others | programs it starts are checked as well | \
          may set the environment | what is typed is recorded | what is shown is recorded | with SELinux role r | \
          with SELinux type t | for at most 5m | not before 20250101000000Z | not after 20260101000000Z | \
          in directory /srv | in root directory /jail | only programs with the stated checksum | without password | unknown"
        ]
    );
}

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
    let accounts = collect_with(&[nsswitch, ("/etc/sudoers", b"")]);
    assert_eq!(
        diagnostics(&accounts),
        ["/etc/nsswitch.conf [sudoers] sudo also asks sss and ldap, whose rules are not listed"]
    );
    let without_sudo = collect_with(&[nsswitch]);
    assert_eq!(diagnostics(&without_sudo), [""; 0]);
}

#[test]
fn a_rules_file_open_to_everyone_is_remarked() {
    use std::os::unix::fs::PermissionsExt as _;
    let (directory, root) = root_with(&[
        ("/etc/passwd", b""),
        ("/etc/group", b""),
        ("/etc/shadow", b""),
    ]);
    write(directory.path(), "/etc/sudoers", b"anna ALL=ALL\n");
    let path = directory.path().join("etc/sudoers");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o666)).unwrap();
    let accounts = collect(&root);
    assert!(diagnostics(&accounts)[0].contains("may be written by everyone"));
    assert_eq!(accounts.status(), Status::Complete);
}

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

#[test]
fn broken_files_are_named_and_the_rest_is_read() {
    let accounts = collect_with(&[
        ("/etc/passwd", b"root:x:0:0:root:/root:/bin/bash\nbroken\nanna:x:no:1::/:/bin/sh\n:x:5:5:::\nanna:x:1000:1000::/a:/bin/sh\nanna:x:0:0::/b:/bin/sh\nM\xfcller:x:7:7::/:/bin/sh\n+::::::\n"),
        ("/etc/group", b"root:x:0:\nbroken\nsudo:x:27:anna\n"),
        ("/etc/shadow", b"root:*:19000:::::\nanna:*:x:::::\n"),
    ]);
    insta::assert_snapshot!(diagnostics(&accounts).join("\n"));
    let names: Vec<_> = accounts
        .accounts
        .iter()
        .map(|one| (one.id.as_str(), one.name.as_str()))
        .collect();
    assert_eq!(
        names,
        [
            ("0", "anna"),
            ("0", "root"),
            ("7", "M\u{fffd}ller"),
            ("1000", "anna")
        ]
    );
    assert_eq!(accounts.status(), Status::Partial);
}

#[test]
fn accounts_that_share_an_id_are_all_listed() {
    let passwd = "anna:x:1000:1000::/a:/bin/sh\nalso:x:1000:1000::/b:/bin/sh\n";
    let group = "users:x:1000:\nstaff:x:1000:zoe\n";
    let accounts = collect_with(&[
        ("/etc/passwd", passwd.as_bytes()),
        ("/etc/group", group.as_bytes()),
    ]);
    let names: Vec<_> = accounts
        .accounts
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    assert_eq!(names, ["also", "anna"]);
    let members: Vec<_> = accounts
        .groups
        .iter()
        .map(|group| group.members.join(","))
        .collect();
    assert_eq!(members, ["also,anna,zoe", "also,anna"]);
    assert_eq!(diagnostics(&accounts), [""; 0]);
}

#[test]
fn a_root_without_any_file_is_unreadable() {
    let (_directory, root) = root_with(&[]);
    let accounts = collect(&root);
    assert_eq!(accounts.status(), Status::Unreadable);
    insta::assert_snapshot!(diagnostics(&accounts).join("\n"));
}

#[test]
fn without_the_shadow_file_states_are_unknown() {
    let (_directory, root) = root_with(&[
        ("/etc/passwd", PASSWD.as_bytes()),
        ("/etc/group", GROUP.as_bytes()),
    ]);
    let accounts = collect(&root);
    assert_eq!(accounts.status(), Status::Partial);
    let anna = account(&accounts, "anna");
    for state in [
        anna.locked(),
        anna.password_set(),
        anna.password_never_expires(),
        anna.enabled(),
    ] {
        assert_eq!(state, State::Unknown);
    }
}

#[test]
fn keys_of_administrators_are_listed_and_those_of_others_not() {
    const KEY: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
    let line = format!("from=\"10.0.0.1\",no-pty ssh-ed25519 {KEY} anna@laptop\nbroken\n");
    let accounts = collect_with(&[
        ("/etc/sudoers", b"anna ALL=ALL\n"),
        ("/home/anna/.ssh/authorized_keys", line.as_bytes()),
        ("/root/.ssh/authorized_keys2", line.as_bytes()),
        ("/home/bob/.ssh/authorized_keys", line.as_bytes()),
        ("/etc/group", b"root:x:0:\nsudo:x:2727:\n"),
    ]);
    let keys: Vec<_> = accounts
        .authorized_keys
        .iter()
        .map(|key| {
            (
                key.account.as_str(),
                key.source.as_str(),
                key.line,
                key.options.join(","),
            )
        })
        .collect();
    let options = "from,no-pty".to_owned();
    assert_eq!(
        keys,
        [
            (
                "anna",
                "/home/anna/.ssh/authorized_keys",
                1,
                options.clone()
            ),
            ("root", "/root/.ssh/authorized_keys2", 1, options)
        ]
    );
    assert_eq!(diagnostics(&accounts).len(), 2);
    assert!(!format!("{accounts:?}").contains(KEY));
}

#[test]
fn sshd_says_where_keys_are() {
    const KEY: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
    let line = format!("ssh-ed25519 {KEY}\n");
    let accounts = collect_with(&[
        ("/etc/ssh/sshd_config", b"AuthorizedKeysFile /etc/keys/%u %h/k\nAuthorizedKeysCommand /usr/bin/x\nMatch User anna\nAuthorizedKeysFile none\n"),
        ("/etc/keys/root", line.as_bytes()),
        ("/root/k", line.as_bytes()),
        ("/root/.ssh/authorized_keys", line.as_bytes()),
    ]);
    let sources: Vec<_> = accounts
        .authorized_keys
        .iter()
        .map(|key| key.source.as_str())
        .collect();
    assert_eq!(sources, ["/etc/keys/root", "/root/k"]);
    assert!(diagnostics(&accounts)[0].contains("further keys"));
}

#[test]
fn two_runs_give_the_same_bytes() {
    use prost::Message as _;
    let text = "%ops ALL=ALL\nanna ALL=ALL\nALL ALL=/bin/a\n";
    assert_eq!(sudoers(text).encode_to_vec(), sudoers(text).encode_to_vec());
}
