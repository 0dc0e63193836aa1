//! What is hidden decides nothing about what is told.

use freehold_proto::v1::{Readings, readings};

use super::*;
use crate::store::record::{ChangeRecord, PresenceRecord};

/// A machine's changes of one section, one a minute, the last of them at a minute.
async fn changes(
    world: &World,
    machine: usize,
    kind: Kind,
    minutes: std::ops::RangeInclusive<i64>,
) {
    let written = world.store.write(move |txn| {
        for minute in minutes {
            let change = ChangeRecord {
                at: minute * 60_000,
                section: kind as u32,
                summary: format!("{machine} {minute}"),
                ..Default::default()
            };
            txn.put_change(id(machine), &change)?;
        }
        Ok::<_, StoreError>(())
    });
    written.await.unwrap();
}

#[tokio::test]
async fn a_search_for_changes_ends_nowhere_that_hidden_ones_decide() {
    let world = World::with(3).await;
    let narrow = narrow(&[Kind::Antivirus]);
    changes(&world, 0, Kind::Antivirus, 1..=1).await;
    changes(&world, 0, Kind::Antivirus, 30_000..=30_000).await;
    let find = |viewer: &Viewer, text: &str, from, limit| {
        let filter = ChangeFilter {
            text: text.to_owned(),
            ..ChangeFilter::default()
        };
        let found = world.inventory.find_changes(viewer, &filter, from, limit);
        let found = found.unwrap();
        let told: Vec<String> = found.changes.into_iter().map(|it| it.summary).collect();
        (told, found.next, found.stopped)
    };
    let all = |viewer: &Viewer| {
        let (first, next, _) = find(viewer, "", None, 1);
        (
            find(viewer, "none", None, 9),
            first,
            next,
            find(viewer, "", next, 1),
        )
    };
    let before = all(&narrow);
    assert_eq!(before.0, (Vec::new(), None, false));
    assert_eq!(before.3.0, ["0 1"]);
    // More than is looked through for one answer: of another machine, of another section, at the same times too.
    changes(&world, 1, Kind::Antivirus, 1..=21_000).await;
    changes(&world, 0, Kind::Software, 1..=21_000).await;
    changes(&world, 0, Kind::Software, 30_000..=30_000).await;
    assert_eq!(all(&narrow), before);
    let (none, next, stopped) = find(&world.owner, "none", None, 9);
    assert!(none.is_empty() && next.is_some() && stopped);
    // Page after page, nothing comes twice and nothing is left out, also at one and the same time.
    let (mut told, mut from) = (Vec::new(), None);
    loop {
        let (page, next, _) = find(&world.owner, "0 1", from, 7);
        told.extend(page);
        from = next;
        if from.is_none() {
            break;
        }
    }
    let lines = told.iter().filter(|told| *told == "0 1").count();
    assert_eq!(lines, 2, "one of each section");
}

fn narrow(sections: &[Kind]) -> Viewer {
    Viewer::console().within(Scope::Rules(vec![Rule {
        reach: Reach::Labelled(["first".to_owned()].into()),
        sections: sections.iter().map(|kind| *kind as i32).collect(),
    }]))
}

#[tokio::test]
async fn how_many_machines_are_not_searched_yet_counts_those_that_are_shared() {
    let world = World::with(100).await;
    let search = |viewer: &Viewer| world.inventory.search(viewer, "anything").unwrap().unread;
    assert_eq!(search(&narrow(&KINDS)), 0);
    assert!(search(&world.owner) > 0);
}

#[tokio::test]
async fn readings_are_cut_to_the_sections_that_are_shared() {
    let world = World::with(2).await;
    let values = Readings {
        volumes: vec![readings::VolumeFree::default()],
        batteries: vec![readings::BatteryCharge::default()],
        neighbours: vec![readings::Neighbour::default()],
        signals: vec![readings::Signal::default()],
        sessions: vec![readings::Session::default()],
        uptime_seconds: Some(1),
        memory_used_percent: Some(1),
        signature_ages: vec![readings::SignatureAge::default()],
    };
    let record = PresenceRecord {
        readings: values.encode_to_vec(),
        last_seen_at: 1,
        readings_at: 1,
        ..Default::default()
    };
    let stored = world.store.write(move |txn| {
        for number in 0..2 {
            txn.put_presence(id(number), &record);
        }
        Ok::<_, StoreError>(())
    });
    stored.await.unwrap();
    let inventory = Inventory {
        presence: Presence::load(world.store.clone()).unwrap(),
        ..world.inventory.clone()
    };
    let read = |viewer: &Viewer, number| inventory.readings(viewer, id(number));
    let told = |sections: &[Kind]| {
        let values = read(&narrow(sections), 0).unwrap().unwrap().values;
        let there = [
            !values.volumes.is_empty() && !values.batteries.is_empty(),
            !values.neighbours.is_empty() && !values.signals.is_empty(),
            !values.sessions.is_empty(),
            values.uptime_seconds.is_some() && values.memory_used_percent.is_some(),
            !values.signature_ages.is_empty(),
        ];
        there.map(u8::from)
    };
    assert_eq!(told(&KINDS), [1, 1, 1, 1, 1]);
    assert_eq!(told(&[Kind::Hardware]), [1, 0, 0, 0, 0]);
    assert_eq!(told(&[Kind::Network]), [0, 1, 0, 0, 0]);
    assert_eq!(told(&[Kind::Accounts]), [0, 0, 1, 0, 0]);
    assert_eq!(told(&[Kind::System]), [0, 0, 0, 1, 0]);
    assert_eq!(told(&[Kind::Antivirus]), [0, 0, 0, 0, 1]);
    assert_eq!(told(&[Kind::Software]), [0, 0, 0, 0, 0]);
    let hidden = read(&narrow(&KINDS), 1);
    assert!(matches!(hidden, Err(ReadError::NoMachine)));
}
