//! Answers under way end with what they were made from.

use std::time::{Duration, Instant};

use freehold_proto::v1::{self, computer_part::Part, section::Kind};
use tonic::{Code, Request};

use super::{
    reads::{computers, ended, shared},
    world::{DAY, Guest, World, accounts, software},
};
use crate::{
    access::{Terms, parsed_scope},
    audit::Actor,
    id::Digest,
    peer::{DeviceName, DevicePeer, Peer, Remote},
    remote::caller::Caller,
};

/// Installed software that takes many messages to tell.
fn long_software() -> (Kind, Vec<u8>) {
    use v1::{Software, section::Status, software::Package};
    let package = |number| Package {
        name: format!("package-{number}"),
        publisher: "x".repeat(1000),
        ..Package::default()
    };
    let section = Software {
        status: Status::Complete.into(),
        packages: (0..16_000).map(package).collect(),
        ..Software::default()
    };
    (Kind::Software, prost::Message::encode_to_vec(&section))
}

/// A call of somebody's device, as the listener hands it on.
pub(super) fn request_of<T>(world: &World, guest: &Guest, message: T) -> Request<T> {
    let device = world.people.devices(&guest.session).unwrap().remove(0);
    let certificate = guest.identity.certificate();
    let mut request = Request::new(message);
    request.extensions_mut().insert(Peer::Device(DevicePeer {
        name: DeviceName {
            device: device.id,
            person: device.person,
            grant: device.grant,
        },
        public_key: Digest::of(&certificate.public_key),
        not_after: world.clock.now().plus(DAY),
    }));
    request.extensions_mut().insert(Remote(world.address));
    request
}

#[tokio::test]
async fn a_stream_ends_within_a_second_of_the_grant() {
    let world = World::new().await;
    for number in 0..60 {
        let name = format!("pc-{number:02}");
        // Each differs, so that none is kept once for all.
        world
            .computer(&name, &["office"], vec![software(4000 + number)])
            .await;
    }
    let guest = world.guest(&["all"], true).await;
    let mut client = guest.client().await;
    let mut stream = client
        .export(v1::ExportRequest::default())
        .await
        .unwrap()
        .into_inner();
    assert!(stream.message().await.unwrap().is_some());
    let by = Actor::console();
    let grant = guest.grant.as_ref().unwrap().id;
    world.grants.revoke(grant, &by).await.unwrap();
    let revoked = Instant::now();
    let cut = loop {
        match stream.message().await {
            Ok(Some(part)) => assert!(
                !matches!(part.part, Some(Part::End(_))),
                "it was complete before it could be cut"
            ),
            Ok(None) => break None,
            Err(status) => break Some(status),
        }
    };
    assert!(
        cut.is_some(),
        "an answer that was cut off does not look complete"
    );
    assert!(
        revoked.elapsed() < Duration::from_secs(1),
        "{:?}",
        revoked.elapsed()
    );
}

#[tokio::test]
async fn a_stream_nobody_reads_ends_within_a_second_of_the_grant_too() {
    let world = World::new().await;
    for number in 0..20 {
        let name = format!("pc-{number:02}");
        world
            .computer(&name, &[], vec![software(8000 + number)])
            .await;
    }
    let guest = world.guest(&["all"], true).await;
    let mut client = guest.client().await;
    let stream = client
        .export(v1::ExportRequest::default())
        .await
        .unwrap()
        .into_inner();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let device = world.people.devices(&guest.session).unwrap().remove(0);
    let by = Actor::console();
    let ended = world.people.end_device(device.id, &guest.session, &by);
    ended.await.unwrap();
    tokio::time::sleep(Duration::from_millis(950)).await;
    let began = Instant::now();
    let mut stream = stream;
    while let Ok(Some(_)) = stream.message().await {}
    assert!(
        began.elapsed() < Duration::from_millis(300),
        "{:?}",
        began.elapsed()
    );
    assert!(client.who_am_i(v1::WhoAmIRequest {}).await.is_err());
}

#[tokio::test]
async fn a_computer_that_moves_out_of_scope_is_gone_from_the_middle_of_a_stream() {
    let world = World::new().await;
    for number in 0..40 {
        let name = format!("pc-{number:02}");
        let labels: &[&str] = if number == 39 {
            &["office"]
        } else {
            &["office", "x"]
        };
        world
            .computer(&name, labels, vec![software(4000 + number)])
            .await;
    }
    let guest = world.guest(&["all@office"], true).await;
    let mut client = guest.client().await;
    let mut stream = client
        .export(v1::ExportRequest::default())
        .await
        .unwrap()
        .into_inner();
    let mut parts = vec![stream.message().await.unwrap().unwrap()];
    let last = world.machines.find("pc-39").unwrap();
    let labels = ["surgery".to_owned()];
    world
        .machines
        .label(last, &labels, &Actor::console())
        .await
        .unwrap();
    while let Some(part) = stream.message().await.unwrap() {
        parts.push(part);
    }
    assert_eq!(computers(&parts).len(), 39);
    assert_eq!(ended(&parts), Some(39));
}

#[tokio::test]
async fn what_a_stream_may_hold_is_looked_up_anew_each_time() {
    let world = World::new().await;
    let guest = shared(&world).await;
    let request = request_of(&world, &guest, ());
    let caller = Caller::of(&world.desk, &request).unwrap();
    let sight = caller.sight(&world.desk);
    assert!(sight.viewer().is_ok());
    let (grant, by) = (guest.grant.as_ref().unwrap().id, Actor::console());
    world.grants.suspend(grant, &by).await.unwrap();
    assert_eq!(sight.viewer().unwrap_err().code(), Code::PermissionDenied);
    world.grants.resume(grant, &by).await.unwrap();
    assert!(sight.viewer().is_ok());
    // What was put together for somebody who saw more is not sent on.
    let then = sight.viewer().unwrap();
    assert!(sight.unchanged(&then).is_ok());
    let terms = Terms {
        scope: Some(parsed_scope(&["system"]).unwrap()),
        ..Terms::default()
    };
    world.grants.alter(grant, terms, &by).await.unwrap();
    assert_eq!(sight.unchanged(&then).unwrap_err().code(), Code::Aborted);
}

#[tokio::test]
async fn a_grant_that_is_narrowed_cuts_answers_under_way_within_a_second() {
    let world = World::new().await;
    for number in 0..60 {
        let sections = vec![software(4000 + number), accounts("root")];
        world
            .computer(&format!("pc-{number:02}"), &["office"], sections)
            .await;
    }
    let guest = world.guest(&["all"], true).await;
    let mut client = guest.client().await;
    let stream = client.export(v1::ExportRequest::default()).await;
    let mut stream = stream.unwrap().into_inner();
    assert!(stream.message().await.unwrap().is_some());
    let terms = Terms {
        scope: Some(parsed_scope(&["accounts"]).unwrap()),
        ..Terms::default()
    };
    let grant = guest.grant.as_ref().unwrap().id;
    world
        .grants
        .alter(grant, terms, &Actor::console())
        .await
        .unwrap();
    let changed = Instant::now();
    let mut late = 0;
    while let Ok(Some(message)) = stream.message().await {
        let software = matches!(
            &message.part,
            Some(Part::Section(header)) if header.kind() == Kind::Software
        );
        late += usize::from(software && changed.elapsed() > Duration::from_secs(1));
    }
    assert_eq!(late, 0, "software that is no longer shared");
    let again = guest
        .client()
        .await
        .export(v1::ExportRequest::default())
        .await;
    let mut again = again.unwrap().into_inner();
    while let Some(message) = again.message().await.unwrap() {
        let Some(Part::Section(header)) = message.part else {
            continue;
        };
        assert_eq!(header.kind(), Kind::Accounts);
    }
    // And with the export right taken away.
    let terms = Terms {
        may_export: Some(false),
        ..Terms::default()
    };
    world
        .grants
        .alter(grant, terms, &Actor::console())
        .await
        .unwrap();
    let refused = guest
        .client()
        .await
        .export(v1::ExportRequest::default())
        .await;
    assert_eq!(refused.unwrap_err().code(), Code::PermissionDenied);
}

#[tokio::test]
async fn a_long_section_is_cut_where_it_ceases_to_be_shared() {
    let world = World::new().await;
    let sections = vec![long_software(), accounts("root")];
    world.computer("pc", &["office"], sections).await;
    let guest = world.guest(&["all"], true).await;
    let (mut one, mut other) = (guest.client().await, guest.client().await);
    let request = v1::ReadComputerRequest {
        computer: "pc".to_owned(),
        ..v1::ReadComputerRequest::default()
    };
    let mut parts = one.read_computer(request).await.unwrap().into_inner();
    let request = v1::ListSoftwareRequest::default();
    let mut packages = other.list_software(request).await.unwrap().into_inner();
    assert!(parts.message().await.unwrap().is_some());
    assert!(packages.message().await.unwrap().is_some());
    let terms = Terms {
        scope: Some(parsed_scope(&["accounts"]).unwrap()),
        ..Terms::default()
    };
    let grant = guest.grant.as_ref().unwrap().id;
    let by = Actor::console();
    world.grants.alter(grant, terms, &by).await.unwrap();
    let cut = loop {
        match parts.message().await {
            Ok(part) => assert!(part.is_some(), "all of it came"),
            Err(status) => break status,
        }
    };
    assert_eq!(cut.code(), Code::Aborted, "{cut:?}");
    let cut = loop {
        match packages.message().await {
            Ok(part) => assert!(part.is_some(), "all of it came"),
            Err(status) => break status,
        }
    };
    assert_eq!(cut.code(), Code::Aborted, "{cut:?}");
}
