//! Programs through which somebody can work on a machine from elsewhere.

mod catalogue;

use std::collections::BTreeMap;

use catalogue::{TOOLS, Tool};
use freehold_proto::v1::{
    section::Kind,
    software::{Package, package},
    toggle::State,
};

use super::super::{Found, Look, Verdict};

/// Ways in that belong to the system, or of which other rules speak.
const OF_THE_SYSTEM: [&str; 5] = [
    "OpenSSH",
    "Dropbear",
    "Remote Desktop",
    "Windows Remote Management",
    "GNOME Remote Desktop",
];

/// Where a tool was seen: section, what, source.
type Trace = (Kind, String, String);

/// Tools by which a supplier, or anybody, comes in. Whether they are meant, the owner decides.
pub(super) fn tools(look: &Look<'_>) -> Verdict {
    let mut traces: BTreeMap<&str, Vec<Trace>> = BTreeMap::new();
    let facts = look.facts;
    if let Some(section) = facts.protection.read() {
        for item in &section.remote_access {
            if OF_THE_SYSTEM.contains(&item.name.as_str()) {
                continue;
            }
            let runs = match item.enabled() {
                State::On => "it runs, or starts by itself",
                State::Off => "installed, not running",
                State::Unknown | State::Unspecified => "whether it runs could not be read",
            };
            let trace = (Kind::Protection, runs.to_owned(), item.source.clone());
            traces.entry(canonical(&item.name)).or_default().push(trace);
        }
    }
    if let Some(section) = facts.software.read() {
        let packages = section.packages.iter();
        for package in packages.filter(|it| it.state() != package::State::ConfigFiles) {
            if let Some(tool) = of_package(package) {
                let version = format!("installed, version {}", package.version);
                let trace = (Kind::Software, version, package.name.clone());
                traces.entry(tool.name).or_default().push(trace);
            }
        }
    }
    if let Some(section) = facts.services.read() {
        for service in &section.services {
            let program = service
                .program
                .rsplit(['/', '\\'])
                .next()
                .unwrap_or_default();
            let name = service
                .name
                .strip_suffix(".service")
                .unwrap_or(&service.name);
            if let Some(tool) = TOOLS.iter().find(|tool| tool.is_service(name, program)) {
                let trace = (
                    Kind::Services,
                    format!("service {name}"),
                    service.program.clone(),
                );
                traces.entry(tool.name).or_default().push(trace);
            }
        }
    }
    let is_whole =
        facts.protection.is_whole() && facts.software.is_whole() && facts.services.is_whole();
    let found = traces.iter().map(|(tool, traces)| {
        let found = Found::about(tool).name("tool", tool);
        traces.iter().fold(found, |found, (kind, what, source)| {
            found.because(*kind, tool, what, source)
        })
    });
    Verdict::seen(found, is_whole)
}

/// The catalogue's name for what an agent calls it: one tool is one finding.
fn canonical(name: &str) -> &str {
    let known = TOOLS
        .iter()
        .find(|tool| tool.name.eq_ignore_ascii_case(name));
    known.map_or(name, |tool| tool.name)
}

fn of_package(package: &Package) -> Option<&'static Tool> {
    let title = if package.title.is_empty() {
        &package.name
    } else {
        &package.title
    };
    TOOLS
        .iter()
        .find(|tool| tool.is_package(&package.name, title))
}

#[cfg(test)]
mod tests;
