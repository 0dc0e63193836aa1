//! Tasks that cron runs as root and whose program others may change.

use crate::parse::crontab;
use crate::probe::{Root, section::Diagnostics};

use super::{Opening, units::of_program};

/// Tables with a user before each command.
const SYSTEM: &str = "/etc/crontab";
const SYSTEM_FOLDER: &str = "/etc/cron.d";

/// root's own table, by distribution.
const OF_ROOT: [&str; 3] = [
    "/var/spool/cron/crontabs/root",
    "/var/spool/cron/root",
    "/var/spool/cron/tabs/root",
];

/// Folders whose programs run as they are.
const FOLDERS: [&str; 4] = [
    "/etc/cron.hourly",
    "/etc/cron.daily",
    "/etc/cron.weekly",
    "/etc/cron.monthly",
];

const MISSING: &str = "what cron runs as root is";
const TABLE_BYTES: u64 = 1024 * 1024;

/// Finds them.
pub(super) fn find(root: &Root, diagnostics: &mut Diagnostics) -> Vec<Opening> {
    let mut tables = vec![(SYSTEM.to_owned(), true)];
    for name in diagnostics.list_optional(root, SYSTEM_FOLDER, MISSING) {
        tables.push((format!("{SYSTEM_FOLDER}/{name}"), true));
    }
    tables.extend(OF_ROOT.map(|path| (path.to_owned(), false)));
    let mut openings = Vec::new();
    for (path, with_user) in tables {
        if root.metadata(&path).is_ok_and(|metadata| metadata.is_dir()) {
            continue;
        }
        match root.read_at_most(&path, TABLE_BYTES) {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes);
                openings.extend(of_table(root, &path, &text, with_user));
            }
            Err(error) if crate::probe::root::is_absent(&error) => {}
            Err(error) => diagnostics.unreadable(&path, &error, MISSING),
        }
    }
    for folder in FOLDERS {
        for name in diagnostics.list_optional(root, folder, MISSING) {
            let path = format!("{folder}/{name}");
            let found = of_program(root, &path, &path, 0, "a regular task");
            openings.extend(found.into_iter().map(|mut opening| {
                opening.line = None;
                opening
            }));
        }
    }
    openings
}

fn of_table(root: &Root, path: &str, text: &str, with_user: bool) -> Vec<Opening> {
    let entries = crontab::parse(text, with_user);
    let as_root = entries
        .iter()
        .filter(|entry| matches!(entry.user, None | Some("root")));
    as_root
        .flat_map(|entry| {
            let programs = crontab::programs(entry.command);
            programs
                .into_iter()
                .flat_map(|program| of_program(root, program, path, entry.line, "a regular task"))
                .collect::<Vec<_>>()
        })
        .collect()
}
