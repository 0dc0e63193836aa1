use std::time::{Duration, Instant};

use freehold_agent::identity::credentials_digest;
use freehold_proto::v1::{Readings, RenewRequest, section::Kind};
use prost::Message as _;
use tonic::Code;

use super::site::{Site, check_in, peer, software, version};
use crate::{
    id::MachineId,
    ingest::{Limits, Rate},
    peer::MachinePeer,
    store::{Read as _, record::NoticeKind},
};

#[tokio::test]
async fn sections_that_differ_are_wanted_and_the_same_are_confirmed() {
    let id = MachineId::random();
    let site = Site::new(&[id]).await;
    let body = software(&["curl 1"]);
    let answer = site.check_in(id, check_in(&body, 1)).await.unwrap();
    assert_eq!(answer.wanted, [Kind::Software as i32]);
    assert!((54..=66).contains(&answer.next_check_in_seconds));
    site.upload(id, version(&body, 1, 0)).await.unwrap();
    let mut again = check_in(&body, 2);
    again.sections[0].age_ms = 5000;
    site.clock.advance(Duration::from_secs(10));
    let before = site.clock.now().0;
    assert!(site.check_in(id, again).await.unwrap().wanted.is_empty());
    let presence = site.presence.of(id).unwrap();
    let confirmed = presence.confirmed_at[Kind::Software as usize];
    assert!(confirmed >= before - 5000 && confirmed <= site.clock.now().0 - 5000);
    assert!(presence.last_seen_at >= before);
    assert_eq!(presence.agent_version, "0.1.0");
    let other = site
        .check_in(id, check_in(&software(&["curl 2"]), 3))
        .await
        .unwrap();
    assert_eq!(other.wanted, [Kind::Software as i32]);
}

#[tokio::test]
async fn what_one_machine_delivered_is_still_wanted_from_another() {
    let (one, other) = (MachineId::random(), MachineId::random());
    let site = Site::new(&[one, other]).await;
    let body = software(&["curl 1"]);
    site.upload(one, version(&body, 1, 0)).await.unwrap();
    assert_eq!(
        site.check_in(other, check_in(&body, 1))
            .await
            .unwrap()
            .wanted
            .len(),
        1
    );
}

#[tokio::test]
async fn an_unchanged_check_in_writes_nothing_until_it_is_written_behind() {
    let id = MachineId::random();
    let site = Site::new(&[id]).await;
    site.check_in(id, check_in(&[], 1)).await.unwrap();
    assert_eq!(site.store.presence(id).unwrap(), None);
    site.presence.flush().await.unwrap();
    assert_eq!(site.store.presence(id).unwrap().unwrap().chain_counter, 1);
}

#[tokio::test]
async fn readings_are_kept_until_newer_ones_come() {
    let id = MachineId::random();
    let site = Site::new(&[id]).await;
    let readings = Readings {
        uptime_seconds: Some(60),
        ..Readings::default()
    };
    let mut first = check_in(&[], 1);
    first.readings = Some(readings.clone());
    site.check_in(id, first).await.unwrap();
    site.check_in(id, check_in(&[], 2)).await.unwrap();
    assert_eq!(
        site.presence.of(id).unwrap().readings,
        readings.encode_to_vec()
    );
}

#[tokio::test]
async fn a_clone_is_noticed_and_may_deliver_anew() {
    let id = MachineId::random();
    let site = Site::new(&[id]).await;
    let (old, new) = (software(&["curl 1"]), software(&["curl 2"]));
    site.check_in(id, check_in(&old, 1)).await.unwrap();
    site.check_in(id, check_in(&old, 2)).await.unwrap();
    site.check_in(id, check_in(&old, 2)).await.unwrap();
    assert!(site.notices(id).is_empty());
    site.upload(id, version(&old, 9, 0)).await.unwrap();
    // Set back: its series begins again below what was delivered.
    let mut back = check_in(&new, 2);
    back.chain.as_mut().unwrap().next = vec![77; 16];
    assert_eq!(site.check_in(id, back).await.unwrap().wanted.len(), 1);
    assert_eq!(site.notices(id), [NoticeKind::ForkedChain]);
    site.upload(id, version(&new, 2, 0)).await.unwrap();
    let sequences: Vec<u64> = site
        .versions(id)
        .iter()
        .map(|version| version.sequence)
        .collect();
    assert_eq!(sequences, [11, 9]);
    assert_eq!(site.summaries(id)[0], "package curl 1 -> 2");
    // The same again is a repetition, also after a restart.
    site.upload(id, version(&old, 2, 0)).await.unwrap();
    site.presence.flush().await.unwrap();
    let site = site.crash_and_restart().await;
    site.upload(id, version(&old, 2, 0)).await.unwrap();
    assert_eq!(site.versions(id).len(), 2);
    site.upload(id, version(&old, 3, 0)).await.unwrap();
    assert_eq!(site.versions(id)[0].sequence, 12);
}

#[tokio::test]
async fn a_restarted_collector_that_lost_check_ins_sees_no_clone() {
    let id = MachineId::random();
    let site = Site::new(&[id]).await;
    site.check_in(id, check_in(&[], 1)).await.unwrap();
    site.presence.flush().await.unwrap();
    site.check_in(id, check_in(&[], 2)).await.unwrap();
    let site = site.crash_and_restart().await;
    site.check_in(id, check_in(&[], 3)).await.unwrap();
    assert!(site.notices(id).is_empty());
    site.check_in(id, check_in(&[], 5)).await.unwrap();
    assert_eq!(site.notices(id), [NoticeKind::ForkedChain]);
}

#[tokio::test]
async fn a_wrong_clock_is_told_until_it_is_right() {
    let id = MachineId::random();
    let site = Site::new(&[id]).await;
    let mut wrong = check_in(&[], 1);
    wrong.clock_unix_ms += 7_200_000;
    site.check_in(id, wrong).await.unwrap();
    assert_eq!(site.notices(id), [NoticeKind::WrongClock]);
    let offset = site.presence.of(id).unwrap().clock_offset_ms;
    assert!((7_190_000..=7_210_000).contains(&offset), "{offset}");
    let mut absurd = check_in(&[], 2);
    absurd.clock_unix_ms = i64::MIN;
    site.check_in(id, absurd).await.unwrap();
    site.check_in(id, check_in(&[], 3)).await.unwrap();
    assert!(site.notices(id).is_empty());
}

#[tokio::test]
async fn lost_snapshots_are_told() {
    let id = MachineId::random();
    let site = Site::new(&[id]).await;
    let mut lost = check_in(&[], 1);
    lost.spool_lost = 4;
    site.check_in(id, lost).await.unwrap();
    assert_eq!(site.notices(id), [NoticeKind::SpoolOverflow]);
}

#[tokio::test]
async fn each_gap_in_what_a_machine_could_tell_stands_in_its_timeline_once() {
    let id = MachineId::random();
    let limits = Limits {
        changes_a_day: 2,
        ..Limits::default()
    };
    let site = Site::with(&[id], limits).await;
    let lost = |counter, lost| {
        let mut request = check_in(&[], counter);
        request.spool_lost = lost;
        site.check_in(id, request)
    };
    lost(1, 4).await.unwrap();
    lost(1, 4)
        .await
        .expect("its answer was lost, and 4 told again");
    assert_eq!(
        site.summaries(id),
        [
            "4 reports were lost on the computer before the collector could take them; what changed \
          meanwhile may be missing here"
        ]
    );
    lost(1, 5).await.expect("lost again, and one more told");
    assert!(site.summaries(id)[0].starts_with("1 report was lost"));
    lost(2, 9).await.unwrap();
    assert_eq!(site.summaries(id).len(), 2, "more than a day's entries");
}

#[tokio::test]
async fn uploads_and_renewals_have_paces_of_their_own() {
    let id = MachineId::random();
    let one = Rate {
        at_once: 1,
        each: Duration::from_secs(60),
    };
    let limits = Limits {
        upload_calls: one,
        renewals: one,
        ..Limits::default()
    };
    let site = Site::with(&[id], limits).await;
    let body = software(&["curl 1"]);
    site.upload(id, version(&body, 1, 0)).await.unwrap();
    let began = Instant::now();
    let refused = site.upload(id, version(&body, 2, 0)).await.unwrap_err();
    assert!(refused.message().starts_with("uploads: "), "{refused}");
    let mut client = site.client(Some(peer(id)));
    let renewal = RenewRequest { csr: vec![] };
    client.renew(renewal.clone()).await.unwrap_err();
    let refused = client.renew(renewal).await.unwrap_err();
    assert!(refused.message().starts_with("renewals: "), "{refused}");
    let told = refused.metadata().get("retry-after-ms").unwrap();
    let millis: u64 = told.to_str().unwrap().parse().unwrap();
    assert!((50_000..=60_000).contains(&millis), "{millis}");
    assert!(
        began.elapsed() >= Duration::from_secs(2),
        "neither was held back"
    );
    site.check_in(id, check_in(&body, 1)).await.unwrap();
}

#[tokio::test]
async fn an_agent_learns_newer_addresses_and_anchors_once() {
    let id = MachineId::random();
    let site = Site::new(&[id]).await;
    let addresses = vec!["collector:7443".to_owned()];
    site.ingest
        .tell_credentials(vec![vec![1, 2, 3]], addresses.clone());
    let answer = site.check_in(id, check_in(&[], 1)).await.unwrap();
    let bundle = answer.credentials.unwrap();
    assert_eq!(bundle.collector_addresses, addresses);
    assert!(bundle.certificate_chain.is_empty());
    let mut told = check_in(&[], 2);
    told.credentials_digest = credentials_digest(&bundle.trust_anchors, &addresses).to_vec();
    assert_eq!(site.check_in(id, told).await.unwrap().credentials, None);
}

#[tokio::test]
async fn only_machines_with_a_valid_certificate_report() {
    let id = MachineId::random();
    let site = Site::new(&[id]).await;
    let nobody = site
        .client(None)
        .check_in(check_in(&[], 1))
        .await
        .unwrap_err();
    assert_eq!(nobody.code(), Code::Unauthenticated);
    let expired = MachinePeer {
        expired: true,
        ..peer(id)
    };
    let refused = site
        .client(Some(expired))
        .check_in(check_in(&[], 1))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    assert!(refused.message().contains("renew"), "{refused}");
}

#[tokio::test]
async fn an_oversized_check_in_is_refused_before_it_is_decoded() {
    let id = MachineId::random();
    let site = Site::new(&[id]).await;
    let mut large = check_in(&[], 1);
    large.agent_version = "x".repeat(200_000);
    let refused = site.check_in(id, large).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument, "{refused}");
    assert!(
        refused.message().starts_with("message: more than"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_wrong_field_is_named_and_told_once() {
    let id = MachineId::random();
    let site = Site::new(&[id]).await;
    let mut wrong = check_in(&[], 1);
    wrong.sections[0].digest.pop();
    let refused = site.check_in(id, wrong).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert!(
        refused
            .message()
            .starts_with("sections[0].digest: 15 bytes"),
        "{refused}"
    );
    assert_eq!(site.notices(id), [NoticeKind::InvalidReport]);
    site.check_in(id, check_in(&[], 1)).await.unwrap();
}

#[tokio::test]
async fn a_machine_that_never_stops_checking_in_is_slowed_down_and_the_others_are_not() {
    let (noisy, quiet) = (MachineId::random(), MachineId::random());
    let limits = Limits {
        check_ins: Rate {
            at_once: 3,
            each: Duration::from_secs(1),
        },
        ..Limits::default()
    };
    let site = Site::with(&[noisy, quiet], limits).await;
    for counter in 1..=3 {
        site.check_in(noisy, check_in(&[], counter)).await.unwrap();
    }
    let began = Instant::now();
    let refused = site.check_in(noisy, check_in(&[], 4)).await.unwrap_err();
    assert!(
        began.elapsed() >= Duration::from_secs(1),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(refused.code(), Code::ResourceExhausted);
    assert!(refused.metadata().get("retry-after-ms").is_some());
    site.check_in(quiet, check_in(&[], 1)).await.unwrap();
}
