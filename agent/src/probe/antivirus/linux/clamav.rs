//! What is particular to ClamAV: its databases, and checking files when they are opened.

use std::{io::Read as _, os::unix::fs::MetadataExt as _, time::SystemTime};

use freehold_proto::v1::{antivirus::Product, toggle::State};

use crate::parse::cvd::{self, Header};
use crate::parse::settings;
use crate::probe::{Root, root::is_absent, section, section::Diagnostics};

use super::{Scene, catalogue::Entry};

/// Its name in the catalogue.
pub(super) const NAME: &str = "ClamAV";

/// Configurations that name the folder of the databases, as distributions place them.
const CONFIGURATIONS: [&str; 6] = [
    "/etc/clamav/freshclam.conf",
    "/etc/freshclam.conf",
    "/etc/clamav/clamd.conf",
    "/etc/clamd.d/scan.conf",
    "/etc/clamd.conf",
    "/usr/local/etc/freshclam.conf",
];
const DEFAULT_DIRECTORY: &str = "/var/lib/clamav";
const MISSING: &str = "version and age of its signatures are";

/// The official databases; without the first two nothing is found. The first has the newest signatures.
const DATABASES: [&str; 3] = ["daily", "main", "bytecode"];

/// Age from which on ClamAV itself calls its signatures outdated.
const OUTDATED_SECONDS: i64 = 7 * 24 * 60 * 60;

/// Endings of files that hold signatures of others, as plain text or as rules.
const OTHERS: [&str; 12] = [
    "cdb", "db", "gdb", "hdb", "hsb", "ldb", "mdb", "msb", "ndb", "pdb", "yar", "yara",
];

/// Adds what only ClamAV can tell.
pub(super) fn complete(
    scene: &Scene<'_>,
    entry: &Entry,
    product: &mut Product,
    diagnostics: &mut Diagnostics,
) {
    product.engine_version = engine(&product.version).to_owned();
    product.tamper_protection = State::Unspecified.into();
    on_access(scene, entry, product);
    let databases = Databases::read(scene.root, diagnostics);
    let mut problems: Vec<_> = Some(std::mem::take(&mut product.problem))
        .filter(|problem| !problem.is_empty())
        .into_iter()
        .collect();
    problems.extend(databases.problems());
    product.signature_version = diagnostics.fit("/var/lib/clamav", "", databases.versions());
    if let Some(made) = databases.made() {
        product.signatures_at = Some(section::seconds(made));
        if scene.root.is_live() {
            let current = now() - made <= OUTDATED_SECONDS;
            product.signatures_current = if current { State::On } else { State::Off }.into();
            if !current {
                problems.push("its signatures are older than 7 days".into());
            }
        }
    } else if databases.readable {
        product.signatures_current = State::Off.into();
    }
    product.problem = diagnostics.fit(NAME, "", problems.join("; "));
}

/// When the newest signatures were made.
pub(super) fn signatures_made(root: &Root) -> Option<i64> {
    Databases::read(root, &mut Diagnostics::new()).made()
}

/// The engine's version within a package's: "1.4.6" of "1:1.4.6+dfsg-0+deb12u1".
fn engine(version: &str) -> &str {
    let upstream = version.split_once(':').map_or(version, |(_, rest)| rest);
    let end = upstream.find(|c: char| !c.is_ascii_digit() && c != '.');
    end.map_or(upstream, |end| &upstream[..end])
}

/// Files are checked on access while clamonacc runs and clamd answers it.
fn on_access(scene: &Scene<'_>, entry: &Entry, product: &mut Product) {
    let Some(processes) = &scene.processes else {
        product.real_time_protection = State::Unknown.into();
        return;
    };
    let on = processes.has(entry, "clamonacc") && processes.has(entry, "clamd");
    product.real_time_protection = if on { State::On } else { State::Off }.into();
}

/// The databases of signatures.
struct Databases {
    directory: String,
    /// By place in [`DATABASES`].
    found: [Option<Header>; 3],
    /// Databases of others in the same form, by name.
    foreign: Vec<(String, Header)>,
    /// Number of other files of signatures, and when the newest was written.
    files: usize,
    written: Option<i64>,
    damaged: Vec<String>,
    readable: bool,
}

impl Databases {
    fn read(root: &Root, diagnostics: &mut Diagnostics) -> Self {
        let directory = directory(root);
        let mut databases = Self {
            found: [None; 3],
            foreign: Vec::new(),
            files: 0,
            written: None,
            damaged: Vec::new(),
            readable: true,
            directory,
        };
        match root.list(&databases.directory) {
            Ok(names) => {
                let names = names.into_iter().filter_map(|name| name.into_string().ok());
                names.for_each(|name| databases.add(root, &name, diagnostics));
            }
            Err(error) if is_absent(&error) => {}
            Err(error) => {
                databases.readable = false;
                diagnostics.unreadable(&databases.directory, &error, MISSING);
            }
        }
        databases
    }

    fn add(&mut self, root: &Root, name: &str, diagnostics: &mut Diagnostics) {
        let Some((stem, ending)) = name.rsplit_once('.') else {
            return;
        };
        let path = format!("{}/{name}", self.directory);
        if OTHERS.contains(&ending) {
            let written = root.metadata(&path).map(|metadata| metadata.mtime());
            self.files += 1;
            self.written = self.written.max(written.ok());
        }
        if !matches!(ending, "cld" | "cvd" | "cud") {
            return;
        }
        match header(root, &path) {
            Ok(bytes) if bytes.len() == cvd::HEADER_BYTES => {
                self.damaged.push(format!("{name} ends after its header"));
            }
            Ok(bytes) => match cvd::parse(&bytes) {
                Ok(header) => self.keep(stem, header),
                Err(error) => self.damaged.push(format!("{name} {error}")),
            },
            // It was replaced meanwhile.
            Err(error) if is_absent(&error) => {}
            Err(error) => {
                self.readable = false;
                diagnostics.unreadable(&path, &error, MISSING);
            }
        }
    }

    fn keep(&mut self, stem: &str, header: Header) {
        let Some(place) = DATABASES.iter().position(|name| *name == stem) else {
            return self.foreign.push((stem.to_owned(), header));
        };
        let best = &mut self.found[place];
        if best.is_none_or(|best| best.version < header.version) {
            *best = Some(header);
        }
    }

    /// When the newest signatures were made: the maker's, or where there are none of those, any.
    fn made(&self) -> Option<i64> {
        let official = self.found[0].or(self.found[1]);
        let foreign = self.foreign.iter().map(|(_, header)| header.built).max();
        official
            .map(|header| header.built)
            .or(foreign)
            .or(self.written)
    }

    /// Such as "daily 27400, main 62, bytecode 335, 2 other files".
    fn versions(&self) -> String {
        let found = DATABASES.iter().zip(&self.found);
        let found = found.filter_map(|(name, header)| Some((*name, header.as_ref()?)));
        let foreign = self
            .foreign
            .iter()
            .map(|(name, header)| (name.as_str(), header));
        let mut texts: Vec<_> = found
            .chain(foreign)
            .map(|(name, header)| format!("{name} {}", header.version))
            .collect();
        match self.files {
            0 => {}
            1 => texts.push("1 other file".to_owned()),
            files => texts.push(format!("{files} other files")),
        }
        texts.join(", ")
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = self.damaged.clone();
        if self.readable && self.found[0].is_none() && self.found[1].is_none() {
            let directory = &self.directory;
            problems.push(if self.made().is_some() {
                format!("only signatures of others than its maker are in {directory}")
            } else {
                format!("there are no signatures in {directory}")
            });
        }
        problems
    }
}

fn directory(root: &Root) -> String {
    for path in CONFIGURATIONS {
        let Ok(bytes) = root.read_at_most(path, 1 << 20) else {
            continue;
        };
        if let Some(directory) = settings::values(&bytes, "DatabaseDirectory").next() {
            return directory.trim_end_matches('/').to_owned();
        }
    }
    DEFAULT_DIRECTORY.to_owned()
}

fn header(root: &Root, path: &str) -> std::io::Result<Vec<u8>> {
    let file = root.open(path.as_ref())?;
    // One byte more shows whether there is anything behind the header.
    let length = cvd::HEADER_BYTES + 1;
    let mut bytes = Vec::with_capacity(length);
    file.take(length as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn now() -> i64 {
    section::timestamp(SystemTime::now()).seconds
}
