//! The people and groups this machine knows, for everything else to look up.

use std::collections::{BTreeSet, HashMap};

use freehold_proto::v1::accounts::{Group as GroupItem, privilege::PrincipalKind};

use crate::parse::{colon::Table, group, passwd, passwd::Password, problem::Problem};
use crate::probe::{Root, section::Diagnostics, section::line};

pub(super) const PASSWD: &str = "/etc/passwd";
pub(super) const GROUP: &str = "/etc/group";

/// A local account.
pub(super) struct Person {
    pub(super) name: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) gecos: String,
    pub(super) home: String,
    pub(super) shell: String,
    pub(super) password: Password,
    pub(super) line: u32,
}

/// A local group.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) gid: u32,
    pub(super) line: u32,
    /// Members by secondary and primary membership.
    pub(super) members: BTreeSet<String>,
}

/// All of them.
pub(super) struct People {
    pub(super) persons: Vec<Person>,
    pub(super) groups: Vec<Group>,
    by_name: HashMap<String, usize>,
    any_source_read: bool,
}

/// Who a privilege belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Principal {
    pub(super) name: String,
    pub(super) kind: PrincipalKind,
    pub(super) id: String,
}

impl People {
    /// Reads passwd and group.
    pub(super) fn read(root: &Root, diagnostics: &mut Diagnostics) -> Self {
        let passwd = diagnostics.read_required(root, PASSWD, "the local accounts are");
        let group = diagnostics.read_required(root, GROUP, "the local groups are");
        let any_source_read = passwd.is_some() || group.is_some();
        let passwd = passwd.unwrap_or_default();
        let persons = persons(&passwd, diagnostics);
        let mut by_name = HashMap::with_capacity(persons.len());
        for (index, person) in persons.iter().enumerate() {
            if let Some(&first) = by_name.get(&person.name) {
                let first: &Person = &persons[first];
                let reason = format!(
                    "the name is already taken by line {}, which is the one that counts",
                    first.line
                );
                diagnostics.remark(PASSWD, line(person.line as usize), reason);
            } else {
                by_name.insert(person.name.clone(), index);
            }
        }
        let mut people = Self {
            groups: groups(&group.unwrap_or_default(), diagnostics),
            persons,
            by_name,
            any_source_read,
        };
        people.add_primary_members();
        people
    }

    fn add_primary_members(&mut self) {
        let mut by_gid: HashMap<u32, Vec<usize>> = HashMap::with_capacity(self.groups.len());
        for (index, group) in self.groups.iter().enumerate() {
            by_gid.entry(group.gid).or_default().push(index);
        }
        for person in &self.persons {
            for &index in by_gid.get(&person.gid).into_iter().flatten() {
                self.groups[index].members.insert(person.name.clone());
            }
        }
    }

    /// Whether passwd or group could be read at all.
    pub(super) fn any_source_read(&self) -> bool {
        self.any_source_read
    }

    /// The account of a name.
    pub(super) fn person(&self, name: &str) -> Option<&Person> {
        self.by_name.get(name).map(|&index| &self.persons[index])
    }

    /// The first account of a user id.
    pub(super) fn with_id(&self, uid: u32) -> Option<&Person> {
        self.persons.iter().find(|person| person.uid == uid)
    }

    /// The groups of a name: usually one.
    pub(super) fn groups_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Group> {
        self.groups.iter().filter(move |group| group.name == name)
    }

    /// Whether a user is a member of a group, by name.
    pub(super) fn is_member(&self, user: &str, group: &str) -> bool {
        self.groups_named(group)
            .any(|group| group.members.contains(user))
    }

    /// Whether a user is a member of a group, by number.
    pub(super) fn is_member_of_id(&self, user: &str, gid: i64) -> bool {
        let mut groups = self
            .groups
            .iter()
            .filter(|group| i64::from(group.gid) == gid);
        groups.any(|group| group.members.contains(user))
            || self
                .person(user)
                .is_some_and(|person| i64::from(person.gid) == gid)
    }

    /// A user as the holder of a privilege.
    pub(super) fn user(&self, name: &str) -> Principal {
        let person = self.person(name);
        let kind = match person {
            Some(_) => PrincipalKind::LocalUser,
            None if name.contains(['\\', '@']) => PrincipalKind::DomainUser,
            None => PrincipalKind::Unspecified,
        };
        Principal {
            name: name.to_owned(),
            kind,
            id: person
                .map(|person| person.uid.to_string())
                .unwrap_or_default(),
        }
    }

    /// A group as the holder of a privilege.
    pub(super) fn group(&self, name: &str) -> Principal {
        let group = self.groups_named(name).next();
        let kind = match group {
            Some(_) => PrincipalKind::LocalGroup,
            None if name.contains(['\\', '@', ' ']) => PrincipalKind::DomainGroup,
            None => PrincipalKind::Unspecified,
        };
        Principal {
            name: name.to_owned(),
            kind,
            id: group.map(|group| group.gid.to_string()).unwrap_or_default(),
        }
    }

    /// The groups as items of the section, ordered by name.
    pub(super) fn group_items(&self) -> Vec<GroupItem> {
        let mut items: Vec<_> = self
            .groups
            .iter()
            .map(|group| GroupItem {
                name: group.name.clone(),
                id: group.gid.to_string(),
                members: group.members.iter().cloned().collect(),
                source: GROUP.into(),
            })
            .collect();
        items.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        items
    }
}

fn persons(bytes: &[u8], diagnostics: &mut Diagnostics) -> Vec<Person> {
    let table = passwd::parse(bytes);
    note(PASSWD, &table, diagnostics);
    let mut persons = Vec::with_capacity(table.entries.len());
    for entry in table.entries {
        let position = entry.line as usize;
        let mut text = |bytes| diagnostics.text(PASSWD, format_args!("line {position}"), bytes);
        persons.push(Person {
            name: text(entry.name),
            uid: entry.uid,
            gid: entry.gid,
            gecos: text(entry.gecos),
            home: text(entry.home),
            shell: text(entry.shell),
            password: entry.password,
            line: entry.line,
        });
    }
    persons
}

fn groups(bytes: &[u8], diagnostics: &mut Diagnostics) -> Vec<Group> {
    let table = group::parse(bytes);
    note(GROUP, &table, diagnostics);
    let mut groups = Vec::with_capacity(table.entries.len());
    for entry in table.entries {
        let position = entry.line as usize;
        let mut text = |bytes| diagnostics.text(GROUP, format_args!("line {position}"), bytes);
        groups.push(Group {
            name: text(entry.name),
            gid: entry.gid,
            line: entry.line,
            members: entry.members.iter().map(|member| text(member)).collect(),
        });
    }
    groups
}

/// Notes what a table could not tell.
pub(super) fn note<T>(source: &str, table: &Table<T>, diagnostics: &mut Diagnostics) {
    problems(source, &table.problems, diagnostics);
    if let Some(&first) = table.directory_lines.first() {
        let reason = "brings in entries of a network directory, which are not listed";
        diagnostics.note(source, line(first as usize), reason);
    }
}

/// Notes the problems of a parser.
pub(super) fn problems(source: &str, problems: &[Problem], diagnostics: &mut Diagnostics) {
    for problem in problems {
        diagnostics.note(source, problem.position(), &problem.reason);
    }
    if problems.len() >= crate::parse::problem::MOST {
        diagnostics.note(source, "", "has more problems than are listed");
    }
}
