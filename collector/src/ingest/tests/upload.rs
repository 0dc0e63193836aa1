use std::time::Duration;

use freehold_proto::{
    limits,
    v1::{Software, UploadRequest, section, software},
};
use prost::Message as _;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status};

use super::site::{Site, begin, check_in, chunk, header, machine_record, peer, software, version};
use crate::{
    events::Event,
    id::{Digest, MachineId},
    ingest::Limits,
    store::record::{Action, MachineState, NoticeKind},
};

fn patient() -> Limits {
    Limits {
        silence: Duration::from_millis(200),
        ..Limits::default()
    }
}

#[tokio::test]
async fn a_report_is_durable_when_it_is_acknowledged() {
    let id = MachineId::random();
    let site = Site::new(&[id]).await;
    let mut events = site.events.listen();
    let body = software(&["curl 1", "bash 5"]);
    site.upload(id, version(&body, 7, 3000)).await.unwrap();
    assert_eq!(events.try_recv().unwrap(), Event::Report(id));
    let site = site.crash_and_restart().await;
    let current = site.current(id).unwrap();
    assert_eq!((current.sequence, current.items, current.status), (7, 2, 1));
    assert_eq!(current.size, body.len() as u64);
    assert_eq!(current.received_at - current.collected_at, 3000);
    assert_eq!(site.store.body(&Digest::of(&body)).unwrap(), body);
    let changes = site.changes(id);
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].action(), Action::FirstReport);
    assert!(
        site.check_in(id, check_in(&body, 1))
            .await
            .unwrap()
            .wanted
            .is_empty()
    );
}

#[tokio::test]
async fn a_spool_is_delivered_in_order_with_true_times() {
    let id = MachineId::random();
    let site = Site::new(&[id]).await;
    let mut stream = version(&software(&["curl 1"]), 1, 90_000);
    stream.extend(version(&software(&["curl 2"]), 2, 60_000));
    stream.extend(version(&software(&["curl 3", "vim 9"]), 5, 0));
    site.upload(id, stream).await.unwrap();
    let told = site.summaries(id);
    assert_eq!(told.len(), 4);
    assert_eq!(told[2], "package curl 1 -> 2");
    assert!(told[3].starts_with("software reported for the first time"));
    let times: Vec<i64> = site
        .versions(id)
        .iter()
        .map(|version| version.collected_at)
        .collect();
    assert_eq!(times[0] - times[1], 60_000);
    assert_eq!(times[1] - times[2], 30_000);
    assert_eq!(site.changes(id)[2].at, times[1]);
}

#[tokio::test]
async fn times_never_run_backwards_or_ahead() {
    let id = MachineId::random();
    let site = Site::new(&[id]).await;
    site.upload(id, version(&software(&["curl 1"]), 1, 1000))
        .await
        .unwrap();
    site.upload(id, version(&software(&["curl 2"]), 2, 3_600_000))
        .await
        .unwrap();
    let versions = site.versions(id);
    assert_eq!(versions[0].collected_at, versions[1].collected_at);
    assert!(versions[0].collected_at <= site.clock.now().0);
}

#[tokio::test]
async fn a_version_delivered_before_is_acknowledged_without_effect() {
    let id = MachineId::random();
    let site = Site::new(&[id]).await;
    let mut stream = version(&software(&["curl 1"]), 1, 0);
    stream.extend(version(&software(&["curl 2"]), 2, 0));
    site.upload(id, stream.clone()).await.unwrap();
    site.upload(id, stream.clone()).await.unwrap();
    let site = site.crash_and_restart().await;
    site.upload(id, stream).await.unwrap();
    assert_eq!(site.versions(id).len(), 2);
    assert_eq!(site.changes(id).len(), 2);
}

#[tokio::test]
async fn the_same_again_under_another_number_adds_nothing() {
    let id = MachineId::random();
    let site = Site::new(&[id]).await;
    let body = software(&["curl 1"]);
    site.upload(id, version(&body, 1, 0)).await.unwrap();
    let confirmed = || site.presence.with(id, |entry| entry.record.confirmed_at[3]);
    let first = confirmed();
    assert_eq!(first, site.current(id).unwrap().collected_at);
    site.clock.advance(Duration::from_secs(1));
    site.upload(id, version(&body, 2, 0)).await.unwrap();
    assert!(confirmed() >= first + 1000);
    assert_eq!(site.versions(id).len(), 1);
}

#[tokio::test]
async fn what_came_before_a_bad_version_is_stored() {
    let id = MachineId::random();
    let site = Site::new(&[id]).await;
    let mut stream = version(&software(&["curl 1"]), 1, 0);
    let (mut wrong, frame) = header(&software(&["curl 2"]), 2);
    wrong.digest = vec![0; 32];
    stream.extend([begin(wrong), chunk(&frame)]);
    stream.extend(version(&software(&["curl 3"]), 3, 0));
    let refused = site.upload(id, stream).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert!(
        refused
            .message()
            .starts_with("header.digest: does not match"),
        "{refused}"
    );
    assert_eq!(site.current(id).unwrap().sequence, 1);
    assert_eq!(site.notices(id), [NoticeKind::InvalidReport]);
    site.upload(id, version(&software(&["curl 3"]), 3, 0))
        .await
        .unwrap();
    assert_eq!(site.current(id).unwrap().sequence, 3);
}

#[tokio::test]
async fn messages_out_of_order_are_refused() {
    let id = MachineId::random();
    let site = Site::new(&[id]).await;
    let (good, frame) = header(&software(&["curl 1"]), 1);
    let half = &frame[..frame.len() / 2];
    let cases: [(Vec<UploadRequest>, &str); 6] = [
        (vec![chunk(&frame)], "chunk: sent without a header"),
        (vec![UploadRequest { part: None }], "part: missing"),
        (
            vec![begin(good.clone()), chunk(half)],
            "chunk: the end of the stream after",
        ),
        (
            vec![begin(good.clone()), chunk(half), begin(good.clone())],
            "chunk: another header after",
        ),
        (
            vec![begin(good.clone()), chunk(half), chunk(&frame)],
            "chunk: more than the",
        ),
        (vec![begin(good.clone()), chunk(&[])], "chunk: 0 bytes"),
    ];
    for (stream, expected) in cases {
        let refused = site.upload(id, stream).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        assert!(
            refused.message().starts_with(expected),
            "{refused} instead of {expected}"
        );
    }
    assert_eq!(site.current(id), None);
    site.upload(id, vec![]).await.unwrap();
    site.upload(
        id,
        vec![begin(good), chunk(half), chunk(&frame[half.len()..])],
    )
    .await
    .unwrap();
}

#[tokio::test]
async fn an_oversized_chunk_is_refused_by_name() {
    let id = MachineId::random();
    let site = Site::new(&[id]).await;
    let (mut large, _) = header(&software(&["curl 1"]), 1);
    large.compressed_size = 20 * 1024 * 1024;
    for bytes in [
        limits::CHUNK_BYTES + 1,
        limits::CHUNK_BYTES + 100_000,
        9 * 1024 * 1024,
    ] {
        let stream = vec![begin(large.clone()), chunk(&vec![0; bytes])];
        let refused = site.upload(id, stream).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{refused}");
        assert!(refused.message().starts_with("chunk: "), "{refused}");
    }
}

#[tokio::test]
async fn a_stream_that_falls_silent_is_ended_and_its_beginning_kept() {
    let id = MachineId::random();
    let site = Site::with(&[id], patient()).await;
    let (sender, receiver) = mpsc::channel(8);
    for message in version(&software(&["curl 1"]), 1, 0) {
        sender.send(message).await.unwrap();
    }
    let (next, _) = header(&software(&["curl 2"]), 2);
    sender.send(begin(next)).await.unwrap();
    let mut client = site.client(Some(peer(id)));
    let refused = client
        .upload(ReceiverStream::new(receiver))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::DeadlineExceeded, "{refused}");
    assert_eq!(site.current(id).unwrap().sequence, 1);
    drop(sender);
}

#[tokio::test]
async fn a_machine_uploads_on_few_streams_at_once() {
    let (id, other) = (MachineId::random(), MachineId::random());
    let limits = Limits {
        uploads_per_machine: 1,
        ..Limits::default()
    };
    let site = Site::with(&[id, other], limits).await;
    let (sender, receiver) = mpsc::channel::<UploadRequest>(1);
    let mut client = site.client(Some(peer(id)));
    let first = tokio::spawn(async move { client.upload(ReceiverStream::new(receiver)).await });
    while site.presence.with(id, |entry| entry.uploads) == 0 {
        tokio::task::yield_now().await;
    }
    let refused = site.upload(id, vec![]).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted);
    assert_eq!(refused.metadata().get("retry-after-ms").unwrap(), "5000");
    site.upload(other, vec![]).await.unwrap();
    drop(sender);
    first.await.unwrap().unwrap();
    site.upload(id, vec![]).await.unwrap();
}

#[tokio::test]
async fn beyond_what_it_takes_on_the_collector_says_when_to_come_back() {
    let id = MachineId::random();
    let limits = Limits {
        uploads: 0,
        ..Limits::default()
    };
    let site = Site::with(&[id], limits).await;
    let refused = site
        .upload(id, version(&software(&["curl 1"]), 1, 0))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted);
    let delay = refused
        .metadata()
        .get("retry-after-ms")
        .unwrap()
        .to_str()
        .unwrap();
    assert!(delay.parse::<u64>().unwrap() >= 500);
    assert!(site.notices(id).is_empty());
}

#[tokio::test]
async fn received_bytes_are_bounded_for_all_together() {
    let id = MachineId::random();
    let limits = Limits {
        buffered_bytes: 1024,
        ..Limits::default()
    };
    let site = Site::with(&[id], limits).await;
    let (mut large, _) = header(&software(&["curl 1"]), 1);
    large.compressed_size = 4096;
    let refused = site
        .upload(id, vec![begin(large), chunk(&[0; 2048])])
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted);
    site.upload(id, version(&software(&["curl 1"]), 1, 0))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_machine_that_is_shut_out_meanwhile_stores_nothing() {
    let id = MachineId::random();
    let site = Site::new(&[id]).await;
    let revoked = machine_record(id, MachineState::Revoked);
    let put = site.store.write(move |txn| {
        txn.put_machine(id, &revoked);
        Ok::<_, crate::ingest::Rejection>(())
    });
    put.await.unwrap();
    let refused = site
        .upload(id, version(&software(&["curl 1"]), 1, 0))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    assert_eq!(site.current(id), None);
    assert_eq!(site.presence.with(id, |entry| entry.current[3]), None);
}

#[tokio::test]
async fn a_store_that_cannot_write_is_no_acknowledgement() {
    let id = MachineId::random();
    let site = Site::new(&[id]).await;
    site.store.clone().close().await;
    let refused = site
        .upload(id, version(&software(&["curl 1"]), 1, 0))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable);
    assert!(refused.metadata().contains_key("retry-after-ms"));
}

#[tokio::test]
async fn a_machine_that_used_up_its_day_is_slowed_and_told_of() {
    let id = MachineId::random();
    let limits = Limits {
        versions_a_day: 2,
        ..Limits::default()
    };
    let site = Site::with(&[id], limits).await;
    for number in 1..=2 {
        let body = software(&[&format!("curl {number}")]);
        site.upload(id, version(&body, number, 0)).await.unwrap();
    }
    assert_eq!(site.notices(id), [NoticeKind::OverQuota]);
    let next = version(&software(&["curl 3"]), 3, 0);
    let refused = site.upload(id, next.clone()).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted);
    assert!(refused.message().starts_with("versions: "), "{refused}");
    assert!(refused.metadata().contains_key("retry-after-ms"));
    site.clock.advance(Duration::from_secs(601));
    site.upload(id, next).await.unwrap();
    assert_eq!(site.current(id).unwrap().sequence, 3);
}

#[tokio::test]
async fn what_is_refused_counts_as_well() {
    let id = MachineId::random();
    let limits = Limits {
        versions_a_day: 2,
        ..Limits::default()
    };
    let site = Site::with(&[id], limits).await;
    let (mut wrong, frame) = header(&software(&["curl 1"]), 1);
    wrong.digest = vec![0; 32];
    for expected in [
        Code::InvalidArgument,
        Code::InvalidArgument,
        Code::ResourceExhausted,
    ] {
        let stream = vec![begin(wrong.clone()), chunk(&frame)];
        assert_eq!(site.upload(id, stream).await.unwrap_err().code(), expected);
    }
    assert!(site.notices(id).contains(&NoticeKind::OverQuota));
}

#[tokio::test]
async fn a_flood_of_changes_is_folded_to_what_is_left_of_the_day() {
    let id = MachineId::random();
    let limits = Limits {
        changes_a_day: 11,
        ..Limits::default()
    };
    let site = Site::with(&[id], limits).await;
    let many = |version: &str| {
        let names: Vec<String> = (0..100).map(|n| format!("p{n} {version}")).collect();
        software(&names.iter().map(String::as_str).collect::<Vec<_>>())
    };
    site.upload(id, version(&many("1"), 1, 0)).await.unwrap();
    site.upload(id, version(&many("2"), 2, 0)).await.unwrap();
    assert_eq!(site.changes(id).len(), 11);
    assert_eq!(
        site.summaries(id)[0],
        "91 more changes, not listed one by one: 91 packages altered"
    );
    site.upload(id, version(&many("3"), 3, 0)).await.unwrap();
    assert_eq!(site.changes(id).len(), 12);
    assert_eq!(site.changes(id)[0].folded, 99);
    assert_eq!(site.notices(id), [NoticeKind::OverQuota]);
}

#[tokio::test]
async fn after_a_failed_reading_only_true_changes_are_told() {
    let (one_by_one, at_once) = (MachineId::random(), MachineId::random());
    let site = Site::new(&[one_by_one, at_once]).await;
    let mut dark = Software::decode(&*software(&[])).unwrap();
    dark.status = section::Status::Unreadable.into();
    let bodies = [
        software(&["curl 1", "vim 9"]),
        dark.encode_to_vec(),
        software(&["curl 2", "vim 9"]),
    ];
    let mut spool = Vec::new();
    for (body, sequence) in bodies.iter().zip(1..) {
        let delivery = version(body, sequence, 0);
        spool.extend(delivery.clone());
        site.upload(one_by_one, delivery).await.unwrap();
    }
    site.upload(at_once, spool).await.unwrap();
    for id in [one_by_one, at_once] {
        assert_eq!(
            site.summaries(id)[..3],
            [
                "package curl 1 -> 2",
                "software can now be read completely",
                "software can no longer be read; 2 items missing from it may still be there",
            ]
        );
    }
}

#[tokio::test]
async fn two_uploads_of_one_machine_at_once_are_stored_one_after_the_other() {
    let id = MachineId::random();
    let site = Site::new(&[id]).await;
    for round in 0..10_u64 {
        let (one, two) = (
            software(&[&format!("curl {round}")]),
            software(&[&format!("vim {round}")]),
        );
        let first = site.upload(id, version(&one, 2 * round + 1, 0));
        let second = site.upload(id, version(&two, 2 * round + 2, 0));
        let (first, second) = tokio::join!(first, second);
        first.unwrap();
        second.unwrap();
        let current = site.current(id).unwrap();
        assert_eq!(current.sequence, 2 * round + 2);
        assert_eq!(
            site.presence
                .with(id, |entry| entry.current[3].unwrap().sequence),
            current.sequence
        );
    }
}

#[tokio::test]
async fn a_connection_that_breaks_leaves_whole_versions_only() {
    let id = MachineId::random();
    let site = Site::new(&[id]).await;
    let mut messages: Vec<Result<UploadRequest, Status>> = version(&software(&["curl 1"]), 1, 0)
        .into_iter()
        .map(Ok)
        .collect();
    let (next, _) = header(&software(&["curl 2"]), 2);
    messages.extend([Ok(begin(next)), Err(Status::unavailable("gone"))]);
    let stream = tokio_stream::iter(messages);
    let shared = site.ingest.shared.clone();
    super::super::upload::upload(shared, peer(id), stream)
        .await
        .unwrap_err();
    assert_eq!(site.versions(id).len(), 1);
    assert_eq!(site.presence.with(id, |entry| entry.uploads), 0);
}

#[tokio::test]
async fn hostile_names_are_stored_as_they_are() {
    let id = MachineId::random();
    let site = Site::new(&[id]).await;
    let name = "<script>\u{202e}\u{1b}]0;x\u{7}";
    let body = Software {
        status: section::Status::Complete.into(),
        packages: vec![software::Package {
            name: name.to_owned(),
            ..software::Package::default()
        }],
        ..Software::default()
    };
    site.upload(id, version(&software(&[]), 1, 0))
        .await
        .unwrap();
    site.upload(id, version(&body.encode_to_vec(), 2, 0))
        .await
        .unwrap();
    assert_eq!(site.summaries(id)[0], format!("package {name} added"));
    let stored = site
        .store
        .body(&Digest::from_slice(&site.current(id).unwrap().digest).unwrap());
    assert_eq!(stored.unwrap(), body.encode_to_vec());
}
