//! An agent on Windows that cannot do what it should, and what is recorded to find out why.

use std::fs;

use freehold_agent::identity::JoinString;
use freehold_tests::{
    TestCollector, Wine,
    disk::{SmallDisk, fill},
    eventually,
    process::Answer,
    wine::seen_from_wine,
};
use serde_json::Value;

use super::{
    APPEARS,
    agent::{
        AGENT, FOLDER, OTHER_FOLDER, SERVICE, STATE, agent, install, it_stops_and_says,
        nothing_is_left, reported,
    },
};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the MSI and Wine; tests/run windows runs it"]
async fn out_of_reach_twice_or_damaged_it_says_so_wherever_it_is_installed() {
    let collector = TestCollector::start().await;
    // Where an i is not what a small I is.
    let wine = Wine::speaking("tr_TR");
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
        AGENT.installer(&wine, "/i", "0.0.9", &properties).await,
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
    fs::write(&identity, "damaged").expect("a damaged identity");
    wine.run("sc", &["start", SERVICE]).await;
    eventually("the damage is in the event log", APPEARS, async || {
        let log = wine.log();
        (log.contains("cannot go on") && log.contains("identity")).then_some(())
    })
    .await;
    wine.expect_service(SERVICE, "STOPPED").await;
    let kept = fs::read(&identity).expect("the damaged identity");
    assert_eq!(kept, b"damaged", "nothing is overwritten");
    assert_eq!(AGENT.installer(&wine, "/i", "0.1.0", &[]).await, 0);
    let program = wine.file(OTHER_FOLDER).join("freehold-agent.exe");
    assert!(program.exists(), "an upgrade stays where it was installed");
    assert!(identity.exists(), "and keeps the identity, whatever it is");
    assert_eq!(AGENT.installer(&wine, "/x", "0.1.0", &[]).await, 0);
    nothing_is_left(&wine).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the MSI and Wine; tests/run windows runs it"]
async fn what_is_recorded_names_neither_the_person_nor_the_computer() {
    let wine = Wine::speaking("ja_JP");
    assert_eq!(AGENT.installer(&wine, "/i", "0.1.0", &[]).await, 0);
    let record = [r"snapshot", "--record", r"C:\診察 rows.json"];
    agent(&wine, FOLDER, &record).await.expect();
    let text = fs::read_to_string(wine.file("診察 rows.json")).expect("the recording");
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

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the MSI and Wine; tests/run windows runs it"]
async fn a_domain_controller_whose_directory_does_not_answer_says_what_may_be_missing() {
    let wine = Wine::new();
    assert_eq!(AGENT.installer(&wine, "/i", "0.1.0", &[]).await, 0);
    let system = async || {
        let shown = agent(&wine, FOLDER, &["snapshot", "--format", "json"]).await;
        let shown: Value = serde_json::from_str(&shown.expect()).expect("JSON");
        shown["sections"]["system"].clone()
    };
    let about_roles = |system: &Value| system.to_string().contains("operation-master roles");
    let plain = system().await;
    assert!(plain["host_name"].is_string(), "{plain}");
    assert!(!about_roles(&plain), "{plain}");
    let options = r"HKLM\SYSTEM\CurrentControlSet\Control\ProductOptions";
    let kind = ["add", options, "/v", "ProductType", "/d", "LanmanNT", "/f"];
    wine.run("reg", &kind).await.expect();
    let controller = system().await;
    assert_eq!(controller["domain"]["role"], "DOMAIN_CONTROLLER");
    assert!(about_roles(&controller), "{controller}");
    assert_eq!(controller["status"], "PARTIAL");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the MSI and Wine; tests/run windows runs it"]
async fn a_clock_that_is_wrong_is_reported_and_keeps_nobody_from_joining() {
    let collector = TestCollector::start().await;
    let wine = Wine::at_another_time("-400d");
    install(&wine, "0.1.0", &collector.token(&[]).await).await;
    wine.expect_service(SERVICE, "RUNNING").await;
    reported(&collector).await;
    let log = wine.log();
    assert!(log.contains("this computer's clock says"), "{log}");
    let status = agent(&wine, FOLDER, &["status"]).await.expect();
    assert!(status.contains("The clock is wrong: "), "{status}");
    assert!(status.contains("reports to the collector"), "{status}");
    // Removed while it runs.
    assert_eq!(AGENT.installer(&wine, "/x", "0.1.0", &[]).await, 0);
    nothing_is_left(&wine).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the MSI and Wine; tests/run windows runs it"]
async fn a_full_disk_is_named_and_nothing_is_lost_once_there_is_space() {
    let collector = TestCollector::start().await;
    let Some(disk) = SmallDisk::mount(&collector.scratch().join("small"), "4m") else {
        return;
    };
    let wine = Wine::new();
    assert_eq!(AGENT.installer(&wine, "/i", "0.1.0", &[]).await, 0);
    it_stops_and_says(&wine, 0, "has not joined a collector").await;
    wine.add_drive("f", disk.path());
    let settings = wine.file(FOLDER).join("agent.toml");
    fs::write(&settings, "state_directory = 'F:\\Freehold'\n").expect("written settings");
    let join = collector.token(&[]).await.encode();
    let program = seen_from_wine(&wine.file(FOLDER).join("freehold-agent.exe"));
    let command = wine.command(&program, &["join", "-"]);
    Answer::with_input(command.into(), &join).await.expect();

    let rest = disk.path().join("rest");
    fill(&rest);
    let before = wine.log().len();
    wine.run("sc", &["start", SERVICE]).await;
    it_stops_and_says(
        &wine,
        before,
        "check that the disk is neither full nor read-only",
    )
    .await;
    fs::remove_file(&rest).expect("space");
    wine.run("sc", &["start", SERVICE]).await.expect();
    wine.expect_service(SERVICE, "RUNNING").await;
    reported(&collector).await;
    wine.run("sc", &["stop", SERVICE]).await.expect();
    wine.expect_service(SERVICE, "STOPPED").await;
}
