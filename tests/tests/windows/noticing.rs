//! What an agent on Windows notices at once.

use std::time::{Duration, Instant};

use freehold_tests::{TestCollector, Wine};
use serde_json::Value;

use super::{
    APPEARS,
    agent::{SERVICE, install, reported},
};

/// A service of the catalogue, and its product. A service that Wine brings along stands in for it.
const ANTIVIRUS: (&str, &str) = ("ekrn", "ESET");
const STAND_IN: &str = r"C:\windows\system32\spoolsv.exe";

/// How long it may take until the collector shows it: without a notification it would be a minute.
const NOTICED: Duration = Duration::from_secs(15);

fn running_mode(shown: &Value) -> Option<&str> {
    let products = shown["sections"]["antivirus"]["products"].as_array()?;
    let mut products = products.iter();
    products.find(|product| product["name"] == ANTIVIRUS.1)?["running_mode"].as_str()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the MSI and Wine; tests/run windows runs it"]
async fn an_antivirus_that_is_switched_off_is_noticed_at_once() {
    let collector = TestCollector::start().await;
    let wine = Wine::new();
    let (service, _) = ANTIVIRUS;
    let create = ["create", service, "binpath=", STAND_IN, "start=", "demand"];
    wine.run("sc", &create).await.expect();
    wine.run("sc", &["start", service]).await.expect();
    wine.expect_service(service, "RUNNING").await;
    install(&wine, "0.1.0", &collector.token(&[]).await).await;
    wine.expect_service(SERVICE, "RUNNING").await;
    let id = reported(&collector).await;
    collector
        .shows(&id, "it protects", APPEARS, |shown| {
            (running_mode(shown)? == "ACTIVE").then_some(())
        })
        .await;

    for (deed, mode) in [("stop", "STOPPED"), ("start", "ACTIVE")] {
        wine.run("sc", &[deed, service]).await.expect();
        let began = Instant::now();
        let what = format!("it is {mode}");
        collector
            .shows(&id, &what, NOTICED, |shown| {
                (running_mode(shown)? == mode).then_some(())
            })
            .await;
        println!("{what} after {:?}", began.elapsed());
    }
}
