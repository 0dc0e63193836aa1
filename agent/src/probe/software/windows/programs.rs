//! Programs, from the keys that "Apps and features" shows and those that it hides.

use std::collections::HashMap;

use freehold_proto::v1::software::{
    Package,
    package::{Source, State},
};

use super::{PERSONAL_ITEMS, Programs, bounded, date, note_gaps, note_long};
use crate::{
    probe::section::{Diagnostics, seconds},
    rows::{Row, Unread},
};

/// The key, below `HKEY_LOCAL_MACHINE` and below the key of each person.
pub(super) const KEY: &str = r"Software\Microsoft\Windows\CurrentVersion\Uninstall";

/// The values asked for. Commands are left out: they hold what is not reported.
pub(super) const VALUES: [&str; 13] = [
    "DisplayName",
    "DisplayVersion",
    "VersionMajor",
    "VersionMinor",
    "Publisher",
    "InstallDate",
    "InstallLocation",
    "EstimatedSize",
    "SystemComponent",
    "WindowsInstaller",
    "ParentKeyName",
    "ReleaseType",
    "ParentDisplayName",
];

/// The programs of all places, in their order. A key that both views show the same is one program.
pub(super) fn read(places: &[Programs], diagnostics: &mut Diagnostics) -> Vec<Package> {
    let mut found = Vec::new();
    let mut shown: HashMap<&str, &Row> = HashMap::new();
    for place in places {
        if !place.remark.is_empty() {
            diagnostics.note(&place.source, "", &place.remark);
        }
        let below = match &place.answer {
            Ok(below) => below,
            Err(Unread::Absent) if !place.user.is_empty() || place.architecture == "x86" => {
                continue;
            }
            Err(unread) => {
                let reason = format_args!("{unread}, so the programs that stand there are missing");
                diagnostics.note(&place.source, "", reason);
                continue;
            }
        };
        note_gaps(below, &place.source, "a program", diagnostics);
        let programs = below
            .rows
            .iter()
            .filter_map(|row| Some((row, program(row, place)?)));
        let mut of_place = Vec::new();
        for (row, package) in programs {
            let before = shown.get(row.name.as_str());
            if place.architecture == "x86" && before.is_some_and(|before| is_same(before, row)) {
                continue;
            }
            note_long(row, &place.source, diagnostics);
            if place.architecture == "x64" {
                shown.insert(&row.name, row);
            }
            of_place.push(bounded(package, &place.source, diagnostics));
        }
        if !place.user.is_empty() {
            diagnostics.limit(&place.source, "programs", &mut of_place, PERSONAL_ITEMS);
        }
        found.extend(of_place);
    }
    found
}

/// Whether both views show the very same key.
fn is_same(one: &Row, other: &Row) -> bool {
    one.values().eq(other.values())
}

/// A key without a name for people is no program: Windows keeps many of those.
fn program(row: &Row, place: &Programs) -> Option<Package> {
    let name = row.text("DisplayName");
    if name.is_empty() {
        return None;
    }
    let source = if is_update(row) {
        Source::Hotfix
    } else if row.flag("WindowsInstaller") == Some(true) {
        Source::Msi
    } else {
        Source::Registry
    };
    Some(Package {
        name: name.into(),
        user: place.user.clone(),
        architecture: place.architecture.into(),
        product_code: row.name.clone(),
        source: source.into(),
        ..described(row)
    })
}

/// What uninstall keys and Windows Installer's own keys both say, by the same names.
pub(super) fn described(row: &Row) -> Package {
    const KIB: u64 = 1024;
    let installed = date::installed(row.text("InstallDate"), row.written);
    let size = row.number::<u64>("EstimatedSize").filter(|size| *size > 0);
    Package {
        version: version(row),
        publisher: row.text("Publisher").into(),
        installed_at: installed.map(seconds),
        size_bytes: size.map(|kib| kib.saturating_mul(KIB)),
        state: State::Installed.into(),
        location: row.text("InstallLocation").trim_matches('"').into(),
        system_component: row.flag("SystemComponent") == Some(true),
        ..Package::default()
    }
}

fn version(row: &Row) -> String {
    let told = row.text("DisplayVersion");
    if !told.is_empty() {
        return told.into();
    }
    match (
        row.number::<u32>("VersionMajor"),
        row.number::<u32>("VersionMinor"),
    ) {
        (Some(0) | None, Some(0) | None) | (None, Some(_)) => String::new(),
        (Some(major), minor) => format!("{major}.{}", minor.unwrap_or_default()),
    }
}

/// Whether the key is of an update to something else, as "Installed updates" shows them.
fn is_update(row: &Row) -> bool {
    let kind = row.text("ReleaseType").to_ascii_lowercase();
    !row.text("ParentKeyName").is_empty()
        || ["update", "hotfix", "service pack", "servicepack"]
            .iter()
            .any(|update| kind.contains(update))
}
