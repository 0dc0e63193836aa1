//! What the probe tells about machines written as files.

mod directory;
mod includes;
mod keys;
mod openings;
mod other;
mod signed_in;
mod su;
mod sudo;

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

    assert_eq!(anna.password_expired(), State::On);
    assert_eq!(bob.password_expired(), State::On);
    assert_eq!(carl.password_expired(), State::Off);

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
        all[0].ends_with("nothing: no sudo, doas or polkit rule names the group | not full"),
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
    assert_eq!(
        diagnostics(&accounts),
        [
            "/etc/passwd [line 2] has the same user id 1000 as anna in line 1: to the system they are one",
            "/etc/group [line 2] has the same group id 1000 as users in line 1: to the system they are one",
        ]
    );
    assert_eq!(accounts.status(), Status::Complete);
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
        anna.password_expired(),
    ] {
        assert_eq!(state, State::Unknown);
    }
}

#[test]
fn two_runs_give_the_same_bytes() {
    use prost::Message as _;
    let text = "%ops ALL=ALL\nanna ALL=ALL\nALL ALL=/bin/a\n";
    assert_eq!(sudoers(text).encode_to_vec(), sudoers(text).encode_to_vec());
}
