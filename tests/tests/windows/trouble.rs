//! An agent on Windows that cannot do what it should, and what is recorded to find out why.

use freehold_agent::identity::JoinString;
use freehold_tests::{TestCollector, Wine, eventually};
use serde_json::Value;

use super::{
    APPEARS,
    agent::{AGENT, FOLDER, OTHER_FOLDER, SERVICE, STATE, agent, nothing_is_left},
};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the MSI and Wine; tests/run windows runs it"]
async fn out_of_reach_twice_or_damaged_it_says_so_wherever_it_is_installed() {
    let collector = TestCollector::start().await;
    let wine = Wine::new();
    let join = JoinString {
        addresses: vec!["127.0.0.1:1".to_owned()],
        ..collector.token(&[]).await
    };
    let properties = [
        format!("JOIN={}", join.encode()),
        format!(r"INSTALLFOLDER=C:\{}", OTHER_FOLDER.replace('/', r"\")),
    ];
    let properties = properties.each_ref().map(String::as_str);
    assert_eq!(
        AGENT.installer(&wine, "/i", "0.1.0", &properties).await,
        0,
        "the package installs without its collector"
    );
    let ask = async |arguments: &[&str]| agent(&wine, OTHER_FOLDER, arguments).await;
    eventually("its status says what it waits for", APPEARS, async || {
        let status = ask(&["status"]).await.output;
        status
            .contains("does not answer; trying again in")
            .then_some(())
    })
    .await;
    wine.expect_service(SERVICE, "RUNNING").await;
    let second = ask(&["run"]).await;
    assert_eq!(second.code, 1);
    assert!(
        second.errors.contains("another agent is already running"),
        "{second:?}"
    );

    wine.run("sc", &["stop", SERVICE]).await.expect();
    wine.expect_service(SERVICE, "STOPPED").await;
    let identity = wine.file(STATE).join("Agent/identity");
    std::fs::write(&identity, "damaged").expect("a damaged identity");
    wine.run("sc", &["start", SERVICE]).await;
    eventually("the damage is in the event log", APPEARS, async || {
        let log = wine.log();
        (log.contains("cannot go on") && log.contains("identity")).then_some(())
    })
    .await;
    wine.expect_service(SERVICE, "STOPPED").await;
    let kept = std::fs::read(&identity).expect("the damaged identity");
    assert_eq!(kept, b"damaged", "nothing is overwritten");
    assert_eq!(AGENT.installer(&wine, "/x", "0.1.0", &[]).await, 0);
    nothing_is_left(&wine).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the MSI and Wine; tests/run windows runs it"]
async fn what_is_recorded_names_neither_the_person_nor_the_computer() {
    let wine = Wine::new();
    assert_eq!(AGENT.installer(&wine, "/i", "0.1.0", &[]).await, 0);
    let record = [r"snapshot", "--record", r"C:\診察 rows.json"];
    agent(&wine, FOLDER, &record).await.expect();
    let text = std::fs::read_to_string(wine.file("診察 rows.json")).expect("the recording");
    let rows: Value = serde_json::from_str(&text).expect("JSON");
    assert!(
        rows["asked"]
            .as_array()
            .is_some_and(|asked| asked.len() > 20)
    );
    let host = wine.run("hostname", &[]).await.expect();
    let text = text.to_lowercase();
    assert!(
        !text.contains(host.trim().to_lowercase().as_str()),
        "{text}"
    );
    assert!(
        text.contains("s-1-5-32-544") && text.contains("freeholdagent"),
        "{text}"
    );
    let again = agent(&wine, FOLDER, &record).await;
    assert_eq!(again.code, 1, "what is there is not overwritten");
}
