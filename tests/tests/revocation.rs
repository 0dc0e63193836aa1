//! Shutting a machine out holds at once and for good.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::time::{Duration, Instant};

use freehold_proto::v1::{UploadRequest, upload_request::Part};
use freehold_tests::{
    Browser, Inventory, Machine, TestCollector,
    disk::{SmallDisk, fill},
    owner::signed_in,
    process::Answer,
};
use tokio_stream::StreamExt as _;
use tonic::Code;

async fn revoke(collector: &TestCollector, machine: &Machine) {
    collector
        .run(&["machine", "revoke", &machine.id])
        .await
        .expect();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_very_next_request_is_refused() {
    let collector = TestCollector::start().await;
    let mut machine = collector.machine("revoked").await;
    let mut other = collector.machine("other").await;
    machine
        .report(&Inventory::small(1).sections())
        .await
        .expect("before");
    revoke(&collector, &machine).await;
    machine
        .check_in(&[])
        .await
        .expect_err("on the open connection");
    machine
        .check_in(&[])
        .await
        .expect_err("on a new connection");
    machine.renew().await.expect_err("nor may it renew");
    other.check_in(&[]).await.expect("others are not touched");
}

#[tokio::test(flavor = "multi_thread")]
async fn open_streams_are_cut_within_a_second() {
    let collector = TestCollector::start().await;
    let mut machine = collector.machine("streaming").await;
    let version = machine.version(&Inventory::new(1).software(), 0);
    let header = UploadRequest {
        part: Some(Part::Header(version.header)),
    };
    let mut client = machine.client().await.expect("a connection");
    let endless = tokio_stream::once(header).chain(tokio_stream::pending());
    let upload = tokio::spawn(async move { client.upload(endless).await.map(drop) });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!upload.is_finished(), "the stream must be open before");
    revoke(&collector, &machine).await;
    let began = Instant::now();
    let outcome = tokio::time::timeout(Duration::from_secs(5), upload)
        .await
        .expect("it is cut");
    assert!(outcome.expect("no panic").is_err());
    assert!(
        began.elapsed() < Duration::from_secs(1),
        "it took {:?}",
        began.elapsed()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn revocation_survives_kill_and_an_older_backup() {
    let mut collector = TestCollector::start().await;
    let mut machine = collector.machine("thief").await;
    machine
        .report(&Inventory::small(1).sections())
        .await
        .expect("before");
    let backup = collector.scratch().join("before.freehold-backup");
    let backup = backup.to_str().expect("a path").to_owned();
    collector.run(&["backup", "--to", &backup]).await.expect();
    revoke(&collector, &machine).await;
    collector.kill().await;
    collector.resume().await;
    machine.check_in(&[]).await.expect_err("after a kill");
    assert_eq!(collector.show(&machine.id).await["state"], "REVOKED");

    collector.kill().await;
    let (store, kit) = (
        collector.data().join("store"),
        collector.data().join("owner-kit"),
    );
    std::fs::remove_dir_all(store).expect("a lost store");
    let kit = kit.to_str().expect("a path");
    let restore = collector.command(&["restore", "--from", &backup, "--owner-kit", kit]);
    Answer::with_input(restore, &collector.passphrase())
        .await
        .expect();
    collector.resume().await;
    assert_eq!(collector.show(&machine.id).await["state"], "REVOKED");
    machine.check_in(&[]).await.expect_err("after the restore");
}

#[tokio::test]
async fn a_revoked_machine_can_join_again_only_as_another() {
    let collector = TestCollector::start().await;
    let mut machine = collector.machine("again").await;
    revoke(&collector, &machine).await;
    let again = collector.machine("again").await;
    assert_ne!(again.id, machine.id);
    let refused = machine
        .check_in(&[])
        .await
        .expect_err("the old certificate");
    assert!(
        matches!(
            refused.code(),
            Code::PermissionDenied | Code::Unavailable | Code::Unknown
        ),
        "{refused:?}"
    );
}

#[tokio::test]
async fn revoking_a_machine_that_is_not_there_says_so() {
    let collector = TestCollector::start().await;
    collector
        .run(&["machine", "revoke", "nobody"])
        .await
        .refused(&["nobody"]);
}

/// The list, one computer's record and its page say that it is revoked, and its requests are refused.
async fn is_revoked(collector: &TestCollector, owner: &mut Browser, machine: &mut Machine) {
    let listed = collector.json(&["machine", "list"]).await;
    let entry = listed.as_array().into_iter().flatten();
    let states: Vec<_> = entry
        .filter(|entry| entry["id"] == machine.id.as_str())
        .map(|entry| &entry["state"])
        .collect();
    assert_eq!(states, ["REVOKED"], "{listed}");
    assert_eq!(collector.show(&machine.id).await["state"], "REVOKED");
    for path in ["/computers", &format!("/computers/{}", machine.id)] {
        let page = owner.visit(path).await;
        assert!(page.status.is_success(), "{path}: {}", page.status);
        assert!(page.text.contains("Shut out"), "{path}: {}", page.text);
    }
    let refused = machine
        .check_in(&[])
        .await
        .expect_err("on a new connection");
    assert_eq!(refused.code(), Code::PermissionDenied, "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_a_revocation_holds_is_shown_and_outlives_a_restart() {
    let mut collector = TestCollector::unmade(&[]);
    let Some(_disk) = SmallDisk::mount(&collector.data(), "400m") else {
        return;
    };
    collector.make().await;
    collector.resume().await;
    let mut browser = signed_in(&collector).await;
    let mut machine = collector.machine("stolen").await;
    let mut other = collector.machine("other").await;
    machine
        .report(&Inventory::small(1).sections())
        .await
        .expect("before");
    fill(&collector.data().join("filler"));
    machine
        .upload(&[Inventory::small(2).software()])
        .await
        .expect_err("the disk is full");

    revoke(&collector, &machine).await;
    machine
        .check_in(&[])
        .await
        .expect_err("on the open connection");
    is_revoked(&collector, &mut browser, &mut machine).await;
    other.check_in(&[]).await.expect("others are not touched");

    collector.stop().await;
    other.disconnect();
    collector.resume().await;
    is_revoked(&collector, &mut browser, &mut machine).await;
    other.check_in(&[]).await.expect("others are let in again");
}
