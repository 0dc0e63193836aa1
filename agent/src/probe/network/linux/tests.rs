//! /sys trees and lease files written by the test after the kernel's and the clients' documentation.

use freehold_proto::v1::{network::adapter::Kind, section::Status, toggle::State};

use super::*;
use crate::probe::fixture::{root_with, write};

const LOCAL: Address = Address {
    adapter: 2,
    address: IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7)),
    prefix: 24,
    temporary: false,
};

#[test]
fn adapters_are_told_apart() {
    let (directory, root) = root_with(&[]);
    let adapter = |name: &str, files: &[(&str, &str)]| {
        for (file, text) in files {
            write(
                directory.path(),
                &format!("/sys/class/net/{name}/{file}"),
                text.as_bytes(),
            );
        }
    };
    adapter(
        "lo",
        &[
            ("ifindex", "1"),
            ("type", "772"),
            ("operstate", "unknown"),
            ("flags", "0x9"),
            ("carrier", "1"),
        ],
    );
    adapter(
        "enp3s0",
        &[
            ("ifindex", "2"),
            ("type", "1"),
            ("device/vendor", "0x8086"),
            ("address", "3c:52:82:00:00:01\n"),
            ("operstate", "up"),
            ("speed", "1000\n"),
            ("mtu", "1500\n"),
        ],
    );
    adapter(
        "wlp2s0",
        &[
            ("ifindex", "3"),
            ("type", "1"),
            ("device/vendor", "0x8086"),
            ("uevent", "DEVTYPE=wlan\n"),
            ("operstate", "dormant"),
            ("speed", "-1\n"),
        ],
    );
    adapter(
        "docker0",
        &[
            ("ifindex", "4"),
            ("type", "1"),
            ("uevent", "DEVTYPE=bridge\n"),
            ("operstate", "down"),
        ],
    );
    adapter(
        "wg0",
        &[
            ("ifindex", "5"),
            ("type", "65534"),
            ("uevent", "DEVTYPE=wireguard\n"),
        ],
    );

    let adapters = adapters::read(
        &root,
        &adapters::names(&root),
        &[LOCAL],
        &mut Diagnostics::new(),
    );
    let told: Vec<_> = adapters
        .iter()
        .map(|adapter| (adapter.name.as_str(), adapter.kind(), adapter.up()))
        .collect();
    let expected = [
        ("docker0", Kind::Virtual, State::Off),
        ("enp3s0", Kind::Ethernet, State::On),
        ("lo", Kind::Loopback, State::On),
        ("wg0", Kind::Tunnel, State::Unknown),
        ("wlp2s0", Kind::Wifi, State::Off),
    ];
    assert_eq!(told, expected);
    assert_eq!(adapters[1].addresses, ["192.0.2.7/24"]);
    assert_eq!(
        (adapters[1].speed_mbps, adapters[4].speed_mbps),
        (Some(1000), None)
    );
    assert_eq!(adapters[1].mac, "3c:52:82:00:00:01");
}

#[test]
fn only_addresses_burnt_into_an_adapter_identify_a_machine() {
    let (_directory, root) = root_with(&[
        ("/sys/class/net/eth0/type", b"1"),
        ("/sys/class/net/eth0/device/vendor", b"x"),
        ("/sys/class/net/eth0/addr_assign_type", b"0"),
        ("/sys/class/net/eth0/address", b"3c:52:82:00:00:01"),
        ("/sys/class/net/eth1/type", b"1"),
        ("/sys/class/net/eth1/device/vendor", b"x"),
        ("/sys/class/net/eth1/addr_assign_type", b"3"),
        ("/sys/class/net/eth1/address", b"3c:52:82:00:00:ff"),
        (
            "/sys/class/net/eth1/bonding_slave/perm_hwaddr",
            b"3c:52:82:00:00:02",
        ),
        ("/sys/class/net/eth2/type", b"1"),
        ("/sys/class/net/eth2/device/vendor", b"x"),
        ("/sys/class/net/eth2/addr_assign_type", b"1"),
        ("/sys/class/net/eth2/address", b"3c:52:82:00:00:03"),
        ("/sys/class/net/veth1/type", b"1"),
        ("/sys/class/net/veth1/addr_assign_type", b"0"),
        ("/sys/class/net/veth1/address", b"3c:52:82:00:00:04"),
    ]);
    let last: Vec<u8> = permanent_addresses(&root)
        .iter()
        .map(|address| address[5])
        .collect();
    assert_eq!(last, [1, 2]);
}

#[test]
fn a_lease_counts_while_its_address_is_held() {
    let dhclient = b"lease {\n interface \"eth0\";\n fixed-address 192.0.2.7;\n option dhcp-server-identifier 192.0.2.3;\n}\n";
    let (_directory, root) = root_with(&[
        (
            "/run/systemd/netif/leases/2",
            b"ADDRESS=192.0.2.7\nSERVER_ADDRESS=192.0.2.1\n",
        ),
        (
            "/run/systemd/netif/leases/3",
            b"ADDRESS=198.51.100.9\nSERVER_ADDRESS=198.51.100.1\n",
        ),
        ("/var/lib/dhcp/dhclient.eth0.leases", dhclient),
    ]);
    let names = BTreeMap::from([(2, "eth0".to_owned()), (3, "eth1".to_owned())]);
    let servers = leases::read(&root, &names, &[LOCAL], &mut Diagnostics::new());
    let told: Vec<_> = servers
        .iter()
        .map(|server| (server.adapter.as_str(), server.address.as_str()))
        .collect();
    assert_eq!(told, [("eth0", "192.0.2.1"), ("eth0", "192.0.2.3")]);
}

#[test]
fn a_lease_of_another_adapter_does_not_count_for_the_one_that_has_its_address_now() {
    let old = b"lease {\n interface \"eth1\";\n fixed-address 192.0.2.7;\n option dhcp-server-identifier 192.0.2.3;\n}\n";
    let (_directory, root) = root_with(&[("/var/lib/dhcp/dhclient.eth1.leases", old)]);
    let names = BTreeMap::from([(2, "eth0".to_owned()), (3, "eth1".to_owned())]);
    let servers = leases::read(&root, &names, &[LOCAL], &mut Diagnostics::new());
    assert_eq!(servers, []);
}

#[test]
fn the_servers_behind_a_local_resolver_are_told() {
    let (directory, root) = root_with(&[(
        "/run/systemd/resolve/resolv.conf",
        b"nameserver 192.0.2.53\n",
    )]);
    write(
        directory.path(),
        "/etc/resolv.conf",
        b"nameserver 127.0.0.53\n",
    );
    let servers = |root: &Root| -> Vec<String> {
        let servers = name_servers(root, &mut Diagnostics::new());
        servers.into_iter().map(|server| server.address).collect()
    };
    assert_eq!(servers(&root), ["127.0.0.53", "192.0.2.53"]);
    write(
        directory.path(),
        "/etc/resolv.conf",
        b"nameserver 192.0.2.1\n",
    );
    assert_eq!(servers(&root), ["192.0.2.1"]);
}

#[test]
fn another_root_tells_its_name_servers_and_admits_the_rest() {
    let (_directory, root) = root_with(&[("/etc/resolv.conf", b"nameserver 192.0.2.1\n")]);
    let network = collect(&root);
    assert_eq!(network.status(), Status::Partial);
    assert_eq!(network.name_servers.len(), 1);
    assert!(network.adapters.is_empty());
    assert_eq!(network.diagnostics[0].source, "/sys/class/net");
}

#[test]
fn the_running_machine_is_read_the_same_twice() {
    let root = Root::live();
    let first = collect(&root);
    assert_eq!(first, collect(&root));
    assert!(
        first
            .adapters
            .iter()
            .any(|adapter| adapter.kind() == Kind::Loopback)
    );
}
