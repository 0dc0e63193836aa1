//! Speaks to the collector: checks in, delivers, renews, and knows when to leave it alone.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use freehold_proto::v1::{
    CheckInRequest, CheckInResponse, CredentialBundle, Readings, section::Kind,
};
use tokio::time::{sleep, sleep_until};

use super::{
    shared::Shared,
    status::{State, StatusFile},
};
use crate::{
    clock::{Boots, Moment},
    identity::{COLLECTOR_NAME, CollectorVerifier, Identity},
    report::{Backoff, Chain, Failure, Link, Version, dial},
    snapshot::Digest,
    state::StateDirectory,
};

/// Versions and bytes of one upload.
const BATCH_VERSIONS: usize = 64;
const BATCH_BYTES: u64 = 2 * 1024 * 1024;
/// Changes that come together go together.
const GATHER: Duration = Duration::from_millis(100);
/// Whatever a collector says about the next check-in lies within these.
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
const DEFAULT: Duration = Duration::from_secs(60);
/// Jitter on top of a delay that the collector asked for.
const LONGEST_JITTER: Duration = Duration::from_secs(60);
/// An unchanged section is delivered again at most this often, however often it is wanted.
const INSIST: Duration = Duration::from_secs(10 * 60);
/// A renewal that failed is not tried again sooner, while the certificate still holds.
const RENEWAL_PAUSE: Duration = Duration::from_secs(60 * 60);

/// The half of the agent that speaks.
pub(super) struct Reporter {
    state: StateDirectory,
    identity: Identity,
    chain: Chain,
    shared: Arc<Shared>,
    status: StatusFile,
    link: Option<(Link, Arc<CollectorVerifier>)>,
    trouble: Backoff,
    refusal: Backoff,
    /// Readings in the last check-in that was answered.
    told_readings: Option<Readings>,
    /// Sections that were delivered again on request: which version, when, how often.
    insisted: HashMap<Kind, (Digest, Instant, u32)>,
    renewal_not_before: Instant,
    /// The collector takes no upload before; check-ins go on.
    hold: Option<Instant>,
    /// A version up to this position was refused; which one is found by sending them singly.
    singly_until: u64,
    /// Refused versions in a row: should the collector refuse everything, little is given up.
    distaste: Backoff,
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
            state,
            identity,
            chain,
            shared,
            status,
            link: None,
            trouble: Backoff::new(Duration::from_secs(1), Duration::from_secs(120)),
            refusal: Backoff::new(
                Duration::from_secs(20 * 60),
                Duration::from_secs(6 * 60 * 60),
            ),
            told_readings: None,
            insisted: HashMap::new(),
            renewal_not_before: Instant::now(),
            hold: None,
            singly_until: 0,
            distaste: Backoff::new(Duration::from_secs(1), Duration::from_secs(6 * 60 * 60)),
        }
    }

    pub(super) async fn run(mut self) {
        loop {
            let next = self.round_and_account().await;
            self.write_status(&next);
            match next {
                Next::CheckInAfter(delay) => {
                    let delay = delay.mul_f64(0.95 + rand::random::<f64>() / 10.0);
                    let shared = self.shared.clone();
                    tokio::select! {
                        () = sleep_until((Instant::now() + delay).into()) => {}
                        () = shared.changed.notified() => sleep(GATHER).await,
                    }
                }
                Next::LeaveAlone(delay) => sleep(delay).await,
            }
        }
    }

    async fn round_and_account(&mut self) -> Next {
        let had_link = self.link.is_some();
        let mut outcome = self.round().await;
        if had_link && matches!(outcome, Err(Failure::Lost(_))) {
            // An idle connection may have died long ago; that says nothing about the collector.
            self.link = None;
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
                    self.link = None;
                }
                self.account(&failure)
            }
        }
    }

    fn account(&mut self, failure: &Failure) -> Next {
        let is_refused = matches!(failure, Failure::Refused(_));
        let backoff = if is_refused {
            &mut self.refusal
        } else {
            &mut self.trouble
        };
        let delay = backoff.failed(failure.floor(), rand::random());
        let least = if is_refused {
            Duration::from_secs(10 * 60)
        } else {
            Duration::from_millis(200)
        };
        let delay = delay.max(least);
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
        self.connect().await?;
        if self.renewal_is_due(&now) {
            self.renew_or_carry_on().await?;
            self.connect().await?;
        }
        let answer = match self.check_in().await {
            Err(Failure::Refused(message)) => self.check_in_renewed(message).await?,
            answer => answer?,
        };
        let wanted: Vec<Kind> = answer.wanted().collect();
        let waiting: Vec<Kind> = self
            .shared
            .spool()
            .entries()
            .iter()
            .map(|entry| entry.kind)
            .collect();
        if let Some(bundle) = answer.credentials {
            self.apply(bundle);
        }
        self.deliver_unless_held().await?;
        self.insist(wanted.into_iter().filter(|kind| !waiting.contains(kind)));
        let next = match answer.next_check_in_seconds {
            0 => DEFAULT,
            seconds => Duration::from_secs(seconds.into()).clamp(SHORTEST, LONGEST),
        };
        let until_hold_ends = |end: Instant| end.saturating_duration_since(Instant::now());
        Ok(self
            .hold
            .map_or(next, |end| next.min(until_hold_ends(end).max(SHORTEST))))
    }

    fn note_clock(&mut self, now: &Moment) {
        let mut spool = self.shared.spool();
        if let Err(error) = spool.observe(now) {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the clock is only noted in memory"
            );
        }
        spool.expire(now);
    }

    async fn connect(&mut self) -> Result<(), Failure> {
        if self.link.is_some() {
            return Ok(());
        }
        let (tls, verifier) = self
            .identity
            .tls()
            .map_err(|error| Failure::Lost(error.to_string()))?;
        let dialled = dial(self.identity.addresses(), &tls.into(), COLLECTOR_NAME)
            .await
            .map_err(Failure::Unreachable)?;
        let link = Link::open(dialled).await?;
        tracing::debug!(address = link.address, "connected");
        let fault = verifier.clock_fault();
        if let Some(fault) = &fault {
            tracing::warn!("{fault}");
        }
        self.status.update(|report| {
            report.clock_fault = fault.map(|fault| fault.to_string());
            report.connected_to = Some(link.address.clone());
        });
        self.link = Some((link, verifier));
        Ok(())
    }

    fn link(&mut self) -> Result<&mut Link, Failure> {
        match &mut self.link {
            Some((link, _)) => Ok(link),
            None => Err(Failure::Lost("there is none".to_owned())),
        }
    }

    fn renewal_is_due(&self, now: &Moment) -> bool {
        let boots = self.shared.spool().boots();
        self.identity.renewal_in(&boots, now).is_zero() && Instant::now() >= self.renewal_not_before
    }

    /// A certificate that still holds is good enough for now.
    async fn renew_or_carry_on(&mut self) -> Result<(), Failure> {
        self.renewal_not_before = Instant::now() + RENEWAL_PAUSE;
        match self.renew().await {
            Err(failure) if failure.breaks_connection() => Err(failure),
            Err(failure) => {
                tracing::warn!("the certificate was not renewed: {failure}");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    async fn renew(&mut self) -> Result<(), Failure> {
        let csr = self
            .identity
            .signing_request()
            .map_err(|error| Failure::Lost(error.to_string()))?;
        let bundle = self.link()?.renew(csr).await?;
        if bundle.certificate_chain.is_empty() {
            return Err(Failure::Rejected(
                "missing field 'certificate_chain'".to_owned(),
            ));
        }
        if !self.apply(bundle) {
            return Err(Failure::Rejected(
                "the new certificate is not usable".to_owned(),
            ));
        }
        tracing::info!("the certificate was renewed");
        // The next connection presents the new certificate.
        self.link = None;
        Ok(())
    }

    /// By this machine's clock the certificate may still hold while the collector sees it expired: then
    /// it takes nothing but a renewal.
    async fn check_in_renewed(&mut self, message: String) -> Result<CheckInResponse, Failure> {
        if self.refusal.failures() > 0 && Instant::now() < self.renewal_not_before {
            return Err(Failure::Refused(message));
        }
        self.renewal_not_before = Instant::now() + RENEWAL_PAUSE;
        if let Err(failure) = self.renew().await {
            tracing::debug!("no renewal either: {failure}");
            return Err(Failure::Refused(message));
        }
        self.connect().await?;
        self.check_in().await
    }

    async fn check_in(&mut self) -> Result<CheckInResponse, Failure> {
        let now = Moment::now();
        let (boots, lost) = {
            let spool = self.shared.spool();
            (spool.boots(), spool.lost())
        };
        let readings = self.shared.readings();
        let moved = readings
            .clone()
            .filter(|readings| has_moved(self.told_readings.as_ref(), readings));
        let request = CheckInRequest {
            sections: self.shared.summaries(&boots, &now),
            readings: moved.clone(),
            chain: Some(self.chain.link()),
            clock_unix_ms: now.wall_ms,
            agent_version: env!("CARGO_PKG_VERSION").to_owned(),
            credentials_digest: self.identity.credentials_digest().to_vec(),
            spool_lost: lost,
        };
        let answer = self.link()?.check_in(request).await?;
        if let Err(error) = self.chain.answered() {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the chain of check-ins is only in memory"
            );
        }
        if let Err(error) = self.shared.spool().told_lost(lost) {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "losses may be told twice"
            );
        }
        if moved.is_some() {
            self.told_readings = moved;
        }
        self.status.update(|report| report.checked_in());
        Ok(answer)
    }

    /// Takes over anchors, addresses and a certificate. False when they are not usable.
    fn apply(&mut self, bundle: CredentialBundle) -> bool {
        let Some((link, _)) = &self.link else {
            return false;
        };
        let next = match self.identity.with(bundle, &link.collector) {
            Ok(next) => next,
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "credentials from the collector were not taken"
                );
                return false;
            }
        };
        if let Err(error) = next.save(&self.state) {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "new credentials could not be kept"
            );
            return false;
        }
        self.identity = next;
        self.status.identify(&self.identity);
        true
    }

    /// Delivers what waits. A collector that takes no more for now still gets check-ins.
    async fn deliver_unless_held(&mut self) -> Result<(), Failure> {
        if self.hold.is_some_and(|end| Instant::now() < end) {
            return Ok(());
        }
        self.hold = None;
        let pause = match self.deliver().await {
            Err(Failure::Busy { after, message }) if !after.is_zero() => {
                tracing::info!(seconds = after.as_secs(), message, "reports are held back");
                after
            }
            Err(Failure::Rejected(message)) => {
                self.status.update(|report| {
                    report.note_trouble(format!("the collector refused a report: {message}"));
                });
                self.distaste.failed(Duration::ZERO, 1.0)
            }
            outcome => outcome?,
        };
        if !pause.is_zero() {
            let jitter = pause.min(LONGEST_JITTER).mul_f64(rand::random());
            self.hold = Some(Instant::now() + pause + jitter);
        }
        Ok(())
    }

    /// Delivers what waits, oldest first. Returns how long the collector asks to pause.
    async fn deliver(&mut self) -> Result<Duration, Failure> {
        loop {
            let (batch, boots) = self.next_batch();
            if batch.is_empty() {
                if self.shared.spool().entries().is_empty() {
                    return Ok(Duration::ZERO);
                }
                continue;
            }
            let sequences: Vec<u64> = batch.iter().map(|version| version.sequence).collect();
            match self.link()?.upload(batch, boots).await {
                Ok(pause) => {
                    self.acknowledged(&sequences);
                    self.distaste.succeeded();
                    if !pause.is_zero() {
                        return Ok(pause);
                    }
                }
                Err(Failure::Rejected(_)) if sequences.len() > 1 => {
                    self.singly_until = sequences.last().copied().unwrap_or_default();
                }
                Err(Failure::Rejected(message)) => {
                    // One version that is never taken must not hold up the others.
                    tracing::error!(message, "the collector refuses a report; it is given up");
                    self.shared.spool().lose(sequences[0]);
                    return Err(Failure::Rejected(message));
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    fn next_batch(&self) -> (Vec<Version>, Boots) {
        let mut spool = self.shared.spool();
        let first = spool.entries().front().map(|entry| entry.sequence);
        let singly = first.is_some_and(|first| first <= self.singly_until);
        let count = if singly { 1 } else { BATCH_VERSIONS };
        (spool.batch(count, BATCH_BYTES), spool.boots())
    }

    fn acknowledged(&mut self, sequences: &[u64]) {
        tracing::debug!(count = sequences.len(), "delivered");
        if let Err(error) = self.shared.spool().acknowledged(sequences) {
            // They may be sent again, which does no harm.
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "delivery is only noted in memory"
            );
        }
    }

    /// The collector lacks sections that this agent believes delivered.
    fn insist(&mut self, kinds: impl Iterator<Item = Kind>) {
        let mut again = Vec::new();
        for kind in kinds {
            let Some(digest) = self.shared.digest(kind) else {
                continue;
            };
            let times = match self.insisted.get(&kind) {
                Some((known, at, _)) if *known == digest && at.elapsed() < INSIST => continue,
                Some((known, _, times)) if *known == digest => times + 1,
                _ => 1,
            };
            if times > 1 {
                // It was acknowledged without effect: its position had been taken.
                self.shared.spool().leap();
            }
            self.insisted.insert(kind, (digest, Instant::now(), times));
            again.push(kind);
        }
        self.shared.want(again);
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
