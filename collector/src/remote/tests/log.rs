//! What the log tells those who read it, and how much of it somebody can cause.

use freehold_agent::identity::Key;
use freehold_proto::v1;
use tonic::Code;

use super::{
    reads::shared,
    world::{Guest, World},
};

/// One more technician under the same grant, with a device.
async fn colleague(world: &World, guest: &Guest) -> Guest {
    let grant = guest.grant.clone().unwrap();
    let session = world.technician(&grant, "colleague@acme.example").await;
    let code = world.code(&session).await;
    Guest {
        identity: world
            .accept(&code, &Key::generate().unwrap())
            .await
            .unwrap(),
        session,
        grant: Some(grant),
    }
}

#[tokio::test]
async fn colleagues_see_what_was_read_but_neither_from_where_nor_who_was_invited_how() {
    let world = World::new().await;
    let guest = world.guest(&["all"], false).await;
    let colleague = colleague(&world, &guest).await;
    guest
        .client()
        .await
        .who_am_i(v1::WhoAmIRequest {})
        .await
        .unwrap();
    let read = async |guest: &Guest| {
        let mut client = guest.client().await;
        let log = client.read_log(v1::ReadLogRequest::default()).await;
        log.unwrap().into_inner().entries
    };
    let is_look = |entry: &&v1::LogEntry| entry.deed.starts_with("looked at what is shared");
    let own = read(&guest).await;
    assert_eq!(own.iter().find(is_look).unwrap().remote, "127.0.0.1");
    let other = read(&colleague).await;
    assert_eq!(other.iter().find(is_look).unwrap().remote, "");
    for entry in own.iter().chain(&other) {
        assert!(!entry.deed.contains('@'), "{entry:?}");
    }
    let owner = world.owner_guest().await;
    let all = read(&owner).await;
    assert!(
        all.iter()
            .any(|entry| entry.deed.contains("colleague@acme.example"))
    );
    // What owners do among themselves is theirs.
    let set = |entry: &v1::LogEntry| entry.deed.contains("set the owner's password");
    assert!(all.iter().any(set) && !read(&guest).await.iter().any(set));
}

#[tokio::test]
async fn whoever_calls_too_often_is_asked_to_wait_and_nobody_else_is() {
    let world = World::new().await;
    let guest = world.guest(&["all"], false).await;
    let colleague = colleague(&world, &guest).await;
    let mut client = guest.client().await;
    let mut answered = 0;
    let refused = loop {
        match client.who_am_i(v1::WhoAmIRequest {}).await {
            Ok(_) => answered += 1,
            Err(status) => break status,
        }
        assert!(answered < 1000, "nobody is stopped");
    };
    assert!(answered >= 119, "{answered}");
    assert_eq!(refused.code(), Code::ResourceExhausted, "{refused:?}");
    let mut other = colleague.client().await;
    assert!(other.who_am_i(v1::WhoAmIRequest {}).await.is_ok());
}

#[tokio::test]
async fn the_log_is_proven_to_continue() {
    let world = World::new().await;
    let guest = shared(&world).await;
    let mut client = guest.client().await;
    let first = client.prove(v1::ProveRequest { size: 0 }).await;
    let first = first.unwrap().into_inner();
    assert!(first.proof.is_empty() && !first.checkpoint.is_empty());
    client.who_am_i(v1::WhoAmIRequest {}).await.unwrap();
    let size: u64 = first.checkpoint.lines().nth(1).unwrap().parse().unwrap();
    let now = client.prove(v1::ProveRequest { size }).await;
    let now = now.unwrap().into_inner();
    assert!(!now.proof.is_empty());
    assert_eq!(now.verifier, first.verifier);
}
