//! Looks at the machine: one section at a time, off the runtime, memory given back afterwards.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use freehold_proto::v1::{Accounts, Antivirus, section::Kind};
use prost::Message as _;
use tokio::{
    task::{JoinHandle, spawn_blocking},
    time::{sleep_until, timeout},
};

use super::{schedule::Schedule, shared::Shared, source::Source};
use crate::{
    clock::Moment,
    config::Config,
    probe::antivirus,
    report::Version,
    snapshot::Collected,
    sys,
    watch::{Place, Subject, Watch, places_of_administrators},
};

/// Longest time one section may take; after that the others go on without it.
const LOOK_TIME: Duration = Duration::from_secs(120);

/// Readings that moved are taken after this time: they go out with the next check-in anyway.
const READINGS_PAUSE: Duration = Duration::from_secs(5);

/// Observes the machine and fills the spool.
pub(super) struct Observer {
    source: Arc<dyn Source>,
    shared: Arc<Shared>,
    schedule: Schedule,
    watch: Watch,
    readings_every: Duration,
    readings_due: Instant,
    /// Sections whose probe hangs, as on a dead network share.
    stuck: HashMap<Kind, JoinHandle<Option<Worth>>>,
    /// Sections to deliver although they are unchanged.
    wanted: Vec<Kind>,
}

impl Observer {
    pub(super) fn new(config: &Config, source: Arc<dyn Source>, shared: Arc<Shared>) -> Self {
        let now = Instant::now();
        Self {
            schedule: Schedule::new(&config.intervals, now, rand::random),
            watch: Watch::new(&source.root()),
            source,
            shared,
            readings_every: config.intervals.frequent,
            readings_due: now,
            stuck: HashMap::new(),
            wanted: Vec::new(),
        }
    }

    pub(super) async fn run(mut self) {
        loop {
            let due = self.schedule.next().unwrap_or(self.readings_due);
            let shared = self.shared.clone();
            tokio::select! {
                subjects = self.watch.changed() => self.note_changes(subjects),
                () = shared.wanted.notified() => self.note_wanted(),
                () = sleep_until(due.min(self.readings_due).into()) => self.look_at_due().await,
            }
        }
    }

    fn note_changes(&mut self, subjects: Vec<Subject>) {
        let now = Instant::now();
        for subject in subjects {
            match subject {
                Subject::Section(kind) => self.schedule.changed(kind, now),
                Subject::Readings => {
                    self.readings_due = self.readings_due.min(now + READINGS_PAUSE);
                }
            }
        }
    }

    fn note_wanted(&mut self) {
        let now = Instant::now();
        for kind in self.shared.take_wanted() {
            self.schedule.wanted(kind, now);
            self.wanted.push(kind);
        }
    }

    /// Looks at everything that is due.
    pub(super) async fn look_at_due(&mut self) {
        let rearmed = self.watch.rearm().await;
        self.note_changes(rearmed);
        for kind in self.schedule.take_due(Instant::now()) {
            self.look_at(kind).await;
        }
        if self.readings_due <= Instant::now() {
            self.read().await;
        }
        let _ = spawn_blocking(sys::memory::trim).await;
    }

    async fn look_at(&mut self, kind: Kind) {
        if self.stuck.get(&kind).is_some_and(|job| !job.is_finished()) {
            return;
        }
        self.stuck.remove(&kind);
        let is_wanted = self.wanted.contains(&kind);
        self.wanted.retain(|wanted| *wanted != kind);
        let (source, shared) = (self.source.clone(), self.shared.clone());
        let mut job = spawn_blocking(move || look(&*source, &shared, kind, is_wanted));
        match timeout(LOOK_TIME, &mut job).await {
            Ok(Ok(None)) => {}
            Ok(Ok(Some(Worth::Places(places)))) => self.watch.follow(places),
            Ok(Ok(Some(Worth::Processes(processes)))) => self.watch.follow_processes(&processes),
            Ok(Err(error)) => {
                tracing::error!(section = kind.as_str_name(), %error, "a probe failed");
            }
            Err(_) => {
                tracing::error!(
                    section = kind.as_str_name(),
                    "a probe hangs; the others go on"
                );
                self.stuck.insert(kind, job);
            }
        }
    }

    async fn read(&mut self) {
        self.readings_due = Instant::now() + self.readings_every;
        let (source, shared) = (self.source.clone(), self.shared.clone());
        let job = spawn_blocking(move || shared.set_readings(source.readings()));
        if !matches!(timeout(LOOK_TIME, job).await, Ok(Ok(()))) {
            tracing::error!("the readings could not be taken");
        }
    }
}

/// What is worth watching because of what a section holds.
enum Worth {
    Places(Vec<Place>),
    Processes(Vec<u32>),
}

/// Puts a section into the spool when it is news.
fn look(source: &dyn Source, shared: &Shared, kind: Kind, is_wanted: bool) -> Option<Worth> {
    let Collected { body, digest, .. } = source.collect(kind)?;
    let collected = Moment::now();
    let is_news = is_wanted || shared.spool().latest(kind) != Some(digest);
    let version = if is_news {
        match Version::compress(kind, digest, &body, collected.clone()) {
            Ok(version) => Some(version),
            Err(error) => {
                tracing::error!(section = kind.as_str_name(), %error, "cannot be compressed");
                return None;
            }
        }
    } else {
        None
    };
    shared.observe(kind, digest, collected, version);
    match kind {
        Kind::Accounts => {
            let accounts = Accounts::decode(&*body).ok()?;
            Some(Worth::Places(places_of_administrators(&accounts)))
        }
        Kind::Antivirus if source.root().is_live() => {
            let products = Antivirus::decode(&*body).ok()?.products;
            let is_any = !products.is_empty();
            let processes = is_any.then(|| antivirus::processes(&source.root()));
            Some(Worth::Processes(processes.unwrap_or_default()))
        }
        _ => None,
    }
}
