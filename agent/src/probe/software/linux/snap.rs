//! Snaps: the files snapd keeps, and what each says of itself where it is mounted.

use std::collections::BTreeMap;

use freehold_proto::v1::software::{
    Package,
    package::{Source, State},
};

use crate::parse::settings;
use crate::probe::{Root, root::is_absent, section, section::Diagnostics};

const FILES: &str = "/var/lib/snapd/snaps";

/// Where snaps are mounted, by distribution.
const MOUNTS: [&str; 2] = ["/snap", "/var/lib/snapd/snap"];

/// Kinds that are there for other snaps or for the system.
const SYSTEM_KINDS: [&str; 5] = ["base", "gadget", "kernel", "os", "snapd"];

const MISSING: &str = "the applications of snap are";

/// Adds the snaps. `None` where there are none, else whether they could be read.
pub(super) fn read(
    root: &Root,
    packages: &mut Vec<Package>,
    diagnostics: &mut Diagnostics,
) -> Option<bool> {
    let names = match root.list(FILES) {
        Ok(names) => names,
        Err(error) if is_absent(&error) => return None,
        Err(error) => {
            diagnostics.unreadable(FILES, &error, MISSING);
            return Some(false);
        }
    };
    let mut revisions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let names: Vec<_> = names.iter().filter_map(|name| name.to_str()).collect();
    for file in &names {
        // NAME_REVISION.snap, also NAME_INSTANCE_REVISION.snap.
        if let Some((name, revision)) = file
            .strip_suffix(".snap")
            .and_then(|stem| stem.rsplit_once('_'))
        {
            revisions.entry(name).or_default().push(revision);
        }
    }
    for (name, revisions) in &revisions {
        packages.push(package(root, name, revisions, diagnostics));
    }
    (!revisions.is_empty()).then_some(true)
}

fn package(root: &Root, name: &str, revisions: &[&str], diagnostics: &mut Diagnostics) -> Package {
    let current = current(root, name);
    // Older revisions stay on disk. Where none is current, the newest speaks for the snap.
    let newest = || {
        revisions
            .iter()
            .max_by_key(|revision| number(revision))
            .copied()
    };
    let revision = match &current {
        Some((_, revision)) => revision.clone(),
        None => newest().unwrap_or_default().to_owned(),
    };
    let file = root
        .metadata(format!("{FILES}/{name}_{revision}.snap"))
        .ok();
    let mut package = Package {
        name: diagnostics.fit(FILES, "", name.to_owned()),
        release: diagnostics.fit(FILES, name, revision),
        installed_at: file
            .as_ref()
            .and_then(|file| file.modified().ok())
            .map(section::timestamp),
        size_bytes: file.map(|file| file.len()),
        source: Source::Snap.into(),
        state: State::Installed.into(),
        ..Package::default()
    };
    if let Some((folder, _)) = current {
        describe(root, &folder, &mut package, diagnostics);
    }
    package
}

/// The mounted revision in use: its folder and number.
fn current(root: &Root, name: &str) -> Option<(String, String)> {
    MOUNTS.iter().find_map(|mount| {
        let folder = format!("{mount}/{name}/current");
        let revision = root.read_link(&folder).ok()?;
        Some((folder, revision.to_str()?.to_owned()))
    })
}

/// Adds what the snap says of itself. One that is not mounted says nothing.
fn describe(root: &Root, folder: &str, package: &mut Package, diagnostics: &mut Diagnostics) {
    let path = format!("{folder}/meta/snap.yaml");
    let Ok(bytes) = root.read_at_most(&path, 1 << 20) else {
        return;
    };
    let mut value = |name| {
        let value = settings::values(&bytes, name).next().unwrap_or_default();
        diagnostics.fit(&path, name, value.trim_matches('\'').to_owned())
    };
    package.version = value("version");
    package.system_component = SYSTEM_KINDS.contains(&value("type").as_str());
}

/// A revision's number; those made on the machine itself begin with "x".
fn number(revision: &str) -> Option<u64> {
    revision.trim_start_matches('x').parse().ok()
}
