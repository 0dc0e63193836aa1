//! What the list of machines shows, kept in memory and renewed when something happened.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use freehold_proto::v1::section::Kind;
use tokio::sync::broadcast::{Receiver, error::TryRecvError};

use super::{Machine, MachineLine};
use crate::{
    access::headline::{Headline, SECTIONS},
    events::Event,
    id::{Digest, MachineId},
    store::{Read as _, Store, StoreError, record::MachineRecord},
};

/// One line a machine, without scope applied and without what moves with every check-in.
pub(super) struct Lines {
    events: Receiver<Event>,
    by_machine: HashMap<MachineId, Arc<MachineLine>>,
    /// Every machine of the store is in `by_machine`.
    complete: bool,
}

impl Lines {
    pub(super) fn new(events: Receiver<Event>) -> Self {
        Self {
            events,
            by_machine: HashMap::new(),
            complete: false,
        }
    }

    /// Every machine.
    pub(super) fn all(&mut self, store: &Store) -> Result<Vec<Arc<MachineLine>>, StoreError> {
        self.hear();
        if !self.complete {
            for record in store.machines()? {
                let Some(id) = Machine::id_of(&record) else {
                    continue;
                };
                if let Entry::Vacant(place) = self.by_machine.entry(id) {
                    place.insert(Arc::new(read(store, id, record)?));
                }
            }
            self.complete = true;
        }
        Ok(self.by_machine.values().cloned().collect())
    }

    /// One machine.
    pub(super) fn one(
        &mut self,
        store: &Store,
        id: MachineId,
    ) -> Result<Option<Arc<MachineLine>>, StoreError> {
        self.hear();
        if let Some(line) = self.by_machine.get(&id) {
            return Ok(Some(Arc::clone(line)));
        }
        let Some(record) = store.machine(id)? else {
            return Ok(None);
        };
        let line = Arc::new(read(store, id, record)?);
        self.by_machine.insert(id, Arc::clone(&line));
        Ok(Some(line))
    }

    /// Forgets whatever events say has changed. Events are announced after the change is durable, so what
    /// is read after this cannot be older than the event.
    fn hear(&mut self) {
        loop {
            match self.events.try_recv() {
                Ok(Event::Machine(id) | Event::Report(id)) => {
                    self.by_machine.remove(&id);
                    self.complete = false;
                }
                Err(TryRecvError::Lagged(_)) => {
                    self.by_machine.clear();
                    self.complete = false;
                }
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
            }
        }
    }
}

fn read(store: &Store, id: MachineId, record: MachineRecord) -> Result<MachineLine, StoreError> {
    let mut headline = Headline::hidden();
    for kind in SECTIONS {
        take_in(store, id, kind, &mut headline)?;
    }
    Ok(MachineLine {
        machine: Machine::new(id, record),
        headline,
    })
}

fn take_in(
    store: &Store,
    id: MachineId,
    kind: Kind,
    headline: &mut Headline,
) -> Result<(), StoreError> {
    let Some(version) = store.current(id, kind)? else {
        headline.take_in(kind, None);
        return Ok(());
    };
    let body = Digest::from_slice(&version.digest).map(|digest| store.body(&digest));
    match body {
        Some(Ok(body)) => headline.take_in(kind, Some(&body)),
        // One damaged section must not hide every other machine.
        Some(Err(error)) => {
            tracing::error!(machine = %id, section = ?kind, %error, "a section could not be read");
            headline.take_in_unreadable(kind);
        }
        None => headline.take_in_unreadable(kind),
    }
    Ok(())
}
