//! The processes that run, by name.

use std::collections::HashMap;

use super::{Root, section::Diagnostics};

/// Names as the kernel shows them, cut to 15 characters, and the number of one process of each name.
#[derive(Debug, Default)]
pub(super) struct Processes {
    names: HashMap<String, Vec<u32>>,
}

impl Processes {
    /// Reads /proc. `None`, with a note, when the processes of other users are hidden. `missing`
    /// completes "…, so … missing".
    pub(super) fn read(root: &Root, diagnostics: &mut Diagnostics, missing: &str) -> Option<Self> {
        // Process 1 always runs and belongs to root: who cannot see it sees only some.
        if let Err(error) = root.read_at_most("/proc/1/comm", 64) {
            diagnostics.unreadable("/proc/1/comm", &error, missing);
            return None;
        }
        let entries = match root.list("/proc") {
            Ok(entries) => entries,
            Err(error) => {
                diagnostics.unreadable("/proc", &error, missing);
                return None;
            }
        };
        let mut processes = Self::default();
        for entry in entries {
            let Some(id) = entry.to_str().and_then(|id| id.parse().ok()) else {
                continue;
            };
            // A process may end at any time; one that has ended and is not buried does nothing more.
            let Ok(stat) = root.read_at_most(format!("/proc/{id}/stat"), 4096) else {
                continue;
            };
            if let Some(name) = living(&stat) {
                processes.names.entry(name).or_default().push(id);
            }
        }
        Some(processes)
    }

    /// These processes run.
    #[cfg(test)]
    pub(super) fn of(names: &[&str]) -> Self {
        Self {
            names: names
                .iter()
                .map(|&name| (name.to_owned(), vec![1]))
                .collect(),
        }
    }

    /// Whether a process of a name runs.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    /// Numbers of the processes of a name, in ascending order of their text.
    pub(super) fn ids(&self, name: &str) -> &[u32] {
        self.names.get(name).map_or(&[], Vec::as_slice)
    }
}

/// Name of a process by its line of `/proc/PID/stat`; `None` when it has ended.
pub(super) fn living(stat: &[u8]) -> Option<String> {
    let open = stat.iter().position(|byte| *byte == b'(')?;
    // A name may hold brackets itself.
    let close = stat.iter().rposition(|byte| *byte == b')')?;
    let name = stat.get(open + 1..close)?;
    let state = stat.get(close + 1..)?.trim_ascii_start().first()?;
    (!matches!(state, b'Z' | b'X')).then(|| String::from_utf8_lossy(name).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_has_ended_does_not_run() {
        assert_eq!(living(b"7 (clamd) S 1 7 7 0"), Some("clamd".to_owned()));
        assert_eq!(living(b"7 (clamd) Z 1 7 7 0"), None);
        assert_eq!(living(b"7 (a) b) R 1"), Some("a) b".to_owned()));
        assert_eq!(living(b"7 (clamd"), None);
        assert_eq!(living(b")("), None);
    }

    #[test]
    fn the_test_itself_runs() {
        let mut diagnostics = Diagnostics::new();
        let processes = Processes::read(&Root::live(), &mut diagnostics, "x is");
        // Where the processes of others are hidden, there is nothing to compare.
        if let Some(processes) = processes {
            let own = std::fs::read_to_string("/proc/self/comm").unwrap();
            assert!(processes.ids(own.trim_end()).contains(&std::process::id()));
        }
    }
}
