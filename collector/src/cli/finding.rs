//! Findings as the command line shows them.

use freehold_proto::v1;
use serde_json::{Map, Value, json};

use super::{
    console::{time, time_or},
    table::printable,
};

/// Prints them, a line each.
pub(super) fn print(shown: &v1::ShowMachineResponse) {
    for finding in &shown.findings {
        println!("{}", line(finding));
    }
    if shown.findings_pending {
        println!("What it reported is still being gone through: there may be more.");
    }
}

/// Adds them to what is shown of a machine.
pub(super) fn insert(object: &mut Map<String, Value>, shown: &v1::ShowMachineResponse) {
    let findings = shown.findings.iter().map(json).collect();
    object.insert("findings".to_owned(), findings);
    let is_pending = shown.findings_pending.into();
    object.insert("findings_pending".to_owned(), is_pending);
}

/// In one line, for people.
fn line(finding: &v1::Finding) -> String {
    let aside = match finding.aside_until {
        Some(until) => format!(" (set aside until {})", time_or(Some(until), "unknown")),
        None => String::new(),
    };
    let severity = match finding.severity() {
        v1::finding::Severity::ActNow => "Act now:",
        v1::finding::Severity::Plan => "Plan:",
        v1::finding::Severity::Know => "Know:",
        v1::finding::Severity::Unknown | v1::finding::Severity::Unspecified => "Unknown:",
    };
    format!("{severity:10} {}{aside}", printable(&finding.sentence))
}

/// For programs.
fn json(finding: &v1::Finding) -> Value {
    json!({
        "id": finding.id,
        "rule": finding.rule,
        "severity": finding.severity().as_str_name(),
        "sentence": finding.sentence,
        "opened_at": time(finding.opened_at),
        "aside_until": time(finding.aside_until),
    })
}
