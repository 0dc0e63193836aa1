//! The registry over a real store.

use std::time::Duration;

use super::*;
use crate::{
    audit::Actor,
    authority::Authority,
    store::{Options, Read as _, record::NoticeKind},
};

struct World {
    dir: tempfile::TempDir,
    store: Store,
    authority: Authority,
    connections: Connections,
    clock: Clock,
    events: Events,
    machines: Machines,
}

impl World {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::system();
        let authority = Authority::init(&dir.path().join("authority"), "Example", &clock).unwrap();
        let store = Store::create(&dir.path().join("store"), &Options::default()).unwrap();
        let (connections, events) = (Connections::default(), Events::default());
        let machines = Machines::load(
            store.clone(),
            authority.revocations(),
            connections.clone(),
            authority.log(),
            events.clone(),
        )
        .unwrap();
        Self {
            dir,
            store,
            authority,
            connections,
            clock,
            events,
            machines,
        }
    }

    /// As after a restart.
    fn reloaded(&self) -> Machines {
        let authority = Authority::load(&self.dir.path().join("authority"), &self.clock).unwrap();
        Machines::load(
            self.store.clone(),
            authority.revocations(),
            Connections::default(),
            authority.log(),
            Events::default(),
        )
        .unwrap()
    }

    async fn machine(&self, name: &str, state: MachineState) -> MachineId {
        let id = MachineId::random();
        let record = MachineRecord {
            id: id.as_bytes().to_vec(),
            state: state.into(),
            host_name: name.to_owned(),
            ..MachineRecord::default()
        };
        let written = self.machines.write(move |txn| {
            txn.put_machine(id, &record);
            Ok::<_, StoreError>(((), vec![record]))
        });
        written.await.unwrap();
        id
    }

    fn timeline(&self, id: MachineId) -> Vec<String> {
        let changes = self.store.changes(id, None, 100).unwrap();
        changes
            .into_iter()
            .map(|(_, change)| change.summary)
            .collect()
    }
}

#[tokio::test]
async fn a_waiting_machine_is_let_in_once() {
    let world = World::new();
    let id = world.machine("desk", MachineState::Waiting).await;
    let mut heard = world.events.listen();
    world.machines.approve(id, &Actor::console()).await.unwrap();
    assert_eq!(world.machines.state(id), Some(MachineState::Active));
    assert_eq!(heard.recv().await.unwrap(), Event::Machine(id));
    assert_eq!(world.reloaded().state(id), Some(MachineState::Active));
    let error = world
        .machines
        .approve(id, &Actor::console())
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "desk does not wait for approval: it is active"
    );
    assert_eq!(world.timeline(id), ["computer approved"]);
}

#[tokio::test]
async fn a_revocation_outlives_a_store_that_was_set_back() {
    let world = World::new();
    let id = world.machine("desk", MachineState::Active).await;
    world.machines.revoke(id, &Actor::console()).await.unwrap();
    let mut record = world.store.machine(id).unwrap().unwrap();
    assert_eq!(record.state(), MachineState::Revoked);
    // As an old backup would have it.
    record.set_state(MachineState::Active);
    let written = world.store.write(move |txn| {
        txn.put_machine(id, &record);
        Ok::<_, StoreError>(())
    });
    written.await.unwrap();
    let machines = world.reloaded();
    assert_eq!(machines.state(id), Some(MachineState::Revoked));
    machines
        .rename(id, "other", &Actor::console())
        .await
        .unwrap();
    assert_eq!(machines.state(id), Some(MachineState::Revoked));
    assert!(machines.approve(id, &Actor::console()).await.is_err());
    assert!(machines.retire(id, &Actor::console()).await.is_err());
}

#[tokio::test]
async fn a_revocation_holds_although_the_store_cannot_be_written() {
    let world = World::new();
    let id = world.machine("desk", MachineState::Active).await;
    let noted = world.connections.note(id);
    world.store.clone().close().await;
    let record = world.machines.revoke(id, &Actor::console()).await.unwrap();
    assert_eq!(record.state(), MachineState::Revoked);
    assert_eq!(world.machines.state(id), Some(MachineState::Revoked));
    assert!(world.authority.revocations().contains(id));
    tokio::time::timeout(Duration::from_secs(1), noted.cut())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_revocation_that_nothing_can_keep_holds_until_the_collector_stops_and_says_so() {
    let world = World::new();
    let id = world.machine("desk", MachineState::Active).await;
    std::fs::remove_file(world.dir.path().join("authority/revoked")).unwrap();
    world.store.clone().close().await;
    let error = world
        .machines
        .revoke(id, &Actor::console())
        .await
        .unwrap_err();
    assert!(matches!(error, MachineError::Revocation(_)), "{error}");
    assert!(error.to_string().contains("revoke it again"), "{error}");
    assert_eq!(world.machines.state(id), Some(MachineState::Revoked));
}

#[tokio::test]
async fn a_revocation_without_its_list_is_kept_by_the_store() {
    let world = World::new();
    let id = world.machine("desk", MachineState::Active).await;
    std::fs::remove_file(world.dir.path().join("authority/revoked")).unwrap();
    world.machines.revoke(id, &Actor::console()).await.unwrap();
    let record = world.store.machine(id).unwrap().unwrap();
    assert_eq!(record.state(), MachineState::Revoked);
}

#[tokio::test]
async fn revoking_twice_is_noted_once() {
    let world = World::new();
    let id = world.machine("desk", MachineState::Active).await;
    world.machines.revoke(id, &Actor::console()).await.unwrap();
    world.machines.revoke(id, &Actor::console()).await.unwrap();
    assert_eq!(world.timeline(id), ["computer revoked"]);
    let record = world.machines.of(id).unwrap();
    assert!(record.state_since > 0);
}

#[tokio::test]
async fn an_unknown_machine_cannot_be_changed() {
    let world = World::new();
    let id = MachineId::random();
    assert!(matches!(
        world.machines.revoke(id, &Actor::console()).await,
        Err(MachineError::Unknown { .. })
    ));
    assert!(!world.authority.revocations().contains(id));
    assert!(world.machines.approve(id, &Actor::console()).await.is_err());
    let erased = world.machine("gone", MachineState::Erased).await;
    let by = Actor::console();
    assert!(world.machines.rename(erased, "back", &by).await.is_err());
    assert!(matches!(
        world.machines.revoke(erased, &by).await,
        Err(MachineError::Unknown { .. })
    ));
    assert_eq!(world.machines.state(erased), Some(MachineState::Erased));
    assert!(!world.authority.revocations().contains(erased));
}

#[tokio::test]
async fn a_retired_machine_is_disconnected() {
    let world = World::new();
    let id = world.machine("desk", MachineState::Active).await;
    let noted = world.connections.note(id);
    world.machines.retire(id, &Actor::console()).await.unwrap();
    tokio::time::timeout(Duration::from_secs(1), noted.cut())
        .await
        .unwrap();
    assert!(!world.machines.is_active(id));
}

#[tokio::test]
async fn the_owner_s_name_wins_until_it_is_taken_back() {
    let world = World::new();
    let id = world.machine("desk-7f3a", MachineState::Active).await;
    let record = world
        .machines
        .rename(id, "  Front desk ", &Actor::console())
        .await
        .unwrap();
    assert_eq!(name_of(&record), "Front desk");
    assert_eq!(world.machines.find("front DESK"), Ok(id));
    assert!(
        world
            .machines
            .rename(id, "a\u{7}b", &Actor::console())
            .await
            .is_err()
    );
    assert!(
        world
            .machines
            .rename(id, &"x".repeat(101), &Actor::console())
            .await
            .is_err()
    );
    let record = world
        .machines
        .rename(id, "", &Actor::console())
        .await
        .unwrap();
    assert_eq!(name_of(&record), "desk-7f3a");
}

#[tokio::test]
async fn a_reinstalled_machine_continues_its_earlier_self_which_is_retired() {
    let world = World::new();
    let first = world.machine("desk", MachineState::Active).await;
    let second = world.machine("desk", MachineState::Active).await;
    let third = world.machine("desk", MachineState::Active).await;
    world
        .machines
        .rename(first, "Front desk", &Actor::console())
        .await
        .unwrap();
    let noted = world.connections.note(first);
    let record = world
        .machines
        .link(second, first, &Actor::console())
        .await
        .unwrap();
    assert_eq!(record.continues, [first.as_bytes().to_vec()]);
    assert_eq!(name_of(&record), "Front desk");
    assert_eq!(world.machines.state(first), Some(MachineState::Retired));
    noted.cut().await;
    let record = world
        .machines
        .link(third, second, &Actor::console())
        .await
        .unwrap();
    let earlier: Vec<Vec<u8>> = [second, first].map(|id| id.as_bytes().to_vec()).into();
    assert_eq!(record.continues, earlier);
    assert_eq!(
        world.timeline(third),
        ["computer linked: continues the history of Front desk"]
    );
}

#[tokio::test]
async fn histories_cannot_be_tangled() {
    let world = World::new();
    let first = world.machine("one", MachineState::Active).await;
    let second = world.machine("two", MachineState::Active).await;
    let third = world.machine("three", MachineState::Active).await;
    assert!(
        world
            .machines
            .link(first, first, &Actor::console())
            .await
            .is_err()
    );
    world
        .machines
        .link(second, first, &Actor::console())
        .await
        .unwrap();
    assert!(
        world
            .machines
            .link(first, second, &Actor::console())
            .await
            .is_err(),
        "backwards"
    );
    assert!(
        world
            .machines
            .link(third, first, &Actor::console())
            .await
            .is_err(),
        "twice"
    );
    world
        .machines
        .revoke(third, &Actor::console())
        .await
        .unwrap();
    let fourth = world.machine("four", MachineState::Active).await;
    world
        .machines
        .link(fourth, third, &Actor::console())
        .await
        .unwrap();
    assert_eq!(world.machines.state(third), Some(MachineState::Revoked));
}

#[tokio::test]
async fn a_renewed_certificate_replaces_the_key() {
    let world = World::new();
    let id = world.machine("desk", MachineState::Active).await;
    let issued = |key: &[u8]| IssuedCertificate {
        chain: Vec::new(),
        not_after: world.clock.now(),
        public_key: Digest::of(key),
    };
    let (old, new) = (issued(b"old"), issued(b"new"));
    let holding = |issued: &IssuedCertificate| MachinePeer {
        id,
        public_key: issued.public_key,
        expired: false,
    };
    let (machines, store) = (&world.machines, &world.store);
    machines.renewed(&holding(&old), &old).await.unwrap();
    machines.renewed(&holding(&old), &new).await.unwrap();
    assert_eq!(store.machine_by_key(&old.public_key).unwrap(), None);
    assert_eq!(store.machine_by_key(&new.public_key).unwrap(), Some(id));
    let record = machines.of(id).unwrap();
    assert_eq!(record.certificate_expires_at, new.not_after.0);

    // The answer may have been lost: the old one is good until the new one is used.
    let path = "/freehold.v1.Reporting/CheckIn";
    machines.admit(&holding(&old), path).unwrap();
    machines.admit(&holding(&new), path).unwrap();
    let refused = machines.admit(&holding(&old), path);
    assert_eq!(refused, Err(Refusal::OtherKey));
    let is_forgotten = || store.machine(id).unwrap().unwrap().earlier_key.is_empty();
    while !is_forgotten() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn notices_are_raised_once_and_taken_back() {
    let world = World::new();
    let id = world.machine("desk", MachineState::Active).await;
    let machines = &world.machines;
    let kind = NoticeKind::WrongClock;
    machines
        .raise_notice(id, kind, "2 hours slow")
        .await
        .unwrap();
    let since = machines.of(id).unwrap().notices[0].since;
    world.clock.advance(Duration::from_secs(60));
    let mut heard = world.events.listen();
    machines
        .raise_notice(id, kind, "2 hours slow")
        .await
        .unwrap();
    assert!(heard.try_recv().is_err(), "nothing was written");
    machines
        .raise_notice(id, kind, "3 hours slow")
        .await
        .unwrap();
    let record = machines.of(id).unwrap();
    assert_eq!(record.notices.len(), 1);
    assert_eq!(record.notices[0].since, since);
    assert_eq!(record.notices[0].detail, "3 hours slow");
    machines.clear_notice(id, kind).await.unwrap();
    assert!(world.reloaded().of(id).unwrap().notices.is_empty());
}

#[tokio::test]
async fn machines_are_listed_by_name_and_counted_by_state() {
    let world = World::new();
    world.machine("zebra", MachineState::Waiting).await;
    world.machine("Alpha", MachineState::Active).await;
    world.machine("beta", MachineState::Active).await;
    let listed = world.machines.list();
    let names: Vec<&str> = listed.iter().map(|record| name_of(record)).collect();
    assert_eq!(names, ["Alpha", "beta", "zebra"]);
    let counts = world.machines.counts();
    assert_eq!(counts[&MachineState::Active], 2);
    assert_eq!(counts[&MachineState::Waiting], 1);
}

#[tokio::test]
async fn concurrent_changes_leave_memory_as_the_store_has_it() {
    let world = World::new();
    let id = world.machine("desk", MachineState::Active).await;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..50 {
        let machines = world.machines.clone();
        tasks.spawn(async move {
            machines
                .rename(id, &format!("name {number}"), &Actor::console())
                .await
        });
    }
    while let Some(renamed) = tasks.join_next().await {
        renamed.unwrap().unwrap();
    }
    let stored = world.store.machine(id).unwrap().unwrap();
    assert_eq!(*world.machines.of(id).unwrap(), stored);
}
