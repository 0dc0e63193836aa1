//! What a search finds, and what it says is missing.

use freehold_proto::v1::{Network, network::Adapter};

use super::*;

/// A machine reports addresses.
async fn connect(world: &World, machine: usize, addresses: Vec<String>) {
    let section = Network {
        status: Status::Complete.into(),
        adapters: vec![Adapter {
            addresses,
            ..Adapter::default()
        }],
        ..Network::default()
    };
    let body = section.encode_to_vec();
    let written = world.store.write(move |txn| {
        let digest = Digest::of(&body);
        let frame = zstd::bulk::compress(&body, 1).unwrap_or_default();
        txn.put_body(&digest, frame, body.len() as u64)?;
        let version = VersionRecord {
            kind: Kind::Network as u32,
            digest: digest.as_bytes().to_vec(),
            sequence: 1,
            size: body.len() as u64,
            ..VersionRecord::default()
        };
        txn.put_version(id(machine), &version)
    });
    written.await.unwrap();
    world.events.announce(Event::Report(id(machine)));
}

fn addresses(network: usize, count: usize) -> Vec<String> {
    (0..count)
        .map(|host| format!("10.0.{network}.{host}/24"))
        .collect()
}

fn search(world: &World, viewer: &Viewer, text: &str) -> Hits {
    world.inventory.search(viewer, text).unwrap()
}

#[tokio::test]
async fn hits_are_those_of_machines_and_sections_that_are_shared() {
    let world = World::with(3).await;
    for machine in 0..3 {
        // The second address is the same on all of them.
        let own = format!("10.0.0.{machine}/24");
        connect(&world, machine, vec![own, "10.0.9.9/24".to_owned()]).await;
    }
    let told = |kind: Kind| {
        let viewer = Viewer::console().within(Scope::Rules(vec![Rule {
            reach: Reach::Labelled(["first".to_owned()].into()),
            sections: [kind as i32].into(),
        }]));
        let hits = search(&world, &viewer, "10.0.").hits.into_iter();
        let hits = hits.map(|hit| {
            let machines = hit.machines.iter().map(|machine| machine.id).collect();
            (hit.text, machines)
        });
        hits.collect::<Vec<(String, Vec<MachineId>)>>()
    };
    let shared = ["10.0.0.0/24", "10.0.9.9/24"].map(|text| (text.to_owned(), vec![id(0)]));
    assert_eq!(told(Kind::Network), shared);
    assert!(told(Kind::Hardware).is_empty());
    let all = search(&world, &world.owner, "10.0.");
    assert_eq!(all.hits.len(), 4);
    assert_eq!(all.hits[3].machines.len(), 3);
}

#[tokio::test]
async fn more_than_are_told_are_said_to_be_there() {
    let world = World::with(3).await;
    connect(&world, 0, addresses(0, 100)).await;
    connect(&world, 1, addresses(1, 100)).await;
    let full = search(&world, &world.owner, "10.0.");
    assert_eq!((full.hits.len(), full.is_more), (200, false));
    connect(&world, 2, addresses(2, 1)).await;
    let cut = search(&world, &world.owner, "10.0.");
    assert_eq!((cut.hits.len(), cut.is_more), (200, true));
    assert!(!search(&world, &world.owner, "10.0.1").is_more);
}

#[tokio::test]
async fn a_machine_with_more_addresses_than_are_kept_is_named_to_who_may_see_them() {
    let world = World::with(3).await;
    connect(&world, 0, addresses(0, 10)).await;
    connect(&world, 1, addresses(1, 3000)).await;
    let told = search(&world, &world.owner, "nothing of that kind");
    let cut: Vec<MachineId> = told.cut.iter().map(|machine| machine.id).collect();
    assert_eq!(cut, [id(1)]);
    for (kind, shown) in [(Kind::Network, 1), (Kind::Accounts, 0)] {
        let viewer = Viewer::console().within(Scope::Rules(vec![Rule {
            reach: Reach::Every,
            sections: [kind as i32].into(),
        }]));
        assert_eq!(
            search(&world, &viewer, "nothing").cut.len(),
            shown,
            "{kind:?}"
        );
    }
    connect(&world, 1, addresses(1, 10)).await;
    assert!(search(&world, &world.owner, "nothing").cut.is_empty());
}

#[tokio::test]
async fn machines_that_were_not_read_yet_are_counted_until_they_are() {
    let world = World::with(100).await;
    connect(&world, 99, addresses(0, 1)).await;
    let early = search(&world, &world.owner, "10.0.");
    assert_eq!(early.hits.len(), 0);
    assert!((36..=76).contains(&early.unread), "{}", early.unread);
    let mut last = early;
    while last.unread > 0 {
        let next = search(&world, &world.owner, "10.0.");
        assert!(next.unread < last.unread);
        last = next;
    }
    assert_eq!(last.hits.len(), 1);
}

#[tokio::test]
async fn what_was_reported_amid_missed_events_is_found() {
    let world = World::with(20).await;
    assert!(search(&world, &world.owner, "10.0.").hits.is_empty());
    connect(&world, 7, addresses(0, 1)).await;
    // More than is kept for whoever listens: the report is among what is lost.
    for _ in 0..5000 {
        world.events.announce(Event::Machine(id(0)));
    }
    let found = search(&world, &world.owner, "10.0.");
    assert_eq!(found.hits.len(), 1);
    assert_eq!(found.hits[0].machines[0].id, id(7));
}
