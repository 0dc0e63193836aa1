//! Differences between two moments, and what they leave out.

use freehold_proto::v1::Network;

use super::*;
use crate::{
    access::{Change, Differences},
    store::record::ChangeRecord,
};

const FROM: UnixMillis = minute(10);
const TO: Moment = Moment::At(minute(30));

const fn minute(minute: i64) -> UnixMillis {
    UnixMillis(minute * 60_000)
}

/// Machines report a section at a minute, and it is noted that it changed.
async fn report(world: &World, machines: Vec<usize>, at: i64, kind: Kind, body: Vec<u8>) {
    let written = world.store.write(move |txn| {
        let digest = Digest::of(&body);
        let frame = zstd::bulk::compress(&body, 1).unwrap_or_default();
        txn.put_body(&digest, frame, body.len() as u64)?;
        for machine in machines {
            let version = VersionRecord {
                kind: kind as u32,
                digest: digest.as_bytes().to_vec(),
                collected_at: minute(at).0,
                sequence: at.unsigned_abs(),
                size: body.len() as u64,
                ..VersionRecord::default()
            };
            txn.put_version(id(machine), &version)?;
            let change = ChangeRecord {
                at: minute(at).0,
                section: kind as u32,
                ..ChangeRecord::default()
            };
            txn.put_change(id(machine), &change)?;
        }
        Ok::<_, StoreError>(())
    });
    written.await.unwrap();
}

async fn install(world: &World, machines: Vec<usize>, at: i64, product: Option<&str>) {
    report(world, machines, at, Kind::Antivirus, antivirus(product)).await;
}

async fn join(world: &World, machine: usize, at: i64) {
    let mut record = (*world.machines.of(id(machine)).unwrap()).clone();
    record.enrolled_at = minute(at).0;
    let written = world.machines.write(move |txn| {
        txn.put_machine(id(machine), &record);
        Ok::<_, StoreError>(((), vec![record]))
    });
    written.await.unwrap();
}

fn difference(world: &World, viewer: &Viewer) -> Differences {
    let found = world.inventory.difference(viewer, None, FROM, TO);
    found.unwrap()
}

fn first() -> Viewer {
    Viewer::console().within(Scope::Rules(vec![Rule {
        reach: Reach::Labelled(["first".to_owned()].into()),
        sections: KINDS.iter().map(|kind| *kind as i32).collect(),
    }]))
}

fn sentences(changes: &[Change]) -> String {
    let told: Vec<&str> = changes.iter().map(|it| it.summary.as_str()).collect();
    told.join("\n")
}

#[tokio::test]
async fn of_machines_that_joined_a_difference_tells_those_that_joined_in_between() {
    let world = World::with(4).await;
    for (machine, at) in [(1, 20), (2, 30), (3, 40)] {
        join(&world, machine, at).await;
    }
    let found = difference(&world, &world.owner);
    let joined = [1, 2].map(|number| (id(number), format!("PC-{number:04}")));
    assert_eq!(found.joined, joined);
    assert_eq!((found.machines, found.left_out), (0, 0));
    let later = world
        .inventory
        .difference(&world.owner, Some(id(3)), FROM, TO);
    assert_eq!(later.unwrap(), Differences::default());
    assert_eq!(difference(&world, &first()), Differences::default());
}

#[tokio::test]
async fn a_difference_ends_at_its_later_moment_and_is_none_where_all_is_as_before() {
    let world = World::with(4).await;
    install(&world, vec![0, 1], 15, Some("Passing")).await;
    // Back to what it was.
    install(&world, vec![0], 20, None).await;
    // At the very end, and after it.
    install(&world, vec![2], 30, Some("Last")).await;
    install(&world, vec![1, 3], 31, Some("Late")).await;
    let found = difference(&world, &world.owner);
    let about: Vec<MachineId> = found.changes.iter().map(|it| it.machine).collect();
    assert_eq!(about, [id(1), id(2)]);
    assert_eq!(found.machines, 2, "as many as are different");
    let told = sentences(&found.changes);
    assert!(told.contains("Passing") && told.contains("Last"), "{told}");
    assert!(!told.contains("Late"), "{told}");
    assert_eq!(difference(&world, &first()), Differences::default());
    let hidden = world.inventory.difference(&first(), Some(id(1)), FROM, TO);
    assert!(matches!(hidden, Err(ReadError::NoMachine)));
}

#[tokio::test]
async fn sections_that_cannot_be_compared_are_told_and_hide_no_other() {
    let world = World::with(2).await;
    install(&world, vec![0], 15, Some("Lost")).await;
    let network = Network::default().encode_to_vec();
    report(&world, vec![0], 16, Kind::Network, network).await;
    report(&world, vec![1], 16, Kind::Accounts, vec![0xff; 9]).await;
    let pack = world.dir.path().join("store/packs/000001.pack");
    let digest = Digest::of(&antivirus(Some("Lost")));
    std::fs::write(&pack, spoiled(std::fs::read(&pack).unwrap(), &digest)).unwrap();
    let found = difference(&world, &world.owner);
    let damaged = [
        ("PC-0000".to_owned(), Kind::Antivirus),
        ("PC-0001".to_owned(), Kind::Accounts),
    ];
    assert_eq!(found.damaged, damaged);
    let sections: Vec<Kind> = found.changes.iter().map(|it| it.section).collect();
    assert_eq!(sections, [Kind::Network]);
}

#[tokio::test]
async fn machines_that_are_too_many_to_compare_are_counted() {
    let world = World::with(303).await;
    install(&world, (0..303).collect(), 15, Some("New")).await;
    let found = difference(&world, &world.owner);
    assert_eq!((found.machines, found.left_out), (300, 3));
    assert_eq!(found.changes.len(), 300);
}
