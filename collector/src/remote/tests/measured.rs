//! What the gate and the log cost with many grants and a long log. Prints rows for README's table:
//! `cargo test --release -p freehold-collector --lib measured -- --ignored --nocapture`.

use std::time::{Duration, Instant};

use super::world::{Guest, World, software};
use crate::{
    access::{GrantId, PersonId, Viewer},
    audit::{Actor, Event, Verifier, proves},
    history::Moment,
    id::{Digest, MachineId},
    peer::{DeviceName, DevicePeer},
    store::{
        StoreError,
        record::{
            DeviceRecord, GrantRecord, GrantStanding, LogAct, PersonRecord, PersonRole, RuleRecord,
        },
    },
};

/// Few in a build for debugging, which shows that it works and measures nothing.
const IS_SMALL: bool = cfg!(debug_assertions);
const GRANTS: u32 = if IS_SMALL { 1000 } else { 10_000 };
const ENTRIES: u64 = if IS_SMALL { 10_000 } else { 1_000_000 };
const READS: usize = if IS_SMALL { 100 } else { 2000 };

/// Suppliers with a technician and a device each, as many as there may be.
async fn crowded(world: &World) {
    for batch in 0..GRANTS / 1000 {
        let now = world.clock.now().0;
        let filled = world.machines.write(move |txn| {
            for number in batch * 1000..(batch + 1) * 1000 {
                let id = *blake3::hash(&number.to_be_bytes()).as_bytes();
                let id: [u8; 16] = id[..16].try_into().unwrap();
                txn.put_grant(
                    &id,
                    &GrantRecord {
                        id: id.to_vec(),
                        supplier: format!("Supplier {number}"),
                        rules: vec![RuleRecord {
                            every_machine: true,
                            sections: (1..9).collect(),
                            ..RuleRecord::default()
                        }],
                        created_at: now,
                        expires_at: now + 90 * 24 * 60 * 60 * 1000,
                        standing: GrantStanding::Active.into(),
                        ..GrantRecord::default()
                    },
                );
                txn.put_person(
                    &id,
                    &PersonRecord {
                        id: id.to_vec(),
                        name: format!("Technician {number}"),
                        role: PersonRole::Delegate.into(),
                        password: "x".to_owned(),
                        email: format!("{number}@example.com"),
                        grant: id.to_vec(),
                        ..PersonRecord::default()
                    },
                );
                txn.put_device(
                    &id,
                    &DeviceRecord {
                        id: id.to_vec(),
                        person: id.to_vec(),
                        grant: id.to_vec(),
                        ..DeviceRecord::default()
                    },
                );
            }
            Ok::<_, StoreError>(((), Vec::new()))
        });
        filled.await.unwrap();
    }
}

/// Entries of reads by many.
async fn written(world: &World, thousands: std::ops::Range<u64>) {
    let log = world.authority.log();
    for batch in thousands {
        let log = log.clone();
        let written = world.machines.write(move |txn| {
            for number in 0..1000 {
                let id = blake3::hash(&(number * batch).to_be_bytes());
                let id: [u8; 16] = id.as_bytes()[..16].try_into().unwrap();
                let by = Actor::delegate(PersonId(id), "A. Technician", "Acme IT", GrantId(id));
                let read = Event::new(LogAct::OpenedComputer).subject("FRONT-DESK");
                log.note(txn, &by, read)?;
            }
            Ok::<_, StoreError>(((), Vec::new()))
        });
        written.await.unwrap();
    }
}

fn peer(world: &World, guest: &Guest) -> DevicePeer {
    let device = world.people.devices(&guest.session).unwrap().remove(0);
    DevicePeer {
        name: DeviceName {
            device: device.id,
            person: device.person,
            grant: device.grant,
        },
        public_key: Digest::of(&guest.identity.certificate().public_key),
        not_after: world.clock.now().plus(super::world::DAY),
    }
}

/// One read: who it is, the entry, who it is once more, and the gate. Answers with the time beyond the flush.
async fn read(world: &World, peer: &DevicePeer, id: MachineId) -> Duration {
    let began = Instant::now();
    let reader = world.people.reader(peer).unwrap();
    let by = reader.actor([127, 0, 0, 1].into());
    let before = began.elapsed();
    let log = world.authority.log();
    let noting = world.machines.write(move |txn| {
        let began = Instant::now();
        let event = Event::new(LogAct::OpenedComputer).machine(id, "pc");
        log.note(txn, &by, event)?;
        Ok::<_, StoreError>((began.elapsed(), Vec::new()))
    });
    let noted = noting.await.unwrap();
    let began = Instant::now();
    let viewer: Viewer = world.people.reader(peer).unwrap().viewer();
    world
        .desk
        .inventory
        .machine(&viewer, id, Moment::Now)
        .unwrap();
    before + noted + began.elapsed()
}

#[tokio::test]
#[ignore = "takes minutes"]
async fn measured_gate_and_log_with_many_grants_and_a_long_log() {
    let world = World::new().await;
    let id = world.computer("pc", &["office"], vec![software(100)]).await;
    let guest = world.guest(&["all,-network@office", "system"], true).await;
    crowded(&world).await;
    written(&world, 0..ENTRIES / 2000).await;
    // What somebody keeps who looked half way.
    let kept = world.journal.checkpoint().unwrap().unwrap();
    written(&world, ENTRIES / 2000..ENTRIES / 1000).await;
    let peer = peer(&world, &guest);
    let mut times = Vec::with_capacity(READS);
    for _ in 0..READS {
        times.push(read(&world, &peer, id).await);
    }
    times.sort();
    let at = |part: usize| times[READS * part / 100];
    println!("| what | measured | limit |\n|---|---|---|");
    println!(
        "| gate and log of one read beyond its flush, {GRANTS} grants, {ENTRIES} entries | p50 {:?}, p95 {:?} | 1 ms |",
        at(50),
        at(95)
    );
    let proven = proven(&world, &kept);
    let began = Instant::now();
    let verdict = world.journal.verify(Some(&kept)).unwrap();
    println!(
        "| every entry of the log verified at the console, {} entries | {:?} | |",
        verdict.entries,
        began.elapsed()
    );
    assert!(IS_SMALL || at(95) < Duration::from_millis(1));
    assert!(IS_SMALL || proven < Duration::from_secs(1));
}

/// How long it takes to prove, and to check as a device does, that the log continues what somebody keeps.
fn proven(world: &World, kept: &str) -> Duration {
    let began = Instant::now();
    let verifier = Verifier::parse(&world.journal.verifier()).unwrap();
    let kept = verifier.open(kept).unwrap();
    let (now, proof) = world.journal.proof(kept.size).unwrap().unwrap();
    let now = verifier.open(&now).unwrap();
    assert!(now.size > ENTRIES && proves(&kept, &now, &proof));
    let took = began.elapsed();
    println!(
        "| proof that a log of {} entries continues one of {}: made and verified ({} hashes) | {took:?} | 1 s |",
        now.size,
        kept.size,
        proof.len(),
    );
    took
}
