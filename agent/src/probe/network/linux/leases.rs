//! DHCP leases: systemd-networkd, `NetworkManager`, dhclient, dhcpcd.

use std::collections::BTreeMap;

use freehold_proto::v1::network::DhcpServer;

use crate::{
    order,
    parse::{
        lease::{self, Lease},
        netlink::Address,
    },
    probe::{Root, section::Diagnostics},
};

/// Folders where dhclient and `NetworkManager` keep their leases, in different distributions.
const SHARED: [&str; 3] = [
    "/var/lib/dhcp",
    "/var/lib/dhclient",
    "/var/lib/NetworkManager",
];
/// Most leases that are looked at.
const LEASES: usize = 1000;
const NETWORKD: &str = "/run/systemd/netif/leases";
const DHCPCD: &str = "/var/lib/dhcpcd";

/// The servers of leases that are in force: those whose address an adapter has now. Ordered by adapter
/// and address.
pub(super) fn read(
    root: &Root,
    names: &BTreeMap<u32, String>,
    addresses: &[Address],
    diagnostics: &mut Diagnostics,
) -> Vec<DhcpServer> {
    let mut leases = all(root, names, diagnostics);
    diagnostics.limit("/var/lib", "DHCP leases", &mut leases, LEASES);
    let mut servers = Vec::new();
    for (source, lease) in leases {
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
    order::sort_by_key(&mut servers, key);
    servers.dedup_by_key(|server| key(server));
    servers
}

/// Every lease with the file it stands in.
fn all(
    root: &Root,
    names: &BTreeMap<u32, String>,
    diagnostics: &mut Diagnostics,
) -> Vec<(String, Lease)> {
    let mut leases = Vec::new();
    for (name, path, bytes) in files(root, NETWORKD, |_| true, diagnostics) {
        let number = name.parse::<u32>().ok();
        let adapter = number.and_then(|number| names.get(&number)).cloned();
        let lease = lease::key_value(&String::from_utf8_lossy(&bytes));
        leases.extend(lease.map(|lease| (path, Lease { adapter, ..lease })));
    }
    for folder in SHARED {
        let wanted = |name: &str| is_internal_lease(name) || is_dhclient_lease(name);
        for (name, path, bytes) in files(root, folder, wanted, diagnostics) {
            let text = String::from_utf8_lossy(&bytes);
            let read = if is_internal_lease(&name) {
                Vec::from_iter(lease::key_value(&text))
            } else {
                latest(lease::dhclient(&text))
            };
            leases.extend(read.into_iter().map(|lease| (path.clone(), lease)));
        }
    }
    let is_lease = |name: &str| has_extension(name, &["lease"]);
    for (_, path, bytes) in files(root, DHCPCD, is_lease, diagnostics) {
        leases.extend(lease::packet(&bytes).map(|lease| (path, lease)));
    }
    leases
}

/// The wanted files of a folder: name, path, content.
fn files(
    root: &Root,
    folder: &str,
    wanted: impl Fn(&str) -> bool,
    diagnostics: &mut Diagnostics,
) -> Vec<(String, String, Vec<u8>)> {
    let missing = "a DHCP server may be";
    let names = diagnostics.list_optional(root, folder, missing);
    names
        .into_iter()
        .filter(|name| wanted(name))
        .filter_map(|name| {
            let path = format!("{folder}/{name}");
            let bytes = diagnostics.read_optional(root, &path, missing)?;
            Some((name, path, bytes))
        })
        .collect()
}

/// Later leases replace earlier ones of the same adapter.
fn latest(leases: Vec<Lease>) -> Vec<Lease> {
    let leases = leases.into_iter();
    let latest: BTreeMap<_, _> = leases.map(|lease| (lease.adapter.clone(), lease)).collect();
    latest.into_values().collect()
}

fn is_internal_lease(name: &str) -> bool {
    name.starts_with("internal-") && has_extension(name, &["lease"])
}

fn is_dhclient_lease(name: &str) -> bool {
    name.starts_with("dhclient") && has_extension(name, &["lease", "leases"])
}

fn has_extension(name: &str, wanted: &[&str]) -> bool {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    extension.is_some_and(|extension| wanted.contains(&extension))
}
