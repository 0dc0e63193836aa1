//! Accounts as items of the section.

use std::{collections::HashMap, time::SystemTime};

use freehold_proto::v1::{accounts::Account, toggle::State};
use prost_types::Timestamp;

use crate::order;
use crate::parse::{ini, passwd::Password, settings, shadow};
use crate::probe::{Root, section, section::Diagnostics};

use super::people::{self, PASSWD, People, Person};
use super::signed_in::SignedIn;

const SHADOW: &str = "/etc/shadow";
const LOGIN_DEFS: &str = "/etc/login.defs";
const SCREEN: &str = "/var/lib/AccountsService/users";
const DAY: i64 = 24 * 60 * 60;

/// Shells that end a session at once, by file name.
const NO_SHELLS: [&str; 6] = ["nologin", "false", "true", "sync", "halt", "shutdown"];

/// The accounts, ordered by identifier, then name.
pub(super) fn list(root: &Root, people: &People, diagnostics: &mut Diagnostics) -> Vec<Account> {
    let shadow = diagnostics.read_required(root, SHADOW, "states and dates of passwords are");
    let table = shadow.as_deref().map(shadow::parse);
    if let Some(table) = &table {
        people::note(SHADOW, table, diagnostics);
    }
    let shadow = table.as_ref().map(|table| {
        let entries = table.entries.iter().rev();
        entries.map(|entry| (entry.name, entry)).collect()
    });
    let context = Context {
        shadow,
        hidden: hidden(root),
        people_ids: people_ids(root),
        signed_in: SignedIn::read(root, people, diagnostics),
        today: section::timestamp(SystemTime::now()).seconds / DAY,
    };
    let mut persons: Vec<_> = people.persons.iter().collect();
    order::sort_by(&mut persons, |a, b| {
        (a.uid, &a.name, a.line).cmp(&(b.uid, &b.name, b.line))
    });
    persons
        .into_iter()
        .map(|person| context.account(person))
        .collect()
}

struct Context<'a> {
    /// Absent when the shadow file could not be read.
    shadow: Option<HashMap<&'a [u8], &'a shadow::Entry<'a>>>,
    /// What the sign-in screen's service says about accounts it knows.
    hidden: HashMap<String, bool>,
    people_ids: (u32, u32),
    signed_in: SignedIn,
    today: i64,
}

impl Context<'_> {
    fn account(&self, person: &Person) -> Account {
        let entry = self
            .shadow
            .as_ref()
            .map(|shadow| shadow.get(person.name.as_bytes()).copied());
        // Known, but without an entry: no password opens the account.
        let password = match (person.password, entry) {
            (Password::InShadow, None) => None,
            (Password::InShadow, Some(None)) => Some(Password::Locked),
            (Password::InShadow, Some(Some(entry))) => Some(entry.password),
            (password, _) => Some(password),
        };
        let interactive = is_interactive(&person.shell);
        let expires = entry.flatten().and_then(|entry| entry.expires);
        let changed = entry.flatten().and_then(|entry| entry.changed);
        Account {
            name: person.name.clone(),
            full_name: full_name(person),
            id: person.uid.to_string(),
            primary_group_id: person.gid.to_string(),
            created_at: None,
            enabled: self.enabled(interactive, expires).into(),
            locked: known(password, |password| {
                matches!(password, Password::Locked | Password::SetButLocked)
            }),
            password_set: known(password, |password| {
                matches!(password, Password::Set | Password::SetButLocked)
            }),
            password_required: known(password, |password| password != Password::None),
            password_changed_at: changed.filter(|&day| day > 0).map(day),
            password_never_expires: match entry {
                None => State::Unknown.into(),
                Some(entry) => toggle(entry.is_none_or(shadow::Entry::never_expires)).into(),
            },
            expires_at: expires.map(day),
            interactive: toggle(interactive).into(),
            shell: person.shell.clone(),
            home: person.home.clone(),
            built_in: toggle(self.is_built_in(person)).into(),
            hidden: self.hidden(&person.name).into(),
            managed_by: String::new(),
            source: PASSWD.into(),
            password_expired: match entry {
                None => State::Unknown,
                Some(entry) => toggle(entry.is_some_and(|entry| entry.has_expired(self.today))),
            }
            .into(),
            last_sign_in_at: self.signed_in.day(&person.name),
        }
    }

    fn enabled(&self, interactive: bool, expires: Option<u32>) -> State {
        match (interactive, expires) {
            (false, _) => State::Off,
            (true, Some(day)) => toggle(self.today < i64::from(day)),
            (true, None) if self.shadow.is_none() => State::Unknown,
            (true, None) => State::On,
        }
    }

    fn hidden(&self, name: &str) -> State {
        self.hidden
            .get(name)
            .map_or(State::Unspecified, |hidden| toggle(*hidden))
    }

    fn is_built_in(&self, person: &Person) -> bool {
        let (first, last) = self.people_ids;
        match person.uid {
            0 => person.name == "root",
            // Users that systemd makes for services, and the overflow user.
            61_184..=65_519 | 65_534 => true,
            uid => uid < first && uid <= last,
        }
    }
}

/// The first and last user id that people get.
fn people_ids(root: &Root) -> (u32, u32) {
    let bytes = root.read(LOGIN_DEFS).unwrap_or_default();
    let id = |name, default| {
        let value = settings::values(&bytes, name).last();
        value
            .and_then(|value| value.parse().ok())
            .unwrap_or(default)
    };
    (id("UID_MIN", 1000), id("UID_MAX", 60_000))
}

/// Accounts that are kept off the sign-in screen, or explicitly not. Without a graphical sign-in nobody says.
fn hidden(root: &Root) -> HashMap<String, bool> {
    let names = root.list(SCREEN).unwrap_or_default();
    let names = names.into_iter().filter_map(|name| name.into_string().ok());
    names
        .filter_map(|name| {
            let bytes = root
                .read_at_most(format!("{SCREEN}/{name}"), 64 * 1024)
                .ok()?;
            let text = String::from_utf8_lossy(&bytes);
            let value =
                ini::value(&ini::settings(&text), "user", "systemaccount").map(str::to_owned)?;
            Some((name, value == "true"))
        })
        .collect()
}

/// The part of the description before the first comma.
fn full_name(person: &Person) -> String {
    let end = person.gecos.find(',').unwrap_or(person.gecos.len());
    section::clean(&person.gecos[..end]).to_owned()
}

/// Whether a shell opens a session. No shell at all means /bin/sh.
fn is_interactive(shell: &str) -> bool {
    let name = shell.rsplit('/').next().unwrap_or(shell);
    !NO_SHELLS.contains(&name)
}

fn day(day: u32) -> Timestamp {
    section::seconds(i64::from(day) * DAY)
}

fn known(password: Option<Password>, is: impl Fn(Password) -> bool) -> i32 {
    password
        .map_or(State::Unknown, |password| toggle(is(password)))
        .into()
}

fn toggle(on: bool) -> State {
    if on { State::On } else { State::Off }
}
