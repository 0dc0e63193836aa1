//! Why someone can administer the computer: the groups that give the right, followed through groups in them.

use freehold_proto::v1::{
    accounts::{
        Account, Privilege,
        privilege::{Mechanism, PrincipalKind},
    },
    toggle::State,
};

use crate::probe::section::Diagnostics;

use super::{
    groups::{Group, Groups, Member},
    settings::Settings,
    sid::ADMINISTRATORS,
};

const EVERYTHING: &str = "everything";

/// Deepest nesting of groups that is followed.
const DEPTH: usize = 16;

/// A group that amounts to administrators, and by what.
struct Equivalent {
    sid: &'static str,
    /// It does so on domain controllers only.
    on_domain_controllers: bool,
    full_control: State,
    why: &'static str,
}

const EQUIVALENT: [Equivalent; 5] = [
    Equivalent {
        sid: "S-1-5-32-548",
        on_domain_controllers: true,
        full_control: State::Unknown,
        why: "creates and changes accounts and groups of the domain, those of its administrators excepted",
    },
    Equivalent {
        sid: "S-1-5-32-549",
        on_domain_controllers: true,
        full_control: State::On,
        why: "everything: changes services and files of the domain controller",
    },
    Equivalent {
        sid: "S-1-5-32-550",
        on_domain_controllers: true,
        full_control: State::On,
        why: "everything: loads drivers into the system of the domain controller",
    },
    Equivalent {
        sid: "S-1-5-32-551",
        on_domain_controllers: false,
        full_control: State::On,
        why: "everything: reads and writes every file, the password database included, as backups do",
    },
    Equivalent {
        sid: "S-1-5-32-578",
        on_domain_controllers: false,
        full_control: State::On,
        why: "everything: controls virtual machines and the disks they are given",
    },
];

/// Docker Desktop's group has no identifier of its own.
const DOCKER: &str = "docker-users";
const DOCKER_WHY: &str =
    "everything: starts containers that have the whole disk, as an administrator";

/// Every reason, in canonical order.
pub(super) fn list(groups: &Groups, accounts: &[Account], settings: &Settings) -> Vec<Privilege> {
    let mut privileges = Vec::new();
    for group in groups.iter() {
        let Some((mechanism, scope, full_control)) = right(group, groups) else {
            continue;
        };
        let mut walk = Walk {
            groups,
            accounts,
            settings,
            mechanism,
            scope,
            full_control,
            passed: vec![group.sid.as_str()],
            privileges: Vec::new(),
        };
        walk.group(group, &[format!("group {}", group.name)]);
        privileges.extend(walk.privileges);
    }
    privileges.sort_by(|a, b| key(a).cmp(&key(b)));
    privileges.dedup();
    privileges
}

/// What a group gives to its members.
fn right(group: &Group, groups: &Groups) -> Option<(Mechanism, &'static str, State)> {
    if group.sid == ADMINISTRATORS {
        return Some((Mechanism::AdminGroup, EVERYTHING, State::On));
    }
    if group.name.eq_ignore_ascii_case(DOCKER) {
        return Some((Mechanism::RootEquivalentGroup, DOCKER_WHY, State::On));
    }
    let own = EQUIVALENT.iter().find(|it| it.sid == group.sid)?;
    let counts = groups.is_domain_controller || !own.on_domain_controllers;
    counts.then_some((Mechanism::RootEquivalentGroup, own.why, own.full_control))
}

struct Walk<'a> {
    groups: &'a Groups,
    accounts: &'a [Account],
    settings: &'a Settings,
    mechanism: Mechanism,
    scope: &'static str,
    full_control: State,
    /// Groups on the way to here: one that is in itself is followed once.
    passed: Vec<&'a str>,
    privileges: Vec<Privilege>,
}

impl<'a> Walk<'a> {
    fn group(&mut self, group: &'a Group, path: &[String]) {
        for member in &group.members {
            self.privileges.push(self.privilege(group, member, path));
            let Some(inner) = self.groups.find(&member.sid) else {
                continue;
            };
            if self.passed.len() < DEPTH && !self.passed.contains(&inner.sid.as_str()) {
                let mut longer = vec![format!("group {}", inner.name)];
                longer.extend_from_slice(path);
                self.passed.push(&inner.sid);
                self.group(inner, &longer);
                self.passed.pop();
            }
        }
    }

    fn privilege(&self, group: &Group, member: &Member, path: &[String]) -> Privilege {
        Privilege {
            principal: member.name.clone(),
            principal_kind: member.kind.into(),
            principal_id: member.sid.clone(),
            mechanism: self.mechanism.into(),
            path: path.to_vec(),
            scope: self.scope.to_owned(),
            conditions: self.conditions(member),
            source: group.source.clone(),
            line: None,
            full_control: self.full_control.into(),
        }
    }

    fn conditions(&self, member: &Member) -> Vec<String> {
        let mut conditions = Vec::new();
        match member.kind {
            PrincipalKind::LocalUser => {
                let mut accounts = self.accounts.iter();
                let account = accounts.find(|account| account.id == member.sid);
                if account.is_some_and(|account| account.enabled() == State::Off) {
                    conditions.push("the account is disabled".to_owned());
                }
                conditions.extend(self.settings.conditions(&member.name));
            }
            PrincipalKind::Orphaned => conditions.push(
                "no name is known for it: it was deleted, or its domain cannot be reached"
                    .to_owned(),
            ),
            _ => {}
        }
        conditions
    }
}

fn key(privilege: &Privilege) -> impl Ord + '_ {
    (
        &privilege.principal,
        privilege.principal_kind,
        &privilege.principal_id,
        privilege.mechanism,
        &privilege.path,
        &privilege.source,
        &privilege.conditions,
    )
}

/// Cuts its texts to what fits a section.
pub(super) fn fit(privilege: &mut Privilege, diagnostics: &mut Diagnostics) {
    let source = privilege.source.clone();
    let texts = [&mut privilege.principal, &mut privilege.principal_id];
    for text in texts.into_iter().chain(&mut privilege.path) {
        *text = diagnostics.fit(&source, "", std::mem::take(text));
    }
}
