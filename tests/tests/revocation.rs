//! Shutting a machine out holds at once and for good.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::time::{Duration, Instant};

use freehold_proto::v1::{UploadRequest, upload_request::Part};
use freehold_tests::{Inventory, Machine, TestCollector, process::Answer};
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
