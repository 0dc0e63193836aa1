//! Names of the processes that run.

use std::collections::HashSet;

use crate::probe::{Root, section::Diagnostics};

/// Names as the kernel shows them, cut to 15 characters.
pub(super) struct Processes {
    names: HashSet<String>,
}

impl Processes {
    /// Reads /proc. `None`, with a note, when the processes of other users are hidden.
    pub(super) fn read(root: &Root, diagnostics: &mut Diagnostics) -> Option<Self> {
        // Process 1 always runs and belongs to root: who cannot see it sees only some.
        if let Err(error) = root.read_at_most("/proc/1/comm", 64) {
            let missing = "whether products run is";
            diagnostics.unreadable("/proc/1/comm", &error, missing);
            return None;
        }
        let entries = match root.list("/proc") {
            Ok(entries) => entries,
            Err(error) => {
                diagnostics.unreadable("/proc", &error, "whether products run is");
                return None;
            }
        };
        let mut names = HashSet::new();
        for entry in entries {
            let Some(id) = entry
                .to_str()
                .filter(|id| id.bytes().all(|byte| byte.is_ascii_digit()))
            else {
                continue;
            };
            // A process may end at any time.
            let Ok(name) = root.read_at_most(format!("/proc/{id}/comm"), 64) else {
                continue;
            };
            let name = String::from_utf8_lossy(name.trim_ascii_end());
            if !names.contains(name.as_ref()) {
                names.insert(name.into_owned());
            }
        }
        Some(Self { names })
    }

    /// These processes run.
    #[cfg(test)]
    pub(super) fn of(names: &[&str]) -> Self {
        Self {
            names: names.iter().map(|&name| name.to_owned()).collect(),
        }
    }

    /// Whether a process of a name runs.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }
}
