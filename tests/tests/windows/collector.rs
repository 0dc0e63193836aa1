//! The collector's MSI.

use std::{fs, net::TcpListener, time::Duration};

use freehold_agent::identity::JoinString;
use freehold_tests::{
    Agent, Browser, Wine, eventually, owner::set_up, process::Answer, wine::seen_from_wine,
};
use serde_json::Value;

use super::{APPEARS, Msi};

pub(super) const COLLECTOR: Msi = Msi("collector");
pub(super) const SERVICE: &str = "FreeholdCollector";
pub(super) const PROGRAM: &str = "Program Files/Freehold Collector/freehold-collector.exe";
const DATA: &str = "ProgramData/Freehold/Collector";
/// How long a stop may take: what was acknowledged is flushed already.
const STOPS: Duration = Duration::from_secs(10);

pub(super) async fn collector(wine: &Wine, arguments: &[&str]) -> Answer {
    wine.run(&seen_from_wine(&wine.file(PROGRAM)), arguments)
        .await
}

async fn json(wine: &Wine, arguments: &[&str]) -> Value {
    let text = collector(wine, arguments).await.expect();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

/// Where the service listens.
struct Addresses {
    agents: String,
    dashboard: String,
}

/// Has the service listen where nobody else does.
async fn move_to_free_ports(wine: &Wine) -> Addresses {
    stop(wine).await;
    let port = || {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("its address").port()
    };
    let agents = format!("127.0.0.1:{}", port());
    let dashboard = format!("127.0.0.1:{}", port());
    // Loopback alone is not handed out.
    let settings = format!(
        "listen = \"{agents}\"\ndashboard_listen = \"{dashboard}\"\naddresses = [\"{agents}\", \"collector.invalid:7443\"]\n",
    );
    fs::write(wine.file(DATA).join("collector.toml"), settings).expect("written settings");
    start(wine).await;
    Addresses { agents, dashboard }
}

pub(super) async fn stop(wine: &Wine) {
    let began = std::time::Instant::now();
    wine.run("sc", &["stop", SERVICE]).await;
    wine.expect_service(SERVICE, "STOPPED").await;
    assert!(began.elapsed() < STOPS, "it took {:?}", began.elapsed());
}

async fn start(wine: &Wine) {
    wine.run("sc", &["start", SERVICE]).await.expect();
    wine.expect_service(SERVICE, "RUNNING").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the MSI and Wine; tests/run windows runs it"]
async fn the_msi_installs_serves_agents_and_leaves_the_records_to_the_owner() {
    let wine = Wine::new();
    let business = "BUSINESS=Riverside Dental";
    assert_eq!(
        COLLECTOR.installer(&wine, "/i", "0.0.9", &[business]).await,
        0
    );
    wine.expect_service(SERVICE, "RUNNING").await;
    let notes = fs::read_to_string(wine.file(DATA).join("first-run.txt")).expect("notes");
    for said in ["Set-up code: ", "Owner kit passphrase: "] {
        assert!(notes.contains(said), "{notes}");
    }
    let addresses = move_to_free_ports(&wine).await;
    let status = json(&wine, &["status", "--json"]).await;
    assert_eq!(status["name"], "Riverside Dental", "{status}");

    let opened = collector(&wine, &["open"]).await.expect();
    assert!(opened.contains("Dashboard: https://"), "{opened}");
    assert!(opened.contains("Set-up code: "), "{opened}");

    let agent = a_linux_agent_joins(&wine, addresses.agents).await;
    let reported = the_only_machine(&wine).await;
    it_shows_its_pages_and_answers_questions(&addresses.dashboard, &opened, &reported).await;

    assert_eq!(COLLECTOR.installer(&wine, "/i", "0.1.0", &[]).await, 0);
    wine.expect_service(SERVICE, "RUNNING").await;
    assert_eq!(
        the_only_machine(&wine).await["id"],
        reported["id"],
        "an upgrade keeps the records"
    );

    assert_eq!(COLLECTOR.installer(&wine, "/x", "0.1.0", &[]).await, 0);
    assert_eq!(
        wine.service(SERVICE).await,
        "",
        "the service is removed: {}",
        wine.log()
    );
    assert!(!wine.file("Program Files/Freehold Collector").exists());
    assert!(
        wine.file(DATA).join("store").exists(),
        "the records are the owner's"
    );

    assert_eq!(COLLECTOR.installer(&wine, "/i", "0.1.0", &[]).await, 0);
    wine.expect_service(SERVICE, "RUNNING").await;
    assert_eq!(the_only_machine(&wine).await["id"], reported["id"]);
    assert_eq!(
        COLLECTOR
            .installer(&wine, "/x", "0.1.0", &["REMOVEDATA=1"])
            .await,
        0
    );
    assert!(!wine.file(DATA).exists(), "the owner said so");
    drop(agent);
}

/// Each question is answered by a process of its own, shut in as far as Windows can.
async fn it_shows_its_pages_and_answers_questions(dashboard: &str, opened: &str, reported: &Value) {
    let code = opened
        .lines()
        .find_map(|line| line.strip_prefix("Set-up code: "));
    let mut browser = Browser::new(&format!("https://{dashboard}"));
    set_up(&mut browser, code.expect("a set-up code")).await;
    let packages = reported["sections"]["software"]["packages"].as_array();
    let packages = packages.expect("packages").len();
    let sql = "/questions?sql=SELECT+count(*)+%2B+1000000+AS+n+FROM+software_packages";
    for (path, shown) in [
        (sql, format!("{}", packages + 1_000_000)),
        ("/questions?sql=SELECT+1+FROM+nowhere", "nowhere".to_owned()),
        ("/questions?ask=common", "<td".to_owned()),
    ] {
        let page = browser.visit(path).await;
        let text: String = page.text.split_whitespace().collect();
        assert!(
            page.status.is_success() && text.contains(&shown),
            "{path} does not show {shown}: {}",
            page.text
        );
    }
    for path in [
        "/",
        "/computers",
        "/findings",
        "/changes",
        "/software",
        "/administrators",
        "/search?q=linux",
        "/difference",
        "/questions/tables",
        "/settings",
        "/add",
    ] {
        let page = browser.visit(path).await;
        assert!(page.status.is_success(), "{path}: {}", page.text);
    }
}

async fn a_linux_agent_joins(wine: &Wine, address: String) -> (tempfile::TempDir, Agent) {
    let line = collector(wine, &["token", "create"]).await.expect();
    let join = JoinString {
        addresses: vec![address],
        ..line.trim().parse().expect("a join string")
    };
    let directory = tempfile::tempdir().expect("a directory");
    let mut agent = Agent::new(directory.path());
    agent.join(&join).await.expect();
    agent.run();
    (directory, agent)
}

/// The only computer, once it has reported everything.
async fn the_only_machine(wine: &Wine) -> Value {
    eventually("the computer has reported", APPEARS, async || {
        let machines = json(wine, &["machine", "list", "--json"]).await;
        let [machine] = machines.as_array()?.as_slice() else {
            return None;
        };
        let id = machine["id"].as_str()?;
        let shown = json(wine, &["machine", "show", id, "--json"]).await;
        (shown["sections"].as_object()?.len() == 8).then_some(shown)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the MSI and Wine; tests/run windows runs it"]
async fn somebody_who_double_clicks_it_names_the_business_and_a_damaged_store_is_refused() {
    const BUSINESS: &str = "Zahnärzte & 歯科";
    let wine = Wine::new();
    let acts = ["type", BUSINESS, "press", "Install", "press", "Finish"];
    let answers = wine.answer("Freehold collector", &acts);
    tokio::join!(COLLECTOR.open(&wine, "0.1.0"), answers);
    wine.expect_service(SERVICE, "RUNNING").await;
    move_to_free_ports(&wine).await;
    let status = json(&wine, &["status", "--json"]).await;
    assert_eq!(status["name"], BUSINESS, "{status}");
    stop(&wine).await;
    let database = wine.file(DATA).join("store/records-000001/db");
    let bytes = fs::metadata(&database).expect("the store").len();
    let file = fs::OpenOptions::new()
        .write(true)
        .open(&database)
        .expect("the store");
    file.set_len(bytes / 2).expect("a shorter store");
    drop(file);
    wine.run("sc", &["start", SERVICE]).await;
    wine.expect_service(SERVICE, "STOPPED").await;
    eventually("the reason is in the event log", APPEARS, async || {
        let log = wine.log();
        (log.contains("cannot go on") && log.contains("restore")).then_some(())
    })
    .await;
    assert_eq!(
        fs::metadata(&database).expect("the store").len(),
        bytes / 2,
        "nothing is repaired in place"
    );
}
