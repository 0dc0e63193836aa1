//! File systems that may never answer: servers that went away, programs that hang.
//!
//! They are asked on a thread, and not for long. One that did not answer is not asked again until it did.
//! The table of mounts is compared with the path as written: a link to such a file system is not noticed.

use std::{
    ffi::OsStr,
    io,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicIsize, AtomicU8, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use crate::parse::mounts;

/// Longest time such a file system may take.
const ANSWER: Duration = Duration::from_secs(3);
/// States of a question.
const OPEN: u8 = 0;
const LATE: u8 = 1;
const ANSWERED: u8 = 2;
/// How long the table of mounts is taken to be current.
const CURRENT: Duration = Duration::from_secs(10);

/// Knows which paths lead to such file systems.
#[derive(Debug, Default)]
pub(super) struct Patience(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    read: Option<Instant>,
    mounts: Vec<Arc<Mount>>,
}

/// Where something is mounted.
#[derive(Debug)]
pub(super) struct Mount {
    point: PathBuf,
    manner: Manner,
    /// Questions that it has not answered in time, nor since.
    unanswered: AtomicIsize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// Answers at once.
    Prompt,
    /// May never answer.
    Slow,
    /// Looking makes it be mounted.
    OnDemand,
}

impl Patience {
    /// The mount that a path leads to; `None` where it answers at once.
    pub(super) fn mount_of(&self, path: &Path) -> Option<Arc<Mount>> {
        // The kernel's own file systems are where the table itself comes from.
        if path.starts_with("/proc") || path.starts_with("/sys") {
            return None;
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.read.is_none_or(|read| read.elapsed() > CURRENT) {
            known.refresh(&std::fs::read("/proc/self/mountinfo").unwrap_or_default());
        }
        known.deepest(path)
    }
}

impl Known {
    fn refresh(&mut self, table: &[u8]) {
        let earlier = std::mem::take(&mut self.mounts);
        let is_special = |manner| manner != Manner::Prompt;
        let all = mounts::parse(table).into_iter().map(|mount| {
            let point = PathBuf::from(OsStr::from_bytes(&mount.point));
            (point, manner(&mount.kind))
        });
        let all: Vec<_> = all
            .filter(|(point, _)| !point.starts_with("/proc") && !point.starts_with("/sys"))
            .collect();
        self.read = Some(Instant::now());
        // Nearly all machines have nothing else, and then nothing has to be compared.
        if !all.iter().any(|(_, manner)| is_special(*manner)) {
            return;
        }
        self.mounts = all
            .into_iter()
            .map(|(point, manner)| {
                let known = earlier
                    .iter()
                    .find(|mount| mount.point == point && mount.manner == manner);
                known.cloned().unwrap_or_else(|| {
                    Arc::new(Mount {
                        point,
                        manner,
                        unanswered: AtomicIsize::new(0),
                    })
                })
            })
            .collect();
    }

    fn deepest(&self, path: &Path) -> Option<Arc<Mount>> {
        let on_the_way = self
            .mounts
            .iter()
            .filter(|mount| path.starts_with(&mount.point));
        let deepest = on_the_way.max_by_key(|mount| mount.point.as_os_str().len())?;
        (deepest.manner != Manner::Prompt).then(|| deepest.clone())
    }
}

fn manner(kind: &str) -> Manner {
    if kind == mounts::ON_DEMAND {
        Manner::OnDemand
    } else if mounts::may_not_answer(kind) {
        Manner::Slow
    } else {
        Manner::Prompt
    }
}

impl Mount {
    /// Asks the file system. The thread is left behind when it gives no answer in time.
    pub(super) fn ask<T: Send + 'static>(
        self: Arc<Self>,
        work: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        if self.manner == Manner::OnDemand {
            let reason = format!("{} is mounted only on demand", self.point.display());
            return Err(io::Error::new(io::ErrorKind::NotConnected, reason));
        }
        if self.is_silent() {
            return Err(self.silence());
        }
        let (sender, receiver) = mpsc::channel();
        let (asked, question) = (self.clone(), Arc::new(AtomicU8::new(OPEN)));
        let asking = question.clone();
        thread::Builder::new()
            .name("slow mount".into())
            .stack_size(256 * 1024)
            .spawn(move || {
                let answer = work();
                if asking.swap(ANSWERED, Ordering::AcqRel) == LATE {
                    asked.unanswered.fetch_sub(1, Ordering::AcqRel);
                }
                // Nobody listens any more once the time is over.
                let _ = sender.send(answer);
            })?;
        receiver.recv_timeout(ANSWER).unwrap_or_else(|_| {
            if question.swap(LATE, Ordering::AcqRel) == OPEN {
                self.unanswered.fetch_add(1, Ordering::AcqRel);
            }
            Err(self.silence())
        })
    }

    fn is_silent(&self) -> bool {
        self.unanswered.load(Ordering::Acquire) != 0
    }

    fn silence(&self) -> io::Error {
        let reason = format!(
            "the file system mounted at {} gave no answer within {} seconds",
            self.point.display(),
            ANSWER.as_secs()
        );
        io::Error::new(io::ErrorKind::TimedOut, reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &[u8] = b"1 0 8:1 / / rw - ext4 /dev/sda1 rw\n\
        2 1 0:40 / /home rw - nfs4 server:/home rw\n\
        3 2 8:2 / /home/local rw - xfs /dev/sda2 rw\n\
        4 1 0:41 / /net rw - autofs auto.net rw\n\
        5 1 0:42 / /proc/sys/fs/binfmt_misc rw - autofs systemd-1 rw\n";

    fn known(table: &[u8]) -> Known {
        let mut known = Known::default();
        known.refresh(table);
        known
    }

    #[test]
    fn the_deepest_mount_decides() {
        let known = known(TABLE);
        let manner = |path: &str| known.deepest(Path::new(path)).map(|mount| mount.manner);
        assert_eq!(
            manner("/home/anna/.ssh/authorized_keys"),
            Some(Manner::Slow)
        );
        assert_eq!(manner("/home"), Some(Manner::Slow));
        assert_eq!(manner("/home/local/x"), None);
        assert_eq!(manner("/homes"), None);
        assert_eq!(manner("/net/server"), Some(Manner::OnDemand));
    }

    #[test]
    fn a_machine_with_nothing_but_disks_compares_nothing() {
        let known = known(b"1 0 8:1 / / rw - ext4 /dev/sda1 rw\n");
        assert!(known.mounts.is_empty() && known.deepest(Path::new("/etc")).is_none());
    }

    #[test]
    fn who_does_not_answer_is_left_and_not_asked_again_until_it_did() {
        let mut known = known(TABLE);
        let mount = known.deepest(Path::new("/home/anna")).unwrap();
        let (release, held) = mpsc::channel::<()>();
        let started = Instant::now();
        let answer = mount.clone().ask(move || Ok(held.recv().is_ok()));
        assert_eq!(answer.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert!(started.elapsed() < ANSWER * 2);

        known.refresh(TABLE);
        let mount = known.deepest(Path::new("/home/anna")).unwrap();
        let again = Instant::now();
        let answer = mount.clone().ask(|| Ok(()));
        assert!(answer.unwrap_err().to_string().contains("/home"));
        assert!(again.elapsed() < Duration::from_secs(1));

        release.send(()).unwrap();
        let deadline = Instant::now() + ANSWER;
        while mount.is_silent() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(mount.ask(|| Ok(7)).unwrap(), 7);
    }

    #[test]
    fn what_is_mounted_on_demand_is_not_made_to_be() {
        let mount = known(TABLE)
            .deepest(Path::new("/net/server/share"))
            .unwrap();
        let answer = mount.ask(|| -> io::Result<()> { panic!("it was asked") });
        assert!(answer.unwrap_err().to_string().contains("on demand"));
    }
}
