//! Public keys that open administrators' accounts.

mod sshd;

use std::collections::BTreeSet;

use freehold_proto::v1::{
    accounts::{
        AuthorizedKey, Privilege,
        privilege::{Mechanism, PrincipalKind},
    },
    toggle::State,
};

use crate::order;
use crate::parse::authorized_keys;
use crate::probe::{Root, root::is_absent, section::Diagnostics};

use super::people::{People, Person, problems};

/// Longest file of keys.
const FILE_BYTES: u64 = 1024 * 1024;

/// Whose keys a file of certificate authorities holds.
const ANYONE: &str = "*";

/// The keys of every account that a privilege makes an administrator, and those that vouch for anyone.
pub(super) fn collect(
    root: &Root,
    people: &People,
    privileges: &[Privilege],
    diagnostics: &mut Diagnostics,
) -> Vec<AuthorizedKey> {
    let settings = sshd::Settings::read(root, diagnostics);
    let mut keys = Vec::new();
    let mut read = BTreeSet::new();
    for name in administrators(privileges) {
        let Some(person) = people.person(name) else {
            continue;
        };
        for one in &settings.key_files {
            let path = expand(&one.value, person);
            let mut conditions = Vec::new();
            if person.uid == 0 {
                conditions.extend(settings.conditions_of_root());
            }
            conditions.extend(limits(&settings, one.condition.as_deref()));
            // Accounts can share a home folder; each still has its own keys.
            if path.starts_with('/') && read.insert((name, path.clone())) {
                let file = File {
                    account: name,
                    path: &path,
                    conditions,
                };
                file.read(root, &mut keys, diagnostics);
            }
        }
    }
    for one in &settings.authorities {
        let mut conditions = vec!["signs certificates for the accounts they name".to_owned()];
        conditions.extend(limits(&settings, one.condition.as_deref()));
        let file = File {
            account: ANYONE,
            path: &one.value,
            conditions,
        };
        file.read(root, &mut keys, diagnostics);
    }
    order::sort_by(&mut keys, |a, b| {
        (&a.account, &a.source, a.line).cmp(&(&b.account, &b.source, b.line))
    });
    keys
}

fn limits(settings: &sshd::Settings, condition: Option<&str>) -> Vec<String> {
    let mut limits = Vec::new();
    if settings.keys_refused {
        limits.push("the computer's settings accept no keys (PubkeyAuthentication no)".to_owned());
    }
    limits.extend(condition.map(|text| format!("only where sshd's \"{text}\" applies")));
    limits
}

/// Programs in homes are found by a search that takes its time: keys do not come and go with them.
fn administrators(privileges: &[Privilege]) -> BTreeSet<&str> {
    let local = i32::from(PrincipalKind::LocalUser);
    let off = i32::from(State::Off);
    let users = privileges.iter().filter(|one| {
        let is_searched = matches!(one.mechanism(), Mechanism::Setuid | Mechanism::Capability);
        one.principal_kind == local && one.full_control != off && !is_searched
    });
    users
        .map(|privilege| privilege.principal.as_str())
        .collect()
}

/// A path for one account: "%h" is its home, "%u" its name, "%U" its id.
fn expand(pattern: &str, person: &Person) -> String {
    let mut path = String::with_capacity(pattern.len());
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        match (c, c == '%') {
            (_, true) => match rest.next() {
                Some('h') => path += &person.home,
                Some('u') => path += &person.name,
                Some('U') => path += &person.uid.to_string(),
                Some(other) => path.push(other),
                None => {}
            },
            (c, false) => path.push(c),
        }
    }
    if path.starts_with('/') {
        return path;
    }
    format!("{}/{path}", person.home.trim_end_matches('/'))
}

struct File<'a> {
    account: &'a str,
    path: &'a str,
    conditions: Vec<String>,
}

impl File<'_> {
    fn read(&self, root: &Root, keys: &mut Vec<AuthorizedKey>, diagnostics: &mut Diagnostics) {
        let bytes = match root.read_at_most(self.path, FILE_BYTES) {
            Ok(bytes) => bytes,
            Err(error) if is_absent(&error) => return,
            Err(error) => {
                let missing = if self.account == ANYONE {
                    "keys that vouch for any account are".to_owned()
                } else {
                    format!("keys that open the account {} are", self.account)
                };
                return diagnostics.unreadable(self.path, &error, missing);
            }
        };
        let (found, broken) = authorized_keys::parse(&bytes);
        problems(self.path, &broken, diagnostics);
        for key in found {
            keys.push(self.item(key, diagnostics));
        }
    }

    fn item(&self, key: authorized_keys::Key, diagnostics: &mut Diagnostics) -> AuthorizedKey {
        let position = format!("line {}", key.line);
        let mut fit = |text| diagnostics.fit(self.path, &position, text);
        let mut conditions = self.conditions.clone();
        if key.options.iter().any(|name| name == "cert-authority") {
            conditions.push("signs certificates that open the account".to_owned());
        }
        AuthorizedKey {
            account: self.account.to_owned(),
            kind: key.kind,
            fingerprint: key.fingerprint,
            comment: fit(key.comment),
            options: key.options.into_iter().map(&mut fit).collect(),
            source: self.path.to_owned(),
            line: key.line,
            conditions: conditions.into_iter().map(&mut fit).collect(),
        }
    }
}
