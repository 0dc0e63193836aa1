//! The owner finds a missing antivirus, reads what to ask for, and sets it aside.

use std::time::Duration;

use freehold_proto::v1::{
    Antivirus, Hardware,
    hardware::Product,
    section::{Kind, Status},
};
use freehold_tests::{Chromium, eventually, machine::section};

use crate::office::{Office, finding};

async fn says(chromium: &mut Chromium, text: &str) -> bool {
    let body = chromium.text("document.body.innerText").await;
    body.contains(text)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_antivirus_appears_live_is_read_and_set_aside() {
    let Some(mut office) = Office::open().await else {
        return;
    };
    office.chromium.resize(390).await;
    office.show("/").await;
    office.chromium.evaluate("window.untouched = true").await;
    // The computer that is there already has none either: both are one sentence, which names them.

    let mut machine = office.collector.machine("reception").await;
    let antivirus = Antivirus {
        status: Status::Complete.into(),
        ..Antivirus::default()
    };
    let hardware = Hardware {
        status: Status::Complete.into(),
        product: Some(Product {
            maker: "Dell Inc.".into(),
            model: "OptiPlex 7090".into(),
            serial: "ABC1234".into(),
            ..Product::default()
        }),
        ..Hardware::default()
    };
    let sections = [
        section(Kind::Antivirus, &antivirus),
        section(Kind::Hardware, &hardware),
    ];
    machine.report(&sections).await.expect("reports");
    let said = "reception has no antivirus";
    let (both, names) = ("2 computers have no antivirus", "front-desk, reception");
    let chromium = &mut office.chromium;
    eventually("it is on the page", Duration::from_secs(10), async || {
        (says(chromium, both).await && says(chromium, names).await).then_some(())
    })
    .await;
    assert_eq!(
        chromium.evaluate("window.untouched").await,
        true,
        "the page was reloaded"
    );

    // From the sentence to its page, by a click.
    chromium.forget();
    let link = "[...document.querySelectorAll('.folded a')].find(a => a.textContent.includes('reception has no antivirus')).click()";
    chromium.evaluate(link).await;
    chromium.loaded().await;
    let path = finding(&machine.id, "no-antivirus");
    assert_eq!(chromium.text("location.pathname").await, path);
    let request = chromium
        .text("document.querySelector('.copy code').innerText")
        .await;
    assert!(
        request.contains("reception (Dell Inc. OptiPlex 7090, serial number ABC1234)"),
        "{request}"
    );
    assert!(says(chromium, "every place was read").await);
    assert!(says(chromium, "Copy").await, "no button to copy it");

    // Set aside, with a reason.
    office.show(&format!("{path}/set-aside")).await;
    let chromium = &mut office.chromium;
    chromium.forget();
    let fill = "document.querySelector('#reason').value = 'replaced in spring'; \
        document.querySelector('main form').requestSubmit()";
    chromium.evaluate(fill).await;
    chromium.loaded().await;
    assert!(says(chromium, "Set aside until").await);
    assert!(says(chromium, "replaced in spring").await);
    office.show("/").await;
    assert!(
        !says(&mut office.chromium, said).await,
        "it is still counted"
    );
    assert_eq!(office.chromium.complaints(), Vec::<String>::new());

    // Reading needs no script.
    office.chromium.without_scripts(true).await;
    office.show("/findings?show=aside").await;
    assert!(says(&mut office.chromium, said).await);
}
