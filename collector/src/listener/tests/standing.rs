//! What happens to machines that may no longer go on.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use super::world::{CHECK_IN, RENEW, STALL, World};
use crate::{audit::Actor, listener::Limits, store::record::MachineState};

#[tokio::test]
async fn a_revoked_machine_is_refused_on_its_next_request() {
    let world = World::new().await;
    let machine = world.machine(MachineState::Active).await;
    let mut line = world.calling(&machine).connect().await.unwrap();
    assert!(line.call(CHECK_IN).await.is_ok());
    world
        .machines
        .revoke(machine.id, &Actor::console())
        .await
        .unwrap();
    assert!(line.call(CHECK_IN).await.is_err(), "the connection was cut");
    for path in [CHECK_IN, RENEW] {
        let answer = world.calling(&machine).call(path).await.unwrap();
        assert!(answer.is(tonic::Code::PermissionDenied), "{answer:?}");
        assert!(answer.message.contains("revoked"), "{answer:?}");
    }
}

#[tokio::test]
async fn a_state_that_changes_holds_on_the_next_request_of_an_open_connection() {
    let world = World::new().await;
    let machine = world.machine(MachineState::Active).await;
    let mut line = world.calling(&machine).connect().await.unwrap();
    assert!(line.call(CHECK_IN).await.is_ok());
    // Only the registry hears of it: nothing is cut.
    world
        .authority
        .revocations()
        .add(machine.id, world.clock.now())
        .unwrap();
    world
        .machines
        .rename(machine.id, "other", &Actor::console())
        .await
        .unwrap();
    let answer = line.call(CHECK_IN).await.unwrap();
    assert!(answer.is(tonic::Code::PermissionDenied), "{answer:?}");
}

#[tokio::test]
async fn machines_in_other_states_are_told_why_they_are_refused() {
    let world = World::new().await;
    for (state, word) in [
        (MachineState::Waiting, "approval"),
        (MachineState::Retired, "out of service"),
        (MachineState::Revoked, "revoked"),
        (MachineState::Erased, "does not know"),
    ] {
        let machine = world.machine(state).await;
        let answer = world.calling(&machine).call(CHECK_IN).await.unwrap();
        assert!(answer.is(tonic::Code::PermissionDenied), "{answer:?}");
        assert!(answer.message.contains(word), "{answer:?}");
    }
}

#[tokio::test]
async fn an_open_stream_is_cut_within_a_second_of_its_revocation() {
    let world = World::new().await;
    let machine = world.machine(MachineState::Active).await;
    let bystander = world.machine(MachineState::Active).await;
    let mut line = world.calling(&machine).connect().await.unwrap();
    let mut other = world.calling(&bystander).connect().await.unwrap();
    let stream = tokio::spawn(line.start(STALL));
    assert!(line.call(CHECK_IN).await.is_ok());
    assert!(other.call(CHECK_IN).await.is_ok());
    assert_eq!(world.connections.machines(), 2);
    assert_eq!(world.stalled.load(Ordering::SeqCst), 1);

    let revoked = Instant::now();
    world
        .machines
        .revoke(machine.id, &Actor::console())
        .await
        .unwrap();
    assert!(stream.await.unwrap().is_err());
    line.driver.await.unwrap();
    while world.stalled.load(Ordering::SeqCst) > 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
        assert!(revoked.elapsed() < Duration::from_secs(1), "work goes on");
    }
    assert!(revoked.elapsed() < Duration::from_secs(1));
    assert!(other.call(CHECK_IN).await.is_ok());
    assert!(!world.connections.is_connected(machine.id));
}

#[tokio::test]
async fn a_refused_machine_does_not_keep_its_connection() {
    let world = World::with(Limits {
        refused_time: Duration::from_millis(200),
        ..Limits::default()
    })
    .await;
    let machine = world.machine(MachineState::Retired).await;
    let line = world.calling(&machine).connect().await.unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(5), line.driver).await;
    assert!(ended.is_ok());
}

#[tokio::test]
async fn a_machine_that_hoards_connections_loses_the_oldest() {
    let world = World::new().await;
    let machine = world.machine(MachineState::Active).await;
    let mut lines = Vec::new();
    for _ in 0..5 {
        let mut line = world.calling(&machine).connect().await.unwrap();
        assert!(line.call(CHECK_IN).await.is_ok());
        lines.push(line);
    }
    assert!(lines[0].call(CHECK_IN).await.is_err());
    for line in &mut lines[1..] {
        assert!(line.call(CHECK_IN).await.is_ok());
    }
}

#[tokio::test]
async fn stopping_ends_idle_connections_at_once_and_stalled_ones_soon() {
    let mut world = World::with(Limits {
        shutdown_time: Duration::from_millis(300),
        ..Limits::default()
    })
    .await;
    let machine = world.machine(MachineState::Active).await;
    let mut line = world.calling(&machine).connect().await.unwrap();
    let stalled = tokio::spawn(line.start(STALL));
    assert!(line.call(CHECK_IN).await.is_ok());
    let _stranger = world.stranger().connect().await.unwrap();
    world.shutdown.cancel();
    let serving = world.serving.take().unwrap();
    tokio::time::timeout(Duration::from_secs(5), serving)
        .await
        .expect("the listener stops")
        .unwrap();
    assert!(stalled.await.unwrap().is_err());
    assert!(tokio::net::TcpStream::connect(world.address).await.is_err());
}

#[tokio::test]
async fn an_idle_connection_of_a_reader_is_cut_within_a_second_of_the_end() {
    let world = World::new().await;
    let reader = world.reader().await;
    let caller = world.caller().named(Some(crate::authority::ACCESS_NAME));
    let mut line = caller.showing(reader.identity).connect().await.unwrap();
    let answer = line.call("/").await.unwrap();
    assert!(answer.text.starts_with("access Device"), "{answer:?}");
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert!(!line.driver.is_finished(), "it may read on");
    world.end_reader(reader.device).await;
    let cut = tokio::time::timeout(Duration::from_secs(1), line.driver);
    assert!(cut.await.is_ok(), "still open");
}
