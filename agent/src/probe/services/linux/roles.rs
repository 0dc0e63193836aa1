//! What the machine does for others, in plain words. A role is told when something that plays it runs and
//! can be reached from other machines; of a system that does not run, when it is set up to.

mod rules;

use std::collections::{BTreeMap, BTreeSet};

use freehold_proto::v1::services::{Database, FileShare, ListeningSocket, Role};

use crate::{order, parse::cups, probe::section::Diagnostics};

use super::{
    Scene, databases, files, matches_any,
    sockets::{is_owned_by, is_reachable},
};

use rules::{Ports, RULES, Rule};

const FILE_SERVER: &str = "file server";
const PRINT_SERVER: &str = "print server";
const DATABASE_SERVER: &str = "database server";

/// Ports of SMB and NFS.
const FILE_PORTS: [u32; 3] = [139, 445, 2049];
const FILE_SERVICES: [&str; 8] = [
    "smbd",
    "smb",
    "samba",
    "samba-ad-dc",
    "ksmbd",
    "nfs-server",
    "nfs-kernel-server",
    "nfs-ganesha",
];
const PRINT_PORTS: [u32; 2] = [515, 631];
const PRINT_SERVICES: [&str; 3] = ["cups", "cupsd", "cups-lpd"];

/// Ports and pieces of evidence that are named; the sockets and services tell them all.
const NAMED: usize = 8;

/// The roles, ordered by kind.
pub(super) fn read(
    scene: &Scene<'_>,
    databases: &[Database],
    shares: &[FileShare],
    diagnostics: &mut Diagnostics,
) -> Vec<Role> {
    let mut roles = Roles::default();
    for rule in RULES {
        roles.apply(scene, rule);
    }
    for database in databases {
        roles.database(scene, database);
    }
    let mut told = roles.finish();
    told.extend(file_server(scene, shares));
    told.extend(print_server(scene, diagnostics));
    order::sort_by(&mut told, |a, b| a.kind.cmp(&b.kind));
    told
}

/// What is known of each role.
#[derive(Default)]
struct Roles(BTreeMap<&'static str, Found>);

/// What plays a role.
#[derive(Default)]
struct Found {
    products: BTreeSet<String>,
    ports: BTreeSet<u32>,
    evidence: BTreeSet<String>,
    /// It was seen running.
    runs: bool,
}

impl Roles {
    fn apply(&mut self, scene: &Scene<'_>, rule: &Rule) {
        let Some(processes) = &scene.processes else {
            if let Some(service) = scene.is_set_up(rule.services) {
                let found = self.0.entry(rule.kind).or_default();
                found.products.insert(rule.product.into());
                found.evidence.insert(format!("service {}", service.name));
            }
            return;
        };
        let process = processes.of(rule.programs, rule.services).next();
        let sockets = scene
            .sockets
            .iter()
            .filter(|socket| is_reachable(socket) && is_its_port(rule.ports, socket.port))
            .filter(|socket| {
                let owned = is_owned_by(socket, rule.programs)
                    || !socket.service.is_empty() && matches_any(&socket.service, rule.services);
                // Whose socket it is may be hidden; then the port has to do, beside the process.
                owned || socket.program.is_empty() && is_usual(rule.ports) && process.is_some()
            });
        let sockets: Vec<&ListeningSocket> = sockets.collect();
        let plays = match rule.ports {
            Ports::None => process.is_some(),
            Ports::Any | Ports::These(_) => !sockets.is_empty(),
        };
        if !plays {
            return;
        }
        let found = self.0.entry(rule.kind).or_default();
        found.runs = true;
        found.products.insert(rule.product.into());
        found.take_in(&sockets);
        if let Some(process) = process.filter(|_| sockets.is_empty()) {
            found.evidence.insert(format!("process {}", process.name));
        }
    }

    fn database(&mut self, scene: &Scene<'_>, database: &Database) {
        let sockets = scene.sockets.iter();
        let sockets: Vec<&ListeningSocket> = sockets
            .filter(|socket| is_reachable(socket) && databases::serves(&database.product, socket))
            .collect();
        if !sockets.is_empty() {
            let found = self.0.entry(DATABASE_SERVER).or_default();
            found.runs = true;
            found.products.insert(database.product.clone());
            found.take_in(&sockets);
        }
    }

    fn finish(self) -> Vec<Role> {
        let role = |(kind, found): (&str, Found)| {
            let products = listed(found.products);
            let ports = match found.ports.len() {
                0 => String::new(),
                1 => format!(" on port {}", listed(found.ports)),
                _ => format!(" on ports {}", listed(found.ports)),
            };
            let begin = if found.runs { "" } else { "set up as " };
            Role {
                description: format!("{begin}{kind} ({products}){ports}"),
                source: named(found.evidence).join(", "),
                kind: kind.into(),
            }
        };
        self.0.into_iter().map(role).collect()
    }
}

impl Found {
    fn take_in(&mut self, sockets: &[&ListeningSocket]) {
        for socket in sockets {
            self.ports.insert(socket.port);
            self.evidence.insert(if socket.program.is_empty() {
                format!("{} port {}", socket.protocol, socket.port)
            } else {
                format!("program {}", socket.program)
            });
        }
    }
}

fn is_its_port(ports: Ports, port: u32) -> bool {
    match ports {
        Ports::These(ports) => ports.iter().any(|own| u32::from(*own) == port),
        Ports::Any => true,
        Ports::None => false,
    }
}

/// Whether the ports alone, together with a process, show the role.
fn is_usual(ports: Ports) -> bool {
    matches!(ports, Ports::These(_))
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

fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// What serves on one of these ports: for others, or, of a system that does not run, which service would.
fn serving(scene: &Scene<'_>, ports: &[u32], services: &[&str]) -> Option<(bool, String)> {
    if scene.processes.is_none() {
        let service = scene.is_set_up(services)?;
        return Some((false, format!("service {}", service.name)));
    }
    let mut sockets = scene.sockets.iter();
    let socket = sockets.find(|socket| is_reachable(socket) && ports.contains(&socket.port))?;
    Some((true, format!("{} port {}", socket.protocol, socket.port)))
}

fn file_server(scene: &Scene<'_>, shares: &[FileShare]) -> Option<Role> {
    let first = shares.first()?;
    let (runs, evidence) = serving(scene, &FILE_PORTS, &FILE_SERVICES)?;
    let begin = if runs { "" } else { "set up as " };
    let number = counted(shares.len(), "share", "shares");
    Some(Role {
        kind: FILE_SERVER.into(),
        description: format!("{begin}file server for {number}"),
        source: format!("{evidence}, {}", first.source),
    })
}

/// CUPS listens for others only when printers are shared.
fn print_server(scene: &Scene<'_>, diagnostics: &mut Diagnostics) -> Option<Role> {
    const PRINTERS: &str = "/etc/cups/printers.conf";
    scene.processes.as_ref()?;
    let (_, evidence) = serving(scene, &PRINT_PORTS, &PRINT_SERVICES)?;
    let text = files::text(
        scene.root,
        PRINTERS,
        "the number of printers is",
        diagnostics,
    );
    let printers = text
        .map(|text| cups::printers(&text).len())
        .filter(|number| *number > 0);
    let number = printers.map(|number| format!(" for {}", counted(number, "printer", "printers")));
    Some(Role {
        kind: PRINT_SERVER.into(),
        description: format!("print server{}", number.unwrap_or_default()),
        source: format!("{evidence}, {PRINTERS}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_as_people_say_them() {
        assert_eq!(listed([80]), "80");
        assert_eq!(listed([80, 443]), "80 and 443");
        assert_eq!(listed(1..=11), "1, 2, 3, 4, 5, 6, 7, 8 and 3 more");
    }
}
