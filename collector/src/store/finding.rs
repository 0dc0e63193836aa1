//! What is found about machines, set aside, told to people, and remembered by the rules.

use std::collections::BTreeMap;

use prost::Message;

use super::{
    Store,
    error::StoreError,
    read::{self, Read},
    record::{AsideRecord, ClaimsRecord, FindingRecord, LookedRecord, MemoryRecord, ToldRecord},
    schema::{Key, Keyspace},
    source::{Order, Source as _},
    txn::Txn,
};
use crate::id::MachineId;

/// Ends of the keys of a finding, of its being set aside, and of its being told.
const FINDING: u8 = 0;
const ASIDE: u8 = 1;
const TOLD: u8 = 3;
/// End of the key, with a hash of zeros, of what the rules last looked at.
const LOOKED: u8 = 2;
/// End of the key, with a hash of zeros, of what the owner said about the machine's administrators.
const CLAIMS: u8 = 4;

/// What is stored about one machine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoredFindings {
    /// Findings, open and resolved, by the hash of rule and subject.
    pub findings: BTreeMap<u64, FindingRecord>,
    /// Those that the owner set aside.
    pub asides: BTreeMap<u64, AsideRecord>,
    /// Those that people were told of.
    pub told: BTreeMap<u64, ToldRecord>,
    /// What the rules remember.
    pub memory: MemoryRecord,
    /// What they last looked at.
    pub looked: Option<LookedRecord>,
    /// What the owner said about its administrators.
    pub claims: ClaimsRecord,
}

impl Store {
    /// What is stored about one machine.
    pub fn findings_of(&self, id: MachineId) -> Result<StoredFindings, StoreError> {
        let mut stored = StoredFindings::default();
        for entry in self.entries(Keyspace::Finding.below(&[id.as_bytes()]), Order::Up) {
            let (key, value) = entry?;
            let (_, rest) = parts(&key)?;
            take_in(&mut stored, rest, &key, &value)?;
        }
        Ok(stored)
    }

    /// What is stored about every machine. Reads it all: for the start.
    pub fn findings(&self) -> Result<BTreeMap<MachineId, StoredFindings>, StoreError> {
        let mut stored: BTreeMap<MachineId, StoredFindings> = BTreeMap::new();
        for entry in self.entries(Keyspace::Finding.below(&[]), Order::Up) {
            let (key, value) = entry?;
            let (id, rest) = parts(&key)?;
            take_in(stored.entry(id).or_default(), rest, &key, &value)?;
        }
        Ok(stored)
    }
}

/// The machine that a key names, and what follows.
fn parts(key: &[u8]) -> Result<(MachineId, &[u8]), StoreError> {
    let id = key.get(1..17).ok_or_else(|| read::undecodable(key))?;
    Ok((read::machine_id(id)?, &key[17..]))
}

fn take_in(
    stored: &mut StoredFindings,
    rest: &[u8],
    key: &[u8],
    value: &[u8],
) -> Result<(), StoreError> {
    let Some((hash, which)) = rest.split_first_chunk() else {
        stored.memory = read::decode(key, value)?;
        return Ok(());
    };
    let hash = u64::from_be_bytes(*hash);
    match which {
        [FINDING] => drop(stored.findings.insert(hash, read::decode(key, value)?)),
        [ASIDE] => drop(stored.asides.insert(hash, read::decode(key, value)?)),
        [TOLD] => drop(stored.told.insert(hash, read::decode(key, value)?)),
        [LOOKED] => stored.looked = Some(read::decode(key, value)?),
        [CLAIMS] => stored.claims = read::decode(key, value)?,
        // Of a newer program.
        _ => {}
    }
    Ok(())
}

fn key(id: MachineId, hash: u64, which: u8) -> Key {
    Keyspace::Finding.key(&[id.as_bytes(), &hash.to_be_bytes(), &[which]])
}

impl Txn {
    /// Adds or replaces a finding; `None` forgets it.
    pub fn put_finding(&mut self, id: MachineId, hash: u64, finding: Option<&FindingRecord>) {
        self.put_or_remove(key(id, hash, FINDING), finding);
    }

    /// Sets a finding aside; `None` takes it up again.
    pub fn put_aside(&mut self, id: MachineId, hash: u64, aside: Option<&AsideRecord>) {
        self.put_or_remove(key(id, hash, ASIDE), aside);
    }

    /// Notes that people were told of a finding; `None` that they know it has ended.
    pub fn put_told(&mut self, id: MachineId, hash: u64, told: Option<&ToldRecord>) {
        self.put_or_remove(key(id, hash, TOLD), told);
    }

    /// Keeps what the rules remember of a machine.
    pub fn put_memory(&mut self, id: MachineId, memory: &MemoryRecord) {
        self.put(Keyspace::Finding.key(&[id.as_bytes()]), memory);
    }

    /// Keeps what the rules last looked at of a machine.
    pub fn put_looked(&mut self, id: MachineId, looked: &LookedRecord) {
        self.put(key(id, 0, LOOKED), looked);
    }

    /// What the owner said about the administrators of a machine.
    pub fn claims(&self, id: MachineId) -> Result<ClaimsRecord, StoreError> {
        let claims = read::record(self, &key(id, 0, CLAIMS))?;
        Ok(claims.unwrap_or_default())
    }

    /// Keeps what the owner said about the administrators of a machine.
    pub fn put_claims(&mut self, id: MachineId, claims: &ClaimsRecord) {
        let claims = Some(claims).filter(|claims| !claims.claims.is_empty());
        self.put_or_remove(key(id, 0, CLAIMS), claims);
    }

    /// Whether there is a machine for findings to be about: one that is being erased gets none.
    pub fn knows_machine(&self, id: MachineId) -> Result<bool, StoreError> {
        Ok(self.machine(id)?.is_some())
    }

    fn put_or_remove(&mut self, key: Key, record: Option<&impl Message>) {
        match record {
            Some(record) => self.put(key, record),
            None => self.remove(key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{
        Options,
        record::{ClaimRecord, ClaimedBy, MarkRecord},
    };

    #[tokio::test]
    async fn findings_survive_a_restart_and_go_with_an_erased_machine() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store");
        let store = Store::create(&path, &Options::default()).unwrap();
        let (one, other) = (MachineId::random(), MachineId::random());
        let finding = FindingRecord {
            rule: "silent".into(),
            opened_at: 5,
            ..FindingRecord::default()
        };
        let aside = AsideRecord {
            reason: "on holiday".into(),
            until: 9,
            ..AsideRecord::default()
        };
        let memory = MemoryRecord {
            marks: vec![MarkRecord {
                mark: "new-administrator:anna".into(),
                since: 3,
            }],
        };
        let told = ToldRecord {
            sentence: "PC was not heard from.".into(),
            ..ToldRecord::default()
        };
        let looked = LookedRecord {
            sections: 1,
            pulse: 2,
            is_settled: true,
            rules: 3,
        };
        let claims = ClaimsRecord {
            claims: vec![ClaimRecord {
                principal: "anna".into(),
                whose: ClaimedBy::Ours.into(),
                ..ClaimRecord::default()
            }],
        };
        let written = (
            finding.clone(),
            aside.clone(),
            told.clone(),
            memory.clone(),
            claims.clone(),
        );
        store
            .write(move |txn| {
                let (finding, aside, told, memory, claims) = &written;
                for id in [one, other] {
                    txn.put_finding(id, 7, Some(finding));
                    txn.put_aside(id, 7, Some(aside));
                    txn.put_told(id, 7, Some(told));
                    txn.put_memory(id, memory);
                    txn.put_looked(id, &looked);
                    txn.put_claims(id, claims);
                }
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
        store.close().await;

        let store = Store::open(&path, &Options::default()).unwrap();
        let wanted = StoredFindings {
            findings: BTreeMap::from([(7, finding)]),
            asides: BTreeMap::from([(7, aside)]),
            told: BTreeMap::from([(7, told)]),
            memory,
            looked: Some(looked),
            claims,
        };
        assert_eq!(store.findings_of(one).unwrap(), wanted);
        assert_eq!(store.findings().unwrap().len(), 2);
        store
            .write(move |txn| txn.erase_machine(one))
            .await
            .unwrap();
        assert_eq!(store.findings_of(one).unwrap(), StoredFindings::default());
        assert_eq!(store.findings_of(other).unwrap(), wanted);
        store.close().await;
    }
}
