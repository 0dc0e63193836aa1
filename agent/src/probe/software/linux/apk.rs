//! Packages of Alpine's apk.

use std::io::{BufReader, Read as _};

use freehold_proto::v1::software::{
    Package,
    package::{Source, State},
};

use crate::parse::apk::{self, Record, Records};
use crate::probe::{Root, root::FILE_BYTES, section::Diagnostics};

use super::{database, list::List};

/// Where the database lies, by version of apk.
pub(super) const DATABASES: [&str; 2] = ["/usr/lib/apk/db/installed", "/lib/apk/db/installed"];

/// What the administrator asked for, with the versions it is bound to.
const WORLD: &str = "/etc/apk/world";

const MISSING: &str = "packages of apk are";

/// Adds the packages, or those of some names. `None` where there is no database, else whether any of it
/// could be read.
pub(super) fn read(
    root: &Root,
    names: Option<&[&str]>,
    list: &mut List,
    diagnostics: &mut Diagnostics,
) -> Option<bool> {
    let path = database::newest(root, &DATABASES, MISSING, diagnostics)?;
    let file = match root.open(path.as_ref()) {
        Ok(file) => file,
        Err(error) => {
            diagnostics.unreadable(path, &error, MISSING);
            return Some(false);
        }
    };
    if file
        .metadata()
        .is_ok_and(|metadata| metadata.len() > FILE_BYTES)
    {
        let reason = format!("is longer than {FILE_BYTES} bytes; packages after those are missing");
        diagnostics.note(path, "", reason);
    }
    let missing = "versions that packages are held at are";
    let world = diagnostics
        .read_optional(root, WORLD, missing)
        .unwrap_or_default();
    let pinned: Vec<_> = apk::pinned(&world).collect();
    let mut records = Records::new(BufReader::with_capacity(64 * 1024, file.take(FILE_BYTES)));
    loop {
        match records.advance() {
            Ok(Some(record)) => {
                let wanted = |name: &&str| name.as_bytes() == record.name.as_slice();
                if names.is_none_or(|names| names.iter().any(wanted)) {
                    let held = pinned.contains(&record.name.as_slice());
                    list.push(package(path, record, held, diagnostics));
                }
            }
            Ok(None) => break,
            Err(error) => {
                let missing = "packages of apk after this place are";
                diagnostics.unreadable(path, &error, missing);
                break;
            }
        }
    }
    for problem in records.problems() {
        diagnostics.note(path, problem.position(), problem.reason);
    }
    Some(true)
}

fn package(path: &str, record: &Record, held: bool, diagnostics: &mut Diagnostics) -> Package {
    let line = record.line;
    let mut text = |bytes: &[u8]| diagnostics.text(path, format_args!("line {line}"), bytes);
    let (version, release) = apk::version(&record.version);
    Package {
        name: text(&record.name),
        version: text(version),
        release: text(release),
        architecture: text(&record.architecture),
        publisher: text(&record.maintainer),
        size_bytes: record.size,
        source: Source::Apk.into(),
        source_package: text(record.source_name()),
        state: match (record.broken, held) {
            (true, _) => State::Broken,
            (false, true) => State::Held,
            (false, false) => State::Installed,
        }
        .into(),
        ..Package::default()
    }
}
