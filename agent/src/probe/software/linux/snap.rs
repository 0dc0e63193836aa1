//! Snaps: what snapd keeps, and what each snap says of itself where it is mounted.

use std::{collections::BTreeMap, time::SystemTime};

use freehold_proto::v1::software::{
    Package,
    package::{Source, State as PackageState},
};

use crate::parse::snap::{Description, Snap, State};
use crate::probe::{Root, root::is_absent, section, section::Diagnostics};

use super::{list::List, scope};

const FILES: &str = "/var/lib/snapd/snaps";
const STATE: &str = "/var/lib/snapd/state.json";

/// Longest state that is read: snapd's own record of changes is in it too.
const STATE_BYTES: u64 = 16 * 1024 * 1024;

/// Where snaps are mounted, by distribution.
const MOUNTS: [&str; 2] = ["/snap", "/var/lib/snapd/snap"];

/// Kinds that are there for other snaps or for the system.
const SYSTEM_KINDS: [&str; 5] = ["base", "gadget", "kernel", "os", "snapd"];

const MISSING: &str = "the applications of snap are";

/// Adds the snaps. `None` where there are none, else whether they could be read.
pub(super) fn read(root: &Root, list: &mut List, diagnostics: &mut Diagnostics) -> Option<bool> {
    let names = match root.list(FILES) {
        Ok(names) => names,
        Err(error) if is_absent(&error) => return None,
        Err(error) => {
            diagnostics.unreadable(FILES, &error, MISSING);
            return Some(false);
        }
    };
    let mut revisions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for file in names.iter().filter_map(|name| name.to_str()) {
        // NAME_REVISION.snap, also NAME_INSTANCE_REVISION.snap.
        let stem = file.strip_suffix(".snap");
        if let Some((name, revision)) = stem.and_then(|stem| stem.rsplit_once('_')) {
            revisions.entry(name).or_default().push(revision);
        }
    }
    let state = state(root, diagnostics);
    let own = state.as_ref().map(State::snaps);
    // What snapd knows but has no file of, such as a snap tried out from a folder.
    for name in own.into_iter().flatten().map(|(name, _)| name.as_str()) {
        revisions.entry(name).or_default();
    }
    for (name, revisions) in &revisions {
        list.push(package(root, name, revisions, state.as_ref(), diagnostics));
    }
    (!revisions.is_empty()).then_some(true)
}

/// snapd's state. Without it the files tell what is installed, not what is held or switched off.
fn state(root: &Root, diagnostics: &mut Diagnostics) -> Option<State> {
    let missing = "which snaps are held or switched off is";
    let bytes = match root.read_at_most(STATE, STATE_BYTES) {
        Ok(bytes) => bytes,
        Err(error) if is_absent(&error) => return None,
        Err(error) => {
            diagnostics.unreadable(STATE, &error, missing);
            return None;
        }
    };
    let state = State::parse(&bytes);
    if state.is_none() {
        let reason = format!("is not of the form that snapd writes, so {missing} missing");
        diagnostics.note(STATE, "", reason);
    }
    state
}

fn package(
    root: &Root,
    name: &str,
    revisions: &[&str],
    state: Option<&State>,
    diagnostics: &mut Diagnostics,
) -> Package {
    let own = state.and_then(|state| state.snaps().get(name));
    let folder = current(root, name);
    let revision = revision(own, folder.as_ref(), revisions);
    let file = root
        .metadata(format!("{FILES}/{name}_{revision}.snap"))
        .ok();
    let modified = file.as_ref().and_then(|file| file.modified().ok());
    let mut package = Package {
        name: diagnostics.fit(FILES, "", name.to_owned()),
        release: diagnostics.fit(FILES, name, revision),
        installed_at: modified.and_then(|at| scope::plausible(section::timestamp(at).seconds)),
        size_bytes: file.map(|file| file.len()),
        source: Source::Snap.into(),
        state: condition(name, own, state).into(),
        ..Package::default()
    };
    if let Some(own) = own {
        package.channel = diagnostics.fit(STATE, name, own.channel.clone());
        package.system_component = SYSTEM_KINDS.contains(&own.kind.as_str());
    }
    if let Some((folder, _)) = folder {
        describe(root, &folder, &mut package, diagnostics);
    }
    package
}

/// The revision in use. Older ones stay on disk; where none is in use, the newest speaks for the snap.
fn revision(own: Option<&Snap>, mounted: Option<&(String, String)>, all: &[&str]) -> String {
    let own = own.map(|own| &own.current).filter(|own| !own.is_empty());
    let mounted = mounted.map(|(_, revision)| revision);
    let newest = || all.iter().max_by_key(|revision| number(revision)).copied();
    match own.or(mounted) {
        Some(revision) => revision.clone(),
        None => newest().unwrap_or_default().to_owned(),
    }
}

/// Whether snapd keeps the snap from being upgraded, or switched it off.
fn condition(name: &str, own: Option<&Snap>, state: Option<&State>) -> PackageState {
    let now = section::timestamp(SystemTime::now()).seconds;
    let until = state.and_then(|state| state.held_until(name));
    let until = until.and_then(|until| until.parse::<prost_types::Timestamp>().ok());
    match own {
        Some(own) if !own.active => PackageState::Disabled,
        _ if until.is_some_and(|until| until.seconds > now) => PackageState::Held,
        _ => PackageState::Installed,
    }
}

/// The mounted revision in use: its folder and number.
fn current(root: &Root, name: &str) -> Option<(String, String)> {
    MOUNTS.iter().find_map(|mount| {
        let revision = root.read_link(format!("{mount}/{name}/current")).ok()?;
        let revision = revision.to_str()?.to_owned();
        Some((format!("{mount}/{name}/{revision}"), revision))
    })
}

/// Adds what the snap says of itself. One that is not mounted says nothing.
fn describe(root: &Root, folder: &str, package: &mut Package, diagnostics: &mut Diagnostics) {
    let path = format!("{folder}/meta/snap.yaml");
    let Ok(bytes) = root.read_at_most(&path, 1 << 20) else {
        return;
    };
    let text = String::from_utf8_lossy(&bytes);
    let description = Description::parse(&text);
    let mut fit = |text: &str| diagnostics.fit(&path, "", text.to_owned());
    package.version = fit(description.version);
    package.architecture = fit(description.architecture);
    package.title = fit(description.title);
    package.location = fit(folder);
    package.system_component |= SYSTEM_KINDS.contains(&description.kind);
}

/// A revision's number; those made on the machine itself begin with "x".
fn number(revision: &str) -> Option<u64> {
    revision.trim_start_matches('x').parse().ok()
}
