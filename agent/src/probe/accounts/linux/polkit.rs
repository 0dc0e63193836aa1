//! Administrators by polkit: whoever it counts as one may start any program as root with pkexec.

mod actions;
mod authorities;

use freehold_proto::v1::{
    accounts::{
        Privilege,
        privilege::{Mechanism, PrincipalKind},
    },
    section::Status,
    toggle::State,
};

use crate::order;
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
use super::privilege::{EVERYTHING, Ground, everyone};

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
            privileges.extend(Grant::of(&one.rule).iter().flat_map(|grant| {
                let ground = Ground {
                    mechanism: Mechanism::Polkit,
                    source: &one.path,
                    line: one.rule.line,
                };
                grant.privileges(&ground, people)
            }));
        }
        privileges.extend(authorities::collect(root, people, &mut own));
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
    order::sort_by(&mut paths, |a, b| name(a).cmp(name(b)));
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
                    identities: polkit::identities(list),
                    ..Rule::default()
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
                let names = diagnostics.names(folder, names, MISSING).into_iter();
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
        match one.rule.kind {
            Kind::Administrators if answered => continue,
            Kind::Administrators if one.rule.identities.is_empty() => {
                let reason =
                    "names administrators in a way that is not understood, so they are missing";
                diagnostics.note(&one.path, line(one.rule.line as usize), reason);
                continue;
            }
            Kind::Administrators => answered = !one.rule.conditional,
            Kind::Unclear => {
                let reason = "allows something in a way that is not understood; whether that amounts to root is not known";
                diagnostics.note(&one.path, line(one.rule.line as usize), reason);
                continue;
            }
            Kind::Allowed { .. } => {}
        }
        effective.push(one);
    }
    effective
}

/// What someone may do by polkit.
struct Grant<'a> {
    identities: &'a [Identity],
    everyone: bool,
    scope: String,
    conditions: Vec<String>,
    full_control: State,
}

impl<'a> Grant<'a> {
    /// What a rule gives; nothing when none of its actions amounts to root.
    fn of(rule: &'a Rule) -> Option<Self> {
        let mut conditions = Vec::new();
        let (scope, everyone) = match rule.kind {
            Kind::Administrators | Kind::Unclear => (EVERYTHING.to_owned(), false),
            Kind::Allowed { own_password } => {
                if !own_password {
                    conditions.push("without password".to_owned());
                }
                let scope = actions::scope(|action| {
                    let mut wanted = rule.actions.iter();
                    rule.actions.is_empty() || wanted.any(|one| actions::begins(action, one))
                })?;
                (scope, rule.identities.is_empty())
            }
        };
        let limits = [
            (rule.local, "only at the computer itself"),
            (rule.active, "only in the session in front"),
            (rule.conditional, "only under the rule's conditions"),
        ];
        let limits = limits.iter().filter(|(holds, _)| *holds);
        conditions.extend(limits.map(|(_, text)| (*text).to_owned()));
        Some(Self {
            identities: &rule.identities,
            everyone,
            scope,
            conditions,
            full_control: if rule.conditional {
                State::Unknown
            } else {
                State::On
            },
        })
    }

    fn privileges(&self, ground: &Ground<'_>, people: &People) -> Vec<Privilege> {
        let give = |principal: Principal, path: Vec<String>| {
            let scope = self.scope.clone();
            let conditions = self.conditions.clone();
            ground.privilege(principal, path, scope, conditions, self.full_control)
        };
        let step = || "polkit".to_owned();
        let mut found = Vec::new();
        if self.everyone {
            found.push(give(everyone(), vec![step()]));
        }
        for identity in self.identities {
            match identity {
                Identity::User(user) => {
                    let person = user.parse().ok().and_then(|uid| people.with_id(uid));
                    // That root is an administrator is known.
                    let name = person.map_or(user.as_str(), |person| &person.name);
                    if people.person(name).is_none_or(|person| person.uid != 0) {
                        found.push(give(people.user(name), vec![step()]));
                    }
                }
                Identity::Group(group) => {
                    let name = local_name(group, people);
                    found.push(give(people.group(name), vec![step()]));
                    for known in people.groups_named(name) {
                        for member in &known.members {
                            if people.person(member).is_none_or(|person| person.uid != 0) {
                                let path = vec![format!("group {name}"), step()];
                                found.push(give(people.user(member), path));
                            }
                        }
                    }
                }
                Identity::Netgroup(name) => {
                    let principal = Principal {
                        name: format!("+{name}"),
                        kind: PrincipalKind::DomainGroup,
                        id: String::new(),
                    };
                    found.push(give(principal, vec![step()]));
                }
            }
        }
        found
    }
}

/// The name of a group that may be written as its number.
fn local_name<'a>(group: &'a str, people: &'a People) -> &'a str {
    let by_id = group.parse().ok();
    let known = by_id.and_then(|gid| people.groups_with_id(gid).next());
    known.map_or(group, |known| known.name.as_str())
}
