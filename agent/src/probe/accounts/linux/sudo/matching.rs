//! Whether lists of users, targets, hosts and commands mean someone or something. The last name of a list
//! that matches decides.

use std::collections::{HashMap, HashSet};

use freehold_proto::v1::accounts::privilege::PrincipalKind;

use crate::parse::sudoers::{Command, CommandMember, Member, Name};
use crate::probe::section::Diagnostics;

use super::super::people::{People, Principal};
use super::super::privilege::everyone;
use super::files::{Aliases, Policy};
use super::names::HostNames;
use super::verdict::{Verdict, last};

/// How deep aliases may name aliases.
const DEPTH: usize = 32;

/// Looks names up in aliases, people and the machine's names.
pub(super) struct Matcher<'a> {
    people: &'a People,
    aliases: Aliases<'a>,
    /// Aliases that only name users, as sets: asking thousands of names one by one takes too long.
    plain: HashMap<&'a str, HashSet<&'a str>>,
    hosts: &'a HostNames,
}

/// Someone a rule may hold for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Candidate {
    /// Everyone.
    Everyone,
    /// A user by name.
    User(String),
    /// A user id that no account has.
    UserId(i64),
    /// A group, by the name it has or would have here.
    Group(String),
    /// A group id that no group has.
    GroupId(i64),
    /// A group or netgroup of a directory, as written.
    Directory(String),
}

impl Candidate {
    /// The name of a local group.
    pub(super) fn group_name(&self) -> Option<String> {
        match self {
            Self::Group(name) => Some(name.clone()),
            _ => None,
        }
    }
}

impl<'a> Matcher<'a> {
    pub(super) fn new(
        people: &'a People,
        policy: &'a Policy,
        hosts: &'a HostNames,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let aliases = policy.aliases(diagnostics);
        Self {
            people,
            plain: plain(&aliases),
            aliases,
            hosts,
        }
    }

    /// Everyone a list names, with the aliases that lead there, the outermost first.
    pub(super) fn candidates(&self, list: &'a [Member]) -> Vec<(Candidate, Vec<&'a str>)> {
        let (mut found, mut seen) = (Vec::new(), HashSet::new());
        self.add_candidates(list, &mut Vec::new(), &mut |candidate, aliases| {
            let one = (candidate, aliases.to_vec());
            if seen.insert(one.clone()) {
                found.push(one);
            }
        });
        found
    }

    fn add_candidates(
        &self,
        list: &'a [Member],
        aliases: &mut Vec<&'a str>,
        add: &mut impl FnMut(Candidate, &[&'a str]),
    ) {
        for member in list {
            let Name::Alias(name) = &member.name else {
                add(self.candidate(&member.name), aliases);
                continue;
            };
            let Some(inner) = self.aliases.users.get(name.as_str()) else {
                add(Candidate::User(name.clone()), aliases);
                continue;
            };
            if aliases.len() < DEPTH && !aliases.contains(&name.as_str()) {
                aliases.push(name);
                self.add_candidates(inner, aliases, add);
                aliases.pop();
            }
        }
    }

    /// Whether a list of users takes nobody out again, so that whoever it names is in.
    pub(super) fn only_adds(&self, list: &[Member]) -> bool {
        self.adds(list, 0)
    }

    fn adds(&self, list: &[Member], depth: usize) -> bool {
        depth < DEPTH
            && list.iter().all(|member| {
                !member.negated
                    && match &member.name {
                        Name::Alias(name) => self
                            .aliases
                            .users
                            .get(name.as_str())
                            .is_none_or(|inner| self.adds(inner, depth + 1)),
                        _ => true,
                    }
            })
    }

    fn candidate(&self, name: &Name) -> Candidate {
        match name {
            Name::All => Candidate::Everyone,
            Name::Alias(name) | Name::Plain(name) | Name::Network(name) => {
                Candidate::User(name.clone())
            }
            Name::Group(name) => Candidate::Group(name.clone()),
            Name::Id(id) => {
                let uid = u32::try_from(*id).ok();
                let person = uid.and_then(|uid| self.people.with_id(uid));
                person.map_or(Candidate::UserId(*id), |person| {
                    Candidate::User(person.name.clone())
                })
            }
            Name::GroupId(id) => {
                let gid = u32::try_from(*id).ok();
                let group = gid.and_then(|gid| self.people.groups_with_id(gid).next());
                group.map_or(Candidate::GroupId(*id), |group| {
                    Candidate::Group(group.name.clone())
                })
            }
            Name::DirectoryGroup(_) | Name::Netgroup(_) => Candidate::Directory(name.to_string()),
        }
    }

    /// A candidate as the holder of a privilege.
    pub(super) fn principal(&self, candidate: &Candidate) -> Principal {
        let unknown = |name: String, kind, id: String| Principal { name, kind, id };
        match candidate {
            Candidate::Everyone => everyone(),
            Candidate::User(name) => self.people.user(name),
            Candidate::Group(name) => self.people.group(name),
            Candidate::UserId(id) => {
                unknown(format!("#{id}"), PrincipalKind::Orphaned, id.to_string())
            }
            Candidate::GroupId(id) => {
                unknown(format!("%#{id}"), PrincipalKind::Orphaned, id.to_string())
            }
            Candidate::Directory(name) => {
                unknown(name.clone(), PrincipalKind::DomainGroup, String::new())
            }
        }
    }

    /// Members of a group of this machine.
    pub(super) fn members<'b>(&'b self, group: &'b str) -> impl Iterator<Item = &'b str> {
        let groups = self.people.groups_named(group);
        groups.flat_map(|group| group.members.iter().map(String::as_str))
    }

    /// Whether a list holds for a candidate, as far as can be known: what is undecided counts.
    pub(super) fn holds_for(&self, list: &[Member], candidate: &Candidate) -> bool {
        self.users(list, candidate, 0) == Verdict::In
    }

    fn users(&self, list: &[Member], candidate: &Candidate, depth: usize) -> Verdict {
        last(list, |member| {
            let verdict = match &member.name {
                Name::Alias(name) if self.plain.contains_key(name.as_str()) => {
                    let users = self.plain.get(name.as_str());
                    Verdict::is(Some(match candidate {
                        Candidate::User(user) => {
                            users.is_some_and(|users| users.contains(user.as_str()))
                        }
                        _ => false,
                    }))
                }
                Name::Alias(name) => match self.aliases.users.get(name.as_str()) {
                    Some(inner) if depth < DEPTH => self.users(inner, candidate, depth + 1),
                    Some(_) => Verdict::Unmentioned,
                    None => Verdict::is(Some(*candidate == Candidate::User(name.clone()))),
                },
                name => Verdict::is(Some(self.is_user(name, candidate))),
            };
            verdict.negated_if(member.negated)
        })
    }

    fn is_user(&self, name: &Name, candidate: &Candidate) -> bool {
        match (name, candidate) {
            (Name::All, _) => true,
            (Name::Plain(name), Candidate::User(user)) => name == user,
            (Name::Group(group), Candidate::User(user)) => self.people.is_member(user, group),
            (Name::GroupId(gid), Candidate::User(user)) => self.people.is_member_of_id(user, *gid),
            (Name::Id(id), Candidate::User(user)) => self
                .people
                .person(user)
                .is_some_and(|person| i64::from(person.uid) == *id),
            (name, candidate) => self.candidate(name) == *candidate,
        }
    }

    /// Whether a list of targets means root; users with id 0 are root.
    pub(super) fn targets_root(&self, list: &[Member]) -> Option<bool> {
        self.targets(list, 0).known()
    }

    fn targets(&self, list: &[Member], depth: usize) -> Verdict {
        last(list, |member| {
            let verdict = match &member.name {
                Name::All | Name::Id(0) => Verdict::In,
                Name::Alias(name) => match self.aliases.runas.get(name.as_str()) {
                    Some(inner) if depth < DEPTH => self.targets(inner, depth + 1),
                    _ => Verdict::is(Some(self.is_root(name))),
                },
                Name::Plain(name) => Verdict::is(Some(self.is_root(name))),
                Name::Group(_) | Name::GroupId(_) => {
                    let mut zero = self.people.persons.iter().filter(|person| person.uid == 0);
                    Verdict::is(Some(zero.any(|person| {
                        self.is_user(&member.name, &Candidate::User(person.name.clone()))
                    })))
                }
                Name::DirectoryGroup(_) | Name::Netgroup(_) => Verdict::Unknown,
                Name::Id(_) | Name::Network(_) => Verdict::Unmentioned,
            };
            verdict.negated_if(member.negated)
        })
    }

    pub(super) fn is_root(&self, user: &str) -> bool {
        user == "root"
            || self
                .people
                .person(user)
                .is_some_and(|person| person.uid == 0)
    }

    /// Whether a list of target groups has one that amounts to root.
    pub(super) fn targets_strong_group(&self, list: &[Member]) -> bool {
        list.iter().any(|member| match &member.name {
            Name::All => !member.negated,
            Name::Plain(name) | Name::Group(name) => {
                !member.negated && super::super::groups::is_root_equivalent(name)
            }
            Name::Alias(name) => self.aliases.runas.get(name.as_str()).is_some_and(|inner| {
                inner
                    .iter()
                    .all(|member| !matches!(member.name, Name::Alias(_)))
                    && self.targets_strong_group(inner)
            }),
            _ => false,
        })
    }

    /// Whether a list of hosts means this machine.
    pub(super) fn is_here(&self, list: &[Member]) -> Option<bool> {
        self.here(list, 0).known()
    }

    fn here(&self, list: &[Member], depth: usize) -> Verdict {
        last(list, |member| {
            let verdict = match &member.name {
                Name::All => Verdict::In,
                Name::Alias(name) => match self.aliases.hosts.get(name.as_str()) {
                    Some(inner) if depth < DEPTH => self.here(inner, depth + 1),
                    _ => Verdict::is(self.hosts.matches(name)),
                },
                Name::Plain(name) => Verdict::is(self.hosts.matches(name)),
                _ => Verdict::Unknown,
            };
            verdict.negated_if(member.negated)
        })
    }

    /// The commands behind a member, aliases resolved: each with whether it is forbidden in the end.
    pub(super) fn commands<'b>(&'b self, member: &'b CommandMember) -> Vec<(bool, &'b Command)>
    where
        'a: 'b,
    {
        let mut found = Vec::new();
        self.add_commands(member, false, 0, &mut found);
        found
    }

    fn add_commands<'b>(
        &'b self,
        member: &'b CommandMember,
        negated: bool,
        depth: usize,
        found: &mut Vec<(bool, &'b Command)>,
    ) where
        'a: 'b,
    {
        let negated = negated != member.negated;
        if let Command::Alias(name) = &member.command
            && let Some(inner) = self.aliases.commands.get(name.as_str())
        {
            if depth < DEPTH {
                for member in *inner {
                    self.add_commands(member, negated, depth + 1, found);
                }
            }
            return;
        }
        // Aliases can multiply; what is beyond this is no longer a list anyone reads.
        if found.len() < 10_000 {
            found.push((negated, &member.command));
        }
    }
}

fn plain<'a>(aliases: &Aliases<'a>) -> HashMap<&'a str, HashSet<&'a str>> {
    let users = aliases.users.iter().filter_map(|(name, list)| {
        let names = list.iter().map(|member| match &member.name {
            Name::Plain(user) if !member.negated => Some(user.as_str()),
            _ => None,
        });
        Some((*name, names.collect::<Option<HashSet<_>>>()?))
    });
    users.collect()
}

/// Whether everyone is among the targets.
pub(super) fn targets_everyone(list: &[Member]) -> bool {
    list.iter()
        .any(|member| member.name == Name::All && !member.negated)
}
