//! A machine whose sections the test writes.

use std::{path::Path, sync::Arc};

use freehold_agent::{
    clock::Moment,
    config::{Config, Intervals},
    identity::{JoinString, Joined, join},
    probe::Root,
    run::{RunError, Source, run_with, status::Report},
    snapshot::Collected,
    state::StateDirectory,
};
use freehold_proto::v1::{Readings, section::Kind};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Sections are the contents of files below `etc`, so that changes are noticed as on a real machine.
#[derive(Debug)]
struct Files {
    root: std::path::PathBuf,
}

impl Source for Files {
    fn collect(&self, kind: Kind) -> Option<Collected> {
        let name = match kind {
            Kind::Accounts => "etc/passwd",
            Kind::System => "etc/hostname",
            _ => return None,
        };
        let body = std::fs::read(self.root.join(name)).ok()?;
        Some(Collected::now(kind, body))
    }

    fn readings(&self) -> Readings {
        Readings {
            memory_used_percent: Some(30),
            uptime_seconds: Some(Moment::now().since_boot_ms),
            ..Readings::default()
        }
    }

    fn root(&self) -> Root {
        Root::at(&self.root)
    }
}

/// A machine with an agent.
pub(crate) struct Machine {
    place: tempfile::TempDir,
    pub(crate) config: Config,
    running: Option<(CancellationToken, JoinHandle<Result<(), RunError>>)>,
}

impl Machine {
    pub(crate) fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let mut config = Config::for_directory(place.path().join("state"));
        std::fs::create_dir_all(place.path().join("root/etc")).unwrap();
        config.root = Root::at(place.path().join("root"));
        config.intervals = Intervals {
            security: Duration::from_secs(60),
            frequent: Duration::from_millis(500),
            slow: Duration::from_secs(60),
        };
        let machine = Self {
            place,
            config,
            running: None,
        };
        machine.write("passwd", "nobody");
        machine.write("hostname", "front-desk");
        machine
    }

    /// A machine that has joined and reports.
    pub(crate) async fn reporting_to(collector: &super::Collector) -> Self {
        let mut machine = Self::new();
        machine.join(&collector.join_string()).await.unwrap();
        machine.start();
        collector
            .until("first report", |script| script.uploads.len() >= 2)
            .await;
        machine
    }

    pub(crate) fn write(&self, name: &str, content: &str) {
        let path = self.place.path().join("root/etc").join(name);
        std::fs::write(path, content).unwrap();
    }

    pub(crate) fn state(&self) -> &Path {
        &self.config.state_directory
    }

    pub(crate) async fn join(
        &self,
        join_string: &JoinString,
    ) -> Result<Joined, freehold_agent::identity::JoinError> {
        join(&self.config, join_string, |_| {}).await
    }

    pub(crate) fn start(&mut self) {
        let cancel = CancellationToken::new();
        let source = Arc::new(Files {
            root: self.place.path().join("root"),
        });
        let run = run_with(self.config.clone(), source, cancel.clone(), || {});
        self.running = Some((cancel, tokio::spawn(run)));
    }

    /// Ends the agent without giving it a chance to put anything in order.
    pub(crate) async fn kill(&mut self) {
        let (_, task) = self.running.take().unwrap();
        task.abort();
        let _ = task.await;
    }

    /// Asks the agent to stop.
    pub(crate) async fn stop(&mut self) {
        let (cancel, task) = self.running.take().unwrap();
        cancel.cancel();
        task.await.unwrap().unwrap();
    }

    pub(crate) fn is_running(&self) -> bool {
        self.running
            .as_ref()
            .is_some_and(|(_, task)| !task.is_finished())
    }

    pub(crate) fn status(&self) -> Report {
        self.report().unwrap()
    }

    fn report(&self) -> Option<Report> {
        Report::load(&StateDirectory::existing(self.state())).unwrap()
    }

    pub(crate) async fn until_status(&self, what: &str, condition: impl Fn(&Report) -> bool) {
        let end = std::time::Instant::now() + Duration::from_secs(15);
        while !self.report().as_ref().is_some_and(&condition) {
            let late = std::time::Instant::now() > end;
            assert!(!late, "never happened: {what}: {:?}", self.report());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
