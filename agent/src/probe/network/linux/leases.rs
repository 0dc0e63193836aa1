//! DHCP leases: systemd-networkd, NetworkManager, dhclient, dhcpcd.

use std::collections::BTreeMap;

use freehold_proto::v1::network::DhcpServer;

use crate::{
    parse::{
        lease::{self, Lease},
        netlink::Address,
    },
    probe::{Root, section::Diagnostics, sysfs},
};

/// Folders of dhclient's leases, as different distributions call it.
const DHCLIENT: [&str; 3] = [
    "/var/lib/dhcp",
    "/var/lib/dhclient",
    "/var/lib/NetworkManager",
];
const NETWORKD: &str = "/run/systemd/netif/leases";
const NETWORK_MANAGER: &str = "/var/lib/NetworkManager";
const DHCPCD: &str = "/var/lib/dhcpcd";

/// The servers of leases that are in force: those whose address an adapter has now. Ordered by adapter
/// and address.
pub(super) fn read(
    root: &Root,
    names: &BTreeMap<u32, String>,
    addresses: &[Address],
    diagnostics: &mut Diagnostics,
) -> Vec<DhcpServer> {
    let mut servers = Vec::new();
    for (source, lease) in all(root, names, diagnostics) {
        let holder = addresses
            .iter()
            .find(|address| address.address == lease.address);
        let Some(adapter) = holder.and_then(|address| names.get(&address.adapter)) else {
            continue;
        };
        if lease.adapter.is_none_or(|name| name == *adapter) {
            servers.push(DhcpServer {
                address: lease.server.to_string(),
                adapter: adapter.clone(),
                source,
            });
        }
    }
    let key = |server: &DhcpServer| (server.adapter.clone(), server.address.clone());
    servers.sort_by_key(key);
    servers.dedup_by_key(|server| key(server));
    servers
}

fn all(
    root: &Root,
    names: &BTreeMap<u32, String>,
    diagnostics: &mut Diagnostics,
) -> Vec<(String, Lease)> {
    let mut leases = Vec::new();
    let mut each = |folder: &str,
                    wanted: fn(&str) -> bool,
                    read: &dyn Fn(&str, &[u8]) -> Vec<Lease>| {
        for name in sysfs::names(root, folder)
            .into_iter()
            .filter(|name| wanted(name))
        {
            let path = format!("{folder}/{name}");
            if let Some(bytes) = diagnostics.read_optional(root, &path, "a DHCP server may be") {
                leases.extend(
                    read(&name, &bytes)
                        .into_iter()
                        .map(|lease| (path.clone(), lease)),
                );
            }
        }
    };
    each(NETWORKD, |_| true, &|name, bytes| {
        let adapter = name.parse().ok().and_then(|number: u32| names.get(&number));
        let lease = lease::key_value(&String::from_utf8_lossy(bytes));
        Vec::from_iter(lease.map(|lease| Lease {
            adapter: adapter.cloned(),
            ..lease
        }))
    });
    each(NETWORK_MANAGER, is_internal_lease, &|_, bytes| {
        Vec::from_iter(lease::key_value(&String::from_utf8_lossy(bytes)))
    });
    for folder in DHCLIENT {
        each(folder, is_dhclient_lease, &|_, bytes| {
            // Later leases replace earlier ones of the same adapter.
            let leases = lease::dhclient(&String::from_utf8_lossy(bytes));
            let latest: BTreeMap<_, _> = leases
                .into_iter()
                .map(|lease| (lease.adapter.clone(), lease))
                .collect();
            latest.into_values().collect()
        });
    }
    each(DHCPCD, |name| name.ends_with(".lease"), &|_, bytes| {
        Vec::from_iter(lease::packet(bytes))
    });
    leases
}

fn is_internal_lease(name: &str) -> bool {
    name.starts_with("internal-") && name.ends_with(".lease")
}

fn is_dhclient_lease(name: &str) -> bool {
    name.starts_with("dhclient") && (name.ends_with(".lease") || name.ends_with(".leases"))
}
