//! Adapters, routes and neighbours as Windows tells them.

use std::net::IpAddr;

/// A network adapter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Adapter {
    /// Its number for IPv4; 0 where it has none.
    pub index: u32,
    /// Its number for IPv6, usually the same; 0 where it has none.
    pub index_v6: u32,
    /// Identifier, such as "{4D36E972-...}".
    pub id: String,
    /// Name that people gave it, such as "Ethernet 2".
    pub name: String,
    /// Name that its driver gave it.
    pub description: String,
    /// Kind by IANA's number ("ifType").
    pub kind: u32,
    /// State by its number in RFC 2863: 1 up, 2 down.
    pub state: i32,
    /// It is equipment and not software; `None` where the system does not tell.
    pub is_hardware: Option<bool>,
    /// Hardware address it uses.
    pub mac: Vec<u8>,
    /// Hardware address it was made with; empty where the system does not tell.
    pub permanent: Vec<u8>,
    /// Largest packet in bytes.
    pub mtu: u32,
    /// Speed in bits a second; 0 or all ones where it has none.
    pub speed: u64,
    /// Preference for IPv4; lower is preferred.
    pub metric: u32,
    /// Its addresses.
    pub addresses: Vec<Address>,
    /// Its name servers in order of use.
    pub name_servers: Vec<IpAddr>,
    /// The server that gave it its address.
    pub dhcp_server: Option<IpAddr>,
}

/// An address of an adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// The address.
    pub address: IpAddr,
    /// Length of its prefix.
    pub prefix: u8,
    /// Made up by the system for privacy; replaced every day.
    pub is_temporary: bool,
}

/// A route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// Where to.
    pub destination: IpAddr,
    /// Length of its prefix.
    pub prefix: u8,
    /// Next station; unspecified when directly attached.
    pub gateway: IpAddr,
    /// Number of the adapter.
    pub adapter: u32,
    /// Metric of the route alone.
    pub metric: u32,
}

/// A device this machine has talked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// Its address.
    pub address: IpAddr,
    /// Number of the adapter.
    pub adapter: u32,
    /// Its hardware address.
    pub mac: Vec<u8>,
    /// State by its number in `nldef.h`: 0 unreachable, 1 incomplete, up to 6 permanent.
    pub state: i32,
}

/// A wireless adapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wireless {
    /// Identifier of the adapter.
    pub id: String,
    /// Name of the network it is connected to, in bytes of no particular encoding; empty while it is not.
    pub network: Vec<u8>,
    /// Strength in percent.
    pub signal: u32,
}
