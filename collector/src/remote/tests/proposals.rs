//! What is found, what is proposed, and what the log commits to.

use std::time::Duration;

use freehold_proto::v1::{
    self, Antivirus, section::Kind, section::Status as Read, suggest_request::Kind as Proposed,
};
use prost::Message as _;
use tonic::Code;

use super::world::{Guest, World, accounts, software};
use crate::{
    access::{Proposal, Suggestions, Terms, parsed_scope},
    audit::Actor,
};

/// A section that tells of no antivirus: something to be found.
fn unprotected() -> (Kind, Vec<u8>) {
    let section = Antivirus {
        status: Read::Complete.into(),
        ..Antivirus::default()
    };
    (Kind::Antivirus, section.encode_to_vec())
}

async fn found(guest: &Guest, computer: &str) -> Result<Vec<(String, String)>, tonic::Status> {
    let request = v1::ListFindingsRequest {
        computer: computer.to_owned(),
    };
    let stream = guest.client().await.list_findings(request).await?;
    let (mut stream, mut found) = (stream.into_inner(), Vec::new());
    while let Some(message) = stream.message().await? {
        for finding in message.findings {
            let rule = finding.finding.unwrap_or_default().rule;
            found.push((finding.name, rule));
        }
    }
    Ok(found)
}

fn says(found: &[(String, String)], name: &str, rule: &str) -> bool {
    found.contains(&(name.to_owned(), rule.to_owned()))
}

#[tokio::test]
async fn a_finding_is_listed_with_its_computer_and_every_section_it_rests_on() {
    let world = World::new().await;
    for (name, label) in [("front-desk", "office"), ("surgery-secret", "surgery")] {
        let sections = vec![unprotected(), software(3), accounts("root")];
        world.computer(name, &[label], sections).await;
    }
    // The collector goes through what was reported by itself.
    let looked = world.desk.inventory.look_again(9, Duration::MAX);
    assert_eq!(looked.unwrap(), 2);
    let all = world.guest(&["all@office"], false).await;
    let seen = found(&all, "").await.unwrap();
    assert!(says(&seen, "front-desk", "no-antivirus"), "{seen:?}");
    assert!(
        seen.iter().all(|(name, _)| name == "front-desk"),
        "{seen:?}"
    );
    let one = found(&all, "front-desk").await.unwrap();
    assert_eq!(one, seen);
    let hidden = found(&all, "surgery-secret").await.unwrap_err();
    assert_eq!(hidden.code(), Code::NotFound);
    let deeds = world.deeds();
    for deed in [
        "opened the findings,",
        "opened the findings about front-desk,",
    ] {
        assert!(deeds.iter().any(|it| it.starts_with(deed)), "{deeds:#?}");
    }
    let terms = Terms {
        scope: Some(parsed_scope(&["all,-antivirus@office"]).unwrap()),
        ..Terms::default()
    };
    let grant = all.grant.as_ref().unwrap().id;
    world
        .grants
        .alter(grant, terms, &Actor::console())
        .await
        .unwrap();
    let less = found(&all, "").await.unwrap();
    assert!(
        less.iter().all(|(_, rule)| rule != "no-antivirus"),
        "{less:?}"
    );
    let owner = world.owner_guest().await;
    let every = found(&owner, "").await.unwrap();
    assert!(says(&every, "surgery-secret", "no-antivirus"), "{every:?}");
}

async fn proposed(guest: &Guest, computer: &str, kind: Proposed, text: &str) -> Option<Code> {
    let request = v1::SuggestRequest {
        computer: computer.to_owned(),
        kind: kind.into(),
        text: text.to_owned(),
    };
    let answer = guest.client().await.suggest(request).await;
    answer.err().map(|status| status.code())
}

#[tokio::test]
async fn a_proposal_changes_nothing_until_the_owner_accepts_it() {
    let world = World::new().await;
    let id = world.computer("pc", &["office"], vec![software(1)]).await;
    world.computer("hidden", &["surgery"], Vec::new()).await;
    let guest = world.guest(&["all@office"], false).await;
    let hostile = "<b>desk</b> \u{202e}";
    assert_eq!(proposed(&guest, "pc", Proposed::Name, hostile).await, None);
    assert_eq!(
        proposed(&guest, "pc", Proposed::Name, "reception").await,
        None
    );
    assert_eq!(
        proposed(&guest, "pc", Proposed::Label, "surgery").await,
        None
    );
    let refused = proposed(&guest, "hidden", Proposed::Name, "mine").await;
    assert_eq!(refused, Some(Code::NotFound), "what is not shared");
    for (kind, text) in [
        (Proposed::Unspecified, "x"),
        (Proposed::Name, " "),
        (Proposed::Label, "a,b"),
        (Proposed::Note, "a\nb"),
        (Proposed::Name, &"x".repeat(101)),
    ] {
        let refused = proposed(&guest, "pc", kind, text).await;
        assert_eq!(refused, Some(Code::InvalidArgument), "{kind:?} {text}");
    }
    let record = world.machines.of(id).unwrap();
    assert_eq!((record.given_name.as_str(), record.labels.len()), ("", 1));
    let suggestions = &world.desk.suggestions;
    let waiting = suggestions.all().unwrap();
    let texts: Vec<&str> = waiting.iter().map(|it| it.proposal.text()).collect();
    assert_eq!(
        texts,
        ["reception", "surgery"],
        "the later name, and the label"
    );
    let by = Actor::console();
    suggestions.accept(waiting[0].id, &by).await.unwrap();
    suggestions.refuse(waiting[1].id, &by).await.unwrap();
    assert!(
        suggestions.accept(waiting[0].id, &by).await.is_err(),
        "once"
    );
    let record = world.machines.of(id).unwrap();
    assert_eq!(record.given_name, "reception");
    assert_eq!(record.labels, ["office"]);
    let mut client = guest.client().await;
    let log = client.read_log(v1::ReadLogRequest::default());
    let log = log.await.unwrap().into_inner().entries;
    for deed in [
        "proposed for pc the name \u{201c}reception\u{201d}, from",
        "accepted what was proposed for reception: the name",
        "refused what was proposed for reception: the label",
    ] {
        let is_told = log.iter().any(|entry| entry.deed.starts_with(deed));
        assert!(is_told, "{deed}: {log:#?}");
    }
}

#[tokio::test]
async fn proposals_of_one_person_are_few_and_leave_room_for_others() {
    let world = World::new().await;
    let guest = world.guest(&["all"], false).await;
    let by = Actor::console();
    let suggestions: &Suggestions = &world.desk.suggestions;
    let person = guest.session.person;
    let mut refused = 0;
    for number in 0..25 {
        let id = world
            .computer(&format!("pc-{number}"), &[], Vec::new())
            .await;
        let note = Proposal::Note("a note".to_owned());
        refused += usize::from(suggestions.suggest(id, note, person, &by).await.is_err());
    }
    assert_eq!(refused, 5);
    let id = world.machines.find("pc-24").unwrap();
    let other = crate::access::PersonId([9; 16]);
    let note = Proposal::Note("a note".to_owned());
    suggestions.suggest(id, note, other, &by).await.unwrap();
}

#[tokio::test]
async fn the_commitments_are_those_that_the_checkpoint_signs() {
    let world = World::new().await;
    let guest = world.guest(&["all"], false).await;
    let mut client = guest.client().await;
    let stream = client.read_commitments(v1::ReadCommitmentsRequest {}).await;
    let (mut stream, mut bytes) = (stream.unwrap().into_inner(), Vec::new());
    let mut last = v1::ReadCommitmentsResponse::default();
    while let Some(message) = stream.message().await.unwrap() {
        bytes.extend_from_slice(&message.commitments);
        last = message;
    }
    let leaves: Vec<crate::audit::Hash> = bytes
        .chunks(32)
        .map(|leaf| leaf.try_into().unwrap())
        .collect();
    let verifier = crate::audit::Verifier::parse(&last.verifier).unwrap();
    let signed = verifier.open(&last.checkpoint).unwrap();
    assert_eq!(signed.size, leaves.len() as u64);
    assert_eq!(signed.root, crate::audit::root_of(&leaves));
}
