//! Who reads with a device: decided anew at every request.

use std::net::IpAddr;

use subtle::ConstantTimeEq as _;

use super::{DEVICE_AWAY, DeviceRefusal, grant_of, outlives};
use crate::{
    access::{
        Viewer,
        people::{Delegation, People, Role, role::Standing, session::SEEN_EVERY},
    },
    audit::Actor,
    clock::UnixMillis,
    peer::{DeviceName, DevicePeer},
    store::{Read as _, StoreError},
};

/// Somebody who reads with a device now.
#[derive(Clone, Debug)]
pub struct Reader {
    /// The device, and whose it is.
    pub name: DeviceName,
    /// The person's name.
    pub person: String,
    /// The device's own name for itself.
    pub device: String,
    /// In which capacity.
    pub role: Role,
    seen_at: UnixMillis,
}

impl Reader {
    /// What may be read.
    pub fn viewer(&self) -> Viewer {
        self.role.viewer(self.name.person)
    }

    /// Under what it is read; `None` for an owner.
    pub fn delegation(&self) -> Option<&Delegation> {
        self.role.delegation()
    }

    /// Whether whole lists may be taken along.
    pub fn may_export(&self) -> bool {
        self.delegation().is_none_or(|under| under.may_export)
    }

    /// Who reads, for the log.
    pub fn actor(&self, address: IpAddr) -> Actor {
        let actor = self.role.actor(self.name.person, &self.person);
        actor.from(address).with(&self.device)
    }
}

impl People {
    /// Who reads with a device now, by its certificate. Reads only. That the certificate may have expired, if not
    /// too long ago, is for the caller to judge.
    pub fn reader(&self, peer: &DevicePeer) -> Result<Reader, DeviceRefusal> {
        let name = peer.name;
        let device = self.store.device(&name.device.0)?;
        let device = device.ok_or(DeviceRefusal::Ended)?;
        let person = self.store.person(&name.person.0)?;
        let person = person.ok_or(DeviceRefusal::PersonEnded)?;
        let has_key: bool = device
            .public_key
            .as_slice()
            .ct_eq(peer.public_key.as_bytes())
            .into();
        let is_named = device.person == name.person.0 && grant_of(&device) == name.grant;
        let role = match self.standing(&person)? {
            Standing::Good(role) => role,
            Standing::Over(grant, state) => {
                return Err(DeviceRefusal::Over {
                    state,
                    since: grant.expires_at,
                });
            }
            Standing::Ended => return Err(DeviceRefusal::PersonEnded),
        };
        if !has_key || !is_named || !outlives(&device, &person) {
            return Err(DeviceRefusal::Ended);
        }
        if self.clock.now().since(peer.not_after) > DEVICE_AWAY {
            return Err(DeviceRefusal::Away(DEVICE_AWAY));
        }
        Ok(Reader {
            name,
            person: person.name,
            device: device.name,
            role,
            seen_at: UnixMillis(device.seen_at),
        })
    }

    /// Notes that a device was used, every few minutes.
    pub async fn note_use(&self, reader: &Reader, address: IpAddr) {
        let now = self.clock.now();
        if now.since(reader.seen_at) < SEEN_EVERY {
            return;
        }
        let (id, remote) = (reader.name.device.0, address.to_canonical().to_string());
        let noted = self.write(move |txn| {
            // It may have been ended meanwhile: that must not bring it back.
            if let Some(mut device) = txn.device(&id)? {
                device.seen_at = now.0;
                device.remote = remote;
                txn.put_device(&id, &device);
            }
            Ok::<(), StoreError>(())
        });
        if let Err(error) = noted.await {
            tracing::warn!(%error, "the use of a device could not be noted");
        }
    }
}
