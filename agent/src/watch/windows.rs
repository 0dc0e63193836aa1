//! What the registry and the service manager tell as it happens. The rest is polled.

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
    probe::{Root, antivirus},
    sys::windows::{
        changes::{self, Watched, Watching},
        service_states::{self, Following},
    },
};

/// Between two looks at what was told. Meanwhile it gathers.
const PAUSE: Duration = Duration::from_millis(500);

const fn key(path: &'static str) -> Watched {
    Watched { path, tree: false }
}

const fn tree(path: &'static str) -> Watched {
    Watched { path, tree: true }
}

/// Which services there are.
const SERVICES: &str = r"SYSTEM\CurrentControlSet\Services";

/// Keys that change when something worth reporting does, and hardly ever otherwise. Not the whole of
/// `Services`: what runs in the background writes there with every program that starts.
const KEYS: [Watched; 11] = [
    tree(r"SAM\SAM\Domains\Builtin\Aliases"),
    tree(r"SAM\SAM\Domains\Account"),
    key(r"SOFTWARE\Microsoft\Windows Defender\Real-Time Protection"),
    key(r"SOFTWARE\Microsoft\Windows Defender\Features"),
    tree(r"SOFTWARE\Policies\Microsoft\Windows Defender"),
    key(SERVICES),
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

/// What a service concerns that begins or ceases to protect; its bit is the one behind those of the keys.
const PROTECTION: &[Kind] = &[Kind::Antivirus, Kind::Services];

/// Watches what the agent reports about.
#[derive(Debug)]
pub(crate) struct Watch {
    news: Arc<News>,
    not_before: Instant,
    _watching: Option<Watching>,
    following: Option<Following>,
}

/// What changed, a bit each.
#[derive(Debug, Default)]
struct News {
    changed: AtomicU32,
    told: Notify,
}

impl Watch {
    pub(crate) fn new(root: &Root) -> Self {
        let news = Arc::new(News::default());
        let (by_registry, by_services) = (news.clone(), news.clone());
        let noticed =
            |error: &std::io::Error| tracing::warn!(%error, "changes are noticed by polling");
        let watching = root.is_live().then(|| {
            changes::watch(&KEYS, move |position| by_registry.tell(position))
                .inspect_err(noticed)
                .ok()
        });
        let following = root.is_live().then(|| {
            service_states::follow(antivirus::protects, move || by_services.tell(KEYS.len()))
                .inspect_err(noticed)
                .ok()
        });
        Self {
            news,
            not_before: Instant::now(),
            _watching: watching.flatten(),
            following: following.flatten(),
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
        let has_changed = |position: usize| changed & (1_u32 << position) != 0;
        let may_be_new = KEYS
            .iter()
            .position(|key| key.path == SERVICES)
            .is_some_and(has_changed);
        if let (true, Some(following)) = (may_be_new, &self.following) {
            following.look_again();
        }
        let mut subjects: Vec<_> = CONCERNED
            .iter()
            .chain([&PROTECTION])
            .enumerate()
            .filter(|(position, _)| has_changed(*position))
            .flat_map(|(_, kinds)| kinds.iter().copied().map(Subject::Section))
            .collect();
        subjects.sort_unstable();
        subjects.dedup();
        subjects
    }
}

impl News {
    fn tell(&self, position: usize) {
        self.changed.fetch_or(1_u32 << position, Ordering::AcqRel);
        self.told.notify_one();
    }
}
