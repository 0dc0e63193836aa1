//! Installed software, each title once with the computers it is on.

use std::collections::BTreeMap;

use freehold_proto::v1::{ListSoftwareRequest, ListSoftwareResponse, section::Status};
use serde_json::{Value, json};

use super::super::{
    args, fleet::ask, line::all, listing::Listing, moment, profile::Chosen, trouble::Trouble,
};
use crate::cli::console::time;

/// What makes two packages the same title: name, version, publisher.
type Title = (String, String, String);

/// `software`
pub(in crate::client) async fn software(
    chosen: Chosen,
    args: args::Software,
) -> Result<(), Trouble> {
    let request = ListSoftwareRequest {
        search: args.search,
        computer: String::new(),
        as_of: moment::asked(args.moment.as_of),
    };
    let as_of = time(request.as_of);
    let answers = ask(chosen, move |_, mut line| {
        let request = request.clone();
        Box::pin(async move { all(line.list_software(request)).await })
    })
    .await;
    let (mut rows, mut unknown) = (Vec::new(), Vec::new());
    for (client, computers) in answers.given {
        unknown.extend(doubts(&client, "software", &of_software(&computers)));
        rows.extend(titles(&client, computers));
    }
    let listing = Listing {
        key: "software",
        columns: &[
            ("CLIENT", "client"),
            ("NAME", "name"),
            ("VERSION", "version"),
            ("COMPUTERS", "count"),
            ("ON", "computers"),
        ],
        rows,
        nothing: "No software was found.",
        unknown,
        as_of,
    };
    listing.print(args.form, &answers.failed)
}

fn titles(client: &str, computers: Vec<ListSoftwareResponse>) -> Vec<Value> {
    let mut titles: BTreeMap<Title, Vec<String>> = BTreeMap::new();
    for computer in computers {
        for package in computer.packages {
            let shown = if package.title.is_empty() {
                package.name
            } else {
                package.title
            };
            let on = titles
                .entry((shown, package.version, package.publisher))
                .or_default();
            if on.last() != Some(&computer.name) {
                on.push(computer.name.clone());
            }
        }
    }
    let row = |((name, version, publisher), on): (Title, Vec<String>)| {
        json!({
            "client": client,
            "name": name,
            "version": version,
            "publisher": publisher,
            "count": on.len(),
            "computers": on,
        })
    };
    titles.into_iter().map(row).collect()
}

fn of_software(computers: &[ListSoftwareResponse]) -> Vec<(Status, &str)> {
    let of = |computer: &'_ ListSoftwareResponse| computer.status();
    computers
        .iter()
        .map(|computer| (of(computer), computer.name.as_str()))
        .collect()
}

/// A sentence about the computers of which a section is not fully known; none where all is.
pub(super) fn doubts(client: &str, what: &str, read: &[(Status, &str)]) -> Option<String> {
    let mut names: Vec<&str> = read
        .iter()
        .filter(|(status, _)| *status != Status::Complete)
        .map(|(_, name)| *name)
        .collect();
    names.dedup();
    let (shown, more) = names.split_at(names.len().min(10));
    let more = if more.is_empty() {
        String::new()
    } else {
        format!(" and {} others", more.len())
    };
    (!names.is_empty()).then(|| {
        format!(
            "{client}: the {what} of these computers is not fully known: {}{more}",
            shown.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use freehold_proto::v1::software::Package;

    use super::*;

    #[test]
    fn a_title_stands_once_with_its_computers_and_what_is_unknown_is_said() {
        let computer = |name: &str, status: Status| ListSoftwareResponse {
            name: name.to_owned(),
            status: status.into(),
            packages: vec![
                Package {
                    name: "openssl".to_owned(),
                    version: "3".to_owned(),
                    ..Package::default()
                };
                2
            ],
            ..ListSoftwareResponse::default()
        };
        let computers = vec![
            computer("a", Status::Complete),
            computer("b", Status::Partial),
            computer("b", Status::Partial),
        ];
        let doubt = doubts("hill", "software", &of_software(&computers));
        assert_eq!(
            doubt.unwrap(),
            "hill: the software of these computers is not fully known: b"
        );
        let rows = titles("hill", computers);
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0]["computers"], json!(["a", "b"]));
    }
}
