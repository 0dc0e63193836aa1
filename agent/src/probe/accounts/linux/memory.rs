//! What the running agent remembers of its last look. Administrators are looked at every minute; what they follow from
//! is read again when any of it has changed.

use std::sync::{Mutex, PoisonError};

use freehold_proto::v1::Accounts;
use prost::Message as _;

use crate::probe::{
    Root,
    trace::{self, Trace},
};

use super::openings::Searched;

/// The last look.
struct Last {
    trace: Trace,
    /// What the search for programs told, which goes on by itself.
    searched: Searched,
    section: Vec<u8>,
}

/// The section: that of the last look while nothing has changed, else what `look` finds.
pub(super) fn collect(root: &Root, look: impl FnOnce(&Root) -> Accounts) -> Accounts {
    static LAST: Mutex<Option<Last>> = Mutex::new(None);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    let again = || Searched::again(root);
    if let Some(section) = last.as_ref().and_then(|last| last.section(root, again)) {
        return section;
    }
    *last = None;
    let (section, trace) = trace::of(root, || look(root));
    *last = Last::of(trace, Searched::last(), &section);
    section
}

impl Last {
    fn of(trace: Option<Trace>, searched: Option<Searched>, section: &Accounts) -> Option<Self> {
        Some(Self {
            trace: trace?,
            searched: searched?,
            section: section.encode_to_vec(),
        })
    }

    /// The section, unless it has to be read again.
    fn section(&self, root: &Root, again: impl FnOnce() -> Option<Searched>) -> Option<Accounts> {
        let is_same = self.trace.holds(root) && again().as_ref() == Some(&self.searched);
        is_same
            .then(|| Accounts::decode(self.section.as_slice()).ok())
            .flatten()
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, time::Duration};

    use freehold_proto::v1::accounts::Group;

    use super::*;
    use crate::probe::fixture::root_with;

    #[test]
    fn a_section_is_read_again_when_its_sources_or_what_was_found_changed() {
        let (directory, root) = root_with(&[("/etc/passwd", b"one")]);
        let live = Root::live();
        let section = Accounts {
            groups: vec![Group::default()],
            ..Accounts::default()
        };
        let nothing = || Some(Searched::default());
        let remembered = || {
            let trace = trace::settled(|| drop(root.read("/etc/passwd")));
            Last::of(trace, nothing(), &section).unwrap()
        };
        let last = remembered();
        assert_eq!(last.section(&live, nothing), Some(section.clone()));
        assert_eq!(last.section(&live, || None), None);
        let other = || Some(Searched::with_a_note());
        assert_eq!(last.section(&live, other), None);
        std::thread::sleep(Duration::from_millis(20));
        fs::write(directory.path().join("etc/passwd"), "two").unwrap();
        assert_eq!(last.section(&live, nothing), None);
    }
}
