//! Administrators by user id and by the groups they are in.

use freehold_proto::v1::{
    accounts::{
        Privilege,
        privilege::{Mechanism, PrincipalKind},
    },
    toggle::State,
};

use super::people::{GROUP, Group, PASSWD, People};
use super::privilege::{EVERYTHING, Ground};

/// Groups that distributions give to administrators. What they allow follows from sudo's, doas's and
/// other rules.
const ADMINISTRATORS: [&str; 3] = ["admin", "sudo", "wheel"];

/// Groups whose members can become root by what the group may touch, and how.
const ROOT_EQUIVALENT: [(&str, &str); 7] = [
    (
        "disk",
        "reads and writes every disk directly, password hashes and system files included",
    ),
    (
        "docker",
        "starts containers that have the whole file system, as root",
    ),
    (
        "incus-admin",
        "starts containers that have the whole file system, as root",
    ),
    ("kmem", "reads and writes the system's memory"),
    (
        "libvirt",
        "starts virtual machines that have every disk, as root",
    ),
    (
        "lxd",
        "starts containers that have the whole file system, as root",
    ),
    (
        "microk8s",
        "starts containers that have the whole file system, as root",
    ),
];

/// What the group "shadow" gives: much, but not everything by itself.
const SHADOW: &str =
    "reads every password hash, root's included: whoever guesses one has the account";

/// Whether members of a group amount to root.
pub(super) fn is_root_equivalent(group: &str) -> bool {
    ROOT_EQUIVALENT.iter().any(|(name, _)| *name == group)
}

/// Accounts with user id 0.
pub(super) fn uid_zero(people: &People) -> Vec<Privilege> {
    let zero = people.persons.iter().filter(|person| person.uid == 0);
    zero.map(|person| {
        let ground = Ground {
            mechanism: Mechanism::UidZero,
            source: PASSWD,
            line: person.line,
        };
        let principal = super::people::Principal {
            name: person.name.clone(),
            kind: PrincipalKind::LocalUser,
            id: "0".into(),
        };
        let path = vec!["user id 0".to_owned()];
        ground.privilege(principal, path, EVERYTHING.into(), Vec::new(), State::On)
    })
    .collect()
}

/// Members of administrators' groups and of groups that amount to root. `rules` are the privileges that
/// sudo, doas and polkit give; `rules_known` tells whether those are all.
pub(super) fn members(people: &People, rules: &[Privilege], rules_known: bool) -> Vec<Privilege> {
    let mut privileges = Vec::new();
    for group in &people.groups {
        let name = group.name.as_str();
        if let Some((_, why)) = ROOT_EQUIVALENT.iter().find(|(other, _)| *other == name) {
            let scope = format!("{EVERYTHING}: {why}");
            let ground = ground(Mechanism::RootEquivalentGroup, group);
            add(&mut privileges, people, group, &ground, &scope, State::On);
        } else if name == "shadow" {
            let ground = ground(Mechanism::RootEquivalentGroup, group);
            let unknown = State::Unknown;
            add(&mut privileges, people, group, &ground, SHADOW, unknown);
        } else if ADMINISTRATORS.contains(&name) {
            let (scope, full_control) = granted(name, rules, rules_known);
            let ground = ground(Mechanism::AdminGroup, group);
            add(
                &mut privileges,
                people,
                group,
                &ground,
                &scope,
                full_control,
            );
        } else if group.gid == 0 {
            let scope = "files and devices that the group root may use";
            let ground = ground(Mechanism::AdminGroup, group);
            add(
                &mut privileges,
                people,
                group,
                &ground,
                scope,
                State::Unknown,
            );
        }
    }
    privileges
}

fn ground(mechanism: Mechanism, group: &Group) -> Ground<'static> {
    Ground {
        mechanism,
        source: GROUP,
        line: group.line,
    }
}

/// What rules give to a group.
fn granted(group: &str, rules: &[Privilege], rules_known: bool) -> (String, State) {
    let local = i32::from(PrincipalKind::LocalGroup);
    let mut own = rules
        .iter()
        .filter(|rule| rule.principal_kind == local && rule.principal == group)
        .peekable();
    let any = own.peek().is_some();
    if own.any(|rule| rule.full_control == i32::from(State::On)) {
        return (EVERYTHING.into(), State::On);
    }
    match (any, rules_known) {
        (true, _) => ("what rules allow to the group".into(), State::Unknown),
        (false, true) => (
            "nothing: no sudo, doas or polkit rule names the group".into(),
            State::Off,
        ),
        (false, false) => ("not known: rules could not be read".into(), State::Unknown),
    }
}

fn add(
    privileges: &mut Vec<Privilege>,
    people: &People,
    group: &Group,
    ground: &Ground<'_>,
    scope: &str,
    full_control: State,
) {
    for member in &group.members {
        let person = people.person(member);
        // Who is root already gains nothing by a group.
        if person.is_some_and(|person| person.uid == 0) {
            continue;
        }
        let primary = person.is_some_and(|person| person.gid == group.gid);
        let kind = if primary { "primary group" } else { "group" };
        let path = vec![format!("{kind} {}", group.name)];
        let principal = people.user(member);
        privileges.push(ground.privilege(
            principal,
            path,
            scope.to_owned(),
            Vec::new(),
            full_control,
        ));
    }
}
