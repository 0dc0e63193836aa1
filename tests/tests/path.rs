//! The whole path, as a new user walks it: real collector, real agent, this computer's real content.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use freehold_tests::{
    Agent, Browser, TestCollector, eventually,
    process::{Answer, Process, collector_program},
    sandbox::Sandbox,
};
use rustix::process::Signal;
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio::process::Command;

/// How long an agent may take to find a collector that came back.
const BACK: Duration = Duration::from_secs(120);

fn quickstart(data: &Path) -> Process {
    let mut command = Command::new(collector_program());
    command.args(["quickstart", "--no-browser", "--listen", "127.0.0.1:0"]);
    command
        .args(["--dashboard-listen", "127.0.0.1:0", "--data"])
        .arg(data);
    Process::start(command)
}

async fn shown(data: &Path, id: &str) -> Value {
    let mut command = Command::new(collector_program());
    command
        .args(["machine", "show", id, "--json", "--data"])
        .arg(data);
    serde_json::from_str(&Answer::of(command).await.expect()).expect("JSON")
}

#[tokio::test]
async fn one_command_shows_this_computer_within_ten_seconds() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("data");
    let began = Instant::now();
    let mut collector = quickstart(&data);
    let url = collector
        .expect_line("Dashboard", Duration::from_secs(10))
        .await;
    let code = collector
        .expect_line("Set-up code", Duration::from_secs(10))
        .await;
    let id = collector
        .expect_line("Computer reported", Duration::from_secs(10))
        .await;
    let took = began.elapsed();
    assert!(took < Duration::from_secs(10), "it took {took:?}");
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    assert!(code.len() >= 8, "a code of {} characters", code.len());

    let machine = shown(&data, &id).await;
    let sections = machine["sections"].as_object().expect("sections");
    assert_eq!(sections.len(), 8, "{:?}", sections.keys());
    for (name, section) in sections {
        assert!(section["status"].is_string(), "{name} has no status");
        assert!(section["collected_at"].is_string(), "{name} has no time");
        assert!(
            section["diagnostics"].is_array(),
            "{name} has no diagnostics"
        );
    }
    let page = Browser::new(&url).visit("/").await;
    assert!(
        page.status.is_success() || page.status.is_redirection(),
        "{}",
        page.status
    );
    collector.stop().await;
}

#[tokio::test]
async fn a_second_quickstart_finds_everything_again() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("data");
    let mut collector = quickstart(&data);
    let first = collector
        .expect_line("Computer reported", Duration::from_secs(20))
        .await;
    collector.kill().await;
    let mut collector = quickstart(&data);
    let second = collector
        .expect_line("Computer reported", Duration::from_secs(20))
        .await;
    assert_eq!(first, second, "the computer joined twice");
    collector.stop().await;
}

/// Installs or removes a package that holds no file in the sandbox's copy of dpkg's database.
struct TestPackage {
    sandbox: Sandbox,
    file: PathBuf,
}

impl TestPackage {
    async fn build(sandbox: &Sandbox, scratch: &Path) -> Self {
        let tree = scratch.join("package/DEBIAN");
        std::fs::create_dir_all(&tree).expect("a directory");
        let control = "Package: freehold-test-package\nVersion: 1.2.3\nArchitecture: all\n\
            Maintainer: Nobody <nobody@example.org>\nDescription: installed by a test\n";
        std::fs::write(tree.join("control"), control).expect("a control file");
        let file = scratch.join("freehold-test-package.deb");
        let mut command = Command::new("dpkg-deb");
        command
            .args(["--root-owner-group", "--build"])
            .arg(scratch.join("package"))
            .arg(&file);
        Answer::of(command).await.expect();
        Self {
            sandbox: sandbox.clone(),
            file,
        }
    }

    async fn dpkg(&self, arguments: &[&str]) -> OffsetDateTime {
        let mut command = self.sandbox.command(Path::new("dpkg"));
        Answer::of({
            command.arg("--log=/dev/null").args(arguments);
            command
        })
        .await
        .expect();
        OffsetDateTime::now_utc()
    }

    async fn install(&self) -> OffsetDateTime {
        self.dpkg(&["--install", self.file.to_str().expect("a path")])
            .await
    }

    async fn remove(&self) -> OffsetDateTime {
        self.dpkg(&["--purge", "freehold-test-package"]).await
    }
}

/// The entry of a timeline with this summary, and when it says it happened.
fn entry(machine: &Value, summary: &str) -> Option<OffsetDateTime> {
    let changes = machine["changes"].as_array()?;
    let found = changes.iter().find(|change| change["summary"] == summary)?;
    OffsetDateTime::parse(found["at"].as_str()?, &Rfc3339).ok()
}

fn close(reported: OffsetDateTime, happened: OffsetDateTime) -> bool {
    (reported - happened).abs() < time::Duration::seconds(10)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_while_the_collector_was_down_is_in_the_timeline_with_its_times() {
    what_happened_offline(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_has_its_true_times_even_under_a_clock_that_is_years_off() {
    what_happened_offline(Some("-3y")).await;
}

async fn what_happened_offline(clock: Option<&str>) {
    let mut collector = TestCollector::start().await;
    let Some(sandbox) = Sandbox::new(collector.scratch()) else {
        return;
    };
    let package = TestPackage::build(&sandbox, collector.scratch()).await;
    let mut agent = Agent::new(collector.scratch()).inside(sandbox);
    agent.set_clock(clock);
    agent.join(&collector.token(&[]).await).await.expect();
    agent.run();
    let id = collector.only_machine().await;

    collector.stop().await;
    let installed = package.install().await;
    tokio::time::sleep(Duration::from_secs(12)).await;
    let removed = package.remove().await;
    tokio::time::sleep(Duration::from_secs(12)).await;
    collector.resume().await;

    let both = collector.shows(&id, "both events are in the timeline", BACK, |machine| {
        let added = entry(machine, "package freehold-test-package 1.2.3 added")?;
        let gone = entry(machine, "package freehold-test-package 1.2.3 removed")?;
        Some((added, gone))
    });
    let (added, gone) = both.await;
    assert!(
        close(added, installed),
        "installed {installed}, reported {added}"
    );
    assert!(close(gone, removed), "removed {removed}, reported {gone}");
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_administrator_is_shown_within_five_seconds() {
    let collector = TestCollector::start().await;
    let Some(sandbox) = Sandbox::new(collector.scratch()) else {
        return;
    };
    let (passwd, group) = (sandbox.path("/etc/passwd"), sandbox.path("/etc/group"));
    let mut agent = Agent::new(collector.scratch()).inside(sandbox);
    agent.join(&collector.token(&[]).await).await.expect();
    agent.run();
    let id = collector.only_machine().await;

    append(&passwd, "mallory:x:4242:4242::/home/mallory:/bin/bash\n");
    let text = std::fs::read_to_string(&group).expect("the groups");
    let with_mallory: Vec<_> = text.lines().map(joined_sudo).collect();
    std::fs::write(&group, with_mallory.join("\n") + "\n").expect("written groups");
    let limit = Duration::from_secs(5);
    collector
        .shows(&id, "the new administrator is shown", limit, |machine| {
            let privileges = machine["sections"]["accounts"]["privileges"].as_array()?;
            privileges
                .iter()
                .find(|privilege| privilege["principal"] == "mallory")
                .map(drop)
        })
        .await;
    let changes = collector.changes(&id).await;
    assert!(
        changes
            .iter()
            .any(|change| change.starts_with("administrator added: mallory")),
        "{changes:?}"
    );
    agent.stop().await;
}

fn joined_sudo(line: &str) -> String {
    match line.strip_prefix("sudo:") {
        Some(rest) if rest.ends_with(':') => format!("{line}mallory"),
        Some(_) => format!("{line},mallory"),
        None => line.to_owned(),
    }
}

fn append(file: &Path, text: &str) {
    let mut all = std::fs::read_to_string(file).expect("a file");
    all.push_str(text);
    std::fs::write(file, all).expect("a written file");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_everything_is_killed_it_goes_on_where_it_was() {
    let mut collector = TestCollector::start().await;
    let mut agent = collector.agent().await;
    let id = collector.only_machine().await;
    let before = collector.show(&id).await;
    // At the same moment, as when the computers lose power.
    agent.process().signal(Signal::KILL);
    collector.process().signal(Signal::KILL);
    agent.kill().await;
    collector.kill().await;

    collector.resume().await;
    let after = collector.show(&id).await;
    assert_eq!(before["sections"], after["sections"]);
    assert_eq!(before["changes"], after["changes"]);
    agent.run();
    let last_seen = after["last_seen"].clone();
    collector
        .shows(&id, "the agent checks in again", BACK, |machine| {
            (machine["last_seen"] != last_seen).then_some(())
        })
        .await;
    // A computer that was switched off is no clone of itself.
    assert_eq!(collector.show(&id).await["notices"], serde_json::json!([]));
    assert_eq!(
        collector
            .json(&["machine", "list"])
            .await
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_runs_in_two_computers_is_noticed() {
    let collector = TestCollector::start().await;
    let mut agent = collector.agent().await;
    let id = collector.only_machine().await;
    agent.stop().await;
    let mut clone = Agent::new(collector.scratch());
    let copied = std::process::Command::new("cp")
        .arg("-aT")
        .args([agent.state(), clone.state()])
        .status();
    assert!(copied.is_ok_and(|status| status.success()), "cp");
    for _ in 0..2 {
        run_until_answered(&mut clone).await;
        run_until_answered(&mut agent).await;
    }
    let notices = collector.show(&id).await["notices"].to_string();
    assert!(notices.contains("same key"), "{notices}");
}

async fn run_until_answered(agent: &mut Agent) {
    std::fs::remove_file(agent.state().join("status.json")).expect("what it said before");
    agent.run();
    eventually("it was answered", BACK, async || {
        let status = Answer::of(agent.command(&["status"])).await;
        status.output.contains("last answered").then_some(())
    })
    .await;
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_laptop_that_lay_in_a_drawer_reports_by_itself() {
    let mut collector = TestCollector::made_long_ago().await;
    let drawer = Some("-390d");
    collector.stop().await;
    collector.set_clock(drawer);
    collector.resume().await;
    let mut agent = Agent::new(collector.scratch());
    agent.set_clock(drawer);
    agent.join(&collector.token(&[]).await).await.expect();
    agent.run();
    let id = collector.only_machine().await;
    agent.stop().await;
    collector.stop().await;

    collector.set_clock(None);
    collector.resume().await;
    agent.set_clock(None);
    agent.run();
    let this_year = OffsetDateTime::now_utc().year().to_string();
    collector
        .shows(&id, "it reports again", BACK, |machine| {
            let last_seen = machine["last_seen"].as_str()?;
            last_seen.starts_with(&this_year).then_some(())
        })
        .await;
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_agent_is_refused_and_what_it_reported_stays() {
    let collector = TestCollector::start().await;
    let mut agent = collector.agent().await;
    let id = collector.only_machine().await;
    collector.run(&["machine", "revoke", &id]).await.expect();
    eventually("the agent learns that it was shut out", BACK, async || {
        let status = Answer::of(agent.command(&["status"])).await;
        let said = format!("{}{}", status.output, status.errors).to_lowercase();
        (said.contains("revoked") || said.contains("shut out") || said.contains("not in service"))
            .then_some(())
    })
    .await;
    let shown = collector.show(&id).await;
    assert_eq!(shown["state"], "REVOKED");
    assert!(
        !shown["sections"]["software"]["packages"]
            .as_array()
            .expect("packages")
            .is_empty()
    );
    assert!(
        agent.process().is_running(),
        "a refusal must not end the agent"
    );
    agent.stop().await;
}
