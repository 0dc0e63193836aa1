//! Lists that are taken along: what a hostile computer writes stays text in a spreadsheet.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use freehold_tests::{Browser, Inventory, TestCollector};

const PASSWORD: &str = "correct horse battery staple";

/// What spreadsheets would run, as names of computers.
const FORMULAS: [&str; 4] = [
    "=HYPERLINK(\"http://evil.example/\",\"ok\")",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1+1)",
];

#[tokio::test]
async fn a_formula_in_a_name_is_text_in_every_format() {
    let collector = TestCollector::start().await;
    for (seed, name) in (1..).zip(FORMULAS) {
        let mut machine = collector.machine(name).await;
        let mut inventory = Inventory::small(seed);
        name.clone_into(&mut inventory.host_name);
        machine
            .report(&inventory.sections())
            .await
            .expect("reports");
    }
    let mut owner = owner(&collector).await;
    let csv = owner.visit("/export/computers?format=csv").await;
    assert_eq!(csv.status, 200);
    for formula in FORMULAS {
        // Behind a quote that spreadsheets take for "this is text", and never at the beginning of a cell.
        let cell = format!("'{}", formula.replace('"', "\"\""));
        assert!(csv.text.contains(&cell), "no {cell} in {}", csv.text);
    }
    let cells = csv.text.lines().flat_map(|line| line.split(','));
    for cell in cells {
        let begins = cell.trim_start_matches('"').chars().next();
        assert!(
            !begins.is_some_and(|c| "=+-@".contains(c)),
            "{cell} in {}",
            csv.text
        );
    }
    let json = owner.visit("/export/computers?format=json").await;
    let json: serde_json::Value = serde_json::from_str(&json.text).expect("JSON");
    let said = json.to_string();
    assert!(
        said.contains("-2+3") && !said.contains("'-2+3"),
        "programs get what was said: {said}"
    );
    let page = owner.visit("/computers").await;
    assert!(page.text.contains("@SUM(1+1)"), "{}", page.text);
}

async fn owner(collector: &TestCollector) -> Browser {
    let code = collector.run(&["owner", "reset"]).await.expect();
    let code = code
        .lines()
        .find_map(|line| line.strip_prefix("Set-up code: "));
    let mut browser = collector.browser();
    let form = [
        ("code", code.expect("a code")),
        ("name", "Owner"),
        ("password", PASSWORD),
        ("again", PASSWORD),
    ];
    let set_up = browser.submit("/setup", &form).await;
    assert!(set_up.status.is_redirection(), "{}", set_up.text);
    browser
}
