//! The agent's MSI.

use std::{
    fs,
    time::{Duration, Instant},
};

use freehold_agent::identity::JoinString;
use freehold_tests::{
    Machine, TestCollector, Wine, eventually, process::Answer, wine::seen_from_wine,
};
use serde_json::{Value, json};

use super::{APPEARS, Msi};

pub(super) const AGENT: Msi = Msi("agent");
pub(super) const SERVICE: &str = "FreeholdAgent";
pub(super) const KEY: &str = r"HKLM\SOFTWARE\Freehold\Agent";
pub(super) const FOLDER: &str = "Program Files/Freehold Agent";
/// Where somebody may choose to install it instead.
pub(super) const OTHER_FOLDER: &str = "Küche 診察室/Freehold Agent";
pub(super) const STATE: &str = "ProgramData/Freehold";
/// How long a stop may take, by the promise to the service manager.
const STOPS: Duration = Duration::from_secs(5);
const SECTIONS: usize = 8;

pub(super) async fn install(wine: &Wine, version: &str, join: &JoinString) {
    let join = format!("JOIN={}", join.encode());
    let properties = [join.as_str(), "LABELS=Empfang, 受付"];
    assert_eq!(AGENT.installer(wine, "/i", version, &properties).await, 0);
}

pub(super) async fn agent(wine: &Wine, folder: &str, arguments: &[&str]) -> Answer {
    let program = seen_from_wine(&wine.file(folder).join("freehold-agent.exe"));
    wine.run(&program, arguments).await
}

/// Waits until the only computer has reported every section.
pub(super) async fn reported(collector: &TestCollector) -> String {
    eventually("the computer has reported", APPEARS, async || {
        let machines = collector.json(&["machine", "list"]).await;
        let [machine] = machines.as_array()?.as_slice() else {
            return None;
        };
        let id = machine["id"].as_str()?.to_owned();
        let shown = collector.show(&id).await;
        (shown["sections"].as_object()?.len() == SECTIONS).then_some(id)
    })
    .await
}

/// The MSI's own row in the list of software.
fn own_version(shown: &Value) -> Option<String> {
    let packages = shown["sections"]["software"]["packages"].as_array()?;
    let own = packages
        .iter()
        .find(|package| package["name"] == "Freehold agent")?;
    Some(own["version"].as_str()?.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the MSI and Wine; tests/run windows runs it"]
async fn the_msi_installs_joins_upgrades_and_leaves_nothing() {
    let collector = TestCollector::start().await;
    let wine = Wine::new();
    install(&wine, "0.0.9", &collector.token(&[]).await).await;
    wine.expect_service(SERVICE, "RUNNING").await;
    let id = reported(&collector).await;
    assert_eq!(
        wine.registry(KEY, "Join").await,
        "",
        "the join string is erased"
    );
    let shown = collector.show(&id).await;
    it_says_what_it_read(&shown);
    assert_eq!(shown["labels"], json!([]), "what is proposed has no effect");
    assert_eq!(shown["proposed_labels"], json!(["Empfang", "受付"]));
    assert_eq!(wine.registry(KEY, "Labels").await, "");
    it_stops_in_time_and_starts_again(&wine, &collector, &id).await;
    let memory = |program| wine.usage_of(program).expect("it runs").memory();
    let (agent, idle) = (memory("freehold-agent.exe"), memory("cmd"));
    println!("memory: {agent}; of a program of Wine's that does nothing: {idle}");

    assert_eq!(AGENT.installer(&wine, "/i", "0.1.0", &[]).await, 0);
    wine.expect_service(SERVICE, "RUNNING").await;
    collector
        .shows(&id, "the newer version is listed", APPEARS, |shown| {
            (own_version(shown)? == "0.1.0").then_some(())
        })
        .await;
    assert_eq!(reported(&collector).await, id, "the identity is kept");
    repairing_brings_back_what_is_missing(&wine).await;
    assert_eq!(reported(&collector).await, id, "a repair keeps it, too");

    assert_eq!(
        AGENT
            .installer(&wine, "/x", "0.1.0", &["KEEPIDENTITY=1"])
            .await,
        0
    );
    assert!(wine.file(STATE).join("Agent/identity").exists());
    assert_eq!(AGENT.installer(&wine, "/i", "0.1.0", &[]).await, 0);
    wine.expect_service(SERVICE, "RUNNING").await;
    assert_eq!(
        reported(&collector).await,
        id,
        "the identity is taken up again"
    );

    assert_eq!(AGENT.installer(&wine, "/x", "0.1.0", &[]).await, 0);
    nothing_is_left(&wine).await;
}

async fn repairing_brings_back_what_is_missing(wine: &Wine) {
    wine.run("sc", &["stop", SERVICE]).await.expect();
    wine.expect_service(SERVICE, "STOPPED").await;
    let program = wine.file(FOLDER).join("freehold-agent.exe");
    fs::remove_file(&program).expect("the program");
    // What /fa does; Wine wants the product's number with it.
    let repair = ["REINSTALL=ALL", "REINSTALLMODE=amus"];
    assert_eq!(AGENT.installer(wine, "/i", "0.1.0", &repair).await, 0);
    assert!(program.exists());
    wine.expect_service(SERVICE, "RUNNING").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the MSI and Wine; tests/run windows runs it"]
async fn a_join_string_that_is_wrong_used_or_expired_ends_in_a_stopped_service_that_says_why() {
    let collector = TestCollector::start().await;
    let wine = Wine::speaking("de_DE");
    let expired = collector.token(&["--expires", "1s"]).await;
    let wrong = ["JOIN=freehold1:nonsense"];
    assert_eq!(AGENT.installer(&wine, "/i", "0.1.0", &wrong).await, 0);
    it_stops_and_says(&wine, 0, "as JOIN is no join string").await;

    let used = collector.token(&[]).await;
    Machine::join(collector.target(), &used, "somebody-else")
        .await
        .expect("it joins");
    let file = wine.file(STATE).join("Agent/join");
    fs::write(&file, used.encode()).expect("a join string in its file");
    let before = wine.log().len();
    wine.run("sc", &["start", SERVICE]).await;
    it_stops_and_says(&wine, before, "the collector refused").await;
    assert!(!file.exists(), "it is erased");
    assert_eq!(AGENT.installer(&wine, "/x", "0.1.0", &[]).await, 0);
    nothing_is_left(&wine).await;

    let before = wine.log().len();
    install(&wine, "0.1.0", &expired).await;
    it_stops_and_says(&wine, before, "the collector refused").await;
    the_refused_one_goes_away(&wine, &collector, &expired).await;
}

/// The service has stopped, and an event that is not among the first `before` bytes says why.
pub(super) async fn it_stops_and_says(wine: &Wine, before: usize, why: &str) {
    eventually("the reason is in the event log", APPEARS, async || {
        let log = wine.log();
        let log = log.get(before..).unwrap_or_default();
        (log.contains("cannot go on") && log.contains(why)).then_some(())
    })
    .await;
    wine.expect_service(SERVICE, "STOPPED").await;
}

async fn the_refused_one_goes_away(wine: &Wine, collector: &TestCollector, join: &JoinString) {
    // After an upgrade Wine forgets which products are related, so this is tried here.
    assert_ne!(
        AGENT.installer(wine, "/i", "0.0.9", &[]).await,
        0,
        "no downgrade"
    );
    assert_eq!(wine.registry(KEY, "Version").await, "0.1.0");
    assert!(!wine.log().contains(&join.encode()), "{}", wine.log());
    let status = agent(wine, FOLDER, &["status"]).await.expect();
    assert!(status.contains("is not running"), "{status}");
    assert!(status.contains("the collector refused"), "{status}");
    assert_eq!(
        wine.registry(KEY, "Join").await,
        "",
        "the join string is erased"
    );
    let machines = collector.json(&["machine", "list"]).await;
    assert_eq!(machines.as_array().map(Vec::len), Some(1), "{machines}");

    assert_eq!(AGENT.installer(wine, "/x", "0.1.0", &[]).await, 0);
    nothing_is_left(wine).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the MSI and Wine; tests/run windows runs it"]
async fn somebody_who_double_clicks_the_msi_is_asked_for_the_join_string() {
    let collector = TestCollector::start().await;
    let wine = Wine::new();
    let join = collector.token(&[]).await.encode();
    let acts = [
        "type",
        "not a join string",
        "press",
        "Install",
        "press",
        "OK",
        "type",
        &join,
        "press",
        "Install",
        "press",
        "Finish",
    ];
    let answers = wine.answer("Freehold agent", &acts);
    tokio::join!(AGENT.open(&wine, "0.1.0"), answers);
    wine.expect_service(SERVICE, "RUNNING").await;
    reported(&collector).await;
    assert_eq!(wine.registry(KEY, "Join").await, "", "it is erased");

    // Wine goes on with what it reckoned before somebody chose to repair or remove, so that neither can be tried here.
    let answers = wine.answer("Freehold agent", &["press", "Cancel", "press", "Close"]);
    tokio::join!(AGENT.open(&wine, "0.1.0"), answers);
    wine.expect_service(SERVICE, "RUNNING").await;
    assert_eq!(AGENT.installer(&wine, "/x", "0.1.0", &[]).await, 0);
    nothing_is_left(&wine).await;
}

/// Nothing is empty and complete that cannot be empty, and what Wine lacks has a reason.
fn it_says_what_it_read(shown: &Value) {
    let sections = &shown["sections"];
    let system = &sections["system"];
    assert_eq!(system["operating_system"]["id"], "windows", "{system}");
    for fact in ["host_name", "machine_id", "kernel", "architecture"] {
        let value = system[fact].as_str().unwrap_or_default();
        assert!(!value.is_empty(), "no {fact} in {system}");
    }
    assert_eq!(
        own_version(shown).as_deref(),
        Some("0.0.9"),
        "the MSI's own row"
    );
    for (name, list) in [
        ("hardware", "processors"),
        ("software", "packages"),
        ("accounts", "privileges"),
        ("network", "adapters"),
        ("services", "services"),
    ] {
        let section = &sections[name];
        let is_empty = section[list].as_array().is_none_or(Vec::is_empty);
        assert!(
            !is_empty || section["status"] != "COMPLETE",
            "{name} is complete without {list}: {section}"
        );
    }
    for (name, section) in sections.as_object().expect("sections") {
        println!("{name}: {}", section["status"]);
        let diagnostics = section["diagnostics"].as_array().expect("diagnostics");
        assert!(
            section["status"] == "COMPLETE" || !diagnostics.is_empty(),
            "{name} gives no reason: {section}"
        );
    }
}

async fn it_stops_in_time_and_starts_again(wine: &Wine, collector: &TestCollector, id: &str) {
    let began = Instant::now();
    wine.run("sc", &["stop", SERVICE]).await.expect();
    wine.expect_service(SERVICE, "STOPPED").await;
    let took = began.elapsed();
    assert!(took < STOPS, "it took {took:?}");
    let before = collector.show(id).await["last_seen"].clone();
    wine.run("sc", &["start", SERVICE]).await.expect();
    wine.expect_service(SERVICE, "RUNNING").await;
    collector
        .shows(id, "it reports again", APPEARS, |shown| {
            (shown["last_seen"] != before).then_some(())
        })
        .await;
}

pub(super) async fn nothing_is_left(wine: &Wine) {
    assert_eq!(wine.service(SERVICE).await, "", "the service is removed");
    for path in [STATE, FOLDER, OTHER_FOLDER] {
        let path = wine.file(path);
        assert!(!path.exists(), "{} is left", path.display());
    }
    assert_eq!(wine.registry(KEY, "Version").await, "");
}
