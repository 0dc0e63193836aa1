//! One change of the store: reads what is committed, the earlier changes of its group and its own.

use std::ops::Range;

use freehold_proto::v1::section;
use prost::Message;

use super::{
    bodies::{self, Body},
    engine::Engine,
    error::StoreError,
    packs::{self, Location, Packs, Position},
    read::Read,
    record::{
        ChangeRecord, DeviceCodeRecord, DeviceRecord, FactorRecord, GrantRecord, InvitationRecord,
        MachineRecord, PersonRecord, PresenceRecord, SavedQuestionsRecord, SessionRecord,
        SettingsRecord, SetupCodeRecord, SuggestionRecord, TokenRecord, VersionRecord,
    },
    schema::{ChangeKey, Key, Keyspace, kind_byte, version_key},
    source::{Entries, Order, Overlay, Source, overlaid},
};
use crate::id::{Digest, MachineId};

/// A change that is being made. Nothing of it is visible outside, or survives, until its group is durable.
pub struct Txn {
    engine: Engine,
    /// What earlier changes of the group did.
    group: Overlay,
    /// What this change did.
    own: Overlay,
    /// Where the first byte of `appended` will lie.
    start: Position,
    /// Pack records of new bodies, the group's and this change's.
    appended: Vec<u8>,
    /// How much of `appended` belongs to earlier changes.
    kept: usize,
}

/// What a group of changes does, ready to be committed.
pub(super) struct GroupChanges {
    pub(super) records: Overlay,
    pub(super) appended: Vec<u8>,
}

impl Txn {
    pub(super) fn new(engine: Engine, start: Position) -> Self {
        Self {
            engine,
            group: Overlay::new(),
            own: Overlay::new(),
            start,
            appended: Vec::new(),
            kept: 0,
        }
    }

    /// Makes what the current change did part of the group.
    pub(super) fn keep(&mut self) {
        self.group.append(&mut self.own);
        self.kept = self.appended.len();
    }

    /// Forgets what the current change did.
    pub(super) fn discard(&mut self) {
        self.own.clear();
        self.appended.truncate(self.kept);
    }

    /// Bytes of bodies that the group adds so far.
    pub(super) fn appended_bytes(&self) -> usize {
        self.appended.len()
    }

    pub(super) fn finish(self) -> GroupChanges {
        GroupChanges {
            records: self.group,
            appended: self.appended,
        }
    }

    /// Says what the collector is.
    pub fn put_settings(&mut self, settings: &SettingsRecord) {
        self.put(Keyspace::Settings.single(), settings);
    }

    /// Adds or replaces a machine.
    pub fn put_machine(&mut self, id: MachineId, machine: &MachineRecord) {
        self.put(Keyspace::Machine.key(&[id.as_bytes()]), machine);
    }

    /// Makes a machine known by a public key.
    pub fn put_key(&mut self, public_key: &Digest, id: MachineId) {
        self.put_bytes(
            Keyspace::PublicKey.key(&[public_key.as_bytes()]),
            id.as_bytes().to_vec(),
        );
    }

    /// Forgets a public key.
    pub fn remove_key(&mut self, public_key: &Digest) {
        self.remove(Keyspace::PublicKey.key(&[public_key.as_bytes()]));
    }

    /// Makes a machine known by a part of its hardware fingerprint.
    pub fn put_fingerprint(&mut self, part: &Digest, id: MachineId) {
        self.put_bytes(
            Keyspace::Fingerprint.key(&[part.as_bytes(), id.as_bytes()]),
            Vec::new(),
        );
    }

    /// Forgets a part of a machine's hardware fingerprint.
    pub fn remove_fingerprint(&mut self, part: &Digest, id: MachineId) {
        self.remove(Keyspace::Fingerprint.key(&[part.as_bytes(), id.as_bytes()]));
    }

    /// Writes what moved with a machine's check-ins.
    pub fn put_presence(&mut self, id: MachineId, presence: &PresenceRecord) {
        self.put(Keyspace::Presence.key(&[id.as_bytes()]), presence);
    }

    /// Adds a version of a section and makes it the current one. Its body must be stored, at the latest by
    /// an earlier call of this change.
    pub fn put_version(
        &mut self,
        id: MachineId,
        version: &VersionRecord,
    ) -> Result<(), StoreError> {
        let kind = i32::try_from(version.kind)
            .ok()
            .and_then(|kind| section::Kind::try_from(kind).ok())
            .ok_or(StoreError::InvalidRecord { field: "kind" })?;
        let digest = Digest::from_slice(&version.digest)
            .ok_or(StoreError::InvalidRecord { field: "digest" })?;
        let key = version_key(id, kind, version.sequence);
        self.refer_to_body(&digest)?;
        self.drop_version(&key)?;
        self.put(key, version);
        self.put(
            Keyspace::Current.key(&[id.as_bytes(), &[kind_byte(kind)]]),
            version,
        );
        Ok(())
    }

    /// Stores the bytes behind a digest once: `frame` is their zstd frame, `size` their decompressed
    /// length. The caller has verified that they match.
    pub fn put_body(
        &mut self,
        digest: &Digest,
        frame: impl AsRef<[u8]>,
        size: u64,
    ) -> Result<(), StoreError> {
        if bodies::find(self, digest)?.is_some() {
            return Ok(());
        }
        let location = self.append(&packs::encode(digest, frame.as_ref(), size)?);
        let body = Body {
            location,
            versions: 0,
        };
        self.put_bytes(bodies::key(digest), body.to_bytes());
        Ok(())
    }

    /// Adds a change to a machine's timeline and to the common one.
    pub fn put_change(
        &mut self,
        id: MachineId,
        change: &ChangeRecord,
    ) -> Result<ChangeKey, StoreError> {
        let key = ChangeKey::new(change.at, self.next_serial()?);
        self.put(
            Keyspace::Change.key(&[id.as_bytes(), &key.to_bytes()]),
            change,
        );
        self.put_bytes(
            Keyspace::Recent.key(&[&key.to_bytes()]),
            id.as_bytes().to_vec(),
        );
        Ok(key)
    }

    /// Adds or replaces a join token.
    pub fn put_token(&mut self, hash: &Digest, token: &TokenRecord) {
        self.put(Keyspace::Token.key(&[hash.as_bytes()]), token);
    }

    /// Forgets a join token.
    pub fn remove_token(&mut self, hash: &Digest) {
        self.remove(Keyspace::Token.key(&[hash.as_bytes()]));
    }

    /// Adds or replaces a person.
    pub fn put_person(&mut self, id: &[u8; 16], person: &PersonRecord) {
        self.put(Keyspace::Person.key(&[id]), person);
    }

    /// Forgets a person.
    pub fn remove_person(&mut self, id: &[u8; 16]) {
        self.remove(Keyspace::Person.key(&[id]));
    }

    /// Sets or removes the second factor of a person.
    pub fn put_factor(&mut self, person: &[u8; 16], factor: Option<&FactorRecord>) {
        let key = Keyspace::Factor.key(&[person]);
        match factor {
            Some(factor) => self.put(key, factor),
            None => self.remove(key),
        }
    }

    /// Adds or replaces a grant.
    pub fn put_grant(&mut self, id: &[u8; 16], grant: &GrantRecord) {
        self.put(Keyspace::Grant.key(&[id]), grant);
    }

    /// Adds or replaces an invitation.
    pub fn put_invitation(&mut self, hash: &Digest, invitation: &InvitationRecord) {
        self.put(Keyspace::Invitation.key(&[hash.as_bytes()]), invitation);
    }

    /// Forgets an invitation.
    pub fn remove_invitation(&mut self, hash: &Digest) {
        self.remove(Keyspace::Invitation.key(&[hash.as_bytes()]));
    }

    /// Adds or replaces a device.
    pub fn put_device(&mut self, id: &[u8; 16], device: &DeviceRecord) {
        self.put(Keyspace::Device.key(&[id]), device);
    }

    /// Forgets a device.
    pub fn remove_device(&mut self, id: &[u8; 16]) {
        self.remove(Keyspace::Device.key(&[id]));
    }

    /// Adds or replaces the one-time code of a device.
    pub fn put_device_code(&mut self, hash: &Digest, code: &DeviceCodeRecord) {
        self.put(Keyspace::DeviceCode.key(&[hash.as_bytes()]), code);
    }

    /// Forgets the one-time code of a device.
    pub fn remove_device_code(&mut self, hash: &Digest) {
        self.remove(Keyspace::DeviceCode.key(&[hash.as_bytes()]));
    }

    /// Adds something that was proposed.
    pub fn put_suggestion(&mut self, id: &[u8; 16], suggestion: &SuggestionRecord) {
        self.put(Keyspace::Suggestion.key(&[id]), suggestion);
    }

    /// Forgets something that was proposed.
    pub fn remove_suggestion(&mut self, id: &[u8; 16]) {
        self.remove(Keyspace::Suggestion.key(&[id]));
    }

    /// Replaces the questions that a person keeps.
    pub fn put_saved_questions(&mut self, person: &[u8; 16], saved: &SavedQuestionsRecord) {
        self.put(Keyspace::SavedQuestions.key(&[person]), saved);
    }

    /// Adds or replaces a signed-in browser.
    pub fn put_session(&mut self, hash: &Digest, session: &SessionRecord) {
        self.put(Keyspace::Session.key(&[hash.as_bytes()]), session);
    }

    /// Ends a signed-in browser.
    pub fn remove_session(&mut self, hash: &Digest) {
        self.remove(Keyspace::Session.key(&[hash.as_bytes()]));
    }

    /// Sets or removes the one-time code that lets an owner choose a password.
    pub fn put_setup_code(&mut self, code: Option<&SetupCodeRecord>) {
        match code {
            Some(code) => self.put(Keyspace::SetupCode.single(), code),
            None => self.remove(Keyspace::SetupCode.single()),
        }
    }

    pub(super) fn packs(&self) -> &Packs {
        self.engine.packs()
    }

    /// Adds a record to the newest pack; answers where it will lie.
    pub(super) fn append(&mut self, record: &[u8]) -> Location {
        let location = Location {
            pack: self.start.pack,
            offset: self.start.offset + self.appended.len() as u64,
            length: record.len() as u32,
        };
        self.appended.extend_from_slice(record);
        location
    }

    pub(super) fn put(&mut self, key: Key, record: &impl Message) {
        self.put_bytes(key, record.encode_to_vec());
    }

    pub(super) fn put_bytes(&mut self, key: Key, value: Vec<u8>) {
        self.own.insert(key, Some(value));
    }

    pub(super) fn remove(&mut self, key: Key) {
        self.own.insert(key, None);
    }

    fn next_serial(&mut self) -> Result<u64, StoreError> {
        let key = Keyspace::Counter.single();
        let serial = match self.value(&key)?.as_deref().map(<[u8; 8]>::try_from) {
            None => 0,
            Some(Ok(bytes)) => u64::from_be_bytes(bytes),
            Some(Err(_)) => return Err(super::read::undecodable(&key)),
        };
        self.put_bytes(key, (serial + 1).to_be_bytes().to_vec());
        Ok(serial)
    }
}

impl Read for Txn {}

impl Source for Txn {
    fn value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match self.own.get(key).or_else(|| self.group.get(key)) {
            Some(changed) => Ok(changed.clone()),
            None => self.engine.value(key),
        }
    }

    fn entries(&self, range: Range<Vec<u8>>, order: Order) -> Entries<'_> {
        let committed = self.engine.entries(range.clone(), order);
        let group = overlaid(committed, &self.group, range.clone(), order);
        overlaid(group, &self.own, range, order)
    }

    fn body_at(&self, digest: &Digest, location: Location) -> Result<Vec<u8>, StoreError> {
        if location.pack != self.start.pack || location.offset < self.start.offset {
            return self.engine.body_at(digest, location);
        }
        let start = (location.offset - self.start.offset) as usize;
        let record = self.appended.get(start..start + location.length as usize);
        let decoded = packs::decode(digest, record.unwrap_or_default());
        Ok(decoded.map_err(|found| self.packs().damaged(location.pack, found))?)
    }
}
