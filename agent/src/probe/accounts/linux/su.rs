//! Administrators by su: PAM can let members of a group become root without a password.

use std::collections::BTreeSet;

use freehold_proto::v1::{
    accounts::{Privilege, privilege::Mechanism},
    toggle::State,
};

use crate::parse::pam::{self, Entry};
use crate::probe::{Root, section::Diagnostics};

use super::people::{People, Principal};
use super::privilege::{EVERYTHING, Ground};

/// What su asks.
const FILES: [&str; 2] = ["/etc/pam.d/su", "/etc/pam.d/su-l"];

/// Vendors' folders for what the machine's own leaves out.
const FOLDERS: [&str; 2] = ["/etc/pam.d", "/usr/lib/pam.d"];
const MISSING: &str = "whom su lets become root is";

/// How deep files may include each other.
const DEPTH: usize = 8;

/// Finds them.
pub(super) fn collect(
    root: &Root,
    people: &People,
    diagnostics: &mut Diagnostics,
) -> Vec<Privilege> {
    let mut reader = Reader {
        root,
        diagnostics,
        read: BTreeSet::new(),
        entries: Vec::new(),
    };
    for path in FILES {
        reader.file(path, 0);
    }
    let entries = reader.entries;
    let mut privileges = Vec::new();
    for (path, entry) in entries {
        let ground = Ground {
            mechanism: Mechanism::Su,
            source: &path,
            line: entry.line,
        };
        for (principal, mut steps) in trusted(&entry, people) {
            steps.push("su".to_owned());
            privileges.push(ground.privilege(
                principal,
                steps,
                EVERYTHING.to_owned(),
                vec!["without password".to_owned()],
                State::On,
            ));
        }
    }
    privileges
}

struct Reader<'a> {
    root: &'a Root,
    diagnostics: &'a mut Diagnostics,
    read: BTreeSet<String>,
    entries: Vec<(String, Entry)>,
}

impl Reader<'_> {
    fn file(&mut self, path: &str, depth: usize) {
        if depth > DEPTH || !self.read.insert(path.to_owned()) {
            return;
        }
        let Some(bytes) = self.diagnostics.read_optional(self.root, path, MISSING) else {
            return;
        };
        for entry in pam::parse(&String::from_utf8_lossy(&bytes)) {
            if let Some(file) = entry.included() {
                if !matches!(entry.kind.as_str(), "" | "auth") {
                    continue;
                }
                let here = FOLDERS.map(|folder| format!("{folder}/{file}"));
                let found = if file.starts_with('/') {
                    Some(file.to_owned())
                } else {
                    here.into_iter()
                        .find(|path| self.root.exists(path).unwrap_or(true))
                };
                if let Some(found) = found {
                    self.file(&found, depth + 1);
                }
            } else if entry.kind == "auth" {
                self.entries.push((path.to_owned(), entry));
            }
        }
    }
}

/// Whom a line lets become root without a password, each with the group they are in.
fn trusted(entry: &Entry, people: &People) -> Vec<(Principal, Vec<String>)> {
    if !entry.is_sufficient() {
        return Vec::new();
    }
    match entry.module.as_str() {
        // "deny" turns it around: members may not.
        "pam_wheel.so" if entry.has("trust") && !entry.has("deny") => {
            let group = entry.value("group").map(str::to_owned);
            of_group(&group.unwrap_or_else(|| default_group(people)), people)
        }
        "pam_succeed_if.so" if entry.has("use_uid") => {
            let words: Vec<_> = entry.arguments.iter().map(String::as_str).collect();
            let found = words.windows(3).find_map(|words| match words {
                ["user", "ingroup", group] => Some(of_group(group, people)),
                ["user", "=", user] => Some(vec![(people.user(user), Vec::new())]),
                _ => None,
            });
            found.unwrap_or_default()
        }
        // Whoever asks is let in.
        "pam_permit.so" => vec![(super::privilege::everyone(), Vec::new())],
        _ => Vec::new(),
    }
}

/// `pam_wheel` means "wheel", or the group with number 0 where there is none.
fn default_group(people: &People) -> String {
    if people.groups_named("wheel").next().is_some() {
        return "wheel".to_owned();
    }
    let zero = people.groups_with_id(0).next();
    zero.map_or_else(|| "wheel".to_owned(), |group| group.name.clone())
}

fn of_group(group: &str, people: &People) -> Vec<(Principal, Vec<String>)> {
    let mut found = vec![(people.group(group), Vec::new())];
    for known in people.groups_named(group) {
        for member in &known.members {
            if people.person(member).is_none_or(|person| person.uid != 0) {
                found.push((people.user(member), vec![format!("group {group}")]));
            }
        }
    }
    found
}
