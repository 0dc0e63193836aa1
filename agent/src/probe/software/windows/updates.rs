//! Updates of Windows: those that WMI lists; where it does not answer, the packages of the servicing stack.

use std::collections::BTreeMap;

use freehold_proto::v1::software::{
    Package,
    package::{Source, State},
};

use super::{bounded, date, note_gaps};
use crate::{
    probe::{
        section::{Diagnostics, seconds},
        software::list::List,
    },
    rows::{Answer, Below, Query, Row, file_time},
};

/// The updates as WMI tells them.
pub(super) const QUERY: Query = Query {
    namespace: r"root\cimv2",
    class: "Win32_QuickFixEngineering",
    properties: &[
        "HotFixID",
        "Description",
        "InstalledOn",
        "ServicePackInEffect",
    ],
    condition: "",
};

/// The packages of the servicing stack.
pub(super) const KEY: &str =
    r"SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\Packages";

/// Beginning of the names of packages that are updates; there are thousands of others.
pub(super) const UPDATE: &str = "Package_for_";

/// Values asked for of each.
#[cfg_attr(not(windows), allow(dead_code, reason = "asked for on Windows"))]
pub(super) const VALUES: [&str; 3] = ["CurrentState", "InstallTimeHigh", "InstallTimeLow"];

/// What both sources answer. The second is asked only where the first does not answer.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) listed: Answer<Vec<Row>>,
    pub(super) serviced: Option<Answer<Below>>,
}

impl Rows {
    /// Whether there was any answer.
    pub(super) fn any_read(&self) -> bool {
        self.listed.is_ok() || matches!(self.serviced, Some(Ok(_)))
    }
}

/// Adds the updates, each once.
pub(super) fn read(rows: &Rows, list: &mut List, diagnostics: &mut Diagnostics) {
    let mut updates = BTreeMap::new();
    match (&rows.listed, &rows.serviced) {
        (Ok(listed), _) => {
            for update in listed.iter().filter_map(listed_update) {
                updates.entry(update.name.clone()).or_insert(update);
            }
        }
        (Err(unread), Some(Ok(below))) => {
            let reason = format_args!(
                "{unread}; updates are told by the servicing stack instead, where cumulative ones have no number"
            );
            diagnostics.note(QUERY, "", reason);
            note_gaps(below, KEY, "an update", diagnostics);
            for update in below.rows.iter().filter_map(serviced_update) {
                updates.entry(update.name.clone()).or_insert(update);
            }
        }
        (Err(unread), serviced) => {
            let reason = format_args!("{unread}, so updates of Windows are missing");
            diagnostics.note(QUERY, "", reason);
            if let Some(Err(unread)) = serviced {
                let reason = format_args!("{unread}, so updates of Windows are missing");
                diagnostics.note(KEY, "", reason);
            }
        }
    }
    for update in updates.into_values() {
        let source = QUERY.to_string();
        list.push(bounded(update, &source, diagnostics));
    }
}

fn listed_update(row: &Row) -> Option<Package> {
    let id = row.text("HotFixID");
    // What came with a service pack stands there as a file.
    let id = if id.eq_ignore_ascii_case("File 1") {
        row.text("ServicePackInEffect")
    } else {
        id
    };
    (!id.is_empty()).then(|| Package {
        name: id.into(),
        title: row.text("Description").into(),
        installed_at: date::updated(row.text("InstalledOn")).map(seconds),
        ..update()
    })
}

/// "`Package_for_KB5034441~31bf3856ad364e35~amd64~~22621.3007.1.1`", where it is installed.
fn serviced_update(row: &Row) -> Option<Package> {
    const INSTALLED: [u32; 2] = [0x70, 0x80];
    let mut parts = row.name.strip_prefix(UPDATE)?.split('~');
    let name = parts.next().filter(|name| !name.is_empty())?;
    // Each update brings further packages of its own, numbered behind its name.
    let name = match name.split_once("_for_") {
        Some(_) => return None,
        None => name.split('_').next().unwrap_or(name),
    };
    let state = row.number::<u32>("CurrentState")?;
    let half = |name| row.number::<u32>(name).map(u64::from);
    let ticks = half("InstallTimeHigh")
        .zip(half("InstallTimeLow"))
        .map(|(high, low)| high << 32 | low);
    INSTALLED.contains(&state).then(|| Package {
        name: name.into(),
        version: parts.next_back().unwrap_or_default().into(),
        architecture: parts.nth(1).unwrap_or_default().into(),
        installed_at: ticks.and_then(file_time).map(seconds),
        ..update()
    })
}

fn update() -> Package {
    Package {
        source: Source::Hotfix.into(),
        state: State::Installed.into(),
        ..Package::default()
    }
}
