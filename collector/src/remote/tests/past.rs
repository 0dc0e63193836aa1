//! Calls about the past, about differences, and the search: what is shared, and no trace of the rest.

use std::time::Duration;

use freehold_proto::v1::{self, computer_part::Part, section::Kind};
use tonic::{Code, Status};

use super::{
    reads::all,
    world::{DAY, Guest, World, accounts, software},
};
use crate::{
    clock::UnixMillis,
    id::{Digest, MachineId},
    store::{
        Read as _, StoreError,
        record::{Action, ChangeRecord, VersionRecord},
    },
};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// A computer that joined at a time.
async fn joined(world: &World, name: &str, labels: &[&str], at: UnixMillis) -> MachineId {
    let id = world.computer(name, labels, Vec::new()).await;
    let mut record = (*world.machines.of(id).unwrap()).clone();
    record.enrolled_at = at.0;
    let written = world.machines.write(move |txn| {
        txn.put_machine(id, &record);
        Ok::<_, StoreError>(((), vec![record]))
    });
    written.await.unwrap();
    id
}

/// A section that was collected at a time, and its entry among the changes.
async fn reported(world: &World, id: MachineId, (kind, body): (Kind, Vec<u8>), at: UnixMillis) {
    let change = ChangeRecord {
        at: at.0,
        section: kind as u32,
        action: Action::Altered.into(),
        summary: "something differs".to_owned(),
        ..ChangeRecord::default()
    };
    let written = world.machines.write(move |txn| {
        let digest = Digest::of(&body);
        let frame = zstd::bulk::compress(&body, 3).unwrap();
        txn.put_body(&digest, frame, body.len() as u64)?;
        let last = txn.current(id, kind)?;
        let version = VersionRecord {
            kind: kind as u32,
            digest: digest.as_bytes().to_vec(),
            collected_at: at.0,
            received_at: at.0,
            sequence: last.map_or(0, |last| last.sequence) + 1,
            size: body.len() as u64,
            status: v1::section::Status::Complete as u32,
            ..VersionRecord::default()
        };
        txn.put_version(id, &version)?;
        txn.put_change(id, &change)?;
        Ok::<_, StoreError>(((), Vec::new()))
    });
    written.await.unwrap();
}

/// Two computers that were others four hours ago than now; of one the accounts, of the other nothing is shared.
async fn moved(world: &World, rules: &[&str]) -> Guest {
    let (now, early) = (world.clock.now(), world.clock.now().minus(DAY * 30));
    for (name, label) in [("front-desk", "office"), ("surgery-secret", "surgery")] {
        let id = joined(world, name, &[label], early).await;
        for (hours, packages, administrator) in [(4, 2, "anna"), (1, 5, "helpdesk")] {
            let at = now.minus(HOUR * hours);
            reported(world, id, software(packages), at).await;
            reported(world, id, accounts(administrator), at).await;
        }
    }
    joined(world, "new-secret", &["surgery"], now.minus(HOUR)).await;
    world.guest(rules, true).await
}

const NARROW: &[&str] = &["all,-accounts,-network@office"];

async fn listed(guest: &Guest, as_of: UnixMillis) -> Result<Vec<v1::Computer>, Status> {
    let request = v1::ListComputersRequest {
        as_of: Some(as_of.timestamp()),
        ..v1::ListComputersRequest::default()
    };
    let pieces = all(guest.client().await.list_computers(request).await).await?;
    Ok(pieces.into_iter().flat_map(|it| it.computers).collect())
}

async fn difference(
    guest: &Guest,
    from: UnixMillis,
    to: Option<UnixMillis>,
    computer: &str,
) -> Result<Vec<v1::ReadDifferenceResponse>, Status> {
    let request = v1::ReadDifferenceRequest {
        from: Some(from.timestamp()),
        to: to.map(UnixMillis::timestamp),
        computer: computer.to_owned(),
    };
    all(guest.client().await.read_difference(request).await).await
}

#[tokio::test]
async fn every_list_tells_what_was_true_then() {
    let world = World::new().await;
    let guest = moved(&world, &["all"]).await;
    let mut client = guest.client().await;
    let as_of = Some(world.clock.now().minus(HOUR * 2).timestamp());
    let computers = listed(&guest, world.clock.now().minus(HOUR * 2))
        .await
        .unwrap();
    assert_eq!(computers.len(), 2, "one joined later");
    let administrators = computers[0].administrators.as_ref().unwrap();
    assert_eq!(administrators.text, "anna");

    let request = v1::ListSoftwareRequest {
        as_of,
        ..v1::ListSoftwareRequest::default()
    };
    let software = all(client.list_software(request).await).await.unwrap();
    let counts: Vec<usize> = software.iter().map(|it| it.packages.len()).collect();
    assert_eq!(counts, [2, 2]);
    let request = v1::ListAdministratorsRequest {
        as_of,
        computer: "front-desk".to_owned(),
    };
    let found = all(client.list_administrators(request).await)
        .await
        .unwrap();
    assert_eq!(found[0].privileges[0].principal, "anna");

    let request = v1::ReadComputerRequest {
        computer: "front-desk".to_owned(),
        as_of,
        ..v1::ReadComputerRequest::default()
    };
    let read = all(client.read_computer(request).await).await.unwrap();
    let exported = all(client.export(v1::ExportRequest { as_of }).await)
        .await
        .unwrap();
    for (parts, sections) in [(read, 2), (exported, 4)] {
        let headers = parts.iter().filter_map(|part| match &part.part {
            Some(Part::Section(header)) => Some(header),
            Some(Part::Readings(_)) => panic!("readings are of now alone"),
            _ => None,
        });
        let untils: Vec<_> = headers.map(|header| header.until.is_some()).collect();
        assert_eq!(
            untils,
            vec![true; sections],
            "each was followed by another version"
        );
    }
    let request = v1::ListChangesRequest {
        as_of,
        ..v1::ListChangesRequest::default()
    };
    let changes = client.list_changes(request).await.unwrap().into_inner();
    assert_eq!(changes.changes.len(), 4);
    let deeds = world.deeds();
    for deed in [
        "opened the list of computers, as of ",
        "read the software of all computers, as of ",
        "opened the section accounts of front-desk, as of ",
        "opened front-desk, as of ",
        "took everything along that is shared of 2 computers, as of ",
        "opened the changes of all computers, as of ",
    ] {
        assert!(
            deeds.iter().any(|it| it.starts_with(deed)),
            "{deed}: {deeds:#?}"
        );
    }
}

#[tokio::test]
async fn a_moment_that_cannot_be_asked_about_is_refused_with_the_reason() {
    let world = World::new().await;
    let now = world.clock.now();
    joined(&world, "hidden-old", &["surgery"], now.minus(DAY * 90)).await;
    let id = joined(&world, "front-desk", &["office"], now.minus(DAY * 10)).await;
    reported(&world, id, software(1), now.minus(DAY * 10)).await;
    let guest = world.guest(&["all@office"], true).await;
    let first = now.minus(DAY * 10).to_string();
    for (as_of, code, reason) in [
        (now.plus(HOUR), Code::InvalidArgument, "still to come"),
        (now.minus(DAY * 500), Code::OutOfRange, "kept for 400 days"),
        // The hidden computer, which was there, is none.
        (now.minus(DAY * 20), Code::OutOfRange, first.as_str()),
    ] {
        let refused = listed(&guest, as_of).await.unwrap_err();
        assert_eq!(refused.code(), code, "{refused:?}");
        assert!(refused.message().contains(reason), "{refused:?}");
        let mut client = guest.client().await;
        let as_of = Some(as_of.timestamp());
        let request = v1::ReadComputerRequest {
            computer: "front-desk".to_owned(),
            as_of,
            ..v1::ReadComputerRequest::default()
        };
        let refused = all(client.read_computer(request).await).await.unwrap_err();
        assert!(refused.message().contains(reason), "{refused:?}");
        let request = v1::ListChangesRequest {
            as_of,
            ..v1::ListChangesRequest::default()
        };
        let refused = client.list_changes(request).await.unwrap_err();
        assert_eq!(refused.code(), code, "{refused:?}");
        let refused = all(client.export(v1::ExportRequest { as_of }).await).await;
        assert_eq!(refused.unwrap_err().code(), code);
    }
    let garbage = v1::ExportRequest {
        as_of: Some(prost_types::Timestamp {
            seconds: i64::MAX,
            nanos: 0,
        }),
    };
    let refused = all(guest.client().await.export(garbage).await).await;
    assert_eq!(refused.unwrap_err().code(), Code::InvalidArgument);
    for (from, to) in [
        (now.plus(HOUR), None),
        (now.minus(HOUR), Some(now.minus(DAY))),
    ] {
        let refused = difference(&guest, from, to, "").await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{refused:?}");
        assert!(refused.message().starts_with("from: "), "{refused:?}");
    }
    // To whom nothing is shared, nothing is told of when computers joined.
    let nothing = world.granted(&["all@nowhere"], true).await;
    let session = world.technician(&nothing, "other@acme.example").await;
    let code = world.code(&session).await;
    let key = freehold_agent::identity::Key::generate().unwrap();
    let outside = Guest {
        identity: world.accept(&code, &key).await.unwrap(),
        session,
        grant: Some(nothing),
    };
    assert_eq!(listed(&outside, now.minus(DAY * 20)).await.unwrap(), []);
}

#[tokio::test]
async fn a_difference_holds_what_is_shared_and_betrays_nothing_else() {
    let world = World::new().await;
    let guest = moved(&world, NARROW).await;
    let from = world.clock.now().minus(HOUR * 2);
    let found = difference(&guest, from, None, "").await.unwrap();
    assert_eq!(found.len(), 1);
    let told: Vec<(&str, Kind)> = found[0]
        .differences
        .iter()
        .map(|it| (it.name.as_str(), it.section()))
        .collect();
    assert_eq!(told, [("front-desk", Kind::Software); 3]);
    assert_eq!(
        found[0].differences[0].action(),
        v1::difference::Action::Added
    );
    assert!(found[0].joined.is_empty() && found[0].left_out == 0);
    let alone = difference(&guest, from, None, "front-desk").await.unwrap();
    assert_eq!(alone, found);
    let hidden = difference(&guest, from, None, "surgery-secret").await;
    assert_eq!(hidden.unwrap_err().code(), Code::NotFound);
    let before = difference(&guest, from.minus(HOUR), Some(from), "")
        .await
        .unwrap();
    assert_eq!(
        before,
        [v1::ReadDifferenceResponse::default()],
        "nothing yet"
    );

    let owner = world.owner_guest().await;
    let whole = difference(&owner, from, None, "").await.unwrap();
    assert_eq!(whole[0].joined[0].name, "new-secret");
    let sections: std::collections::BTreeSet<i32> =
        whole[0].differences.iter().map(|it| it.section).collect();
    assert!(sections.contains(&Kind::Accounts.into()) && whole[0].differences.len() > 6);
    let deeds = world.deeds();
    assert!(
        deeds
            .iter()
            .any(|deed| deed.starts_with("compared two moments of front-desk (")),
        "{deeds:#?}"
    );
    assert!(
        !deeds.iter().any(|deed| deed.contains("surgery-secret")),
        "{deeds:#?}"
    );
}

async fn searched(guest: &Guest, text: &str) -> Result<Vec<v1::SearchResponse>, Status> {
    let request = v1::SearchRequest {
        text: text.to_owned(),
    };
    all(guest.client().await.search(request).await).await
}

#[tokio::test]
async fn a_search_finds_and_counts_what_is_shared_and_nothing_else() {
    use v1::search_response::Kind as Found;
    let world = World::new().await;
    let guest = moved(&world, NARROW).await;
    let found = searched(&guest, "PACKAGE-1").await.unwrap();
    assert_eq!(found.len(), 1);
    let hit = &found[0].hits[0];
    assert_eq!((hit.kind(), hit.count), (Found::Program, 1));
    assert_eq!(hit.computers[0].name, "front-desk");
    let named = searched(&guest, "front").await.unwrap();
    assert_eq!(named[0].hits[0].kind(), Found::Computer);
    // People are told by the section accounts; the other computers are not shared at all.
    for hidden in ["helpdesk", "secret", "surgery"] {
        let found = searched(&guest, hidden).await.unwrap();
        assert_eq!(found, [v1::SearchResponse::default()], "{hidden}");
    }
    for wrong in ["", "x", "  y  ", &"z".repeat(201)] {
        let refused = searched(&guest, wrong).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{wrong}");
    }
    let owner = world.owner_guest().await;
    let found = searched(&owner, "helpdesk").await.unwrap();
    let hit = &found[0].hits[0];
    assert_eq!((hit.kind(), hit.count), (Found::Person, 2));
    let deeds = world.deeds();
    let searched =
        "searched everything for \u{201c}PACKAGE-1\u{201d}, from the command line on laptop";
    assert!(deeds.iter().any(|deed| deed == searched), "{deeds:#?}");
}

/// Pages of one change each, to the end: what each says and where it goes on.
async fn paged(guest: &Guest) -> Vec<(String, String)> {
    let mut client = guest.client().await;
    let (mut pages, mut before) = (Vec::new(), String::new());
    loop {
        let request = v1::ListChangesRequest {
            before,
            limit: 1,
            ..v1::ListChangesRequest::default()
        };
        let page = client.list_changes(request).await.unwrap().into_inner();
        let Some(change) = page.changes.first() else {
            return pages;
        };
        pages.push((change.name.clone(), page.last.clone()));
        before = page.last;
    }
}

#[tokio::test]
async fn where_a_list_of_changes_goes_on_tells_nothing_of_hidden_ones() {
    let world = World::new().await;
    let guest = moved(&world, NARROW).await;
    let alone = paged(&guest).await;
    // The line that each computer begins with, and two versions of its software.
    assert_eq!(alone.len(), 3, "{alone:?}");
    let hidden = world.machines.find("surgery-secret").unwrap();
    let shown = world.machines.find("front-desk").unwrap();
    let now = world.clock.now();
    for minutes in 0..100 {
        let at = now.minus(Duration::from_secs(60) * minutes * 3);
        reported(&world, hidden, software(7), at).await;
        reported(&world, shown, accounts("somebody"), at).await;
    }
    assert_eq!(paged(&guest).await, alone);
}
