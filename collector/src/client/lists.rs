//! The lists, across all clients.

mod administrators;
mod difference;
mod findings;
mod search;
mod software;

use freehold_agent::snapshot::section_name;
use freehold_proto::v1::{
    self, ListChangesRequest, ListComputersRequest, ReadLogRequest, WhoAmIRequest, computer::fact,
    section::Kind,
};
use serde_json::{Value, json};

pub(super) use self::{
    administrators::admins, difference::difference, findings::findings, search::search,
    software::software,
};
use super::{
    args::{self, Form},
    fleet::ask,
    line::{all, within},
    listing::Listing,
    moment,
    profile::Chosen,
    trouble::Trouble,
};
use crate::cli::console::time;

/// `clients`: also those that do not answer are rows.
pub(super) async fn clients(chosen: Chosen, form: &Form) -> Result<(), Trouble> {
    let answers = ask(chosen, |_, mut line| {
        Box::pin(async move { Ok(within(line.who_am_i(WhoAmIRequest {})).await??.into_inner()) })
    })
    .await;
    let mut rows: Vec<Value> = answers
        .given
        .iter()
        .map(|(client, who)| {
            json!({
                "client": client,
                "business": who.business,
                "state": "may read",
                "until": time(who.until),
                "person": who.person,
                "supplier": who.supplier,
            })
        })
        .collect();
    rows.extend(answers.failed.iter().map(|failed| {
        json!({
            "client": failed.client,
            "business": null,
            "state": failed.reason,
            "until": null,
            "person": null,
            "supplier": null,
        })
    }));
    rows.sort_by(|one, other| one["client"].as_str().cmp(&other["client"].as_str()));
    let listing = Listing {
        key: "clients",
        columns: &[
            ("CLIENT", "client"),
            ("BUSINESS", "business"),
            ("UNTIL", "until"),
            ("STATE", "state"),
        ],
        rows,
        nothing: "No clients.",
        ..Listing::default()
    };
    // That one does not answer is what was asked.
    listing.print(*form, &[])
}

/// `whoami`
pub(super) async fn whoami(chosen: Chosen, form: &Form) -> Result<(), Trouble> {
    let answers = ask(chosen, |_, mut line| {
        Box::pin(async move { Ok(within(line.who_am_i(WhoAmIRequest {})).await??.into_inner()) })
    })
    .await;
    let row = |(client, who): (String, v1::WhoAmIResponse)| {
        json!({
            "client": client,
            "business": who.business,
            "person": who.person,
            "supplier": who.supplier,
            "sees": who.scope,
            "until": time(who.until),
            "may_export": who.may_export,
            "device": who.device,
            "certificate_expires_at": time(who.certificate_expires_at),
        })
    };
    let listing = Listing {
        key: "clients",
        columns: &[
            ("CLIENT", "client"),
            ("PERSON", "person"),
            ("SUPPLIER", "supplier"),
            ("UNTIL", "until"),
            ("EXPORT", "may_export"),
            ("SEES", "sees"),
        ],
        rows: answers.given.into_iter().map(row).collect(),
        nothing: "No client answered.",
        ..Listing::default()
    };
    listing.print(*form, &answers.failed)
}

/// `computers`
pub(super) async fn computers(chosen: Chosen, args: args::Computers) -> Result<(), Trouble> {
    let request = ListComputersRequest {
        search: args.search,
        as_of: moment::asked(args.moment.as_of),
    };
    let as_of = time(request.as_of);
    let answers = ask(chosen, move |_, mut line| {
        let request = request.clone();
        Box::pin(async move { all(line.list_computers(request)).await })
    })
    .await;
    let mut rows = Vec::new();
    for (client, pieces) in &answers.given {
        let computers = pieces.iter().flat_map(|piece| &piece.computers);
        rows.extend(computers.map(|computer| computer_row(client, computer)));
    }
    let listing = Listing {
        key: "computers",
        columns: &[
            ("CLIENT", "client"),
            ("NAME", "name"),
            ("STATE", "state"),
            ("LAST SEEN", "last_seen"),
            ("SYSTEM", "system"),
            ("ANTIVIRUS", "antivirus"),
            ("ADMINISTRATORS", "administrators"),
        ],
        rows,
        nothing: "No computers.",
        as_of,
        ..Listing::default()
    };
    listing.print(args.form, &answers.failed)
}

/// `changes`
pub(super) async fn changes(chosen: Chosen, args: args::Changes) -> Result<(), Trouble> {
    let request = ListChangesRequest {
        limit: args.limit,
        ..ListChangesRequest::default()
    };
    let answers = ask(chosen, move |_, mut line| {
        let request = request.clone();
        Box::pin(async move {
            Ok(within(line.list_changes(request))
                .await??
                .into_inner()
                .changes)
        })
    })
    .await;
    let mut rows = Vec::new();
    for (client, changes) in answers.given {
        rows.extend(
            changes
                .into_iter()
                .map(|change| change_row(&client, change)),
        );
    }
    rows.sort_by(|one, other| other["at"].as_str().cmp(&one["at"].as_str()));
    let listing = Listing {
        key: "changes",
        columns: &[
            ("WHEN", "at"),
            ("CLIENT", "client"),
            ("COMPUTER", "computer"),
            ("WHAT", "summary"),
        ],
        rows,
        nothing: "No changes.",
        ..Listing::default()
    };
    listing.print(args.form, &answers.failed)
}

/// `audit`
pub(super) async fn audit(chosen: Chosen, args: args::ListLog) -> Result<(), Trouble> {
    let request = ReadLogRequest {
        before: 0,
        limit: args.limit,
    };
    let answers = ask(chosen, move |_, mut line| {
        Box::pin(async move { Ok(within(line.read_log(request)).await??.into_inner().entries) })
    })
    .await;
    let mut rows = Vec::new();
    for (client, entries) in answers.given {
        rows.extend(entries.into_iter().map(|entry| {
            json!({
                "client": client,
                "index": entry.index,
                "at": time(entry.at),
                "who": entry.who,
                "deed": entry.deed,
                "remote": entry.remote,
            })
        }));
    }
    let listing = Listing {
        key: "entries",
        columns: &[
            ("CLIENT", "client"),
            ("WHEN", "at"),
            ("WHO", "who"),
            ("WHAT", "deed"),
        ],
        rows,
        nothing: "Nothing is written down yet.",
        ..Listing::default()
    };
    listing.print(args.form, &answers.failed)
}

pub(super) fn computer_row(client: &str, computer: &v1::Computer) -> Value {
    let machine = computer.machine.clone().unwrap_or_default();
    json!({
        "client": client,
        "id": machine.id,
        "name": machine.name,
        "state": machine.state().as_str_name().to_lowercase(),
        "last_seen": time(machine.last_seen_at),
        "labels": machine.labels,
        "system": fact_text(computer.system.as_ref()),
        "antivirus": fact_text(computer.antivirus.as_ref()),
        "administrators": fact_text(computer.administrators.as_ref()),
    })
}

/// What is known, or why it is not: never nothing.
fn fact_text(fact: Option<&v1::computer::Fact>) -> String {
    match fact.map(v1::computer::Fact::state) {
        Some(fact::State::Known) => fact.map(|fact| fact.text.clone()).unwrap_or_default(),
        Some(fact::State::NotShared) => "(not shared)".to_owned(),
        Some(fact::State::NotReported) => "(not reported)".to_owned(),
        Some(fact::State::Unreadable) => "(could not be read)".to_owned(),
        Some(fact::State::Unspecified) | None => "(not known)".to_owned(),
    }
}

fn change_row(client: &str, change: v1::ComputerChange) -> Value {
    let what = change.change.unwrap_or_default();
    let section = Kind::try_from(what.section.cast_signed()).map_or("unknown", section_name);
    json!({
        "client": client,
        "at": time(what.at),
        "computer": change.name,
        "computer_id": change.id,
        "section": section,
        "summary": what.summary,
    })
}
