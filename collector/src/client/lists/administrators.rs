//! Who can administer which computer, and how that comes about.

use freehold_proto::v1::{
    ListAdministratorsRequest, ListAdministratorsResponse, accounts::Privilege, section::Status,
    toggle::State,
};
use serde_json::{Value, json};

use super::{
    super::{
        args, fleet::ask, line::all, listing::Listing, moment, profile::Chosen, trouble::Trouble,
    },
    software::doubts,
};
use crate::cli::console::time;

/// `admins`
pub(in crate::client) async fn admins(chosen: Chosen, args: args::Admins) -> Result<(), Trouble> {
    let request = ListAdministratorsRequest {
        as_of: moment::asked(args.moment.as_of),
        ..ListAdministratorsRequest::default()
    };
    let as_of = time(request.as_of);
    let answers = ask(chosen, move |_, mut line| {
        let request = request.clone();
        Box::pin(async move { all(line.list_administrators(request)).await })
    })
    .await;
    let (mut rows, mut unknown) = (Vec::new(), Vec::new());
    for (client, computers) in &answers.given {
        let read: Vec<(Status, &str)> = computers
            .iter()
            .map(|computer| (computer.status(), computer.name.as_str()))
            .collect();
        unknown.extend(doubts(client, "list of administrators", &read));
        for computer in computers {
            let reasons = computer.privileges.iter();
            // What may be full control counts as such.
            let reasons = reasons.filter(|it| args.all || it.full_control() != State::Off);
            rows.extend(reasons.map(|privilege| row(client, computer, privilege)));
        }
    }
    let listing = Listing {
        key: "administrators",
        columns: &[
            ("CLIENT", "client"),
            ("COMPUTER", "computer"),
            ("WHO", "principal"),
            ("HOW", "how"),
            ("WHAT", "scope"),
            ("CONDITIONS", "conditions"),
        ],
        rows,
        nothing: "No administrators were found.",
        unknown,
        as_of,
    };
    listing.print(args.form, &answers.failed)
}

fn row(client: &str, computer: &ListAdministratorsResponse, privilege: &Privilege) -> Value {
    let how = if privilege.path.is_empty() {
        privilege
            .mechanism()
            .as_str_name()
            .to_lowercase()
            .replace('_', " ")
    } else {
        privilege.path.join(" > ")
    };
    json!({
        "client": client,
        "computer": computer.name,
        "computer_id": computer.id,
        "principal": privilege.principal,
        "principal_kind": privilege.principal_kind().as_str_name(),
        "principal_id": privilege.principal_id,
        "mechanism": privilege.mechanism().as_str_name(),
        "how": how,
        "scope": privilege.scope,
        "conditions": privilege.conditions,
        "full_control": privilege.full_control().as_str_name(),
        "source": privilege.source,
    })
}
