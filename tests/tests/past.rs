//! The past, differences and the search with the command line of a supplier's technician, through the real programs.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use freehold_tests::{Inventory, Machine, Reader, Technician, TestCollector};
use serde_json::Value;

/// More than the precision of a time that is written down, which is a second.
const A_MOMENT: Duration = Duration::from_millis(1500);

async fn computer(
    collector: &TestCollector,
    name: &str,
    label: &str,
    inventory: &Inventory,
) -> Machine {
    let mut machine = collector.machine(name).await;
    let reported = machine.report(&inventory.sections()).await;
    reported.expect("it reports");
    collector
        .run(&["machine", "label", name, label])
        .await
        .expect();
    machine
}

/// The collector's clock, as a technician can write it.
async fn now(reader: &Reader) -> String {
    reader.run(&["whoami"]).await.expect();
    let log = reader.json(&["audit"]).await;
    log["entries"][0]["at"].as_str().expect("a time").to_owned()
}

fn rows<'a>(list: &'a Value, key: &str) -> &'a [Value] {
    let rows = list[key].as_array();
    rows.unwrap_or_else(|| panic!("no {key} in {list}"))
}

/// The version that a list names of the package that is upgraded.
fn upgraded(list: &Value) -> bool {
    list.to_string().contains("\"99.1\"")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_past_differences_and_the_search_show_what_is_shared_and_nothing_else() {
    let collector = TestCollector::start().await;
    let (mut shown, mut hidden) = (Inventory::small(1), Inventory::small(2));
    let mut reception = computer(&collector, "reception", "office", &shown).await;
    let mut secret = computer(&collector, "surgery-secret", "surgery", &hidden).await;
    let rules = ["all,-accounts@office"];
    let technician = Technician::of(&collector, &rules, &["--may-export"]).await;
    let reader = &technician.reader;

    tokio::time::sleep(A_MOMENT).await;
    let then = now(reader).await;
    tokio::time::sleep(A_MOMENT).await;
    for (machine, inventory) in [(&mut reception, &mut shown), (&mut secret, &mut hidden)] {
        inventory.upgrade_a_package();
        let reported = machine.report(&[inventory.software()]).await;
        reported.expect("it reports");
    }

    for list in [
        &["software"][..],
        &["computer", "reception"],
        &["computers"],
        &["admins"],
    ] {
        let is_of_software = !matches!(list[0], "computers" | "admins");
        assert_eq!(
            upgraded(&reader.json(list).await),
            is_of_software,
            "{list:?}"
        );
        let past = reader.json(&[list, &["--as-of", &then]].concat()).await;
        assert!(!upgraded(&past), "{list:?}: {past}");
        assert_eq!(past["as_of"], then.as_str(), "{list:?}");
        assert!(!past.to_string().contains("surgery-secret"));
    }
    let page = reader
        .run(&["computer", "reception", "--as-of", &then])
        .await
        .expect();
    assert!(page.contains(&format!("As of:          {then}")), "{page}");
    let exported = reader.run(&["export", "--as-of", &then]).await.expect();
    assert_eq!(exported.lines().count(), 1);
    assert!(exported.contains(&then) && !exported.contains("\"99.1\""));

    different(reader, &then).await;
    found(reader).await;
    refused(reader).await;
}

async fn different(reader: &Reader, then: &str) {
    let answer = reader.json(&["difference", then]).await;
    let differences = rows(&answer, "differences");
    assert_eq!(differences.len(), 1, "{answer}");
    assert_eq!(differences[0]["section"], "software");
    assert_eq!(differences[0]["action"], "altered");
    assert_eq!(
        differences[0]["computers"],
        serde_json::json!(["reception"])
    );
    let alone = reader
        .json(&["difference", then, "--computer", "reception"])
        .await;
    assert_eq!(rows(&alone, "differences"), differences);
    let table = reader.run(&["difference", then]).await.expect();
    assert!(
        table.contains("99.1") && table.starts_with("CLIENT"),
        "{table}"
    );
    let csv = reader.run(&["difference", then, "--csv"]).await.expect();
    assert!(csv.starts_with("client,section,action,"), "{csv}");
    reader
        .run(&["difference", then, "--computer", "surgery-secret"])
        .await
        .refused(&["shared with you"]);
}

async fn found(reader: &Reader) {
    let software = reader.json(&["software"]).await;
    let name = rows(&software, "software")[0]["name"].as_str();
    let name = name.expect("a name").to_owned();
    let answer = reader.json(&["search", &name.to_uppercase()]).await;
    let hits = rows(&answer, "hits");
    let program = hits.iter().find(|hit| hit["text"] == name.as_str());
    let program = program.unwrap_or_else(|| panic!("no {name} in {answer}"));
    assert_eq!(program["kind"], "program");
    assert_eq!(program["computers"], serde_json::json!(["reception"]));
    let named = reader.json(&["search", "recep"]).await;
    assert_eq!(rows(&named, "hits")[0]["kind"], "computer");
    for nothing in ["surgery", "secret", "root"] {
        let answer = reader.json(&["search", nothing]).await;
        assert_eq!(rows(&answer, "hits"), [] as [Value; 0], "{nothing}");
    }
}

async fn refused(reader: &Reader) {
    for (as_of, said) in [
        ("2999-01-01", "still to come"),
        ("2001-01-01", "kept for 400 days"),
        // A day that is kept, but before anything had joined.
        (&long_ago(), "had joined by then"),
    ] {
        let answer = reader.run(&["computers", "--as-of", as_of]).await;
        answer.refused(&["test-practice: ", said]);
        let answer = reader.run(&["export", "--as-of", as_of]).await;
        answer.refused(&[said]);
    }
    let answer = reader.run(&["computers", "--as-of", "yesterday"]).await;
    assert_eq!(answer.code, 2, "{}", answer.errors);
    assert!(answer.errors.contains("2026-03-03"), "{}", answer.errors);
    reader.run(&["search", "x"]).await.refused(&["2 to 200"]);
    let answer = reader.run(&["difference", "2999-01-01"]).await;
    answer.refused(&["from: ", "still to come"]);
}

/// A day 100 days ago.
fn long_ago() -> String {
    let day = time::OffsetDateTime::now_utc().date() - time::Duration::days(100);
    day.to_string()
}
