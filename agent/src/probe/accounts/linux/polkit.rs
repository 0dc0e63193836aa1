//! Administrators by polkit: whoever it counts as one may start any program as root with pkexec.

use freehold_proto::v1::{
    accounts::{
        Privilege,
        privilege::{Mechanism, PrincipalKind},
    },
    section::Status,
    toggle::State,
};

use crate::parse::{
    polkit::{self, Identity, Kind, Rule},
    settings,
};
use crate::probe::{
    Root,
    root::is_absent,
    section::{Diagnostics, line},
};

use super::people::{People, Principal};
use super::privilege::{EVERYTHING, Ground};

/// The service, wherever distributions put it. Without it its files mean nothing.
const PROGRAMS: [&str; 3] = [
    "/usr/lib/polkit-1/polkitd",
    "/usr/libexec/polkitd",
    "/usr/lib/policykit-1/polkitd",
];

/// Folders of rules. Files are read in the order of their names, whichever folder they are in.
const RULES: [&str; 2] = ["/etc/polkit-1/rules.d", "/usr/share/polkit-1/rules.d"];

/// Where versions before rules name administrators; the last one counts.
const OLDER: [&str; 2] = [
    "/var/lib/polkit-1/localauthority.conf.d",
    "/etc/polkit-1/localauthority.conf.d",
];

const MISSING: &str = "administrators by polkit are";

/// What the rules give, and whether all of them could be read.
pub(super) struct Collected {
    pub(super) privileges: Vec<Privilege>,
    pub(super) complete: bool,
}

/// A rule and the file it is in.
struct Sourced {
    path: String,
    rule: Rule,
}

/// Reads the rules.
pub(super) fn collect(root: &Root, people: &People, diagnostics: &mut Diagnostics) -> Collected {
    let mut own = Diagnostics::new();
    let mut privileges = Vec::new();
    if PROGRAMS
        .iter()
        .any(|path| root.exists(path).unwrap_or(true))
    {
        let mut all = rules(root, &mut own);
        if !all.iter().any(|one| one.rule.kind == Kind::Administrators) {
            all.extend(older(root, &mut own));
        }
        for one in effective(&all, &mut own) {
            give(one, people, &mut privileges);
        }
    }
    let complete = own.status(true) == Status::Complete;
    diagnostics.append(own);
    Collected {
        privileges,
        complete,
    }
}

fn rules(root: &Root, diagnostics: &mut Diagnostics) -> Vec<Sourced> {
    let mut paths = files(root, &RULES, ".rules", diagnostics);
    // Of equal names the one in the first folder comes first.
    paths.sort_by(|a, b| name(a).cmp(name(b)));
    let mut rules = Vec::new();
    for path in paths {
        if let Some(bytes) = diagnostics.read_optional(root, &path, MISSING) {
            let found = polkit::parse(&String::from_utf8_lossy(&bytes));
            rules.extend(found.into_iter().map(|rule| Sourced {
                path: path.clone(),
                rule,
            }));
        }
    }
    rules
}

fn older(root: &Root, diagnostics: &mut Diagnostics) -> Option<Sourced> {
    let mut last = None;
    for path in files(root, &OLDER, ".conf", diagnostics) {
        let Some(bytes) = diagnostics.read_optional(root, &path, MISSING) else {
            continue;
        };
        let lines = (1..).zip(bytes.split(|&byte| byte == b'\n'));
        for (line, text) in lines {
            if let Some(list) = settings::values(text, "AdminIdentities").next() {
                let rule = Rule {
                    line,
                    kind: Kind::Administrators,
                    identities: polkit::identities(list),
                    conditional: false,
                };
                let path = path.clone();
                last = Some(Sourced { path, rule });
            }
        }
    }
    last
}

fn files(
    root: &Root,
    folders: &[&str],
    ending: &str,
    diagnostics: &mut Diagnostics,
) -> Vec<String> {
    let mut paths = Vec::new();
    for folder in folders {
        match root.list(folder) {
            Ok(names) => {
                let names = names.iter().filter_map(|name| name.to_str());
                let names = names.filter(|name| name.ends_with(ending));
                paths.extend(names.map(|name| format!("{folder}/{name}")));
            }
            Err(error) if is_absent(&error) => {}
            Err(error) => diagnostics.unreadable(folder, &error, MISSING),
        }
    }
    paths
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Rules that can count: of those that name administrators, the first that always answers hides the rest.
fn effective<'a>(rules: &'a [Sourced], diagnostics: &mut Diagnostics) -> Vec<&'a Sourced> {
    let mut effective = Vec::new();
    let mut answered = false;
    for one in rules {
        if one.rule.kind == Kind::Administrators {
            if answered {
                continue;
            }
            if one.rule.identities.is_empty() {
                let reason =
                    "names administrators in a way that is not understood, so they are missing";
                diagnostics.note(&one.path, line(one.rule.line as usize), reason);
                continue;
            }
            answered = !one.rule.conditional;
        }
        effective.push(one);
    }
    effective
}

fn give(one: &Sourced, people: &People, privileges: &mut Vec<Privilege>) {
    let ground = Ground {
        mechanism: Mechanism::Polkit,
        source: &one.path,
        line: one.rule.line,
    };
    let mut conditions = Vec::new();
    if one.rule.kind == Kind::Allowed {
        conditions.push("without password".to_owned());
    }
    if one.rule.conditional {
        conditions.push("only under the rule's conditions".to_owned());
    }
    let full_control = if one.rule.conditional {
        State::Unknown
    } else {
        State::On
    };
    let mut add = |principal: Principal, path: Vec<String>| {
        let scope = EVERYTHING.to_owned();
        privileges.push(ground.privilege(principal, path, scope, conditions.clone(), full_control));
    };
    let step = || "polkit".to_owned();
    for identity in &one.rule.identities {
        match identity {
            Identity::User(user) => {
                let person = user.parse().ok().and_then(|uid| people.with_id(uid));
                // That root is an administrator is known.
                let name = person.map_or(user.as_str(), |person| &person.name);
                if people.person(name).is_none_or(|person| person.uid != 0) {
                    add(people.user(name), vec![step()]);
                }
            }
            Identity::Group(group) => {
                add(people.group(group), vec![step()]);
                for known in people.groups_named(group) {
                    for member in &known.members {
                        if people.person(member).is_none_or(|person| person.uid != 0) {
                            add(people.user(member), vec![format!("group {group}"), step()]);
                        }
                    }
                }
            }
            Identity::Netgroup(name) => add(
                Principal {
                    name: format!("+{name}"),
                    kind: PrincipalKind::DomainGroup,
                    id: String::new(),
                },
                vec![step()],
            ),
        }
    }
}
