//! What just happened, for whoever shows it live.

use tokio::sync::broadcast;

use crate::id::MachineId;

/// Something a page may want to show without being reloaded. Carries no data: readers go through the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A machine was enrolled, approved, renamed, revoked or otherwise changed its state.
    Machine(MachineId),
    /// A machine's report was stored.
    Report(MachineId),
    /// What is found about a machine changed.
    Finding(MachineId),
    /// What was shown as still being gone through is complete now.
    Complete,
}

/// Where events are announced and heard. Clones share the channel.
#[derive(Clone, Debug)]
pub struct Events {
    sender: broadcast::Sender<Event>,
}

impl Default for Events {
    fn default() -> Self {
        Self {
            sender: broadcast::channel(1024).0,
        }
    }
}

impl Events {
    /// Announces an event; nobody listening is fine.
    pub fn announce(&self, event: Event) {
        let _ = self.sender.send(event);
    }

    /// Hears events from now on. A slow listener loses the oldest.
    pub fn listen(&self) -> broadcast::Receiver<Event> {
        self.sender.subscribe()
    }
}
