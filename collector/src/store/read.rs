//! What can be read from the store, committed or inside a transaction.

use std::collections::BTreeSet;

use freehold_proto::v1::section;
use prost::Message;

use super::{
    bodies,
    error::StoreError,
    record::{
        ChangeRecord, DeviceCodeRecord, DeviceRecord, FactorRecord, GrantRecord, InvitationRecord,
        MachineRecord, PersonRecord, PresenceRecord, SavedQuestionsRecord, SessionRecord,
        SettingsRecord, SetupCodeRecord, SuggestionRecord, TokenRecord, VersionRecord,
    },
    schema::{ChangeKey, Keyspace, kind_byte, version_key},
    source::{Order, Source},
};
use crate::id::{Digest, MachineId};

/// Everything that can be looked up. [`Store`](super::Store) answers from what is committed,
/// [`Txn`](super::Txn) from that and its own changes.
pub trait Read: Source {
    /// What the collector is; `None` before it was initialised.
    fn settings(&self) -> Result<Option<SettingsRecord>, StoreError> {
        record(self, &Keyspace::Settings.single())
    }

    /// One machine.
    fn machine(&self, id: MachineId) -> Result<Option<MachineRecord>, StoreError> {
        record(self, &Keyspace::Machine.key(&[id.as_bytes()]))
    }

    /// All machines, in no meaningful order.
    fn machines(&self) -> Result<Vec<MachineRecord>, StoreError> {
        records(self, Keyspace::Machine)
    }

    /// The machine that holds or held a public key.
    fn machine_by_key(&self, public_key: &Digest) -> Result<Option<MachineId>, StoreError> {
        let Some(value) = self.value(&Keyspace::PublicKey.key(&[public_key.as_bytes()]))? else {
            return Ok(None);
        };
        machine_id(&value).map(Some)
    }

    /// The machines that share a part of a hardware fingerprint.
    fn machines_by_fingerprint(&self, part: &Digest) -> Result<Vec<MachineId>, StoreError> {
        self.entries(Keyspace::Fingerprint.below(&[part.as_bytes()]), Order::Up)
            .map(|entry| machine_id(tail(&entry?.0, 16)))
            .collect()
    }

    /// What moved with the machine's last check-ins, as last written behind.
    fn presence(&self, id: MachineId) -> Result<Option<PresenceRecord>, StoreError> {
        record(self, &Keyspace::Presence.key(&[id.as_bytes()]))
    }

    /// The same for all machines.
    fn presences(&self) -> Result<Vec<(MachineId, PresenceRecord)>, StoreError> {
        self.entries(Keyspace::Presence.below(&[]), Order::Up)
            .map(|entry| {
                let (key, value) = entry?;
                Ok((machine_id(tail(&key, 16))?, decode(&key, &value)?))
            })
            .collect()
    }

    /// The version of a section that was stored last.
    fn current(
        &self,
        id: MachineId,
        kind: section::Kind,
    ) -> Result<Option<VersionRecord>, StoreError> {
        record(
            self,
            &Keyspace::Current.key(&[id.as_bytes(), &[kind_byte(kind)]]),
        )
    }

    /// The version of a section at a position of the machine's series.
    fn version(
        &self,
        id: MachineId,
        kind: section::Kind,
        sequence: u64,
    ) -> Result<Option<VersionRecord>, StoreError> {
        record(self, &version_key(id, kind, sequence))
    }

    /// The version of a section that was true at a time, by when it was collected; `None` before the first one that
    /// is kept.
    fn version_at(
        &self,
        id: MachineId,
        kind: section::Kind,
        at: i64,
    ) -> Result<Option<VersionRecord>, StoreError> {
        let Some(current) = self.current(id, kind)? else {
            return Ok(None);
        };
        if current.collected_at <= at {
            return Ok(Some(current));
        }
        // True times never decrease along the series.
        let (mut low, mut high) = (0, current.sequence);
        let mut found = None;
        while low < high {
            let middle = low + (high - low) / 2;
            match self.version_from(id, kind, middle)? {
                Some(version) if version.sequence < high && version.collected_at <= at => {
                    low = version.sequence + 1;
                    found = Some(version);
                }
                _ => high = middle,
            }
        }
        Ok(found)
    }

    /// The first version of a section that is kept at or after a position of the machine's series.
    fn version_from(
        &self,
        id: MachineId,
        kind: section::Kind,
        sequence: u64,
    ) -> Result<Option<VersionRecord>, StoreError> {
        let end = Keyspace::Version
            .below(&[id.as_bytes(), &[kind_byte(kind)]])
            .end;
        let mut later = self.entries(version_key(id, kind, sequence)..end, Order::Up);
        let later = later.next().transpose()?;
        later.map(|(key, value)| decode(&key, &value)).transpose()
    }

    /// The `newest` latest versions of a section, newest first.
    fn versions(
        &self,
        id: MachineId,
        kind: section::Kind,
        newest: usize,
    ) -> Result<Vec<VersionRecord>, StoreError> {
        let range = Keyspace::Version.below(&[id.as_bytes(), &[kind_byte(kind)]]);
        self.entries(range, Order::Down)
            .take(newest)
            .map(|entry| entry.and_then(|(key, value)| decode(&key, &value)))
            .collect()
    }

    /// Up to `limit` changes of a machine that are older than `before`, newest first.
    fn changes(
        &self,
        id: MachineId,
        before: Option<ChangeKey>,
        limit: usize,
    ) -> Result<Vec<(ChangeKey, ChangeRecord)>, StoreError> {
        let mut range = Keyspace::Change.below(&[id.as_bytes()]);
        if let Some(before) = before {
            range.end = Keyspace::Change.key(&[id.as_bytes(), &before.to_bytes()]);
        }
        self.entries(range, Order::Down)
            .take(limit)
            .map(|entry| {
                let (key, value) = entry?;
                Ok((change_key(&key)?, decode(&key, &value)?))
            })
            .collect()
    }

    /// Up to `limit` changes of all machines that are older than `before`, newest first.
    fn all_changes(
        &self,
        before: Option<ChangeKey>,
        limit: usize,
    ) -> Result<Vec<(MachineId, ChangeKey, ChangeRecord)>, StoreError> {
        let mut range = Keyspace::Recent.below(&[]);
        if let Some(before) = before {
            range.end = Keyspace::Recent.key(&[&before.to_bytes()]);
        }
        self.entries(range, Order::Down)
            .take(limit)
            .map(|entry| {
                let (key, value) = entry?;
                let (id, at) = (machine_id(&value)?, change_key(&key)?);
                let change = Keyspace::Change.key(&[id.as_bytes(), &at.to_bytes()]);
                let change = record(self, &change)?.ok_or_else(|| undecodable(&key))?;
                Ok((id, at, change))
            })
            .collect()
    }

    /// The machines of which something changed from one position of the list of changes until before another, or its end;
    /// `None` when there are more than `most` changes in between.
    fn changed(
        &self,
        from: ChangeKey,
        before: Option<ChangeKey>,
        most: usize,
    ) -> Result<Option<BTreeSet<MachineId>>, StoreError> {
        let mut range = Keyspace::Recent.below(&[]);
        range.start = Keyspace::Recent.key(&[&from.to_bytes()]);
        if let Some(before) = before {
            range.end = Keyspace::Recent.key(&[&before.to_bytes()]);
        }
        let mut machines = BTreeSet::new();
        for (number, entry) in self.entries(range, Order::Down).enumerate() {
            if number == most {
                return Ok(None);
            }
            machines.insert(machine_id(&entry?.1)?);
        }
        Ok(Some(machines))
    }

    /// A join token, by its hash.
    fn token(&self, hash: &Digest) -> Result<Option<TokenRecord>, StoreError> {
        record(self, &Keyspace::Token.key(&[hash.as_bytes()]))
    }

    /// All join tokens with their hashes.
    fn tokens(&self) -> Result<Vec<(Digest, TokenRecord)>, StoreError> {
        by_digest(self, Keyspace::Token)
    }

    /// A person.
    fn person(&self, id: &[u8; 16]) -> Result<Option<PersonRecord>, StoreError> {
        record(self, &Keyspace::Person.key(&[id]))
    }

    /// All people.
    fn people(&self) -> Result<Vec<PersonRecord>, StoreError> {
        records(self, Keyspace::Person)
    }

    /// The second factor of a person; `None` when the person has none.
    fn factor(&self, person: &[u8; 16]) -> Result<Option<FactorRecord>, StoreError> {
        record(self, &Keyspace::Factor.key(&[person]))
    }

    /// A grant.
    fn grant(&self, id: &[u8; 16]) -> Result<Option<GrantRecord>, StoreError> {
        record(self, &Keyspace::Grant.key(&[id]))
    }

    /// All grants.
    fn grants(&self) -> Result<Vec<GrantRecord>, StoreError> {
        records(self, Keyspace::Grant)
    }

    /// An invitation, by the hash of what its link holds.
    fn invitation(&self, hash: &Digest) -> Result<Option<InvitationRecord>, StoreError> {
        record(self, &Keyspace::Invitation.key(&[hash.as_bytes()]))
    }

    /// All invitations with the hashes of what their links hold.
    fn invitations(&self) -> Result<Vec<(Digest, InvitationRecord)>, StoreError> {
        by_digest(self, Keyspace::Invitation)
    }

    /// A device.
    fn device(&self, id: &[u8; 16]) -> Result<Option<DeviceRecord>, StoreError> {
        record(self, &Keyspace::Device.key(&[id]))
    }

    /// All devices.
    fn devices(&self) -> Result<Vec<DeviceRecord>, StoreError> {
        records(self, Keyspace::Device)
    }

    /// The one-time code of a device, by its hash.
    fn device_code(&self, hash: &Digest) -> Result<Option<DeviceCodeRecord>, StoreError> {
        record(self, &Keyspace::DeviceCode.key(&[hash.as_bytes()]))
    }

    /// All one-time codes of devices with their hashes.
    fn device_codes(&self) -> Result<Vec<(Digest, DeviceCodeRecord)>, StoreError> {
        by_digest(self, Keyspace::DeviceCode)
    }

    /// Something that was proposed and waits.
    fn suggestion(&self, id: &[u8; 16]) -> Result<Option<SuggestionRecord>, StoreError> {
        record(self, &Keyspace::Suggestion.key(&[id]))
    }

    /// Everything that was proposed and waits.
    fn suggestions(&self) -> Result<Vec<SuggestionRecord>, StoreError> {
        records(self, Keyspace::Suggestion)
    }

    /// The questions that a person keeps.
    fn saved_questions(&self, person: &[u8; 16]) -> Result<SavedQuestionsRecord, StoreError> {
        let record = record(self, &Keyspace::SavedQuestions.key(&[person]))?;
        Ok(record.unwrap_or_default())
    }

    /// A signed-in browser, by the hash of its cookie.
    fn session(&self, hash: &Digest) -> Result<Option<SessionRecord>, StoreError> {
        record(self, &Keyspace::Session.key(&[hash.as_bytes()]))
    }

    /// All signed-in browsers with the hashes of their cookies.
    fn sessions(&self) -> Result<Vec<(Digest, SessionRecord)>, StoreError> {
        by_digest(self, Keyspace::Session)
    }

    /// The one-time code that lets an owner choose a password, while there is one.
    fn setup_code(&self) -> Result<Option<SetupCodeRecord>, StoreError> {
        record(self, &Keyspace::SetupCode.single())
    }

    /// Whether the bytes behind a digest are stored.
    fn has_body(&self, digest: &Digest) -> Result<bool, StoreError> {
        Ok(bodies::find(self, digest)?.is_some())
    }

    /// The bytes behind a digest, decompressed and verified.
    fn body(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        bodies::read(self, digest)
    }
}

/// Decodes one record, if it is there.
pub(super) fn record<S: Source + ?Sized, M: Message + Default>(
    source: &S,
    key: &[u8],
) -> Result<Option<M>, StoreError> {
    source
        .value(key)?
        .map(|value| decode(key, &value))
        .transpose()
}

fn records<S: Source + ?Sized, M: Message + Default>(
    source: &S,
    keyspace: Keyspace,
) -> Result<Vec<M>, StoreError> {
    source
        .entries(keyspace.below(&[]), Order::Up)
        .map(|entry| entry.and_then(|(key, value)| decode(&key, &value)))
        .collect()
}

fn by_digest<S: Source + ?Sized, M: Message + Default>(
    source: &S,
    keyspace: Keyspace,
) -> Result<Vec<(Digest, M)>, StoreError> {
    source
        .entries(keyspace.below(&[]), Order::Up)
        .map(|entry| {
            let (key, value) = entry?;
            let digest = Digest::from_slice(tail(&key, 32)).ok_or_else(|| undecodable(&key))?;
            Ok((digest, decode(&key, &value)?))
        })
        .collect()
}

/// Decodes a record that was read under a key.
pub(super) fn decode<M: Message + Default>(key: &[u8], value: &[u8]) -> Result<M, StoreError> {
    M::decode(value).map_err(|_| undecodable(key))
}

pub(super) fn undecodable(key: &[u8]) -> StoreError {
    StoreError::Undecodable {
        keyspace: key.first().copied().map_or('?', char::from),
    }
}

pub(super) fn machine_id(bytes: &[u8]) -> Result<MachineId, StoreError> {
    bytes
        .try_into()
        .map(MachineId::from_bytes)
        .map_err(|_| undecodable(bytes))
}

pub(super) fn change_key(key: &[u8]) -> Result<ChangeKey, StoreError> {
    ChangeKey::from_bytes(tail(key, ChangeKey::BYTES)).ok_or_else(|| undecodable(key))
}

/// The last bytes of a key; the whole key when it is shorter.
pub(super) fn tail(key: &[u8], length: usize) -> &[u8] {
    &key[key.len().saturating_sub(length)..]
}
