//! The computer that the agent runs on.

use super::{Machine, Provider, Source};
use crate::{
    rows::{Answer, Below, Query, Row, Unread},
    sys::windows::{
        folders, netapi, patience, processes,
        registry::{self, Tree, View},
        services, sid, sockets, tasks, updates, wmi, wsc,
    },
};

/// Values that are secrets: that they exist is all that is taken over.
const SECRETS: [&str; 1] = ["DefaultPassword"];

/// The computer that the agent runs on.
pub(crate) struct Live;

impl Machine for Live {
    fn key(&self, path: &str) -> Answer<Row> {
        let row = registry::values(Tree::Machine, below_machine(path)?, View::Bits64)?;
        let secret = |name: &str| SECRETS.iter().any(|it| it.eq_ignore_ascii_case(name));
        if !row.values().any(|(name, _)| secret(name)) {
            return Ok(row);
        }
        let mut kept = Row {
            written: row.written,
            ..Row::named(row.name.clone())
        };
        for (name, value) in row.values() {
            let value = if secret(name) {
                "".into()
            } else {
                value.clone()
            };
            kept.push(name, value);
        }
        Ok(kept)
    }

    fn below(&self, path: &str, wanted: &[&str]) -> Answer<Below> {
        registry::below(Tree::Machine, below_machine(path)?, View::Bits64, wanted)
    }

    fn query(&self, query: &Query) -> Answer<Vec<Row>> {
        wmi::query(query)
    }

    fn list(&self, source: &Source) -> Answer<Vec<Row>> {
        match source {
            Source::Services => services::list(),
            Source::Service(name) => services::setup(name),
            Source::Processes => processes::list(),
            Source::Program(process) => processes::program(*process),
            Source::Center(Provider::Antivirus) => wsc::antivirus(),
            Source::Center(Provider::Firewall) => wsc::firewalls(),
            Source::Accounts => patience::ask(netapi::accounts),
            Source::Computer => patience::ask(netapi::computer),
            Source::Groups => patience::ask(netapi::groups),
            Source::Members(group) => about(group, netapi::members),
            Source::DomainMembers(group) => about(group, netapi::domain_members),
            Source::Sid(text) => about(text, sid::name_of),
            Source::Name(name) => about(name, sid::of_name),
            Source::Sockets => sockets::list(),
            Source::Shares => patience::ask(netapi::shares),
            Source::Tasks => tasks::list(),
            Source::UpdateHistory => updates::history(),
            Source::UpdateResults => updates::results(),
            Source::File(path) => folders::file(path),
            Source::Exists(path) => folders::exists(path),
            Source::Drives => folders::drives(),
        }
    }
}

/// Asks what may have to ask a domain that is out of reach.
fn about(name: &str, ask: fn(&str) -> Answer<Vec<Row>>) -> Answer<Vec<Row>> {
    let name = name.to_owned();
    patience::ask(move || ask(&name))
}

fn below_machine(path: &str) -> Answer<&str> {
    path.strip_prefix(r"HKLM\").ok_or(Unread::Absent)
}
