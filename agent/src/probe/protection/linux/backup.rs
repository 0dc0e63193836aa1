//! Backup programs, and when they last succeeded as far as they record it.

use std::{io::Read as _, io::Seek as _, io::SeekFrom, path::Path, time::SystemTime};

use freehold_proto::v1::{protection::BackupProduct, toggle::State};
use prost_types::Timestamp;
use time::{PrimitiveDateTime, macros::format_description};

use crate::order;
use crate::probe::{Root, root::is_absent, section, section::Diagnostics};

use super::{
    Scene,
    programs::{self, BACKUP, Kind, Success},
};

/// Most folders of one program that are looked into for its record.
const FOLDERS: usize = 1000;

const MISSING: &str = "when the last backup succeeded is";

/// The programs that are there, ordered by name.
pub(super) fn read(scene: &Scene<'_>, diagnostics: &mut Diagnostics) -> Vec<BackupProduct> {
    let mut products: Vec<_> = BACKUP
        .iter()
        .filter_map(|program| {
            let Kind::Backup(success) = program.kind else {
                return None;
            };
            let found = programs::find(scene, program, diagnostics)?;
            let scheduled = found.enabled || found.runs == Some(true);
            Some(BackupProduct {
                name: program.name.into(),
                last_success_at: last_success(scene.root, success, diagnostics),
                source: found.source,
                scheduled: if scheduled { State::On } else { State::Unknown }.into(),
            })
        })
        .collect();
    order::sort_by(&mut products, |a, b| a.name.cmp(&b.name));
    products
}

fn last_success(root: &Root, success: Success, diagnostics: &mut Diagnostics) -> Option<Timestamp> {
    let (path, found) = match success {
        Success::NotKnown => return None,
        Success::LogEnds(path, words) => (path, log(root, path, words)),
        Success::Snapshots(path, file) => (path, newest_snapshot(root, path, file)),
        Success::Manifests(paths) => {
            let newest = |path: &&'static str| (*path, newest_manifest(root, path));
            paths.first().map(newest)?
        }
    };
    match found {
        Ok(time) => time,
        Err(error) if is_absent(&error) => None,
        Err(error) => {
            diagnostics.unreadable(path, &error, MISSING);
            None
        }
    }
}

/// The time of a log whose last line ends with words that say success.
fn log(root: &Root, path: &str, words: &str) -> std::io::Result<Option<Timestamp>> {
    const TAIL: u64 = 4096;
    let mut file = root.open(Path::new(path))?;
    let metadata = file.metadata()?;
    file.seek(SeekFrom::Start(metadata.len().saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    file.take(TAIL).read_to_end(&mut tail)?;
    let succeeded = tail.trim_ascii_end().ends_with(words.as_bytes());
    let written: SystemTime = metadata.modified()?;
    Ok(succeeded.then(|| section::timestamp(written)))
}

/// When the file that is written last in each snapshot's folder was written, of the newest.
fn newest_snapshot(root: &Root, path: &str, file: &str) -> std::io::Result<Option<Timestamp>> {
    let names = root.list(path)?;
    let written = names
        .iter()
        .rev()
        .take(FOLDERS)
        .filter_map(|name| name.to_str())
        .filter_map(|name| root.metadata(format!("{path}/{name}/{file}")).ok())
        .filter_map(|metadata| metadata.modified().ok());
    Ok(written.max().map(section::timestamp))
}

/// The newest time in the names of duplicity's manifests. One of a backup that did not end has another
/// ending.
fn newest_manifest(root: &Root, path: &str) -> std::io::Result<Option<Timestamp>> {
    let mut newest = None;
    for folder in root.list(path)?.iter().take(FOLDERS) {
        let Some(folder) = folder.to_str() else {
            continue;
        };
        let names = root.list(format!("{path}/{folder}")).unwrap_or_default();
        let times = names.iter().filter_map(|name| manifest(name.to_str()?));
        newest = newest.max(times.max());
    }
    Ok(newest.map(section::seconds))
}

/// The time in "duplicity-full.20240102T030405Z.manifest" and
/// "duplicity-inc.20240101T030405Z.to.20240102T030405Z.manifest".
fn manifest(name: &str) -> Option<i64> {
    let stem = name.strip_prefix("duplicity-")?;
    let stem = stem
        .strip_suffix(".manifest")
        .or_else(|| stem.strip_suffix(".manifest.gz"))
        .or_else(|| stem.strip_suffix(".manifest.gpg"))?;
    let time = stem.rsplit('.').next()?;
    let format = format_description!("[year][month][day]T[hour][minute][second]Z");
    let time = PrimitiveDateTime::parse(time, &format).ok()?;
    Some(time.assume_utc().unix_timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_tell_the_time_of_whole_backups() {
        let time = Some(1_704_164_645);
        assert_eq!(manifest("duplicity-full.20240102T030405Z.manifest"), time);
        let incremental = "duplicity-inc.20240101T030405Z.to.20240102T030405Z.manifest.gpg";
        assert_eq!(manifest(incremental), time);
        assert_eq!(
            manifest("duplicity-full.20240102T030405Z.manifest.part"),
            None
        );
        assert_eq!(manifest("duplicity-full.soon.manifest"), None);
    }

    #[test]
    fn every_entry_is_a_backup_program() {
        let backup = |program: &programs::Program| matches!(program.kind, Kind::Backup(_));
        assert!(BACKUP.iter().all(backup));
        assert!(!programs::REMOTE.iter().any(backup));
    }
}
