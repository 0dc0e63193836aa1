//! Public keys that open administrators' accounts.

use std::collections::BTreeSet;

use freehold_proto::v1::{
    accounts::{AuthorizedKey, Privilege, privilege::PrincipalKind},
    toggle::State,
};

use crate::parse::{authorized_keys, settings};
use crate::probe::{Root, root::is_absent, section::Diagnostics};

use super::people::{People, Person, problems};

const SSHD_CONFIG: &str = "/etc/ssh/sshd_config";
const SSHD_DIRECTORY: &str = "/etc/ssh/sshd_config.d";
const DEFAULT_FILES: [&str; 2] = [".ssh/authorized_keys", ".ssh/authorized_keys2"];

/// The keys of every account that a privilege makes an administrator.
pub(super) fn collect(
    root: &Root,
    people: &People,
    privileges: &[Privilege],
    diagnostics: &mut Diagnostics,
) -> Vec<AuthorizedKey> {
    let files = files(root, diagnostics);
    let mut keys = Vec::new();
    let mut read = BTreeSet::new();
    for name in administrators(privileges) {
        let Some(person) = people.person(name) else {
            continue;
        };
        for pattern in &files {
            let path = expand(pattern, person);
            // Accounts can share a home folder; each still has its own keys.
            if read.insert((name, path.clone())) {
                of_file(root, person, &path, &mut keys, diagnostics);
            }
        }
    }
    keys.sort_by(|a, b| (&a.account, &a.source, a.line).cmp(&(&b.account, &b.source, b.line)));
    keys
}

fn administrators(privileges: &[Privilege]) -> BTreeSet<&str> {
    let local = i32::from(PrincipalKind::LocalUser);
    let off = i32::from(State::Off);
    let users = privileges
        .iter()
        .filter(|one| one.principal_kind == local && one.full_control != off);
    users
        .map(|privilege| privilege.principal.as_str())
        .collect()
}

/// Where sshd looks for keys, relative to a home folder or absolute.
fn files(root: &Root, diagnostics: &mut Diagnostics) -> Vec<String> {
    let mut configured = None;
    for path in configurations(root) {
        let Some(bytes) = diagnostics.read_optional(root, &path, "where sshd looks for keys is")
        else {
            continue;
        };
        // Of several values the first counts; what follows "Match" holds for some accounts only.
        let everywhere =
            settings::lines(&bytes).take_while(|(name, _)| !name.eq_ignore_ascii_case("Match"));
        for (name, value) in everywhere {
            if name.eq_ignore_ascii_case("AuthorizedKeysFile") && configured.is_none() {
                configured = Some(value.to_owned());
            }
            if name.eq_ignore_ascii_case("AuthorizedKeysCommand") && value != "none" {
                let reason = "a program tells sshd further keys, which are not listed";
                diagnostics.note(&path, "AuthorizedKeysCommand", reason);
            }
        }
    }
    match configured {
        Some(value) if value == "none" => Vec::new(),
        Some(value) => value.split_whitespace().map(str::to_owned).collect(),
        None => DEFAULT_FILES.map(str::to_owned).to_vec(),
    }
}

/// sshd's configuration files. Distributions include the directory first.
fn configurations(root: &Root) -> Vec<String> {
    let names = root.list(SSHD_DIRECTORY).unwrap_or_default();
    let names = names.iter().filter_map(|name| name.to_str());
    let mut paths: Vec<_> = names
        .filter(|name| name.strip_suffix(".conf").is_some())
        .map(|name| format!("{SSHD_DIRECTORY}/{name}"))
        .collect();
    paths.push(SSHD_CONFIG.to_owned());
    paths
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

fn of_file(
    root: &Root,
    person: &Person,
    path: &str,
    keys: &mut Vec<AuthorizedKey>,
    diagnostics: &mut Diagnostics,
) {
    if !path.starts_with('/') {
        return;
    }
    let bytes = match root.read_at_most(path, 1024 * 1024) {
        Ok(bytes) => bytes,
        Err(error) if is_absent(&error) => return,
        Err(error) => {
            let missing = format!("keys that open the account {} are", person.name);
            return diagnostics.unreadable(path, &error, missing);
        }
    };
    let (found, broken) = authorized_keys::parse(&bytes);
    problems(path, &broken, diagnostics);
    for key in found {
        let position = format!("line {}", key.line);
        let mut fit = |text| diagnostics.fit(path, &position, text);
        keys.push(AuthorizedKey {
            account: person.name.clone(),
            kind: key.kind,
            fingerprint: key.fingerprint,
            comment: fit(key.comment),
            options: key.options.into_iter().map(&mut fit).collect(),
            source: path.to_owned(),
            line: key.line,
        });
    }
}
