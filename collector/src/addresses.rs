//! Under which addresses other computers reach this one.

use std::net::{IpAddr, SocketAddr};

use freehold_agent::{
    identity::check_address,
    probe::{self, Root},
};
use freehold_proto::v1::{Network, network::adapter, section::Kind, toggle::State};
use prost::Message as _;

use crate::config::AGENT_PORT;

/// An address that agents can dial, with the default port where none was given. `None` when it is neither
/// `HOST` nor `HOST:PORT`.
pub fn complete(address: &str) -> Option<String> {
    let with_port = format!("{address}:{AGENT_PORT}");
    [address.to_owned(), with_port]
        .into_iter()
        .find(|address| check_address(address).is_ok())
}

/// What agents are told: the addresses that were configured, else the ones this computer has on its
/// networks where the collector listens on all of them. Blocks on the disk.
pub fn advertised(configured: &[String], listening: SocketAddr) -> Vec<String> {
    if !configured.is_empty() {
        return configured.to_vec();
    }
    if !listening.ip().is_unspecified() {
        return vec![listening.to_string()];
    }
    let body = probe::collect(Kind::Network, &Root::live()).map(|section| section.body);
    let network = body
        .and_then(|body| Network::decode(body.as_slice()).ok())
        .unwrap_or_default();
    let mut found = of_network(&network);
    // IPv4 first: it is what small networks route, print and read aloud.
    found.sort_by_key(IpAddr::is_ipv6);
    found
        .iter()
        .map(|&ip| SocketAddr::new(ip, listening.port()).to_string())
        .collect()
}

fn of_network(network: &Network) -> Vec<IpAddr> {
    let physical = network.adapters.iter().filter(|adapter| {
        adapter.up() != State::Off
            && !matches!(
                adapter.kind(),
                adapter::Kind::Loopback | adapter::Kind::Virtual
            )
    });
    physical
        .flat_map(|adapter| &adapter.addresses)
        .filter_map(|address| address.split('/').next()?.parse().ok())
        .filter(is_reachable)
        .collect()
}

fn is_reachable(ip: &IpAddr) -> bool {
    let link_local = match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    };
    !ip.is_loopback() && !ip.is_unspecified() && !link_local
}

#[cfg(test)]
mod tests {
    use freehold_proto::v1::network::Adapter;

    use super::*;

    #[test]
    fn an_address_without_a_port_gets_the_default_one() {
        assert_eq!(
            complete("office.example.com").unwrap(),
            "office.example.com:7443"
        );
        assert_eq!(complete("192.168.1.10:7000").unwrap(), "192.168.1.10:7000");
        assert_eq!(complete("http://x"), None);
    }

    #[test]
    fn only_addresses_of_real_networks_are_handed_out() {
        let adapter = |kind: adapter::Kind, addresses: &[&str]| Adapter {
            kind: kind.into(),
            up: State::On.into(),
            addresses: addresses
                .iter()
                .map(|&address| address.to_owned())
                .collect(),
            ..Adapter::default()
        };
        let network = Network {
            adapters: vec![
                adapter(adapter::Kind::Loopback, &["127.0.0.1/8"]),
                adapter(adapter::Kind::Virtual, &["172.17.0.1/16"]),
                adapter(
                    adapter::Kind::Ethernet,
                    &["fe80::1/64", "192.168.1.7/24", "nonsense"],
                ),
            ],
            ..Network::default()
        };
        assert_eq!(
            of_network(&network),
            ["192.168.1.7".parse::<IpAddr>().unwrap()]
        );
    }

    #[test]
    fn configured_addresses_win() {
        let listening = "127.0.0.1:7443".parse().unwrap();
        assert_eq!(advertised(&["a:1".to_owned()], listening), ["a:1"]);
        assert_eq!(advertised(&[], listening), ["127.0.0.1:7443"]);
    }
}
