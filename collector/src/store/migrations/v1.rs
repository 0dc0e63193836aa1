//! Version 1: an empty store.

/// Number of the first pack.
pub(in crate::store) const PACK: u32 = 1;

/// Contents of the first pack.
pub(in crate::store) const PACK_CONTENTS: &[u8] = b"freehold pack 1\n";

/// The only record of an empty store: its state.
pub(in crate::store) fn records() -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut state = Vec::new();
    // Schema, sequence, records.
    state.extend_from_slice(&1_u32.to_be_bytes());
    state.extend_from_slice(&1_u64.to_be_bytes());
    state.extend_from_slice(&0_u64.to_be_bytes());
    // Hash over no records.
    state.extend_from_slice(&[0; 32]);
    // End of the newest pack: its number and length.
    state.extend_from_slice(&1_u32.to_be_bytes());
    state.extend_from_slice(&16_u64.to_be_bytes());
    vec![(b".".to_vec(), state)]
}

#[cfg(test)]
mod tests {
    use freehold_proto::v1::section::Kind;

    use crate::{
        id::{Digest, MachineId},
        store::{Options, Read, Store, StoreError},
    };

    /// One record of each keyspace, as version 1 writes it: 0x11 stands for the machine, 0x22 for hashes.
    fn records() -> Vec<(Vec<u8>, Vec<u8>)> {
        let (machine, hash) = ([0x11; 16], [0x22; 32]);
        let at = [0x80, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 9];
        let key = |keyspace: &[u8], parts: &[&[u8]]| [keyspace, &parts.concat()].concat();
        let version = [
            &b"\x08\x03\x12\x20"[..],
            &hash,
            b"\x18\x05\x20\x06\x28\x04\x30\x03",
        ]
        .concat();
        vec![
            (key(b"s", &[]), b"\x0a\x04Acme\x12\x06a:7443".to_vec()),
            (key(b"m", &[&machine]), b"\x0a\x10\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x10\x02\x1a\x05front".to_vec()),
            (key(b"k", &[&hash]), machine.to_vec()),
            (key(b"f", &[&hash, &machine]), Vec::new()),
            (key(b"p", &[&machine]), b"\x08\x05\x10\x02".to_vec()),
            (key(b"v", &[&machine, &[3], &[0, 0, 0, 0, 0, 0, 0, 4]]), version.clone()),
            (key(b"w", &[&machine, &[3]]), version),
            (key(b"c", &[&machine, &at]), b"\x08\x07\x10\x03\x3a\x05added".to_vec()),
            (key(b"l", &[&at]), machine.to_vec()),
            (key(b"n", &[]), vec![0, 0, 0, 0, 0, 0, 0, 10]),
            (key(b"t", &[&hash]), b"\x08\x01\x10\x02\x18\x01".to_vec()),
            (key(b"o", &[&machine]), b"\x12\x04Anna\x18\x01".to_vec()),
            (key(b"x", &[&hash]), b"\x10\x03\x18\x04".to_vec()),
            (key(b"u", &[]), b"\x10\x63".to_vec()),
        ]
    }

    #[tokio::test]
    async fn records_of_version_1_are_read_as_they_were_meant() -> Result<(), StoreError> {
        let temporary = tempfile::tempdir().unwrap();
        let store = Store::create(&temporary.path().join("store"), &Options::default()).unwrap();
        store
            .write(|txn| {
                for (key, value) in records() {
                    txn.put_bytes(key, value);
                }
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
        let (id, hash) = (MachineId::from_bytes([0x11; 16]), Digest([0x22; 32]));
        let settings = store.settings()?.unwrap();
        assert_eq!(
            (settings.name.as_str(), settings.addresses.len()),
            ("Acme", 1)
        );
        let machine = store.machine(id)?.unwrap();
        assert_eq!((machine.state, machine.host_name.as_str()), (2, "front"));
        assert_eq!(store.machine_by_key(&hash)?, Some(id));
        assert_eq!(store.machines_by_fingerprint(&hash)?, [id]);
        assert_eq!(store.presences()?[0].1.chain_counter, 2);
        let version = store.current(id, Kind::Software)?.unwrap();
        assert_eq!(
            (version.sequence, version.size, version.received_at),
            (4, 3, 6)
        );
        assert_eq!(store.versions(id, Kind::Software, 9)?, [version]);
        let (owner, key, change) = store.all_changes(None, 9)?.remove(0);
        assert_eq!(
            (owner, key.to_string().as_str(), change.summary.as_str()),
            (id, "7.9", "added")
        );
        assert_eq!(store.changes(id, None, 9)?[0].0, key);
        assert_eq!(store.token(&hash)?.unwrap().uses, 1);
        assert_eq!(store.person(&[0x11; 16])?.unwrap().name, "Anna");
        assert_eq!(store.session(&hash)?.unwrap().expires_at, 4);
        assert_eq!(store.setup_code()?.unwrap().expires_at, 99);
        Ok(())
    }
}
