//! Promises about what is forgotten.

use std::{fs, time::Duration};

use super::*;
use crate::{
    clock::UnixMillis,
    store::{Retention, Thoroughness},
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn small_packs() -> Options {
    Options {
        pack_bytes: 16 * 1024,
        retention: Retention {
            versions: 10 * DAY,
            changes: 20 * DAY,
        },
        ..Options::default()
    }
}

/// A body that does not compress.
fn noise(seed: u8) -> Vec<u8> {
    let mut bytes = vec![0; 4096];
    blake3::Hasher::new_keyed(&[seed; 32])
        .finalize_xof()
        .fill(&mut bytes);
    bytes
}

async fn report_on_day(store: &Store, id: MachineId, day: u64, body: Vec<u8>) {
    let at = UnixMillis(0).plus(DAY * day as u32).0;
    let frame = zstd::bulk::compress(&body, 3).unwrap();
    store
        .write(move |txn| {
            txn.put_body(&Digest::of(&body), &frame, body.len() as u64)?;
            let version = VersionRecord {
                received_at: at,
                collected_at: at,
                ..version(&body, day)
            };
            txn.put_version(id, &version)?;
            txn.put_change(
                id,
                &ChangeRecord {
                    at,
                    ..Default::default()
                },
            )
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn old_versions_and_changes_go_and_the_current_version_stays() {
    let (_temporary, dir) = directory();
    let store = Store::create(&dir, &small_packs()).unwrap();
    let (busy, quiet) = (MachineId::random(), MachineId::random());
    report_on_day(&store, quiet, 1, noise(0)).await;
    for day in 1..=30 {
        report_on_day(&store, busy, day, noise(day as u8)).await;
    }
    let now = UnixMillis(0).plus(DAY * 30);
    let forgotten = store.forget_old(now).await.unwrap();
    // The one of day 19 was true until day 20, of which everything is still known.
    assert_eq!((forgotten.versions, forgotten.changes), (18, 10));
    let left = store.versions(busy, Kind::Software, 99).unwrap();
    assert_eq!(left.last().unwrap().sequence, 19);
    assert!(store.current(quiet, Kind::Software).unwrap().is_some());
    assert_eq!(store.body(&Digest::of(&noise(0))).unwrap(), noise(0));
    assert!(!store.has_body(&Digest::of(&noise(3))).unwrap());
    assert_eq!(store.all_changes(None, 99).unwrap().len(), 21);
    assert_eq!(store.forget_old(now).await.unwrap(), Forgotten::default());
}

#[tokio::test]
async fn what_was_true_at_a_time_is_found_among_many_versions() {
    let (_temporary, dir) = directory();
    let store = Store::create(&dir, &small_packs()).unwrap();
    let (id, other) = (MachineId::random(), MachineId::random());
    let days = [2, 3, 4, 9, 15, 16, 40];
    for day in days {
        report_on_day(&store, id, day, noise(day as u8)).await;
    }
    let at = |day: u32, less: i64| {
        let time = UnixMillis(0).plus(DAY * day).0 - less;
        let version = store.version_at(id, Kind::Software, time).unwrap();
        version.map(|version| version.sequence)
    };
    assert_eq!((at(1, 0), at(2, 1), at(2, 0)), (None, None, Some(2)));
    for pair in days.windows(2) {
        assert_eq!(at(pair[1] as u32, 1), Some(pair[0]));
        assert_eq!(at(pair[1] as u32, 0), Some(pair[1]));
    }
    assert_eq!(at(900, 0), Some(40));
    assert_eq!(store.version_at(other, Kind::Software, 0).unwrap(), None);
}

#[tokio::test]
async fn reclaiming_frees_space_and_keeps_every_body() {
    let (_temporary, dir) = directory();
    let store = Store::create(&dir, &small_packs()).unwrap();
    let id = MachineId::random();
    for day in 1..=60 {
        report_on_day(&store, id, day, noise(day as u8)).await;
    }
    store
        .forget_old(UnixMillis(0).plus(DAY * 60))
        .await
        .unwrap();
    let before = store.statistics().unwrap().bytes;
    let freed = store.reclaim(Thoroughness::Economical).await.unwrap();
    assert!(freed > 40 * 4096, "{freed}");
    assert!(store.statistics().unwrap().bytes < before);
    store.check_bodies().unwrap();
    store.close().await;
    let store = Store::open(&dir, &small_packs()).unwrap();
    for day in 50..=60 {
        assert_eq!(store.body(&Digest::of(&noise(day))).unwrap(), noise(day));
    }
}

#[tokio::test]
async fn an_erased_machine_leaves_no_record_and_no_body() {
    let (_temporary, dir) = directory();
    let store = Store::create(&dir, &small_packs()).unwrap();
    let (gone, stays) = (MachineId::random(), MachineId::random());
    report(&store, stays, noise(1), 1).await;
    report(&store, gone, noise(1), 1).await;
    report(&store, gone, noise(2), 2).await;
    store
        .write(move |txn| {
            txn.put_key(&Digest([1; 32]), gone);
            txn.put_fingerprint(&Digest([2; 32]), gone);
            txn.put_fingerprint(&Digest([2; 32]), stays);
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
    store
        .write(move |txn| txn.erase_machine(gone))
        .await
        .unwrap();
    store.reclaim(Thoroughness::Complete).await.unwrap();
    assert_eq!(store.machines().unwrap().len(), 1);
    assert!(store.machine_by_key(&Digest([1; 32])).unwrap().is_none());
    assert_eq!(
        store.machines_by_fingerprint(&Digest([2; 32])).unwrap(),
        [stays]
    );
    assert_eq!(store.all_changes(None, 9).unwrap().len(), 1);
    assert_eq!(store.body(&Digest::of(&noise(1))).unwrap(), noise(1));
    let erased = noise(2);
    for entry in fs::read_dir(dir.join("packs")).unwrap() {
        let pack = fs::read(entry.unwrap().path()).unwrap();
        assert!(!pack.windows(64).any(|window| window == &erased[..64]));
    }
}
