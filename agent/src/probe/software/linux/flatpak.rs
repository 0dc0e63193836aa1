//! Flatpak: applications and runtimes, for everyone and for single people.

use std::path::{Component, Path, PathBuf};

use freehold_proto::v1::software::{
    Package,
    package::{Source, State},
};

use crate::parse::{
    flatpak::{self, Deployment, Masks},
    ini,
};
use crate::probe::{Root, root::is_absent, section::Diagnostics};

use super::scope::{self, Scope};

/// The installation for everyone.
const MACHINE: &str = "/var/lib/flatpak";

/// A person's own, in the home.
const PERSONAL: &str = "/.local/share/flatpak";

/// Further installations for everyone.
const FURTHER: &str = "/etc/flatpak/installations.d";

/// Longest file read of an installation.
const FILE_BYTES: u64 = 1024 * 1024;

const MISSING: &str = "applications of flatpak are";

/// Adds those for everyone. `None` where there is no installation, else whether it could be read.
pub(super) fn of_machine(scope: &mut Scope<'_>, further: &[PathBuf]) -> Option<bool> {
    let places = std::iter::once(Path::new(MACHINE)).chain(further.iter().map(PathBuf::as_path));
    let read: Vec<_> = places
        .filter_map(|place| installation(scope, place))
        .collect();
    (!read.is_empty()).then(|| read.contains(&true))
}

/// Adds those of one person.
pub(super) fn of_person(scope: &mut Scope<'_>) {
    installation(scope, Path::new(PERSONAL));
}

/// Folders of further installations for everyone.
pub(super) fn further(root: &Root, diagnostics: &mut Diagnostics) -> Vec<PathBuf> {
    let mut places = Vec::new();
    for name in diagnostics.list_optional(root, FURTHER, MISSING) {
        if name.strip_suffix(".conf").is_none() {
            continue;
        }
        let file = format!("{FURTHER}/{name}");
        let bytes = diagnostics
            .read_optional(root, &file, MISSING)
            .unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let paths = ini::settings(&text)
            .into_iter()
            .filter(|one| one.key == "path");
        places.extend(
            paths
                .map(|one| PathBuf::from(one.value))
                .filter(|path| path.is_absolute()),
        );
    }
    places
}

/// Adds what one installation holds. `None` where there is none, else whether any of it could be read.
fn installation(scope: &mut Scope<'_>, base: &Path) -> Option<bool> {
    match scope.root.metadata(base) {
        Ok(metadata) if metadata.is_dir() => {}
        Ok(_) => {
            scope.note(
                base,
                "",
                "is not a folder, so applications of flatpak are missing",
            );
            return Some(false);
        }
        Err(error) if is_absent(&error) => return None,
        Err(error) => {
            scope.unreadable(base, &error, MISSING);
            return Some(false);
        }
    }
    let configuration = configuration(scope, base);
    let settings = ini::settings(&configuration);
    let masks = Masks::parse(ini::value(&settings, "core", "xa.masked").unwrap_or_default());
    let mut read = false;
    for kind in ["app", "runtime"] {
        let folder = base.join(kind);
        let Some(names) = scope.plain_names(&folder, MISSING) else {
            continue;
        };
        read = true;
        for id in names {
            references(scope, &folder, kind, &id, &masks);
        }
    }
    // An installation in which nothing was ever installed lacks both folders.
    Some(read || scope.root.list_at_most(base, 1).is_ok())
}

/// The configuration of the installation's repository; empty where there is none.
fn configuration(scope: &mut Scope<'_>, base: &Path) -> String {
    let path = base.join("repo/config");
    match scope.root.read_at_most(&path, FILE_BYTES) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) if is_absent(&error) => String::new(),
        Err(error) => {
            scope.unreadable(&path, &error, "what is held at its version is");
            String::new()
        }
    }
}

/// Adds each architecture and branch of one identifier.
fn references(scope: &mut Scope<'_>, folder: &Path, kind: &str, id: &str, masks: &Masks<'_>) {
    let folder = folder.join(id);
    for architecture in scope.plain_names(&folder, MISSING).unwrap_or_default() {
        // The link to the architecture and branch that start by default.
        if architecture == "current" {
            continue;
        }
        let folder = folder.join(&architecture);
        for branch in scope.plain_names(&folder, MISSING).unwrap_or_default() {
            if scope.is_full() {
                return;
            }
            let reference = [kind, id, &architecture, &branch];
            let folder = folder.join(&branch);
            if let Some(package) = package(scope, &folder, reference, masks) {
                scope.add(package);
            }
        }
    }
}

/// The package in a branch's folder, where one is in use.
fn package(
    scope: &mut Scope<'_>,
    folder: &Path,
    reference: [&str; 4],
    masks: &Masks<'_>,
) -> Option<Package> {
    let [kind, id, architecture, branch] = reference;
    let active = active(scope, folder)?;
    let place = active.join("deploy");
    let bytes = match scope.root.read_at_most(&place, FILE_BYTES) {
        Ok(bytes) => bytes,
        Err(error) => {
            scope.unreadable(&place, &error, "its version, size and origin are");
            Vec::new()
        }
    };
    let deployment = Deployment::parse(&bytes);
    if deployment.is_none() && !bytes.is_empty() {
        let reason =
            "is not of the form that flatpak writes, so its version, size and origin are missing";
        scope.note(&place, "", reason);
    }
    let deployment = deployment.unwrap_or_default();
    let metadata = scope.root.metadata(&place).ok();
    let version = match scope.text(&place, deployment.version) {
        version if version.is_empty() && kind == "app" => described_version(scope, &active, id),
        version => version,
    };
    let title = scope.text(&place, deployment.title);
    let folder = scope.shown(folder);
    Some(Package {
        version,
        architecture: scope.text(&place, architecture.as_bytes()),
        installed_at: metadata.and_then(|metadata| scope::modified(&metadata)),
        size_bytes: deployment.size,
        source: Source::Flatpak.into(),
        user: scope.user.to_owned(),
        state: if masks.hold(reference) {
            State::Held
        } else {
            State::Installed
        }
        .into(),
        location: scope.text(&place, folder.as_bytes()),
        system_component: kind == "runtime",
        title: if title == id { String::new() } else { title },
        channel: scope.text(&place, branch.as_bytes()),
        origin: scope.text(&place, deployment.origin),
        name: scope.text(&place, id.as_bytes()),
        ..Package::default()
    })
}

/// The folder of the version in use.
fn active(scope: &mut Scope<'_>, folder: &Path) -> Option<PathBuf> {
    let link = folder.join("active");
    let target = match scope.root.read_link(&link) {
        Ok(target) => target,
        Err(error) if is_absent(&error) => return None,
        Err(error) => {
            scope.unreadable(&link, &error, "the application there is");
            return None;
        }
    };
    let mut parts = target.components();
    if let (Some(Component::Normal(commit)), None) = (parts.next(), parts.next()) {
        return Some(folder.join(commit));
    }
    let reason = "leads out of its folder, so the application there is missing";
    scope.note(&link, "", reason);
    None
}

/// The version that an application's own description tells.
fn described_version(scope: &mut Scope<'_>, active: &Path, id: &str) -> String {
    let share = active.join("files/share");
    let files = [
        share.join(format!("metainfo/{id}.metainfo.xml")),
        share.join(format!("metainfo/{id}.appdata.xml")),
        share.join(format!("appdata/{id}.appdata.xml")),
    ];
    for file in files {
        let Ok(bytes) = scope.root.read_at_most(&file, FILE_BYTES) else {
            continue;
        };
        if let Some(version) = flatpak::release(&String::from_utf8_lossy(&bytes)) {
            return scope.text(&file, version.as_bytes());
        }
    }
    String::new()
}
