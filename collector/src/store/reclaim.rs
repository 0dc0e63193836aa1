//! Gives the space of forgotten bodies back to the disk, by moving what is left of a pack into the newest.

use std::{collections::HashMap, sync::PoisonError};

use tokio::sync::oneshot;

use super::{
    Store,
    bodies::{self, Body},
    error::{FileError, StoreError, WriteError},
    packs::{self, FILE_HEADER},
    read,
    schema::Keyspace,
    source::{Order, Source},
    txn::Txn,
    writer::Job,
};
use crate::id::Digest;

/// Bytes moved by one change of the store, so that reports never wait long.
const STEP_BYTES: u64 = 4 * 1024 * 1024;

/// When a pack is worth rewriting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thoroughness {
    /// When more than half of it is forgotten.
    Economical,
    /// When anything in it is: after erasing a machine.
    Complete,
}

impl Store {
    /// Rewrites packs that hold forgotten bodies; answers how many bytes were freed. The engine overwrites
    /// what it has forgotten by and by, as it reuses its segments.
    pub async fn reclaim(&self, how: Thoroughness) -> Result<u64, WriteError<StoreError>> {
        if how == Thoroughness::Complete {
            self.begin_pack().await?;
        }
        let mut freed = 0;
        for (pack, length) in self.look(move |store| wasteful(store, how)).await? {
            freed += length - self.move_bodies(pack).await?;
            self.write(move |txn| {
                txn.remove(Keyspace::Pack.key(&[&pack.to_be_bytes()]));
                Ok::<_, StoreError>(())
            })
            .await?;
            self.look(move |store| store.remove_pack(pack)).await?;
        }
        Ok(freed)
    }

    /// Moves everything out of a full pack; answers how many bytes that were.
    async fn move_bodies(&self, pack: u32) -> Result<u64, WriteError<StoreError>> {
        let bodies = self.look(move |store| bodies_in(store, pack)).await?;
        let mut moved = 0;
        for step in bodies.chunk_by(|(_, before, _), (_, next, _)| before == next) {
            moved += step.iter().map(|(.., length)| length).sum::<u64>();
            let digests: Vec<_> = step.iter().map(|(digest, ..)| *digest).collect();
            self.write(move |txn| {
                digests
                    .iter()
                    .try_for_each(|digest| txn.move_body(digest, pack))
            })
            .await?;
        }
        Ok(moved)
    }

    fn remove_pack(&self, pack: u32) -> Result<(), StoreError> {
        let packs = self.engine.packs();
        let _no_backup = packs.kept().write().unwrap_or_else(PoisonError::into_inner);
        let path = packs.path(pack);
        packs.forget(pack);
        std::fs::remove_file(&path).map_err(FileError::of("remove", &path))?;
        Ok(())
    }

    /// Ends the newest pack, so that it can be rewritten too.
    async fn begin_pack(&self) -> Result<(), WriteError<StoreError>> {
        let (answer, done) = oneshot::channel();
        let task = Job::Alone(Box::new(move |writer| {
            let _ = answer.send(writer.begin_pack());
        }));
        self.jobs.send(task).await.map_err(|_| WriteError::Closed)?;
        match done.await {
            Ok(result) => result.map_err(WriteError::from)?,
            Err(_) => return Err(WriteError::Closed),
        }
        // The next group of changes records that the pack is full.
        self.write(|_| Ok(())).await
    }
}

/// Full packs with too little left in them, and their lengths.
fn wasteful(store: &Store, how: Thoroughness) -> Result<Vec<(u32, u64)>, StoreError> {
    let mut live: HashMap<u32, u64> = HashMap::new();
    for entry in store.entries(Keyspace::Body.below(&[]), Order::Up) {
        let (key, value) = entry?;
        let Body { location, .. } =
            Body::from_bytes(&value).ok_or_else(|| read::undecodable(&key))?;
        *live.entry(location.pack).or_default() += u64::from(location.length);
    }
    let mut found = Vec::new();
    for entry in store.entries(Keyspace::Pack.below(&[]), Order::Up) {
        let (key, value) = entry?;
        let (pack, length) = packs::decode_full(&key, &value)?;
        let content = length.saturating_sub(FILE_HEADER.len() as u64);
        let dead = content.saturating_sub(live.get(&pack).copied().unwrap_or(0));
        let worth = match how {
            Thoroughness::Economical => dead > content / 2,
            Thoroughness::Complete => dead > 0,
        };
        if worth {
            found.push((pack, length));
        }
    }
    Ok(found)
}

/// The bodies that lie in a pack, with the step that each is moved in and their lengths.
fn bodies_in(store: &Store, pack: u32) -> Result<Vec<(Digest, u64, u64)>, StoreError> {
    let (mut found, mut bytes) = (Vec::new(), 0);
    for entry in store.entries(Keyspace::Body.below(&[]), Order::Up) {
        let (key, value) = entry?;
        let digest = Digest::from_slice(read::tail(&key, 32));
        let (Some(digest), Some(body)) = (digest, Body::from_bytes(&value)) else {
            return Err(read::undecodable(&key));
        };
        if body.location.pack == pack {
            let length = u64::from(body.location.length);
            found.push((digest, bytes / STEP_BYTES, length));
            bytes += length;
        }
    }
    Ok(found)
}

impl Txn {
    /// Moves a body that still lies in a pack to the end of the newest.
    fn move_body(&mut self, digest: &Digest, pack: u32) -> Result<(), StoreError> {
        let Some(body) = bodies::find(self, digest)?.filter(|body| body.location.pack == pack)
        else {
            return Ok(());
        };
        let record = self.packs().record(body.location)?;
        packs::verify(&record).map_err(|found| self.packs().damaged(pack, found))?;
        let location = self.append(&record);
        self.put_bytes(bodies::key(digest), Body { location, ..body }.to_bytes());
        Ok(())
    }
}
