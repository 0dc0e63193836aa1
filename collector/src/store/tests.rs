//! Promises of the store as a whole.

mod backup;
#[cfg(target_os = "linux")]
mod disk;
mod history;

use freehold_proto::v1::section::Kind;

use super::{
    record::{ChangeRecord, MachineRecord, SettingsRecord, VersionRecord},
    *,
};
use crate::id::MachineId;

fn directory() -> (tempfile::TempDir, PathBuf) {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("store");
    (temporary, dir)
}

fn version(body: &[u8], sequence: u64) -> VersionRecord {
    VersionRecord {
        kind: Kind::Software as u32,
        digest: Digest::of(body).0.to_vec(),
        sequence,
        size: body.len() as u64,
        ..VersionRecord::default()
    }
}

async fn report(store: &Store, id: MachineId, body: Vec<u8>, sequence: u64) {
    let frame = zstd::bulk::compress(&body, 3).unwrap();
    store
        .write(move |txn| {
            txn.put_machine(
                id,
                &MachineRecord {
                    id: id.as_bytes().to_vec(),
                    ..Default::default()
                },
            );
            txn.put_body(&Digest::of(&body), &frame, body.len() as u64)?;
            txn.put_version(id, &version(&body, sequence))?;
            let summary = format!("version {sequence}");
            let change = ChangeRecord {
                at: sequence.cast_signed(),
                summary,
                ..Default::default()
            };
            txn.put_change(id, &change)
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_restart() {
    let (_temporary, dir) = directory();
    let store = Store::create(&dir, &Options::default()).unwrap();
    let id = MachineId::random();
    for sequence in 1..=5 {
        report(&store, id, vec![sequence as u8; 10_000], sequence).await;
    }
    store.close().await;
    let store = Store::open(&dir, &Options::default()).unwrap();
    assert_eq!(store.machines().unwrap().len(), 1);
    let current = store.current(id, Kind::Software).unwrap().unwrap();
    assert_eq!(current.sequence, 5);
    assert_eq!(
        store.body(&Digest::of(&[5; 10_000])).unwrap(),
        vec![5; 10_000]
    );
    let newest: Vec<_> = store.versions(id, Kind::Software, 2).unwrap();
    assert_eq!(
        newest.iter().map(|v| v.sequence).collect::<Vec<_>>(),
        [5, 4]
    );
    let changes = store.changes(id, None, 3).unwrap();
    assert_eq!(
        changes.iter().map(|(_, c)| c.at).collect::<Vec<_>>(),
        [5, 4, 3]
    );
    let earlier = store.all_changes(Some(changes[2].0), 10).unwrap();
    assert_eq!(
        earlier.iter().map(|(_, _, c)| c.at).collect::<Vec<_>>(),
        [2, 1]
    );
    store.close().await;
}

#[tokio::test]
async fn a_change_that_fails_leaves_nothing_behind() {
    let (_temporary, dir) = directory();
    let store = Store::create(&dir, &Options::default()).unwrap();
    let failed: Result<(), _> = store
        .write(|txn| {
            txn.put_settings(&SettingsRecord::default());
            txn.put_body(&Digest::of(b"x"), zstd::bulk::compress(b"x", 1).unwrap(), 1)
                .and(Err(StoreError::Closed))
        })
        .await;
    assert!(matches!(
        failed,
        Err(WriteError::Change(StoreError::Closed))
    ));
    // What it left would be durable with the next change at the latest.
    report(&store, MachineId::random(), vec![1; 100], 1).await;
    assert!(store.settings().unwrap().is_none());
    assert!(!store.has_body(&Digest::of(b"x")).unwrap());
    let panicked: Result<(), WriteError<StoreError>> = store.write(|_| panic!("on purpose")).await;
    assert!(matches!(panicked, Err(WriteError::Panicked)));
    report(&store, MachineId::random(), vec![1; 100], 1).await;
    store.close().await;
}

#[tokio::test]
async fn a_version_without_its_body_is_refused() {
    let (_temporary, dir) = directory();
    let store = Store::create(&dir, &Options::default()).unwrap();
    let refused = store
        .write(|txn| txn.put_version(MachineId::random(), &version(b"nowhere", 1)))
        .await;
    assert!(matches!(
        refused,
        Err(WriteError::Change(StoreError::NoBody { .. }))
    ));
}

#[tokio::test]
async fn a_second_process_is_refused_by_name() {
    let (_temporary, dir) = directory();
    let store = Store::create(&dir, &Options::default()).unwrap();
    let Err(error) = Store::open(&dir, &Options::default()) else {
        panic!("opened twice");
    };
    let expected = format!("in use by process {}", std::process::id());
    assert!(error.to_string().contains(&expected), "{error}");
    store.close().await;
    Store::open(&dir, &Options::default()).unwrap();
}

#[test]
fn nothing_is_made_over_an_existing_store_nor_found_where_none_is() {
    let (_temporary, dir) = directory();
    let missing = Store::open(&dir, &Options::default()).err().unwrap();
    assert!(
        missing.to_string().contains("freehold-collector init"),
        "{missing}"
    );
    drop(Store::create(&dir, &Options::default()).unwrap());
    let exists = Store::create(&dir, &Options::default()).err().unwrap();
    assert!(matches!(exists, OpenError::Exists { .. }));
}

#[tokio::test]
async fn a_newer_schema_is_refused_before_anything_is_touched() {
    let (_temporary, dir) = directory();
    Store::create(&dir, &Options::default())
        .unwrap()
        .close()
        .await;
    let path = dir.join("witness");
    let (mut witness, mut testimony) = witness::Witness::open(&path).unwrap().unwrap();
    testimony.state.schema = schema::VERSION + 1;
    testimony.state.sequence += 1;
    witness.testify(&testimony).unwrap();
    let error = Store::open(&dir, &Options::default()).err().unwrap();
    assert!(matches!(error, OpenError::Newer { found, .. } if found == schema::VERSION + 1));
    assert!(dir.join("seal").exists());
}

#[tokio::test]
async fn changes_made_at_the_same_time_share_their_flushes() {
    let (_temporary, dir) = directory();
    let store = Store::create(&dir, &Options::default()).unwrap();
    let before = store.statistics().unwrap().sequence;
    let writes = (0..200_u8).map(|n| {
        store.write(move |txn| {
            txn.put_key(&Digest([n; 32]), MachineId::random());
            Ok::<_, StoreError>(())
        })
    });
    let tasks: Vec<_> = writes.map(Box::pin).collect();
    for task in futures_of(tasks).await {
        task.unwrap();
    }
    let groups = store.statistics().unwrap().sequence - before;
    assert!(groups < 20, "{groups} groups for 200 changes");
}

/// Awaits all at the same time.
async fn futures_of<F: Future + Unpin>(mut futures: Vec<F>) -> Vec<F::Output> {
    let mut done: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, done) in futures.iter_mut().zip(&mut done) {
            if done.is_none()
                && let std::task::Poll::Ready(output) = std::pin::Pin::new(future).poll(context)
            {
                *done = Some(output);
            }
        }
        if done.iter().all(Option::is_some) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    done.into_iter().flatten().collect()
}

#[tokio::test]
async fn a_change_sees_what_earlier_ones_of_its_group_did() {
    let (_temporary, dir) = directory();
    let store = Store::create(&dir, &Options::default()).unwrap();
    let uses = |store: Store| async move {
        store
            .write(|txn| {
                let hash = Digest([5; 32]);
                let mut token = txn.token(&hash)?.unwrap_or_default();
                token.uses += 1;
                txn.put_token(&hash, &token);
                Ok::<_, StoreError>(token.uses)
            })
            .await
            .unwrap()
    };
    let tasks: Vec<_> = (0..50).map(|_| tokio::spawn(uses(store.clone()))).collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(store.token(&Digest([5; 32])).unwrap().unwrap().uses, 50);
}

#[tokio::test]
async fn a_closed_store_says_so() {
    let (_temporary, dir) = directory();
    let store = Store::create(&dir, &Options::default()).unwrap();
    let clone = store.clone();
    store.close().await;
    assert!(matches!(clone.machines(), Err(StoreError::Closed)));
    let refused: Result<(), WriteError<StoreError>> = clone.write(|_| Ok(())).await;
    assert!(matches!(refused, Err(WriteError::Closed)));
}
