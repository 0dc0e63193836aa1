//! Backups of what others rely on.

use std::time::Duration;

use freehold_proto::v1::{section::Kind, system::ChassisKind, toggle::State};

use super::{
    super::{Found, Look, Value, Verdict, look::time},
    protection::chassis,
};
use crate::store::record::FindingSeverity;

/// How old the last backup may be, and when that becomes urgent.
const BACKUP: Duration = Duration::from_secs(8 * 24 * 60 * 60);
const BACKUP_URGENT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Whether others rely on the machine; `None` when that cannot be told.
fn is_server(look: &Look<'_>) -> Option<bool> {
    if chassis(look) == Some(ChassisKind::Server) {
        return Some(true);
    }
    let services = look.facts.services.read()?;
    let serves = services
        .databases
        .iter()
        .any(|database| database.running() == State::On)
        || services.roles.iter().any(|role| {
            ["file server", "directory", "mail server", "database"]
                .iter()
                .any(|kind| role.kind.contains(kind))
        });
    (serves || look.facts.services.is_whole()).then_some(serves)
}

/// Others rely on it, and nothing that makes backups was recognised.
pub(super) fn none(look: &Look<'_>) -> Verdict {
    let Some(section) = look.facts.protection.read() else {
        return Verdict::unknown();
    };
    match is_server(look) {
        None => Verdict::unknown(),
        Some(false) => Verdict::fine(),
        Some(true) if !section.backup_products.is_empty() => Verdict::fine(),
        Some(true) if !look.facts.protection.is_whole() => Verdict::unknown(),
        Some(true) => Verdict::of([Found::here().because(
            Kind::Protection,
            "Backup programs recognised",
            "none, and every place was read",
            "",
        )]),
    }
}

/// A backup program has not succeeded for long.
pub(super) fn old(look: &Look<'_>) -> Verdict {
    let Some(section) = look.facts.protection.read() else {
        return Verdict::unknown();
    };
    let told: Vec<_> = section
        .backup_products
        .iter()
        .filter_map(|product| Some((product, time(product.last_success_at.as_ref()?))))
        .collect();
    // The one that succeeded last speaks for the machine.
    let Some((product, at)) = told.iter().max_by_key(|(_, at)| *at) else {
        return Verdict::unknown();
    };
    let age = look.now.since(*at);
    Verdict::when(age >= BACKUP, || {
        let severity = if age >= BACKUP_URGENT {
            FindingSeverity::ActNow
        } else {
            FindingSeverity::Plan
        };
        Found::here()
            .severity(severity)
            .name("product", &product.name)
            .with("day", Value::Day(*at))
            .because(
                Kind::Protection,
                "Last success",
                &at.to_string(),
                &product.source,
            )
    })
}

#[cfg(test)]
mod tests;
