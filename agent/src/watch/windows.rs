//! What the registry tells as it happens. What is not kept there, such as a service that stops, is polled.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use freehold_proto::v1::section::Kind;
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

use super::{Place, Subject};
use crate::{
    probe::Root,
    sys::windows::changes::{self, Watched, Watching},
};

/// Between two looks at what was told. Meanwhile it gathers.
const PAUSE: Duration = Duration::from_millis(500);

const fn key(path: &'static str) -> Watched {
    Watched { path, tree: false }
}

const fn tree(path: &'static str) -> Watched {
    Watched { path, tree: true }
}

/// Keys that change when something worth reporting does, and hardly ever otherwise. Not the whole of
/// `Services`: what runs in the background writes there with every program that starts.
const KEYS: [Watched; 11] = [
    tree(r"SAM\SAM\Domains\Builtin\Aliases"),
    tree(r"SAM\SAM\Domains\Account"),
    key(r"SOFTWARE\Microsoft\Windows Defender\Real-Time Protection"),
    key(r"SOFTWARE\Microsoft\Windows Defender\Features"),
    tree(r"SOFTWARE\Policies\Microsoft\Windows Defender"),
    key(r"SYSTEM\CurrentControlSet\Services"),
    tree(r"SYSTEM\CurrentControlSet\Services\LanmanServer\Shares"),
    tree(r"SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy"),
    key(r"SYSTEM\CurrentControlSet\Control\Terminal Server"),
    tree(r"SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall"),
    tree(r"SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall"),
];

/// What each key concerns.
const CONCERNED: [&[Kind]; KEYS.len()] = [
    &[Kind::Accounts],
    &[Kind::Accounts],
    &[Kind::Antivirus],
    &[Kind::Antivirus],
    &[Kind::Antivirus],
    &[Kind::Services, Kind::Antivirus],
    &[Kind::Services],
    &[Kind::Protection],
    &[Kind::Protection],
    &[Kind::Software, Kind::Antivirus],
    &[Kind::Software, Kind::Antivirus],
];

/// Watches what the agent reports about.
#[derive(Debug)]
pub(crate) struct Watch {
    news: Arc<News>,
    not_before: Instant,
    _watching: Option<Watching>,
}

/// Which keys changed, a bit each.
#[derive(Debug, Default)]
struct News {
    changed: AtomicU32,
    told: Notify,
}

impl Watch {
    pub(crate) fn new(root: &Root) -> Self {
        let news = Arc::new(News::default());
        let told = news.clone();
        let tell = move |position| {
            told.changed.fetch_or(1_u32 << position, Ordering::AcqRel);
            told.told.notify_one();
        };
        let watching = root.is_live().then(|| changes::watch(&KEYS, tell));
        let watching = watching.and_then(|watching| {
            watching
                .inspect_err(|error| tracing::warn!(%error, "changes are noticed by polling"))
                .ok()
        });
        Self {
            news,
            not_before: Instant::now(),
            _watching: watching,
        }
    }

    pub(crate) fn follow(&mut self, _places: Vec<Place>) {}

    pub(crate) fn follow_processes(&mut self, _processes: &[u32]) {}

    pub(crate) async fn rearm(&mut self) -> Vec<Subject> {
        Vec::new()
    }

    /// Waits until something changed and tells which subjects that concerns. May be cancelled.
    pub(crate) async fn changed(&mut self) -> Vec<Subject> {
        sleep_until(self.not_before).await;
        self.news.told.notified().await;
        self.not_before = Instant::now() + PAUSE;
        let changed = self.news.changed.swap(0, Ordering::AcqRel);
        let mut subjects: Vec<_> = CONCERNED
            .iter()
            .enumerate()
            .filter(|(position, _)| changed & (1_u32 << position) != 0)
            .flat_map(|(_, kinds)| kinds.iter().copied().map(Subject::Section))
            .collect();
        subjects.sort_unstable();
        subjects.dedup();
        subjects
    }
}
