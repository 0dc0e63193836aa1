//! What comes back: what is shared, all of it, and no trace of the rest.

use freehold_proto::v1::{self, computer_part::Part, section::Kind};
use tonic::{Code, Status};

use super::world::{Guest, World, accounts, software};
use crate::store::{Options, Store};

/// Two computers, of which one is shared without its accounts.
pub(super) async fn shared(world: &World) -> Guest {
    let sections = || vec![software(3), accounts("helpdesk")];
    world.computer("front-desk", &["office"], sections()).await;
    world
        .computer("surgery-secret", &["surgery"], sections())
        .await;
    world.guest(&["all,-accounts,-network@office"], true).await
}

/// Everything a call answers, one message after the other.
pub(super) async fn all<T>(
    stream: Result<tonic::Response<tonic::Streaming<T>>, Status>,
) -> Result<Vec<T>, Status> {
    let mut stream = stream?.into_inner();
    let mut found = Vec::new();
    while let Some(message) = stream.message().await? {
        found.push(message);
    }
    Ok(found)
}

pub(super) fn computers(parts: &[v1::ComputerPart]) -> Vec<String> {
    let name = |part: &v1::ComputerPart| match &part.part {
        Some(Part::Computer(computer)) => Some(computer.machine.as_ref()?.name.clone()),
        _ => None,
    };
    parts.iter().filter_map(name).collect()
}

fn sections(parts: &[v1::ComputerPart]) -> Vec<Kind> {
    let kind = |part: &v1::ComputerPart| match &part.part {
        Some(Part::Section(header)) => Some(header.kind()),
        _ => None,
    };
    parts.iter().filter_map(kind).collect()
}

pub(super) fn ended(parts: &[v1::ComputerPart]) -> Option<u32> {
    match &parts.last()?.part {
        Some(Part::End(end)) => Some(end.computers),
        _ => None,
    }
}

#[tokio::test]
async fn lists_counts_and_exports_hold_what_is_shared_and_betray_nothing_else() {
    let world = World::new().await;
    let guest = shared(&world).await;
    let mut client = guest.client().await;
    let listed = all(client
        .list_computers(v1::ListComputersRequest::default())
        .await);
    let listed = listed.await.unwrap();
    assert_eq!(listed[0].computers.len(), 1);
    let computer = &listed[0].computers[0];
    assert_eq!(computer.machine.as_ref().unwrap().name, "front-desk");
    let administrators = computer.administrators.as_ref().unwrap();
    assert_eq!(administrators.state(), v1::computer::fact::State::NotShared);
    let found = all(client
        .list_software(v1::ListSoftwareRequest::default())
        .await);
    let found = found.await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].name.as_str(), found[0].packages.len()),
        ("front-desk", 3)
    );
    let found = all(client
        .list_administrators(v1::ListAdministratorsRequest::default())
        .await);
    assert_eq!(found.await.unwrap(), [], "the section is not shared");
    let changes = client.list_changes(v1::ListChangesRequest::default()).await;
    let changes = changes.unwrap().into_inner().changes;
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].name, "front-desk");
    let parts = all(client.export(v1::ExportRequest::default()).await)
        .await
        .unwrap();
    assert_eq!(computers(&parts), ["front-desk"]);
    assert_eq!(sections(&parts), [Kind::Software]);
    assert_eq!(ended(&parts), Some(1));
    let exported =
        "took everything along that is shared of 1 computer, from the command line on laptop";
    assert!(
        world.deeds().iter().any(|deed| deed == exported),
        "{:#?}",
        world.deeds()
    );
}

#[tokio::test]
async fn what_is_not_shared_cannot_be_told_from_what_is_not_there() {
    let world = World::new().await;
    let guest = shared(&world).await;
    let hidden = world.people.devices(&guest.session).unwrap()[0]
        .id
        .to_string();
    let mut client = guest.client().await;
    let secret = world.machines.find("surgery-secret").unwrap().to_string();
    let mut answers = Vec::new();
    for computer in [
        "surgery-secret",
        &secret,
        &secret[..8],
        "nowhere",
        &hidden,
        "../..",
        "' OR 1=1",
    ] {
        let request = v1::ReadComputerRequest {
            computer: computer.to_owned(),
            ..v1::ReadComputerRequest::default()
        };
        let refused = all(client.read_computer(request).await).await.unwrap_err();
        let request = v1::ListChangesRequest {
            computer: computer.to_owned(),
            ..v1::ListChangesRequest::default()
        };
        let changes = client.list_changes(request).await.unwrap_err();
        answers.push((refused.code(), refused.message().to_owned()));
        answers.push((changes.code(), changes.message().to_owned()));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(answers[0].0, Code::NotFound);
    let deeds = world.deeds();
    assert!(
        !deeds.iter().any(|deed| deed.contains("surgery-secret")),
        "{deeds:#?}"
    );
}

#[tokio::test]
async fn a_section_that_is_not_shared_is_refused_by_name_and_left_out_otherwise() {
    let world = World::new().await;
    let guest = shared(&world).await;
    let mut client = guest.client().await;
    let mut read = async |sections: &[Kind]| {
        let request = v1::ReadComputerRequest {
            computer: "FRONT-desk".to_owned(),
            sections: sections.iter().map(|kind| (*kind).into()).collect(),
            as_of: None,
        };
        all(client.read_computer(request).await).await
    };
    let whole = read(&[]).await.unwrap();
    assert_eq!(sections(&whole), [Kind::Software]);
    assert_eq!(ended(&whole), Some(1));
    let one = read(&[Kind::Software]).await.unwrap();
    assert_eq!(sections(&one), [Kind::Software]);
    // Network was never reported, accounts were: both are refused alike.
    for kind in [Kind::Accounts, Kind::Network] {
        let refused = read(&[kind]).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{refused:?}");
    }
    assert_eq!(sections(&read(&[Kind::System]).await.unwrap()), []);
    let unknown = read(&[Kind::Unspecified]).await.unwrap_err();
    assert_eq!(unknown.code(), Code::InvalidArgument);
    let deeds = world.deeds();
    assert!(
        deeds
            .iter()
            .any(|deed| deed.starts_with("opened the section software of front-desk")),
        "{deeds:#?}"
    );
}

#[tokio::test]
async fn whole_lists_are_taken_along_only_where_the_grant_says_so() {
    let world = World::new().await;
    world.computer("pc", &[], vec![software(1)]).await;
    let guest = world.guest(&["all"], false).await;
    let refused = guest
        .client()
        .await
        .export(v1::ExportRequest::default())
        .await;
    assert_eq!(refused.unwrap_err().code(), Code::PermissionDenied);
    let deeds = world.deeds();
    assert!(deeds[0].contains("was refused"), "{deeds:#?}");
}

#[tokio::test]
async fn an_owner_s_device_reads_everything() {
    let world = World::new().await;
    shared(&world).await;
    let owner = world.owner_guest().await;
    let mut client = owner.client().await;
    let parts = all(client.export(v1::ExportRequest::default()).await)
        .await
        .unwrap();
    assert_eq!(computers(&parts), ["front-desk", "surgery-secret"]);
    let log = client.read_log(v1::ReadLogRequest::default()).await;
    let log = log.unwrap().into_inner();
    assert!(
        log.entries
            .iter()
            .any(|entry| entry.deed.contains("invited"))
    );
}

#[tokio::test]
async fn nothing_is_read_when_the_log_cannot_be_written() {
    let dir = tempfile::tempdir().unwrap();
    let broken = Store::create(&dir.path().join("broken"), &Options::default()).unwrap();
    broken.clone().close().await;
    let world = World::logging_to(Some(broken)).await;
    let guest = shared(&world).await;
    let mut client = guest.client().await;
    let mut codes = vec![
        client.who_am_i(v1::WhoAmIRequest {}).await.map(drop),
        client
            .list_changes(v1::ListChangesRequest::default())
            .await
            .map(drop),
        client
            .read_log(v1::ReadLogRequest::default())
            .await
            .map(drop),
        client.export(v1::ExportRequest::default()).await.map(drop),
        client
            .list_computers(v1::ListComputersRequest::default())
            .await
            .map(drop),
        client
            .list_software(v1::ListSoftwareRequest::default())
            .await
            .map(drop),
        client
            .list_administrators(v1::ListAdministratorsRequest::default())
            .await
            .map(drop),
    ];
    let request = v1::ReadComputerRequest {
        computer: "front-desk".to_owned(),
        ..v1::ReadComputerRequest::default()
    };
    let search = v1::SearchRequest {
        text: "front".to_owned(),
    };
    codes.push(client.search(search).await.map(drop));
    let difference = v1::ReadDifferenceRequest {
        from: Some(prost_types::Timestamp {
            seconds: world.clock.now().0 / 1000 - 60,
            nanos: 0,
        }),
        ..v1::ReadDifferenceRequest::default()
    };
    codes.push(client.read_difference(difference).await.map(drop));
    codes.push(client.read_computer(request).await.map(drop));
    for answer in codes {
        assert_eq!(answer.unwrap_err().code(), Code::Unavailable);
    }
}
