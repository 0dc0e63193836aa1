//! The people and groups this machine knows, for everything else to look up.

mod read;

use std::collections::{BTreeSet, HashMap};

use freehold_proto::v1::accounts::{Group as GroupItem, privilege::PrincipalKind};

use crate::order;
use crate::parse::passwd::Password;

pub(super) use read::{note, problems};

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
    by_id: HashMap<u32, usize>,
    groups_by_name: HashMap<String, Vec<usize>>,
    groups_by_id: HashMap<u32, Vec<usize>>,
    any_source_read: bool,
    /// A directory knows further people and groups.
    has_directory: bool,
}

/// Who a privilege belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Principal {
    pub(super) name: String,
    pub(super) kind: PrincipalKind,
    pub(super) id: String,
}

impl People {
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
        self.by_id.get(&uid).map(|&index| &self.persons[index])
    }

    /// The groups of a name: usually one.
    pub(super) fn groups_named<'a>(
        &'a self,
        name: &str,
    ) -> impl Iterator<Item = &'a Group> + use<'a> {
        let indexes = self.groups_by_name.get(name).into_iter().flatten();
        indexes.map(|&index| &self.groups[index])
    }

    /// The groups of a group id: usually one.
    pub(super) fn groups_with_id(&self, gid: u32) -> impl Iterator<Item = &Group> {
        let indexes = self.groups_by_id.get(&gid).into_iter().flatten();
        indexes.map(|&index| &self.groups[index])
    }

    /// Whether a user is a member of a group, by name.
    pub(super) fn is_member(&self, user: &str, group: &str) -> bool {
        self.groups_named(group)
            .any(|group| group.members.contains(user))
    }

    /// Whether a user is a member of a group, by number.
    pub(super) fn is_member_of_id(&self, user: &str, gid: i64) -> bool {
        let Ok(gid) = u32::try_from(gid) else {
            return false;
        };
        self.groups_with_id(gid)
            .any(|group| group.members.contains(user))
            || self.person(user).is_some_and(|person| person.gid == gid)
    }

    /// A user as the holder of a privilege.
    pub(super) fn user(&self, name: &str) -> Principal {
        let person = self.person(name);
        let kind = match person {
            Some(_) => PrincipalKind::LocalUser,
            None if self.has_directory || name.contains(['\\', '@']) => PrincipalKind::DomainUser,
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
            None if self.has_directory || name.contains(['\\', '@', ' ']) => {
                PrincipalKind::DomainGroup
            }
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
        order::sort_by(&mut items, |a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        items
    }
}
