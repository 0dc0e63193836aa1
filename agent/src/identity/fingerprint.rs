//! What recognises the hardware after a reinstallation.

use freehold_proto::v1::{Hardware, HardwareFingerprint, Network, System, network, section::Kind};
use prost::Message;

use crate::order;
use crate::probe::{self, Root};

/// The machine as it introduces itself when it joins.
#[derive(Default)]
pub(super) struct Introduction {
    pub(super) fingerprint: HardwareFingerprint,
    pub(super) host_name: String,
}

/// Reads the machine. Takes as long as three probes.
pub(super) fn introduce(root: &Root) -> Introduction {
    let system: System = read(Kind::System, root);
    let hardware: Hardware = read(Kind::Hardware, root);
    let network: Network = read(Kind::Network, root);
    Introduction {
        fingerprint: fingerprint(&system, &hardware, &network),
        host_name: system.host_name,
    }
}

fn read<M: Message + Default>(kind: Kind, root: &Root) -> M {
    probe::collect(kind, root)
        .and_then(|collected| M::decode(&collected.body[..]).ok())
        .unwrap_or_default()
}

fn fingerprint(system: &System, hardware: &Hardware, network: &Network) -> HardwareFingerprint {
    let product = hardware.product.clone().unwrap_or_default();
    let board = hardware.board.clone().unwrap_or_default();
    let mut adapters: Vec<_> = network
        .adapters
        .iter()
        .filter(|adapter| is_physical(adapter))
        .filter_map(|adapter| hash(&[&adapter.mac]))
        .collect();
    order::sort(&mut adapters);
    adapters.dedup();
    HardwareFingerprint {
        firmware: hash(&[&product.uuid, &product.serial, &board.serial]).unwrap_or_default(),
        adapters,
        machine_id: hash(&[&system.machine_id]).unwrap_or_default(),
    }
}

/// Addresses that software made up (the "locally administered" bit) do not identify hardware.
fn is_physical(adapter: &network::Adapter) -> bool {
    use network::adapter::Kind;
    let first = adapter
        .mac
        .get(..2)
        .and_then(|digits| u8::from_str_radix(digits, 16).ok());
    matches!(adapter.kind(), Kind::Ethernet | Kind::Wifi)
        && first.is_some_and(|byte| byte & 0b10 == 0)
        && adapter.mac.bytes().any(|byte| byte != b'0' && byte != b':')
}

/// `None` when every part is empty: nothing identifies then.
fn hash(parts: &[&str]) -> Option<Vec<u8>> {
    if parts.iter().all(|part| part.is_empty()) {
        return None;
    }
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u32).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    Some(hasher.finalize().as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adapter(mac: &str, kind: network::adapter::Kind) -> network::Adapter {
        network::Adapter {
            mac: mac.into(),
            kind: kind.into(),
            ..Default::default()
        }
    }

    #[test]
    fn only_what_hardware_was_born_with_identifies_it() {
        use network::adapter::Kind;
        let network = Network {
            adapters: vec![
                adapter("3c:52:82:00:00:01", Kind::Ethernet),
                adapter("02:42:82:00:00:01", Kind::Ethernet),
                adapter("00:00:00:00:00:00", Kind::Ethernet),
                adapter("3c:52:82:00:00:02", Kind::Virtual),
                adapter("", Kind::Wifi),
            ],
            ..Default::default()
        };
        let print = fingerprint(&System::default(), &Hardware::default(), &network);
        assert_eq!(print.adapters.len(), 1);
        assert!(print.firmware.is_empty() && print.machine_id.is_empty());
    }
}
