//! Administrators by doas rules.

use freehold_proto::v1::{
    accounts::{Privilege, privilege::Mechanism},
    toggle::State,
};

use crate::parse::doas::{self, Rule};
use crate::probe::{Root, root::is_absent, section::Diagnostics};

use super::people::{People, Principal, problems};
use super::privilege::{EVERYTHING, Ground};

const FILE: &str = "/etc/doas.conf";
const DIRECTORY: &str = "/etc/doas.d";
const MISSING: &str = "what doas allows is";

/// What the rules give, and whether all of them could be read.
pub(super) struct Collected {
    pub(super) privileges: Vec<Privilege>,
    pub(super) complete: bool,
}

/// Reads doas.conf and, where a distribution has it, doas.d.
pub(super) fn collect(root: &Root, people: &People, diagnostics: &mut Diagnostics) -> Collected {
    let mut own = Diagnostics::new();
    let mut all = Vec::new();
    for path in paths(root, &mut own) {
        let Some(bytes) = own.read_optional(root, &path, MISSING) else {
            continue;
        };
        let (rules, found) = doas::parse(&String::from_utf8_lossy(&bytes));
        problems(&path, &found, &mut own);
        all.extend(rules.into_iter().map(|rule| (path.clone(), rule)));
    }
    let mut privileges = Vec::new();
    for (index, (path, rule)) in all.iter().enumerate() {
        let given = of_rule(rule, path, people);
        let later: Vec<_> = all[index + 1..].iter().map(|(_, rule)| rule).collect();
        privileges.extend(given.into_iter().filter(|one| {
            let mut later = later.iter();
            !later.any(|other| hides(other, rule, &one.principal, people))
        }));
    }
    let complete = own.status(true) == freehold_proto::v1::section::Status::Complete;
    diagnostics.append(own);
    Collected {
        privileges,
        complete,
    }
}

/// Whether a later rule decides wherever an earlier one would for someone: the last that matches counts.
fn hides(later: &Rule, earlier: &Rule, who: &str, people: &People) -> bool {
    let wide =
        later.command.is_none() && (later.target.is_none() || later.target == earlier.target);
    let same_command = later.command == earlier.command
        && later.target == earlier.target
        && (later.arguments.is_none() || later.arguments == earlier.arguments);
    let matches = match later.identity.strip_prefix(':') {
        None => later.identity == who || user(&later.identity, people).name == who,
        Some(group) => {
            later.identity == earlier.identity || people.is_member(who, group_name(group, people))
        }
    };
    matches && (wide || same_command)
}

/// The name of a group that may be written as its number.
fn group_name<'a>(group: &'a str, people: &'a People) -> &'a str {
    let known = group.parse().ok();
    let known = known.and_then(|gid| people.groups_with_id(gid).next());
    known.map_or(group, |known| known.name.as_str())
}

fn paths(root: &Root, diagnostics: &mut Diagnostics) -> Vec<String> {
    let mut paths = vec![FILE.to_owned()];
    match root.list(DIRECTORY) {
        Ok(names) => {
            let names = diagnostics.names(DIRECTORY, names, MISSING).into_iter();
            let files = names.filter(|name| name.strip_suffix(".conf").is_some());
            paths.extend(files.map(|name| format!("{DIRECTORY}/{name}")));
        }
        Err(error) if is_absent(&error) => {}
        Err(error) => diagnostics.unreadable(DIRECTORY, &error, MISSING),
    }
    paths
}

fn of_rule(rule: &Rule, source: &str, people: &People) -> Vec<Privilege> {
    let ground = Ground {
        mechanism: Mechanism::Doas,
        source,
        line: rule.line,
    };
    let give = |principal: Principal, path: Vec<String>| {
        ground.privilege(
            principal,
            path,
            scope(rule),
            conditions(rule),
            full_control(rule, people),
        )
    };
    let step = "doas".to_owned();
    let Some(group) = rule.identity.strip_prefix(':') else {
        return vec![give(user(&rule.identity, people), vec![step])];
    };
    let group = group_name(group, people);
    let mut privileges = vec![give(people.group(group), vec![step.clone()])];
    for known in people.groups_named(group) {
        for member in &known.members {
            let path = vec![format!("group {group}"), step.clone()];
            privileges.push(give(people.user(member), path));
        }
    }
    privileges
}

fn user(identity: &str, people: &People) -> Principal {
    let by_id = identity.parse::<u32>().ok();
    let person = by_id.and_then(|uid| people.with_id(uid));
    people.user(person.map_or(identity, |person| &person.name))
}

fn scope(rule: &Rule) -> String {
    let target = rule.target.as_deref().unwrap_or("any user");
    let command = match (&rule.command, &rule.arguments) {
        (None, _) if !rule.permit => return format!("nothing as {target}"),
        (None, _) if matches!(rule.target.as_deref(), None | Some("root" | "0")) => {
            return EVERYTHING.into();
        }
        (None, _) => EVERYTHING.to_owned(),
        (Some(command), None) => command.clone(),
        (Some(command), Some(arguments)) if arguments.is_empty() => {
            format!("{command} without arguments")
        }
        (Some(command), Some(arguments)) => format!("{command} {}", arguments.join(" ")),
    };
    format!("{command} as {target}")
}

fn conditions(rule: &Rule) -> Vec<String> {
    let mut conditions = Vec::new();
    if !rule.permit {
        conditions.push("negated".to_owned());
    }
    if rule.permit && rule.no_password {
        conditions.push("without password".to_owned());
    }
    conditions
}

fn full_control(rule: &Rule, people: &People) -> State {
    let as_root = match rule.target.as_deref() {
        None | Some("0") => true,
        Some(name) => name == "root" || people.person(name).is_some_and(|person| person.uid == 0),
    };
    match (rule.permit && as_root, &rule.command, &rule.arguments) {
        (false, _, _) => State::Off,
        (true, None, _) => State::On,
        (true, Some(command), arguments) => {
            let arguments = arguments.as_ref().map(|arguments| arguments.join(" "));
            super::privilege::state(super::sudo::amounts_to_root(command, arguments.as_deref()))
        }
    }
}
