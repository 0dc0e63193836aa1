//! The dashboard in a real browser.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use freehold_tests::{Browser, Chromium, Inventory, TestCollector, eventually};

/// An owner with one computer, in a browser.
async fn owner() -> Option<(TestCollector, Browser, Chromium, String)> {
    let mut chromium = Chromium::start().await?;
    let collector = TestCollector::start().await;
    let mut machine = collector.machine("front-desk").await;
    machine
        .report(&Inventory::new(4).sections())
        .await
        .expect("reports");
    let output = collector.run(&["owner", "reset"]).await.expect();
    let code = output
        .lines()
        .find_map(|line| line.strip_prefix("Set-up code: "))
        .expect("a code");
    let mut browser = collector.browser();
    let password = "correct horse battery staple";
    let fields = [
        ("code", code),
        ("name", "Olivia"),
        ("password", password),
        ("again", password),
    ];
    browser.submit("/setup", &fields).await;
    chromium
        .take_cookies(collector.dashboard(), browser.cookies())
        .await;
    Some((collector, browser, chromium, machine.id))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_fits_a_phone_asks_nobody_else_and_breaks_nothing() {
    let Some((collector, _browser, mut chromium, id)) = owner().await else {
        return;
    };
    let origin = collector.dashboard().trim_end_matches('/').to_owned();
    let computer = format!("/computers/{id}");
    let software = format!("{computer}/sections/software");
    let pages = [
        "/",
        "/computers",
        &computer,
        &software,
        "/changes",
        "/add",
        "/settings",
    ];
    for width in [360, 1280] {
        chromium.resize(width).await;
        for path in pages {
            chromium.visit(&format!("{origin}{path}")).await;
            let title = chromium
                .evaluate("document.querySelector('h1')?.innerText ?? ''")
                .await;
            assert!(
                title.as_str().is_some_and(|title| !title.is_empty()),
                "{path} has no heading"
            );
            let here = chromium.evaluate("location.pathname").await;
            assert_eq!(here, path, "it led elsewhere");
            let wide = chromium
                .evaluate("document.documentElement.scrollWidth")
                .await;
            assert!(
                wide.as_u64() <= Some(width.into()),
                "{path} is {wide} px wide on {width} px"
            );
            assert_eq!(chromium.complaints(), Vec::<String>::new(), "{path}");
            for url in chromium.requests() {
                assert!(
                    url.starts_with(&origin) || url.starts_with("data:"),
                    "{path} asks {url}"
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_computer_that_joins_appears_without_reloading() {
    let Some((collector, _browser, mut chromium, _)) = owner().await else {
        return;
    };
    let origin = collector.dashboard().trim_end_matches('/').to_owned();
    chromium.visit(&format!("{origin}/add")).await;
    chromium.evaluate("window.untouched = true").await;
    let mut machine = collector.machine("just-arrived").await;
    machine
        .report(&Inventory::small(9).sections())
        .await
        .expect("reports");
    eventually(
        "the new computer is on the page",
        Duration::from_secs(10),
        async || {
            let text = chromium.evaluate("document.body.innerText").await;
            let text = text.as_str().unwrap_or_default();
            (text.contains("pc-00009") || text.contains("just-arrived")).then_some(())
        },
    )
    .await;
    assert_eq!(
        chromium.evaluate("window.untouched").await,
        true,
        "the page was reloaded"
    );
}
