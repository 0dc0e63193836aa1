//! The dashboard in a real browser.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod accessible;
mod demo;
mod findings;
mod hostile;
mod https;
mod keyboard;
mod office;
mod paper;
mod pictures;
mod questions;
mod still;
mod story;

use std::time::Duration;

use freehold_tests::{Inventory, eventually};
use office::Office;

#[tokio::test(flavor = "multi_thread")]
async fn every_page_fits_a_phone_asks_nobody_else_and_breaks_nothing() {
    let Some(mut office) = Office::furnished().await else {
        return;
    };
    let pages = office.pages().await;
    let origin = office.address("");
    for width in [360, 1280] {
        office.chromium.resize(width).await;
        for (name, path) in &pages {
            office.show(path).await;
            let chromium = &mut office.chromium;
            let title = chromium
                .evaluate("document.querySelector('h1')?.innerText ?? ''")
                .await;
            assert!(
                title.as_str().is_some_and(|title| !title.is_empty()),
                "{path} has no heading"
            );
            let here = chromium.text("location.pathname + location.search").await;
            assert_eq!(here, *path, "it led elsewhere");
            let wide = chromium
                .evaluate("document.documentElement.scrollWidth")
                .await;
            assert!(
                wide.as_u64() <= Some(width.into()),
                "{path} is {wide} px wide on {width} px"
            );
            assert_eq!(chromium.squeezed().await, Vec::<String>::new(), "{path}");
            // The browser reports a missing page as a failed request, which it is.
            if !["not-found", "too-long-ago"].contains(name) {
                assert_eq!(chromium.complaints(), Vec::<String>::new(), "{path}");
            }
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
    let Some(office) = Office::open().await else {
        return;
    };
    let (mut chromium, collector) = (office.chromium, office.collector);
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
