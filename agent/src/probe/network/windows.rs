//! Windows: the kernel's own tables of adapters, routes and neighbours. Nothing is sent to the network.

mod adapters;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

use freehold_proto::v1::{
    Network,
    network::{DhcpServer, NameServer, Route},
};

use super::hint;
use crate::{
    parse::netlink,
    probe::section::Diagnostics,
    rows::{
        Answer, Unread,
        network::{self as rows, Adapter, Wireless},
    },
};

/// Most items in each list.
const ITEMS: usize = 50_000;
/// Where adapters, addresses, name servers and DHCP servers come from, as `source`.
const ADAPTERS: &str = "GetAdaptersAddresses";
const ROUTES: &str = "GetIpForwardTable2";
const WIRELESS: &str = "wlanapi.dll";

/// What the system answers.
#[derive(Debug)]
struct Rows {
    adapters: Answer<Vec<Adapter>>,
    routes: Answer<Vec<rows::Route>>,
    /// Asked only where there is a wireless adapter.
    wireless: Option<Answer<Vec<Wireless>>>,
}

#[cfg(windows)]
pub(super) fn collect(root: &crate::probe::Root) -> Network {
    use crate::sys::windows as sys;
    if !root.is_live() {
        return super::unsupported::collect(root);
    }
    let adapters = sys::adapters::all();
    let has_wireless = adapters.iter().flatten().any(adapters::is_wireless);
    assemble(&Rows {
        routes: sys::adapters::routes(),
        wireless: has_wireless.then(sys::wireless::all),
        adapters,
    })
}

/// Hardware addresses that physical adapters were made with, ordered.
#[cfg(windows)]
pub(in crate::probe) fn permanent_addresses(root: &crate::probe::Root) -> Vec<[u8; 6]> {
    if !root.is_live() {
        return Vec::new();
    }
    let adapters = crate::sys::windows::adapters::all().unwrap_or_default();
    adapters::permanent(&adapters)
}

/// Makes the section out of what the system answers.
fn assemble(rows: &Rows) -> Network {
    let mut diagnostics = Diagnostics::new();
    let known = match &rows.adapters {
        Ok(adapters) => adapters.as_slice(),
        Err(unread) => {
            let reason = format_args!(
                "{unread}, so adapters, addresses, name servers and DHCP servers are missing"
            );
            diagnostics.note(ADAPTERS, "", reason);
            &[]
        }
    };
    if known.iter().any(|adapter| adapter.is_hardware.is_none()) {
        let reason = "does not tell of every adapter whether it is equipment or software";
        diagnostics.note("GetIfTable2", "", reason);
    }
    let wireless = wireless(rows.wireless.as_ref(), &mut diagnostics);
    let mut network = Network {
        adapters: adapters::read(known, wireless, &mut diagnostics),
        routes: routes(&rows.routes, known, &mut diagnostics),
        name_servers: name_servers(known),
        dhcp_servers: dhcp_servers(known),
        ..Network::default()
    };
    diagnostics.limit(ADAPTERS, "adapters", &mut network.adapters, ITEMS);
    diagnostics.limit(ROUTES, "routes", &mut network.routes, ITEMS);
    let addresses = addresses(known);
    network.router_behind_router =
        hint::router_behind_router(&addresses, &network.routes, &network.name_servers);
    let any_source_read = rows.adapters.is_ok() || rows.routes.is_ok();
    network.status = diagnostics.status(any_source_read).into();
    network.diagnostics = diagnostics.finish();
    network
}

/// The wireless adapters; none where no adapter is one.
fn wireless<'a>(
    answer: Option<&'a Answer<Vec<Wireless>>>,
    diagnostics: &mut Diagnostics,
) -> &'a [Wireless] {
    match answer {
        None => &[],
        Some(Ok(wireless)) => wireless,
        Some(Err(unread)) => {
            let hint = match unread {
                Unread::Denied => {
                    " (since Windows 11 24H2 it takes the permission to know the location)"
                }
                _ => "",
            };
            let reason =
                format_args!("{unread}{hint}, so the names of wireless networks are missing");
            diagnostics.note(WIRELESS, "", reason);
            &[]
        }
    }
}

/// The routes, ordered by destination, gateway, adapter. What the system adds for its own addresses, for
/// broadcasts and for groups is left out.
fn routes(
    answer: &Answer<Vec<rows::Route>>,
    adapters: &[Adapter],
    diagnostics: &mut Diagnostics,
) -> Vec<Route> {
    let found = match answer {
        Ok(found) => found.as_slice(),
        Err(unread) => {
            diagnostics.note(
                ROUTES,
                "",
                format_args!("{unread}, so the routes are missing"),
            );
            &[]
        }
    };
    let mut routes: Vec<Route> = found
        .iter()
        .filter(|route| !is_of_system(route))
        .map(|route| Route {
            destination: format!("{}/{}", route.destination, route.prefix),
            gateway: Some(route.gateway)
                .filter(|gateway| !gateway.is_unspecified())
                .map_or_else(String::new, |gateway| gateway.to_string()),
            adapter: name(route.adapter, route.destination, adapters),
            metric: Some(route.metric),
            source: ROUTES.into(),
        })
        .collect();
    routes.sort_by(|a, b| {
        let key = |route: &Route| {
            let Route {
                destination,
                gateway,
                adapter,
                ..
            } = route.clone();
            (destination, gateway, adapter, route.metric)
        };
        key(a).cmp(&key(b))
    });
    routes.dedup();
    routes
}

fn is_of_system(route: &rows::Route) -> bool {
    let is_single = match route.destination {
        IpAddr::V4(_) => route.prefix == 32,
        IpAddr::V6(_) => route.prefix == 128,
    };
    route.destination.is_loopback()
        || route.destination.is_multicast()
        || (is_single && route.gateway.is_unspecified())
}

/// Name of the adapter with a number, which can differ between the protocols.
fn name(number: u32, address: IpAddr, adapters: &[Adapter]) -> String {
    let own = |adapter: &&Adapter| match address {
        IpAddr::V4(_) => adapter.index == number,
        IpAddr::V6(_) => adapter.index_v6 == number,
    };
    let adapter = adapters.iter().find(own);
    adapter.map_or_else(String::new, |adapter| adapter.name.clone())
}

/// The adapters that are up, in the order in which they are preferred.
fn in_use(adapters: &[Adapter]) -> Vec<&Adapter> {
    let mut adapters: Vec<&Adapter> = adapters.iter().filter(|one| adapters::is_up(one)).collect();
    adapters.sort_by_key(|adapter| (adapter.metric, adapter.name.as_str()));
    adapters
}

fn name_servers(adapters: &[Adapter]) -> Vec<NameServer> {
    let mut servers: Vec<NameServer> = Vec::new();
    for server in in_use(adapters)
        .iter()
        .flat_map(|adapter| &adapter.name_servers)
    {
        let address = server.to_string();
        // Stands in for "none" where nobody has set a name server for IPv6.
        let is_filling = address.starts_with("fec0:0:0:ffff::");
        if !is_filling && !servers.iter().any(|known| known.address == address) {
            servers.push(NameServer {
                address,
                source: ADAPTERS.into(),
            });
        }
    }
    servers
}

fn dhcp_servers(adapters: &[Adapter]) -> Vec<DhcpServer> {
    let mut servers: Vec<DhcpServer> = in_use(adapters)
        .into_iter()
        .filter_map(|adapter| {
            let server = adapter.dhcp_server?;
            // All ones until a server answered.
            let is_known = server != IpAddr::from([255; 4]) && !server.is_unspecified();
            is_known.then(|| DhcpServer {
                address: server.to_string(),
                adapter: adapter.name.clone(),
                source: ADAPTERS.into(),
            })
        })
        .collect();
    servers.sort_by(|a, b| (&a.adapter, &a.address).cmp(&(&b.adapter, &b.address)));
    servers
}

fn addresses(adapters: &[Adapter]) -> Vec<netlink::Address> {
    let own = adapters.iter().flat_map(|adapter| {
        adapter.addresses.iter().map(|address| netlink::Address {
            adapter: adapter.index,
            address: address.address,
            prefix: address.prefix,
            temporary: address.is_temporary,
        })
    });
    own.collect()
}
