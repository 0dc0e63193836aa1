//! The processes that run, by name.

mod glance;

use std::{
    collections::HashMap,
    io,
    sync::{Mutex, PoisonError},
};

use super::{Root, section::Diagnostics};

use glance::Glance;

/// Names as the kernel shows them, cut to 15 characters, and the numbers of the processes of each name.
#[derive(Debug, Default)]
pub(super) struct Processes {
    names: HashMap<String, Vec<u32>>,
}

impl Processes {
    /// Reads /proc. `None`, with a note, when the processes of other users are hidden. `missing`
    /// completes "…, so … missing".
    pub(super) fn read(root: &Root, diagnostics: &mut Diagnostics, missing: &str) -> Option<Self> {
        let look = || Glance::default().look(root, |_| true);
        Self::looked_at(root, look, diagnostics, missing)
    }

    /// The same for somebody who looks every minute. Processes of names that do not matter may have become other
    /// programs minutes ago.
    pub(super) fn again(
        root: &Root,
        matters: impl Fn(&str) -> bool,
        diagnostics: &mut Diagnostics,
        missing: &str,
    ) -> Option<Self> {
        static LAST: Mutex<Option<Glance>> = Mutex::new(None);
        if !root.is_live() {
            return Self::read(root, diagnostics, missing);
        }
        let look = || {
            let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
            last.get_or_insert_default().look(root, matters)
        };
        Self::looked_at(root, look, diagnostics, missing)
    }

    fn looked_at(
        root: &Root,
        look: impl FnOnce() -> io::Result<Self>,
        diagnostics: &mut Diagnostics,
        missing: &str,
    ) -> Option<Self> {
        // Process 1 always runs and belongs to root: who cannot see it sees only some.
        let seen = root.read_at_most("/proc/1/comm", 64);
        if let Err(error) = seen {
            diagnostics.unreadable("/proc/1/comm", &error, missing);
            return None;
        }
        let looked = look();
        looked
            .inspect_err(|error| diagnostics.unreadable("/proc", error, missing))
            .ok()
    }

    fn add(&mut self, name: &str, id: u32) {
        match self.names.get_mut(name) {
            Some(ids) => ids.push(id),
            None => drop(self.names.insert(name.to_owned(), vec![id])),
        }
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

    /// Numbers of the processes of a name, in ascending order.
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
