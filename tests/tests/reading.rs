//! The command line of a supplier's technician: what it shows, and how it ends. All through the real programs.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::{
    os::unix::fs::PermissionsExt as _,
    process::Stdio,
    time::{Duration, Instant},
};

use freehold_tests::{Inventory, Machine, Reader, Technician, TestCollector};
use serde_json::Value;
use tokio::io::AsyncReadExt as _;

/// A computer that has reported, and bears labels.
async fn computer(
    collector: &TestCollector,
    name: &str,
    labels: &[&str],
    inventory: &Inventory,
) -> Machine {
    let mut machine = collector.machine(name).await;
    machine
        .report(&inventory.sections())
        .await
        .expect("it reports");
    let label = [&["machine", "label", name], labels].concat();
    collector.run(&label).await.expect();
    machine
}

async fn deeds(collector: &TestCollector) -> Vec<String> {
    let log = collector.json(&["audit", "list"]).await;
    let entries = log["entries"].as_array().expect("entries");
    let sentence = |entry: &Value| {
        let part = |key: &str| entry[key].as_str().unwrap_or("?").to_owned();
        format!("{} {}", part("who"), part("deed"))
    };
    entries.iter().map(sentence).collect()
}

fn names(list: &Value, key: &str) -> Vec<String> {
    let rows = list.as_array().expect("rows");
    let name = |row: &Value| row[key].as_str().unwrap_or("?").to_owned();
    rows.iter().map(name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_technician_reads_with_the_command_line_what_is_shared_and_nothing_else() {
    let collector = TestCollector::start().await;
    computer(&collector, "reception", &["office"], &Inventory::small(1)).await;
    computer(
        &collector,
        "surgery-secret",
        &["surgery"],
        &Inventory::small(2),
    )
    .await;
    let rules = ["all,-network@office"];
    let technician = Technician::of(&collector, &rules, &["--may-export"]).await;
    let reader = &technician.reader;

    let keys = reader.config().join("clients/test-practice");
    for file in ["identity", "client"] {
        let mode = std::fs::metadata(keys.join(file))
            .expect(file)
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    let who = reader.json(&["whoami"]).await;
    assert_eq!(who["clients"][0]["person"], "A. Technician");
    assert_eq!(who["clients"][0]["supplier"], "Acme IT");
    assert_eq!(
        who["clients"][0]["sees"],
        "everything except network of computers labelled office"
    );
    let listed = reader.json(&["computers"]).await;
    assert_eq!(names(&listed["computers"], "name"), ["reception"]);
    let shown = reader.json(&["computer", "Reception"]).await;
    let sections = shown["sections"].as_object().expect("sections");
    assert!(sections.contains_key("software") && !sections.contains_key("network"));
    let console = collector.show("reception").await;
    assert_eq!(
        shown["sections"]["software"]["packages"], console["sections"]["software"]["packages"],
        "the same shape as at the console"
    );
    let software = reader.json(&["software"]).await;
    let on: Vec<&Value> = software["software"]
        .as_array()
        .expect("titles")
        .iter()
        .collect();
    assert!(
        !on.is_empty()
            && on
                .iter()
                .all(|title| title["computers"] == serde_json::json!(["reception"]))
    );
    let admins = reader.json(&["admins"]).await;
    assert!(
        names(&admins["administrators"], "computer")
            .iter()
            .all(|name| name == "reception")
    );
    let changes = reader.json(&["changes"]).await;
    assert!(!changes.to_string().contains("surgery-secret"), "{changes}");
    exported(reader).await;

    reader
        .run(&["computer", "surgery-secret"])
        .await
        .refused(&["shared with you"]);
    reader
        .run(&["computer", "reception", "--section", "network"])
        .await
        .refused(&["not shared with you"]);
    let table = reader.run(&["computers"]).await.expect();
    assert!(
        table.starts_with("CLIENT") && table.contains("reception"),
        "{table}"
    );
    let csv = reader.run(&["computers", "--csv"]).await.expect();
    assert!(csv.starts_with("client,id,name,"), "{csv}");
    assert_eq!(reader.run(&["computers", "--csv", "--json"]).await.code, 2);
    assert_eq!(reader.run(&["findings-of-nobody"]).await.code, 2);

    let device = read_log(&collector, reader).await;
    let page = technician_page(&technician).await;
    assert!(
        page.contains(&device),
        "the device stands on the person's own page"
    );
}

/// Everything that is shared, in a file for its owner alone.
async fn exported(reader: &Reader) {
    let file = reader.scratch().join("export.jsonl");
    let path = file.to_str().expect("a path");
    reader.run(&["export", "--to", path]).await.expect();
    let text = std::fs::read_to_string(&file).expect("an export");
    assert_eq!(text.lines().count(), 1);
    let exported: Value = serde_json::from_str(text.trim()).expect("JSON");
    assert_eq!(exported["name"], "reception");
    assert!(
        !text.contains("surgery-secret")
            && !exported["sections"]
                .as_object()
                .expect("sections")
                .contains_key("network")
    );
    let mode = std::fs::metadata(&file)
        .expect("the file")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    reader
        .run(&["export", "--to", path])
        .await
        .refused(&["cannot be written"]);
}

/// What the owner sees afterwards, and the technician of the own deeds. Answers with the device's name.
async fn read_log(collector: &TestCollector, reader: &Reader) -> String {
    let who = reader.json(&["whoami"]).await;
    let device = who["clients"][0]["device"]
        .as_str()
        .expect("a device")
        .to_owned();
    let deeds = deeds(collector).await;
    for deed in [
        "opened the list of computers",
        "opened reception",
        "read the software of all computers",
        "read the administrators of all computers",
        "opened the changes of all computers",
        "took everything along that is shared of 1 computer",
        "asked for something that is not shared with them, and was refused",
    ] {
        let deed = format!("A. Technician (Acme IT) {deed}, from the command line on {device}");
        assert!(deeds.contains(&deed), "{deed}: {deeds:#?}");
    }
    assert!(deeds.contains(&format!(
        "A. Technician (Acme IT) added the command line on {device}"
    )));
    let named = deeds
        .iter()
        .filter(|deed| deed.contains("surgery-secret"))
        .count();
    assert_eq!(named, 1, "the owner's own label alone: {deeds:#?}");
    let own = reader.json(&["audit"]).await;
    assert!(
        names(&own["entries"], "deed")
            .iter()
            .any(|deed| deed.starts_with("opened reception"))
    );
    let verdict = collector.json(&["audit", "verify"]).await;
    assert_eq!(verdict["intact"], true, "{verdict}");
    device
}

async fn technician_page(technician: &Technician) -> String {
    technician.browser.clone().visit("/command-line").await.text
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_cut_off_in_the_middle_and_the_client_says_why() {
    let collector = TestCollector::start().await;
    for number in 0..4 {
        computer(
            &collector,
            &format!("pc-{number}"),
            &[],
            &Inventory::new(number),
        )
        .await;
    }
    let technician = Technician::of(&collector, &[], &["--may-export"]).await;
    let mut command = technician.reader.command(&["export"]);
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let mut export = command.spawn().expect("it starts");
    let mut output = export.stdout.take().expect("its output");
    let mut first = [0; 1];
    output.read_exact(&mut first).await.expect("it has begun");
    // Nobody reads on: the answer is stuck in the middle.
    collector
        .run(&["grant", "revoke", "Acme IT"])
        .await
        .expect();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let began = Instant::now();
    let mut rest = Vec::new();
    output.read_to_end(&mut rest).await.expect("its output");
    let ended = export.wait_with_output().await.expect("its end");
    assert!(
        began.elapsed() < Duration::from_secs(1),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(ended.status.code(), Some(1));
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(
        said.contains("broke off") || said.contains("ended by the owner"),
        "{said}"
    );
    let lines = String::from_utf8_lossy(&rest).matches('\n').count();
    assert!(lines < 4, "all {lines} computers came through");
    let reader = &technician.reader;
    reader
        .run(&["computers"])
        .await
        .refused(&["test-practice: your access was ended by the owner"]);
    let clients = reader.run(&["clients"]).await.expect();
    assert!(
        clients.contains("your access was ended by the owner"),
        "{clients}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_answer_holds_nobody_up_and_is_named() {
    let here = TestCollector::start().await;
    let mut gone = TestCollector::start().await;
    computer(&here, "reception", &[], &Inventory::small(1)).await;
    computer(&gone, "workshop", &[], &Inventory::small(2)).await;
    let technician = Technician::of(&here, &[], &[]).await;
    let technician = technician
        .joined(&gone, &[], &[], &["--name", "garage"])
        .await;
    let reader = &technician.reader;
    let both = reader.json(&["computers"]).await;
    assert_eq!(names(&both["computers"], "name"), ["workshop", "reception"]);
    let one = reader.json(&["computer", "workshop"]).await;
    assert_eq!(one["client"], "garage");
    gone.stop().await;
    let answer = reader.run(&["computers", "--json"]).await;
    assert_eq!(answer.code, 1, "{}", answer.errors);
    assert!(
        answer
            .errors
            .contains("garage: the collector could not be reached"),
        "{}",
        answer.errors
    );
    let listed: Value = serde_json::from_str(&answer.output).expect("JSON");
    assert_eq!(names(&listed["computers"], "name"), ["reception"]);
    assert_eq!(listed["unanswered"][0]["client"], "garage");
    // With a name, only that one is asked.
    reader
        .run(&["computers", "--client", "test-practice"])
        .await
        .expect();
    reader
        .run(&["computers", "--client", "nobody"])
        .await
        .refused(&["no client called 'nobody'"]);
    reader.run(&["forget", "garage"]).await.expect();
    reader.run(&["computers"]).await.expect();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_set_back_is_noticed_by_the_technician_s_device() {
    let mut collector = TestCollector::start().await;
    let technician = Technician::of(&collector, &[], &[]).await;
    let reader = &technician.reader;
    reader.run(&["whoami"]).await.expect();
    collector.stop().await;
    let (store, copy) = (
        collector.data().join("store"),
        collector.scratch().join("copy"),
    );
    copied(&store, &copy).await;
    collector.resume().await;
    reader.run(&["computers"]).await.expect();
    reader.run(&["computers"]).await.expect();
    collector.stop().await;
    std::fs::remove_dir_all(&store).expect("removed");
    copied(&copy, &store).await;
    std::fs::remove_file(collector.data().join("log-checkpoint")).expect("removed");
    collector.resume().await;
    let refused = reader.run(&["computers"]).await;
    refused.refused(&["test-practice: the log of who read what is not what it was"]);
    // More entries than it had then do not hide it.
    for _ in 0..6 {
        collector.token(&[]).await;
    }
    reader
        .run(&["computers"])
        .await
        .refused(&["set back or rewritten"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_leads_nowhere_says_so_in_one_sentence() {
    let collector = TestCollector::start().await;
    let reader = Reader::new();
    reader
        .run(&["computers"])
        .await
        .refused(&["reads no client's records yet"]);
    reader
        .run(&["accept", "freehold1:abc"])
        .await
        .refused(&["not a code for the command line"]);
    reader
        .run(&["accept", "freehold-device1:abc"])
        .await
        .refused(&["damaged"]);
    // A join string with another beginning has no such code behind it.
    let join = collector.token(&[]).await;
    let join = join.encode().replacen("freehold1:", "freehold-device1:", 1);
    reader
        .accept(&collector, &join, &[])
        .await
        .refused(&["not known"]);
    assert_eq!(reader.run(&[]).await.code, 2);
    reader.run(&["--help"]).await.expect();
}

/// Copies a directory with everything in it.
async fn copied(from: &std::path::Path, to: &std::path::Path) {
    let mut command = tokio::process::Command::new("cp");
    command.arg("-a").arg(from).arg(to);
    freehold_tests::process::Answer::of(command).await.expect();
}
