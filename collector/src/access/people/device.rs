//! Devices with which people read from the command line: each added by its own person with a one-time code, and
//! shut out by that person or an owner at any time.

mod acceptance;
mod code;
mod error;
mod reader;

use std::{net::IpAddr, time::Duration};

use freehold_agent::identity::Token;
use secrecy::SecretString;

use self::acceptance::Acceptance;
pub use self::{
    code::{DeviceCode, DeviceCodeError},
    error::{DeviceError, DeviceRefusal},
    reader::Reader,
};
use super::{Origin, People, PersonId, Session, lane, role::Standing, signed_id};
use crate::{
    access::GrantId,
    audit::{Actor, Event},
    clock::UnixMillis,
    id::Digest,
    peer::{DeviceId, DeviceName},
    store::{
        Read as _, StoreError, Txn, WriteError,
        record::{DeviceCodeRecord, DeviceRecord, LogAct, PersonRecord, PersonRole},
    },
};

/// How long a one-time code is good for.
pub const DEVICE_CODE_LASTS: Duration = Duration::from_secs(15 * 60);

/// How long a device may be away before it has to be added anew.
pub const DEVICE_AWAY: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// Longest name of a device, in characters.
const LONGEST_NAME: usize = 60;

/// A device as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Identifier.
    pub id: DeviceId,
    /// Name, as the device told it.
    pub name: String,
    /// Whose it is.
    pub person: PersonId,
    /// That person's name.
    pub person_name: String,
    /// The grant it reads under; `None` for an owner's.
    pub grant: Option<GrantId>,
    /// When it was added.
    pub added_at: UnixMillis,
    /// When it was last used, give or take a few minutes.
    pub seen_at: UnixMillis,
    /// Address it was last used from.
    pub remote: String,
}

impl People {
    /// Makes a one-time code that adds a device of whoever is signed in and knows the password. It takes the place
    /// of one that the same person has not used.
    pub async fn make_device_code(
        &self,
        session: &Session,
        password: SecretString,
        origin: &Origin,
    ) -> Result<(Token, UnixMillis), DeviceError> {
        let now = self.clock.now();
        let person = self.store.person(&session.person.0)?;
        let person = person.ok_or(DeviceError::WrongPassword)?;
        let lane = lane(&person, origin, now);
        self.take(lane, now)?;
        let known = person.password.clone();
        if !self.hasher.verify(password, known).await? {
            tracing::warn!(address = %origin.address, "a code for a device was refused");
            self.failures.count(origin.address);
            return Err(DeviceError::WrongPassword);
        }
        self.give_back(lane, now);
        let secret = Token::generate();
        let expires_at = now.plus(DEVICE_CODE_LASTS);
        let record = DeviceCodeRecord {
            person: person.id.clone(),
            created_at: now.0,
            expires_at: expires_at.0,
            device: Vec::new(),
        };
        let hash = code_hash(&secret);
        let (log, by) = (self.log.clone(), session.actor(origin.address));
        self.change_device(move |txn| {
            for (old, code) in txn.device_codes()? {
                let replaced = code.person == record.person && code.device.is_empty();
                if replaced || code.expires_at <= now.0 {
                    txn.remove_device_code(&old);
                }
            }
            txn.put_device_code(&hash, &record);
            log.note(txn, &by, Event::new(LogAct::MadeDeviceCode))?;
            Ok(())
        })
        .await?;
        Ok((secret, expires_at))
    }

    /// Adds the device that holds a code and a key. The same code and key again are the same device, until the
    /// code expires.
    pub async fn accept_device(
        &self,
        secret: &Token,
        key: Digest,
        name: &str,
        address: IpAddr,
    ) -> Result<DeviceName, DeviceError> {
        let now = self.clock.now();
        let hash = code_hash(secret);
        let code = self.store.device_code(&hash)?.ok_or(DeviceError::NoCode)?;
        let person = self.person_of(&code.person)?.ok_or(DeviceError::NoCode)?;
        let Standing::Good(role) = self.standing(&person)? else {
            return Err(DeviceError::NoAccess);
        };
        let id = PersonId(signed_id(&person));
        let device = DeviceRecord {
            id: DeviceId::random().0.to_vec(),
            person: person.id.clone(),
            grant: person.grant.clone(),
            public_key: key.as_bytes().to_vec(),
            name: shown_name(name),
            added_at: now.0,
            seen_at: now.0,
            remote: address.to_canonical().to_string(),
        };
        let acceptance = Acceptance {
            code: hash,
            person: id,
            device,
            by: role.actor(id, &person.name).from(address),
            now,
        };
        let log = self.log.clone();
        let device = self
            .change_device(move |txn| acceptance.admit(txn, &log))
            .await?;
        Ok(DeviceName {
            device: DeviceId(id_of(&device)),
            person: id,
            grant: grant_of(&device),
        })
    }

    /// The devices that whoever asks may see, the latest first: an owner sees everybody's.
    pub fn devices(&self, asking: &Session) -> Result<Vec<Device>, StoreError> {
        let mut found = Vec::new();
        for record in self.store.devices()? {
            if !asking.is_owner() && record.person != asking.person.0 {
                continue;
            }
            // One that was outlived by its person's access is no use to anybody.
            if let Some(person) = self.person_of(&record.person)?
                && outlives(&record, &person)
            {
                found.push(shown(&record, person));
            }
        }
        found.sort_by_key(|device| std::cmp::Reverse(device.added_at));
        Ok(found)
    }

    /// Shuts a device out: its next request is refused, its open streams end within a second. Only an owner may
    /// do that with somebody else's.
    pub async fn end_device(
        &self,
        id: DeviceId,
        asking: &Session,
        by: &Actor,
    ) -> Result<(), DeviceError> {
        let (log, by) = (self.log.clone(), by.clone());
        let (person, owner) = (asking.person, asking.is_owner());
        self.store
            .write_urgent(move |txn| {
                let device = txn.device(&id.0)?;
                let device = device.filter(|device| owner || device.person == person.0);
                let device = device.ok_or(DeviceError::Unknown)?;
                let mut event = Event::new(LogAct::EndedDevice).subject(&device.name);
                event.grant = grant_of(&device);
                event.about = device.person.as_slice().try_into().ok().map(PersonId);
                txn.remove_device(&id.0);
                log.note(txn, &by, event)?;
                Ok(())
            })
            .await
            .map_err(unwritten)
    }

    fn person_of(&self, id: &[u8]) -> Result<Option<PersonRecord>, StoreError> {
        match <[u8; 16]>::try_from(id) {
            Ok(id) => self.store.person(&id),
            Err(_) => Ok(None),
        }
    }

    async fn change_device<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Txn) -> Result<T, DeviceError> + Send + 'static,
    ) -> Result<T, DeviceError> {
        self.store.write(change).await.map_err(unwritten)
    }
}

/// Whether a device still belongs to somebody who signs in as when it was added: a new password, or a new invitation,
/// ends those before it.
fn outlives(device: &DeviceRecord, person: &PersonRecord) -> bool {
    let holds = match person.role() {
        PersonRole::Owner => person.ended_at == 0 && !person.password.is_empty(),
        PersonRole::Delegate => person.ended_at == 0,
        PersonRole::Unspecified => false,
    };
    holds && device.added_at >= person.password_set_at && device.grant == person.grant
}

fn shown(record: &DeviceRecord, person: PersonRecord) -> Device {
    Device {
        id: DeviceId(id_of(record)),
        name: record.name.clone(),
        person: PersonId(signed_id(&person)),
        person_name: person.name,
        grant: grant_of(record),
        added_at: UnixMillis(record.added_at),
        seen_at: UnixMillis(record.seen_at),
        remote: record.remote.clone(),
    }
}

/// A device's own name for itself, as it is kept.
fn shown_name(name: &str) -> String {
    let name: String = name
        .chars()
        .filter(|letter| !letter.is_control())
        .take(LONGEST_NAME)
        .collect();
    match name.trim() {
        "" => "a device without a name".to_owned(),
        name => name.to_owned(),
    }
}

/// A device's id; ours always has 16 bytes.
fn id_of(device: &DeviceRecord) -> [u8; 16] {
    device.id.as_slice().try_into().unwrap_or_default()
}

fn grant_of(device: &DeviceRecord) -> Option<GrantId> {
    device.grant.as_slice().try_into().ok().map(GrantId)
}

pub(super) fn code_hash(secret: &Token) -> Digest {
    Digest(blake3::derive_key(
        "freehold 2026 device code",
        secret.expose(),
    ))
}

fn unwritten(error: WriteError<DeviceError>) -> DeviceError {
    match error {
        WriteError::Change(error) => error,
        other => DeviceError::Write(other.into()),
    }
}
