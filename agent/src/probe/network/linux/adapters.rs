//! Network adapters, from /sys/class/net.

use std::collections::BTreeMap;

use freehold_proto::v1::{
    network::{Adapter, adapter::Kind},
    toggle::State,
};

use crate::{
    order,
    parse::netlink::Address,
    probe::{Root, section::Diagnostics, sysfs},
    sys,
};

const FOLDER: &str = "/sys/class/net";

/// Kinds of hardware, as in `linux/if_arp.h`.
mod arphrd {
    pub(super) const ETHER: u32 = 1;
    pub(super) const INFINIBAND: u32 = 32;
    pub(super) const PPP: u32 = 512;
    pub(super) const RAW_IP: u32 = 519;
    pub(super) const TUNNEL: u32 = 768;
    pub(super) const TUNNEL6: u32 = 769;
    pub(super) const LOOPBACK: u32 = 772;
    pub(super) const SIT: u32 = 776;
    pub(super) const GRE: u32 = 778;
    pub(super) const GRE6: u32 = 823;
    pub(super) const NONE: u32 = 65_534;
}

/// Names of the adapters by their numbers.
pub(in crate::probe) fn names(root: &Root) -> BTreeMap<u32, String> {
    sysfs::names(root, FOLDER)
        .into_iter()
        .filter_map(|name| {
            let number = sysfs::number(root, &format!("{FOLDER}/{name}/ifindex"))?;
            Some((number, name))
        })
        .collect()
}

/// The adapters, ordered by name.
pub(super) fn read(
    root: &Root,
    names: &BTreeMap<u32, String>,
    addresses: &[Address],
    diagnostics: &mut Diagnostics,
) -> Vec<Adapter> {
    if names.is_empty() {
        let reason = match root.list(FOLDER) {
            Ok(_) => "names no adapter".to_owned(),
            Err(error) => crate::probe::section::explain(&error),
        };
        diagnostics.note(
            FOLDER,
            "",
            format_args!("{reason}, so the adapters are missing"),
        );
    }
    let mut adapters: Vec<Adapter> = names
        .iter()
        .map(|(number, name)| {
            let own = addresses
                .iter()
                .filter(|address| address.adapter == *number);
            let own = own.map(|address| format!("{}/{}", address.address, address.prefix));
            adapter(root, name, own.collect())
        })
        .collect();
    order::sort_by(&mut adapters, |a, b| a.name.cmp(&b.name));
    if adapters.iter().any(|adapter| adapter.kind() == Kind::Wifi) {
        name_wireless_networks(&mut adapters, names, diagnostics);
    }
    adapters
}

/// Says which wireless network each adapter is connected to.
fn name_wireless_networks(
    adapters: &mut [Adapter],
    names: &BTreeMap<u32, String>,
    diagnostics: &mut Diagnostics,
) {
    const SOURCE: &str = "nl80211";
    let networks = match sys::netlink::wireless_networks() {
        Ok(networks) => networks,
        Err(error) => {
            diagnostics.unreadable(SOURCE, &error, "the names of wireless networks are");
            return;
        }
    };
    for (number, network) in networks {
        let name = names.get(&number);
        let connected = adapters
            .iter_mut()
            .find(|adapter| name == Some(&adapter.name));
        if let Some(adapter) = connected {
            adapter.ssid = diagnostics.text(SOURCE, &adapter.name, &network);
        }
    }
}

/// Hardware addresses burnt into physical adapters, ordered; not those set by software.
pub(in crate::probe) fn permanent_addresses(root: &Root) -> Vec<[u8; 6]> {
    let mut addresses: Vec<[u8; 6]> = sysfs::names(root, FOLDER)
        .iter()
        .filter_map(|name| permanent_address(root, name))
        .collect();
    order::sort(&mut addresses);
    addresses.dedup();
    addresses
}

fn permanent_address(root: &Root, name: &str) -> Option<[u8; 6]> {
    const PERMANENT: &str = "0";
    let value = |file: &str| sysfs::value(root, &format!("{FOLDER}/{name}/{file}"));
    let is_physical = sysfs::exists(root, &format!("{FOLDER}/{name}/device"));
    let kind: Option<u32> = value("type")?.parse().ok();
    if !is_physical || kind != Some(arphrd::ETHER) {
        return None;
    }
    // As part of a bond an adapter answers to the bond's address.
    let text = match value("bonding_slave/perm_hwaddr") {
        Some(text) => text,
        None if value("addr_assign_type").as_deref() == Some(PERMANENT) => value("address")?,
        None => return None,
    };
    let bytes: Option<Vec<u8>> = text
        .split(':')
        .map(|part| u8::from_str_radix(part, 16).ok())
        .collect();
    let address: [u8; 6] = bytes?.try_into().ok()?;
    (address != [0; 6] && address != [0xff; 6]).then_some(address)
}

fn adapter(root: &Root, name: &str, addresses: Vec<String>) -> Adapter {
    let path = format!("{FOLDER}/{name}");
    let value = |file: &str| sysfs::value(root, &format!("{path}/{file}"));
    let hardware: u32 = sysfs::number(root, &format!("{path}/type")).unwrap_or_default();
    let has_mac = matches!(hardware, arphrd::ETHER | arphrd::INFINIBAND);
    Adapter {
        name: name.to_owned(),
        kind: kind(root, &path, hardware).into(),
        mac: value("address").filter(|_| has_mac).unwrap_or_default(),
        up: up(root, &path).into(),
        // An adapter without a link answers with an error or with -1.
        speed_mbps: sysfs::number::<u32>(root, &format!("{path}/speed")).filter(|speed| *speed > 0),
        addresses,
        driver: sysfs::link_name(root, &format!("{path}/device/driver")).unwrap_or_default(),
        mtu: sysfs::number(root, &format!("{path}/mtu")),
        source: path.clone(),
        ..Adapter::default()
    }
}

fn kind(root: &Root, path: &str, hardware: u32) -> Kind {
    let has = |file: &str| sysfs::exists(root, &format!("{path}/{file}"));
    let event = sysfs::value(root, &format!("{path}/uevent")).unwrap_or_default();
    let declared = event.lines().find_map(|line| line.strip_prefix("DEVTYPE="));
    match (declared, hardware) {
        (_, arphrd::LOOPBACK) => Kind::Loopback,
        _ if declared == Some("wlan") || has("wireless") || has("phy80211") => Kind::Wifi,
        (Some("wwan"), _) | (_, arphrd::RAW_IP) => Kind::Mobile,
        (Some("wireguard" | "vxlan" | "geneve" | "ppp"), _)
        | (
            _,
            arphrd::PPP
            | arphrd::TUNNEL
            | arphrd::TUNNEL6
            | arphrd::SIT
            | arphrd::GRE
            | arphrd::GRE6
            | arphrd::NONE,
        ) => Kind::Tunnel,
        (_, arphrd::ETHER) if has("tun_flags") => Kind::Tunnel,
        (_, arphrd::ETHER) if has("device") => Kind::Ethernet,
        (_, arphrd::ETHER) => Kind::Virtual,
        _ => Kind::Unspecified,
    }
}

/// Whether the link is up; adapters without a link of their own are up when they were switched on.
fn up(root: &Root, path: &str) -> State {
    const SWITCHED_ON: u64 = 1;
    match sysfs::value(root, &format!("{path}/operstate")).as_deref() {
        Some("up") => State::On,
        Some("unknown") => {
            let flags = sysfs::hexadecimal(root, &format!("{path}/flags")).unwrap_or_default();
            let carrier = sysfs::value(root, &format!("{path}/carrier"));
            if flags & SWITCHED_ON != 0 && carrier.as_deref() == Some("1") {
                State::On
            } else {
                State::Off
            }
        }
        Some(_) => State::Off,
        None => State::Unknown,
    }
}
