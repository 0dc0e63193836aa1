//! Local groups and who is in them.

use std::collections::{BTreeMap, BTreeSet};

use freehold_proto::v1::accounts::{Group as Item, privilege::PrincipalKind};

use crate::{
    probe::{
        section::Diagnostics,
        windows::{Edition, Machine, Source, edition, unread},
    },
    rows::{Row, Unread},
};

use super::account;
use super::sid::{self, ADMINISTRATORS, Authority};

/// Groups that every Windows may have and that matter for rights; on a domain controller they are all that
/// is looked at, because its other groups are the directory's.
const KNOWN: [&str; 8] = [
    ADMINISTRATORS,
    "S-1-5-32-548",
    "S-1-5-32-549",
    "S-1-5-32-550",
    "S-1-5-32-551",
    "S-1-5-32-555",
    "S-1-5-32-578",
    "S-1-5-32-580",
];

/// Numbers of the groups that rule a domain: Domain Admins, Schema Admins, Enterprise Admins.
const RULING: [u32; 3] = [512, 518, 519];

/// Most groups, and most members of each.
const GROUPS: usize = 5_000;
const MEMBERS: usize = 20_000;

/// The groups by their identifiers.
#[derive(Debug, Default)]
pub(super) struct Groups {
    by_sid: BTreeMap<String, Group>,
    pub(super) is_domain_controller: bool,
}

/// A group.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) sid: String,
    pub(super) name: String,
    pub(super) members: Vec<Member>,
    pub(super) source: String,
    /// Its members could be listed.
    read: bool,
}

/// A member of a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Member {
    /// The name, with its domain unless it is this computer's; the identifier where there is no name.
    pub(super) name: String,
    pub(super) sid: String,
    pub(super) kind: PrincipalKind,
}

impl Groups {
    pub(super) fn read(machine: &dyn Machine, diagnostics: &mut Diagnostics) -> Self {
        let is_domain_controller = edition(machine) == Some(Edition::DomainController);
        let reader = Reader::new(machine, is_domain_controller, diagnostics);
        let mut groups = Self {
            by_sid: BTreeMap::new(),
            is_domain_controller,
        };
        for (sid, name) in reader.names(is_domain_controller, diagnostics) {
            let group = reader.group(sid, name, diagnostics);
            groups.by_sid.insert(group.sid.clone(), group);
        }
        if is_domain_controller {
            groups.add_ruling(&reader, diagnostics);
        }
        groups
    }

    /// Whether the members of any group are known.
    pub(super) fn any_read(&self) -> bool {
        self.by_sid.values().any(|group| group.read)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Group> {
        self.by_sid.values()
    }

    /// A group by its identifier.
    pub(super) fn find(&self, sid: &str) -> Option<&Group> {
        self.by_sid.get(sid)
    }

    /// The groups that rule the domain, as far as they are members of its administrators.
    fn add_ruling(&mut self, reader: &Reader<'_>, diagnostics: &mut Diagnostics) {
        let administrators = self.find(ADMINISTRATORS).map(|it| it.members.clone());
        for member in administrators.unwrap_or_default() {
            let rules = sid::relative(&member.sid).is_some_and(|it| RULING.contains(&it));
            if member.kind == PrincipalKind::DomainGroup && rules {
                let group = reader.ruling(&member, diagnostics);
                self.by_sid.insert(group.sid.clone(), group);
            }
        }
    }

    /// The groups with members as items, ordered by name.
    pub(super) fn items(self, diagnostics: &mut Diagnostics) -> Vec<Item> {
        let groups = self.by_sid.into_values();
        let mut items: Vec<_> = groups
            .filter(|group| !group.members.is_empty())
            .map(|group| Item {
                name: diagnostics.fit(&group.source, "", group.name),
                id: group.sid,
                members: fitted(group.members, &group.source, diagnostics),
                source: group.source,
            })
            .collect();
        items.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        items
    }
}

/// The names of members, each as long as a section takes.
fn fitted(members: Vec<Member>, source: &str, diagnostics: &mut Diagnostics) -> Vec<String> {
    let names = members.into_iter().map(|member| member.name);
    names
        .map(|name| diagnostics.fit(source, "", name))
        .collect()
}

struct Reader<'a> {
    machine: &'a dyn Machine,
    authority: Authority,
}

impl<'a> Reader<'a> {
    fn new(
        machine: &'a dyn Machine,
        is_domain_controller: bool,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let authority = if is_domain_controller {
            Authority::Domain
        } else {
            account::computer(machine, diagnostics).map_or(Authority::Unknown, Authority::Computer)
        };
        Self { machine, authority }
    }

    /// Identifiers and names of the groups to look at.
    fn names(&self, only_known: bool, diagnostics: &mut Diagnostics) -> BTreeMap<String, String> {
        let mut names = BTreeMap::new();
        if !only_known {
            self.listed(&mut names, diagnostics);
        }
        for known in KNOWN {
            if names.contains_key(known) {
                continue;
            }
            match self.name_of(known) {
                Ok(name) => {
                    names.insert(known.to_owned(), name);
                }
                Err(why) if known == ADMINISTRATORS => {
                    let missing = format!("the name of {known} and with it the administrators are");
                    unread(Source::Sid(known.into()), &why, missing, diagnostics);
                }
                // Not every edition has every group.
                Err(_) => {}
            }
        }
        names
    }

    fn listed(&self, names: &mut BTreeMap<String, String>, diagnostics: &mut Diagnostics) {
        let mut rows = match self.machine.list(&Source::Groups) {
            Ok(rows) => rows,
            Err(why) => {
                let missing = "groups other than those that every Windows has are";
                return unread(Source::Groups, &why, missing, diagnostics);
            }
        };
        diagnostics.limit(Source::Groups, "groups", &mut rows, GROUPS);
        for row in rows {
            let name = row.text("Name");
            match self.sid_of(name) {
                Ok(sid) => {
                    names.insert(sid, name.to_owned());
                }
                Err(why) => {
                    let missing = format!("the group {name} is");
                    unread(Source::Name(name.into()), &why, missing, diagnostics);
                }
            }
        }
    }

    fn name_of(&self, sid: &str) -> Result<String, Unread> {
        let rows = self.machine.list(&Source::Sid(sid.to_owned()))?;
        let name = rows.first().map(|row| row.text("Name").to_owned());
        name.filter(|name| !name.is_empty()).ok_or(Unread::Absent)
    }

    fn sid_of(&self, name: &str) -> Result<String, Unread> {
        let rows = self.machine.list(&Source::Name(name.to_owned()))?;
        let sid = rows.first().map(|row| row.text("Sid").to_owned());
        sid.filter(|sid| !sid.is_empty()).ok_or(Unread::Absent)
    }

    fn group(&self, sid: String, name: String, diagnostics: &mut Diagnostics) -> Group {
        let source = Source::Members(name.clone());
        let rows = self.machine.list(&source);
        let read = rows.is_ok();
        let mut rows = rows.unwrap_or_else(|why| {
            let missing = format!("the members of the group {name} are");
            unread(&source, &why, missing, diagnostics);
            Vec::new()
        });
        diagnostics.limit(&source, "members", &mut rows, MEMBERS);
        if read && rows.is_empty() && sid == ADMINISTRATORS {
            let reason = "says that nobody is an administrator, which Windows does not allow: they are missing";
            diagnostics.note(&source, &name, reason);
        }
        let members: BTreeSet<Member> = rows.iter().map(|row| self.member(row)).collect();
        Group {
            sid,
            name,
            members: members.into_iter().collect(),
            source: source.to_string(),
            read,
        }
    }

    fn member(&self, row: &Row) -> Member {
        let full = row.text("Name");
        let mut sid = row.text("Sid").to_owned();
        let mut usage = row.number("Use").unwrap_or_default();
        // Where only names are told, each is asked for.
        if sid.is_empty() {
            let rows = self.machine.list(&Source::Name(full.to_owned()));
            if let Some(found) = rows.unwrap_or_default().first() {
                found.text("Sid").clone_into(&mut sid);
                usage = found.number("Use").unwrap_or_default();
            }
        }
        let bare = full.rsplit('\\').next().unwrap_or(full);
        let kind = sid::kind(&sid, usage, bare, &self.authority);
        let own = self.authority.owns(&sid) || sid.starts_with("S-1-5-32-");
        let name = match (own, bare) {
            (_, "") => sid.clone(),
            (true, bare) => bare.to_owned(),
            (false, _) => full.to_owned(),
        };
        Member { name, sid, kind }
    }

    /// A group that rules the domain, with its direct members.
    fn ruling(&self, group: &Member, diagnostics: &mut Diagnostics) -> Group {
        let (domain, bare) = group.name.rsplit_once('\\').unwrap_or(("", &group.name));
        let source = Source::DomainMembers(bare.to_owned());
        let rows = self.machine.list(&source);
        let read = rows.is_ok();
        let mut rows = rows.unwrap_or_else(|why| {
            let missing = format!("the members of the group {bare} are");
            unread(&source, &why, missing, diagnostics);
            Vec::new()
        });
        diagnostics.limit(&source, "members", &mut rows, MEMBERS);
        let member = |row: &Row| {
            let name = row.text("Name");
            let full = if domain.is_empty() {
                name.to_owned()
            } else {
                format!(r"{domain}\{name}")
            };
            self.member(&Row::of([("Name", full.as_str())]))
        };
        let members: BTreeSet<Member> = rows.iter().map(member).collect();
        Group {
            sid: group.sid.clone(),
            name: group.name.clone(),
            members: members.into_iter().collect(),
            source: source.to_string(),
            read,
        }
    }
}
