//! Looks at the machine: one section at a time, off the runtime, memory given back afterwards.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use freehold_proto::v1::{Accounts, Antivirus, section::Kind};
use prost::Message as _;
use tokio::{
    task::{JoinError, JoinHandle, spawn_blocking},
    time::{sleep_until, timeout},
};

use super::{schedule::Schedule, shared::Shared, source::Source};
use crate::{
    clock::Moment,
    config::Config,
    probe::{Work, antivirus},
    report::Version,
    snapshot::Collected,
    sys,
    watch::{Place, Subject, Watch, places_of_administrators},
};

/// So long the others wait for a section that is being looked at; the first time, when all of them make up
/// the first report, and later.
const PATIENCE: (Duration, Duration) = (Duration::from_secs(20), Duration::from_secs(2));

/// After that a probe hangs, as on a dead network share: its section says so.
const LOOK_TIME: Duration = Duration::from_secs(60);

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
    patience: Duration,
    look_time: Duration,
    /// Sections whose probe still runs while the others go on.
    slow: HashMap<Kind, Look>,
    slow_readings: Option<JoinHandle<()>>,
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
            patience: PATIENCE.0,
            look_time: LOOK_TIME,
            slow: HashMap::new(),
            slow_readings: None,
            wanted: Vec::new(),
        }
    }

    pub(super) async fn run(mut self) {
        loop {
            let due = self.schedule.next().unwrap_or(self.readings_due);
            let due = self.overdue().map_or(due, |overdue| overdue.min(due));
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

    /// When the next of the probes that still run has taken too long. One that has ended waits for its next look.
    fn overdue(&self) -> Option<Instant> {
        let runs = |look: &&Look| !look.is_told && !look.job.is_finished();
        let waiting = self.slow.values().filter(runs);
        waiting.map(|look| look.began + self.look_time).min()
    }

    /// Has sections whose probe hangs say so. What they would have said comes when it no longer does.
    fn tell_what_hangs(&mut self) {
        for (kind, look) in &mut self.slow {
            let hangs = look.began.elapsed() >= self.look_time && !look.job.is_finished();
            if !hangs || std::mem::replace(&mut look.is_told, true) {
                continue;
            }
            tracing::error!(
                section = kind.as_str_name(),
                "a probe hangs; the others go on"
            );
            if let Some(collected) = look.work.hanging(*kind, self.look_time) {
                deliver(&self.shared, &collected, false);
            }
        }
    }

    /// Looks at everything that is due.
    pub(super) async fn look_at_due(&mut self) {
        self.tell_what_hangs();
        let rearmed = self.watch.rearm().await;
        self.note_changes(rearmed);
        for kind in self.schedule.take_due(Instant::now()) {
            self.look_at(kind).await;
        }
        self.patience = self.patience.min(PATIENCE.1);
        if self.readings_due <= Instant::now() {
            self.read().await;
        }
        let _ = spawn_blocking(sys::memory::trim).await;
    }

    async fn look_at(&mut self, kind: Kind) {
        if let Some(look) = self.slow.remove(&kind) {
            if !look.job.is_finished() {
                self.slow.insert(kind, look);
                // What it read may be from before the change.
                self.schedule.changed(kind, Instant::now());
                return;
            }
            self.finish(kind, look.job.await);
        }
        let is_wanted = self.wanted.contains(&kind);
        self.wanted.retain(|wanted| *wanted != kind);
        let (source, shared) = (self.source.clone(), self.shared.clone());
        let work = Arc::new(Work::default());
        let own = work.clone();
        let mut look = Look {
            job: spawn_blocking(move || own.of(|| look(&*source, &shared, kind, is_wanted))),
            work,
            began: Instant::now(),
            is_told: false,
        };
        match timeout(self.patience, &mut look.job).await {
            Ok(outcome) => self.finish(kind, outcome),
            Err(_) => {
                self.slow.insert(kind, look);
            }
        }
    }

    fn finish(&mut self, kind: Kind, outcome: Result<Option<Worth>, JoinError>) {
        match outcome {
            Ok(None) => {}
            Ok(Some(Worth::Places(places))) => self.watch.follow(places),
            Ok(Some(Worth::Processes(processes))) => self.watch.follow_processes(&processes),
            Err(error) => {
                tracing::error!(section = kind.as_str_name(), %error, "a probe failed");
            }
        }
    }

    async fn read(&mut self) {
        self.readings_due = Instant::now() + self.readings_every;
        if self
            .slow_readings
            .as_ref()
            .is_some_and(|job| !job.is_finished())
        {
            return;
        }
        let (source, shared) = (self.source.clone(), self.shared.clone());
        let mut job = spawn_blocking(move || shared.set_readings(source.readings()));
        match timeout(self.patience, &mut job).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the readings could not be taken"),
            Err(_) => {
                tracing::debug!("the readings take long; the sections go on");
                self.slow_readings = Some(job);
            }
        }
    }
}

/// A section that is being looked at.
struct Look {
    job: JoinHandle<Option<Worth>>,
    work: Arc<Work>,
    began: Instant,
    /// It was said that it hangs.
    is_told: bool,
}

/// What is worth watching because of what a section holds.
enum Worth {
    Places(Vec<Place>),
    Processes(Vec<u32>),
}

/// Looks at a section. Returns what is worth watching because of it.
fn look(source: &dyn Source, shared: &Shared, kind: Kind, is_wanted: bool) -> Option<Worth> {
    let collected = source.collect(kind)?;
    if !deliver(shared, &collected, is_wanted) {
        return None;
    }
    let body = collected.body;
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

/// Puts a section into the spool when it is news; false when that cannot be.
fn deliver(shared: &Shared, collected: &Collected, is_wanted: bool) -> bool {
    let (kind, digest) = (collected.kind, collected.digest);
    let at = Moment::now();
    let is_news = is_wanted || shared.spool().latest(kind) != Some(digest);
    let version = is_news.then(|| Version::compress(kind, digest, &collected.body, at.clone()));
    match version.transpose() {
        Ok(version) => {
            shared.observe(kind, digest, at, version);
            true
        }
        Err(error) => {
            tracing::error!(section = kind.as_str_name(), %error, "cannot be compressed");
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, mpsc};

    use freehold_proto::v1::Readings;

    use super::*;
    use crate::{config::SpoolLimits, probe::Root, report::Spool, state::StateDirectory};

    /// A machine on which one section cannot be read until it is let go.
    struct Hanging {
        gate: Mutex<mpsc::Receiver<()>>,
        place: tempfile::TempDir,
    }

    impl Source for Hanging {
        fn collect(&self, kind: Kind) -> Option<Collected> {
            if kind == Kind::System {
                let _ = self.gate.lock().unwrap().recv();
            }
            Some(Collected::now(kind, Vec::new()))
        }

        fn readings(&self) -> Readings {
            Readings::default()
        }

        fn root(&self) -> Root {
            Root::at(self.place.path())
        }
    }

    #[tokio::test]
    async fn a_change_that_is_noticed_is_looked_at_within_seconds() {
        let place = tempfile::tempdir().unwrap();
        let state = StateDirectory::open(&place.path().join("state")).unwrap();
        let spool = Spool::open(&state, SpoolLimits::default()).unwrap();
        let config = Config::for_directory(place.path());
        let (_release, gate) = mpsc::channel();
        let gate = Mutex::new(gate);
        let source = Arc::new(Hanging { gate, place });
        let mut observer = Observer::new(&config, source, Arc::new(Shared::new(spool)));
        let soon = Instant::now() + Duration::from_secs(15);
        observer.schedule.take_due(Instant::now());
        assert!(observer.schedule.next().unwrap() > soon);
        observer.readings_due = soon + Duration::from_secs(100);
        observer.note_changes(vec![Subject::Section(Kind::Software), Subject::Readings]);
        assert!(observer.schedule.next().unwrap() < soon && observer.readings_due < soon);
    }

    #[tokio::test]
    async fn a_probe_that_hangs_holds_up_no_other() {
        let place = tempfile::tempdir().unwrap();
        let state = StateDirectory::open(&place.path().join("state")).unwrap();
        let spool = Spool::open(&state, SpoolLimits::default()).unwrap();
        let shared = Arc::new(Shared::new(spool));
        let (release, gate) = mpsc::channel();
        let gate = Mutex::new(gate);
        let config = Config::for_directory(place.path());
        let source = Arc::new(Hanging { gate, place });
        let mut observer = Observer::new(&config, source, shared.clone());
        observer.patience = Duration::from_millis(50);
        observer.look_at_due().await;
        assert!(shared.digest(Kind::Accounts).is_some() && shared.readings().is_some());
        assert!(shared.digest(Kind::System).is_none());

        // What hangs is said, and the section with it; nobody else has to come along for that.
        observer.look_time = Duration::from_millis(100);
        let told = async {
            while shared.digest(Kind::System).is_none() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let until = observer.overdue().unwrap();
        sleep_until(until.into()).await;
        observer.tell_what_hangs();
        told.await;
        let hanging = shared.digest(Kind::System);
        observer.tell_what_hangs();
        assert!(observer.slow[&Kind::System].is_told, "once is enough");

        // One that was slow and has ended is waited for no longer, or the observer would never rest again.
        let ended = spawn_blocking(|| None);
        while !ended.is_finished() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let slow = Look {
            job: ended,
            work: Arc::default(),
            began: Instant::now(),
            is_told: false,
        };
        observer.slow.insert(Kind::Network, slow);
        assert_eq!(observer.overdue(), None);

        // It is looked at again when it is done, since it may have read what was before.
        observer.look_at(Kind::System).await;
        assert!(observer.schedule.next().unwrap() < Instant::now() + Duration::from_secs(10));
        drop(release);
        while shared.digest(Kind::System) == hanging {
            tokio::time::sleep(Duration::from_millis(10)).await;
            observer.look_at(Kind::System).await;
        }
    }
}
