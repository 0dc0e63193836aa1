//! What just happened, for whoever shows it live.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

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

/// Events that are kept for those who listen, and for those who begin to.
const KEPT: usize = 1024;

/// Where events are announced and heard. Clones share the channel.
#[derive(Clone, Debug)]
pub struct Events {
    sender: broadcast::Sender<Event>,
    recent: Arc<Mutex<VecDeque<(Instant, Event)>>>,
}

impl Default for Events {
    fn default() -> Self {
        Self {
            sender: broadcast::channel(KEPT).0,
            recent: Arc::default(),
        }
    }
}

impl Events {
    /// Announces an event; nobody listening is fine.
    pub fn announce(&self, event: Event) {
        {
            let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
            if recent.len() == KEPT {
                recent.pop_front();
            }
            recent.push_back((Instant::now(), event));
        }
        let _ = self.sender.send(event);
    }

    /// What was announced within a time that has just passed; `None` when that was more than is kept.
    pub fn within(&self, time: Duration) -> Option<Vec<Event>> {
        let now = Instant::now();
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let is_within = |at: &Instant| now.duration_since(*at) <= time;
        if recent.len() == KEPT && recent.front().is_some_and(|(at, _)| is_within(at)) {
            return None;
        }
        let newest = recent.iter().rev().take_while(|(at, _)| is_within(at));
        Some(newest.map(|(_, event)| *event).collect())
    }

    /// Hears events from now on. A slow listener loses the oldest.
    pub fn listen(&self) -> broadcast::Receiver<Event> {
        self.sender.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_begins_to_listen_learns_what_happened_just_before() {
        let events = Events::default();
        let (first, second) = (MachineId::random(), MachineId::random());
        events.announce(Event::Machine(first));
        std::thread::sleep(Duration::from_millis(200));
        events.announce(Event::Finding(second));
        let within = |millis| events.within(Duration::from_millis(millis));
        assert_eq!(within(100), Some(vec![Event::Finding(second)]));
        assert_eq!(within(60_000).map(|all| all.len()), Some(2));
        for _ in 0..KEPT {
            events.announce(Event::Complete);
        }
        assert_eq!(within(60_000), None);
    }
}
