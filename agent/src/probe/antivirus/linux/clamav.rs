//! What is particular to ClamAV: its databases, and checking files when they are opened.

use std::{io::Read as _, time::SystemTime};

use freehold_proto::v1::{antivirus::Product, readings::SignatureAge, toggle::State};

use crate::parse::cvd::{self, Header};
use crate::parse::settings;
use crate::probe::{Root, root::is_absent, section, section::Diagnostics};

use super::Scene;

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

/// Adds what only ClamAV can tell.
pub(super) fn complete(scene: &Scene<'_>, product: &mut Product, diagnostics: &mut Diagnostics) {
    product.engine_version = product.version.clone();
    product.tamper_protection = State::Unspecified.into();
    on_access(scene, product);
    let databases = Databases::read(scene.root, diagnostics);
    let mut problems: Vec<_> = Some(std::mem::take(&mut product.problem))
        .filter(|problem| !problem.is_empty())
        .into_iter()
        .collect();
    problems.extend(databases.problems());
    product.signature_version = databases.versions();
    if let Some(newest) = databases.newest() {
        product.signatures_at = Some(section::seconds(newest.built));
        if scene.root.is_live() {
            let current = now() - newest.built <= OUTDATED_SECONDS;
            product.signatures_current = if current { State::On } else { State::Off }.into();
            if !current {
                problems.push("its signatures are older than 7 days".into());
            }
        }
    } else if databases.readable {
        product.signatures_current = State::Off.into();
    }
    product.problem = problems.join("; ");
}

/// Age of the newest signatures.
pub(super) fn signature_age(root: &Root) -> Option<SignatureAge> {
    let databases = Databases::read(root, &mut Diagnostics::new());
    let hours = (now() - databases.newest()?.built).max(0) / 3600;
    Some(SignatureAge {
        product: NAME.into(),
        hours: hours.try_into().unwrap_or(u32::MAX),
    })
}

/// Files are checked on access while clamonacc runs and clamd answers it.
fn on_access(scene: &Scene<'_>, product: &mut Product) {
    let Some(processes) = &scene.processes else {
        product.real_time_protection = State::Unknown.into();
        return;
    };
    let on = processes.has("clamonacc") && processes.has("clamd");
    product.real_time_protection = if on { State::On } else { State::Off }.into();
}

/// The databases of signatures.
struct Databases {
    directory: String,
    /// By place in [`DATABASES`].
    found: [Option<Header>; 3],
    damaged: Vec<String>,
    readable: bool,
}

impl Databases {
    fn read(root: &Root, diagnostics: &mut Diagnostics) -> Self {
        let directory = directory(root);
        let mut databases = Self {
            found: [None; 3],
            damaged: Vec::new(),
            readable: true,
            directory,
        };
        for (place, name) in DATABASES.iter().enumerate() {
            for ending in ["cld", "cvd"] {
                databases.add(root, place, &format!("{name}.{ending}"), diagnostics);
            }
        }
        databases
    }

    fn add(&mut self, root: &Root, place: usize, name: &str, diagnostics: &mut Diagnostics) {
        let path = format!("{}/{name}", self.directory);
        let header = match header(root, &path) {
            Ok(bytes) => cvd::parse(&bytes),
            Err(error) if is_absent(&error) => return,
            Err(error) => {
                self.readable = false;
                return diagnostics.unreadable(&path, &error, MISSING);
            }
        };
        match header {
            Ok(header) => {
                let best = &mut self.found[place];
                if best.is_none_or(|best| best.version < header.version) {
                    *best = Some(header);
                }
            }
            Err(error) => self.damaged.push(format!("{name} {error}")),
        }
    }

    fn newest(&self) -> Option<Header> {
        self.found[0].or(self.found[1])
    }

    /// Such as "daily 27400, main 62, bytecode 335".
    fn versions(&self) -> String {
        let found = DATABASES.iter().zip(&self.found);
        let texts: Vec<_> = found
            .filter_map(|(name, header)| Some(format!("{name} {}", header.as_ref()?.version)))
            .collect();
        texts.join(", ")
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = self.damaged.clone();
        if self.readable && self.found[0].is_none() && self.found[1].is_none() {
            problems.push(format!("there are no signatures in {}", self.directory));
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
    let mut bytes = Vec::with_capacity(cvd::HEADER_BYTES);
    file.take(cvd::HEADER_BYTES as u64)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn now() -> i64 {
    section::timestamp(SystemTime::now()).seconds
}
