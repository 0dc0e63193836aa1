//! Questions in SQL: answered within what is shared, by a process that has nothing else, and cut off when access ends.
//! All through the real programs.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::{
    fs,
    path::PathBuf,
    process::Stdio,
    time::{Duration, Instant},
};

use freehold_tests::{
    Inventory, Machine, Reader, Technician, TestCollector, process::Answer, wait::eventually,
};
use serde_json::Value;

const ENDLESS: &str =
    "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c";

/// A computer that has reported, and bears a label.
async fn computer(
    collector: &TestCollector,
    name: &str,
    label: &str,
    inventory: &Inventory,
) -> Machine {
    let mut machine = collector.machine(name).await;
    machine
        .report(&inventory.sections())
        .await
        .expect("it reports");
    collector
        .run(&["machine", "label", name, label])
        .await
        .expect();
    machine
}

async fn deeds(collector: &TestCollector) -> Vec<String> {
    let log = collector.json(&["audit", "list"]).await;
    let entries = log["entries"].as_array().expect("entries").iter();
    let deeds = entries.map(|entry| entry["deed"].as_str().expect("a deed").to_owned());
    deeds.collect()
}

async fn rows(reader: &Reader, sql: &str) -> Vec<Value> {
    let answer = reader.json(&["query", sql]).await;
    assert_eq!(answer["unanswered"], serde_json::json!([]), "{sql}");
    answer["rows"].as_array().expect("rows").clone()
}

/// The processes that answer questions of a collector.
fn workers(collector: &mut TestCollector) -> Vec<PathBuf> {
    let parent = collector.process().id();
    let tasks = fs::read_dir(format!("/proc/{parent}/task")).expect("its threads");
    let children = tasks.flatten().filter_map(|task| {
        let children = fs::read_to_string(task.path().join("children")).ok()?;
        Some(
            children
                .split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>(),
        )
    });
    let children = children.flatten().map(|id| PathBuf::from("/proc").join(id));
    children
        .filter(|process| {
            let line = fs::read_to_string(process.join("cmdline")).unwrap_or_default();
            line.contains("query-worker")
        })
        .collect()
}

async fn a_worker(collector: &mut TestCollector) -> PathBuf {
    eventually("a worker runs", Duration::from_secs(10), async || {
        workers(collector).pop()
    })
    .await
}

async fn no_worker(collector: &mut TestCollector, limit: Duration) {
    eventually("no worker runs", limit, async || {
        workers(collector).is_empty().then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_answered_within_what_is_shared_and_written_down() {
    let collector = TestCollector::start().await;
    let mut reception = computer(&collector, "reception", "office", &Inventory::small(1)).await;
    computer(
        &collector,
        "surgery-secret",
        "surgery",
        &Inventory::small(2),
    )
    .await;
    let technician = Technician::of(&collector, &["all,-network@office"], &["--may-export"]).await;
    let reader = &technician.reader;

    // Computers that are switched off answer too.
    reception.disconnect();
    let sql = "SELECT computer, count(*) AS packages FROM software_packages GROUP BY computer";
    let found = rows(reader, sql).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["computer"], "reception");
    assert_eq!(found[0]["packages"], 12);
    assert_eq!(found[0]["client"], "test-practice");
    let console = collector.show("reception").await;
    let users = rows(reader, "SELECT username FROM users ORDER BY username").await;
    let accounts = console["sections"]["accounts"]["accounts"].as_array();
    assert_eq!(users.len(), accounts.expect("accounts").len());
    let system = "SELECT c.computer, o.name FROM computers c JOIN os_version o USING (computer_id)";
    assert_eq!(rows(reader, system).await[0]["name"], "Debian GNU/Linux");
    assert_eq!(
        rows(reader, "SELECT 6 * 7 AS answer").await[0]["answer"],
        42
    );

    // What is not shared is named, and never an empty table.
    for table in [
        "network_adapters",
        "interface_addresses",
        "readings_neighbours",
    ] {
        let refused = reader
            .run(&["query", &format!("SELECT count(*) FROM {table}")])
            .await;
        refused.refused(&["the section network is not shared with you"]);
    }
    // What could not be read on a computer is said with the answer.
    let partly = reader
        .run(&["query", "SELECT * FROM protection_firewalls"])
        .await;
    assert!(
        partly
            .errors
            .contains("The section protection of 1 computer could not be read in full: reception"),
        "{}",
        partly.errors
    );

    let csv = reader
        .run(&["query", "--csv", "SELECT '=1+1' AS a, -3 AS b"])
        .await
        .expect();
    assert_eq!(csv, "client,a,b\r\ntest-practice,'=1+1,-3\r\n");
    let piped = Answer::with_input(reader.command(&["query"]), "SELECT\n 'piped' AS word\n").await;
    assert!(piped.expect().contains("piped"));
    let file = reader.scratch().join("question.sql");
    fs::write(&file, "SELECT 'from a file' AS word").expect("a file");
    let file = file.to_str().expect("a path");
    let answer = reader.run(&["query", "--file", file]).await.expect();
    assert!(answer.contains("from a file"));
    let tables = reader.run(&["query", "--tables"]).await.expect();
    assert!(tables.contains("software_packages") && tables.contains("windows_security_products"));

    let deeds = deeds(&collector).await;
    let asked = format!(
        "asked about the software of 1 computer: \u{201c}{sql}\u{201d}, from the command line on "
    );
    assert!(
        deeds.iter().any(|deed| deed.starts_with(&asked)),
        "{deeds:#?}"
    );
    let mut asked = deeds.iter().filter(|deed| deed.starts_with("asked about"));
    assert_eq!(asked.clone().count(), 8, "{deeds:#?}");
    assert!(asked.all(|deed| deed.contains(" 1 computer")), "{deeds:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_past_is_asked_about_as_it_was() {
    let collector = TestCollector::start().await;
    let mut inventory = Inventory::small(1);
    let mut machine = computer(&collector, "reception", "office", &inventory).await;
    let technician = Technician::of(&collector, &["all"], &[]).await;
    let reader = &technician.reader;
    let new = "SELECT count(*) AS n FROM software_packages WHERE version LIKE '99.%'";
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let before = time::OffsetDateTime::now_utc();
    let before = before
        .format(&time::format_description::well_known::Rfc3339)
        .expect("a time");
    tokio::time::sleep(Duration::from_millis(1100)).await;
    inventory.upgrade_a_package();
    machine
        .report(&inventory.sections())
        .await
        .expect("it reports");
    assert_eq!(rows(reader, new).await[0]["n"], 1);
    let then = reader.json(&["query", "--as-of", &before, new]).await;
    assert_eq!(then["rows"][0]["n"], 0, "{then}");
    let moment = reader.json(&["query", "--as-of", "2020-01-01", new]).await;
    assert!(
        moment["unanswered"][0]["reason"]
            .to_string()
            .contains("days"),
        "{moment}"
    );
    let moving = "SELECT * FROM readings_volumes";
    let refused = reader.run(&["query", "--as-of", &before, moving]).await;
    refused.refused(&["known of now alone"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_statements_get_sentences_and_nothing_else() {
    let mut collector = TestCollector::start().await;
    computer(&collector, "reception", "office", &Inventory::small(1)).await;
    let technician = Technician::of(&collector, &["all"], &["--may-export"]).await;
    let reader = &technician.reader;
    let long = format!("SELECT '{}'", "x".repeat(1024 * 1024));
    let cross = "SELECT hex(randomblob(200000)) FROM software_packages a, software_packages b, software_packages c";
    for (sql, words) in [
        (
            "ATTACH '/etc/passwd' AS p",
            "nothing can be changed, attached or set",
        ),
        (
            "PRAGMA writable_schema = ON",
            "nothing can be changed, attached or set",
        ),
        (
            "SELECT load_extension('/tmp/x.so')",
            "load_extension is not available",
        ),
        ("SELECT * FROM sqlite_master", "cannot be read here"),
        ("SELECT zeroblob(2000000000)", "longer than 1 MiB"),
        ("SELECT printf('%*d', 2000000000, 1)", "longer than 1 MiB"),
        (
            "DROP TABLE software_packages",
            "nothing can be changed, attached or set",
        ),
        (
            "SELECT nonsense FROM software",
            "no such column: nonsense (line 1, column 8)",
        ),
        (&long, "longer than 8192 bytes"),
    ] {
        let input = Answer::with_input(reader.command(&["query", "-"]), sql).await;
        input.refused(&[words]);
    }
    // Bytes are bounded, and that is said.
    let wide = reader.run(&["query", "--csv", cross]).await;
    assert!(
        wide.errors.contains("there are more rows than these"),
        "{}",
        wide.errors
    );
    assert!(wide.output.len() < 40 * 1024 * 1024);
    // One that runs on and on is over when whoever asked goes away, and only then the next one is taken up.
    let mut first = reader.command(&["query", ENDLESS]);
    first
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let mut first = first.spawn().expect("it starts");
    a_worker(&mut collector).await;
    reader
        .run(&["query", "SELECT 1"])
        .await
        .refused(&["a question under way already"]);
    first.kill().await.expect("it ends");
    no_worker(&mut collector, Duration::from_secs(2)).await;
    assert_eq!(rows(reader, "SELECT 1 AS one").await[0]["one"], 1);
    assert!(collector.process().is_running());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_worker_has_nothing_and_its_death_is_a_sentence() {
    let mut collector = TestCollector::start().await;
    let technician = Technician::of(&collector, &["all"], &[]).await;
    let mut asking = technician.reader.command(&["query", ENDLESS]);
    asking
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let asking = asking.spawn().expect("it starts");
    let worker = a_worker(&mut collector).await;
    let read = |file: &str| fs::read_to_string(worker.join(file)).expect(file);
    eventually("it is shut in", Duration::from_secs(5), async || {
        let status = fs::read_to_string(worker.join("status")).ok()?;
        status.contains("Seccomp:\t2").then_some(())
    })
    .await;
    assert!(read("status").contains("NoNewPrivs:\t1"));
    assert!(read("environ").is_empty(), "no environment");
    let mut files: Vec<String> = fs::read_dir(worker.join("fd"))
        .expect("its files")
        .flatten()
        .map(|file| {
            fs::read_link(file.path())
                .expect("a link")
                .display()
                .to_string()
        })
        .collect();
    files.sort();
    assert_eq!(files.len(), 3, "{files:?}");
    assert!(
        files.iter().all(|file| file.starts_with("pipe:")),
        "{files:?}"
    );
    let limits = read("limits");
    for (name, most) in [
        ("Max data size", "1073741824"),
        ("Max core file size", "0"),
        ("Max file size", "0"),
        ("Max open files", "3"),
    ] {
        let line = limits
            .lines()
            .find(|line| line.starts_with(name))
            .expect(name);
        let words: Vec<&str> = line[name.len()..].split_whitespace().collect();
        assert_eq!(words[..2], [most, most], "{line}");
    }
    let id = worker.file_name().and_then(|id| id.to_str()?.parse().ok());
    let id = rustix::process::Pid::from_raw(id.expect("a number")).expect("an id");
    rustix::process::kill_process(id, rustix::process::Signal::KILL).expect("it is killed");
    let answer = asking.wait_with_output().await.expect("it ends");
    let errors = String::from_utf8_lossy(&answer.stderr);
    assert!(errors.contains("ended early"), "{errors}");
    assert!(!answer.status.success());
    assert_eq!(
        rows(&technician.reader, "SELECT 1 AS one").await[0]["one"],
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_under_way_ends_with_the_access_and_with_the_collector() {
    let mut collector = TestCollector::start().await;
    let technician = Technician::of(&collector, &["all"], &[]).await;
    let start = |reader: &Reader| {
        let mut asking = reader.command(&["query", ENDLESS]);
        asking
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        asking.spawn().expect("it starts")
    };
    let asking = start(&technician.reader);
    a_worker(&mut collector).await;
    collector
        .run(&["grant", "revoke", "Acme IT"])
        .await
        .expect();
    let revoked = Instant::now();
    no_worker(&mut collector, Duration::from_secs(1)).await;
    let answer = asking.wait_with_output().await.expect("it ends");
    assert!(
        revoked.elapsed() < Duration::from_secs(2),
        "{:?}",
        revoked.elapsed()
    );
    let errors = String::from_utf8_lossy(&answer.stderr).into_owned();
    assert!(errors.contains("ended"), "{errors}");

    let mut collector = TestCollector::start().await;
    let other = Technician::of(&collector, &["all"], &[]).await;
    let _asking = start(&other.reader);
    let worker = a_worker(&mut collector).await;
    collector.kill().await;
    eventually(
        "it ends with the collector",
        Duration::from_secs(2),
        async || {
            let line = fs::read_to_string(worker.join("cmdline")).unwrap_or_default();
            line.is_empty().then_some(())
        },
    )
    .await;
}
