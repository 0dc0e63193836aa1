//! Answers of the kernel's netlink sockets: addresses, routes, neighbours, wireless networks.
//!
//! Layouts are those of `linux/netlink.h`, `rtnetlink.h`, `if_addr.h`, `neighbour.h`, `genetlink.h` and
//! `nl80211.h`; numbers are in the machine's own byte order.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Asks for all addresses.
pub const GET_ADDRESSES: u16 = 22;
/// Asks for all routes.
pub const GET_ROUTES: u16 = 26;
/// Asks for all neighbours.
pub const GET_NEIGHBOURS: u16 = 30;

const ERROR: u16 = 2;
const DONE: u16 = 3;
const HEADER: usize = 16;
const INTERRUPTED: u16 = 0x10;

/// One message of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// An item, without its header.
    Item(&'a [u8]),
    /// The answer is complete.
    Done,
    /// The table changed while it was read: the answer may hold items twice or lack some.
    Interrupted,
    /// The kernel refuses, with an error number.
    Refused(i32),
    /// The bytes make no sense.
    Malformed,
}

/// A request for everything of one kind, whatever its address family.
pub fn request(kind: u16) -> Vec<u8> {
    // The kernel remarks in its log on what is longer than the header of the kind.
    let header: &[u8] = match kind {
        GET_ADDRESSES => &[0; 8],
        _ => &[0; 12],
    };
    whole_table(kind, header)
}

pub(super) fn whole_table(kind: u16, body: &[u8]) -> Vec<u8> {
    const REQUEST_DUMP: u16 = 0x301;
    let mut request = Vec::with_capacity(HEADER + body.len());
    request.extend(((HEADER + body.len()) as u32).to_ne_bytes());
    request.extend(kind.to_ne_bytes());
    request.extend(REQUEST_DUMP.to_ne_bytes());
    request.extend(1_u32.to_ne_bytes());
    request.extend(0_u32.to_ne_bytes());
    request.extend(body);
    request
}

/// The number an acknowledgement or the end of an answer begins with: negative for a failure.
fn code(body: &[u8]) -> i32 {
    body.first_chunk()
        .map_or(0, |code| i32::from_ne_bytes(*code))
}

/// The messages of one datagram.
pub fn messages(datagram: &[u8]) -> impl Iterator<Item = Message<'_>> {
    let mut rest = datagram;
    std::iter::from_fn(move || {
        let header = rest.first_chunk::<HEADER>()?;
        let length = u32::from_ne_bytes([header[0], header[1], header[2], header[3]]) as usize;
        let Some(body) = rest.get(HEADER..length) else {
            rest = &[];
            return Some(Message::Malformed);
        };
        rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some(match u16::from_ne_bytes([header[4], header[5]]) {
            _ if u16::from_ne_bytes([header[6], header[7]]) & INTERRUPTED != 0 => {
                Message::Interrupted
            }
            // An answer that broke off ends with the reason.
            DONE if code(body) < 0 => Message::Refused(code(body)),
            DONE => Message::Done,
            ERROR => Message::Refused(code(body)),
            _ => Message::Item(body),
        })
    })
}

/// An address of an adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address {
    /// Number of the adapter.
    pub adapter: u32,
    /// The address.
    pub address: IpAddr,
    /// Length of its prefix.
    pub prefix: u8,
    /// A privacy address, which the kernel replaces every day.
    pub temporary: bool,
}

/// Reads an item of [`GET_ADDRESSES`].
pub fn address(item: &[u8]) -> Option<Address> {
    const TEMPORARY: u8 = 1;
    const FAMILY_INET6: u8 = 10;
    let [family, prefix, flags, _scope, a, b, c, d, attributes @ ..] = item else {
        return None;
    };
    let peer = attribute(attributes, 1).and_then(ip);
    let local = attribute(attributes, 2).and_then(ip);
    Some(Address {
        adapter: u32::from_ne_bytes([*a, *b, *c, *d]),
        address: local.or(peer)?,
        prefix: *prefix,
        temporary: *family == FAMILY_INET6 && flags & TEMPORARY != 0,
    })
}

/// A route of the main table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Destination.
    pub destination: IpAddr,
    /// Length of its prefix.
    pub prefix: u8,
    /// Metric; absent when the kernel tells none.
    pub metric: Option<u32>,
    /// Where packets go; several when the load is shared, none when they are refused.
    pub hops: Vec<Hop>,
}

/// A next hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hop {
    /// Gateway; absent when the destination is directly attached.
    pub gateway: Option<IpAddr>,
    /// Number of the adapter.
    pub adapter: u32,
}

/// Reads an item of [`GET_ROUTES`]. Routes of other tables, of the kernel's own (local, broadcast,
/// multicast) and cached ones yield none.
pub fn route(item: &[u8]) -> Option<Route> {
    const MAIN: u32 = 254;
    const CLONED: u32 = 0x200;
    const UNICAST: u8 = 1;
    const BLACKHOLE: u8 = 6;
    const PROHIBIT: u8 = 8;
    let (header, attributes) = item.split_first_chunk::<12>()?;
    let [family, prefix, _, _, table, _, _, kind, flags @ ..] = *header;
    let table = attribute(attributes, 15)
        .and_then(number)
        .unwrap_or(table.into());
    let wanted = kind == UNICAST || (BLACKHOLE..=PROHIBIT).contains(&kind);
    if table != MAIN || !wanted || u32::from_ne_bytes(flags) & CLONED != 0 {
        return None;
    }
    let destination = match attribute(attributes, 1) {
        Some(bytes) => ip(bytes)?,
        None if family == 2 => Ipv4Addr::UNSPECIFIED.into(),
        None if family == 10 => Ipv6Addr::UNSPECIFIED.into(),
        None => return None,
    };
    let hops = match (kind, attribute(attributes, 9)) {
        (UNICAST, Some(hops)) => several(hops),
        (UNICAST, None) => vec![hop(attributes, attribute(attributes, 4).and_then(number)?)],
        _ => Vec::new(),
    };
    Some(Route {
        destination,
        prefix,
        metric: attribute(attributes, 6).and_then(number),
        hops,
    })
}

/// The next hops of a route that shares its load.
fn several(mut bytes: &[u8]) -> Vec<Hop> {
    let mut hops = Vec::new();
    while let Some(([a, b, _, _, adapter @ ..], _)) = bytes.split_first_chunk::<8>() {
        let length = usize::from(u16::from_ne_bytes([*a, *b]));
        let Some(attributes) = bytes.get(8..length) else {
            break;
        };
        hops.push(hop(attributes, u32::from_ne_bytes(*adapter)));
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    hops
}

fn hop(attributes: &[u8], adapter: u32) -> Hop {
    let gateway = attribute(attributes, 5).and_then(ip);
    // A gateway of the other family is preceded by its two-byte family.
    let via = || attribute(attributes, 18).and_then(|bytes| ip(bytes.get(2..)?));
    Hop {
        gateway: gateway.or_else(via),
        adapter,
    }
}

/// A device seen on the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Neighbour {
    /// Its address.
    pub address: IpAddr,
    /// Number of the adapter it was seen on.
    pub adapter: u32,
    /// Its hardware address.
    pub mac: [u8; 6],
}

/// Reads an item of [`GET_NEIGHBOURS`]. Those that never answered, and multicast groups, yield none.
pub fn neighbour(item: &[u8]) -> Option<Neighbour> {
    const INCOMPLETE: u16 = 0x01;
    const FAILED: u16 = 0x20;
    const NO_ARP: u16 = 0x40;
    let (header, attributes) = item.split_first_chunk::<12>()?;
    let [_, _, _, _, i, j, k, l, state_low, state_high, _, _] = *header;
    let state = u16::from_ne_bytes([state_low, state_high]);
    if state == 0 || state & (INCOMPLETE | FAILED | NO_ARP) != 0 {
        return None;
    }
    let mac: [u8; 6] = attribute(attributes, 2)?.try_into().ok()?;
    (mac != [0; 6]).then_some(Neighbour {
        address: attribute(attributes, 1).and_then(ip)?,
        adapter: u32::from_ne_bytes([i, j, k, l]),
        mac,
    })
}

/// A request for the families of the generic socket.
pub fn families_request() -> Vec<u8> {
    const CONTROL: u16 = 16;
    const GET_FAMILY: u8 = 3;
    whole_table(CONTROL, &[GET_FAMILY, 1, 0, 0])
}

/// Number of a family of the generic socket, if an answer to [`families_request`] is about that family.
pub fn family(item: &[u8], name: &str) -> Option<u16> {
    let attributes = item.get(4..)?;
    let told = attribute(attributes, 2)?.strip_suffix(b"\0")?;
    let number = attribute(attributes, 1)?.try_into().ok()?;
    (told == name.as_bytes()).then(|| u16::from_ne_bytes(number))
}

/// A request for the wireless adapters, given the number of the family "nl80211".
pub fn wireless_request(family: u16) -> Vec<u8> {
    const GET_INTERFACE: u8 = 5;
    whole_table(family, &[GET_INTERFACE, 0, 0, 0])
}

/// Number of a wireless adapter and the name of the network it is connected to.
pub fn wireless(item: &[u8]) -> Option<(u32, Vec<u8>)> {
    let attributes = item.get(4..)?;
    let adapter = attribute(attributes, 3).and_then(number)?;
    Some((adapter, attribute(attributes, 52)?.to_vec()))
}

/// The value of the first attribute of a kind.
pub(super) fn attribute(mut bytes: &[u8], wanted: u16) -> Option<&[u8]> {
    const KIND: u16 = 0x3fff;
    loop {
        let [a, b, c, d] = *bytes.first_chunk::<4>()?;
        let length = usize::from(u16::from_ne_bytes([a, b]));
        let value = bytes.get(4..length)?;
        if u16::from_ne_bytes([c, d]) & KIND == wanted {
            return Some(value);
        }
        bytes = bytes.get(length.next_multiple_of(4)..)?;
    }
}

fn ip(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(Ipv4Addr::from(four).into());
    }
    let sixteen = <[u8; 16]>::try_from(bytes).ok()?;
    Some(Ipv6Addr::from(sixteen).into())
}

fn number(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_ne_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn attributes(list: &[(u16, &[u8])]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (kind, value) in list {
            bytes.extend(((value.len() + 4) as u16).to_ne_bytes());
            bytes.extend(kind.to_ne_bytes());
            bytes.extend(*value);
            bytes.resize(bytes.len().next_multiple_of(4), 0);
        }
        bytes
    }

    fn item(header: &[u8], list: &[(u16, &[u8])]) -> Vec<u8> {
        [header, &attributes(list)].concat()
    }

    fn main_route(kind: u8) -> [u8; 12] {
        [2, 24, 0, 0, 254, 2, 0, kind, 0, 0, 0, 0]
    }

    #[test]
    fn an_address_is_the_local_one_of_a_tunnel_not_its_peer() {
        let header = [2, 32, 0, 0, 7, 0, 0, 0];
        let bytes = item(&header, &[(1, &[192, 0, 2, 9]), (2, &[192, 0, 2, 1])]);
        let address = address(&bytes).unwrap();
        assert_eq!(address.address.to_string(), "192.0.2.1");
        assert_eq!(address.adapter, u32::from_ne_bytes([7, 0, 0, 0]));
    }

    #[test]
    fn privacy_addresses_are_marked_and_second_addresses_are_not() {
        let six = item(&[10, 64, 1, 0, 7, 0, 0, 0], &[(1, &[1; 16])]);
        assert!(address(&six).unwrap().temporary);
        let four = item(&[2, 24, 1, 0, 7, 0, 0, 0], &[(2, &[192, 0, 2, 1])]);
        assert!(!address(&four).unwrap().temporary);
    }

    #[test]
    fn every_hop_of_a_shared_route_is_read() {
        let mut hops = Vec::new();
        for last in [1_u8, 2] {
            let gateway = attributes(&[(5, &[192, 0, 2, last])]);
            hops.extend(((8 + gateway.len()) as u16).to_ne_bytes());
            hops.extend([0, 0]);
            hops.extend(u32::from(last).to_ne_bytes());
            hops.extend(gateway);
        }
        let bytes = item(&main_route(1), &[(1, &[198, 51, 100, 0]), (9, &hops)]);
        let gateways: Vec<_> = route(&bytes)
            .unwrap()
            .hops
            .iter()
            .map(|hop| (hop.adapter, hop.gateway.unwrap().to_string()))
            .collect();
        assert_eq!(gateways, [(1, "192.0.2.1".into()), (2, "192.0.2.2".into())]);
    }

    #[test]
    fn routes_of_other_tables_and_kinds_are_left_out() {
        let oif = 3_u32.to_ne_bytes();
        assert!(route(&item(&main_route(1), &[(4, &oif)])).is_some());
        assert!(route(&item(&main_route(2), &[(4, &oif)])).is_none());
        let other = 255_u32.to_ne_bytes();
        assert!(route(&item(&main_route(1), &[(4, &oif), (15, &other)])).is_none());
        assert_eq!(route(&item(&main_route(6), &[])).unwrap().hops, []);
    }

    #[test]
    fn neighbours_that_never_answered_are_left_out() {
        let seen = |state: u8| {
            let header = [2, 0, 0, 0, 4, 0, 0, 0, state, 0, 0, 1];
            neighbour(&item(
                &header,
                &[(1, &[192, 0, 2, 1]), (2, &[2, 0, 0, 0, 0, 5])],
            ))
        };
        #[cfg(target_endian = "little")]
        {
            assert!(seen(0x02).is_some());
            assert!(seen(0x20).is_none());
        }
        assert!(seen(0).is_none());
    }

    #[test]
    fn a_wireless_adapter_tells_its_network() {
        let families = item(
            &[1, 2, 0, 0],
            &[(2, b"nl80211\0"), (1, &28_u16.to_ne_bytes())],
        );
        assert_eq!(family(&families, "nl80211"), Some(28));
        assert_eq!(family(&families, "nlctrl"), None);
        let adapter = item(
            &[7, 1, 0, 0],
            &[(3, &3_u32.to_ne_bytes()), (52, b"Practice")],
        );
        assert_eq!(wireless(&adapter), Some((3, b"Practice".to_vec())));
        let unconnected = item(&[7, 1, 0, 0], &[(3, &3_u32.to_ne_bytes())]);
        assert_eq!(wireless(&unconnected), None);
    }

    #[test]
    fn a_refusal_and_the_end_are_told_apart() {
        let mut bytes = request(GET_ROUTES);
        bytes[4..6].copy_from_slice(&ERROR.to_ne_bytes());
        bytes[6..8].fill(0);
        bytes[16..20].copy_from_slice(&(-1_i32).to_ne_bytes());
        assert_eq!(messages(&bytes).collect::<Vec<_>>(), [Message::Refused(-1)]);
        bytes[4..6].copy_from_slice(&DONE.to_ne_bytes());
        assert_eq!(messages(&bytes).collect::<Vec<_>>(), [Message::Refused(-1)]);
        bytes[16..20].fill(0);
        assert_eq!(messages(&bytes).collect::<Vec<_>>(), [Message::Done]);
        bytes[0..4].copy_from_slice(&900_u32.to_ne_bytes());
        assert_eq!(messages(&bytes).collect::<Vec<_>>(), [Message::Malformed]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            messages(&bytes).for_each(drop);
            address(&bytes);
            route(&bytes);
            neighbour(&bytes);
            family(&bytes, "nl80211");
            wireless(&bytes);
        }

        #[test]
        fn a_written_address_is_read_again(address in any::<IpAddr>(), adapter: u32, prefix: u8) {
            let octets = match address {
                IpAddr::V4(four) => four.octets().to_vec(),
                IpAddr::V6(six) => six.octets().to_vec(),
            };
            let family = if address.is_ipv4() { 2 } else { 10 };
            let mut header = vec![family, prefix, 0, 0];
            header.extend(adapter.to_ne_bytes());
            let read = super::address(&item(&header, &[(1, &octets)]));
            prop_assert_eq!(read, Some(Address { adapter, address, prefix, temporary: false }));
        }
    }
}
