//! Packages of Arch's pacman: a folder each.

use std::{io, path::Path};

use freehold_proto::v1::software::{
    Package,
    package::{Source, State},
};

use crate::parse::{
    dpkg,
    pacman::{self, Configuration},
};
use crate::probe::{Root, root::is_absent, section::Diagnostics};

use super::{list::List, scope};

const CONFIGURATION: &str = "/etc/pacman.conf";
pub(super) const DATABASE: &str = "/var/lib/pacman";

/// Longest description of a package.
const FILE_BYTES: u64 = 1024 * 1024;

const MISSING: &str = "packages of pacman are";

/// Adds the packages, or those of some names. `None` where there is no database, else whether any of it
/// could be read.
pub(super) fn read(
    root: &Root,
    names: Option<&[&str]>,
    list: &mut List,
    diagnostics: &mut Diagnostics,
) -> Option<bool> {
    let missing = "versions that packages are held at are";
    let bytes = diagnostics
        .read_optional(root, CONFIGURATION, missing)
        .unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let configuration = Configuration::parse(&text);
    let base = configuration
        .database
        .unwrap_or(DATABASE)
        .trim_end_matches('/');
    let local = format!("{base}/local");
    let folders = match root.list(&local) {
        Ok(folders) => folders,
        Err(error) if is_absent(&error) => return None,
        Err(error) => {
            diagnostics.unreadable(&local, &error, MISSING);
            return Some(false);
        }
    };
    for include in &configuration.includes {
        let reason = "is included by the options of pacman and not read; packages that it holds are listed as installed";
        diagnostics.remark(include, "", reason);
    }
    list.reserve(if names.is_none() { folders.len() } else { 0 });
    for folder in folders {
        let folder = folder.to_string_lossy();
        let wanted = |name: &&str| {
            folder
                .strip_prefix(*name)
                .is_some_and(|rest| rest.starts_with('-'))
        };
        if names.is_none_or(|names| names.iter().any(wanted)) {
            let package = one(
                root,
                Path::new(&local),
                &folder,
                &configuration,
                diagnostics,
            );
            let of_name = |package: &Package| {
                names.is_none_or(|names| names.contains(&package.name.as_str()))
            };
            if let Some(package) = package.filter(of_name) {
                list.push(package);
            }
        }
    }
    Some(true)
}

fn one(
    root: &Root,
    local: &Path,
    folder: &str,
    configuration: &Configuration<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Package> {
    let path = local.join(folder).join("desc");
    let bytes = match root.read_at_most(&path, FILE_BYTES) {
        Ok(bytes) => bytes,
        // The file that tells the version of the database lies between the folders.
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => return None,
        Err(error) => {
            diagnostics.unreadable(path.display(), &error, "a package of pacman is");
            return None;
        }
    };
    let Some(found) = pacman::Package::parse(&bytes) else {
        let reason = "names no package, so it is left out";
        diagnostics.note(path.display(), "", reason);
        return None;
    };
    Some(package(&path, &found, configuration, diagnostics))
}

fn package(
    path: &Path,
    found: &pacman::Package<'_>,
    configuration: &Configuration<'_>,
    diagnostics: &mut Diagnostics,
) -> Package {
    let mut text = |bytes: &[u8]| diagnostics.text(path.display(), "", bytes);
    // Epoch, version and release are put together as dpkg does.
    let version = dpkg::version(found.version);
    let held = configuration.ignores(found.name);
    Package {
        name: text(found.name),
        version: text(version.upstream),
        epoch: version.epoch,
        release: text(version.revision),
        architecture: text(found.architecture),
        publisher: text(found.packager),
        installed_at: found.installed.and_then(scope::plausible),
        size_bytes: found.size,
        source: Source::Pacman.into(),
        source_package: text(found.source_name()),
        state: if held { State::Held } else { State::Installed }.into(),
        ..Package::default()
    }
}
