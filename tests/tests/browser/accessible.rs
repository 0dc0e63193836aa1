//! Everybody can use every page: WCAG 2.2 AA as far as a program can tell, on a phone and on a desk, in
//! light and in dark.

use freehold_tests::{Axe, Chromium, Device, Scheme, TestCollector};

use crate::office::{Office, authority, unfold};

const DEVICES: [Device; 4] = [
    Device {
        width: 390,
        scheme: Scheme::Light,
    },
    Device {
        width: 390,
        scheme: Scheme::Dark,
    },
    Device {
        width: 1440,
        scheme: Scheme::Light,
    },
    Device {
        width: 1440,
        scheme: Scheme::Dark,
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn every_page_keeps_the_rules_of_accessibility() {
    let Some(axe) = Axe::installed() else { return };
    let Some(mut office) = Office::furnished().await else {
        return;
    };
    let pages = office.pages().await;
    let mut wrong = Vec::new();
    for device in DEVICES {
        office.chromium.show_on(device).await;
        for (name, path) in &pages {
            office.show(path).await;
            unfold(&mut office.chromium).await;
            for violation in office.chromium.violations(&axe).await {
                wrong.push(format!("{name} {}: {violation}", device.word()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_door_and_what_follows_a_mistake_keep_them_too() {
    let Some(axe) = Axe::installed() else { return };
    let collector = TestCollector::start().await;
    let Some(mut chromium) = Chromium::start(&[authority(&collector).await]).await else {
        return;
    };
    let home = collector.dashboard().trim_end_matches('/').to_owned();
    let mut wrong = Vec::new();
    for device in DEVICES {
        chromium.show_on(device).await;
        chromium.visit(&format!("{home}/setup")).await;
        wrong.extend(chromium.violations(&axe).await);
        // A code that is none leads back to the form, which says so.
        chromium.forget();
        let refused = "for (const input of document.querySelectorAll('main input')) \
            input.value = 'WRONG-WRONG-12'; document.querySelector('main form').requestSubmit()";
        chromium.evaluate(refused).await;
        chromium.loaded().await;
        assert_eq!(
            chromium
                .text("document.querySelector('[role=alert]')?.id ?? ''")
                .await,
            "problem"
        );
        wrong.extend(chromium.violations(&axe).await);
    }
    crate::office::owner(&collector).await;
    for device in DEVICES {
        chromium.show_on(device).await;
        for path in ["/sign-in", "/setup", "/nonsense"] {
            chromium.visit(&format!("{home}{path}")).await;
            unfold(&mut chromium).await;
            wrong.extend(chromium.violations(&axe).await);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A checker that finds nothing anywhere would prove nothing.
#[tokio::test(flavor = "multi_thread")]
async fn the_checker_sees_a_button_without_a_name_and_text_that_is_too_pale() {
    let Some(axe) = Axe::installed() else { return };
    let Some(mut chromium) = Chromium::start(&[]).await else {
        return;
    };
    let page = "data:text/html,<html lang=en><title>x</title><main><h1>x</h1><button></button>\
        <p style='color:%23ccc;background:%23fff'>pale</p></main></html>";
    chromium.visit(page).await;
    let found = chromium.violations(&axe).await.join("\n");
    assert!(found.contains("button-name"), "{found}");
    assert!(found.contains("color-contrast"), "{found}");
}
