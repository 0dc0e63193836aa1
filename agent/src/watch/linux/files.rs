//! Files and folders, by inotify.
//!
//! Opening a file is deliberately not watched: every program that starts opens something in /etc.

use std::{
    collections::BTreeSet,
    io,
    mem::MaybeUninit,
    os::fd::OwnedFd,
    sync::Arc,
    time::{Duration, Instant},
};

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader};
use tokio::{
    io::unix::AsyncFd,
    task::{JoinHandle, spawn_blocking},
    time::timeout,
};

use super::{
    super::{
        Place, Subject,
        places::{Signs, common, databases},
    },
    arming::{Armed, Arming, arm},
};
use crate::{
    probe::{RPM_FILES, Root, rpm_folders},
    sys,
};

const BUFFER_BYTES: usize = 4096;
/// Most events read before the rest of the agent has its turn.
const AT_ONCE: usize = 20_000;

/// The kernel is told anew what to watch when a folder came or went. So often it is told besides, in case that was
/// missed.
const TOLD_AGAIN: Duration = Duration::from_secs(900);

/// How long telling the kernel may take; after that it goes on by itself.
const ARMING_TIME: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(super) struct Files {
    root: Root,
    /// `None` when the kernel grants no notification: then polling must do.
    descriptor: Option<AsyncFd<Arc<OwnedFd>>>,
    /// Places that were found on this machine, besides those that every machine has.
    followed: Vec<Place>,
    /// The places of what is armed.
    places: Vec<Place>,
    armed: Vec<Armed>,
    arming: Option<JoinHandle<Arming>>,
    armed_at: Option<Instant>,
    /// A folder came or went, or places were added.
    stale: bool,
    /// Whether the kernel's limit was reached, which is told once.
    exhausted: bool,
    is_first: bool,
}

/// What was read from the kernel.
#[derive(Debug, Default)]
struct News {
    subjects: Vec<Subject>,
    stale: bool,
    /// So much happened that the kernel does not know what.
    overflowed: bool,
}

impl Files {
    pub(super) fn new(root: &Root) -> Self {
        let descriptor = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)
            .map_err(io::Error::from)
            .and_then(sys::readiness::of);
        if let Err(error) = &descriptor {
            tracing::warn!(%error, "changes of files are noticed by polling only");
        }
        Self {
            root: root.clone(),
            descriptor: descriptor.ok(),
            followed: Vec::new(),
            places: Vec::new(),
            armed: Vec::new(),
            arming: None,
            armed_at: None,
            stale: true,
            exhausted: false,
            is_first: true,
        }
    }

    /// Whether it is time to rearm, and that is not under way for long already.
    pub(super) fn is_stale(&self) -> bool {
        self.stale && self.arming.is_none()
    }

    /// Whether the kernel may not watch what it should.
    pub(super) fn is_due(&self) -> bool {
        let is_old = self.armed_at.is_none_or(|at| at.elapsed() > TOLD_AGAIN);
        self.stale || self.arming.is_some() || is_old
    }

    pub(super) fn follow(&mut self, places: Vec<Place>) {
        if self.followed != places {
            self.followed = places;
            self.stale = true;
        }
    }

    /// Returns the subjects of folders that are watched from now on and were not before. May be cancelled.
    pub(super) async fn rearm(&mut self) -> Vec<Subject> {
        let Some(descriptor) = &self.descriptor else {
            return Vec::new();
        };
        let job = self.arming.get_or_insert_with(|| {
            let (descriptor, root) = (descriptor.get_ref().clone(), self.root.clone());
            let mut places = common();
            places.extend_from_slice(&self.followed);
            spawn_blocking(move || {
                places.extend(databases(rpm_folders(&root), &RPM_FILES));
                arm(&descriptor, root.path(), places)
            })
        });
        self.stale = false;
        let Ok(arming) = timeout(ARMING_TIME, job).await else {
            return Vec::new();
        };
        self.arming = None;
        arming.map_or_else(|_| Vec::new(), |arming| self.take(arming))
    }

    fn take(&mut self, arming: Arming) -> Vec<Subject> {
        if arming.exhausted && !self.exhausted {
            tracing::warn!(
                "the kernel grants no more file watches (sysctl fs.inotify.max_user_watches); the rest is noticed by polling"
            );
        }
        self.exhausted = arming.exhausted;
        self.places = arming.places;
        self.armed_at = Some(Instant::now());
        let before = std::mem::replace(&mut self.armed, arming.armed);
        self.forget(&before);
        if std::mem::take(&mut self.is_first) {
            // Everything is looked at anyway.
            return Vec::new();
        }
        let is_new = |armed: &&Armed| {
            let same = |earlier: &Armed| {
                earlier.id == armed.id
                    && earlier.directory == armed.directory
                    && earlier.awaits == armed.awaits
            };
            armed.awaits.is_none() && !before.iter().any(same)
        };
        let new = self.armed.iter().filter(is_new);
        new.flat_map(|armed| self.places_of(armed))
            .flat_map(|place| place.subjects.iter().copied())
            .collect()
    }

    /// Folders that are no longer wanted, or were moved away and live on under another name.
    fn forget(&self, before: &[Armed]) {
        let Some(descriptor) = &self.descriptor else {
            return;
        };
        let ids = |armed: &[Armed]| armed.iter().map(|armed| armed.id).collect::<BTreeSet<_>>();
        for id in ids(before).difference(&ids(&self.armed)) {
            // The kernel has forgotten those that were deleted.
            let _ = inotify::remove_watch(descriptor.get_ref(), *id);
        }
    }

    fn places_of<'a>(&'a self, armed: &'a Armed) -> impl Iterator<Item = &'a Place> {
        armed
            .places
            .iter()
            .filter_map(|index| self.places.get(*index))
    }

    /// Waits for news. Returns what it concerns, perhaps nothing. May be cancelled.
    pub(super) async fn changed(&mut self) -> Vec<Subject> {
        loop {
            let Some(descriptor) = &self.descriptor else {
                return std::future::pending().await;
            };
            let Ok(mut ready) = descriptor.readable().await else {
                self.descriptor = None;
                continue;
            };
            let mut news = News::default();
            let read = ready.try_io(|descriptor| self.read(descriptor.get_ref(), &mut news));
            if let Ok(Err(error)) = read {
                tracing::warn!(%error, "changes of files are noticed by polling only from now on");
                self.descriptor = None;
            }
            if news.overflowed {
                let places = self.places.iter();
                news.subjects = places.flat_map(|place| place.subjects.clone()).collect();
                news.stale = true;
            }
            self.stale |= news.stale;
            return news.subjects;
        }
    }

    /// Reads everything that is there; ends with `WouldBlock`, so that the next change is waited for, or
    /// well when there is so much that the rest of the agent must have its turn.
    fn read(&self, descriptor: &OwnedFd, news: &mut News) -> io::Result<()> {
        let mut buffer = [MaybeUninit::uninit(); BUFFER_BYTES];
        let mut reader = Reader::new(descriptor, &mut buffer);
        let mut read = 0;
        loop {
            // What the reader still holds would be lost.
            if read >= AT_ONCE && reader.is_buffer_empty() {
                return Ok(());
            }
            read += 1;
            let event = reader.next()?;
            if event.events().contains(ReadFlags::QUEUE_OVERFLOW) {
                news.overflowed = true;
                continue;
            }
            let name = event.file_name().map(std::ffi::CStr::to_bytes);
            for armed in self.armed.iter().filter(|armed| armed.id == event.wd()) {
                self.note(armed, event.events(), name, news);
            }
        }
    }

    fn note(&self, armed: &Armed, events: ReadFlags, name: Option<&[u8]>, news: &mut News) {
        let gone = ReadFlags::IGNORED | ReadFlags::DELETE_SELF | ReadFlags::MOVE_SELF;
        news.stale |= events.intersects(gone);
        if let Some(awaited) = &armed.awaits {
            news.stale |= name == Some(&**awaited);
            return;
        }
        let concerned = self.places_of(armed).filter(|place| {
            place.concerns(name) && events.intersects(presence() | content(place.signs))
        });
        for subject in concerned.flat_map(|place| &place.subjects) {
            if !news.subjects.contains(subject) {
                news.subjects.push(*subject);
            }
        }
    }
}

/// A name, or the folder itself, came or went.
fn presence() -> ReadFlags {
    ReadFlags::CREATE
        | ReadFlags::DELETE
        | ReadFlags::MOVED_FROM
        | ReadFlags::MOVED_TO
        | ReadFlags::DELETE_SELF
        | ReadFlags::MOVE_SELF
}

fn content(signs: Signs) -> ReadFlags {
    match signs {
        Signs::Closed => ReadFlags::CLOSE_WRITE | ReadFlags::ATTRIB,
        Signs::Written => ReadFlags::MODIFY,
        Signs::Presence => ReadFlags::empty(),
    }
}
