//! Who calls, and the entry that is durable before there is an answer.

use std::net::IpAddr;

use tonic::{Request, Status};

use super::{Desk, Remote, computers::no_longer_shared};
use crate::{
    access::{DeviceRefusal, People, Reader, Viewer},
    audit::{Actor, Event},
    peer::{DevicePeer, Peer, Remote as Address},
};

/// Somebody who calls with a device.
pub(super) struct Caller {
    /// Who, as it was when the call began.
    pub(super) reader: Reader,
    /// The device's certificate.
    pub(super) peer: DevicePeer,
    address: IpAddr,
}

/// How somebody stands at the moment that is asked: what is shared may have changed or ended meanwhile.
#[derive(Clone)]
pub(super) struct Sight {
    people: People,
    peer: DevicePeer,
}

impl Caller {
    /// The holder of the certificate that the listener vouches for.
    pub(super) fn of<T>(desk: &Desk, request: &Request<T>) -> Result<Self, Status> {
        let extensions = request.extensions();
        let (Some(Peer::Device(peer)), Some(address)) =
            (extensions.get::<Peer>(), extensions.get::<Address>())
        else {
            return Err(Status::permission_denied(
                "reading is possible on the name access.freehold only",
            ));
        };
        let reader = desk
            .people
            .reader(peer)
            .map_err(|refusal| refused(&refusal))?;
        Ok(Self {
            reader,
            peer: *peer,
            address: address.0.ip(),
        })
    }

    /// Who it is, for the log.
    pub(super) fn actor(&self) -> Actor {
        self.reader.actor(self.address)
    }

    /// Notes in the list of devices that this one was used.
    pub(super) async fn note_use(&self, desk: &Desk) {
        desk.people.note_use(&self.reader, self.address).await;
    }

    /// Its standing, to be looked up again and again.
    pub(super) fn sight(&self, desk: &Desk) -> Sight {
        Sight {
            people: desk.people.clone(),
            peer: self.peer,
        }
    }
}

impl Sight {
    /// What may be seen now.
    pub(super) fn viewer(&self) -> Result<Viewer, Status> {
        match self.people.reader(&self.peer) {
            Ok(reader) => Ok(reader.viewer()),
            Err(refusal) => Err(refused(&refusal)),
        }
    }

    /// Refuses to go on with an answer that was put together for somebody who saw something else.
    pub(super) fn unchanged(&self, then: &Viewer) -> Result<(), Status> {
        if self.viewer()? == *then {
            Ok(())
        } else {
            Err(no_longer_shared())
        }
    }
}

impl Remote {
    /// Refuses who calls too often.
    pub(super) fn check_pace(&self, caller: &Caller) -> Result<(), Status> {
        self.pace
            .check_key(&caller.reader.name.person)
            .map_err(|_| {
                Status::resource_exhausted("too many requests at once: wait a moment and try again")
            })
    }

    /// Writes down what is about to be read, and answers with what may be seen once that is durable.
    pub(super) async fn noted(&self, caller: &Caller, event: Event) -> Result<Viewer, Status> {
        let by = caller.actor();
        self.desk.journal.note(&by, event).await.map_err(|error| {
            tracing::error!(%error, "a read was refused because it could not be written down");
            Status::unavailable("this could not be written into the log of reads, so it is not shown: try again later")
        })?;
        caller.note_use(&self.desk).await;
        caller.sight(&self.desk).viewer()
    }
}

fn refused(refusal: &DeviceRefusal) -> Status {
    match refusal {
        DeviceRefusal::Store(_) => Status::unavailable(refusal.to_string()),
        _ => Status::permission_denied(refusal.to_string()),
    }
}
