//! Whether this network seems to lie behind another router. Only what the machine already knows can tell:
//! nothing is sent to find out, so that two routers that hide well stay hidden.

use std::net::{IpAddr, Ipv4Addr};

use freehold_proto::v1::network::{NameServer, Route};

use crate::parse::netlink::Address;

/// The hint with its reason; empty when there is none.
pub(super) fn router_behind_router(
    addresses: &[Address],
    routes: &[Route],
    name_servers: &[NameServer],
) -> String {
    let default = routes
        .iter()
        .filter(|route| route.destination == "0.0.0.0/0");
    let gateways: Vec<Ipv4Addr> = default
        .filter_map(|route| route.gateway.parse().ok())
        .collect();
    let Some(gateway) = gateways.first() else {
        return String::new();
    };
    if let Some(shared) = gateways.iter().find(|gateway| is_shared(**gateway)) {
        return format!(
            "The gateway {shared} has an address that Internet providers use behind a router of their own: this network seems to lie behind the provider's router, and cannot be reached from outside."
        );
    }
    let is_beyond = |server: &&NameServer| {
        let address = server.address.parse::<Ipv4Addr>();
        gateway.is_private()
            && address.is_ok_and(|address| {
                address.is_private()
                    && !is_attached(address, addresses)
                    && !has_route(address, routes)
            })
    };
    match name_servers.iter().find(is_beyond) {
        Some(server) => format!(
            "The name server {} is in another private network that is only reached through the gateway {gateway}: there may be a second router behind it. In an office with several networks of its own that is normal.",
            server.address
        ),
        None => String::new(),
    }
}

/// Addresses that providers hand out behind a router of their own (RFC 6598).
fn is_shared(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    first == 100 && (64..128).contains(&second)
}

fn is_attached(address: Ipv4Addr, own: &[Address]) -> bool {
    own.iter().any(|it| match it.address {
        IpAddr::V4(own) => is_within(address, own, it.prefix),
        IpAddr::V6(_) => false,
    })
}

/// Whether a route other than the default one leads there, as in an office with several networks.
fn has_route(address: Ipv4Addr, routes: &[Route]) -> bool {
    routes.iter().any(|route| {
        let destination = route.destination.split_once('/');
        let network = destination.and_then(|(network, prefix)| {
            Some((
                network.parse::<Ipv4Addr>().ok()?,
                prefix.parse::<u8>().ok()?,
            ))
        });
        network.is_some_and(|(network, prefix)| prefix > 0 && is_within(address, network, prefix))
    })
}

fn is_within(address: Ipv4Addr, network: Ipv4Addr, prefix: u8) -> bool {
    let mask = u32::MAX
        .checked_shl(32 - u32::from(prefix.min(32)))
        .unwrap_or(0);
    (address.to_bits() ^ network.to_bits()) & mask == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(gateway: &str, servers: &[&str], further: &[&str]) -> String {
        let route = |destination: &str, gateway: &str| Route {
            destination: destination.into(),
            gateway: gateway.into(),
            ..Route::default()
        };
        let mut routes = vec![route("0.0.0.0/0", gateway)];
        routes.extend(
            further
                .iter()
                .map(|destination| route(destination, "192.168.1.2")),
        );
        let servers = servers.iter().map(|&address| NameServer {
            address: address.into(),
            ..NameServer::default()
        });
        let own = Address {
            adapter: 2,
            address: IpAddr::from([192, 168, 1, 7]),
            prefix: 24,
            temporary: false,
        };
        router_behind_router(&[own], &routes, &servers.collect::<Vec<_>>())
    }

    #[test]
    fn a_name_server_in_a_private_network_beyond_the_gateway_is_a_hint() {
        assert!(hint("192.168.1.1", &["127.0.0.53", "192.168.0.1"], &[]).contains("192.168.0.1"));
        assert_eq!(hint("192.168.1.1", &["192.168.1.1", "9.9.9.9"], &[]), "");
        assert_eq!(
            hint("192.168.1.1", &["192.168.0.1"], &["192.168.0.0/24"]),
            ""
        );
        assert_eq!(hint("203.0.113.1", &["192.168.0.1"], &[]), "");
    }

    #[test]
    fn a_providers_own_addresses_are_a_hint() {
        assert!(hint("100.64.0.1", &[], &[]).contains("provider"));
        assert_eq!(hint("100.128.0.1", &[], &[]), "");
    }

    #[test]
    fn any_prefix_is_survived() {
        let address = Ipv4Addr::new(192, 0, 2, 1);
        assert!(is_within(address, Ipv4Addr::UNSPECIFIED, 0));
        assert!(is_within(address, address, 255));
    }
}
