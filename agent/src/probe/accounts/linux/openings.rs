//! Ways to become root that no rule names: sockets, files, programs and tasks that others than root may
//! use or change.

mod allowance;
mod capabilities;
mod interpreters;
mod search;
mod sockets;
mod tasks;
mod trusted;
mod units;
mod walk;
mod writers;

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use freehold_proto::v1::{
    accounts::{
        Privilege,
        privilege::{Mechanism, PrincipalKind},
    },
    toggle::State,
};

use crate::probe::{Root, deadline, section::Diagnostics};

pub(super) use search::Searched;

use super::people::{People, Principal};
use super::privilege::everyone;

/// What is missing where units and tasks are not read.
const SERVICES: &[&str] = &["privileges.SERVICE"];

/// How long the running machine's answer to the costly questions holds.
const FRESH: Duration = Duration::from_secs(3600);

/// A way in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Opening {
    mechanism: Mechanism,
    who: Who,
    /// What it is, in words.
    step: String,
    scope: String,
    conditions: Vec<String>,
    source: String,
    line: Option<u32>,
    full_control: State,
}

/// Whom it is open to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    User(u32),
    Group(u32),
    Everyone,
}

/// Finds them. Reading units costs more than all the rest of the section, so on the running machine that is done
/// when one of them changed, and once an hour.
pub(super) fn collect(
    root: &Root,
    people: &People,
    diagnostics: &mut Diagnostics,
) -> Vec<Privilege> {
    let mut openings = sockets::find(root, people);
    openings.extend(trusted::find(root, people));
    openings.extend(search::find(root, people, diagnostics));
    let mut of_tasks = Diagnostics::hiding(SERVICES);
    openings.extend(tasks::find(root, &mut of_tasks));
    diagnostics.append(of_tasks);
    let slow = if root.is_live() && !deadline::is_hurried() {
        remembered(root, people)
    } else {
        slow(root, people)
    };
    openings.extend(slow.openings);
    diagnostics.append(slow.diagnostics);
    openings
        .iter()
        .flat_map(|opening| privileges(opening, people))
        .collect()
}

#[derive(Clone)]
struct Slow {
    openings: Vec<Opening>,
    diagnostics: Diagnostics,
}

fn remembered(root: &Root, people: &People) -> Slow {
    static LAST: Mutex<Option<(Instant, u64, Slow)>> = Mutex::new(None);
    let mark = units::mark(root);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    match &*last {
        Some((when, same, slow)) if *same == mark && when.elapsed() < FRESH => slow.clone(),
        _ => {
            let slow = slow(root, people);
            *last = Some((Instant::now(), mark, slow.clone()));
            slow
        }
    }
}

fn slow(root: &Root, people: &People) -> Slow {
    let mut diagnostics = Diagnostics::hiding(SERVICES);
    let mut openings = capabilities::find(root);
    openings.extend(units::find(root, people, &mut diagnostics));
    Slow {
        openings,
        diagnostics,
    }
}

/// The privileges an opening gives: to a user, to a group and its members, or to everyone.
fn privileges(opening: &Opening, people: &People) -> Vec<Privilege> {
    let give = |principal: Principal, path: Vec<String>| Privilege {
        principal: principal.name,
        principal_kind: principal.kind.into(),
        principal_id: principal.id,
        mechanism: opening.mechanism.into(),
        path,
        scope: opening.scope.clone(),
        conditions: opening.conditions.clone(),
        source: opening.source.clone(),
        line: opening.line,
        full_control: opening.full_control.into(),
    };
    let orphan = |name: String, id: u32| Principal {
        name,
        kind: PrincipalKind::Orphaned,
        id: id.to_string(),
    };
    let step = || vec![opening.step.clone()];
    match opening.who {
        Who::Everyone => vec![give(everyone(), step())],
        Who::User(uid) => {
            let person = people.with_id(uid);
            let principal = person.map_or_else(
                || orphan(format!("#{uid}"), uid),
                |person| people.user(&person.name),
            );
            vec![give(principal, step())]
        }
        Who::Group(gid) => {
            let mut found = Vec::new();
            for group in people.groups_with_id(gid) {
                if group.members.is_empty() {
                    continue;
                }
                found.push(give(people.group(&group.name), step()));
                for member in &group.members {
                    if people.person(member).is_none_or(|person| person.uid != 0) {
                        let mut path = vec![format!("group {}", group.name)];
                        path.extend(step());
                        found.push(give(people.user(member), path));
                    }
                }
            }
            found
        }
    }
}

/// Openings for each of several.
fn each(who: &[Who], opening: impl Fn(Who) -> Opening) -> Vec<Opening> {
    who.iter().map(|who| opening(*who)).collect()
}
