//! Packages of dpkg, rpm, apk and pacman; snaps; Flatpaks and AppImages, for everyone and for single people.

mod apk;
mod appimage;
mod database;
mod dpkg;
mod flatpak;
mod homes;
mod pacman;
mod rpm;
mod scope;
mod snap;
#[cfg(test)]
mod tests;

use std::path::Path;

use freehold_proto::v1::{
    Software,
    software::{Package, package::State},
};

use crate::probe::{Root, program, section::Diagnostics};

use super::list;
use homes::Mounts;
use list::List;
pub(crate) use rpm::FILES as RPM_FILES;
use scope::Scope;

/// Collects the section.
pub(crate) fn collect(root: &Root) -> Software {
    let mut diagnostics = Diagnostics::new();
    let mut list = List::new();
    let (list, notes) = (&mut list, &mut diagnostics);
    let sources = [
        dpkg::read(root, list, notes),
        rpm::read(root, None, list, notes),
        apk::read(root, None, list, notes),
        pacman::read(root, None, list, notes),
        snap::read(root, list, notes),
        for_everyone(root, list, notes),
    ];
    if sources.iter().all(Option::is_none) {
        let reason = "no package database that this agent knows was found, so the installed software is missing";
        notes.note("package databases", "", reason);
    }
    let packages = std::mem::take(list).finish(notes);
    Software {
        status: diagnostics.status(sources.contains(&Some(true))).into(),
        diagnostics: diagnostics.finish(),
        packages,
    }
}

/// Adds Flatpaks and AppImages, those of people last. `None` where there is no Flatpak for everyone, else
/// whether those could be read.
fn for_everyone(root: &Root, list: &mut List, diagnostics: &mut Diagnostics) -> Option<bool> {
    let further = flatpak::further(root, diagnostics);
    let mounts = Mounts::read(root);
    let mut seen = appimage::Seen::new();
    let mut scope = Scope::machine(root, list, diagnostics);
    let read = flatpak::of_machine(&mut scope, &further);
    let skip = |path: &Path| mounts.around(path).is_some();
    let owned = |path: &Path| dpkg::owns(root, path) || rpm::owns(root, path);
    appimage::of_machine(&mut scope, &mut seen, skip, owned);
    scope.finish();
    homes::each(root, diagnostics, |home, diagnostics| {
        let mut scope = Scope::home(&home.root, &home.user, home.path, list, diagnostics);
        scope.avoid(home.avoided);
        let open = appimage::of_person(&mut scope, &seen);
        if open {
            flatpak::of_person(&mut scope);
        }
        scope.finish();
        open
    });
    read
}

/// Whether there is a package database that this agent knows. One that may not be looked at is there.
pub(crate) fn has_database(root: &Root) -> bool {
    let mut all = [dpkg::STATUS, dpkg::STATUS_DIRECTORY, pacman::DATABASE]
        .into_iter()
        .chain(apk::DATABASES);
    all.any(|path| root.exists(path).unwrap_or(true)) || rpm::is_there(root)
}

/// Folders in which rpm may keep its database.
pub(crate) fn rpm_folders(root: &Root) -> Vec<String> {
    let further = rpm::further(root, &mut Diagnostics::new());
    let usual = rpm::FOLDERS.into_iter().map(str::to_owned);
    usual.chain(further).collect()
}

/// An installed package of some names, for probes that look for products.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Installed {
    /// Name.
    pub(crate) name: String,
    /// Version with epoch and revision.
    pub(crate) version: String,
    /// Its installation was interrupted.
    pub(crate) broken: bool,
}

/// Packages among `names` that are installed. `ask_rpm` allows to run rpm, which costs time.
pub(crate) fn versions(
    root: &Root,
    names: &[&str],
    ask_rpm: bool,
    diagnostics: &mut Diagnostics,
) -> Vec<Installed> {
    let mut list = List::new();
    dpkg::read_named(root, names, &mut list, diagnostics);
    apk::read(root, Some(names), &mut list, diagnostics);
    pacman::read(root, Some(names), &mut list, diagnostics);
    if ask_rpm {
        rpm::read(root, Some(names), &mut list, diagnostics);
    }
    let packages = list.into_found().into_iter();
    let there = packages.filter(|package| package.state() != State::ConfigFiles);
    there
        .map(|package| Installed {
            broken: package.state() == State::Broken,
            version: full_version(&package),
            name: package.name,
        })
        .collect()
}

/// A version put together again.
fn full_version(package: &Package) -> String {
    let epoch = package
        .epoch
        .map_or(String::new(), |epoch| format!("{epoch}:"));
    let hyphen = if package.release.is_empty() { "" } else { "-" };
    format!("{epoch}{}{hyphen}{}", package.version, package.release)
}
