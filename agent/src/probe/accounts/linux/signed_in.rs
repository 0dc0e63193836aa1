//! When accounts signed in last, from wherever the system notes it: lastlog and wtmp, or their successors, which are
//! SQLite databases.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    path::Path,
};

use prost_types::Timestamp;

use crate::parse::{
    lastlog,
    sqlite::{self, Value},
    utmp,
};
use crate::probe::{Root, root::is_absent, section, section::Diagnostics};

use super::people::People;

const LASTLOG: &str = "/var/log/lastlog";
const WTMP: &str = "/var/log/wtmp";

/// A database: where it is, its table, the columns with account and time, and how many times a second has.
struct Database {
    path: &'static str,
    table: &'static str,
    columns: [&'static str; 2],
    per_second: i64,
}

const DATABASES: [Database; 2] = [
    Database {
        path: "/var/lib/lastlog/lastlog2.db",
        table: "Lastlog2",
        columns: ["Name", "Time"],
        per_second: 1,
    },
    // It also notes starts of the machine, by the account "reboot".
    Database {
        path: "/var/lib/wtmpdb/wtmp.db",
        table: "wtmp",
        columns: ["User", "Login"],
        per_second: 1_000_000,
    },
];

/// Longest database that is read.
const DATABASE_BYTES: u64 = 8 * 1024 * 1024;

/// The year 2100: what is later is no time of a sign-in.
const LATEST: i64 = 4_102_444_800;
const DAY: i64 = 24 * 60 * 60;

const MISSING: &str = "when accounts signed in last may be";

/// The last sign-in of each account that has one, by name.
#[derive(Debug, Default)]
pub(super) struct SignedIn(HashMap<String, i64>);

impl SignedIn {
    /// Reads what there is.
    pub(super) fn read(root: &Root, people: &People, diagnostics: &mut Diagnostics) -> Self {
        let mut all = Self::default();
        let steps: [(&str, io::Result<()>); 2] =
            [(LASTLOG, all.lastlog(root, people)), (WTMP, all.wtmp(root))];
        for (path, outcome) in steps {
            match outcome {
                Err(error) if !is_absent(&error) => diagnostics.unreadable(path, &error, MISSING),
                _ => {}
            }
        }
        for database in DATABASES {
            all.database(root, &database, diagnostics);
        }
        all
    }

    /// The day of an account's last sign-in. The time of day would be news with every one of them.
    pub(super) fn day(&self, account: &str) -> Option<Timestamp> {
        let seconds = *self.0.get(account)?;
        Some(section::seconds(seconds / DAY * DAY))
    }

    fn add(&mut self, account: String, seconds: i64) {
        if (1..LATEST).contains(&seconds) {
            let known = self.0.entry(account).or_default();
            *known = seconds.max(*known);
        }
    }

    /// The file has a place for every user id up to the highest: only those of accounts are looked at.
    fn lastlog(&mut self, root: &Root, people: &People) -> io::Result<()> {
        let mut file = root.open(Path::new(LASTLOG))?;
        let length = file.metadata()?.len();
        let mut record = vec![0; lastlog::record_length(length)];
        for person in &people.persons {
            let at = u64::from(person.uid) * record.len() as u64;
            if at + record.len() as u64 > length {
                continue;
            }
            file.seek(SeekFrom::Start(at))?;
            file.read_exact(&mut record)?;
            if let Some(seconds) = lastlog::signed_in(&record) {
                self.add(person.name.clone(), seconds);
            }
        }
        Ok(())
    }

    /// The end of the file has the newest.
    fn wtmp(&mut self, root: &Root) -> io::Result<()> {
        let file = root.open(Path::new(WTMP))?;
        let length = file.metadata()?.len();
        let bytes = tail(file, length)?;
        if !bytes.is_empty() && bytes.iter().all(|byte| *byte == 0) {
            let reason = "holds nothing but zeros at its end";
            return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
        }
        for login in utmp::logins_of(&bytes, length) {
            self.add(login.account, login.since);
        }
        Ok(())
    }

    fn database(&mut self, root: &Root, database: &Database, diagnostics: &mut Diagnostics) {
        let path = database.path;
        let bytes = match root.read_at_most(path, DATABASE_BYTES) {
            Ok(bytes) => bytes,
            Err(error) if is_absent(&error) => return,
            Err(error) => return diagnostics.unreadable(path, &error, MISSING),
        };
        let outcome = sqlite::rows(&bytes, database.table, database.columns, |row| {
            if let [Value::Text(account), Value::Integer(time)] = row {
                let account = String::from_utf8_lossy(account).into_owned();
                self.add(account, time / database.per_second);
            }
        });
        match outcome {
            Ok(0) => {}
            Ok(damaged) => {
                let reason =
                    format!("holds {damaged} records that cannot be read, so {MISSING} missing");
                diagnostics.note(path, database.table, reason);
            }
            Err(error) => {
                let reason = format!("{error}, so {MISSING} missing");
                diagnostics.note(path, database.table, reason);
            }
        }
    }
}

fn tail(mut file: File, length: u64) -> io::Result<Vec<u8>> {
    if length > utmp::TAIL {
        file.seek(SeekFrom::Start(length - utmp::TAIL))?;
    }
    let mut bytes = Vec::new();
    file.take(utmp::TAIL).read_to_end(&mut bytes)?;
    Ok(bytes)
}
