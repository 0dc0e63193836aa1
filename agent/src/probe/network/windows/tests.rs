//! All rows here are written from documentation; none was recorded on a real Windows.

use std::net::{IpAddr, Ipv4Addr};

use freehold_proto::v1::{network::adapter::Kind, section::Status, toggle::State};

use super::*;
use crate::rows::network::Address;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn address(text: &str, prefix: u8) -> Address {
    Address {
        address: ip(text),
        prefix,
        is_temporary: false,
    }
}

fn ethernet() -> Adapter {
    Adapter {
        index: 12,
        index_v6: 14,
        id: "{6A3C4A5E-0000-4000-8000-000000000001}".into(),
        name: "Ethernet 会議室".into(),
        description: "Intel(R) Ethernet Connection (2) I219-V".into(),
        kind: 6,
        state: 1,
        is_hardware: Some(true),
        mac: vec![0x3c, 0x52, 0x82, 0, 0, 1],
        permanent: vec![0x3c, 0x52, 0x82, 0, 0, 2],
        mtu: 1500,
        speed: 1_000_000_000,
        metric: 25,
        addresses: vec![
            address("fe80::1", 64),
            address("192.168.1.7", 24),
            Address {
                is_temporary: true,
                ..address("2001:db8::1234", 64)
            },
        ],
        name_servers: vec![ip("192.168.1.1"), ip("fec0:0:0:ffff::1"), ip("9.9.9.9")],
        dhcp_server: Some(ip("192.168.1.1")),
    }
}

fn wifi() -> Adapter {
    Adapter {
        index: 15,
        id: "{WIFI}".into(),
        name: "WLAN".into(),
        kind: 71,
        state: 2,
        speed: u64::MAX,
        mtu: u32::MAX,
        dhcp_server: Some(ip("255.255.255.255")),
        name_servers: vec![ip("10.0.0.1")],
        addresses: Vec::new(),
        ..ethernet()
    }
}

fn route(destination: &str, prefix: u8, gateway: &str) -> rows::Route {
    rows::Route {
        destination: ip(destination),
        prefix,
        gateway: ip(gateway),
        adapter: 12,
        metric: 0,
    }
}

fn rows() -> Rows {
    Rows {
        adapters: Ok(vec![wifi(), ethernet()]),
        routes: Ok(vec![
            route("192.168.1.7", 32, "0.0.0.0"),
            route("224.0.0.0", 4, "0.0.0.0"),
            route("127.0.0.0", 8, "0.0.0.0"),
            route("255.255.255.255", 32, "0.0.0.0"),
            route("192.168.1.0", 24, "0.0.0.0"),
            route("0.0.0.0", 0, "192.168.1.1"),
            route("10.9.0.1", 32, "192.168.1.2"),
        ]),
        wireless: Some(Ok(vec![Wireless {
            id: "{wifi}".into(),
            network: "Café\u{202e}".into(),
            signal: 80,
        }])),
    }
}

#[test]
fn adapters_are_told_with_their_lasting_addresses() {
    let network = assemble(&rows());
    assert_eq!(network.status(), Status::Complete);
    let [ethernet, wifi] = network.adapters.as_slice() else {
        panic!("{:?}", network.adapters)
    };
    assert_eq!(ethernet.name, "Ethernet 会議室");
    assert_eq!(
        (ethernet.kind(), ethernet.up()),
        (Kind::Ethernet, State::On)
    );
    assert_eq!(ethernet.mac, "3c:52:82:00:00:01");
    assert_eq!(ethernet.addresses, ["192.168.1.7/24", "fe80::1/64"]);
    assert_eq!(
        (ethernet.speed_mbps, ethernet.mtu),
        (Some(1000), Some(1500))
    );
    assert_eq!((wifi.kind(), wifi.up()), (Kind::Wifi, State::Off));
    assert_eq!((wifi.speed_mbps, wifi.mtu), (None, None));
    assert_eq!(wifi.ssid, "Café\u{202e}");
}

#[test]
fn routes_are_those_that_lead_somewhere() {
    let network = assemble(&rows());
    let found: Vec<_> = network
        .routes
        .iter()
        .map(|route| (route.destination.as_str(), route.gateway.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            ("0.0.0.0/0", "192.168.1.1"),
            ("10.9.0.1/32", "192.168.1.2"),
            ("192.168.1.0/24", "")
        ]
    );
    assert_eq!(network.routes[0].adapter, "Ethernet 会議室");
}

#[test]
fn servers_of_adapters_that_are_down_and_placeholders_are_left_out() {
    let network = assemble(&rows());
    let servers: Vec<_> = network
        .name_servers
        .iter()
        .map(|one| one.address.as_str())
        .collect();
    assert_eq!(servers, ["192.168.1.1", "9.9.9.9"]);
    assert_eq!(network.dhcp_servers.len(), 1);
    let mut asking = ethernet();
    asking.dhcp_server = Some(IpAddr::from(Ipv4Addr::BROADCAST));
    assert!(dhcp_servers(&[asking]).is_empty());
}

#[test]
fn adapters_of_software_are_no_equipment() {
    let mut switch = ethernet();
    switch.is_hardware = Some(false);
    let mut tunnel = ethernet();
    tunnel.kind = 53;
    let network = assemble(&Rows {
        adapters: Ok(vec![switch.clone(), tunnel]),
        ..rows()
    });
    let kinds: Vec<_> = network
        .adapters
        .iter()
        .map(freehold_proto::v1::network::Adapter::kind)
        .collect();
    assert_eq!(kinds, [Kind::Virtual, Kind::Tunnel]);
    assert_eq!(
        adapters::permanent(&[switch, ethernet()]),
        [[0x3c, 0x52, 0x82, 0, 0, 2]]
    );
}

#[test]
fn a_wireless_service_that_refuses_is_said() {
    let network = assemble(&Rows {
        wireless: Some(Err(Unread::Denied)),
        ..rows()
    });
    assert_eq!(network.status(), Status::Partial);
    assert!(network.diagnostics[0].reason.contains("location"));
}

#[test]
fn what_does_not_answer_is_said() {
    let network = assemble(&Rows {
        adapters: Err(Unread::Denied),
        ..rows()
    });
    assert_eq!(network.status(), Status::Partial);
    let network = assemble(&Rows {
        adapters: Err(Unread::Denied),
        routes: Err(Unread::Failed { code: 8 }),
        wireless: None,
    });
    assert_eq!(network.status(), Status::Unreadable);
    assert_eq!(network.diagnostics.len(), 2);
}

#[test]
fn a_name_server_beyond_the_gateway_is_a_hint() {
    let mut adapter = ethernet();
    adapter.name_servers = vec![ip("192.168.0.1")];
    let network = assemble(&Rows {
        adapters: Ok(vec![adapter]),
        ..rows()
    });
    assert!(network.router_behind_router.contains("192.168.0.1"));
}

#[test]
fn not_knowing_what_is_equipment_is_said() {
    let mut adapter = ethernet();
    adapter.is_hardware = None;
    let network = assemble(&Rows {
        adapters: Ok(vec![adapter]),
        ..rows()
    });
    assert_eq!(network.status(), Status::Partial);
    assert_eq!(network.diagnostics[0].source, "GetIfTable2");
}
