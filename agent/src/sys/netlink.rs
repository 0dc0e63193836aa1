//! Questions to the kernel's netlink sockets. Nothing leaves the machine.

use std::{io, os::fd::OwnedFd, time::Duration};

use rustix::net::{
    AddressFamily, Protocol, RecvFlags, SendFlags, SocketFlags, SocketType,
    netlink::{GENERIC, NETFILTER, SocketAddrNetlink},
    sockopt::{Timeout, set_socket_timeout},
};

use crate::parse::netfilter;
use crate::parse::netlink::{
    Message, families_request, family, messages, request, wireless, wireless_request,
};

/// The kernel fills at most 32 KiB a datagram.
const DATAGRAM: usize = 32 * 1024;
const PATIENCE: Duration = Duration::from_secs(2);
const ATTEMPTS: usize = 3;

/// Most families and wireless adapters that are asked for.
const FEW: usize = 1000;

/// Everything of one kind, such as [`crate::parse::netlink::GET_ROUTES`]: what `read` makes of each
/// item, at most `limit` of them and whether there were more.
pub(crate) fn dump<T>(
    kind: u16,
    limit: usize,
    read: impl Fn(&[u8]) -> Option<T>,
) -> io::Result<(Vec<T>, bool)> {
    // Protocol 0 is the routing family.
    repeat(None, &request(kind), limit, &read)
}

/// Everything of one kind in the firewall's tables, such as [`netfilter::GET_CHAINS`]: what `read` makes of
/// each item. Only for administrators. Not to be called where nf_tables is a module that is not loaded: the
/// kernel would load it.
pub(crate) fn firewall<T>(
    kind: u16,
    limit: usize,
    read: impl Fn(&[u8]) -> Option<T>,
) -> io::Result<(Vec<T>, bool)> {
    repeat(Some(NETFILTER), &netfilter::request(kind), limit, &read)
}

/// The wireless networks by the number of the adapter that is connected to them; none where the kernel
/// knows no wireless.
pub(crate) fn wireless_networks() -> io::Result<Vec<(u32, Vec<u8>)>> {
    let nl80211 = |item: &[u8]| family(item, "nl80211");
    let (families, _) = repeat(Some(GENERIC), &families_request(), FEW, &nl80211)?;
    let Some(family) = families.first() else {
        return Ok(Vec::new());
    };
    let (networks, _) = repeat(Some(GENERIC), &wireless_request(*family), FEW, &wireless)?;
    Ok(networks)
}

/// A socket on which the kernel tells what happens, as it happens. Group n is bit n - 1.
pub(crate) fn listen(protocol: Option<Protocol>, groups: u32) -> io::Result<OwnedFd> {
    let socket = rustix::net::socket_with(
        AddressFamily::NETLINK,
        SocketType::RAW,
        SocketFlags::CLOEXEC | SocketFlags::NONBLOCK,
        protocol,
    )?;
    rustix::net::bind(&socket, &SocketAddrNetlink::new(0, groups))?;
    Ok(socket)
}

fn repeat<T>(
    protocol: Option<Protocol>,
    request: &[u8],
    limit: usize,
    read: &impl Fn(&[u8]) -> Option<T>,
) -> io::Result<(Vec<T>, bool)> {
    for _ in 0..ATTEMPTS {
        if let Some(answer) = attempt(protocol, request, limit, read)? {
            return Ok(answer);
        }
    }
    let reason = "the table kept changing while it was read";
    Err(io::Error::new(io::ErrorKind::Interrupted, reason))
}

/// One reading; `None` when the table changed meanwhile.
fn attempt<T>(
    protocol: Option<Protocol>,
    request: &[u8],
    limit: usize,
    read: &impl Fn(&[u8]) -> Option<T>,
) -> io::Result<Option<(Vec<T>, bool)>> {
    let socket = rustix::net::socket_with(
        AddressFamily::NETLINK,
        SocketType::RAW,
        SocketFlags::CLOEXEC,
        protocol,
    )?;
    set_socket_timeout(&socket, Timeout::Recv, Some(PATIENCE))?;
    let kernel = SocketAddrNetlink::new(0, 0);
    rustix::net::sendto(&socket, request, SendFlags::empty(), &kernel)?;

    let mut items = Vec::new();
    let mut more = false;
    let mut buffer = vec![0; DATAGRAM];
    loop {
        let (length, _) = rustix::net::recv(&socket, &mut buffer, RecvFlags::empty())?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        for message in messages(&buffer[..length.min(DATAGRAM)]) {
            match message {
                Message::Item(item) if items.len() < limit => items.extend(read(item)),
                Message::Item(item) => more |= read(item).is_some(),
                Message::Done => return Ok(Some((items, more))),
                Message::Interrupted => return Ok(None),
                Message::Refused(code) => {
                    return Err(io::Error::from_raw_os_error(code.saturating_neg()));
                }
                Message::Malformed => return Err(io::ErrorKind::InvalidData.into()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::netlink::{GET_ADDRESSES, address};

    #[test]
    fn the_kernel_tells_its_loopback_address() {
        let (addresses, more) = dump(GET_ADDRESSES, 10_000, address).unwrap();
        assert!(!more);
        assert!(
            addresses
                .iter()
                .any(|address| address.address.is_loopback())
        );
    }

    #[test]
    fn the_kernel_tells_the_families_of_its_generic_socket() {
        let control = |item: &[u8]| family(item, "nlctrl");
        let (found, _) = repeat(Some(GENERIC), &families_request(), FEW, &control).unwrap();
        assert_eq!(found, [16]);
        wireless_networks().unwrap();
    }

    #[test]
    fn a_limit_is_kept_and_told() {
        let (addresses, more) = dump(GET_ADDRESSES, 0, address).unwrap();
        assert!(addresses.is_empty());
        assert!(more);
    }
}
