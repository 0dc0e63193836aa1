//! The demo, through the real program: what it shows, that it is marked, kept apart, and leaves nothing behind.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::{collections::BTreeSet, time::Duration};

use freehold_tests::{Browser, Demo, TestCollector, eventually, process::Answer};
use serde_json::Value;
use time::OffsetDateTime;

#[tokio::test(flavor = "multi_thread")]
async fn a_demo_shows_a_year_of_fourteen_computers_and_goes_without_a_trace() {
    let mut demo = Demo::start().await;
    println!("made and started in {:.1} s", demo.took.as_secs_f64());
    let machines = demo.json(&["machine", "list"]).await;
    there_are_fourteen(&machines);
    let mut owner = demo.owner().await;
    every_page_is_marked(&mut owner).await;
    much_is_found(&mut owner).await;
    the_year_is_there(&demo, &mut owner).await;
    suppliers_have_come(&mut owner).await;
    nothing_is_mixed(&demo).await;
    it_goes_on_after_a_restart(&mut demo).await;
    let command = demo
        .printed
        .iter()
        .find_map(|line| line.strip_prefix("Remove it: "));
    let expected = format!(
        "freehold-collector demo remove --data {}",
        demo.data().display()
    );
    assert_eq!(command, Some(expected.as_str()));
    demo.run(&["demo", "remove"]).await.refused(&["is running"]);
    demo.stop().await;
    demo.run(&["demo", "remove"]).await.expect();
    assert!(!demo.data().exists());
}

fn there_are_fourteen(machines: &Value) {
    let machines = machines.as_array().expect("a list");
    let in_service = machines
        .iter()
        .filter(|machine| machine["state"] == "ACTIVE" || machine["state"] == "WAITING");
    let names: BTreeSet<&str> = in_service.filter_map(|it| it["name"].as_str()).collect();
    assert_eq!(names.len(), 14, "{names:?}");
}

async fn every_page_is_marked(owner: &mut Browser) {
    let mut stranger = Browser::new(&format!("http://{}", owner.host()));
    let pages = [
        "/",
        "/findings",
        "/computers",
        "/software",
        "/administrators",
        "/changes",
        "/access",
        "/access/log",
        "/settings",
        "/add",
        "/difference",
        "/search?q=a",
        "/nothing-here",
    ];
    let mut shown = vec![
        stranger.visit("/sign-in").await,
        stranger.visit("/setup").await,
    ];
    for path in pages {
        shown.push(owner.visit(path).await);
    }
    for page in shown {
        assert!(page.text.contains("<title>Demo \u{b7} "), "{}", page.text);
        assert!(page.text.contains("id=\"demo\""), "{}", page.text);
        assert!(page.text.contains("does not exist"), "{}", page.text);
    }
}

async fn much_is_found(owner: &mut Browser) {
    let page = owner.visit("/").await.text;
    assert!(page.contains("14 computers"), "{page}");
    let page = owner.visit("/findings").await.text;
    for said in ["Surgery 1", "no antivirus", "helpdesk-temp"] {
        assert!(page.contains(said), "no {said} in {page}");
    }
}

async fn the_year_is_there(demo: &Demo, owner: &mut Browser) {
    let server = demo.computer("Practice server").await;
    let day = |ago: u64| {
        let now = std::time::SystemTime::now() - Duration::from_secs(ago * 24 * 60 * 60);
        let at = OffsetDateTime::from(now);
        format!(
            "{:04}-{:02}-{:02}",
            at.year(),
            u8::from(at.month()),
            at.day()
        )
    };
    let first = owner
        .visit(&format!("/computers/{server}?at={}", day(360)))
        .await;
    assert!(first.text.contains("Practice server"), "{}", first.text);
    let before = owner.visit(&format!("/computers?at={}", day(365))).await;
    assert!(!before.text.contains("Surgery 1"), "{}", before.text);
    // The licence of the antivirus ended in between.
    let surgery = demo.computer("Surgery 1").await;
    let then = owner
        .visit(&format!("/computers/{surgery}?at={}", day(100)))
        .await;
    assert!(
        then.text.contains("ESET Endpoint Security"),
        "{}",
        then.text
    );
    let now = owner.visit(&format!("/computers/{surgery}")).await;
    assert!(
        !now.text.contains("ESET Endpoint Security is"),
        "{}",
        now.text
    );
    let changed = owner
        .visit(&format!("/difference?from={}&to={}", day(100), day(50)))
        .await;
    assert!(
        changed.text.contains("ESET Endpoint Security"),
        "{}",
        changed.text
    );
}

async fn suppliers_have_come(owner: &mut Browser) {
    let page = owner.visit("/access").await.text;
    for name in ["Larkspindle IT", "Brasskettle Systems", "Juno Thistlewick"] {
        assert!(page.contains(name), "no {name} in {page}");
    }
    let log = owner.visit("/access/log").await.text;
    assert!(log.contains("Juno Thistlewick"), "{log}");
}

async fn nothing_is_mixed(demo: &Demo) {
    // The running demo holds the store; what is refused is refused before that is touched.
    let real = Answer::of(demo.quickstart(&[])).await;
    real.refused(&["holds a demo", "made up"]);
    demo.run(&["serve"]).await.refused(&["holds a demo"]);
    let collector = TestCollector::initialised(&[]).await;
    collector
        .run(&["quickstart", "--demo", "--no-browser"])
        .await
        .refused(&["real collector"]);
    collector
        .run(&["demo", "remove"])
        .await
        .refused(&["real collector"]);
    assert!(collector.data().join("store").exists());
}

async fn it_goes_on_after_a_restart(demo: &mut Demo) {
    demo.stop().await;
    demo.resume().await;
    let server = demo.computer("Practice server").await;
    let last_seen = async || {
        let shown = demo.json(&["machine", "show", &server]).await;
        shown["last_seen"].as_str().map(str::to_owned)
    };
    let before = last_seen().await;
    eventually(
        "the server is heard again",
        Duration::from_secs(60),
        async || (last_seen().await > before).then_some(()),
    )
    .await;
    // Its chain of check-ins goes on: nobody takes it for a copy.
    let shown = demo.json(&["machine", "show", &server]).await.to_string();
    assert!(!shown.contains("another computer uses its key"), "{shown}");
}
