//! Local authorities: what polkit before version 106, and its companion for later ones, allows by files.

use freehold_proto::v1::{
    accounts::{Privilege, privilege::Mechanism},
    toggle::State,
};

use crate::parse::pkla::{self, Entry};
use crate::probe::{Root, section::Diagnostics};

use super::super::people::People;
use super::super::privilege::Ground;
use super::{Grant, MISSING, actions, files};

/// What reads the files: the companion, or a polkit that still does so itself.
const READERS: [&str; 3] = [
    "/usr/bin/pkla-check-authorization",
    "/usr/libexec/pkla-check-authorization",
    "/usr/lib/policykit-1/polkitd",
];

/// Folders of folders, of which each is a level; a later answer counts.
const FOLDERS: [&str; 2] = [
    "/var/lib/polkit-1/localauthority",
    "/etc/polkit-1/localauthority",
];

/// What they allow of that which amounts to root.
pub(super) fn collect(
    root: &Root,
    people: &People,
    diagnostics: &mut Diagnostics,
) -> Vec<Privilege> {
    if !READERS.iter().any(|path| root.exists(path).unwrap_or(true)) {
        return Vec::new();
    }
    let mut levels = Vec::new();
    for folder in FOLDERS {
        let names = diagnostics.list_optional(root, folder, MISSING);
        levels.extend(names.into_iter().map(|name| format!("{folder}/{name}")));
    }
    let levels: Vec<&str> = levels.iter().map(String::as_str).collect();
    let mut privileges = Vec::new();
    for path in files(root, &levels, ".pkla", diagnostics) {
        let Some(bytes) = diagnostics.read_optional(root, &path, MISSING) else {
            continue;
        };
        for entry in pkla::parse(&String::from_utf8_lossy(&bytes)) {
            let ground = Ground {
                mechanism: Mechanism::Polkit,
                source: &path,
                line: entry.line,
            };
            if let Some(grant) = grant(&entry) {
                privileges.extend(grant.privileges(&ground, people));
            }
        }
    }
    privileges
}

fn grant(entry: &Entry) -> Option<Grant<'_>> {
    let scope = actions::scope(|action| {
        let mut patterns = entry.actions.iter();
        patterns.any(|one| super::super::sudo::glob(one.as_bytes(), action.as_bytes()))
    })?;
    let [any, inactive, active] = &entry.results;
    let allows = |result: &String| result == "yes" || result.starts_with("auth_self");
    let mut conditions = Vec::new();
    let allowed: Vec<_> = entry.results.iter().filter(|one| allows(one)).collect();
    if allowed.is_empty() {
        return None;
    }
    if allowed.iter().all(|result| *result == "yes") {
        conditions.push("without password".to_owned());
    }
    if !allows(any) {
        conditions.push("only at the computer itself".to_owned());
        if allows(active) && !allows(inactive) {
            conditions.push("only in the session in front".to_owned());
        }
    }
    Some(Grant {
        identities: &entry.identities,
        everyone: entry.everyone,
        scope,
        conditions,
        full_control: State::On,
    })
}
