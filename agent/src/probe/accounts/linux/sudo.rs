//! Administrators by sudo rules.

mod files;
mod matching;
mod names;
mod programs;
mod settings;
mod spec;
mod verdict;

use freehold_proto::{
    limits,
    v1::{
        accounts::{Privilege, privilege::Mechanism},
        section::Status,
    },
};

use crate::parse::sudoers::{Grant, Member, Name, Rule};
use crate::probe::{
    Root,
    section::{Diagnostics, line},
};

use files::{Policy, Sourced};
use matching::{Candidate, Matcher};
use names::HostNames;
use settings::Settings;
use spec::Bundle;

use super::people::{People, Principal};
use super::privilege::{self, Ground};

pub(super) use names::glob;
pub(super) use programs::amounts_to_root;

/// What the rules give, and whether all of them could be read.
pub(super) struct Collected {
    pub(super) privileges: Vec<Privilege>,
    pub(super) complete: bool,
}

/// Reads sudoers with all it includes.
pub(super) fn collect(root: &Root, people: &People, diagnostics: &mut Diagnostics) -> Collected {
    let mut own = Diagnostics::new();
    let hosts = HostNames::read(root);
    let policy = Policy::read(root, &hosts, &mut own);
    let matcher = Matcher::new(people, &policy, &hosts, &mut own);
    let settings = Settings::new(&policy, &matcher);
    let denials = denials(&policy, &matcher);
    let mut privileges = Vec::new();
    for (index, sourced) in policy.rules().enumerate() {
        if privileges.len() > limits::SECTION_ITEMS {
            let reason = "gives more privileges than a section holds; this rule and those after it are left out";
            own.note(sourced.source, line(sourced.line as usize), reason);
            break;
        }
        let later = denials.iter().filter(|denial| denial.index > index);
        let later: Vec<_> = later.collect();
        of_rule(&sourced, &later, &matcher, &settings, &mut privileges);
    }
    let complete = own.status(true) == Status::Complete;
    diagnostics.append(own);
    Collected {
        privileges,
        complete,
    }
}

/// A rule that takes everything back from someone. The last rule that matches decides.
struct Denial<'a> {
    index: usize,
    sourced: Sourced<'a, Rule>,
}

fn denials<'a>(policy: &'a Policy, matcher: &Matcher<'_>) -> Vec<Denial<'a>> {
    let rules = policy.rules().enumerate();
    rules
        .filter(|(_, sourced)| {
            let mut grants = sourced.item.grants.iter();
            let forbids = |grant: &Grant| {
                spec::bundles(grant)
                    .last()
                    .is_some_and(|bundle| bundle.forbids_everything(matcher))
            };
            sourced.refused.is_none()
                && grants.any(|grant| matcher.is_here(&grant.hosts) == Some(true) && forbids(grant))
        })
        .map(|(index, sourced)| Denial { index, sourced })
        .collect()
}

fn of_rule(
    sourced: &Sourced<'_, Rule>,
    denials: &[&Denial<'_>],
    matcher: &Matcher<'_>,
    settings: &Settings<'_>,
    privileges: &mut Vec<Privilege>,
) {
    let rule = sourced.item;
    let ground = Ground {
        mechanism: Mechanism::Sudo,
        source: sourced.source,
        line: sourced.line,
    };
    for grant in &rule.grants {
        let bundles = spec::bundles(grant);
        for holder in holders(rule, matcher) {
            let denial = denials
                .iter()
                .rfind(|denial| matcher.holds_for(&denial.sourced.item.users, &holder.candidate));
            for bundle in &bundles {
                let given = Given {
                    grant,
                    bundle,
                    holder: &holder,
                    refused: sourced.refused,
                    denial: denial.map(|denial| &denial.sourced),
                };
                privileges.push(given.privilege(&ground, matcher, settings));
            }
        }
    }
}

/// Someone a rule holds for.
struct Holder {
    principal: Principal,
    candidate: Candidate,
    path: Vec<String>,
    /// Members of the principal for whom the rule does not hold.
    except: Vec<String>,
}

/// Everyone a rule holds for: those it names, and the members of groups it names.
fn holders(rule: &Rule, matcher: &Matcher<'_>) -> Vec<Holder> {
    let mut holders = Vec::new();
    let all_in = matcher.only_adds(&rule.users);
    let holds = |candidate: &Candidate| all_in || matcher.holds_for(&rule.users, candidate);
    for (candidate, aliases) in matcher.candidates(&rule.users) {
        let mut path: Vec<_> = aliases
            .iter()
            .rev()
            .map(|name| format!("alias {name}"))
            .collect();
        path.push("sudoers".into());
        if !holds(&candidate) {
            continue;
        }
        if let Some(group) = candidate.group_name() {
            let member_path: Vec<_> = std::iter::once(format!("group {group}"))
                .chain(path.iter().cloned())
                .collect();
            for member in matcher.members(&group) {
                let candidate = Candidate::User(member.to_owned());
                if holds(&candidate) {
                    holders.push(Holder {
                        principal: matcher.principal(&candidate),
                        candidate,
                        path: member_path.clone(),
                        except: Vec::new(),
                    });
                }
            }
        }
        holders.push(Holder {
            principal: matcher.principal(&candidate),
            except: exceptions(&rule.users, &candidate),
            candidate,
            path,
        });
    }
    holders
}

/// Names a list takes out again after a group or everyone was put in.
fn exceptions(users: &[Member], candidate: &Candidate) -> Vec<String> {
    if matches!(candidate, Candidate::User(_)) {
        return Vec::new();
    }
    let negated = users
        .iter()
        .filter(|member| member.negated && member.name != Name::All);
    negated.map(|member| member.name.to_string()).collect()
}

/// A part of a grant, given to someone.
struct Given<'a> {
    grant: &'a Grant,
    bundle: &'a Bundle<'a>,
    holder: &'a Holder,
    refused: Option<&'a str>,
    denial: Option<&'a Sourced<'a, Rule>>,
}

impl Given<'_> {
    fn privilege(
        &self,
        ground: &Ground<'_>,
        matcher: &Matcher<'_>,
        settings: &Settings<'_>,
    ) -> Privilege {
        let effect = settings.effect(&self.holder.candidate, self.bundle);
        let here = matcher.is_here(&self.grant.hosts);
        let mut conditions = Vec::new();
        if let Some(why) = self.refused {
            conditions.push(format!("not in force: {why}, so sudo refuses it"));
        }
        if let Some(denial) = self.denial {
            conditions.push(format!(
                "taken back by {} line {}",
                denial.source, denial.line
            ));
        }
        if let Some(condition) = names::condition(&self.grant.hosts, here) {
            conditions.push(condition);
        }
        if !self.holder.except.is_empty() {
            conditions.push(format!("except for {}", self.holder.except.join(", ")));
        }
        conditions.extend(self.bundle.conditions());
        if !self.bundle.is_denial() {
            conditions.extend(effect.conditions());
        }
        let full_control = match (
            here,
            self.bundle.full_control(matcher, settings.default_target()),
        ) {
            _ if self.refused.is_some() || self.denial.is_some() => Some(false),
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) if !effect.asks_for_root() => Some(true),
            _ => None,
        };
        let mut path = self.holder.path.clone();
        path.retain(|step| !step.is_empty());
        ground.privilege(
            self.holder.principal.clone(),
            path,
            self.bundle.scope(matcher, settings.default_target()),
            conditions,
            privilege::state(full_control),
        )
    }
}
