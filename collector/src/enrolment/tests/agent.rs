//! The agent's own way of joining, through the listener.

use std::net::SocketAddr;

use freehold_agent::{
    config::Config,
    identity::{JoinError, JoinString, join},
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{World, connections};
use crate::{
    enrolment::NewToken,
    listener::{Listener, Services},
    store::record::MachineState,
};

/// The world's services behind a port, until the guard is dropped.
async fn serve(world: &World) -> (SocketAddr, DropGuard) {
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap())
        .await
        .unwrap();
    let address = listener.local_addr();
    let services = Services {
        tls: world.enrolment.authority.agent_tls().unwrap(),
        reporting: axum::Router::new(),
        enrolment: world.enrolment.clone().into_router(),
        access: axum::Router::new(),
        people: world.enrolment.people.clone(),
        machines: world.machines.clone(),
        connections: connections(),
        clock: world.clock.clone(),
    };
    let shutdown = CancellationToken::new();
    tokio::spawn(listener.serve(services, shutdown.clone()));
    (address, shutdown.drop_guard())
}

async fn join_string(world: &World, address: SocketAddr) -> JoinString {
    let mut join_string = world.token(NewToken::default()).await;
    join_string.addresses = vec![address.to_string()];
    join_string
}

#[tokio::test]
async fn an_agent_joins_over_the_wire_and_only_once() {
    let world = World::new();
    let (address, _serving) = serve(&world).await;
    let join_string = join_string(&world, address).await;
    let state = tempfile::tempdir().unwrap();
    let config = Config::for_directory(state.path().join("agent"));
    let joined = join(&config, &join_string, |_| {}).await.unwrap();
    let record = world.only_machine();
    assert_eq!(record.state(), MachineState::Active);
    assert!(!record.host_name.is_empty());
    assert_eq!(
        joined.certificate_expires * 1000,
        record.certificate_expires_at
    );

    let other = tempfile::tempdir().unwrap();
    let config = Config::for_directory(other.path().join("agent"));
    let error = join(&config, &join_string, |_| {}).await.unwrap_err();
    assert!(error.to_string().contains("used up"), "{error}");
}

#[tokio::test]
async fn an_agent_refuses_a_collector_that_is_not_the_one_it_was_told_of() {
    let (world, impostor) = (World::new(), World::new());
    let (address, _serving) = serve(&impostor).await;
    let join_string = join_string(&world, address).await;
    let state = tempfile::tempdir().unwrap();
    let config = Config::for_directory(state.path().join("agent"));
    let joined = tokio::time::timeout(
        std::time::Duration::from_secs(20),
        join(&config, &join_string, |_| {}),
    );
    let error: JoinError = joined.await.expect("an answer in time").unwrap_err();
    assert!(!error.to_string().is_empty());
    assert!(impostor.machines.list().is_empty());
}
