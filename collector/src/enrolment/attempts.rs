//! How often an address may fail to join. Tokens cannot be guessed; this keeps those who try from wasting
//! our time.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tonic::Status;

use crate::{
    clock::{Clock, UnixMillis},
    peer::Remote,
};

/// Failures an address may have at once.
const FAILURES: u32 = 30;

/// How long it takes for one of them to be forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(2);

/// Addresses that are remembered. Beyond these the most blameless are forgotten.
const ADDRESSES: usize = 10_000;

/// Failures by address. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Attempts {
    clock: Clock,
    /// For each address the time at which all its failures are forgotten.
    settled: Arc<Mutex<HashMap<IpAddr, UnixMillis>>>,
}

impl Attempts {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            clock,
            settled: Arc::default(),
        }
    }

    /// Refuses an address that failed too often.
    pub(super) fn check(&self, remote: Remote) -> Result<(), Status> {
        let now = self.clock.now();
        let settled = self.settled.lock().unwrap_or_else(PoisonError::into_inner);
        let debt = settled
            .get(&remote.subscriber())
            .map_or(Duration::ZERO, |at| at.since(now));
        let allowed = FORGOTTEN_AFTER * (FAILURES - 1);
        let Some(wait) = debt.checked_sub(allowed).filter(|wait| !wait.is_zero()) else {
            return Ok(());
        };
        let mut status = Status::resource_exhausted(
            "too many failed attempts to join from this address: wait a minute and check the join string",
        );
        let wait = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
        status.metadata_mut().insert("retry-after-ms", wait.into());
        Err(status)
    }

    /// Notes a failure.
    pub(super) fn failed(&self, remote: Remote) {
        let now = self.clock.now();
        let mut settled = self.settled.lock().unwrap_or_else(PoisonError::into_inner);
        if settled.len() >= ADDRESSES {
            settled.retain(|_, at| *at > now);
        }
        if settled.len() >= ADDRESSES
            && let Some(least) = settled.iter().min_by_key(|(_, at)| **at).map(|(ip, _)| *ip)
        {
            settled.remove(&least);
        }
        let at = settled.entry(remote.subscriber()).or_insert(now);
        *at = (*at).max(now).plus(FORGOTTEN_AFTER);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remote(address: &str) -> Remote {
        Remote(format!("{address}:1000").parse().unwrap())
    }

    #[test]
    fn an_address_that_keeps_failing_must_wait_and_others_need_not() {
        let clock = Clock::system();
        let attempts = Attempts::new(clock.clone());
        let (guesser, other) = (remote("192.0.2.1"), remote("192.0.2.2"));
        for _ in 0..FAILURES {
            attempts.check(guesser).unwrap();
            attempts.failed(guesser);
        }
        let status = attempts.check(guesser).unwrap_err();
        assert!(status.metadata().contains_key("retry-after-ms"));
        attempts.check(other).unwrap();
        clock.advance(FORGOTTEN_AFTER * 2);
        attempts.check(guesser).unwrap();
    }

    #[test]
    fn memory_is_bounded() {
        let attempts = Attempts::new(Clock::system());
        for number in 0..ADDRESSES as u32 + 100 {
            let address = std::net::Ipv4Addr::from(number);
            attempts.failed(Remote((address, 1).into()));
        }
        assert!(attempts.settled.lock().unwrap().len() <= ADDRESSES);
    }
}
