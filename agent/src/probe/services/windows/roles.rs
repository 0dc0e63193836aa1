//! What the computer does for others, in plain words. A role is told when a service that plays it runs and can
//! be reached from other computers.

use std::collections::{BTreeMap, BTreeSet};

use freehold_proto::v1::services::{Database, ListeningSocket, Role};

use crate::probe::windows::{Edition, base, edition, matches_any};

use super::{
    Scene, databases,
    rules::{RULES, Rule},
    shares::Shares,
    sockets::is_reachable,
};

const DATABASE_SERVER: &str = "database server";
const FILE_SERVER: &str = "file server";
const PRINT_SERVER: &str = "print server";
const TIME_SERVER: &str = "time server";
const WEB_SERVER: &str = "web server";

/// Where the kernel's web server and the file server listen: in the process of the system.
const SYSTEM: &str = "System";
/// Ports of SMB.
const FILE_PORTS: [u32; 2] = [139, 445];

/// Ports and pieces of evidence that are named; the sockets and services tell them all.
const NAMED: usize = 8;

/// The roles, ordered by kind.
pub(super) fn read(scene: &Scene<'_>, databases: &[Database], shares: &Shares) -> Vec<Role> {
    let mut found: BTreeMap<&'static str, Found> = BTreeMap::new();
    for rule in RULES {
        apply(scene, rule, &mut found);
    }
    for database in databases {
        let sockets = scene
            .sockets
            .iter()
            .filter(|socket| is_reachable(socket) && databases::serves(&database.product, socket));
        let sockets: Vec<&ListeningSocket> = sockets.collect();
        if !sockets.is_empty() {
            let role = found.entry(DATABASE_SERVER).or_default();
            role.products.insert(database.product.clone());
            role.take_in(&sockets);
        }
    }
    let mut roles: Vec<_> = found
        .into_iter()
        .map(|(kind, found)| found.role(kind))
        .collect();
    roles.extend(file_server(scene, shares));
    roles.extend(print_server(scene, shares));
    roles.sort_by(|a, b| a.kind.cmp(&b.kind));
    roles
}

/// What plays a role.
#[derive(Default)]
struct Found {
    products: BTreeSet<String>,
    ports: BTreeSet<u32>,
    evidence: BTreeSet<String>,
}

impl Found {
    fn take_in(&mut self, sockets: &[&ListeningSocket]) {
        for socket in sockets {
            self.ports.insert(socket.port);
            self.evidence.insert(if socket.program.is_empty() {
                format!("{} port {}", socket.protocol, socket.port)
            } else {
                format!("program {}", base(&socket.program))
            });
        }
    }

    fn role(self, kind: &str) -> Role {
        let products = listed(self.products);
        let ports = match self.ports.len() {
            0 => String::new(),
            1 => format!(" on port {}", listed(self.ports)),
            _ => format!(" on ports {}", listed(self.ports)),
        };
        Role {
            kind: kind.into(),
            description: format!("{kind} ({products}){ports}"),
            source: named(self.evidence).join(", "),
        }
    }
}

fn apply(scene: &Scene<'_>, rule: &Rule, found: &mut BTreeMap<&'static str, Found>) {
    let Some(service) = scene.services.named(rule.services).find(|it| it.runs) else {
        return;
    };
    // Every Windows has the time's client, which listens as a server does.
    if rule.kind == TIME_SERVER && edition(scene.machine) != Some(Edition::DomainController) {
        return;
    }
    let sockets: Vec<&ListeningSocket> = scene
        .sockets
        .iter()
        .filter(|socket| is_reachable(socket) && plays(rule, socket))
        .collect();
    if rule.listens && sockets.is_empty() {
        return;
    }
    let player = found.entry(rule.kind).or_default();
    player.products.insert(rule.product.into());
    player.evidence.insert(format!("service {}", service.name));
    if rule.listens {
        player.take_in(&sockets);
    }
}

/// Whether a socket is one of those on which a role is played.
fn plays(rule: &Rule, socket: &ListeningSocket) -> bool {
    let owned = socket
        .service
        .split(", ")
        .any(|service| !service.is_empty() && matches_any(service, rule.services));
    let its_port = rule.ports.is_empty() || rule.ports.contains(&socket.port);
    let by_kernel = rule.kind == WEB_SERVER && socket.program == SYSTEM && !rule.ports.is_empty();
    its_port && (owned || by_kernel)
}

/// Shares that somebody made, and that others can reach.
fn file_server(scene: &Scene<'_>, shares: &Shares) -> Option<Role> {
    let number = shares.of_people();
    let mut sockets = scene.sockets.iter();
    let socket = sockets.find(|it| is_reachable(it) && FILE_PORTS.contains(&it.port))?;
    let number = counted(number, "share", "shares")?;
    Some(Role {
        kind: FILE_SERVER.into(),
        description: format!("{FILE_SERVER} for {number}"),
        source: format!("{} port {}, NetShareEnum", socket.protocol, socket.port),
    })
}

fn print_server(scene: &Scene<'_>, shares: &Shares) -> Option<Role> {
    let number = counted(shares.printers, "printer", "printers")?;
    let spooler = scene.services.find("Spooler").filter(|it| it.runs)?;
    Some(Role {
        kind: PRINT_SERVER.into(),
        description: format!("{PRINT_SERVER} for {number}"),
        source: format!("service {}, NetShareEnum", spooler.name),
    })
}

/// "1 share", "6 shares"; `None` for none.
fn counted(number: usize, one: &str, many: &str) -> Option<String> {
    let noun = if number == 1 { one } else { many };
    (number > 0).then(|| format!("{number} {noun}"))
}

/// The first few, and how many there are beyond them.
fn named<T: ToString>(items: impl IntoIterator<Item = T>) -> Vec<String> {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    let more = items.len().saturating_sub(NAMED);
    let mut named: Vec<String> = items.into_iter().take(NAMED).collect();
    if more > 0 {
        named.push(format!("{more} more"));
    }
    named
}

/// "80", "80 and 443", "25, 143 and 993".
fn listed<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    let mut names = named(items);
    match names.pop() {
        Some(last) if names.is_empty() => last,
        Some(last) => format!("{} and {last}", names.join(", ")),
        None => String::new(),
    }
}
