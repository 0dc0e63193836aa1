//! Which machines are connected, so that one can be cut off.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio_util::sync::CancellationToken;

use crate::id::MachineId;

/// Most connections a machine may have open at once. An agent needs one; beyond these the oldest goes.
const PER_MACHINE: usize = 4;

/// The open connections of machines. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Connections {
    table: Arc<Table>,
}

#[derive(Debug, Default)]
struct Table {
    next: AtomicU64,
    open: Mutex<HashMap<MachineId, Vec<Open>>>,
}

#[derive(Debug)]
struct Open {
    number: u64,
    cut: CancellationToken,
}

impl Connections {
    /// Ends all connections of a machine, open streams included, within a second. Says how many.
    pub fn cut(&self, id: MachineId) -> usize {
        let cut = self.open().remove(&id).unwrap_or_default();
        for connection in &cut {
            connection.cut.cancel();
        }
        cut.len()
    }

    /// How many machines are connected.
    pub fn machines(&self) -> usize {
        self.open().len()
    }

    /// Whether a machine is connected.
    pub fn is_connected(&self, id: MachineId) -> bool {
        self.open().contains_key(&id)
    }

    /// Notes a connection, until the returned guard is dropped.
    pub(crate) fn note(&self, id: MachineId) -> Noted {
        let number = self.table.next.fetch_add(1, Ordering::Relaxed);
        let cut = CancellationToken::new();
        let mut open = self.open();
        let connections = open.entry(id).or_default();
        if connections.len() >= PER_MACHINE {
            connections.remove(0).cut.cancel();
        }
        connections.push(Open {
            number,
            cut: cut.clone(),
        });
        Noted {
            connections: self.clone(),
            id,
            number,
            cut,
        }
    }

    fn open(&self) -> MutexGuard<'_, HashMap<MachineId, Vec<Open>>> {
        self.table
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// A noted connection.
#[derive(Debug)]
pub(crate) struct Noted {
    connections: Connections,
    id: MachineId,
    number: u64,
    cut: CancellationToken,
}

impl Noted {
    /// Resolves when the connection must end.
    pub(crate) async fn cut(&self) {
        self.cut.cancelled().await;
    }
}

impl Drop for Noted {
    fn drop(&mut self) {
        let mut open = self.connections.open();
        if let Some(connections) = open.get_mut(&self.id) {
            connections.retain(|connection| connection.number != self.number);
            if connections.is_empty() {
                open.remove(&self.id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cutting_a_machine_leaves_the_others() {
        let connections = Connections::default();
        let (one, two) = (MachineId::random(), MachineId::random());
        let (first, second) = (connections.note(one), connections.note(two));
        assert_eq!(connections.cut(one), 1);
        assert!(first.cut.is_cancelled());
        assert!(!second.cut.is_cancelled());
        assert!(!connections.is_connected(one));
        assert!(connections.is_connected(two));
    }

    #[test]
    fn a_closed_connection_is_forgotten() {
        let connections = Connections::default();
        let id = MachineId::random();
        let noted = connections.note(id);
        assert_eq!(connections.machines(), 1);
        drop(noted);
        assert_eq!(connections.machines(), 0);
    }

    #[test]
    fn a_machine_that_hoards_connections_loses_its_oldest() {
        let connections = Connections::default();
        let id = MachineId::random();
        let noted: Vec<Noted> = (0..=PER_MACHINE).map(|_| connections.note(id)).collect();
        assert!(noted[0].cut.is_cancelled());
        assert!(noted[1..].iter().all(|one| !one.cut.is_cancelled()));
        assert_eq!(connections.cut(id), PER_MACHINE);
    }
}
