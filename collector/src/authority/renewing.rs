//! Server certificates that renew themselves while the collector runs.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use rustls::{
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use super::error::AuthorityError;
use crate::clock::{Clock, UnixMillis};

/// A certificate and key for TLS, with the time it is good for.
#[derive(Clone)]
pub(super) struct Leaf {
    pub(super) key: Arc<CertifiedKey>,
    pub(super) issued_at: UnixMillis,
    pub(super) not_after: UnixMillis,
}

impl Leaf {
    /// From two thirds of its life on, or when the clock was set back to before it was made.
    fn is_due(&self, now: UnixMillis) -> bool {
        let life = self.not_after.since(self.issued_at);
        now >= self.issued_at.plus(life / 3 * 2)
            || now.plus(Duration::from_secs(60)) < self.issued_at
    }
}

type Issue = dyn Fn(UnixMillis) -> Result<Leaf, AuthorityError> + Send + Sync;

/// Hands out the current certificate and makes the next one, with a key of its own, when that is due.
/// Neither is ever written to disk.
pub(super) struct RenewingLeaf {
    clock: Clock,
    issue: Box<Issue>,
    current: RwLock<Leaf>,
}

impl RenewingLeaf {
    pub(super) fn new(
        clock: Clock,
        issue: impl Fn(UnixMillis) -> Result<Leaf, AuthorityError> + Send + Sync + 'static,
    ) -> Result<Self, AuthorityError> {
        let current = RwLock::new(issue(clock.now())?);
        Ok(Self {
            clock,
            issue: Box::new(issue),
            current,
        })
    }

    /// The certificate to show now.
    pub(super) fn current(&self) -> Leaf {
        let now = self.clock.now();
        let current = self.peek();
        if !current.is_due(now) {
            return current;
        }
        let mut slot = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if slot.is_due(now) {
            match (self.issue)(now) {
                Ok(leaf) => {
                    tracing::info!(not_after = %leaf.not_after, "renewed a server certificate");
                    *slot = leaf;
                }
                Err(error) => {
                    tracing::error!(%error, "cannot renew a server certificate; the old one is used on");
                }
            }
        }
        slot.clone()
    }

    fn peek(&self) -> Leaf {
        self.current
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl ResolvesServerCert for RenewingLeaf {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current().key)
    }
}

impl fmt::Debug for RenewingLeaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RenewingLeaf").finish_non_exhaustive()
    }
}
