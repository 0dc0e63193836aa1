//! That a supplier's access ends reaches people who are not looking.

use freehold_tests::{Mailbox, Receiver, TestCollector, eventually, owner::signed_in};
use http::StatusCode;
use serde_json::Value;

use super::{LIMIT, Owner};

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_supplier_s_access_is_told_before_it_comes_and_once() {
    let mut collector = TestCollector::initialised(&[]).await;
    let mut mailbox = Mailbox::start(collector.scratch(), "starttls").await;
    let receiver = Receiver::start().await;
    let authority = mailbox.authority().display().to_string();
    collector.set_variable("SSL_CERT_FILE", &authority);
    collector.resume().await;
    let mut owner = Owner {
        browser: signed_in(&collector).await,
        port: mailbox.port().to_string(),
        url: format!("http://127.0.0.1:{}/hook", receiver.port()),
    };
    for (supplier, days) in [("Acme IT", "3"), ("Long Ltd", "30")] {
        let create = ["grant", "create", supplier, "--days", days];
        collector.run(&create).await.expect();
    }
    // Nothing else is wanted at once.
    let page = owner.set(&[("severity", "")]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let mail = mailbox
        .receives("The access of Acme IT ends on", LIMIT)
        .await;
    assert!(mail.contains("/extend"), "{mail}");
    let told = async |number: usize| {
        eventually("the program is told", LIMIT, async || {
            let told: Vec<Value> = receiver
                .told()
                .iter()
                .filter_map(|told| serde_json::from_str(&told.body).ok())
                .filter(|told: &Value| told["type"] == "access")
                .collect();
            (told.len() >= number).then_some(told)
        })
        .await
    };
    let first = told(1).await;
    assert_eq!(first[0]["ending"][0]["supplier"], "Acme IT");
    assert_eq!(first[0]["ending"][0]["has_ended"], false);

    // Not again after it was killed; another end is other news.
    collector.kill().await;
    collector.resume().await;
    owner.browser = signed_in(&collector).await;
    collector
        .run(&["grant", "extend", "Acme IT", "--days", "2"])
        .await
        .expect();
    owner.try_out().await;
    mailbox.receives("alerts work", LIMIT).await;
    let second = told(2).await;
    assert_eq!(second.len(), 2, "{second:#?}");
    let ends = |told: &Value| told["ending"][0]["ends_at"].clone();
    assert_ne!(ends(&second[0]), ends(&second[1]));
    for told in &second {
        assert_eq!(told["ending"].as_array().map(Vec::len), Some(1), "{told}");
    }
    mailbox.kill().await;
}
