//! Speaks to the collector: checks in, delivers, renews, and knows when to leave it alone.

mod connection;
mod delivery;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use freehold_proto::v1::{CheckInRequest, CheckInResponse, Readings, section::Kind};
use tokio::time::{sleep, sleep_until};

use super::{
    shared::Shared,
    status::{State, StatusFile},
};
use crate::{
    clock::Moment,
    identity::Identity,
    report::{Backoff, Chain, Failure},
    state::StateDirectory,
};
use connection::Connection;
use delivery::Delivery;

/// Changes that come together go together.
const GATHER: Duration = Duration::from_millis(100);
/// Whatever a collector says about the next check-in lies within these.
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
const DEFAULT: Duration = Duration::from_secs(60);
/// The first and the longest window in which to try again.
const TROUBLE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(120));
/// The same, for a collector that does not accept this machine.
const REFUSAL: (Duration, Duration) = (
    Duration::from_secs(20 * 60),
    Duration::from_secs(6 * 60 * 60),
);
/// No try comes sooner after a failure, and after a refusal.
const LEAST: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(10 * 60));

/// The half of the agent that speaks.
pub(super) struct Reporter {
    connection: Connection,
    delivery: Delivery,
    chain: Chain,
    shared: Arc<Shared>,
    status: StatusFile,
    trouble: Backoff,
    refusal: Backoff,
    /// Readings in the last check-in that was answered.
    told_readings: Option<Readings>,
}

/// What to do after a round.
enum Next {
    CheckInAfter(Duration),
    LeaveAlone(Duration),
}

impl Reporter {
    pub(super) fn new(
        state: StateDirectory,
        identity: Identity,
        chain: Chain,
        shared: Arc<Shared>,
        status: StatusFile,
    ) -> Self {
        Self {
            connection: Connection::new(state, identity),
            delivery: Delivery::new(shared.clone()),
            chain,
            shared,
            status,
            trouble: Backoff::new(TROUBLE.0, TROUBLE.1),
            refusal: Backoff::new(REFUSAL.0, REFUSAL.1),
            told_readings: None,
        }
    }

    pub(super) async fn run(mut self) {
        loop {
            let next = self.round_and_account().await;
            self.write_status(&next);
            match next {
                Next::CheckInAfter(delay) => {
                    let delay = delay.mul_f64(0.95 + rand::random::<f64>() / 10.0);
                    tokio::select! {
                        () = sleep_until((Instant::now() + delay).into()) => {}
                        () = something_to_deliver(&self.shared) => sleep(GATHER).await,
                    }
                }
                Next::LeaveAlone(delay) => sleep(delay).await,
            }
        }
    }

    async fn round_and_account(&mut self) -> Next {
        let was_open = self.connection.is_open();
        let mut outcome = self.round().await;
        if was_open && matches!(outcome, Err(Failure::Lost(_))) {
            // An idle connection may have died long ago; that says nothing about the collector.
            self.connection.close();
            outcome = self.round().await;
        }
        match outcome {
            Ok(delay) => {
                self.trouble.succeeded();
                self.refusal.succeeded();
                Next::CheckInAfter(delay)
            }
            Err(failure) => {
                if failure.breaks_connection() {
                    self.connection.close();
                }
                self.account(&failure)
            }
        }
    }

    fn account(&mut self, failure: &Failure) -> Next {
        let is_refused = matches!(failure, Failure::Refused(_));
        let (backoff, least) = if is_refused {
            (&mut self.refusal, LEAST.1)
        } else {
            (&mut self.trouble, LEAST.0)
        };
        let delay = backoff.failed(failure.floor(), rand::random()).max(least);
        if backoff.failures() == 1 || is_refused {
            tracing::warn!(seconds = delay.as_secs(), "{failure}");
        } else {
            tracing::debug!(seconds = delay.as_secs(), "{failure}");
        }
        self.status.update(|report| {
            report.fail(failure.to_string());
            if is_refused {
                report.state = State::Refused;
            }
        });
        Next::LeaveAlone(delay)
    }

    /// One round: connect, renew, check in, deliver. Returns when to check in again.
    async fn round(&mut self) -> Result<Duration, Failure> {
        let now = Moment::now();
        self.note_clock(&now);
        self.connection.open(&mut self.status).await?;
        let boots = self.shared.spool().boots();
        self.connection
            .renew_when_due(&boots, &now, &mut self.status)
            .await?;
        let answer = match self.check_in().await {
            Err(Failure::Refused(message)) => self.check_in_renewed(message).await?,
            answer => answer?,
        };
        let wanted: Vec<Kind> = answer.wanted().collect();
        let lacking = self.delivery.not_waiting(&wanted);
        if let Some(bundle) = answer.credentials {
            self.connection.take(bundle, &mut self.status);
        }
        let refused = self.delivery.deliver(self.connection.link()?).await?;
        if let Some(message) = refused {
            let message = format!("the collector refused a report: {message}");
            self.status.update(|report| report.note_trouble(message));
        }
        self.delivery.insist(lacking);
        let next = match answer.next_check_in_seconds {
            0 => DEFAULT,
            seconds => Duration::from_secs(seconds.into()).clamp(SHORTEST, LONGEST),
        };
        let held = self.delivery.held_for();
        Ok(held.map_or(next, |held| next.min(held.max(SHORTEST))))
    }

    fn note_clock(&mut self, now: &Moment) {
        let mut spool = self.shared.spool();
        if let Err(error) = spool.observe(now) {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "the clock is only noted in memory");
        }
        spool.expire(now);
    }

    /// By this machine's clock the certificate may still hold while the collector sees it expired: then
    /// it takes nothing but a renewal.
    async fn check_in_renewed(&mut self, message: String) -> Result<CheckInResponse, Failure> {
        let is_first = self.refusal.failures() == 0;
        if !self
            .connection
            .renew_if_refused(is_first, &mut self.status)
            .await
        {
            return Err(Failure::Refused(message));
        }
        self.connection.open(&mut self.status).await?;
        self.check_in().await
    }

    async fn check_in(&mut self) -> Result<CheckInResponse, Failure> {
        let now = Moment::now();
        let (boots, lost) = {
            let spool = self.shared.spool();
            (spool.boots(), spool.lost())
        };
        let told = self.told_readings.as_ref();
        let moved = self
            .shared
            .readings()
            .filter(|readings| has_moved(told, readings));
        let request = CheckInRequest {
            sections: self.shared.summaries(&boots, &now),
            readings: moved.clone(),
            chain: Some(self.chain.link()),
            clock_unix_ms: now.wall_ms,
            agent_version: env!("CARGO_PKG_VERSION").to_owned(),
            credentials_digest: self.connection.credentials_digest(),
            spool_lost: lost,
        };
        let answer = self.connection.link()?.check_in(request).await?;
        if let Err(error) = self.chain.answered() {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "the chain of check-ins is only in memory");
        }
        if let Err(error) = self.shared.spool().told_lost(lost) {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "losses may be told twice");
        }
        if moved.is_some() {
            self.told_readings = moved;
        }
        self.status.update(super::status::Report::checked_in);
        Ok(answer)
    }

    fn write_status(&mut self, next: &Next) {
        let now = Moment::now();
        let (Next::CheckInAfter(delay) | Next::LeaveAlone(delay)) = next;
        let spool = self.shared.spool();
        self.status.update(|report| {
            report.pending_reports = spool.entries().len();
            report.pending_bytes = spool.bytes();
            report.oldest_pending_seconds = spool.oldest_age(&now).map(|age| age.as_secs());
            report.lost_reports = spool.lost();
            report.next_attempt_seconds = delay.as_secs();
        });
        self.status.write();
    }
}

/// Waits for a change that was not delivered with the last round.
async fn something_to_deliver(shared: &Shared) {
    loop {
        shared.changed.notified().await;
        if !shared.spool().entries().is_empty() {
            return;
        }
    }
}

/// Whether readings differ by more than time passing.
fn has_moved(told: Option<&Readings>, readings: &Readings) -> bool {
    let still = |readings: &Readings| Readings {
        uptime_seconds: None,
        ..readings.clone()
    };
    told.is_none_or(|told| {
        still(told) != still(readings) || readings.uptime_seconds < told.uptime_seconds
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readings(uptime: u64, memory: u32) -> Readings {
        Readings {
            uptime_seconds: Some(uptime),
            memory_used_percent: Some(memory),
            ..Default::default()
        }
    }

    #[test]
    fn readings_are_sent_when_they_moved_but_not_because_time_passed() {
        assert!(has_moved(None, &readings(60, 30)));
        assert!(!has_moved(Some(&readings(60, 30)), &readings(120, 30)));
        assert!(has_moved(Some(&readings(60, 30)), &readings(120, 35)));
        assert!(
            has_moved(Some(&readings(6000, 30)), &readings(60, 30)),
            "a restart"
        );
    }
}
