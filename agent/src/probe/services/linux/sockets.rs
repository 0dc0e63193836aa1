//! Listening sockets and the programs behind them.

use std::{
    collections::{HashMap, HashSet},
    io::{self, BufRead as _, BufReader, Read},
    net::IpAddr,
    path::Path,
};

use freehold_proto::v1::services::ListeningSocket;

use crate::{
    order,
    parse::{
        netlink::{self, GET_ADDRESSES},
        passwd,
        sockets::{self, LISTEN, Socket},
    },
    probe::{Root, root::FILE_BYTES, root::is_absent, section::Diagnostics, sysfs},
    sys,
};

use super::{ITEMS, base, holders, processes::Processes};

const TABLES: [(&str, &str); 4] = [
    ("tcp", "/proc/net/tcp"),
    ("tcp", "/proc/net/tcp6"),
    ("udp", "/proc/net/udp"),
    ("udp", "/proc/net/udp6"),
];

/// The kernel lists listening sockets before all others; after so many others no more will come.
const OTHERS: usize = 1000;

/// Most sockets read from one table.
const SOCKETS: usize = 50_000;

/// How much is read of a table at once, the smallest page, and more than a line takes.
const PIECE_BYTES: usize = 8192;
const PAGE_BYTES: usize = 4096;
const ROOM_BYTES: usize = 512;

/// Ports that the system hands out but that a server is known to sit on: `WireGuard`, Tailscale.
const SERVERS: [u16; 2] = [51_820, 41_641];

/// A listening socket with its protocol and the table it stands in.
pub(super) type Told = (&'static str, &'static str, Socket);

/// The sockets that listen for longer than a moment; `None` when no table could be read.
pub(super) fn listening(root: &Root, diagnostics: &mut Diagnostics) -> Option<Vec<Told>> {
    let handed_out = HandedOut::read(root);
    let passing = passing_addresses(root);
    let mut found = Vec::new();
    let mut any = false;
    for (protocol, path) in TABLES {
        let Some(table) = table(root, protocol, path, diagnostics) else {
            continue;
        };
        any = true;
        let lasting = table.into_iter().filter(|socket| {
            handed_out.is_worth_telling(protocol, socket) && !passing.contains(&socket.address)
        });
        found.extend(lasting.map(|socket| (protocol, path, socket)));
    }
    any.then_some(found)
}

/// Sockets with their programs, ordered by protocol, port, address, program.
pub(super) fn read(
    root: &Root,
    processes: Option<&Processes>,
    found: &[Told],
    diagnostics: &mut Diagnostics,
) -> Vec<ListeningSocket> {
    let mut sockets = describe(root, processes, found, diagnostics);
    leave_out_askers(&mut sockets);
    diagnostics.limit("/proc/net", "listening sockets", &mut sockets, ITEMS);
    sockets
}

/// The listening sockets of a table; `None` when there is none or, with a note, it could not be read.
fn table(
    root: &Root,
    protocol: &str,
    path: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Socket>> {
    let file = match root.open(Path::new(path)) {
        Ok(file) => file,
        Err(error) if is_absent(&error) => return None,
        Err(error) => {
            diagnostics.unreadable(path, &error, "the sockets listed there are");
            return None;
        }
    };
    let table = Table { file, ended: false };
    let mut reader = BufReader::with_capacity(PIECE_BYTES, table.take(FILE_BYTES));
    let (mut found, mut others, mut line) = (Vec::new(), 0, Vec::new());
    loop {
        line.clear();
        match reader.read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => {
                diagnostics.unreadable(path, &error, "some sockets listed there are");
                break;
            }
        }
        let Some(socket) = sockets::line(&String::from_utf8_lossy(&line)) else {
            continue;
        };
        let listens = match protocol {
            "tcp" => socket.state == LISTEN,
            _ => !socket.connected,
        };
        if !listens {
            others += 1;
            if protocol == "tcp" && others > OTHERS {
                break;
            }
        } else if found.len() == SOCKETS {
            let reason =
                format!("there are more than {SOCKETS} listening sockets; the others are missing");
            diagnostics.note(path, "", reason);
            break;
        } else {
            others = 0;
            found.push(socket);
        }
    }
    Some(found)
}

/// A table of sockets. Asked for what follows the last line, the kernel goes through all places for connections once
/// more, of which a big machine has hundreds of thousands.
struct Table<R> {
    file: R,
    ended: bool,
}

impl<R: Read> Read for Table<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ended {
            return Ok(0);
        }
        let read = self.file.read(buffer)?;
        // As long as there is more, the kernel fills a page up to where the next line has no room.
        self.ended = read + ROOM_BYTES < PAGE_BYTES && buffer.len() >= PAGE_BYTES;
        Ok(read)
    }
}

fn describe(
    root: &Root,
    processes: Option<&Processes>,
    found: &[Told],
    diagnostics: &mut Diagnostics,
) -> Vec<ListeningSocket> {
    let wanted: HashSet<u64> = found.iter().map(|(_, _, socket)| socket.inode).collect();
    let (holders, refused) = processes.map_or_else(Default::default, |processes| {
        holders::of(root, processes, wanted)
    });
    let accounts = accounts(root, diagnostics);
    let mut sockets: Vec<ListeningSocket> = found
        .iter()
        .map(|(protocol, path, socket)| {
            let holder = holders.get(&socket.inode);
            ListeningSocket {
                protocol: (*protocol).to_owned(),
                address: socket.address.to_string(),
                port: socket.port.into(),
                program: holder.map(|it| it.program.clone()).unwrap_or_default(),
                account: accounts
                    .get(&socket.uid)
                    .cloned()
                    .unwrap_or_else(|| socket.uid.to_string()),
                source: (*path).to_owned(),
                service: holder.map(|it| it.unit.clone()).unwrap_or_default(),
            }
        })
        .collect();
    order::sort_by(&mut sockets, |a, b| key(a).cmp(&key(b)));
    // Servers share a socket among workers, or open one on each processor.
    sockets.dedup();
    if refused && sockets.iter().any(|socket| socket.program.is_empty()) {
        let reason = "the agent is not allowed to read the open files of other accounts' processes, so the programs behind some listening sockets are missing";
        diagnostics.note("/proc/*/fd", "", reason);
    }
    sockets
}

fn key(socket: &ListeningSocket) -> impl Ord + '_ {
    let address: Option<IpAddr> = socket.address.parse().ok();
    (
        &socket.protocol,
        socket.port,
        address,
        &socket.program,
        &socket.account,
        &socket.service,
    )
}

/// A name server sends its own questions from ports that it chooses anew each time.
fn leave_out_askers(sockets: &mut Vec<ListeningSocket>) {
    const NAMES: u32 = 53;
    const RESERVED: u32 = 1024;
    const MULTICAST: [u32; 2] = [5353, 5355];
    let name_servers: HashSet<String> = sockets
        .iter()
        .filter(|socket| socket.port == NAMES && !socket.program.is_empty())
        .map(|socket| socket.program.clone())
        .collect();
    sockets.retain(|socket| {
        socket.protocol != "udp"
            || socket.port < RESERVED
            || MULTICAST.contains(&socket.port)
            || !name_servers.contains(&socket.program)
    });
}

/// Addresses that the kernel replaces every day: sockets on them come and go with them.
fn passing_addresses(root: &Root) -> Vec<IpAddr> {
    if !root.is_live() {
        return Vec::new();
    }
    let read = |item: &[u8]| netlink::address(item).filter(|address| address.temporary);
    let (found, _) = sys::netlink::dump(GET_ADDRESSES, ITEMS, read).unwrap_or_default();
    found.into_iter().map(|address| address.address).collect()
}

fn accounts(root: &Root, diagnostics: &mut Diagnostics) -> HashMap<u32, String> {
    let missing = "the names of the accounts behind sockets are";
    let bytes = diagnostics.read_optional(root, "/etc/passwd", missing);
    let mut names = HashMap::new();
    for entry in passwd::parse(&bytes.unwrap_or_default()).entries {
        let name = || String::from_utf8_lossy(entry.name).into_owned();
        // Of several names for a number the first counts, as for the system.
        names.entry(entry.uid).or_insert_with(name);
    }
    names
}

/// Ports that the system hands out to programs that do not ask for a certain one.
struct HandedOut {
    first: u16,
    last: u16,
}

impl HandedOut {
    fn read(root: &Root) -> Self {
        let text = sysfs::value(root, "/proc/sys/net/ipv4/ip_local_port_range");
        let range = text.as_deref().and_then(|text| {
            let mut numbers = text.split_whitespace().map(str::parse);
            Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
        });
        let (first, last) = range.unwrap_or((32_768, 60_999));
        Self { first, last }
    }

    fn is_worth_telling(&self, protocol: &str, socket: &Socket) -> bool {
        let handed_out =
            (self.first..=self.last).contains(&socket.port) && !SERVERS.contains(&socket.port);
        let is_private = socket.address.is_loopback();
        !handed_out || protocol == "tcp" && !is_private
    }
}

/// Whether other machines can reach a socket.
pub(super) fn is_reachable(socket: &ListeningSocket) -> bool {
    let address = socket.address.parse::<IpAddr>();
    !address.is_ok_and(|address| address.is_loopback())
}

/// Whether a program with one of these names owns a socket.
pub(super) fn is_owned_by(socket: &ListeningSocket, names: &[&str]) -> bool {
    let name = base(&socket.program);
    !name.is_empty() && names.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands out pieces, and fails when it is asked once too often.
    struct Pieces(Vec<usize>);

    impl Read for Pieces {
        fn read(&mut self, _buffer: &mut [u8]) -> io::Result<usize> {
            Ok(self.0.pop().expect("the end was told"))
        }
    }

    #[test]
    fn a_table_is_asked_until_a_piece_is_shorter_than_a_page_and_no_more() {
        let read = |pieces: &[usize]| {
            let file = Pieces(pieces.iter().rev().copied().collect());
            let mut table = Table { file, ended: false };
            let mut buffer = [0; PIECE_BYTES];
            let mut whole = 0;
            loop {
                match table.read(&mut buffer).unwrap() {
                    0 => return (whole, table.file.0.len()),
                    read => whole += read,
                }
            }
        };
        assert_eq!(read(&[300]), (300, 0));
        assert_eq!(read(&[4050, 4050, 150]), (8250, 0));
        assert_eq!(read(&[8192, 4050, 0]), (12_242, 0));
        assert_eq!(read(&[0]), (0, 0));
    }
}
