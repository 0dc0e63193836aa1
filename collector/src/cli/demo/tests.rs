use std::{collections::BTreeSet, time::Duration};

use super::*;
use crate::{
    access::{GrantState, Viewer},
    app::Parts,
    clock::Clock,
    finding::RULES,
    history::Moment,
    id::MachineId,
    store::{Read as _, record::MachineState},
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn config(data: &Path) -> Config {
    Config::demo(&Overrides {
        data: Some(data.to_path_buf()),
        ..Overrides::default()
    })
    .unwrap()
}

async fn collector(path: &Path, demo: bool) {
    let clock = Clock::system();
    let made = setup::create(Making {
        path,
        name: "Practice",
        addresses: Vec::new(),
        clock: &clock,
        demo,
    });
    made.await.unwrap().1.close().await;
}

/// One demo for all that is to be seen of one: making it takes seconds.
#[tokio::test(flavor = "multi_thread")]
async fn a_demo_is_a_year_of_fourteen_computers_and_every_rule() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(&dir.path().join("demo"));
    make(&config).await.unwrap();
    let app = config.alone().build().await.unwrap();
    let parts = app.parts();
    there_are_fourteen(parts);
    every_rule_has_an_example(parts);
    history_reaches_back_a_year(parts);
    suppliers_have_read(parts);
}

fn there_are_fourteen(parts: &Parts) {
    let lines = parts.inventory.machines(&Viewer::console(), Moment::Now);
    let mut states: Vec<MachineState> = lines.unwrap().iter().map(|it| it.machine.state).collect();
    states.retain(|state| matches!(state, MachineState::Active | MachineState::Waiting));
    assert_eq!(states.len(), 14);
}

fn ids(parts: &Parts) -> Vec<MachineId> {
    let records = parts.machines.list();
    let ids = records.iter().map(|record| crate::machines::id_of(record));
    ids.collect::<Result<_, _>>().unwrap()
}

fn every_rule_has_an_example(parts: &Parts) {
    let ids = ids(parts);
    let open = parts.board.of_each(&ids);
    let open = open.iter().filter_map(|(findings, _)| findings.as_ref());
    let open: Vec<_> = open.flat_map(|findings| findings.iter().cloned()).collect();
    let resolved = ids.iter().flat_map(|id| parts.board.resolved(*id).unwrap());
    let mut found: BTreeSet<&str> = open.iter().map(|finding| finding.rule.id).collect();
    let seen_open = found.len();
    found.extend(resolved.map(|account| account.finding.rule.id));
    for rule in RULES {
        assert!(found.contains(rule.id), "{} {found:#?}", rule.id);
    }
    // Most are to be looked at now, not in the past.
    assert!(seen_open >= 20, "{open:#?}");
    assert!(
        open.iter()
            .any(|finding| finding.aside(parts.clock.now()).is_some())
    );
}

fn history_reaches_back_a_year(parts: &Parts) {
    let now = parts.clock.now();
    let server = parts.machines.find("Practice server").unwrap();
    let versions = parts
        .store
        .versions(server, freehold_proto::v1::section::Kind::Software, 1000)
        .unwrap();
    let first = versions.last().unwrap();
    let age = now.since(UnixMillis(first.collected_at));
    assert!(age > DAY * 363 && age < DAY * 366, "{age:?}");
    assert!(versions.len() > 10, "{}", versions.len());
    let then = Moment::At(now.minus(DAY * 200));
    let then = parts.inventory.machines(&Viewer::console(), then).unwrap();
    let known = then
        .iter()
        .filter(|line| line.headline.system.known().is_some());
    assert_eq!(known.count(), 12);
}

fn suppliers_have_read(parts: &Parts) {
    let grants = parts.grants.all().unwrap();
    let now = parts.clock.now();
    let is_in = |grant: &&crate::access::Grant| grant.state(now) == GrantState::Active;
    assert_eq!((grants.len(), grants.iter().filter(is_in).count()), (3, 2));
    for grant in grants.iter().filter(is_in) {
        let technicians = parts.people.technicians(grant.id).unwrap();
        assert!(technicians.iter().any(|person| person.last_read.is_some()));
    }
    let leaves = grants
        .iter()
        .find(|grant| grant.supplier == "Larkspindle IT")
        .unwrap();
    assert!(leaves.expires_at.since(now) < DAY * 14);
}

#[tokio::test]
async fn a_real_collector_is_not_turned_into_a_demo_and_a_demo_into_none() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("practice");
    let config = config(&data);
    collector(&data, false).await;
    let refused = prepare(&config).await.unwrap_err();
    assert!(refused.to_string().contains("real collector"), "{refused}");
    let args = RemoveDemo {
        data: Some(data.clone()),
    };
    remove(&args).await.unwrap_err();
    assert!(DataDirectory::is_initialised(&data).unwrap());

    // A store that says it is one stays a demo, whatever lies beside it: so a restored backup does.
    let other = dir.path().join("other");
    collector(&other, true).await;
    let real = Config::quickstart(&Overrides {
        data: Some(other),
        ..Overrides::default()
    });
    let built = real.unwrap().alone().build().await;
    assert!(matches!(built, Err(BuildError::IsDemo(_))));
}

#[tokio::test]
async fn a_collector_of_the_other_kind_is_refused_before_anything_of_it_is_opened() {
    let dir = tempfile::tempdir().unwrap();
    let (demo, real) = (dir.path().join("demo"), dir.path().join("real"));
    DataDirectory::begin_demo(&demo).unwrap();
    DataDirectory::create(&real).unwrap().finish().unwrap();
    for data in [&demo, &real] {
        // Opening this would fail with another sentence.
        std::fs::create_dir(data.join("store")).unwrap();
    }
    let overrides = Overrides {
        data: Some(demo.clone()),
        ..Overrides::default()
    };
    let built = Config::quickstart(&overrides)
        .unwrap()
        .alone()
        .build()
        .await;
    assert!(matches!(built, Err(BuildError::IsDemo(path)) if path == demo));
    let built = config(&real).alone().build().await;
    assert!(matches!(built, Err(BuildError::IsReal(path)) if path == real));
}

#[tokio::test]
async fn removing_a_demo_leaves_what_it_did_not_make() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("demo");
    DataDirectory::begin_demo(&data).unwrap();
    std::fs::write(data.join("own.txt"), "mine").unwrap();
    let args = RemoveDemo {
        data: Some(data.clone()),
    };
    remove(&args).await.unwrap();
    assert!(data.join("own.txt").exists());
    assert_eq!(DataDirectory::demo_state(&data).unwrap(), DemoState::Absent);
}
