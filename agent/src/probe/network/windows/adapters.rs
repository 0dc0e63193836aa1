//! Network adapters.

use freehold_proto::v1::{
    network::{self, adapter::Kind},
    toggle::State,
};

use super::ADAPTERS;
use crate::{
    probe::section::Diagnostics,
    rows::network::{Adapter, Wireless},
};

/// Kinds of adapters by IANA's numbers.
mod kinds {
    pub(super) const ETHERNET: u32 = 6;
    pub(super) const PPP: u32 = 23;
    pub(super) const LOOPBACK: u32 = 24;
    pub(super) const PROPRIETARY: u32 = 53;
    pub(super) const WIRELESS: u32 = 71;
    pub(super) const TUNNEL: u32 = 131;
    pub(super) const MOBILE: u32 = 243;
    pub(super) const MOBILE_2: u32 = 244;
}

/// The adapters, ordered by name.
pub(super) fn read(
    adapters: &[Adapter],
    wireless: &[Wireless],
    diagnostics: &mut Diagnostics,
) -> Vec<network::Adapter> {
    let mut found: Vec<_> = adapters
        .iter()
        .map(|adapter| {
            let connected = wireless
                .iter()
                .find(|one| one.id.eq_ignore_ascii_case(&adapter.id));
            let network = connected.map_or(&[][..], |one| &one.network);
            network::Adapter {
                ssid: diagnostics.text(super::WIRELESS, &adapter.name, network),
                name: diagnostics.fit(ADAPTERS, "", adapter.name.clone()),
                driver: diagnostics.fit(ADAPTERS, &adapter.name, adapter.description.clone()),
                ..described(adapter)
            }
        })
        .collect();
    found.sort_by(|a, b| (&a.name, &a.mac).cmp(&(&b.name, &b.mac)));
    found
}

fn described(adapter: &Adapter) -> network::Adapter {
    let kind = kind(adapter);
    let mut addresses: Vec<_> = adapter
        .addresses
        .iter()
        .filter(|address| !address.is_temporary)
        .map(|address| (address.address, address.prefix))
        .collect();
    addresses.sort_unstable();
    let addresses = addresses.into_iter();
    network::Adapter {
        kind: kind.into(),
        mac: mac(&adapter.mac).unwrap_or_default(),
        up: if is_up(adapter) {
            State::On
        } else {
            State::Off
        }
        .into(),
        speed_mbps: speed(adapter, kind),
        addresses: addresses
            .map(|(address, prefix)| format!("{address}/{prefix}"))
            .collect(),
        // All ones where there is no limit.
        mtu: Some(adapter.mtu).filter(|mtu| *mtu != u32::MAX && *mtu != 0),
        source: ADAPTERS.into(),
        ..network::Adapter::default()
    }
}

pub(super) fn is_up(adapter: &Adapter) -> bool {
    adapter.state == 1
}

/// Whether it is one of those that wireless networks are asked for.
#[cfg_attr(not(windows), allow(dead_code, reason = "asked for on Windows"))]
pub(super) fn is_wireless(adapter: &Adapter) -> bool {
    kind(adapter) == Kind::Wifi
}

/// Windows adds adapters of its own to each wireless one, for hot spots and the like.
fn kind(adapter: &Adapter) -> Kind {
    let is_software = adapter.is_hardware == Some(false);
    match adapter.kind {
        kinds::LOOPBACK => Kind::Loopback,
        kinds::ETHERNET | kinds::WIRELESS if is_software => Kind::Virtual,
        kinds::ETHERNET => Kind::Ethernet,
        kinds::WIRELESS => Kind::Wifi,
        kinds::MOBILE | kinds::MOBILE_2 => Kind::Mobile,
        kinds::PPP | kinds::TUNNEL | kinds::PROPRIETARY => Kind::Tunnel,
        _ => Kind::Unspecified,
    }
}

/// That of a cable; a wireless one changes all the time, and software has none.
fn speed(adapter: &Adapter, kind: Kind) -> Option<u32> {
    let is_told = adapter.speed != 0 && adapter.speed != u64::MAX;
    let megabits = adapter.speed / 1_000_000;
    (kind == Kind::Ethernet && is_up(adapter) && is_told && megabits > 0)
        .then(|| u32::try_from(megabits).ok())
        .flatten()
}

fn address(bytes: &[u8]) -> Option<[u8; 6]> {
    let address: [u8; 6] = bytes.try_into().ok()?;
    (address != [0; 6] && address != [0xff; 6]).then_some(address)
}

fn mac(bytes: &[u8]) -> Option<String> {
    Some(written(address(bytes)?))
}

/// A hardware address as people write it.
pub(in crate::probe) fn written(address: [u8; 6]) -> String {
    address.map(|byte| format!("{byte:02x}")).join(":")
}

/// Hardware addresses that equipment was made with, ordered.
#[cfg_attr(
    not(any(windows, test)),
    allow(dead_code, reason = "asked for on Windows")
)]
pub(super) fn permanent(adapters: &[Adapter]) -> Vec<[u8; 6]> {
    let physical = adapters.iter().filter(|adapter| {
        adapter.is_hardware == Some(true) && matches!(kind(adapter), Kind::Ethernet | Kind::Wifi)
    });
    let mut addresses: Vec<_> = physical
        .filter_map(|adapter| address(&adapter.permanent))
        .collect();
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}
