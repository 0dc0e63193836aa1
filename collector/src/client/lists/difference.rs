//! What is different between two moments, each difference once with the computers it is on.

use std::collections::BTreeMap;

use freehold_agent::snapshot::section_name;
use freehold_proto::v1::{
    Difference, ReadDifferenceRequest, ReadDifferenceResponse, difference::Action, section::Kind,
};
use serde_json::{Value, json};

use super::super::{
    args, fleet::ask, line::all, listing::Listing, moment, profile::Chosen, trouble::Trouble,
};

/// What makes two differences the same: section, what happened, the sentence.
type Same = (i32, i32, String);

/// `difference`
pub(in crate::client) async fn difference(
    chosen: Chosen,
    args: args::Difference,
) -> Result<(), Trouble> {
    let request = ReadDifferenceRequest {
        from: moment::asked(Some(args.from)),
        to: moment::asked(args.to),
        computer: args.computer,
    };
    let answers = ask(chosen, move |_, mut line| {
        let request = request.clone();
        Box::pin(async move { all(line.read_difference(request)).await })
    })
    .await;
    let (mut rows, mut unknown) = (Vec::new(), Vec::new());
    for (client, pieces) in answers.given {
        unknown.extend(doubts(&client, &pieces));
        rows.extend(grouped(&client, pieces));
    }
    let listing = Listing {
        key: "differences",
        columns: &[
            ("CLIENT", "client"),
            ("SECTION", "section"),
            ("WHAT", "summary"),
            ("COMPUTERS", "count"),
            ("ON", "computers"),
        ],
        rows,
        nothing: "Nothing is different, going by what is shared with you.",
        unknown,
        ..Listing::default()
    };
    listing.print(args.form, &answers.failed)
}

/// The differences of one client: computers that joined first, then section by section.
fn grouped(client: &str, pieces: Vec<ReadDifferenceResponse>) -> Vec<Value> {
    let mut rows = Vec::new();
    let mut same: BTreeMap<Same, (Difference, Vec<String>)> = BTreeMap::new();
    for piece in pieces {
        rows.extend(piece.joined.into_iter().map(|joined| {
            let difference = Difference {
                summary: "joined: everything about it is new".to_owned(),
                ..Difference::default()
            };
            row(client, "joined", &difference, &[joined.name])
        }));
        for difference in piece.differences {
            let place = (
                difference.section,
                difference.action,
                difference.summary.clone(),
            );
            let name = difference.name.clone();
            let (_, on) = same
                .entry(place)
                .or_insert_with(|| (difference, Vec::new()));
            on.push(name);
        }
    }
    let same = same.into_values();
    rows.extend(
        same.map(|(difference, on)| row(client, word(difference.action()), &difference, &on)),
    );
    rows
}

fn row(client: &str, action: &str, difference: &Difference, on: &[String]) -> Value {
    let section = match difference.section() {
        Kind::Unspecified => "",
        kind => section_name(kind),
    };
    let fields = difference.fields.iter();
    let fields: Vec<Value> = fields
        .map(|field| json!({ "name": field.name, "before": field.before, "after": field.after }))
        .collect();
    json!({
        "client": client,
        "section": section,
        "action": action,
        "noun": difference.noun,
        "item": difference.item,
        "summary": difference.summary,
        "fields": fields,
        "count": on.len(),
        "computers": on,
    })
}

fn word(action: Action) -> &'static str {
    match action {
        Action::Added => "added",
        Action::Removed => "removed",
        Action::Altered => "altered",
        Action::FirstReport => "reported first",
        Action::Unspecified => "unknown",
    }
}

/// What the answer of one client leaves open.
fn doubts(client: &str, pieces: &[ReadDifferenceResponse]) -> Vec<String> {
    let mut doubts = Vec::new();
    let left_out = pieces.iter().map(|piece| piece.left_out).max().unwrap_or(0);
    if left_out > 0 {
        doubts.push(format!(
            "{client}: {left_out} more of its computers are different, but too many to compare at once: ask about each with \
             --computer, or about a shorter time"
        ));
    }
    for piece in pieces.iter().flat_map(|piece| &piece.uncompared) {
        doubts.push(format!(
            "{client}: the section {} of {} could not be compared, because its record is damaged",
            section_name(piece.section()),
            piece.name
        ));
    }
    doubts
}

#[cfg(test)]
mod tests {
    use freehold_proto::v1::{SharedComputer, read_difference_response::Uncompared};

    use super::*;

    #[test]
    fn the_same_difference_stands_once_with_its_computers_and_what_is_left_open_is_said() {
        let different = |name: &str, summary: &str| Difference {
            name: name.to_owned(),
            section: Kind::Software.into(),
            action: Action::Altered.into(),
            summary: summary.to_owned(),
            ..Difference::default()
        };
        let pieces = vec![
            ReadDifferenceResponse {
                differences: vec![
                    different("a", "openssl 1 -> 2"),
                    different("a", "bash 4 -> 5"),
                ],
                joined: vec![SharedComputer {
                    name: "new".to_owned(),
                    ..SharedComputer::default()
                }],
                uncompared: vec![Uncompared {
                    name: "c".to_owned(),
                    section: Kind::Accounts.into(),
                }],
                left_out: 3,
            },
            ReadDifferenceResponse {
                differences: vec![different("b", "openssl 1 -> 2")],
                ..ReadDifferenceResponse::default()
            },
        ];
        let said = doubts("hill", &pieces);
        assert!(
            said[0].contains("3 more") && said[1].contains("accounts of c"),
            "{said:?}"
        );
        let rows = grouped("hill", pieces);
        let told: Vec<(&str, &Value)> = rows
            .iter()
            .map(|row| (row["summary"].as_str().unwrap(), &row["computers"]))
            .collect();
        assert_eq!(
            told,
            [
                ("joined: everything about it is new", &json!(["new"])),
                ("bash 4 -> 5", &json!(["a"])),
                ("openssl 1 -> 2", &json!(["a", "b"])),
            ]
        );
    }
}
