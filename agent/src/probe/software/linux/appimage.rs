//! AppImages: programs in one file that no database knows. They are recognised by their header and never
//! executed.

use std::{
    collections::HashSet,
    io::{self, Read as _},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use freehold_proto::v1::software::{
    Package,
    package::{Source, State},
};

use crate::parse::{appimage, key_value};
use crate::probe::root::is_absent;

use super::scope::{self, Scope};

/// Where they are put for everyone, and in folders below the first.
const MACHINE: [&str; 3] = ["/opt", "/usr/local/bin", "/Applications"];

/// Where people put them, in their homes.
const PERSONAL: [&str; 7] = [
    "/",
    "/Applications",
    "/AppImages",
    "/Downloads",
    "/Desktop",
    "/.local/bin",
    "/bin",
];

const USER_FOLDERS: &str = "/.config/user-dirs.dirs";

/// The part of an AppImage that starts it is longer than this.
const SHORTEST: u64 = 32 * 1024;

const MISSING: &str = "programs are";

/// Files by device and number: links lead to the same one from several places.
pub(super) type Seen = HashSet<(u64, u64)>;

/// Adds those for everyone. `skip` tells folders that are not to be entered, `owned` files that belong to
/// a package and are therefore counted already.
pub(super) fn of_machine(
    scope: &mut Scope<'_>,
    seen: &mut Seen,
    skip: impl Fn(&Path) -> bool,
    mut owned: impl FnMut(&Path) -> bool,
) {
    for folder in MACHINE.map(PathBuf::from) {
        if skip(&folder) {
            let reason = "lies on a file system that may not answer, so programs there are missing";
            scope.note(&folder, "", reason);
            continue;
        }
        for name in scope.names(&folder, MISSING).unwrap_or_default() {
            let path = folder.join(name);
            if !examine(scope, &path, seen, &mut owned)
                || folder != Path::new(MACHINE[0])
                || skip(&path)
            {
                continue;
            }
            for name in scope.names(&path, MISSING).unwrap_or_default() {
                examine(scope, &path.join(name), seen, &mut owned);
            }
        }
    }
}

/// Adds those of one person; false when the home may not be looked into.
pub(super) fn of_person(scope: &mut Scope<'_>, machine: &Seen) -> bool {
    let mut seen = machine.clone();
    if let Err(error) = scope.root.list_at_most("/", 1)
        && error.kind() == io::ErrorKind::PermissionDenied
    {
        return false;
    }
    let mut folders: Vec<_> = PERSONAL.iter().map(PathBuf::from).collect();
    folders.extend(named_folders(scope));
    folders.dedup();
    let mut visited = HashSet::new();
    for folder in folders {
        if !visited.insert(folder.clone()) {
            continue;
        }
        for name in scope.names(&folder, MISSING).unwrap_or_default() {
            examine(scope, &folder.join(name), &mut seen, &mut |_| false);
        }
    }
    true
}

/// The folders for downloads and the desktop under the names of the person's language.
fn named_folders(scope: &Scope<'_>) -> Vec<PathBuf> {
    let bytes = scope
        .root
        .read_at_most(USER_FOLDERS, 64 * 1024)
        .unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let named = |key| {
        let folder = key_value::value(&text, key)?;
        let folder = folder
            .strip_prefix("$HOME/")?
            .trim_end_matches('/')
            .to_owned();
        (!folder.is_empty()).then(|| Path::new("/").join(folder))
    };
    ["XDG_DOWNLOAD_DIR", "XDG_DESKTOP_DIR"]
        .into_iter()
        .filter_map(named)
        .collect()
}

/// Adds a file if it is one. Whether it may be a folder.
fn examine(
    scope: &mut Scope<'_>,
    path: &Path,
    seen: &mut Seen,
    owned: &mut impl FnMut(&Path) -> bool,
) -> bool {
    if scope.is_full() {
        return false;
    }
    let metadata = match scope.root.metadata(path) {
        Ok(metadata) if metadata.is_dir() => return true,
        Ok(metadata) if metadata.is_file() && metadata.len() >= SHORTEST => metadata,
        // What is gone, what leads elsewhere and what is no file is no program here.
        _ => return false,
    };
    let architecture = match architecture(scope, path) {
        Ok(Some(architecture)) => architecture,
        Ok(None) => return false,
        Err(error) if is_absent(&error) => return false,
        Err(error) => {
            scope.unreadable(path, &error, "it may be a program that is");
            return false;
        }
    };
    let is_new = seen.insert((metadata.dev(), metadata.ino()));
    if is_new && !owned(path) {
        let package = package(scope, path, architecture, &metadata);
        scope.add(package);
    }
    false
}

/// The architecture of an AppImage; `None` for other files.
fn architecture(scope: &Scope<'_>, path: &Path) -> io::Result<Option<&'static str>> {
    let mut header = [0; appimage::HEADER_BYTES];
    let mut file = scope.root.open(path)?;
    match file.read_exact(&mut header) {
        Ok(()) => Ok(appimage::architecture(&header)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

fn package(
    scope: &mut Scope<'_>,
    path: &Path,
    architecture: &str,
    metadata: &std::fs::Metadata,
) -> Package {
    let file_name = path.file_name().unwrap_or_default().to_string_lossy();
    let title = appimage::title(&file_name);
    let folder = scope.shown(path.parent().unwrap_or(Path::new("/")));
    Package {
        name: scope.text(path, title.name.as_bytes()),
        version: scope.text(path, title.version.as_bytes()),
        architecture: architecture.to_owned(),
        installed_at: scope::modified(metadata),
        size_bytes: Some(metadata.len()),
        source: Source::Appimage.into(),
        user: scope.user.to_owned(),
        state: State::Installed.into(),
        location: scope.text(path, folder.as_bytes()),
        ..Package::default()
    }
}
