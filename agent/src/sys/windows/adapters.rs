//! Network adapters, routes and neighbours, from the kernel's own tables: nothing is sent to find them.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use windows::Win32::{
    Foundation::{ERROR_BUFFER_OVERFLOW, ERROR_NO_DATA, ERROR_SUCCESS, WIN32_ERROR},
    NetworkManagement::IpHelper::{
        FreeMibTable, GAA_FLAG_SKIP_ANYCAST, GAA_FLAG_SKIP_MULTICAST, GetAdaptersAddresses,
        GetIfTable2, GetIpForwardTable2, GetIpNetTable2, IP_ADAPTER_ADDRESSES_LH, MIB_IF_ROW2,
        MIB_IF_TABLE2, MIB_IPFORWARD_ROW2, MIB_IPFORWARD_TABLE2, MIB_IPNET_ROW2, MIB_IPNET_TABLE2,
    },
    Networking::WinSock::{AF_INET, AF_INET6, AF_UNSPEC, SOCKADDR_INET, SOCKET_ADDRESS},
};

use super::text::from_pointer;
use crate::rows::{
    Answer, Unread,
    network::{Adapter, Address, Neighbour, Route},
};

/// Longest list of adapters in bytes.
const ADAPTERS: u32 = 8 * 1024 * 1024;
/// Most items of one list.
const ITEMS: usize = 50_000;
/// Longest name, in units.
const NAME: usize = 512;

/// What the table of interfaces tells besides, by the adapter's number for all protocols.
struct Interface {
    is_hardware: bool,
    permanent: Vec<u8>,
}

/// A table that the system handed out. Given back when dropped.
struct Table<T>(*mut T);

impl<T> Drop for Table<T> {
    fn drop(&mut self) {
        // SAFETY: the pointer is null or came from one of the functions below, and is given back once.
        unsafe { FreeMibTable(self.0.cast()) };
    }
}

/// The adapters.
pub(crate) fn all() -> Answer<Vec<Adapter>> {
    let interfaces = interfaces().unwrap_or_default();
    let buffer = addresses()?;
    let mut next = buffer.as_ptr().cast::<IP_ADAPTER_ADDRESSES_LH>();
    let mut adapters = Vec::new();
    while !next.is_null() && adapters.len() < ITEMS {
        // SAFETY: the system wrote a chain of such structures into the buffer, which is aligned for them and
        // lives on; the last one's `Next` is null.
        let entry = unsafe { &*next };
        // SAFETY: a union of a number and its own parts.
        let luid = unsafe { entry.Luid.Value };
        adapters.push(adapter(entry, interfaces.get(&luid)));
        next = entry.Next;
    }
    Ok(adapters)
}

/// The routes of both protocols.
pub(crate) fn routes() -> Answer<Vec<Route>> {
    let mut table: *mut MIB_IPFORWARD_TABLE2 = std::ptr::null_mut();
    // SAFETY: `table` is written to before the call returns.
    checked(unsafe { GetIpForwardTable2(AF_UNSPEC, &raw mut table) })?;
    let table = Table(table);
    if table.0.is_null() {
        return Ok(Vec::new());
    }
    // SAFETY: the table holds as many rows as it says, from its first on, and lives until dropped.
    let rows: &[MIB_IPFORWARD_ROW2] = unsafe {
        let first = (&raw const (*table.0).Table).cast();
        std::slice::from_raw_parts(first, (*table.0).NumEntries as usize)
    };
    let routes = rows.iter().take(ITEMS).filter_map(|row| {
        Some(Route {
            destination: inet(&row.DestinationPrefix.Prefix)?,
            prefix: row.DestinationPrefix.PrefixLength,
            gateway: inet(&row.NextHop)?,
            adapter: row.InterfaceIndex,
            metric: row.Metric,
        })
    });
    Ok(routes.collect())
}

/// The devices this machine has talked to.
pub(crate) fn neighbours() -> Answer<Vec<Neighbour>> {
    let mut table: *mut MIB_IPNET_TABLE2 = std::ptr::null_mut();
    // SAFETY: `table` is written to before the call returns.
    checked(unsafe { GetIpNetTable2(AF_UNSPEC, &raw mut table) })?;
    let table = Table(table);
    if table.0.is_null() {
        return Ok(Vec::new());
    }
    // SAFETY: the table holds as many rows as it says, from its first on, and lives until dropped.
    let rows: &[MIB_IPNET_ROW2] = unsafe {
        let first = (&raw const (*table.0).Table).cast();
        std::slice::from_raw_parts(first, (*table.0).NumEntries as usize)
    };
    let neighbours = rows.iter().take(ITEMS).filter_map(|row| {
        Some(Neighbour {
            address: inet(&row.Address)?,
            adapter: row.InterfaceIndex,
            mac: prefix(&row.PhysicalAddress, row.PhysicalAddressLength),
            state: row.State.0,
        })
    });
    Ok(neighbours.collect())
}

/// Hardware and permanent addresses, by the adapter's number for all protocols.
fn interfaces() -> Answer<HashMap<u64, Interface>> {
    const IS_HARDWARE: u8 = 1;
    let mut table: *mut MIB_IF_TABLE2 = std::ptr::null_mut();
    // SAFETY: `table` is written to before the call returns.
    checked(unsafe { GetIfTable2(&raw mut table) })?;
    let table = Table(table);
    if table.0.is_null() {
        return Ok(HashMap::new());
    }
    // SAFETY: the table holds as many rows as it says, from its first on, and lives until dropped.
    let rows: &[MIB_IF_ROW2] = unsafe {
        let first = (&raw const (*table.0).Table).cast();
        std::slice::from_raw_parts(first, (*table.0).NumEntries as usize)
    };
    let interfaces = rows.iter().take(ITEMS).map(|row| {
        let interface = Interface {
            is_hardware: row.InterfaceAndOperStatusFlags._bitfield & IS_HARDWARE != 0,
            permanent: prefix(&row.PermanentPhysicalAddress, row.PhysicalAddressLength),
        };
        // SAFETY: a union of a number and its own parts.
        (unsafe { row.InterfaceLuid.Value }, interface)
    });
    Ok(interfaces.collect())
}

/// The buffer in which the system lists the adapters, in units that are aligned as the list has to be.
fn addresses() -> Answer<Vec<u64>> {
    let flags = GAA_FLAG_SKIP_ANYCAST | GAA_FLAG_SKIP_MULTICAST;
    let mut length = 16 * 1024_u32;
    // Adapters can come while they are counted.
    for _ in 0..5 {
        let mut buffer = vec![0_u64; length.div_ceil(8) as usize];
        let list: *mut IP_ADAPTER_ADDRESSES_LH = buffer.as_mut_ptr().cast();
        let family = u32::from(AF_UNSPEC.0);
        // SAFETY: the buffer is aligned and at least `length` bytes long.
        let code =
            unsafe { GetAdaptersAddresses(family, flags, None, Some(list), &raw mut length) };
        match WIN32_ERROR(code) {
            ERROR_SUCCESS => return Ok(buffer),
            // There is no adapter at all; the buffer holds one without a name.
            ERROR_NO_DATA => return Err(Unread::from_code(code)),
            ERROR_BUFFER_OVERFLOW if length <= ADAPTERS => {}
            _ => return Err(Unread::from_code(code)),
        }
    }
    Err(Unread::from_code(ERROR_BUFFER_OVERFLOW.0))
}

fn adapter(entry: &IP_ADAPTER_ADDRESSES_LH, interface: Option<&Interface>) -> Adapter {
    // SAFETY: texts of the list end with NUL and live as long as it does.
    let text = |text: *const u16| unsafe { from_pointer(text, NAME) };
    Adapter {
        // SAFETY: a union of a number and its own parts.
        index: unsafe { entry.Anonymous1.Anonymous.IfIndex },
        index_v6: entry.Ipv6IfIndex,
        id: id(entry),
        name: text(entry.FriendlyName.0),
        description: text(entry.Description.0),
        kind: entry.IfType,
        state: entry.OperStatus.0,
        is_hardware: interface.map(|interface| interface.is_hardware),
        mac: prefix(&entry.PhysicalAddress, entry.PhysicalAddressLength),
        permanent: interface.map_or_else(Vec::new, |interface| interface.permanent.clone()),
        mtu: entry.Mtu,
        speed: entry.TransmitLinkSpeed,
        metric: entry.Ipv4Metric,
        addresses: unicast(entry),
        name_servers: name_servers(entry),
        dhcp_server: socket_address(&entry.Dhcpv4Server),
    }
}

/// The identifier is of the letters of ASCII.
fn id(entry: &IP_ADAPTER_ADDRESSES_LH) -> String {
    if entry.AdapterName.is_null() {
        return String::new();
    }
    // SAFETY: the name ends with NUL and lives as long as the list.
    let bytes = unsafe { entry.AdapterName.as_bytes() };
    String::from_utf8_lossy(bytes).into_owned()
}

fn unicast(entry: &IP_ADAPTER_ADDRESSES_LH) -> Vec<Address> {
    const FROM_ROUTER: i32 = 4;
    const RANDOM: i32 = 5;
    let mut found = Vec::new();
    let mut next = entry.FirstUnicastAddress;
    while !next.is_null() && found.len() < ITEMS {
        // SAFETY: a chain within the list that `entry` is part of; the last one's `Next` is null.
        let item = unsafe { &*next };
        if let Some(address) = socket_address(&item.Address) {
            found.push(Address {
                address,
                prefix: item.OnLinkPrefixLength,
                is_temporary: item.PrefixOrigin.0 == FROM_ROUTER && item.SuffixOrigin.0 == RANDOM,
            });
        }
        next = item.Next;
    }
    found
}

fn name_servers(entry: &IP_ADAPTER_ADDRESSES_LH) -> Vec<IpAddr> {
    let mut found = Vec::new();
    let mut next = entry.FirstDnsServerAddress;
    while !next.is_null() && found.len() < ITEMS {
        // SAFETY: a chain within the list that `entry` is part of; the last one's `Next` is null.
        let item = unsafe { &*next };
        found.extend(socket_address(&item.Address));
        next = item.Next;
    }
    found
}

fn socket_address(address: &SOCKET_ADDRESS) -> Option<IpAddr> {
    const V4: usize = 16;
    let length = usize::try_from(address.iSockaddrLength).ok()?;
    if address.lpSockaddr.is_null() || length < V4 {
        return None;
    }
    let mut inet = SOCKADDR_INET::default();
    // SAFETY: the address is `length` bytes long; no more than both sides hold is copied, into a union of plain
    // numbers.
    unsafe {
        std::ptr::copy_nonoverlapping(
            address.lpSockaddr.cast::<u8>(),
            (&raw mut inet).cast::<u8>(),
            length.min(size_of::<SOCKADDR_INET>()),
        );
    }
    self::inet(&inet)
}

fn inet(address: &SOCKADDR_INET) -> Option<IpAddr> {
    // SAFETY: every member of the union begins with the family, which says which member it is; both hold plain
    // numbers.
    unsafe {
        match address.si_family {
            AF_INET => {
                let number = address.Ipv4.sin_addr.S_un.S_addr;
                Some(Ipv4Addr::from(number.to_ne_bytes()).into())
            }
            AF_INET6 => Some(Ipv6Addr::from(address.Ipv6.sin6_addr.u.Byte).into()),
            _ => None,
        }
    }
}

fn prefix(bytes: &[u8], length: u32) -> Vec<u8> {
    bytes[..bytes.len().min(length as usize)].to_vec()
}

fn checked(code: WIN32_ERROR) -> Answer<()> {
    if code == ERROR_SUCCESS {
        Ok(())
    } else {
        Err(Unread::from_code(code.0))
    }
}
