//! Failed attempts to sign in: counted for the log, however many there are.

use std::{
    collections::BTreeSet,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use super::People;
use crate::{
    audit::{Actor, Event, NotLogged},
    store::record::LogAct,
};

/// Addresses named in one entry.
const NAMED: usize = 8;

/// Attempts since the last entry about them.
#[derive(Debug, Default)]
pub(super) struct Failures(Mutex<Lately>);

#[derive(Debug, Default)]
struct Lately {
    count: u64,
    from: BTreeSet<IpAddr>,
    more: bool,
}

impl Failures {
    /// Counts one.
    pub(super) fn count(&self, from: IpAddr) {
        let mut lately = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lately.count += 1;
        let from = from.to_canonical();
        if lately.from.len() < NAMED || lately.from.contains(&from) {
            lately.from.insert(from);
        } else {
            lately.more = true;
        }
    }

    fn take(&self) -> Lately {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl People {
    /// Writes into the log how many attempts to sign in failed since this was last done, if any did.
    pub async fn note_failures(&self) -> Result<(), NotLogged> {
        let lately = self.failures.take();
        if lately.count == 0 {
            return Ok(());
        }
        let mut from: Vec<String> = lately.from.iter().map(ToString::to_string).collect();
        if lately.more {
            from.push("others".to_owned());
        }
        let event = Event::new(LogAct::FailedSignIns).count(lately.count);
        let (store, by) = (&self.store, Actor::strangers());
        self.log
            .write(store, &by, event.detail(&from.join(", ")))
            .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_many_attempts_fail_little_is_remembered() {
        let failures = Failures::default();
        for n in 0..100_000_u32 {
            failures.count(IpAddr::from(n.to_be_bytes()));
        }
        let lately = failures.take();
        assert_eq!(lately.count, 100_000);
        assert_eq!(lately.from.len(), NAMED);
        assert!(lately.more);
        assert_eq!(failures.take().count, 0);
    }
}
