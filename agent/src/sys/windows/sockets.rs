//! Listening sockets with the processes that own them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use windows::Win32::{
    NetworkManagement::IpHelper::{
        GetExtendedTcpTable, GetExtendedUdpTable, TCP_TABLE_OWNER_PID_LISTENER, UDP_TABLE_OWNER_PID,
    },
    Networking::WinSock::{AF_INET, AF_INET6},
};

use super::buffer::Buffer;
use crate::rows::{Answer, ROWS, Row, Unread};

const SUCCESS: u32 = 0;
const INSUFFICIENT_BUFFER: u32 = 122;
/// Times that a table may grow between two questions.
const ATTEMPTS: usize = 8;
/// Largest table that is read.
const LARGEST: u32 = 64 * 1024 * 1024;

/// Where the parts of a row stand, in bytes.
struct Layout {
    protocol: &'static str,
    size: usize,
    address: usize,
    port: usize,
    process: usize,
    /// Of version 6 of the Internet protocol.
    long: bool,
}

/// `MIB_TCPROW_OWNER_PID`, `MIB_TCP6ROW_OWNER_PID`, `MIB_UDPROW_OWNER_PID`, `MIB_UDP6ROW_OWNER_PID`.
const TABLES: [Layout; 4] = [
    layout("tcp", 24, (4, 8, 20), false),
    layout("tcp", 56, (0, 20, 52), true),
    layout("udp", 12, (0, 4, 8), false),
    layout("udp", 28, (0, 20, 24), true),
];

const fn layout(
    protocol: &'static str,
    size: usize,
    (address, port, process): (usize, usize, usize),
    long: bool,
) -> Layout {
    Layout {
        protocol,
        size,
        address,
        port,
        process,
        long,
    }
}

/// The sockets of every protocol.
pub(crate) fn list() -> Answer<Vec<Row>> {
    let mut rows = Vec::new();
    for layout in &TABLES {
        let table = table(layout)?;
        rows.extend(entries(layout, table.bytes()));
    }
    Ok(rows)
}

fn table(layout: &Layout) -> Answer<Buffer> {
    let family = if layout.long { AF_INET6 } else { AF_INET };
    let family = u32::from(family.0);
    let mut buffer = Buffer::new(16 * 1024);
    for _ in 0..ATTEMPTS {
        let mut size = buffer.size();
        let pointer = Some(buffer.pointer_mut());
        // SAFETY: the buffer is aligned and as long as said.
        let status = unsafe {
            if layout.protocol == "tcp" {
                let class = TCP_TABLE_OWNER_PID_LISTENER;
                GetExtendedTcpTable(pointer, &raw mut size, false, family, class, 0)
            } else {
                let class = UDP_TABLE_OWNER_PID;
                GetExtendedUdpTable(pointer, &raw mut size, false, family, class, 0)
            }
        };
        match status {
            SUCCESS => return Ok(buffer),
            INSUFFICIENT_BUFFER if size < LARGEST => buffer = Buffer::new(size + size / 4 + 1024),
            code => return Err(Unread::from_code(code)),
        }
    }
    let what = "it never comes to an end".into();
    Err(Unread::Senseless { what })
}

/// The rows of a table: their number, then one behind the other.
fn entries<'a>(layout: &'a Layout, table: &'a [u8]) -> impl Iterator<Item = Row> + 'a {
    let number = word(table, 0).unwrap_or_default() as usize;
    let rows = table.get(4..).unwrap_or_default();
    rows.chunks_exact(layout.size)
        .take(number.min(ROWS))
        .filter_map(|row| entry(layout, row))
}

fn entry(layout: &Layout, row: &[u8]) -> Option<Row> {
    let address: IpAddr = if layout.long {
        let bytes: [u8; 16] = row.get(layout.address..)?.get(..16)?.try_into().ok()?;
        Ipv6Addr::from(bytes).into()
    } else {
        let bytes: [u8; 4] = row.get(layout.address..)?.get(..4)?.try_into().ok()?;
        Ipv4Addr::from(bytes).into()
    };
    // Ports stand in the order of the network.
    let port = row.get(layout.port..)?.get(..2)?.try_into().ok()?;
    let row_of = Row::of([
        ("Protocol", layout.protocol),
        ("Address", address.to_string().as_str()),
    ]);
    Some(
        row_of
            .with("Port", u32::from(u16::from_be_bytes(port)))
            .with("ProcessId", word(row, layout.process)?),
    )
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let word = bytes.get(at..)?.get(..4)?.try_into().ok()?;
    Some(u32::from_le_bytes(word))
}
