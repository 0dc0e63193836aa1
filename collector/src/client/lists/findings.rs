//! What is found about computers and still open.

use freehold_proto::v1::{ComputerFinding, ListFindingsRequest, finding::Severity};
use serde_json::{Value, json};

use super::super::{
    args, fleet::ask, line::all, listing::Listing, profile::Chosen, trouble::Trouble,
};
use crate::cli::console::time;

/// `findings`
pub(in crate::client) async fn findings(
    chosen: Chosen,
    args: args::Findings,
) -> Result<(), Trouble> {
    let answers = ask(chosen, move |_, mut line| {
        let request = ListFindingsRequest::default();
        Box::pin(async move { all(line.list_findings(request)).await })
    })
    .await;
    let (mut rows, mut unknown) = (Vec::new(), Vec::new());
    for (client, pieces) in &answers.given {
        let unlooked = pieces.iter().map(|piece| piece.unlooked).max().unwrap_or(0);
        if unlooked > 0 {
            unknown.push(format!(
                "{client}: {unlooked} of its computers reported something that was not looked at yet: ask again in a moment"
            ));
        }
        let found = pieces.iter().flat_map(|piece| &piece.findings);
        rows.extend(found.filter_map(|found| row(client, found, args.all)));
    }
    // Each client's come in order; across clients the most serious come first too.
    rows.sort_by_key(|(severity, _)| *severity);
    let listing = Listing {
        key: "findings",
        columns: &[
            ("SEVERITY", "severity"),
            ("CLIENT", "client"),
            ("COMPUTER", "computer"),
            ("WHAT", "sentence"),
            ("SINCE", "opened_at"),
        ],
        rows: rows.into_iter().map(|(_, row)| row).collect(),
        nothing: "Nothing is found, going by what is shared with you.",
        unknown,
        ..Listing::default()
    };
    listing.print(args.form, &answers.failed)
}

/// A finding with how serious it is; `None` for one that was set aside, unless all are asked for.
fn row(client: &str, found: &ComputerFinding, all: bool) -> Option<(i32, Value)> {
    let finding = found.finding.clone().unwrap_or_default();
    if finding.aside_until.is_some() && !all {
        return None;
    }
    let severity = finding.severity();
    let row = json!({
        "client": client,
        "severity": word(severity),
        "computer": found.name,
        "computer_id": found.id,
        "id": finding.id,
        "rule": finding.rule,
        "sentence": finding.sentence,
        "why": found.why,
        "opened_at": time(finding.opened_at),
        "aside_until": time(finding.aside_until),
    });
    Some((finding.severity, row))
}

/// The word for a severity. One of a newer collector is not known, and is not taken for a mild one.
fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::ActNow => "act now",
        Severity::Plan => "plan this",
        Severity::Unknown | Severity::Unspecified => "unknown",
        Severity::Know => "good to know",
    }
}

#[cfg(test)]
mod tests {
    use freehold_proto::v1::Finding;

    use super::*;

    #[test]
    fn what_was_set_aside_is_listed_only_when_all_is_asked_for() {
        let mut found = ComputerFinding {
            name: "pc".to_owned(),
            finding: Some(Finding {
                severity: Severity::ActNow.into(),
                ..Finding::default()
            }),
            ..ComputerFinding::default()
        };
        let (_, shown) = row("hill", &found, false).unwrap();
        assert_eq!(shown["severity"], "act now");
        if let Some(finding) = &mut found.finding {
            finding.aside_until = Some(prost_types::Timestamp::default());
        }
        assert!(row("hill", &found, false).is_none());
        assert!(row("hill", &found, true).is_some());
    }
}
