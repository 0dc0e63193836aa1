//! What a computer does for others, and what it lets in.

use std::{collections::BTreeMap, net::IpAddr};

use freehold_proto::v1::{
    Services,
    section::Status,
    services::{Database, ListeningSocket, Service, service::StartKind},
    toggle::State,
};

use super::{Block, Brief, value};
use crate::dashboard::{
    facts::choice,
    markup::Markup,
    text::{self, computer as t},
};

/// Ports and databases shown in the summary; all of them stand in the lists below.
const ROWS: usize = 40;
/// Services and shares named in a sentence.
const NAMES: usize = 8;

pub(super) fn of(section: &Services) -> Vec<Block> {
    if !matches!(section.status(), Status::Complete | Status::Partial) {
        return Vec::new();
    }
    let mut blocks = vec![Block::Sentence(roles(section))];
    if !section.file_shares.is_empty() {
        let names = section.file_shares.iter().map(|share| share.name.as_str());
        let names = Markup::names(names, NAMES);
        blocks.push(Block::Sentence(Markup::fill(
            t::SHARES,
            &[("names", names)],
        )));
    }
    if !section.databases.is_empty() {
        blocks.push(Block::Table(databases(&section.databases)));
    }
    blocks.extend(reachable(section));
    blocks.extend(services(&section.services));
    if !section.scheduled_tasks.is_empty() {
        let tasks = text::count(section.scheduled_tasks.len(), "task", "tasks");
        let tasks = Markup::text(&tasks);
        blocks.push(Block::Sentence(Markup::fill(
            t::SCHEDULED,
            &[("tasks", tasks)],
        )));
    }
    blocks
}

fn roles(section: &Services) -> Markup {
    if section.roles.is_empty() {
        return Markup::text(match section.status() {
            Status::Complete => t::NO_ROLES,
            _ => t::NO_ROLES_UNKNOWN,
        });
    }
    let roles = Markup::first(&section.roles, NAMES, |role| {
        let text = if role.description.is_empty() {
            &role.kind
        } else {
            &role.description
        };
        Markup::value(text).strong()
    });
    Markup::fill(t::ROLES, &[("roles", roles)])
}

fn databases(databases: &[Database]) -> Brief {
    let columns = [
        t::DATABASE,
        t::INSTANCE,
        t::DATABASE_VERSION,
        t::DATA,
        t::DATABASE_RUNS,
    ];
    let rows = databases.iter().take(ROWS).map(|database| {
        vec![
            Markup::value(&database.product).strong(),
            value(&database.instance),
            value(&database.version),
            code(&database.data_path),
            state(database.running()),
        ]
    });
    let mut brief = Brief::new(t::DATABASES, &columns, rows);
    brief.more = more(databases.len());
    brief
}

/// A port with everything that is behind it.
#[derive(Default)]
struct Port<'a> {
    programs: Vec<&'a str>,
    accounts: Vec<&'a str>,
    addresses: Vec<&'a str>,
}

/// What other computers can reach, as far as the sockets tell: a firewall may be in between.
fn reachable(section: &Services) -> Vec<Block> {
    let mut ports: BTreeMap<(u32, &str), Port<'_>> = BTreeMap::new();
    for socket in section
        .listening_sockets
        .iter()
        .filter(|socket| !is_private(socket))
    {
        let port = ports.entry((socket.port, &socket.protocol)).or_default();
        for (list, text) in [
            (&mut port.programs, &socket.program),
            (&mut port.accounts, &socket.account),
            (&mut port.addresses, &socket.address),
        ] {
            // One more than is shown tells that there are more; a machine may send any number.
            if !text.is_empty() && list.len() <= NAMES && !list.contains(&text.as_str()) {
                list.push(text);
            }
        }
    }
    if ports.is_empty() {
        let message = match section.status() {
            Status::Complete => t::NO_PORTS,
            _ => t::NO_PORTS_UNKNOWN,
        };
        return vec![Block::Sentence(Markup::text(message))];
    }
    let columns = [t::PORT, t::OPENED_BY, t::AS_ACCOUNT, t::ON_ADDRESSES];
    let rows = ports.iter().take(ROWS).map(|((number, protocol), port)| {
        let number = Markup::text(&number.to_string()).strong();
        vec![
            Markup::joined([number, Markup::value(protocol)], " "),
            listed(&port.programs),
            listed(&port.accounts),
            listed(&port.addresses),
        ]
    });
    let mut brief = Brief::new(t::REACHABLE, &columns, rows);
    brief.more = more(ports.len());
    vec![Block::Table(brief)]
}

fn is_private(socket: &ListeningSocket) -> bool {
    let address = socket.address.parse::<IpAddr>();
    address.is_ok_and(|address| address.is_loopback())
}

fn services(services: &[Service]) -> Vec<Block> {
    let running: Vec<&Service> = services
        .iter()
        .filter(|it| it.running() == State::On)
        .collect();
    if services.is_empty() {
        return Vec::new();
    }
    let counted = |number| Markup::text(&text::count(number, "service", "services"));
    let line = Markup::fill(
        t::SERVICES_LINE,
        &[
            ("all", counted(services.len()).strong()),
            ("running", counted(running.len())),
        ],
    );
    let mut blocks = vec![Block::Sentence(line)];
    let down: Vec<&str> = services
        .iter()
        .filter(|it| it.start() == StartKind::Automatic && it.running() == State::Off)
        .map(|it| it.name.as_str())
        .collect();
    // Where nothing runs at all, as in a container, nothing was meant to.
    if !running.is_empty() && !down.is_empty() {
        let names = Markup::names(down, NAMES);
        blocks.push(Block::Sentence(Markup::fill(
            t::SERVICES_DOWN,
            &[("names", names)],
        )));
    }
    blocks
}

fn state(state: State) -> Markup {
    match state {
        State::Unspecified => Markup::unknown(),
        state => Markup::text(&choice("freehold.v1.Toggle.State", state.as_str_name())),
    }
}

fn code(text: &str) -> Markup {
    if text.is_empty() {
        Markup::unknown()
    } else {
        Markup::code(text)
    }
}

fn listed(texts: &[&str]) -> Markup {
    if texts.is_empty() {
        return Markup::unknown();
    }
    let shown = texts.iter().take(NAMES).map(|text| Markup::code(text));
    let more = (texts.len() > NAMES).then(|| Markup::text(t::AND_MORE));
    Markup::lines(shown.chain(more))
}

fn more(count: usize) -> Option<Markup> {
    let left_out = count.saturating_sub(ROWS);
    (left_out > 0).then(|| Markup::text(&format!("And {left_out} more, listed below.")))
}

#[cfg(test)]
mod tests {
    use freehold_proto::v1::services::{FileShare, Role};

    use super::*;

    fn socket(address: &str, port: u32, program: &str) -> ListeningSocket {
        ListeningSocket {
            protocol: "tcp".into(),
            address: address.into(),
            port,
            program: program.into(),
            account: "root".into(),
            ..ListeningSocket::default()
        }
    }

    fn service(name: &str, running: State) -> Service {
        Service {
            name: name.into(),
            running: running.into(),
            start: StartKind::Automatic.into(),
            ..Service::default()
        }
    }

    fn shown(section: &Services) -> String {
        let blocks = of(section).into_iter().map(|block| match block {
            Block::Sentence(sentence) => sentence.as_str().to_owned(),
            Block::Table(table) => {
                let cells = table.rows.iter().flatten();
                let cells = cells.map(|cell| cell.value.as_str().to_owned());
                format!("{}: {}", table.title, cells.collect::<Vec<_>>().join(" | "))
            }
            Block::Verdict(_) | Block::Facts(_) => unreachable!("this summary has none"),
        });
        blocks.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn an_owner_reads_what_the_computer_does_and_who_can_reach_it() {
        let section = Services {
            status: Status::Complete.into(),
            roles: vec![Role {
                kind: "file server".into(),
                description: "file server for 2 shares".into(),
                ..Role::default()
            }],
            file_shares: ["Patienten", "<b>"]
                .map(|name| FileShare {
                    name: name.into(),
                    ..FileShare::default()
                })
                .into(),
            listening_sockets: vec![
                socket("0.0.0.0", 445, "/usr/sbin/smbd"),
                socket("::", 445, "/usr/sbin/smbd"),
                socket("127.0.0.1", 5432, "/usr/bin/postgres"),
            ],
            services: vec![
                service("smbd.service", State::On),
                service("backup.service", State::Off),
            ],
            ..Services::default()
        };
        let shown = shown(&section);
        assert!(shown.contains("file server for 2 shares"), "{shown}");
        assert!(
            shown.contains("Patienten") && !shown.contains("<b>"),
            "{shown}"
        );
        assert!(shown.contains("445") && !shown.contains("5432"), "{shown}");
        assert!(
            shown.contains("2 services") && shown.contains("backup.service"),
            "{shown}"
        );
    }

    #[test]
    fn what_could_not_be_read_is_not_called_nothing() {
        let partial = Services {
            status: Status::Partial.into(),
            ..Services::default()
        };
        let shown_partial = shown(&partial);
        assert!(
            shown_partial.contains(t::NO_ROLES_UNKNOWN) && !shown_partial.contains(t::NO_ROLES)
        );
        assert!(shown_partial.contains(t::NO_PORTS_UNKNOWN));
        let unsupported = Services {
            status: Status::Unsupported.into(),
            ..Services::default()
        };
        assert_eq!(shown(&unsupported), "");
    }
}
