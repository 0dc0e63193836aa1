//! Packages of dpkg and rpm, and snaps.

mod dpkg;
mod rpm;
mod snap;
#[cfg(test)]
mod tests;

use freehold_proto::{
    limits,
    v1::{
        Software,
        software::{Package, package::State},
    },
};

use crate::probe::{Root, program, section::Diagnostics};

/// Databases of package managers whose packages are not listed; whoever reads the section must know.
const NOT_LISTED: [(&str, &str); 3] = [
    ("/lib/apk/db/installed", "the packages of apk are"),
    ("/var/lib/pacman/local", "the packages of pacman are"),
    ("/var/lib/flatpak/app", "the applications of flatpak are"),
];

/// Collects the section.
pub(crate) fn collect(root: &Root) -> Software {
    let mut diagnostics = Diagnostics::new();
    let mut packages = Vec::new();
    let dpkg = dpkg::read(root, &mut packages, &mut diagnostics);
    let rpm = rpm::read(root, &mut packages, &mut diagnostics);
    let snap = snap::read(root, &mut packages, &mut diagnostics);
    let sources = [dpkg, rpm, snap];
    let mut found = sources.iter().any(Option::is_some);
    for (path, what) in NOT_LISTED {
        if holds_something(root, path) {
            found = true;
            let reason = format!("this agent does not read it, so {what} missing");
            diagnostics.note(path, "", reason);
        }
    }
    if !found {
        let reason = "no package database that this agent knows was found, so the installed software is missing";
        diagnostics.note("package databases", "", reason);
    }
    packages.sort_unstable_by(|a, b| {
        let key = |package: &Package| (package.source, package.epoch);
        (
            a.source,
            &a.name,
            &a.architecture,
            &a.user,
            &a.version,
            &a.release,
        )
            .cmp(&(
                b.source,
                &b.name,
                &b.architecture,
                &b.user,
                &b.version,
                &b.release,
            ))
            .then_with(|| key(a).cmp(&key(b)))
    });
    diagnostics.limit("packages", "packages", &mut packages, limits::SECTION_ITEMS);
    Software {
        status: diagnostics.status(sources.contains(&Some(true))).into(),
        diagnostics: diagnostics.finish(),
        packages,
    }
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
    let mut packages = Vec::new();
    dpkg::read_named(root, names, &mut packages, diagnostics);
    if ask_rpm {
        rpm::read_named(root, names, &mut packages, diagnostics);
    }
    let there = packages
        .into_iter()
        .filter(|package| package.state() != State::ConfigFiles);
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

fn holds_something(root: &Root, path: &str) -> bool {
    match root.metadata(path) {
        Ok(metadata) if metadata.is_dir() => !root.list(path).unwrap_or_default().is_empty(),
        Ok(metadata) => metadata.len() > 0,
        Err(_) => false,
    }
}
