//! Scheduled tasks: their names and for whom, never what they run.

use freehold_proto::v1::services::ScheduledTask;

use crate::{
    parse::task,
    probe::{
        section::Diagnostics,
        windows::{Machine, Source, unread},
    },
    rows::{Row, Unread},
};

/// Identifiers of accounts that every Windows has, as tasks name them.
const WELL_KNOWN: [(&str, &str); 6] = [
    ("S-1-5-18", "SYSTEM"),
    ("S-1-5-19", "LOCAL SERVICE"),
    ("S-1-5-20", "NETWORK SERVICE"),
    ("S-1-5-32-544", "Administrators"),
    ("S-1-5-32-545", "Users"),
    ("S-1-5-4", "whoever is signed in"),
];

/// The tasks that are switched on, ordered by name, account.
pub(super) fn read(machine: &dyn Machine, diagnostics: &mut Diagnostics) -> Vec<ScheduledTask> {
    let rows = machine.list(&Source::Tasks).unwrap_or_else(|why| {
        unread(Source::Tasks, &why, "the scheduled tasks are", diagnostics);
        Vec::new()
    });
    let mut tasks: Vec<_> = rows
        .iter()
        .filter_map(|row| task(machine, row, diagnostics))
        .collect();
    tasks.sort_by(|a, b| (&a.name, &a.account).cmp(&(&b.name, &b.account)));
    tasks
}

fn task(machine: &dyn Machine, row: &Row, diagnostics: &mut Diagnostics) -> Option<ScheduledTask> {
    let name = diagnostics.fit(Source::Tasks, "", row.text("Name").to_owned());
    let source = diagnostics.fit(Source::Tasks, "", format!(r"{}\{name}", Source::Tasks));
    let Some(bytes) = row.bytes("Definition") else {
        let why = row
            .number("Error")
            .map_or(Unread::Absent, Unread::from_code);
        unread(&source, &why, "for whom it runs is", diagnostics);
        return Some(ScheduledTask {
            name,
            account: String::new(),
            source,
        });
    };
    let definition = match task::parse(bytes) {
        Ok(definition) if definition.enabled => definition,
        Ok(_) => return None,
        Err(error) => {
            let reason = format_args!("{error}, so for whom it runs is missing");
            diagnostics.note(&source, "", reason);
            task::Definition::default()
        }
    };
    let account = account(machine, &definition.principal);
    Some(ScheduledTask {
        account: diagnostics.fit(&source, "", account),
        name,
        source,
    })
}

/// An identifier by its name, where it has one.
fn account(machine: &dyn Machine, principal: &str) -> String {
    if let Some((_, name)) = WELL_KNOWN.iter().find(|(sid, _)| *sid == principal) {
        return (*name).to_owned();
    }
    if !principal.starts_with("S-1-") {
        return principal.to_owned();
    }
    let rows = machine.list(&Source::Sid(principal.to_owned()));
    let rows = rows.unwrap_or_default();
    let found = rows.first().filter(|row| !row.text("Name").is_empty());
    found.map_or_else(
        || principal.to_owned(),
        |row| match row.text("Domain") {
            "" => row.text("Name").to_owned(),
            domain => format!(r"{domain}\{}", row.text("Name")),
        },
    )
}
