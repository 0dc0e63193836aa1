//! Linux: /sys for the adapters, the kernel's routing socket for addresses and routes, files for name
//! servers and leases. Nothing is sent to the network.

mod adapters;
mod leases;

use std::{collections::BTreeMap, net::IpAddr};

use freehold_proto::v1::{
    Network,
    network::{NameServer, Route},
};

use super::hint;
pub(in crate::probe) use adapters::{names as adapter_names, permanent_addresses};

use crate::{
    order,
    parse::{
        netlink::{self, Address, GET_ADDRESSES, GET_ROUTES, Hop},
        resolv_conf,
    },
    probe::{Root, section::Diagnostics},
    sys,
};

/// Most items in each list.
const ITEMS: usize = 50_000;

/// Where addresses and routes come from, as `source`.
const SOURCE: &str = "rtnetlink";

/// Collects the section.
pub(super) fn collect(root: &Root) -> Network {
    let mut diagnostics = Diagnostics::new();
    let mut network = Network {
        name_servers: name_servers(root, &mut diagnostics),
        ..Network::default()
    };
    let mut any_source_read = !network.name_servers.is_empty();
    if root.is_live() {
        let addresses = addresses(&mut diagnostics);
        any_source_read |= !addresses.is_empty();
        running(root, &mut network, &addresses, &mut diagnostics);
    } else {
        let reason = "another root file system does not tell adapters, addresses, routes and leases: they are missing";
        diagnostics.note("/sys/class/net", "", reason);
    }
    any_source_read |= !network.adapters.is_empty();
    network.status = diagnostics.status(any_source_read).into();
    network.diagnostics = diagnostics.finish();
    network
}

/// What only a running system knows.
fn running(
    root: &Root,
    network: &mut Network,
    addresses: &[Address],
    diagnostics: &mut Diagnostics,
) {
    let names = adapters::names(root);
    network.adapters = adapters::read(root, &names, addresses, diagnostics);
    diagnostics.limit("/sys/class/net", "adapters", &mut network.adapters, ITEMS);
    network.routes = routes(&names, diagnostics);
    network.dhcp_servers = leases::read(root, &names, addresses, diagnostics);
    network.router_behind_router =
        hint::router_behind_router(addresses, &network.routes, &network.name_servers);
}

/// The addresses of all adapters, ordered. Privacy addresses are left out: the kernel replaces them
/// every day, and history must not fill with them.
fn addresses(diagnostics: &mut Diagnostics) -> Vec<Address> {
    let read = |item: &[u8]| netlink::address(item).filter(|address| !address.temporary);
    let mut addresses = ask(GET_ADDRESSES, "addresses", read, diagnostics);
    order::sort_by_key(&mut addresses, |address| {
        (address.adapter, address.address, address.prefix)
    });
    addresses
}

/// The routes of the main table, ordered by destination, gateway, adapter.
fn routes(names: &BTreeMap<u32, String>, diagnostics: &mut Diagnostics) -> Vec<Route> {
    let mut routes = Vec::new();
    for route in ask(GET_ROUTES, "routes", netlink::route, diagnostics) {
        let destination = format!("{}/{}", route.destination, route.prefix);
        if route.hops.is_empty() {
            let reason = "is a route that refuses packets; it is not in the list of routes";
            diagnostics.remark(SOURCE, &destination, reason);
        }
        for Hop { gateway, adapter } in route.hops {
            routes.push(Route {
                destination: destination.clone(),
                gateway: gateway.as_ref().map(IpAddr::to_string).unwrap_or_default(),
                adapter: names.get(&adapter).cloned().unwrap_or_default(),
                metric: route.metric.or(Some(0)),
                source: SOURCE.into(),
            });
        }
    }
    let key = |route: &Route| {
        let Route {
            destination,
            gateway,
            adapter,
            metric,
            ..
        } = route.clone();
        (destination, gateway, adapter, metric)
    };
    order::sort_by_key(&mut routes, key);
    routes
}

/// Asks the kernel for one table.
fn ask<T>(
    kind: u16,
    what: &str,
    read: impl Fn(&[u8]) -> Option<T>,
    diagnostics: &mut Diagnostics,
) -> Vec<T> {
    match sys::netlink::dump(kind, ITEMS, read) {
        Ok((items, more)) => {
            if more {
                let reason = format!("there are more than {ITEMS} {what}; the others are missing");
                diagnostics.note(SOURCE, "", reason);
            }
            items
        }
        Err(error) => {
            diagnostics.unreadable(SOURCE, &error, format_args!("the {what} are"));
            Vec::new()
        }
    }
}

/// The name servers that programs ask, then those that a local resolver asks for them.
fn name_servers(root: &Root, diagnostics: &mut Diagnostics) -> Vec<NameServer> {
    const BEHIND_A_STUB: [&str; 2] = [
        "/run/systemd/resolve/resolv.conf",
        "/run/NetworkManager/no-stub-resolv.conf",
    ];
    let mut servers: Vec<NameServer> = Vec::new();
    let mut add = |path: &str| {
        let Some(bytes) = diagnostics.read_optional(root, path, "name servers are") else {
            return;
        };
        for address in resolv_conf::name_servers(&diagnostics.text(path, "", &bytes)) {
            if !servers.iter().any(|known| known.address == address) {
                servers.push(NameServer {
                    address,
                    source: path.into(),
                });
            }
        }
    };
    add("/etc/resolv.conf");
    for path in BEHIND_A_STUB {
        add(path);
    }
    let asks_a_stub = servers
        .first()
        .is_some_and(|server| server.address.starts_with("127."));
    if !asks_a_stub {
        servers.retain(|server| server.source == "/etc/resolv.conf");
    }
    servers
}

#[cfg(test)]
mod tests;
