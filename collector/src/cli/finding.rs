//! Findings as the command line shows them.

use freehold_proto::v1;
use serde_json::{Map, Value, json};

use super::{
    console::{time, time_or},
    table::printable,
};

/// Prints them, a line each.
pub(super) fn print(findings: &[v1::Finding]) {
    for finding in findings {
        println!("{}", line(finding));
    }
}

/// Adds them to what is shown of a machine.
pub(super) fn insert(object: &mut Map<String, Value>, findings: &[v1::Finding]) {
    let findings = findings.iter().map(json).collect();
    object.insert("findings".to_owned(), findings);
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
