//! Received versions of one machine, checked and compared with what is stored. Runs on a worker thread, for
//! one machine at a time.

use std::collections::HashMap;

use freehold_proto::v1::section::Kind;
use tonic::codegen::Bytes;

use super::{
    Limits,
    presence::{Current, Entry, SECTIONS},
    quota::Usage,
    receive::Received,
    rejection::Rejection,
    validate::{self, Content, Header},
};
use crate::{
    change::{self, Baseline},
    clock::UnixMillis,
    id::{Digest, MachineId},
    store::{
        Read as _, Store, StoreError,
        record::{Action, ChangeRecord, VersionRecord},
    },
};

/// How many versions back a reading as good as the newest is looked for.
const REFERENCES: usize = 8;

/// Decompressed bytes of a batch that are kept to look back, for each section, beside the newest version.
const KEPT_BYTES: usize = 8 * 1024 * 1024;

/// What is known of a machine before its versions are processed.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) id: MachineId,
    pub(super) current: [Option<Current>; SECTIONS],
    pub(super) attempted_at: [UnixMillis; SECTIONS],
    pub(super) sequence_base: u64,
    pub(super) usage: Usage,
    pub(super) now: UnixMillis,
}

impl Known {
    pub(super) fn of(id: MachineId, entry: &Entry, now: UnixMillis) -> Self {
        Self {
            id,
            current: entry.current,
            attempted_at: entry.attempted_at,
            sequence_base: entry.record.sequence_base,
            usage: Usage::of(&entry.record, now),
            now,
        }
    }
}

/// A version to be stored.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) version: VersionRecord,
    pub(super) frame: Bytes,
    pub(super) changes: Vec<ChangeRecord>,
}

/// What became of a batch.
#[derive(Debug)]
pub(super) struct Processed {
    /// What is known once `ready` is stored.
    pub(super) known: Known,
    /// Versions to be stored, in order.
    pub(super) ready: Vec<Ready>,
    /// Sections that are known to be as delivered, and when they were collected.
    pub(super) confirmed: Vec<(Kind, UnixMillis)>,
    /// Why the version after these, and all that follow, are refused.
    pub(super) refused: Option<Refused>,
}

/// Why a version is not stored.
#[derive(Debug)]
pub(super) enum Refused {
    /// The machine's fault.
    Rejected(Rejection),
    /// The store's.
    Store(StoreError),
}

impl From<Rejection> for Refused {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

/// Checks and compares versions in order, up to the first that is refused.
pub(super) fn process(
    store: &Store,
    limits: &Limits,
    known: Known,
    versions: Vec<Received>,
) -> Processed {
    let mut processor = Processor {
        store,
        limits,
        // Only a version that another one of the same section follows is kept decompressed.
        repeats: repeats(&versions),
        bodies: HashMap::new(),
        processed: Processed {
            known,
            ready: Vec::new(),
            confirmed: Vec::new(),
            refused: None,
        },
    };
    for version in versions {
        if let Err(refused) = processor.version(version) {
            processor.processed.refused = Some(refused);
            break;
        }
    }
    processor.processed
}

fn repeats(versions: &[Received]) -> HashMap<Kind, usize> {
    let mut repeats = HashMap::new();
    for version in versions {
        *repeats.entry(version.header.kind).or_default() += 1;
    }
    repeats
}

struct Processor<'a> {
    store: &'a Store,
    limits: &'a Limits,
    /// Versions of each section that are still to come.
    repeats: HashMap<Kind, usize>,
    /// Versions of this batch that another one of the same section follows, newest first.
    bodies: HashMap<Kind, Vec<Vec<u8>>>,
    processed: Processed,
}

impl Processor<'_> {
    fn version(&mut self, received: Received) -> Result<(), Refused> {
        let header = received.header;
        let known = &self.processed.known;
        let last = known.current[header.kind as usize];
        if let Some(left) = self.repeats.get_mut(&header.kind) {
            *left -= 1;
        }
        let sequence = known.sequence_base.saturating_add(header.sequence);
        if last.is_some_and(|last| sequence <= last.sequence) {
            // Delivered before: its acknowledgement was lost.
            return Ok(());
        }
        let collected_at = true_time(known.now, &header, last);
        if last.is_some_and(|last| last.digest == header.digest) {
            self.processed.confirmed.push((header.kind, collected_at));
            return Ok(());
        }
        self.admit(&header)?;
        let (body, content) = validate::section(&header, &received.frame)?;
        let now = self.processed.known.now;
        let changes = self.changes(&header, last, &body, collected_at)?;
        let version = record(&header, content, sequence, collected_at, now);
        self.add(header, version, body, received.frame, changes);
        Ok(())
    }

    /// Counts a version against the quota, valid or not: looking at it is what costs.
    fn admit(&mut self, header: &Header) -> Result<(), Rejection> {
        let known = &mut self.processed.known;
        let attempted_at = &mut known.attempted_at[header.kind as usize];
        known.usage.admit(
            self.limits,
            header.compressed_size,
            *attempted_at,
            known.now,
        )?;
        known.usage.add_version(header.compressed_size);
        *attempted_at = known.now;
        Ok(())
    }

    fn add(
        &mut self,
        header: Header,
        version: VersionRecord,
        body: Vec<u8>,
        frame: Bytes,
        changes: Vec<ChangeRecord>,
    ) {
        let known = &mut self.processed.known;
        known.usage.add_changes(changes.len());
        known.current[header.kind as usize] = Some(Current {
            digest: header.digest,
            sequence: version.sequence,
            collected_at: version.collected_at,
        });
        self.processed
            .confirmed
            .push((header.kind, UnixMillis(version.collected_at)));
        self.keep(header.kind, body);
        self.processed.ready.push(Ready {
            version,
            frame,
            changes,
        });
    }

    /// Keeps a version for those of its section that are still to come.
    fn keep(&mut self, kind: Kind, body: Vec<u8>) {
        if self.repeats.get(&kind).is_none_or(|left| *left == 0) {
            self.bodies.remove(&kind);
            return;
        }
        let kept = self.bodies.entry(kind).or_default();
        kept.insert(0, body);
        kept.truncate(REFERENCES);
        while kept.len() > 1 && kept.iter().map(Vec::len).sum::<usize>() > KEPT_BYTES {
            kept.pop();
        }
    }

    /// The entries of the change log, folded to what the machine may still add today.
    fn changes(
        &self,
        header: &Header,
        last: Option<Current>,
        body: &[u8],
        at: UnixMillis,
    ) -> Result<Vec<ChangeRecord>, Refused> {
        let previous = match last {
            None => None,
            Some(last) => match self.previous(header.kind, &last.digest) {
                Ok(previous) => Some(previous),
                Err(error) => {
                    tracing::error!(machine = %self.processed.known.id, %error, "an earlier version cannot be read");
                    return Ok(vec![incomparable(header.kind, at)]);
                }
            },
        };
        let earlier = self.earlier(header.kind, previous.as_deref(), body)?;
        let baseline = Baseline {
            previous: previous.as_deref(),
            earlier: &earlier,
        };
        let changes = change::since(header.kind, baseline, body, at)
            .map_err(|error| Rejection::field("chunk", error.to_string()))?;
        let room = self.processed.known.usage.room(self.limits);
        Ok(change::fold(changes, room.min(change::REPORT_ENTRIES)))
    }

    fn previous(&self, kind: Kind, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        match self.bodies.get(&kind).and_then(|kept| kept.first()) {
            Some(body) => Ok(body.clone()),
            None => self.store.body(digest),
        }
    }

    /// When the newer version could read what the previous one could not: the versions before that one, newest first,
    /// back to one that could.
    fn earlier(
        &self,
        kind: Kind,
        previous: Option<&[u8]>,
        body: &[u8],
    ) -> Result<Vec<Vec<u8>>, Refused> {
        let reading = |body: &[u8]| {
            change::reading(kind, body)
                .map_err(|error| Rejection::field("chunk", error.to_string()))
        };
        let now = reading(body)?;
        let mut earlier = Vec::new();
        let Some(previous) = previous else {
            return Ok(earlier);
        };
        if reading(previous)?.covers(&now) {
            return Ok(earlier);
        }
        let kept = self.bodies.get(&kind).into_iter().flatten();
        // The first of each is the previous one itself.
        for body in kept.skip(1) {
            earlier.push(body.clone());
            if reading(body)?.covers(&now) {
                return Ok(earlier);
            }
        }
        let stored = self
            .store
            .versions(self.processed.known.id, kind, REFERENCES)
            .map_err(Refused::Store)?;
        let is_first = !self.bodies.contains_key(&kind);
        for version in stored.into_iter().skip(usize::from(is_first)) {
            if earlier.iter().map(Vec::len).sum::<usize>() > KEPT_BYTES {
                break;
            }
            let body = Digest::from_slice(&version.digest).map(|digest| self.store.body(&digest));
            if let Some(Ok(body)) = body {
                earlier.push(body);
                if reading(earlier.last().map_or(&[], Vec::as_slice))?.covers(&now) {
                    break;
                }
            }
        }
        Ok(earlier)
    }
}

/// When a version was collected, by the collector's clock: never in the future, and never before the version
/// that came before it.
fn true_time(now: UnixMillis, header: &Header, last: Option<Current>) -> UnixMillis {
    let collected_at = now.minus(header.age);
    last.map_or(collected_at, |last| {
        collected_at.max(UnixMillis(last.collected_at))
    })
}

fn record(
    header: &Header,
    content: Content,
    sequence: u64,
    collected_at: UnixMillis,
    received_at: UnixMillis,
) -> VersionRecord {
    VersionRecord {
        kind: header.kind as u32,
        digest: header.digest.as_bytes().to_vec(),
        collected_at: collected_at.0,
        received_at: received_at.0,
        sequence,
        size: header.size as u64,
        status: content.status,
        items: content.items,
    }
}

/// Stands for changes that cannot be told because the earlier version cannot be read.
fn incomparable(kind: Kind, at: UnixMillis) -> ChangeRecord {
    let section = kind.as_str_name().to_lowercase();
    ChangeRecord {
        at: at.0,
        section: kind as u32,
        action: Action::Altered.into(),
        summary: format!(
            "{section} changed; what changed cannot be told, because the version before it cannot be read"
        ),
        noun: "reading".to_owned(),
        item: section,
        ..ChangeRecord::default()
    }
}
