//! What the sections of machines say in one line each, kept in memory and renewed when a report came.

use std::{collections::HashMap, sync::Arc};

use freehold_proto::v1::section::Kind;
use tokio::sync::broadcast::{Receiver, error::TryRecvError};

use crate::{
    access::headline::{Headline, SECTIONS},
    events::Event,
    id::{Digest, MachineId},
    store::{Read as _, Store, StoreError},
};

/// The headlines of machines, without scope applied.
pub(super) struct Headlines {
    events: Receiver<Event>,
    by_machine: HashMap<MachineId, Arc<Headline>>,
}

impl Headlines {
    pub(super) fn new(events: Receiver<Event>) -> Self {
        Self {
            events,
            by_machine: HashMap::new(),
        }
    }

    /// Of some machines, in their order.
    pub(super) fn of(
        &mut self,
        store: &Store,
        machines: impl IntoIterator<Item = MachineId>,
    ) -> Result<Vec<Arc<Headline>>, StoreError> {
        self.hear();
        machines
            .into_iter()
            .map(|id| self.headline(store, id))
            .collect()
    }

    fn headline(&mut self, store: &Store, id: MachineId) -> Result<Arc<Headline>, StoreError> {
        if let Some(headline) = self.by_machine.get(&id) {
            return Ok(Arc::clone(headline));
        }
        let headline = Arc::new(read(store, id)?);
        self.by_machine.insert(id, Arc::clone(&headline));
        Ok(headline)
    }

    /// Forgets whatever events say has changed. Events are announced after the change is durable, so what
    /// is read after this cannot be older than the event.
    fn hear(&mut self) {
        loop {
            match self.events.try_recv() {
                Ok(Event::Machine(id) | Event::Report(id)) => {
                    self.by_machine.remove(&id);
                }
                Err(TryRecvError::Lagged(_)) => self.by_machine.clear(),
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
            }
        }
    }
}

fn read(store: &Store, id: MachineId) -> Result<Headline, StoreError> {
    let mut headline = Headline::hidden();
    for kind in SECTIONS {
        take_in(store, id, kind, &mut headline)?;
    }
    Ok(headline)
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
