//! Operation-master roles of a domain controller: each of five entries of the directory names who holds one.

use crate::rows::{Answer, Row, Unread};

/// The attribute that names the holder of a role.
const OWNER: &str = "fSMORoleOwner";

/// The attribute of the directory itself that names the service of this domain controller.
const SERVICE: &str = "dsServiceName";

/// What the directory tells of itself: its service, and where its parts are.
const ROOT: [&str; 4] = [SERVICE, SCHEMA, CONFIGURATION, DOMAIN];

const SCHEMA: &str = "schemaNamingContext";
const CONFIGURATION: &str = "configurationNamingContext";
const DOMAIN: &str = "defaultNamingContext";

/// The roles: their names, and the entries that name who holds them, each below a part of the directory.
const ROLES: [(&str, &str, &str); 5] = [
    ("schema master", "", SCHEMA),
    ("domain naming master", "CN=Partitions,", CONFIGURATION),
    ("PDC emulator", "", DOMAIN),
    ("RID master", "CN=RID Manager$,CN=System,", DOMAIN),
    ("infrastructure master", "CN=Infrastructure,", DOMAIN),
];

/// What a domain controller's directory answers about the roles.
pub(super) struct Masters {
    /// The service of this domain controller; empty where the directory does not tell.
    service: String,
    /// Each role's name, its entry, and what that names as its holder.
    owners: Vec<(&'static str, String, Answer<String>)>,
}

impl Masters {
    /// Asks a directory: for its own entry, then for each role's.
    pub(super) fn ask(entry: impl Fn(&str, &[&str]) -> Answer<Row>) -> Answer<Self> {
        let root = entry("", &ROOT)?;
        let owner = |(role, below, part): (&'static str, &str, &str)| {
            let name = format!("{below}{}", root.text(part));
            let owner = match root.text(part) {
                "" => Err(Unread::Absent),
                _ => entry(&name, &[OWNER]).map(|row| row.text(OWNER).to_owned()),
            };
            (role, name, owner)
        };
        Ok(Self {
            service: root.text(SERVICE).to_owned(),
            owners: ROLES.into_iter().map(owner).collect(),
        })
    }

    /// The roles that this domain controller holds; `unread` hears of entries that do not tell.
    pub(super) fn held(&self, mut unread: impl FnMut(&str, &Unread)) -> Vec<String> {
        let silent = Unread::Senseless {
            what: "it names nobody".into(),
        };
        let mut held = Vec::new();
        for (role, name, owner) in &self.owners {
            match owner {
                Err(why) => unread(name, why),
                Ok(owner) if owner.is_empty() || self.service.is_empty() => unread(name, &silent),
                Ok(owner) if owner.to_lowercase() == self.service.to_lowercase() => {
                    held.push((*role).to_owned());
                }
                Ok(_) => {}
            }
        }
        held
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    const DC1: &str =
        "CN=NTDS Settings,CN=DC1,CN=Servers,CN=Praxis,CN=Sites,CN=Configuration,DC=praxis,DC=lan";

    fn root() -> Row {
        Row::of([
            (SERVICE, DC1),
            (SCHEMA, "CN=Schema,CN=Configuration,DC=praxis,DC=lan"),
            (CONFIGURATION, "CN=Configuration,DC=praxis,DC=lan"),
            (DOMAIN, "DC=praxis,DC=lan"),
        ])
    }

    /// A directory in which `holder` says who holds the role of an entry. Written from Microsoft's documentation.
    fn directory(holder: impl Fn(&str) -> Answer<String>) -> Answer<Masters> {
        Masters::ask(|name, attributes| {
            if name.is_empty() {
                assert_eq!(attributes, ROOT);
                return Ok(root());
            }
            assert_eq!(attributes, [OWNER]);
            let row = Row::named(name);
            holder(name).map(|owner| row.with(OWNER, owner.as_str()))
        })
    }

    #[test]
    fn the_only_domain_controller_holds_all_five_roles() {
        let asked = RefCell::new(Vec::new());
        let masters = directory(|name| {
            asked.borrow_mut().push(name.to_owned());
            // Directories write names in either case.
            Ok(DC1.to_uppercase())
        });
        let held = masters.unwrap().held(|name, why| panic!("{name}: {why}"));
        let all = [
            "schema master",
            "domain naming master",
            "PDC emulator",
            "RID master",
            "infrastructure master",
        ];
        assert_eq!(held, all);
        let entries = [
            "CN=Schema,CN=Configuration,DC=praxis,DC=lan",
            "CN=Partitions,CN=Configuration,DC=praxis,DC=lan",
            "DC=praxis,DC=lan",
            "CN=RID Manager$,CN=System,DC=praxis,DC=lan",
            "CN=Infrastructure,DC=praxis,DC=lan",
        ];
        assert_eq!(asked.into_inner(), entries);
    }

    #[test]
    fn roles_of_another_domain_controller_are_not_this_ones() {
        let masters = directory(|name| {
            let is_mine = name.starts_with("CN=RID");
            Ok(if is_mine {
                DC1.to_owned()
            } else {
                DC1.replace("DC1", "DC2")
            })
        });
        let held = masters.unwrap().held(|name, why| panic!("{name}: {why}"));
        assert_eq!(held, ["RID master"]);
    }

    #[test]
    fn what_does_not_answer_is_said_and_nothing_is_guessed() {
        let masters = directory(|name| match name {
            "DC=praxis,DC=lan" => Err(Unread::Denied),
            name if name.starts_with("CN=Infra") => Ok(String::new()),
            _ => Ok(DC1.to_owned()),
        });
        let mut unread = Vec::new();
        let held = masters
            .unwrap()
            .held(|name, why| unread.push(format!("{name} {why}")));
        assert_eq!(
            held,
            ["schema master", "domain naming master", "RID master"]
        );
        assert_eq!(unread.len(), 2, "{unread:?}");
        assert!(unread[0].contains("not allowed"), "{unread:?}");
        assert!(unread[1].contains("names nobody"), "{unread:?}");
        assert!(Masters::ask(|_, _| Err(Unread::Denied)).is_err());
    }

    #[test]
    fn a_directory_that_does_not_say_who_it_is_holds_nothing_that_is_known() {
        let masters = Masters::ask(|name, _| match name {
            "" => Ok(Row::of([(DOMAIN, "DC=praxis,DC=lan")])),
            _ => Ok(Row::of([(OWNER, "")])),
        });
        let mut unread = 0;
        assert_eq!(masters.unwrap().held(|_, _| unread += 1), [""; 0]);
        assert_eq!(unread, 5);
    }
}
