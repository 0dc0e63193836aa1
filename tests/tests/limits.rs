//! What one machine may take of the collector, and what the collector takes on at once.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::time::{Duration, Instant};

use freehold_agent::{clock::Moment, report, snapshot::Collected};
use freehold_proto::v1::{
    RenewRequest, Software, UploadHeader, UploadRequest,
    section::{Kind, Status},
    software::{Package, package},
    upload_request::Part,
};
use freehold_tests::{
    Inventory, TestCollector,
    machine::{Applicant, section},
};
use tokio::task::JoinSet;
use tokio_stream::StreamExt as _;
use tonic::Code;

/// What the collector allows: `ingest::Limits`.
const VERSIONS_A_DAY: usize = 5_000;
const UPLOADS: usize = 256;
const UPLOADS_PER_MACHINE: usize = 2;

fn software(names: impl IntoIterator<Item = String>) -> Collected {
    let packages = names.into_iter().map(|name| Package {
        name,
        source: package::Source::Dpkg.into(),
        ..Package::default()
    });
    let software = Software {
        status: Status::Complete.into(),
        packages: packages.collect(),
        ..Software::default()
    };
    section(Kind::Software, &software)
}

fn retry_after(status: &tonic::Status) -> Duration {
    let told = status.metadata().get("retry-after-ms").expect("a delay");
    let millis = told.to_str().expect("digits").parse().expect("a number");
    Duration::from_millis(millis)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_beyond_its_quota_is_told_when_to_come_back_and_harms_nobody() {
    let collector = TestCollector::start().await;
    let mut noisy = collector.machine("noisy").await;
    let mut refused = None;
    for batch in 0..=VERSIONS_A_DAY / 250 {
        let versions = (0..250).map(|index| {
            let section = software([format!("package-{}", batch * 250 + index)]);
            noisy.version(&section, 0)
        });
        let versions = versions.collect();
        if let Err(status) = noisy.upload_versions(versions).await {
            refused = Some(status);
            break;
        }
    }
    let refused = refused.expect("there is no end to what it may report");
    assert_eq!(refused.code(), Code::ResourceExhausted, "{refused:?}");
    assert!(refused.message().contains("versions"), "{refused:?}");
    assert!(
        retry_after(&refused) > Duration::from_secs(60),
        "{refused:?}"
    );
    noisy.check_in(&[]).await.expect("it may still check in");
    let shown = collector.show(&noisy.id).await;
    let notices = shown["notices"].to_string();
    assert!(notices.contains("more in a day"), "{notices}");

    let mut other = collector.machine("other").await;
    let sections = Inventory::small(1).sections();
    other.report(&sections).await.expect("the others go on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_house_says_when_to_come_back() {
    let collector = TestCollector::start().await;
    let uses = (UPLOADS / UPLOADS_PER_MACHINE).to_string();
    let join = ["--uses", &uses, "--approve-in-advance"];
    let join = collector.token(&join).await;
    let mut uploads = JoinSet::new();
    for index in 0..UPLOADS / UPLOADS_PER_MACHINE {
        let target = collector.target().seen_from(index as u32);
        let machine = freehold_tests::Machine::join(target, &join, &format!("slow-{index}")).await;
        let mut machine = machine.expect("joins");
        for _ in 0..UPLOADS_PER_MACHINE {
            let mut client = machine.client().await.expect("a connection");
            let endless = tokio_stream::once(begun()).chain(tokio_stream::pending());
            uploads.spawn(async move { client.upload(endless).await.map(drop) });
        }
    }
    let mut late = collector.machine("late").await;
    let began = Instant::now();
    let refused = loop {
        match late.upload(&[software(["a".to_owned()])]).await {
            Err(refused) => break refused,
            Ok(_) => assert!(began.elapsed() < Duration::from_secs(10), "never full"),
        }
    };
    assert_eq!(refused.code(), Code::ResourceExhausted, "{refused:?}");
    assert!(refused.message().contains("busy"), "{refused:?}");
    assert!(retry_after(&refused) >= Duration::from_millis(500));
    late.check_in(&[]).await.expect("check-ins are not uploads");
    uploads.shutdown().await;
    late.upload(&[software(["b".to_owned()])])
        .await
        .expect("there is room again");
}

/// The header of a section that never comes.
fn begun() -> UploadRequest {
    let header = UploadHeader {
        kind: Kind::Software.into(),
        digest: vec![1; 32],
        size: 1000,
        compressed_size: 900,
        sequence: 1000,
        age_ms: 0,
    };
    UploadRequest {
        part: Some(Part::Header(header)),
    }
}

#[tokio::test]
async fn thousands_of_like_items_are_taken_as_the_agent_sends_them() {
    let collector = TestCollector::start().await;
    let mut machine = collector.machine("alike").await;
    let like = software(std::iter::repeat_n("x".repeat(4000), 2000));
    let mut version = machine.version(&like, 0);
    let refused = machine.upload_versions(vec![version.clone()]).await;
    refused.expect_err("compressed like anything else it looks like a zip bomb");
    let sent = report::Version::compress(like.kind, like.digest, &like.body, Moment::now());
    version.frame = sent.expect("compressed in memory").frame;
    version.header.compressed_size = version.frame.len() as u64;
    machine
        .upload_versions(vec![version])
        .await
        .expect("it is taken");
    let shown = collector.show(&machine.id).await;
    let packages = shown["sections"]["software"]["packages"].as_array();
    assert_eq!(packages.map(Vec::len), Some(2000));
}

/// Renewals at once: `ingest::Limits`.
const RENEWALS: usize = 10;

#[tokio::test(flavor = "multi_thread")]
async fn whoever_calls_too_often_and_hangs_up_is_not_read_from_for_a_while() {
    const TIMES: u32 = 3;
    const HELD: Duration = Duration::from_millis(700);
    let collector = TestCollector::start().await;
    let mut noisy = collector.machine("noisy").await;
    let mut quiet = collector.machine("quiet").await;
    quiet.check_in(&[]).await.expect("it is connected");
    let mut client = noisy.client().await.expect("a connection");
    let csr = Applicant::new().expect("a request").csr;
    let renew = || RenewRequest { csr: csr.clone() };
    for _ in 0..RENEWALS {
        client.renew(renew()).await.expect("within its pace");
    }
    let began = Instant::now();
    for _ in 0..TIMES {
        // Given up before the answer, which makes room for the next.
        let given_up = tokio::time::timeout(Duration::from_millis(50), client.renew(renew())).await;
        assert!(given_up.is_err(), "refused without delay: {given_up:?}");
        // Calls of another kind have a pace of their own: only the connection can hold this one up.
        noisy.check_in(&[]).await.expect("it is heard in the end");
    }
    let took = began.elapsed();
    assert!(
        took > HELD * TIMES,
        "{TIMES} calls too many, seen within {took:?}"
    );
    client.renew(renew()).await.expect_err("one more");
    let began = Instant::now();
    quiet.check_in(&[]).await.expect("others go on");
    assert!(
        began.elapsed() < HELD,
        "others waited {:?}",
        began.elapsed()
    );
}
