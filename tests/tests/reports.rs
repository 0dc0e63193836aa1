//! What a machine may send, what is refused, and that a refusal harms nobody else.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::time::{Duration, Instant};

use freehold_agent::snapshot::Collected;
use freehold_proto::{
    limits,
    v1::{
        ChainLink, CheckInRequest, Software, UploadHeader, UploadRequest,
        section::{Kind, Status},
        software::{Package, package},
        upload_request::Part,
    },
};
use freehold_tests::{
    Inventory, Machine, TestCollector,
    machine::{Version, now_ms, section, summary},
    wire,
};
use prost::Message as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_stream::StreamExt as _;
use tonic::Code;

async fn start() -> (TestCollector, Machine) {
    let collector = TestCollector::start().await;
    let machine = collector.machine("reporting").await;
    (collector, machine)
}

/// A software section with some packages.
fn software(names: impl IntoIterator<Item = String>) -> Collected {
    let packages = names.into_iter().map(|name| Package {
        name,
        source: package::Source::Dpkg.into(),
        ..Package::default()
    });
    let status = Status::Complete.into();
    let packages = packages.collect();
    section(
        Kind::Software,
        &Software {
            status,
            packages,
            ..Software::default()
        },
    )
}

/// Uploads one version, expects it to be refused for `field`, and that the connection survives.
async fn refused(machine: &mut Machine, version: Version, field: &str) {
    let mut client = machine.client().await.expect("a connection");
    let messages = tokio_stream::iter(version.messages());
    let status = client
        .upload(messages)
        .await
        .expect_err("it must be refused");
    let expected = matches!(
        status.code(),
        Code::InvalidArgument | Code::ResourceExhausted
    );
    assert!(expected, "{status:?}");
    assert!(
        status.message().contains(field),
        "no '{field}' in: {}",
        status.message()
    );
    let link = machine.chain.link();
    let request = CheckInRequest {
        chain: Some(link),
        clock_unix_ms: now_ms(),
        ..Default::default()
    };
    client
        .check_in(request)
        .await
        .expect("the connection survives");
    machine.chain.answered();
}

async fn packages(collector: &TestCollector, machine: &Machine) -> Vec<String> {
    let shown = collector.show(&machine.id).await;
    let packages = shown["sections"]["software"]["packages"]
        .as_array()
        .cloned();
    let names = packages.unwrap_or_default().into_iter();
    names
        .map(|package| package["name"].as_str().expect("a name").to_owned())
        .collect()
}

#[tokio::test]
async fn a_report_is_shown_as_it_was_sent_and_not_asked_for_again() {
    let (collector, mut machine) = start().await;
    let inventory = Inventory::new(7);
    let sections = inventory.sections();
    assert_eq!(machine.report(&sections).await.expect("reports"), 8);
    assert_eq!(machine.report(&sections).await.expect("reports"), 0);
    let names = packages(&collector, &machine).await;
    let sent = Software::decode(inventory.software().body.as_slice()).expect("software");
    assert_eq!(
        names,
        sent.packages
            .into_iter()
            .map(|package| package.name)
            .collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn only_what_differs_is_asked_for() {
    let (collector, mut machine) = start().await;
    let mut inventory = Inventory::small(3);
    machine
        .report(&inventory.sections())
        .await
        .expect("reports");
    inventory.upgrade_a_package();
    let wanted = machine
        .check_in(&inventory.sections())
        .await
        .expect("an answer")
        .wanted;
    assert_eq!(wanted, [i32::from(Kind::Software)]);
    machine
        .upload(&[inventory.software()])
        .await
        .expect("uploads");
    let changes = collector.changes(&machine.id).await;
    assert!(changes[0].contains("-> 99.1"), "{changes:?}");
}

#[tokio::test]
async fn a_section_another_machine_has_is_asked_for_all_the_same() {
    let (collector, mut one) = start().await;
    let mut two = collector.machine("twin").await;
    let section = [software(["openssl".to_owned()])];
    assert_eq!(one.report(&section).await.expect("reports"), 1);
    assert_eq!(two.report(&section).await.expect("reports"), 1);
}

#[tokio::test]
async fn bytes_that_do_not_fit_their_digest_are_refused() {
    let (collector, mut machine) = start().await;
    let mut version = machine.version(&software(["a".to_owned()]), 0);
    version.header.digest[0] ^= 1;
    refused(&mut machine, version, "digest").await;
    let mut version = machine.version(&software(["a".to_owned()]), 0);
    version.header.digest.pop();
    refused(&mut machine, version, "digest").await;
    assert!(packages(&collector, &machine).await.is_empty());
}

#[tokio::test]
async fn an_unknown_section_is_refused_by_its_number() {
    let (_collector, mut machine) = start().await;
    for kind in [0, 99, -1] {
        let mut version = machine.version(&software(["a".to_owned()]), 0);
        version.header.kind = kind;
        refused(&mut machine, version, "kind").await;
    }
}

#[tokio::test]
async fn sections_of_newer_agents_are_passed_over_in_a_check_in() {
    let (_collector, mut machine) = start().await;
    let mut unknown = summary(&software([]), 0);
    unknown.kind = 77;
    let answer = machine
        .check_in_with(vec![unknown], None)
        .await
        .expect("an answer");
    assert_eq!(answer.wanted, Vec::<i32>::new());
}

#[tokio::test]
async fn an_oversized_message_is_refused() {
    let (_collector, mut machine) = start().await;
    let mut version = machine.version(&software(["a".to_owned()]), 0);
    version.frame = vec![7; limits::MESSAGE_BYTES + 1];
    version.header.compressed_size = version.frame.len() as u64;
    version.header.size = version.frame.len() as u64;
    let header = UploadRequest {
        part: Some(Part::Header(version.header)),
    };
    let chunk = UploadRequest {
        part: Some(Part::Chunk(version.frame.into())),
    };
    let status = machine
        .upload_messages(vec![header, chunk])
        .await
        .expect_err("too large");
    let expected = matches!(
        status.code(),
        Code::InvalidArgument | Code::ResourceExhausted
    );
    assert!(expected, "{status:?}");
    machine.check_in(&[]).await.expect("it is served again");
}

#[tokio::test]
async fn a_chunk_over_its_limit_is_refused() {
    let (_collector, mut machine) = start().await;
    let mut version = machine.version(&software(["a".to_owned()]), 0);
    version.frame = vec![7; limits::CHUNK_BYTES + 1];
    version.header.compressed_size = version.frame.len() as u64;
    version.header.size = version.frame.len() as u64;
    let header = UploadRequest {
        part: Some(Part::Header(version.header)),
    };
    let chunk = UploadRequest {
        part: Some(Part::Chunk(version.frame.into())),
    };
    let status = machine
        .upload_messages(vec![header, chunk])
        .await
        .expect_err("too large");
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    assert!(status.message().contains("chunk"), "{status:?}");
}

#[tokio::test]
async fn a_zip_bomb_does_not_go_off() {
    let (mut collector, mut machine) = start().await;
    let bomb = Collected::now(Kind::Software, vec![0; limits::SECTION_BYTES as usize]);
    let version = machine.version(&bomb, 0);
    refused(&mut machine, version, "size").await;
    // The same with a header that lies about what comes out of the frame.
    let mut lying = machine.version(&bomb, 0);
    lying.header.size = lying.header.compressed_size * 10;
    refused(&mut machine, lying, "decompressed").await;
    // More than a section may be.
    let mut larger = machine.version(&software(["a".to_owned()]), 0);
    larger.header.size = limits::SECTION_BYTES + 1;
    refused(&mut machine, larger, "size").await;
    let usage = freehold_tests::load::Usage::of(collector.process().id());
    assert!(usage.peak < 400 << 20, "{}", usage.memory());
}

#[tokio::test]
async fn a_section_with_too_many_items_is_refused() {
    let (collector, mut machine) = start().await;
    let names = |count: usize| {
        (0..count).map(|index| blake3::hash(&index.to_le_bytes()).to_hex()[..12].to_owned())
    };
    let version = machine.version(&software(names(limits::SECTION_ITEMS + 1)), 0);
    refused(&mut machine, version, "200000").await;
    machine
        .upload(&[software(names(2000))])
        .await
        .expect("fewer are fine");
    assert_eq!(packages(&collector, &machine).await.len(), 2000);
}

#[tokio::test]
async fn bytes_that_are_not_the_section_they_claim_are_refused() {
    let (collector, mut machine) = start().await;
    let mut invalid_utf8 = software(["aaaa".to_owned()]).body;
    let at = invalid_utf8
        .windows(4)
        .position(|window| window == b"aaaa")
        .expect("the name");
    invalid_utf8[at] = 0xff;
    let mut endless = software(["a".to_owned()]).body;
    endless.extend([0x1a, 0xff, 0xff, 0xff, 0x0f]);
    let long = software(["x".repeat(limits::STRING_BYTES + 1)]).body;
    for (body, field) in [(invalid_utf8, "UTF-8"), (endless, ""), (long, "4")] {
        let version = machine.version(&Collected::now(Kind::Software, body), 0);
        refused(&mut machine, version, field).await;
    }
    let mut not_zstd = machine.version(&software(["a".to_owned()]), 0);
    not_zstd.frame.fill(0x55);
    refused(&mut machine, not_zstd, "").await;
    assert!(packages(&collector, &machine).await.is_empty());
    let shown = collector.show(&machine.id).await;
    assert_ne!(
        shown["notices"].as_array().map(Vec::len),
        Some(0),
        "nobody is told of it"
    );
}

#[tokio::test]
async fn names_with_control_and_bidi_characters_and_html_arrive_as_they_are() {
    let (collector, mut machine) = start().await;
    let mut names = [
        "=cmd|' /C calc'!A0",
        "<script>alert(1)</script>",
        "\u{1b}[31mred",
        "a\u{202e}gpj.exe",
        "line\nbreak",
    ]
    .map(str::to_owned);
    names.sort();
    let nothing = software([]);
    machine.upload(&[nothing]).await.expect("uploads");
    machine
        .upload(&[software(names.clone())])
        .await
        .expect("uploads");
    assert_eq!(packages(&collector, &machine).await, names);
    let readable = collector
        .run(&["machine", "show", &machine.id])
        .await
        .expect();
    for raw in ["\u{1b}", "\u{202e}"] {
        assert!(
            !readable.contains(raw),
            "a terminal would obey: {readable:?}"
        );
    }
    // The timeline names them, so that there is something to obey.
    assert!(readable.contains("gpj.exe"), "{readable}");
}

#[tokio::test]
async fn a_wrong_clock_does_not_move_the_timeline() {
    let (collector, mut machine) = start().await;
    let years = 5 * 365 * 24 * 60 * 60 * 1000;
    let request = CheckInRequest {
        chain: Some(machine.chain.link()),
        clock_unix_ms: now_ms() + years,
        ..CheckInRequest::default()
    };
    machine.send_check_in(request).await.expect("an answer");
    let hour = 60 * 60 * 1000;
    let version = machine.version(&software(["a".to_owned()]), hour);
    machine
        .upload_versions(vec![version])
        .await
        .expect("uploads");
    let shown = collector.show(&machine.id).await;
    assert!(
        shown["notices"].to_string().contains("clock"),
        "{}",
        shown["notices"]
    );
    let collected = shown["sections"]["software"]["collected_at"]
        .as_str()
        .expect("a time");
    let format = &time::format_description::well_known::Rfc3339;
    let collected = time::OffsetDateTime::parse(collected, format).expect("RFC 3339");
    let age = time::OffsetDateTime::now_utc() - collected;
    assert!(
        (age - time::Duration::HOUR).abs() < time::Duration::MINUTE,
        "{age}"
    );
}

#[tokio::test]
async fn an_age_beyond_belief_is_refused() {
    let (_collector, mut machine) = start().await;
    let version = machine.version(&software(["a".to_owned()]), u64::MAX);
    refused(&mut machine, version, "age").await;
}

#[tokio::test]
async fn a_replayed_upload_is_acknowledged_without_effect() {
    let (collector, mut machine) = start().await;
    let old = machine.version(&software(["a".to_owned()]), 0);
    let new = machine.version(&software(["a".to_owned(), "b".to_owned()]), 0);
    machine
        .upload_versions(vec![old.clone(), new.clone()])
        .await
        .expect("uploads");
    let before = collector.changes(&machine.id).await;
    machine
        .upload_versions(vec![old])
        .await
        .expect("acknowledged");
    machine
        .upload_versions(vec![new])
        .await
        .expect("acknowledged");
    assert_eq!(packages(&collector, &machine).await, ["a", "b"]);
    assert_eq!(collector.changes(&machine.id).await, before);
}

#[tokio::test]
async fn a_spool_delivered_out_of_order_never_turns_the_clock_back() {
    let (collector, mut machine) = start().await;
    let minute = 60_000;
    let first = machine.version(&software(["a".to_owned()]), 3 * minute);
    let second = machine.version(&software(["a".to_owned(), "b".to_owned()]), 2 * minute);
    let third = machine.version(&software(["c".to_owned()]), minute);
    machine
        .upload_versions(vec![first, third])
        .await
        .expect("uploads");
    // Acknowledged without effect or refused: either way the newest stays.
    let _ = machine.upload_versions(vec![second]).await;
    assert_eq!(packages(&collector, &machine).await, ["c"]);
}

#[tokio::test]
async fn a_spool_is_one_timeline_with_true_times() {
    let (collector, mut machine) = start().await;
    let minute = 60_000;
    let mut versions = Vec::new();
    for (index, age) in [30, 20, 10].into_iter().enumerate() {
        let names = (0..=index).map(|index| format!("package-{index}"));
        versions.push(machine.version(&software(names), age * minute));
    }
    machine.upload_versions(versions).await.expect("uploads");
    let shown = collector.show(&machine.id).await;
    let ages: Vec<_> = ["package package-2 added", "package package-1 added"]
        .iter()
        .map(|summary| {
            let changes = shown["changes"].as_array().expect("changes");
            let change = changes
                .iter()
                .find(|change| change["summary"] == *summary)
                .expect(summary);
            let format = &time::format_description::well_known::Rfc3339;
            let at = time::OffsetDateTime::parse(change["at"].as_str().expect("a time"), format);
            (time::OffsetDateTime::now_utc() - at.expect("RFC 3339")).whole_minutes()
        })
        .collect();
    assert_eq!(ages, [10, 20]);
}

#[tokio::test]
async fn an_upload_cut_off_in_the_middle_leaves_nothing() {
    let (collector, mut machine) = start().await;
    let big = software((0..5000).map(|index| format!("package-{index}-{}", index * 7919)));
    let version = machine.version(&big, 0);
    let mut half = version.clone();
    half.frame.truncate(half.frame.len() / 2);
    let half = half.messages();
    let status = machine
        .upload_messages(half)
        .await
        .expect_err("half a section");
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    assert!(packages(&collector, &machine).await.is_empty());
    machine
        .upload_versions(vec![version])
        .await
        .expect("the whole is accepted afterwards");
    assert_eq!(packages(&collector, &machine).await.len(), 5000);
}

#[tokio::test]
async fn chunks_without_a_header_are_refused() {
    let (_collector, mut machine) = start().await;
    let chunk = UploadRequest {
        part: Some(Part::Chunk(vec![1, 2, 3].into())),
    };
    for messages in [vec![chunk], vec![UploadRequest { part: None }]] {
        let status = machine
            .upload_messages(messages)
            .await
            .expect_err("no header");
        assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_loris_holds_up_nobody_else() {
    let (collector, machine) = start().await;
    let mut silent = Vec::new();
    for index in 0..200 {
        silent.push(
            wire::tcp(collector.target().seen_from(index))
                .await
                .expect("TCP"),
        );
    }
    let mut streams = Vec::new();
    for _ in 0..20 {
        let mut slow = machine.cloned();
        streams.push(tokio::spawn(async move {
            let header = UploadHeader {
                kind: Kind::Software.into(),
                digest: vec![1; 32],
                size: 1000,
                compressed_size: 900,
                sequence: 1000,
                age_ms: 0,
            };
            let header = UploadRequest {
                part: Some(Part::Header(header)),
            };
            let endless = tokio_stream::once(header).chain(tokio_stream::pending());
            let mut client = slow.client().await.expect("a connection");
            client.upload(endless).await.map(drop)
        }));
    }
    let began = Instant::now();
    let mut honest = collector.machine("honest").await;
    honest
        .report(&Inventory::small(1).sections())
        .await
        .expect("reports");
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "it took {:?}",
        began.elapsed()
    );
    let ended = async {
        for stream in streams {
            stream
                .await
                .expect("no panic")
                .expect_err("it never sent the rest");
        }
    };
    tokio::time::timeout(Duration::from_secs(90), ended)
        .await
        .expect("slow streams are ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_never_says_who_it_is_is_closed() {
    let (collector, _machine) = start().await;
    let mut silent = wire::tcp(collector.target()).await.expect("TCP");
    let mut half = wire::tcp(collector.target()).await.expect("TCP");
    half.write_all(&[0x16, 0x03, 0x01])
        .await
        .expect("the beginning of a ClientHello");
    let closed = async {
        let mut nothing = [0; 64];
        while silent.read(&mut nothing).await.is_ok_and(|read| read > 0) {}
        while half.read(&mut nothing).await.is_ok_and(|read| read > 0) {}
    };
    tokio::time::timeout(Duration::from_secs(30), closed)
        .await
        .expect("closed by the collector");
}

#[tokio::test]
async fn a_clone_is_noticed_by_its_forked_chain() {
    let (collector, mut machine) = start().await;
    machine.check_in(&[]).await.expect("one");
    let mut clone = machine.cloned();
    machine.check_in(&[]).await.expect("two");
    assert_eq!(
        collector.show(&machine.id).await["notices"]
            .as_array()
            .map(Vec::len),
        Some(0)
    );
    clone
        .check_in(&[])
        .await
        .expect("the clone is answered: its owner decides");
    machine.check_in(&[]).await.expect("so is the original");
    let notices = collector.show(&machine.id).await["notices"].to_string();
    assert!(
        notices.contains("clone") || notices.contains("same key"),
        "{notices}"
    );
}

#[tokio::test]
async fn a_lost_answer_is_no_clone() {
    let (collector, mut machine) = start().await;
    machine.check_in(&[]).await.expect("one");
    let request = CheckInRequest {
        chain: Some(machine.chain.link()),
        clock_unix_ms: now_ms(),
        ..CheckInRequest::default()
    };
    for _ in 0..3 {
        let mut client = machine.client().await.expect("a connection");
        client
            .check_in(request.clone())
            .await
            .expect("an answer that gets lost");
    }
    machine.check_in(&[]).await.expect("the same link again");
    machine.check_in(&[]).await.expect("the next link");
    assert_eq!(
        collector.show(&machine.id).await["notices"]
            .as_array()
            .map(Vec::len),
        Some(0)
    );
}

#[tokio::test]
async fn a_gap_in_what_a_machine_could_tell_stands_in_its_timeline() {
    let (collector, mut machine) = start().await;
    let request = CheckInRequest {
        chain: Some(machine.chain.link()),
        clock_unix_ms: now_ms(),
        spool_lost: 7,
        ..CheckInRequest::default()
    };
    machine.send_check_in(request).await.expect("an answer");
    let changes = collector.changes(&machine.id).await;
    assert!(changes[0].starts_with("7 reports were lost"), "{changes:?}");
}

#[tokio::test]
async fn a_malformed_chain_is_refused() {
    let (_collector, mut machine) = start().await;
    let link = ChainLink {
        counter: 1,
        previous: vec![],
        next: vec![1, 2, 3],
    };
    let request = CheckInRequest {
        chain: Some(link),
        ..CheckInRequest::default()
    };
    let status = machine.send_check_in(request).await.expect_err("3 bytes");
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    assert!(status.message().contains("chain"), "{status:?}");
}
