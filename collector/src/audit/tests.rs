//! The log over a real store: what is in it, and that nobody can change it unnoticed.

use std::{sync::Arc, time::Duration};

use ring::signature::Ed25519KeyPair;

use super::{log::edge, proof::proves, verify::Source, *};
use crate::{
    access::{GrantId, PersonId},
    clock::Clock,
    store::{
        LogBody, Options, ReadLog as _, Store, StoreError, Txn, WriteError,
        record::{LogAct, LogHeadRecord},
    },
};

struct World {
    dir: tempfile::TempDir,
    store: Store,
    log: Log,
}

impl World {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::create(&dir.path().join("store"), &Options::default()).unwrap();
        let log = Log::new(Arc::new(key()), Clock::system());
        Self { dir, store, log }
    }

    /// With so many entries.
    async fn with(entries: u64) -> Self {
        let world = Self::new();
        world.add(entries).await;
        world
    }

    async fn add(&self, entries: u64) {
        let log = self.log.clone();
        self.change(move |txn| {
            for entry in 0..entries {
                let event = Event::new(LogAct::MadeToken).count(entry);
                log.note(txn, &Actor::console(), event)?;
            }
            Ok(())
        })
        .await;
    }

    async fn change(
        &self,
        change: impl FnOnce(&mut Txn) -> Result<(), StoreError> + Send + 'static,
    ) {
        self.store.write(change).await.unwrap();
    }

    fn head(&self) -> LogHeadRecord {
        self.store.log_head().unwrap().unwrap()
    }

    fn checkpoint(&self) -> Checkpoint {
        self.log.key().open(&self.head().checkpoint).unwrap()
    }

    fn flaws(&self, known: &[Checkpoint]) -> Vec<Flaw> {
        let known: Vec<_> = known
            .iter()
            .map(|known| (Source::Given, known.clone()))
            .collect();
        self.log.verify(&self.store, &known).unwrap().flaws
    }
}

fn key() -> LogKey {
    let der = Ed25519KeyPair::generate_pkcs8(&ring::rand::SystemRandom::new()).unwrap();
    LogKey::from_pkcs8("freehold/test", der.as_ref()).unwrap()
}

#[tokio::test]
async fn an_intact_log_verifies_and_says_what_was_done() {
    let world = World::with(37).await;
    let verdict = world.log.verify(&world.store, &[]).unwrap();
    assert_eq!((verdict.entries, verdict.erased, verdict.epoch), (37, 0, 1));
    assert_eq!(verdict.flaws, []);
    assert_eq!(verdict.root, world.checkpoint().root);
    let entries = world.log.entries(&world.store, None, 2).unwrap();
    assert_eq!(entries[0].index, 36);
    assert_eq!(entries[0].deed(), "made a join string for 36 computers");
    assert_eq!(entries[0].who(), "Somebody at the collector's own computer");
    let earlier = world.log.entries(&world.store, Some(1), 9).unwrap();
    assert_eq!(earlier.len(), 1);
}

#[tokio::test]
async fn a_change_that_is_refused_leaves_no_entry() {
    let world = World::with(1).await;
    let log = world.log.clone();
    let refused = world
        .store
        .write(move |txn| {
            log.note(txn, &Actor::console(), Event::new(LogAct::Approved))?;
            Err::<(), _>(StoreError::Closed)
        })
        .await;
    assert!(matches!(
        refused,
        Err(WriteError::Change(StoreError::Closed))
    ));
    assert_eq!(world.head().size, 1);
    assert_eq!(world.flaws(&[]), []);
}

#[tokio::test]
async fn an_altered_entry_is_noticed() {
    let world = World::with(9).await;
    let mut body = world.store.log_body(4).unwrap().unwrap();
    let mut record = body.record().unwrap();
    record.count += 1;
    body.bytes = prost::Message::encode_to_vec(&record);
    world
        .change(move |txn| {
            txn.put_log_body(4, &body);
            Ok(())
        })
        .await;
    assert_eq!(world.flaws(&[]), [Flaw::Altered { index: 4 }]);
}

#[tokio::test]
async fn an_entry_altered_with_its_commitment_is_noticed() {
    let world = World::with(9).await;
    let body = LogBody {
        blinding: [0; 16],
        bytes: Vec::new(),
    };
    let commitment = entry::commitment(&body);
    world
        .change(move |txn| {
            txn.put_log_body(4, &body);
            txn.put_log_leaf(4, &commitment);
            Ok(())
        })
        .await;
    let flaws = world.flaws(&[]);
    assert!(
        flaws.contains(&Flaw::Node { first: 4, last: 4 }),
        "{flaws:?}"
    );
    assert!(flaws.contains(&Flaw::Checkpoint), "{flaws:?}");
}

#[tokio::test]
async fn a_missing_body_is_noticed_unless_the_log_says_that_it_was_erased() {
    let world = World::with(9).await;
    world
        .change(|txn| {
            txn.remove_log_body(4);
            Ok(())
        })
        .await;
    assert_eq!(world.flaws(&[]), [Flaw::Emptied { index: 4 }]);

    let world = World::with(9).await;
    let before = world.checkpoint();
    let log = world.log.clone();
    world
        .change(move |txn| {
            assert!(log.erase(txn, &Actor::console(), 4)?);
            assert!(!log.erase(txn, &Actor::console(), 4)?, "twice");
            assert!(!log.erase(txn, &Actor::console(), 9)?, "the entry about it");
            Ok(())
        })
        .await;
    let verdict = world
        .log
        .verify(&world.store, &[(Source::Given, before)])
        .unwrap();
    assert_eq!(
        (verdict.entries, verdict.erased, verdict.flaws),
        (10, 1, vec![])
    );
}

#[tokio::test]
async fn a_cut_log_is_noticed() {
    let world = World::with(9).await;
    world
        .change(|txn| {
            txn.tear_log_leaf(8);
            Ok(())
        })
        .await;
    assert!(world.flaws(&[]).contains(&Flaw::Missing { index: 8 }));

    // Cut so that it fits together again, but the signature is only good for the whole.
    let world = World::with(9).await;
    let smaller = World::with(0).await;
    smaller.add(8).await;
    let mut head = world.head();
    head.size = 8;
    head.peaks.truncate(1);
    world
        .change(move |txn| {
            txn.put_log_head(&head);
            Ok(())
        })
        .await;
    let flaws = world.flaws(&[]);
    assert!(flaws.contains(&Flaw::Stray { index: 8 }), "{flaws:?}");
    assert!(flaws.contains(&Flaw::Checkpoint), "{flaws:?}");
}

#[tokio::test]
async fn a_log_that_was_set_back_is_noticed_by_whoever_kept_a_checkpoint() {
    let world = World::with(9).await;
    let kept = world.checkpoint();
    // The same collector and key, an earlier state.
    let earlier = World {
        log: world.log.clone(),
        ..World::new()
    };
    earlier.add(5).await;
    assert_eq!(earlier.flaws(&[]), [], "by itself it is intact");
    assert_eq!(
        earlier.flaws(std::slice::from_ref(&kept)),
        [Flaw::SetBack {
            source: Source::Given,
            known: 9,
            found: 5
        }]
    );
    // And a fork that is as long.
    earlier.add(7).await;
    assert_eq!(
        earlier.flaws(&[kept]),
        [Flaw::Rewritten {
            source: Source::Given,
            known: 9
        }]
    );
}

#[tokio::test]
async fn the_file_beside_the_store_knows_when_the_store_was_set_back() {
    let world = World::with(9).await;
    let witness = Witness::at(&world.dir.path().join("log-checkpoint"));
    assert_eq!(
        witness.contradiction(&world.log, &world.store).unwrap(),
        None,
        "none yet"
    );
    witness.testify(&world.log, &world.store).unwrap();
    world.add(4).await;
    assert_eq!(
        witness.contradiction(&world.log, &world.store).unwrap(),
        None
    );
    let earlier = World {
        log: world.log.clone(),
        ..World::new()
    };
    earlier.add(5).await;
    assert!(matches!(
        witness.contradiction(&world.log, &earlier.store).unwrap(),
        Some(Flaw::SetBack {
            known: 9,
            found: 5,
            ..
        })
    ));
    earlier.add(20).await;
    assert!(matches!(
        witness.contradiction(&world.log, &earlier.store).unwrap(),
        Some(Flaw::Rewritten { known: 9, .. })
    ));
    let journal = Journal::new(world.log.clone(), earlier.store.clone(), witness);
    assert!(!journal.verify(None).unwrap().flaws.is_empty());
    std::fs::write(world.dir.path().join("log-checkpoint"), "rubbish").unwrap();
    assert!(!journal.verify(None).unwrap().flaws.is_empty());
}

#[tokio::test]
async fn a_log_proves_that_it_continues_every_earlier_one() {
    let world = World::new();
    let mut known = Vec::new();
    for _ in 0..40 {
        world.add(1).await;
        known.push(world.checkpoint());
        for earlier in &known {
            let (now, proof) = world
                .log
                .consistency(&world.store, earlier.size)
                .unwrap()
                .unwrap();
            assert!(
                proves(earlier, &now, &proof),
                "{} to {}",
                earlier.size,
                now.size
            );
            assert!(world.log.continues(&world.store, earlier).unwrap());
            let other = Checkpoint {
                root: [9; 32],
                ..earlier.clone()
            };
            assert!(!proves(&other, &now, &proof));
        }
    }
    let longer = Checkpoint {
        size: 41,
        ..known[0].clone()
    };
    assert!(!world.log.continues(&world.store, &longer).unwrap());
    assert_eq!(edge(&world.head()).unwrap().size(), 40);
}

#[tokio::test]
async fn a_new_epoch_continues_the_old_entries_and_names_the_old_head() {
    let world = World::with(9).await;
    let before = world.checkpoint();
    let log = world.log.clone();
    let epoch = Epoch {
        backup_from: Clock::system().now(),
        before: Some(before.clone()),
    };
    world.change(move |txn| log.begin_epoch(txn, &epoch)).await;
    assert_eq!(world.flaws(std::slice::from_ref(&before)), []);
    let now = world.checkpoint();
    assert_eq!((now.epoch, now.size), (2, 10));
    let said = world.log.entries(&world.store, None, 1).unwrap()[0].deed();
    assert!(
        said.contains("entry 9 with root") && said.contains("part 2"),
        "{said}"
    );
}

#[tokio::test]
async fn entries_are_found_by_grant_and_person_and_erased_ones_are_not() {
    let world = World::with(3).await;
    let (acme, other) = (GrantId([1; 16]), GrantId([2; 16]));
    let anna = Actor::delegate(PersonId([7; 16]), "A. Technician", "Acme IT", acme);
    let read = Event::new(LogAct::OpenedComputer).subject("FRONT-DESK");
    world.log.write(&world.store, &anna, read).await.unwrap();
    let created = Event::new(LogAct::CreatedGrant)
        .grant(acme)
        .subject("Acme IT");
    world
        .log
        .write(&world.store, &Actor::console(), created)
        .await
        .unwrap();
    let found = world.log.of_grant(&world.store, acme, None, 9).unwrap();
    assert_eq!(
        found.iter().map(|entry| entry.index).collect::<Vec<_>>(),
        [4, 3]
    );
    assert_eq!(
        world.log.of_grant(&world.store, other, None, 9).unwrap(),
        []
    );
    let last = world
        .log
        .last_read(&world.store, PersonId([7; 16]))
        .unwrap()
        .unwrap();
    assert_eq!(
        format!("{} {}", last.who(), last.deed()),
        "A. Technician (Acme IT) opened FRONT-DESK"
    );
    let log = world.log.clone();
    world
        .change(move |txn| log.erase(txn, &Actor::console(), 3).map(drop))
        .await;
    assert_eq!(
        world
            .log
            .of_grant(&world.store, acme, None, 9)
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        world
            .log
            .last_read(&world.store, PersonId([7; 16]))
            .unwrap(),
        None
    );
}

/// Prints what an entry costs in a log of a million; run with `--release --ignored --nocapture`.
#[tokio::test]
#[ignore = "takes minutes"]
async fn a_million_entries() {
    let world = World::new();
    let log = world.log.clone();
    let (mut worst, began) = (Vec::new(), std::time::Instant::now());
    for batch in 0..1000_u64 {
        let log = log.clone();
        let times = world.store.write(move |txn| {
            let anna = Actor::delegate(
                PersonId([7; 16]),
                "A. Technician",
                "Acme IT",
                GrantId([1; 16]),
            );
            let mut times = Vec::new();
            for _ in 0..1000 {
                let began = std::time::Instant::now();
                let read = Event::new(LogAct::OpenedComputer).subject("FRONT-DESK");
                log.note(txn, &anna, read)?;
                times.push(began.elapsed());
            }
            Ok::<_, StoreError>(times)
        });
        let times = times.await.unwrap();
        if batch >= 990 {
            worst.extend(times);
        }
    }
    println!("1,000,000 entries in {:?}", began.elapsed());
    worst.sort();
    let at = |part: usize| worst[worst.len() * part / 100];
    println!(
        "one more, without the flush: p50 {:?}, p95 {:?}, p99 {:?}",
        at(50),
        at(95),
        at(99)
    );
    let mut single = Vec::new();
    for _ in 0..200 {
        let began = std::time::Instant::now();
        world
            .log
            .write(
                &world.store,
                &Actor::console(),
                Event::new(LogAct::SignedIn),
            )
            .await
            .unwrap();
        single.push(began.elapsed());
    }
    single.sort();
    println!(
        "one more, with its flush: p50 {:?}, p95 {:?}",
        single[100], single[190]
    );
    let earlier = Checkpoint {
        size: 777_777,
        ..world.checkpoint()
    };
    let began = std::time::Instant::now();
    let (now, proof) = world
        .log
        .consistency(&world.store, earlier.size)
        .unwrap()
        .unwrap();
    println!(
        "a proof of {} hashes from 777,777 to {}: {:?}",
        proof.len(),
        now.size,
        began.elapsed()
    );
    let began = std::time::Instant::now();
    let verdict = world.log.verify(&world.store, &[]).unwrap();
    println!(
        "verified whole in {:?}: {:?}",
        began.elapsed(),
        verdict.flaws
    );
    assert_eq!(verdict.flaws, []);
    assert!(at(95) < Duration::from_millis(1));
}
