//! Whether a code adds a device: decided alone, on the store's thread.

use super::{DeviceError, id_of};
use crate::{
    access::PersonId,
    audit::{Actor, Event, Log},
    clock::UnixMillis,
    id::Digest,
    store::{
        Read as _, Txn,
        record::{DeviceCodeRecord, DeviceRecord, LogAct},
    },
};

/// Devices of one person.
const MOST: usize = 20;

/// A device that shows a code.
pub(super) struct Acceptance {
    /// Hash of the code.
    pub(super) code: Digest,
    /// Whose code it was when it was looked up.
    pub(super) person: PersonId,
    /// What the device will be.
    pub(super) device: DeviceRecord,
    /// Who adds it.
    pub(super) by: Actor,
    /// When.
    pub(super) now: UnixMillis,
}

impl Acceptance {
    /// Adds the device, or finds that this code and key have added it before. Checks everything again: the code may
    /// have been used, or the password changed, meanwhile.
    pub(super) fn admit(self, txn: &mut Txn, log: &Log) -> Result<DeviceRecord, DeviceError> {
        let mut code = self.open_code(txn)?;
        if let Ok(known) = <[u8; 16]>::try_from(code.device.as_slice()) {
            let known = txn.device(&known)?;
            let same = known.filter(|known| known.public_key == self.device.public_key);
            return same.ok_or(DeviceError::Used);
        }
        let all = txn.devices()?;
        let own = all
            .iter()
            .filter(|other| other.person == self.device.person);
        if own.count() >= MOST {
            return Err(DeviceError::TooManyDevices);
        }
        code.device.clone_from(&self.device.id);
        txn.put_device_code(&self.code, &code);
        txn.put_device(&id_of(&self.device), &self.device);
        let event = Event::new(LogAct::AddedDevice).subject(&self.device.name);
        log.note(txn, &self.by, event)?;
        Ok(self.device)
    }

    /// The code, used or not, if it is one of somebody who still signs in as when it was made.
    fn open_code(&self, txn: &Txn) -> Result<DeviceCodeRecord, DeviceError> {
        let code = txn.device_code(&self.code)?.ok_or(DeviceError::NoCode)?;
        if code.expires_at <= self.now.0 {
            return Err(DeviceError::ExpiredCode);
        }
        let person = txn.person(&self.person.0)?.ok_or(DeviceError::NoCode)?;
        if person.ended_at != 0 || code.created_at < person.password_set_at {
            return Err(DeviceError::NoCode);
        }
        Ok(code)
    }
}
