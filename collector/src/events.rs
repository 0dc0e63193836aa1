//! What just happened, for whoever shows it live.

use std::{
    collections::VecDeque,
    fmt,
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
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
    recent: Arc<Mutex<VecDeque<(u64, Event)>>>,
    began: Instant,
    run: u32,
}

/// When something was asked for: what was announced since then it may not show. A time and not a count, which would
/// tell a guest how much goes on that is not shared. The default is before anything that is still known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// Of which run of the collector; never 0.
    run: u32,
    /// Milliseconds since that run began.
    millis: u64,
}

impl Default for Events {
    fn default() -> Self {
        Self {
            sender: broadcast::channel(KEPT).0,
            recent: Arc::default(),
            began: Instant::now(),
            run: rand::random_range(1..=u32::MAX),
        }
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.run, self.millis)
    }
}

impl FromStr for Mark {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (run, millis) = text.split_once('-').unwrap_or((text, ""));
        Ok(Self {
            run: run.parse()?,
            millis: millis.parse()?,
        })
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
            recent.push_back((self.millis(), event));
        }
        let _ = self.sender.send(event);
    }

    /// Now.
    pub fn mark(&self) -> Mark {
        Mark {
            run: self.run,
            millis: self.millis(),
        }
    }

    /// What was announced since then; `None` when that may be more than is known.
    pub fn since(&self, mark: Mark) -> Option<Vec<Event>> {
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let is_since = |at: u64| at >= mark.millis;
        let is_forgotten =
            recent.len() == KEPT && recent.front().is_some_and(|(at, _)| is_since(*at));
        if mark.run != self.run || is_forgotten {
            return None;
        }
        let newest = recent.iter().rev().take_while(|(at, _)| is_since(*at));
        Some(newest.map(|(_, event)| *event).collect())
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Hears events from now on. A slow listener loses the oldest.
    pub fn listen(&self) -> broadcast::Receiver<Event> {
        self.sender.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn whoever_begins_to_listen_learns_what_happened_since_a_mark() {
        let events = Events::default();
        let (first, second) = (MachineId::random(), MachineId::random());
        let before = events.mark();
        events.announce(Event::Machine(first));
        std::thread::sleep(Duration::from_millis(5));
        let between = events.mark();
        events.announce(Event::Finding(second));
        assert_eq!(events.since(between), Some(vec![Event::Finding(second)]));
        assert_eq!(events.since(before).map(|all| all.len()), Some(2));
        std::thread::sleep(Duration::from_millis(5));
        let after = events.mark();
        assert_eq!(events.since(after), Some(Vec::new()));
        for _ in 0..KEPT {
            events.announce(Event::Complete);
        }
        assert_eq!(events.since(after), None, "more than is kept");
    }

    #[test]
    fn of_a_mark_from_elsewhere_nothing_is_known() {
        let events = Events::default();
        let mark = events.mark();
        assert_eq!(mark.to_string().parse(), Ok(mark));
        assert_eq!(Events::default().since(mark), None, "of another run");
        assert_eq!(events.since(Mark::default()), None);
        for text in ["", "-", "1", "1-", "-1", "1-2-3", "x-1", "4294967296-1"] {
            assert!(text.parse::<Mark>().is_err(), "{text}");
        }
    }
}
