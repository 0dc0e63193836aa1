//! What identifies the hardware across a reinstallation, as hashes that reveal nothing by themselves.

use freehold_proto::v1::HardwareFingerprint;

use crate::order;

use super::Root;
#[cfg(any(target_os = "linux", windows))]
use super::{hardware::firmware_identity, network::permanent_addresses};

/// Reads the fingerprint. Another root file system tells only its machine id.
#[cfg(any(target_os = "linux", windows))]
pub(super) fn collect(root: &Root) -> HardwareFingerprint {
    let machine_id = machine_id(root);
    let mut fingerprint = HardwareFingerprint {
        machine_id: hash(&[machine_id.as_bytes()]),
        ..HardwareFingerprint::default()
    };
    if root.is_live() {
        let identity = firmware_identity(root);
        fingerprint.firmware = hash(&identity.each_ref().map(String::as_bytes));
        let addresses = permanent_addresses(root);
        fingerprint.adapters = addresses.iter().map(|address| hash(&[address])).collect();
        order::sort(&mut fingerprint.adapters);
    }
    fingerprint
}

#[cfg(target_os = "linux")]
fn machine_id(root: &Root) -> String {
    super::system::machine_id(root)
}

/// The number that Windows gives to each of its installations.
#[cfg(windows)]
fn machine_id(root: &Root) -> String {
    use crate::sys::windows::registry::{self, Tree, View};
    const KEY: &str = r"SOFTWARE\Microsoft\Cryptography";
    const NAME: &str = "MachineGuid";
    if !root.is_live() {
        return String::new();
    }
    let row = registry::some_values(Tree::Machine, KEY, View::Bits64, &[NAME]);
    row.unwrap_or_default().text(NAME).to_lowercase()
}

/// Reads nothing: this system's sources are not known yet.
#[cfg(not(any(target_os = "linux", windows)))]
pub(super) fn collect(_root: &Root) -> HardwareFingerprint {
    HardwareFingerprint::default()
}

/// BLAKE3-256 over the parts, each behind its length; empty when all of them are.
#[cfg(any(target_os = "linux", windows))]
fn hash(parts: &[&[u8]]) -> Vec<u8> {
    if parts.iter().all(|part| part.is_empty()) {
        return Vec::new();
    }
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().as_bytes().to_vec()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::probe::fixture::root_with;

    #[test]
    fn nothing_known_is_empty_and_not_the_hash_of_nothing() {
        let (_directory, root) = root_with(&[]);
        assert_eq!(collect(&root), HardwareFingerprint::default());
        assert_eq!(hash(&[b"", b""]), Vec::<u8>::new());
    }

    #[test]
    fn parts_cannot_run_into_each_other() {
        assert_ne!(hash(&[b"ab", b"c"]), hash(&[b"a", b"bc"]));
    }

    #[test]
    fn the_fingerprint_of_this_machine_stays_the_same() {
        let root = Root::live();
        let fingerprint = collect(&root);
        assert_eq!(fingerprint, collect(&root));
        assert!(fingerprint.adapters.iter().all(|hash| hash.len() == 32));
    }
}
