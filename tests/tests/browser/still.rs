//! Pages stand still: what somebody reads is not moved from under their eyes, neither by the script that comes after the
//! page, nor by what happens meanwhile.

use std::time::Duration;

use freehold_tests::{Chromium, Device, Scheme, eventually};

use crate::office::Office;

/// On a phone and on a desk.
const DEVICES: [Device; 2] = [
    Device {
        width: 390,
        scheme: Scheme::Light,
    },
    Device {
        width: 1440,
        scheme: Scheme::Light,
    },
];

/// Browsers call 0.1 good. Here nothing moves but what a pixel is rounded by.
const STILL: f64 = 0.001;

/// With what a browser that is busy paints before it has all of a page.
const NEARLY: f64 = 0.01;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_moves_when_the_script_comes_after_the_page() {
    let Some(mut office) = Office::furnished().await else {
        return;
    };
    let pages = office.pages().await;
    let mut moved = Vec::new();
    for device in DEVICES {
        office.chromium.show_on(device).await;
        for (name, path) in &pages {
            let address = office.address(path);
            office.chromium.visit_with_a_late_script(&address).await;
            let shift = office.chromium.shift().await;
            if shift.sum.is_nan() || shift.sum >= STILL {
                moved.push(format!("{name} {}: {shift:?}", device.word()));
            }
        }
    }
    assert!(moved.is_empty(), "{}", moved.join("\n"));
}

/// Whether a page is longer than the window, and where it begins.
const PLACE: &str = "({ scrolls: document.documentElement.scrollHeight > innerHeight, \
    left: document.querySelector('main').getBoundingClientRect().left })";

/// Where the link to a computer stands in the window.
async fn top(chromium: &mut Chromium, link: &str) -> f64 {
    let top = format!("document.querySelector({link:?}).getBoundingClientRect().top");
    chromium.evaluate(&top).await.as_f64().expect("a number")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_stays_where_it_is_when_something_arrives_above_it() {
    let Some(mut office) = Office::open().await else {
        return;
    };
    let mut ids = Vec::new();
    for number in 10..36 {
        let name = format!("pc-{number}");
        ids.push(office.collector.machine(&name).await.id);
    }
    for (device, first) in DEVICES.into_iter().zip(["aa-first", "aa-second"]) {
        office.chromium.show_on(device).await;
        office.show("/computers").await;
        let (chromium, collector) = (&mut office.chromium, &office.collector);
        chromium.evaluate("window.untouched = true").await;
        let link = format!("a[href=\"/computers/{}\"]", ids[9]);
        let look = format!(
            "document.querySelector({link:?}).scrollIntoView({{ block: 'start', behavior: 'instant' }})"
        );
        chromium.evaluate(&look).await;
        let before = top(chromium, &link).await;
        collector.machine(first).await;
        eventually("it is listed", Duration::from_secs(15), async || {
            let listed = chromium.words().await;
            listed.contains(first).then_some(())
        })
        .await;
        let after = top(chromium, &link).await;
        assert!((before - after).abs() <= 1.0, "from {before} to {after}");
        let shift = chromium.shift().await;
        assert!(shift.sum < NEARLY, "{} {shift:?}", device.word());
        assert_eq!(chromium.evaluate("window.untouched").await, true);
    }
}

/// A busy browser paints what it has of a page before it knows that it is longer than the window.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_moves_sideways_when_a_page_turns_out_to_be_long() {
    let Some(mut office) = Office::open().await else {
        return;
    };
    let path = format!("/computers/{}", office.desk.id);
    for device in DEVICES {
        office.chromium.show_on(device).await;
        office.show(&path).await;
        let long = office.chromium.evaluate(PLACE).await;
        let shorten = "document.querySelector('main').replaceChildren()";
        office.chromium.evaluate(shorten).await;
        let short = office.chromium.evaluate(PLACE).await;
        assert_eq!(long["scrolls"], true, "{} {long}", device.word());
        assert_eq!(short["scrolls"], false, "{} {short}", device.word());
        assert_eq!(long["left"], short["left"], "{}", device.word());
    }
}

/// A measure that never sees anything would prove nothing.
#[tokio::test(flavor = "multi_thread")]
async fn the_measure_sees_what_is_pushed_down() {
    let Some(mut chromium) = Chromium::start(&[]).await else {
        return;
    };
    chromium.show_on(DEVICES[0]).await;
    let page = "data:text/html,<html lang=en><title>x</title><main><h1>What one reads</h1><p>and reads</main></html>";
    chromium.visit(page).await;
    assert_eq!(chromium.shift().await.elements, Vec::<String>::new());
    let push = "new Promise(done => requestAnimationFrame(() => setTimeout(() => { \
        const box = document.createElement('div'); box.style.height = '300px'; \
        document.body.prepend(box); done(); }, 50)))";
    chromium.evaluate(push).await;
    let shift = chromium.shift().await;
    assert!(shift.sum > STILL, "{shift:?}");
    assert!(
        shift
            .elements
            .iter()
            .any(|it| it.contains("What one reads")),
        "{shift:?}"
    );
}
