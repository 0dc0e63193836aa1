//! Questions, asked on their page.

use std::time::Duration;

use freehold_tests::{Axe, Chromium, Device, Scheme, eventually};

use crate::office::Office;

const PHONE: Device = Device {
    width: 390,
    scheme: Scheme::Light,
};

/// Takes minutes, if it is let.
const ENDLESS: &str =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";

/// Enters a statement and asks.
async fn ask(chromium: &mut Chromium, sql: &str) {
    let fill = format!("document.getElementById('sql').value = {sql:?}");
    chromium.evaluate(&fill).await;
    let press = "document.querySelector('#ask button[type=submit]').click()";
    chromium.evaluate(press).await;
}

/// Waits until the answer, or what stands in its place, holds a text.
async fn told(chromium: &mut Chromium, wanted: &str) {
    eventually(wanted, Duration::from_secs(20), async || {
        let text = chromium.text("document.getElementById('answer').innerText");
        text.await.contains(wanted).then_some(())
    })
    .await;
}

async fn fits(chromium: &mut Chromium) {
    let wide = "document.documentElement.scrollWidth";
    let wide = chromium.evaluate(wide).await;
    assert!(wide.as_u64() <= Some(390), "{wide} px wide");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_answered_in_its_place_and_stops_when_told_to() {
    let Some(mut office) = Office::open().await else {
        return;
    };
    office.chromium.show_on(PHONE).await;
    office.show("/questions").await;
    let chromium = &mut office.chromium;
    chromium.evaluate("window.untouched = true").await;
    let stop = "!document.getElementById('stop').hidden";
    assert_eq!(chromium.evaluate(stop).await, false);
    ask(chromium, ENDLESS).await;
    told(chromium, "rows gone through").await;
    assert_eq!(chromium.evaluate(stop).await, true);
    chromium
        .evaluate("document.getElementById('stop').click()")
        .await;
    eventually("it has stopped", Duration::from_secs(5), async || {
        let text = "document.getElementById('answer').innerText.trim()";
        let is_over =
            chromium.evaluate(stop).await == false && chromium.text(text).await.is_empty();
        is_over.then_some(())
    })
    .await;
    // One person has one question at a time: the collector has stopped it too.
    let sql = "SELECT computer, name, version FROM software_packages ORDER BY name LIMIT 3";
    ask(chromium, sql).await;
    told(chromium, "front-desk").await;
    let rows = "document.querySelectorAll('#answer tbody tr').length";
    assert_eq!(chromium.evaluate(rows).await, 3);
    assert_eq!(chromium.evaluate(stop).await, false);
    assert_eq!(chromium.evaluate("window.untouched").await, true);
    let address = chromium.text("decodeURIComponent(location.search.replaceAll('+', ' '))");
    assert!(address.await.contains(sql));
    fits(chromium).await;
    if let Some(axe) = Axe::installed() {
        let wrong = chromium.violations(&axe).await;
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
    ask(chromium, "SELECT name FROM nowhere").await;
    told(chromium, "nowhere").await;
    assert_eq!(chromium.evaluate(stop).await, false);
    fits(chromium).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_are_asked_without_scripts_too() {
    let Some(mut office) = Office::open().await else {
        return;
    };
    office.chromium.show_on(PHONE).await;
    office.chromium.without_scripts(true).await;
    office.show("/questions").await;
    let chromium = &mut office.chromium;
    let follow = "document.querySelector('a[href=\"/questions?ask=common\"]').click()";
    chromium.forget();
    chromium.evaluate(follow).await;
    chromium.loaded().await;
    let heads = chromium.text("document.querySelector('#answer table')?.innerText ?? ''");
    assert!(!heads.await.is_empty());
    fits(chromium).await;
    chromium.forget();
    ask(chromium, "SELECT computer FROM computers").await;
    chromium.loaded().await;
    told(chromium, "front-desk").await;
    fits(chromium).await;
}
