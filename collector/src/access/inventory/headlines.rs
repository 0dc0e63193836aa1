//! What the sections of machines say in one line each, kept in memory and renewed when a report came.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use freehold_proto::v1::section::Kind;
use tokio::sync::broadcast::{Receiver, error::TryRecvError};

use crate::{
    access::{
        headline::{Headline, SECTIONS},
        words::Words,
    },
    clock::UnixMillis,
    events::{Event, Events},
    id::{Digest, MachineId},
    store::{Read as _, Store, StoreError, record::VersionRecord},
};

/// The headlines of machines, without scope applied.
pub(super) struct Headlines {
    kept: Mutex<Kept>,
    /// What is shown of machines that were not read yet.
    not_read: Arc<Headline>,
    /// Somebody was shown less than is stored.
    owes: AtomicBool,
}

/// Machines that a reader reads if nobody has: about a millisecond's worth. More are left to
/// [`Headlines::renew`].
const READ_AT_ONCE: usize = 4;

struct Kept {
    events: Receiver<Event>,
    by_machine: HashMap<MachineId, Known>,
    words: Words,
    /// Counts what was heard; moments are values of it.
    now: u64,
    /// When events were last missed: what was read before may have changed since.
    missed: u64,
}

/// What is known of a machine.
#[derive(Default)]
struct Known {
    /// `None` until it was read.
    headline: Option<Arc<Headline>>,
    digests: Digests,
    /// When its sections were collected.
    collected: Times,
    /// When it began to be read.
    read: u64,
    /// When the machine was last heard of.
    heard: u64,
}

/// Of the sections a headline is made of; `None` where there is none, or none that could be read.
type Digests = [Option<Digest>; SECTIONS.len()];

/// Of the sections a headline is made of, in milliseconds since 1970-01-01 UTC.
type Times = [i64; SECTIONS.len()];

/// A headline that is being read.
struct Draft {
    id: MachineId,
    headline: Headline,
    digests: Digests,
    collected: Times,
}

impl Headlines {
    /// None at first; hears through `events` what changes.
    pub(super) fn new(events: &Events) -> Self {
        Self {
            kept: Mutex::new(Kept {
                events: events.listen(),
                by_machine: HashMap::new(),
                words: Words::default(),
                now: 0,
                missed: 0,
            }),
            not_read: Arc::new(Headline::not_read()),
            owes: AtomicBool::default(),
        }
    }

    /// Of some machines, in their order: as last read, when many have changed since; `None` of those that were
    /// never read.
    pub(super) fn of(
        &self,
        store: &Store,
        machines: &[MachineId],
    ) -> Result<Vec<Option<Arc<Headline>>>, StoreError> {
        let stale = self.stale(machines);
        if stale.len() <= READ_AT_ONCE {
            self.read(store, &stale)?;
        } else {
            self.owes.store(true, Ordering::Relaxed);
        }
        let kept = self.kept();
        Ok(machines.iter().map(|id| kept.headline(*id)).collect())
    }

    /// What the sections of some machines said at a time that has passed, in their order. Blocks on the disk for those
    /// that said something else then.
    pub(super) fn past(
        &self,
        store: &Store,
        machines: &[MachineId],
        at: UnixMillis,
    ) -> Result<Vec<Option<Arc<Headline>>>, StoreError> {
        // What is told of the past must not depend on what was read so far.
        self.renew(store, machines, usize::MAX)?;
        let mut headlines = self.of(store, machines)?;
        let mut missing: Vec<(usize, Kind)> = Vec::new();
        let mut digests = Vec::new();
        for (place, kind) in self.kept().newer(machines, at) {
            let Some(headline) = &mut headlines[place] else {
                continue;
            };
            let headline = Arc::make_mut(headline);
            match store.version_at(machines[place], kind, at.0)? {
                None => headline.not_reported(kind),
                Some(version) => {
                    missing.push((place, kind));
                    digests.push(digest_in(&version));
                }
            }
        }
        store.each_body(&digests, |number, body| {
            let (place, kind) = missing[number];
            let Some(headline) = &mut headlines[place] else {
                return;
            };
            let headline = Arc::make_mut(headline);
            match body {
                Ok(body) => headline.take_in(kind, &body, &mut self.kept().words),
                Err(error) => {
                    tracing::error!(machine = %machines[place], section = ?kind, %error, "an earlier version could not be read");
                    headline.take_in_unreadable(kind);
                }
            }
        });
        Ok(headlines)
    }

    /// What is shown of machines that were not read yet.
    pub(super) fn not_read(&self) -> Arc<Headline> {
        Arc::clone(&self.not_read)
    }

    /// Reads those that have changed, but no more than `most`; answers how many. Blocks on the disk.
    pub(super) fn renew(
        &self,
        store: &Store,
        machines: &[MachineId],
        most: usize,
    ) -> Result<usize, StoreError> {
        let mut stale = self.stale(machines);
        stale.truncate(most);
        self.read(store, &stale)?;
        Ok(stale.len())
    }

    /// Whether somebody was shown less than is stored, since this was last asked.
    pub(super) fn owes(&self) -> bool {
        self.owes.swap(false, Ordering::Relaxed)
    }

    /// Forgets all machines but these.
    pub(super) fn keep_only(&self, machines: &[MachineId]) {
        let mut kept = self.kept();
        if kept.by_machine.len() > machines.len() {
            let mut old = std::mem::take(&mut kept.by_machine);
            let known = machines.iter().filter_map(|id| old.remove_entry(id));
            kept.by_machine = known.collect();
        }
    }

    fn stale(&self, machines: &[MachineId]) -> Vec<MachineId> {
        let mut kept = self.kept();
        kept.hear();
        let stale = machines.iter().filter(|id| kept.is_stale(**id));
        stale.copied().collect()
    }

    /// Events are announced after the change is durable: what is read from here on is at least as new as
    /// everything that was heard.
    fn read(&self, store: &Store, machines: &[MachineId]) -> Result<(), StoreError> {
        if machines.is_empty() {
            return Ok(());
        }
        let began = self.kept().now;
        let mut drafts = Vec::with_capacity(machines.len());
        for id in machines {
            let (digests, collected) = current(store, *id)?;
            drafts.push(Draft {
                id: *id,
                headline: Headline::hidden(),
                digests,
                collected,
            });
        }
        let missing = self.kept().take_over(&mut drafts);
        let digests: Vec<Digest> = missing.iter().map(|(_, _, digest)| *digest).collect();
        store.each_body(&digests, |at, body| {
            let (draft, section, _) = missing[at];
            drafts[draft].take_in(section, body, &mut self.kept().words);
        });
        let mut kept = self.kept();
        for draft in drafts {
            kept.keep(draft, began);
        }
        Ok(())
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// Notes whose sections have changed.
    fn hear(&mut self) {
        loop {
            let event = self.events.try_recv();
            if matches!(event, Err(TryRecvError::Empty | TryRecvError::Closed)) {
                return;
            }
            self.now += 1;
            match event {
                Ok(Event::Machine(id) | Event::Report(id)) => {
                    self.by_machine.entry(id).or_default().heard = self.now;
                }
                Ok(Event::Finding(_) | Event::Complete) => {}
                Err(_) => self.missed = self.now,
            }
        }
    }

    fn is_stale(&self, id: MachineId) -> bool {
        self.by_machine.get(&id).is_none_or(|known| {
            known.headline.is_none() || known.heard.max(self.missed) > known.read
        })
    }

    /// Which sections of some machines, by their places, were collected after a time.
    fn newer(&self, machines: &[MachineId], at: UnixMillis) -> Vec<(usize, Kind)> {
        let mut newer = Vec::new();
        for (place, id) in machines.iter().enumerate() {
            let Some(known) = self.by_machine.get(id) else {
                continue;
            };
            let sections = SECTIONS.into_iter().zip(known.collected);
            newer.extend(
                sections
                    .filter(|(_, collected)| *collected > at.0)
                    .map(|(kind, _)| (place, kind)),
            );
        }
        newer
    }

    fn headline(&self, id: MachineId) -> Option<Arc<Headline>> {
        self.by_machine.get(&id)?.headline.clone()
    }

    /// Takes over what sections say that are still the same; answers with those that must be read, by the
    /// place of the draft and of the section.
    fn take_over(&self, drafts: &mut [Draft]) -> Vec<(usize, usize, Digest)> {
        let mut missing = Vec::new();
        for (place, draft) in drafts.iter_mut().enumerate() {
            let known = self.by_machine.get(&draft.id);
            for (section, kind) in SECTIONS.into_iter().enumerate() {
                let Some(digest) = draft.digests[section] else {
                    draft.headline.not_reported(kind);
                    continue;
                };
                match known.and_then(|known| known.section(section, digest)) {
                    Some(headline) => draft.headline.take_over(kind, headline),
                    None => missing.push((place, section, digest)),
                }
            }
        }
        missing
    }

    fn keep(&mut self, draft: Draft, began: u64) {
        let known = self.by_machine.entry(draft.id).or_default();
        // Somebody else may have read it since.
        if known.headline.is_some() && known.read > began {
            return;
        }
        known.headline = Some(Arc::new(draft.headline));
        known.digests = draft.digests;
        known.collected = draft.collected;
        known.read = began;
    }
}

impl Known {
    /// The headline, if it was made from this very section.
    fn section(&self, section: usize, digest: Digest) -> Option<&Headline> {
        let headline = self.headline.as_deref()?;
        (self.digests[section] == Some(digest)).then_some(headline)
    }
}

impl Draft {
    fn take_in(&mut self, section: usize, body: Result<Vec<u8>, StoreError>, words: &mut Words) {
        let kind = SECTIONS[section];
        match body {
            Ok(body) => self.headline.take_in(kind, &body, words),
            // One damaged section must not hide every other machine. It is tried again with the next report.
            Err(error) => {
                tracing::error!(machine = %self.id, section = ?kind, %error, "a section could not be read");
                self.headline.take_in_unreadable(kind);
                self.digests[section] = None;
            }
        }
    }
}

/// Digests of the current versions, and when they were collected.
fn current(store: &Store, id: MachineId) -> Result<(Digests, Times), StoreError> {
    let (mut digests, mut collected) = (Digests::default(), Times::default());
    for (section, kind) in SECTIONS.into_iter().enumerate() {
        if let Some(version) = store.current(id, kind)? {
            digests[section] = Some(digest_in(&version));
            collected[section] = version.collected_at;
        }
    }
    Ok((digests, collected))
}

fn digest_in(version: &VersionRecord) -> Digest {
    // A digest of another length can only be damage: no body has it.
    Digest::from_slice(&version.digest).unwrap_or(Digest([0; 32]))
}
