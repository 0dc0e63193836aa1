//! A limit on the time a section takes, and what took it.

use std::{
    cell::RefCell,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::Duration,
};

use freehold_proto::v1::{
    Accounts, Antivirus, Diagnostic, Hardware, Network, Protection, Services, Software, System,
    section::{Kind, Status},
};
use prost::Message as _;

use super::{Root, collect};
use crate::snapshot::Collected;

thread_local! {
    /// What this thread is doing, for those who wait for it.
    static OWN: RefCell<Option<Arc<Work>>> = const { RefCell::new(None) };
}

/// A section that is being collected, as seen by those who wait for it.
#[derive(Debug, Default)]
pub(crate) struct Work {
    /// Somebody sits in front of it.
    hurried: bool,
    /// What it asked for last.
    place: Mutex<PathBuf>,
}

impl Work {
    /// Does something as this work.
    pub(crate) fn of<T>(self: &Arc<Self>, work: impl FnOnce() -> T) -> T {
        struct Done;
        impl Drop for Done {
            fn drop(&mut self) {
                OWN.set(None);
            }
        }
        OWN.set(Some(self.clone()));
        let _done = Done;
        work()
    }

    fn place(&self) -> PathBuf {
        let place = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        place.clone()
    }

    /// The section of a kind that has not come after some time: it says what was asked for last.
    pub(crate) fn hanging(&self, kind: Kind, time: Duration) -> Option<Collected> {
        let place = self.place();
        let (what, last) = if place.as_os_str().is_empty() {
            ("something it reads", String::new())
        } else {
            (
                "what it reads",
                format!(" ({} was asked for last)", place.display()),
            )
        };
        let seconds = time.as_secs();
        let reason = format!(
            "{what} gave no answer within {seconds} seconds{last}, so the whole section is missing"
        );
        silent(kind, reason)
    }
}

/// Whether somebody waits for what this thread does, so that what takes long is better left to later.
#[cfg_attr(
    not(target_os = "linux"),
    allow(
        dead_code,
        reason = "nothing there takes long in proportion to its files"
    )
)]
pub(super) fn is_hurried() -> bool {
    OWN.with_borrow(|own| own.as_ref().is_some_and(|work| work.hurried))
}

/// Takes down what this thread is about to ask for, in a root.
#[cfg_attr(
    not(target_os = "linux"),
    allow(
        dead_code,
        reason = "nothing there takes long in proportion to its files"
    )
)]
pub(super) fn ask(root: &Path, path: &Path) {
    let inside = || path.strip_prefix("/").unwrap_or(path);
    #[cfg(unix)]
    super::trace::note(root, path);
    OWN.with_borrow(|own| {
        if let Some(work) = own {
            let mut place = work.place.lock().unwrap_or_else(PoisonError::into_inner);
            // The buffer is used again: this happens thousands of times.
            place.as_mut_os_string().clear();
            place.push(root);
            place.push(inside());
        }
    });
}

/// Collects one section on a thread of its own, for somebody who waits. A probe that does not come back in time (a
/// device or a file system that does not answer) is left behind, and its section says so.
pub fn collect_within(kind: Kind, root: &Root, time: Duration) -> Option<Collected> {
    let root = root.clone();
    within(kind, time, move || collect(kind, &root))
}

fn within(
    kind: Kind,
    time: Duration,
    work: impl FnOnce() -> Option<Collected> + Send + 'static,
) -> Option<Collected> {
    let own = Arc::new(Work {
        hurried: true,
        ..Work::default()
    });
    let theirs = own.clone();
    let (sender, receiver) = mpsc::channel();
    let thread = thread::Builder::new()
        .name("probe".into())
        .stack_size(2 * 1024 * 1024)
        .spawn(move || {
            // Nobody listens any more once the time is over.
            let _ = sender.send(theirs.of(work));
        });
    if let Err(error) = thread {
        return silent(kind, format!("the probe could not be started: {error}"));
    }
    match receiver.recv_timeout(time) {
        Ok(collected) => collected,
        Err(mpsc::RecvTimeoutError::Timeout) => own.hanging(kind, time),
        Err(mpsc::RecvTimeoutError::Disconnected) => {
            let reason = "the probe failed, so the whole section is missing; this is a fault of the agent: please report it";
            silent(kind, reason.into())
        }
    }
}

/// A section of which nothing is known but why.
pub(super) fn silent(kind: Kind, reason: String) -> Option<Collected> {
    macro_rules! body {
        ($message:ident) => {
            $message {
                status: Status::Unreadable.into(),
                diagnostics: vec![Diagnostic {
                    source: "freehold-agent".into(),
                    position: String::new(),
                    reason,
                    gap: None,
                }],
                ..$message::default()
            }
            .encode_to_vec()
        };
    }
    let body = match kind {
        Kind::Unspecified => return None,
        Kind::System => body!(System),
        Kind::Hardware => body!(Hardware),
        Kind::Software => body!(Software),
        Kind::Antivirus => body!(Antivirus),
        Kind::Accounts => body!(Accounts),
        Kind::Network => body!(Network),
        Kind::Services => body!(Services),
        Kind::Protection => body!(Protection),
    };
    Some(Collected::now(kind, body))
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::probe::KINDS;

    #[test]
    fn a_probe_that_hangs_becomes_a_section_that_says_so() {
        for kind in KINDS {
            let started = Instant::now();
            let (_held, never) = mpsc::channel::<()>();
            let hang = move || {
                let _ = never.recv();
                None
            };
            let collected = within(kind, Duration::from_millis(20), hang).unwrap();
            assert!(started.elapsed() < Duration::from_secs(5));
            // Status and diagnostics have the same numbers in every section.
            let section = System::decode(collected.body.as_slice()).unwrap();
            assert_eq!(section.status(), Status::Unreadable);
            assert!(section.diagnostics[0].reason.contains("no answer"));
        }
    }

    #[test]
    fn a_section_that_does_not_come_names_what_was_asked_for_last() {
        let (_held, never) = mpsc::channel::<()>();
        let root = Root::live();
        let hang = move || {
            assert!(is_hurried());
            let _ = root.read("/etc/hostname");
            let _ = root.metadata("/etc/passwd");
            let _ = never.recv();
            None
        };
        let collected = within(Kind::Accounts, Duration::from_millis(300), hang).unwrap();
        let section = Accounts::decode(collected.body.as_slice()).unwrap();
        let reason = &section.diagnostics[0].reason;
        assert!(
            reason.contains("(/etc/passwd was asked for last)"),
            "{reason}"
        );
        assert!(!is_hurried(), "only the thread that collects is");
    }

    #[test]
    fn a_probe_that_fails_becomes_a_section_that_says_so() {
        let collected = within(Kind::Software, Duration::from_secs(5), || {
            panic!("on purpose")
        });
        let section = Software::decode(collected.unwrap().body.as_slice()).unwrap();
        assert!(section.diagnostics[0].reason.contains("fault of the agent"));
    }

    #[test]
    fn what_comes_in_time_is_what_the_probe_says() {
        let root = Root::live();
        let collected = collect_within(Kind::System, &root, Duration::from_secs(60)).unwrap();
        assert_eq!(collected.body, collect(Kind::System, &root).unwrap().body);
    }
}
