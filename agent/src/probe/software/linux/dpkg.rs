//! Packages of dpkg: the status database, updates to it not yet merged, and the split database of images
//! without a package manager.

use std::{
    fmt::Write as _,
    io::{BufReader, Read as _},
    os::unix::ffi::OsStrExt as _,
    path::Path,
};

use freehold_proto::v1::software::{
    Package,
    package::{Source, State},
};
use prost_types::Timestamp;

use crate::parse::dpkg::{self, Paragraph, Paragraphs};
use crate::probe::{
    Root,
    root::{FILE_BYTES, is_absent},
    section::{self, Diagnostics},
};

use super::{list::List, scope};

pub(super) const STATUS: &str = "/var/lib/dpkg/status";
pub(super) const STATUS_DIRECTORY: &str = "/var/lib/dpkg/status.d";
const UPDATES: &str = "/var/lib/dpkg/updates";
const INFO: &str = "/var/lib/dpkg/info";
const MISSING: &str = "packages of dpkg are";

/// Adds the packages. `None` where there is no database, else whether any of it could be read.
pub(super) fn read(root: &Root, list: &mut List, diagnostics: &mut Diagnostics) -> Option<bool> {
    list.reserve(1024);
    let before = list.len();
    let mut reader = Reader::new(root, None, diagnostics);
    let status = reader.file(STATUS, list);
    let directory = reader.directory(list);
    if status.is_some() {
        reader.updates(list);
    }
    if list.len() == before && reader.holds_lists() {
        // A crash can leave an empty file behind, or none.
        let reason = "names no package although there are lists of the files of some, so packages of dpkg are missing";
        reader.diagnostics.note(STATUS, "", reason);
        return Some(false);
    }
    match (status, directory) {
        (None, None) => None,
        (status, directory) => Some(status == Some(true) || directory == Some(true)),
    }
}

/// Whether a file belongs to a package. All lists of files are searched: to be asked about few files.
pub(super) fn owns(root: &Root, path: &Path) -> bool {
    let names = root.list(INFO).unwrap_or_default();
    let names = names.iter().filter_map(|name| name.to_str());
    let mut lists = names.filter(|name| name.strip_suffix(".list").is_some());
    lists.any(|name| {
        let bytes = root.read(format!("{INFO}/{name}")).unwrap_or_default();
        let mut files = bytes.split(|&byte| byte == b'\n');
        files.any(|file| file == path.as_os_str().as_bytes())
    })
}

/// Adds the packages of some names. Nothing is read where no package of those names left a file list.
pub(super) fn read_named(
    root: &Root,
    names: &[&str],
    list: &mut List,
    diagnostics: &mut Diagnostics,
) {
    let listed = |name: &&str| root.exists(format!("{INFO}/{name}.list")).unwrap_or(true);
    let wanted: Vec<_> = names.iter().copied().filter(listed).collect();
    if wanted.is_empty() || !root.exists(STATUS).unwrap_or(true) {
        return;
    }
    let mut reader = Reader::new(root, Some(&wanted), diagnostics);
    reader.file(STATUS, list);
    reader.updates(list);
}

struct Reader<'a> {
    root: &'a Root,
    /// Only packages of these names; all when absent.
    wanted: Option<&'a [&'a str]>,
    diagnostics: &'a mut Diagnostics,
    /// Used again for the path of each package's file list.
    path: String,
}

impl<'a> Reader<'a> {
    fn new(
        root: &'a Root,
        wanted: Option<&'a [&'a str]>,
        diagnostics: &'a mut Diagnostics,
    ) -> Self {
        Self {
            root,
            wanted,
            diagnostics,
            path: String::with_capacity(128),
        }
    }

    /// Whether any package left the list of its files.
    fn holds_lists(&self) -> bool {
        let names = self.root.list_at_most(INFO, 100).unwrap_or_default().0;
        names.iter().any(|name| name.as_bytes().ends_with(b".list"))
    }

    /// Adds the packages of one file. `None` when there is no such file, else whether it could be read.
    fn file(&mut self, path: &str, list: &mut List) -> Option<bool> {
        self.each(path, |package, _| {
            if let Some(package) = package {
                list.push(package);
            }
        })
    }

    /// Hands over each package of a file, `None` for one that is not installed, with its paragraph.
    fn each(
        &mut self,
        path: &str,
        mut take: impl FnMut(Option<Package>, &Paragraph),
    ) -> Option<bool> {
        let file = match self.root.open(path.as_ref()) {
            Ok(file) => file,
            Err(error) if is_absent(&error) => return None,
            Err(error) => {
                self.diagnostics.unreadable(path, &error, MISSING);
                return Some(false);
            }
        };
        let long = file
            .metadata()
            .is_ok_and(|metadata| metadata.len() > FILE_BYTES);
        if long {
            let reason =
                format!("is longer than {FILE_BYTES} bytes; packages after those are missing");
            self.diagnostics.note(path, "", reason);
        }
        let input = BufReader::with_capacity(64 * 1024, file.take(FILE_BYTES));
        let mut paragraphs = Paragraphs::new(input);
        loop {
            match paragraphs.advance() {
                Ok(Some(paragraph)) => {
                    if self.is_wanted(paragraph) {
                        let package = self.package(path, paragraph);
                        take(package, paragraph);
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    let missing = "packages of dpkg after this place are";
                    self.diagnostics.unreadable(path, &error, missing);
                    break;
                }
            }
        }
        for problem in paragraphs.problems() {
            self.diagnostics
                .note(path, problem.position(), problem.reason);
        }
        Some(true)
    }

    fn is_wanted(&self, paragraph: &Paragraph) -> bool {
        self.wanted.is_none_or(|names| {
            names
                .iter()
                .any(|name| name.as_bytes() == paragraph.name.as_slice())
        })
    }

    /// status.d: one file a package, beside lists of checksums.
    fn directory(&mut self, list: &mut List) -> Option<bool> {
        let names = match self.root.list(STATUS_DIRECTORY) {
            Ok(names) => names,
            Err(error) if is_absent(&error) => return None,
            Err(error) => {
                self.diagnostics
                    .unreadable(STATUS_DIRECTORY, &error, MISSING);
                return Some(false);
            }
        };
        let mut any = false;
        for name in names {
            let name = name.to_string_lossy();
            if !name.ends_with(".md5sums") {
                any |= self.file(&format!("{STATUS_DIRECTORY}/{name}"), list) == Some(true);
            }
        }
        Some(any)
    }

    /// Changes dpkg has noted but not yet merged, in the order of their numbers.
    fn updates(&mut self, list: &mut List) {
        let names = match self.root.list(UPDATES) {
            Ok(names) => names,
            Err(error) if is_absent(&error) => return,
            Err(error) => {
                let missing = "the newest changes to packages may be";
                return self.diagnostics.unreadable(UPDATES, &error, missing);
            }
        };
        for name in names {
            let name = name.to_string_lossy();
            if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()) {
                self.each(&format!("{UPDATES}/{name}"), |package, paragraph| {
                    list.retain(|old| !is_same(old, paragraph));
                    if let Some(package) = package {
                        list.push(package);
                    }
                });
            }
        }
    }

    /// Makes a package of a paragraph; `None` when it is not installed in any way.
    fn package(&mut self, source: &str, paragraph: &Paragraph) -> Option<Package> {
        let line = paragraph.line;
        let state = match dpkg::state(&paragraph.status) {
            Some(dpkg::State::NotInstalled) => return None,
            Some(dpkg::State::Untold) => State::Unspecified,
            Some(dpkg::State::ConfigFiles) => State::ConfigFiles,
            Some(dpkg::State::Broken) => State::Broken,
            Some(dpkg::State::Installed) => State::Installed,
            Some(dpkg::State::Held) => State::Held,
            None => {
                let reason =
                    "has a status that dpkg does not know; the package is listed without state";
                self.diagnostics
                    .note(source, section::line(line as usize), reason);
                State::Unspecified
            }
        };
        let installed_at = match state {
            State::ConfigFiles => None,
            _ => self.installed_at(paragraph),
        };
        let version = dpkg::version(&paragraph.version);
        if paragraph.version.is_empty() && state != State::Unspecified {
            let reason = "has no version: the paragraph may be cut off";
            self.diagnostics
                .note(source, section::line(line as usize), reason);
        }
        let mut text = |bytes: &[u8]| {
            self.diagnostics
                .text(source, format_args!("line {line}"), bytes)
        };
        Some(Package {
            name: text(&paragraph.name),
            version: text(version.upstream),
            epoch: version.epoch,
            release: text(version.revision),
            architecture: text(&paragraph.architecture),
            publisher: text(&paragraph.maintainer),
            installed_at,
            size_bytes: paragraph.size_kib.and_then(|kib| kib.checked_mul(1024)),
            source: Source::Dpkg.into(),
            source_package: text(paragraph.source_name()),
            state: state.into(),
            system_component: paragraph.essential,
            ..Package::default()
        })
    }

    /// dpkg rewrites a package's file list whenever it unpacks it.
    fn installed_at(&mut self, paragraph: &Paragraph) -> Option<Timestamp> {
        let name = std::str::from_utf8(&paragraph.name)
            .ok()
            .filter(|name| is_name(name))?;
        let architecture = std::str::from_utf8(&paragraph.architecture)
            .ok()
            .filter(|name| is_name(name))?;
        self.path.clear();
        if paragraph.multi_arch_same {
            write!(self.path, "{INFO}/{name}:{architecture}.list").ok()?;
        } else {
            write!(self.path, "{INFO}/{name}.list").ok()?;
        }
        let metadata = self.root.metadata(&self.path).ok()?;
        scope::modified(&metadata)
    }
}

fn is_name(name: &str) -> bool {
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    !name.is_empty() && !name.starts_with('.') && name.bytes().all(valid)
}

fn is_same(package: &Package, paragraph: &Paragraph) -> bool {
    package.source == i32::from(Source::Dpkg)
        && package.name.as_bytes() == paragraph.name.as_slice()
        && package.architecture.as_bytes() == paragraph.architecture.as_slice()
}
