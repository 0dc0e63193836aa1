//! passwd and group, read.

use std::collections::{HashMap, hash_map::Entry};

use crate::parse::{colon::Table, group, passwd, problem::Problem};
use crate::probe::{Root, section::Diagnostics, section::line};

use super::{GROUP, Group, PASSWD, People, Person};

impl People {
    /// Reads passwd and group. `has_directory` says that a directory knows further people.
    pub(in super::super) fn read(
        root: &Root,
        has_directory: bool,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let passwd = diagnostics.read_required(root, PASSWD, "the local accounts are");
        let group = diagnostics.read_required(root, GROUP, "the local groups are");
        let any_source_read = passwd.is_some() || group.is_some();
        let persons = persons(&passwd.unwrap_or_default(), diagnostics);
        let groups = groups(&group.unwrap_or_default(), diagnostics);
        let mut people = Self {
            by_name: HashMap::with_capacity(persons.len()),
            by_id: HashMap::with_capacity(persons.len()),
            groups_by_name: HashMap::with_capacity(groups.len()),
            groups_by_id: HashMap::with_capacity(groups.len()),
            persons,
            groups,
            any_source_read,
            has_directory,
        };
        people.index_persons(diagnostics);
        people.index_groups(diagnostics);
        people.add_primary_members();
        people
    }

    /// Of accounts that share a name the first counts; accounts that share a number are one to the system.
    fn index_persons(&mut self, diagnostics: &mut Diagnostics) {
        for (index, person) in self.persons.iter().enumerate() {
            let here = line(person.line as usize);
            match self.by_name.entry(person.name.clone()) {
                Entry::Occupied(first) => {
                    let first = self.persons[*first.get()].line;
                    let reason = format!(
                        "the name is already taken by line {first}, which is the one that counts"
                    );
                    diagnostics.remark(PASSWD, &here, reason);
                }
                Entry::Vacant(free) => {
                    free.insert(index);
                }
            }
            match self.by_id.entry(person.uid) {
                Entry::Occupied(first) => {
                    let first = &self.persons[*first.get()];
                    // Every account with number 0 is told as an administrator.
                    if person.uid != 0 && first.name != person.name {
                        let reason = format!(
                            "has the same user id {} as {} in line {}: to the system they are one",
                            person.uid, first.name, first.line
                        );
                        diagnostics.remark(PASSWD, &here, reason);
                    }
                }
                Entry::Vacant(free) => {
                    free.insert(index);
                }
            }
        }
    }

    fn index_groups(&mut self, diagnostics: &mut Diagnostics) {
        for (index, group) in self.groups.iter().enumerate() {
            let same_name = self.groups_by_name.entry(group.name.clone()).or_default();
            let same_id = self.groups_by_id.entry(group.gid).or_default();
            let here = line(group.line as usize);
            if let Some(&first) = same_name.first() {
                let first = self.groups[first].line;
                let reason = format!(
                    "the name is already taken by line {first}; members of both are listed"
                );
                diagnostics.remark(GROUP, &here, reason);
            } else if let Some(&first) = same_id.first() {
                let first = &self.groups[first];
                let reason = format!(
                    "has the same group id {} as {} in line {}: to the system they are one",
                    group.gid, first.name, first.line
                );
                diagnostics.remark(GROUP, &here, reason);
            }
            same_name.push(index);
            same_id.push(index);
        }
    }

    fn add_primary_members(&mut self) {
        for person in &self.persons {
            for &index in self.groups_by_id.get(&person.gid).into_iter().flatten() {
                self.groups[index].members.insert(person.name.clone());
            }
        }
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
pub(in super::super) fn note<T>(source: &str, table: &Table<T>, diagnostics: &mut Diagnostics) {
    problems(source, &table.problems, diagnostics);
    if let Some(&first) = table.directory_lines.first() {
        let reason = "brings in entries of a network directory, which are not listed";
        diagnostics.note(source, line(first as usize), reason);
    }
}

/// Notes the problems of a parser.
pub(in super::super) fn problems(
    source: &str,
    problems: &[Problem],
    diagnostics: &mut Diagnostics,
) {
    for problem in problems {
        diagnostics.note(source, problem.position(), &problem.reason);
    }
    if problems.len() >= crate::parse::problem::MOST {
        diagnostics.note(source, "", "has more problems than are listed");
    }
}
