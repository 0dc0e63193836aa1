//! Listening sockets and the programs behind them.

use std::{collections::BTreeMap, net::IpAddr};

use freehold_proto::v1::services::ListeningSocket;

use crate::{
    probe::{
        section::Diagnostics,
        windows::{
            Machine, Source, base,
            services::{Services, Setup},
            unread,
        },
    },
    rows::Row,
};

/// The first port that Windows hands out to programs that do not ask for a certain one.
const HANDED_OUT: u32 = 49_152;

/// The process of the system itself.
const SYSTEM: u32 = 4;

/// Programs of Windows that draw a port anew at each start and tell the endpoint mapper of it.
const DRAWING: [&str; 6] = [
    "lsass.exe",
    "services.exe",
    "spoolsv.exe",
    "svchost.exe",
    "wininit.exe",
    "dns.exe",
];

/// The sockets, ordered by protocol, port, address; `None`, with a note, when they could not be listed.
pub(super) fn read(
    machine: &dyn Machine,
    services: &Services,
    setups: &BTreeMap<String, Setup>,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<ListeningSocket>> {
    let rows = machine
        .list(&Source::Sockets)
        .inspect_err(|why| {
            let missing = "the listening sockets are";
            unread(Source::Sockets, why, missing, diagnostics);
        })
        .ok()?;
    let mut owners = Owners::new(machine, services, setups);
    let mut sockets: Vec<_> = rows
        .iter()
        .filter_map(|row| owners.socket(row, diagnostics))
        .filter(is_worth_telling)
        .collect();
    owners.note(diagnostics);
    sockets.sort_by(|a, b| key(a).cmp(&key(b)));
    sockets.dedup();
    Some(sockets)
}

fn key(socket: &ListeningSocket) -> impl Ord + '_ {
    let address: Option<IpAddr> = socket.address.parse().ok();
    (
        &socket.protocol,
        socket.port,
        address,
        &socket.program,
        &socket.service,
    )
}

/// Whether a socket is more than what comes and goes by itself.
fn is_worth_telling(socket: &ListeningSocket) -> bool {
    if socket.port < HANDED_OUT {
        return true;
    }
    let draws = DRAWING
        .iter()
        .any(|name| name.eq_ignore_ascii_case(base(&socket.program)));
    socket.protocol == "tcp" && is_reachable(socket) && !draws
}

/// Whether other machines can reach a socket.
pub(super) fn is_reachable(socket: &ListeningSocket) -> bool {
    let address = socket.address.parse::<IpAddr>();
    !address.is_ok_and(|address| address.is_loopback())
}

/// The programs and services behind processes.
struct Owners<'a> {
    machine: &'a dyn Machine,
    services: BTreeMap<u32, Vec<&'a str>>,
    setups: &'a BTreeMap<String, Setup>,
    /// Names of processes, for those whose program file is closed.
    names: BTreeMap<u32, String>,
    known: BTreeMap<u32, String>,
    /// Something was closed.
    refused: bool,
}

impl<'a> Owners<'a> {
    fn new(
        machine: &'a dyn Machine,
        services: &'a Services,
        setups: &'a BTreeMap<String, Setup>,
    ) -> Self {
        let mut by_process: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
        for service in services.iter().filter(|service| service.process != 0) {
            let names = by_process.entry(service.process).or_default();
            names.push(&service.name);
        }
        let rows = machine.list(&Source::Processes).unwrap_or_default();
        let names = rows
            .iter()
            .filter_map(|row| Some((row.number("ProcessId")?, row.text("Name").to_owned())));
        Self {
            machine,
            services: by_process,
            setups,
            names: names.collect(),
            known: BTreeMap::new(),
            refused: false,
        }
    }

    fn socket(&mut self, row: &Row, diagnostics: &mut Diagnostics) -> Option<ListeningSocket> {
        let address: IpAddr = row.text("Address").parse().ok()?;
        let process: u32 = row.number("ProcessId").unwrap_or_default();
        let mut services = self.services.get(&process).cloned().unwrap_or_default();
        services.sort_unstable();
        let account = match services.as_slice() {
            [one] => self.setups.get(*one).map(|it| it.account.clone()),
            _ => None,
        };
        Some(ListeningSocket {
            protocol: row.text("Protocol").to_owned(),
            address: address.to_string(),
            port: row.number("Port")?,
            program: diagnostics.fit(Source::Processes, "", self.program(process)),
            account: diagnostics.fit(Source::Services, "", account.unwrap_or_default()),
            source: Source::Sockets.to_string(),
            service: diagnostics.fit(Source::Services, "", services.join(", ")),
        })
    }

    fn program(&mut self, process: u32) -> String {
        if process == SYSTEM {
            return "System".into();
        }
        if let Some(known) = self.known.get(&process) {
            return known.clone();
        }
        let path = self.machine.list(&Source::Program(process));
        let path = path.ok().and_then(|rows| {
            let path = rows.first()?.text("Program").to_owned();
            (!path.is_empty()).then_some(path)
        });
        let name = path.or_else(|| self.names.get(&process).cloned());
        self.refused |= name.is_none();
        let name = name.unwrap_or_default();
        self.known.insert(process, name.clone());
        name
    }

    fn note(&self, diagnostics: &mut Diagnostics) {
        if self.refused {
            let reason =
                "the programs behind some listening sockets could not be read: they are missing";
            diagnostics.note(Source::Processes, "", reason);
        }
    }
}
