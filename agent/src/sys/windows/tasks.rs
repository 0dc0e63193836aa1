//! The definitions of scheduled tasks, as the task scheduler keeps them: one file a task.

use std::{fs, path::Path};

use super::folders::{contents, expand, unread};
use crate::rows::{Answer, Row, Unread, Value};

const FOLDER: &str = r"%SystemRoot%\System32\Tasks";

/// Most tasks, and deepest folder.
const TASKS: usize = 10_000;
const DEPTH: usize = 16;

/// Every task.
pub(crate) fn list() -> Answer<Vec<Row>> {
    let mut rows = Vec::new();
    walk(Path::new(&expand(FOLDER)), "", 0, &mut rows)?;
    Ok(rows)
}

fn walk(folder: &Path, name: &str, depth: usize, rows: &mut Vec<Row>) -> Answer<()> {
    let entries = fs::read_dir(folder).map_err(|error| unread(&error))?;
    for entry in entries {
        let entry = entry.map_err(|error| unread(&error))?;
        let kind = entry.file_type().map_err(|error| unread(&error))?;
        let own = entry.file_name().to_string_lossy().into_owned();
        let full = if name.is_empty() {
            own
        } else {
            format!(r"{name}\{own}")
        };
        if rows.len() >= TASKS {
            let what = format!("more than {TASKS} tasks");
            return Err(Unread::Senseless { what });
        }
        if kind.is_dir() && depth < DEPTH {
            // A folder that is closed is told as a task that is.
            if let Err(why) = walk(&entry.path(), &full, depth + 1, rows) {
                rows.push(closed(&full, &why));
            }
        } else if kind.is_file() {
            rows.push(task(&entry.path(), &full));
        }
    }
    Ok(())
}

fn task(path: &Path, name: &str) -> Row {
    match contents(&path.to_string_lossy()) {
        Ok(bytes) => Row::of([("Name", name)]).with("Definition", Value::Bytes(bytes)),
        Err(why) => closed(name, &why),
    }
}

fn closed(name: &str, why: &Unread) -> Row {
    const DENIED: u32 = 5;
    const ABSENT: u32 = 2;
    const INVALID_DATA: u32 = 13;
    let code = match why {
        Unread::Denied => DENIED,
        Unread::Absent => ABSENT,
        Unread::Failed { code } => *code,
        _ => INVALID_DATA,
    };
    Row::of([("Name", name)]).with("Error", code)
}
