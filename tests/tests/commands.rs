//! The command lines are a contract: exit status 0 done, 1 failed with one sentence on stderr, 2 wrong usage.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::{collections::BTreeSet, path::Path};

use freehold_tests::{
    Agent, Inventory, TestCollector,
    process::{Answer, agent_program, collector_program},
};
use serde_json::Value;
use tokio::process::Command;

fn keys(value: &Value) -> BTreeSet<&str> {
    let object = value.as_object().expect("an object");
    object.keys().map(String::as_str).collect()
}

async fn run(program: &Path, line: &str) -> Answer {
    let mut command = Command::new(program);
    command.args(line.split_whitespace());
    Answer::of(command).await
}

#[tokio::test]
async fn wrong_usage_is_exit_status_2_and_nothing_on_stdout() {
    let collector = [
        "",
        "sing",
        "quickstart --listen here",
        "init",
        "serve --listen 7443",
        "token create --uses none",
        "token create --expires soon",
        "machine",
        "machine show",
        "machine link one",
        "owner",
        "backup",
        "restore --owner-kit somewhere",
        "status --yaml",
    ];
    let agent = [
        "",
        "listen",
        "join",
        "run --root /",
        "snapshot --section nonsense",
        "snapshot --format xml",
        "status now",
    ];
    let lines = collector
        .map(|line| (collector_program(), line))
        .into_iter()
        .chain(agent.map(|line| (agent_program(), line)));
    for (program, line) in lines {
        let answer = run(&program, line).await;
        assert_eq!(answer.code, 2, "{line}: {answer:?}");
        assert_eq!(answer.output, "", "{line}");
        assert_ne!(answer.errors, "", "{line}");
    }
}

/// Exit status 1, nothing on stdout, and one sentence in one line on stderr.
#[track_caller]
fn failed(answer: &Answer, what: &str) {
    assert_eq!(answer.code, 1, "{what}: {answer:?}");
    assert_eq!(answer.output, "", "{what}");
    let lines: Vec<_> = answer.errors.lines().collect();
    let [line] = lines.as_slice() else {
        panic!("{what}: {} lines: {}", lines.len(), answer.errors);
    };
    let sentence = line.split_once(": ").map_or("", |(_, sentence)| sentence);
    assert!(line.starts_with("freehold-"), "{what}: {line}");
    assert!(sentence.len() > 20, "{what}: {line}");
    for noise in ["os error", "Error {", "panicked"] {
        assert!(!line.contains(noise), "{what}: {line}");
    }
}

#[tokio::test]
async fn what_fails_without_a_collector_says_so_in_one_sentence() {
    let place = tempfile::tempdir().expect("a directory");
    let data = place.path().join("nothing").display().to_string();
    for line in [
        "serve",
        "status",
        "status --json",
        "token create",
        "machine list",
        "machine show front-desk",
        "machine approve front-desk",
        "machine revoke front-desk",
        "machine link one other",
        "owner reset",
        "authority status",
        "backup --to backup.freehold",
        "restore --from no-such-backup",
    ] {
        let line = format!("{line} --data {data}");
        failed(&run(&collector_program(), &line).await, &line);
    }
    let settings = place.path().join("agent.toml");
    std::fs::write(&settings, "no settings").expect("a file");
    let agent = Agent::new(place.path());
    for arguments in [&["join", "hello"][..], &["run"]] {
        let what = arguments.join(" ");
        failed(&Answer::of(agent.command(arguments)).await, &what);
    }
    for line in [
        format!("run --config {}", settings.display()),
        format!("status --config {}", settings.display()),
        "join freehold1:x --config /no/such/file".to_owned(),
        "snapshot --root /no/such/folder".to_owned(),
    ] {
        failed(&run(&agent_program(), &line).await, &line);
    }
}

#[tokio::test]
async fn what_a_running_collector_refuses_is_one_sentence_too() {
    let collector = TestCollector::start().await;
    let machine = collector.machine("desk").await;
    let taken = collector.scratch().join("taken");
    std::fs::write(&taken, "").expect("a file");
    let taken = taken.to_str().expect("a path");
    let id = machine.id.as_str();
    let agents = collector.address().to_string();
    for arguments in [
        &["serve", "--listen", "127.0.0.1:0"][..],
        &["serve", "--config", "/no/such/file"],
        &["init", "--name", "Again"],
        &["init", "--name", "  "],
        &["init", "--name", "Again", "--address", "not an address"],
        &["token", "create", "--network", "everywhere"],
        &["token", "create", "--expires", "9999d"],
        &["machine", "show", "nobody"],
        &["machine", "approve", id],
        &["machine", "revoke", "nobody"],
        &["machine", "link", id, id],
        &["machine", "link", id, "nobody"],
        &["backup", "--to", taken],
        &["backup", "--to", "/no/such/folder/backup"],
        &["restore", "--from", taken],
    ] {
        failed(&collector.run(arguments).await, &arguments.join(" "));
    }
    let other = TestCollector::initialised(&[]).await;
    let serve = other.command(&["serve", "--listen", &agents]);
    failed(&Answer::of(serve).await, "a port in use");
}

#[tokio::test]
async fn what_programs_read_has_the_shape_that_is_documented() {
    let collector = TestCollector::start().await;
    let mut machine = collector.machine("desk").await;
    machine
        .report(&Inventory::small(1).sections())
        .await
        .expect("reports");
    let token = collector.run(&["token", "create"]).await.expect();
    assert!(token.starts_with("freehold1:") && token.ends_with('\n'));
    assert_eq!(token.lines().count(), 1, "the join string alone: {token}");
    let token = collector.json(&["token", "create"]).await;
    assert_eq!(keys(&token), ["expires_at", "join_string", "uses"].into());

    let line = [
        "agent_version",
        "enrolled_at",
        "id",
        "labels",
        "last_seen",
        "name",
        "notices",
        "proposed_labels",
        "same_hardware_as",
        "state",
    ];
    let listed = collector.json(&["machine", "list"]).await;
    assert_eq!(keys(&listed[0]), line.into());
    let shown = collector.show(&machine.id).await;
    let all = line
        .into_iter()
        .chain(["changes", "findings", "findings_pending", "sections"])
        .collect();
    assert_eq!(keys(&shown), all);
    assert_eq!(
        keys(&shown["changes"][0]),
        ["at", "section", "summary"].into()
    );
    let sections = [
        "accounts",
        "antivirus",
        "hardware",
        "network",
        "protection",
        "services",
        "software",
        "system",
    ];
    assert_eq!(keys(&shown["sections"]), sections.into());
    for name in sections {
        let section = keys(&shown["sections"][name]);
        let common = ["collected_at", "diagnostics", "status"].into();
        assert!(section.is_superset(&common), "{name}: {section:?}");
    }
    for (section, list) in [
        ("software", "packages"),
        ("antivirus", "products"),
        ("accounts", "accounts"),
        ("accounts", "privileges"),
        ("hardware", "processors"),
        ("hardware", "memory_modules"),
        ("hardware", "disks"),
        ("hardware", "volumes"),
        ("network", "adapters"),
    ] {
        assert!(
            shown["sections"][section][list].is_array(),
            "{section}.{list}"
        );
    }
    let authority = collector.json(&["authority", "status"]).await;
    assert!(authority["root_fingerprint"].is_string(), "{authority}");
    let status = collector.json(&["status"]).await;
    assert!(status["connected_agents"].is_u64(), "{status}");
}

#[tokio::test]
async fn a_snapshot_is_what_is_reported() {
    let collector = TestCollector::start().await;
    let mut agent = collector.agent().await;
    let id = collector.only_machine().await;
    agent.stop().await;
    let printed = run(&agent_program(), "snapshot --format json").await;
    let printed: Value = serde_json::from_str(&printed.expect()).expect("JSON");
    let shown = collector.show(&id).await;
    let (printed, shown) = (&printed["sections"], &shown["sections"]);
    assert_eq!(keys(printed), keys(shown));
    for section in ["hardware", "software", "accounts"] {
        assert_eq!(keys(&printed[section]), keys(&shown[section]));
    }
    assert_eq!(
        printed["software"]["packages"],
        shown["software"]["packages"]
    );
    assert_eq!(
        printed["accounts"]["accounts"],
        shown["accounts"]["accounts"]
    );
}

#[tokio::test]
async fn the_secrets_of_a_new_collector_go_to_its_notes_alone_and_open_says_where_the_dashboard_is()
{
    use std::os::unix::fs::PermissionsExt as _;

    let mut collector = TestCollector::unmade(&[]);
    let notes = collector.scratch().join("notes");
    let line = notes.display().to_string();
    let make = ["init", "--name", "Test Practice", "--notes", &line];
    std::fs::write(&notes, "another's").expect("a file in the way");
    collector
        .run(&make)
        .await
        .refused(&["is there already", "--notes"]);
    assert!(!collector.data().exists(), "nothing was made");
    std::fs::remove_file(&notes).expect("out of the way");

    let said = collector.run(&make).await.expect();
    let secrets = std::fs::read_to_string(&notes).expect("notes");
    for secret in ["Set-up code: ", "Owner kit passphrase: "] {
        assert!(secrets.contains(secret) && !said.contains(secret), "{said}");
    }
    let mode = std::fs::metadata(&notes)
        .expect("notes")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);

    collector
        .run(&["open"])
        .await
        .refused(&["no collector is running", "serve"]);
    collector.resume().await;
    let opened = collector.run(&["open"]).await.expect();
    assert!(opened.contains(collector.dashboard()), "{opened}");
    assert!(opened.contains("Set-up code: "), "{opened}");
}
