//! Sockets as the kernel lists them in /proc/net/{tcp,tcp6,udp,udp6}.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Socket {
    /// Local address.
    pub address: IpAddr,
    /// Local port.
    pub port: u16,
    /// It has a peer.
    pub connected: bool,
    /// Number of its state, as in `net/tcp_states.h`.
    pub state: u8,
    /// Number of the account that opened it.
    pub uid: u32,
    /// Number by which processes hold it.
    pub inode: u64,
}

/// State of a TCP socket that waits for connections.
pub const LISTEN: u8 = 0x0a;

/// Reads one line. The heading, and lines that make no sense, yield none.
pub fn line(line: &str) -> Option<Socket> {
    let mut fields = line.split_ascii_whitespace();
    let (address, port) = end(fields.nth(1)?)?;
    let (peer, peer_port) = end(fields.next()?)?;
    let state = u8::from_str_radix(fields.next()?, 16).ok()?;
    let uid = fields.nth(3)?.parse().ok()?;
    let inode = fields.nth(1)?.parse().ok()?;
    Some(Socket {
        address,
        port,
        connected: peer_port != 0 || !peer.is_unspecified(),
        state,
        uid,
        inode,
    })
}

/// An address and a port. Addresses are groups of four bytes, each a number in the machine's byte order.
fn end(text: &str) -> Option<(IpAddr, u16)> {
    let (address, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let group = |at: usize| {
        let digits = address.get(at * 8..at * 8 + 8)?;
        Some(u32::from_str_radix(digits, 16).ok()?.to_ne_bytes())
    };
    let address = match address.len() {
        8 => Ipv4Addr::from(group(0)?).into(),
        32 => {
            let mut bytes = [0; 16];
            for (at, place) in bytes.chunks_exact_mut(4).enumerate() {
                place.copy_from_slice(&group(at)?);
            }
            IpAddr::from(Ipv6Addr::from(bytes)).to_canonical()
        }
        _ => return None,
    };
    Some((address, port))
}

/// Number of the socket that an open file of a process stands for: the link reads `socket:[12345]`.
pub fn inode(target: &[u8]) -> Option<u64> {
    let digits = target.strip_prefix(b"socket:[")?.strip_suffix(b"]")?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_of_the_kernel_are_read() {
        let heading = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
        assert_eq!(line(heading), None);
        let any = format!("{:08X}", u32::from_ne_bytes([192, 0, 2, 7]));
        let text = format!(
            "   0: {any}:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000   105        0 1161 1 0000000000000000 100 0 0 10 0"
        );
        let socket = line(&text).unwrap();
        assert_eq!(socket.address, IpAddr::from([192, 0, 2, 7]));
        assert_eq!((socket.port, socket.state), (5432, LISTEN));
        assert_eq!((socket.uid, socket.inode), (105, 1161));
        assert!(!socket.connected);
    }

    #[test]
    fn addresses_of_the_sixth_version_are_read() {
        let group = |bytes| format!("{:08X}", u32::from_ne_bytes(bytes));
        let loopback = group([0; 4]) + &group([0; 4]) + &group([0; 4]) + &group([0, 0, 0, 1]);
        let (address, port) = end(&format!("{loopback}:0050")).unwrap();
        assert_eq!((address.to_string().as_str(), port), ("::1", 80));
    }

    #[test]
    fn open_files_name_their_socket() {
        assert_eq!(inode(b"socket:[987]"), Some(987));
        assert_eq!(inode(b"pipe:[987]"), None);
        assert_eq!(inode(b"socket:[\xff]"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC*", bytes: Vec<u8>) {
            line(&text);
            inode(&bytes);
        }

        #[test]
        fn what_the_kernel_would_write_is_read(address: [u8; 4], port: u16, uid: u32, inode: u64) {
            let number = u32::from_ne_bytes(address);
            let text = format!("1: {number:08X}:{port:04X} 00000000:0000 07 0:0 0:0 0 {uid} 0 {inode} 2");
            let read = line(&text).unwrap();
            prop_assert_eq!(read.address, IpAddr::from(address));
            prop_assert_eq!((read.port, read.uid, read.inode), (port, uid, inode));
        }
    }
}
