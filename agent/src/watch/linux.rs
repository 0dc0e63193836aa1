//! inotify, read when the kernel says so: no thread, no timer.
//!
//! Opening a file is deliberately not watched: every program that starts opens something in /etc.

use std::{io, mem::MaybeUninit, os::fd::OwnedFd, path::PathBuf};

use freehold_proto::v1::section::Kind;
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use tokio::io::unix::AsyncFd;

use super::{TARGETS, concerned, directories};
use crate::{probe::Root, sys};

const BUFFER_BYTES: usize = 4096;

/// Watches what the agent reports about.
#[derive(Debug)]
pub(crate) struct Watch {
    root: PathBuf,
    /// `None` when the kernel grants no notification: then polling must do.
    descriptor: Option<AsyncFd<OwnedFd>>,
    /// Watch descriptor of each directory that exists.
    watched: Vec<(i32, &'static str)>,
}

impl Watch {
    /// Begins watching. To be called within a runtime.
    pub(crate) fn new(root: &Root) -> Self {
        let descriptor = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)
            .map_err(io::Error::from)
            .and_then(sys::readiness::of);
        if let Err(error) = &descriptor {
            tracing::warn!(%error, "changes are noticed by polling only");
        }
        let mut watch = Self {
            root: root.path().to_owned(),
            descriptor: descriptor.ok(),
            watched: Vec::new(),
        };
        watch.rearm();
        watch
    }

    /// Watches directories that have come into being since. Returns the sections they concern.
    pub(crate) fn rearm(&mut self) -> Vec<Kind> {
        let mut kinds = Vec::new();
        let Some(descriptor) = &self.descriptor else {
            return kinds;
        };
        for directory in directories() {
            if self.watched.iter().any(|(_, known)| *known == directory) {
                continue;
            }
            let path = self.root.join(directory.trim_start_matches('/'));
            if let Ok(id) = inotify::add_watch(descriptor.get_ref(), &path, events()) {
                self.watched.push((id, directory));
                kinds.extend(concerned(directory, None));
            }
        }
        kinds
    }

    /// Waits until something changed and tells which sections that concerns.
    pub(crate) async fn changed(&mut self) -> Vec<Kind> {
        loop {
            let Some(descriptor) = &self.descriptor else {
                return std::future::pending().await;
            };
            let Ok(mut ready) = descriptor.readable().await else {
                self.descriptor = None;
                continue;
            };
            let mut kinds = Vec::new();
            let mut gone = Vec::new();
            let read = ready.try_io(|descriptor| {
                read(descriptor.get_ref(), &self.watched, &mut kinds, &mut gone)
            });
            self.watched.retain(|(id, _)| !gone.contains(id));
            if let Ok(Err(error)) = read {
                tracing::warn!(%error, "changes are noticed by polling only from now on");
                self.descriptor = None;
            }
            if !kinds.is_empty() {
                kinds.sort_unstable();
                kinds.dedup();
                return kinds;
            }
        }
    }
}

fn events() -> WatchFlags {
    WatchFlags::CLOSE_WRITE
        | WatchFlags::CREATE
        | WatchFlags::DELETE
        | WatchFlags::MOVED_FROM
        | WatchFlags::MOVED_TO
        | WatchFlags::ATTRIB
        | WatchFlags::DELETE_SELF
        | WatchFlags::MOVE_SELF
        | WatchFlags::ONLYDIR
}

/// Reads everything that is there; ends with `WouldBlock`, so that the next change is waited for.
fn read(
    descriptor: &OwnedFd,
    watched: &[(i32, &'static str)],
    kinds: &mut Vec<Kind>,
    gone: &mut Vec<i32>,
) -> io::Result<()> {
    let mut buffer = [MaybeUninit::uninit(); BUFFER_BYTES];
    let mut reader = Reader::new(descriptor, &mut buffer);
    loop {
        let event = reader.next()?;
        if event.events().contains(ReadFlags::QUEUE_OVERFLOW) {
            kinds.extend(TARGETS.iter().map(|target| target.kind));
            continue;
        }
        if event.events().contains(ReadFlags::IGNORED) {
            gone.push(event.wd());
        }
        let directory = watched.iter().find(|(id, _)| *id == event.wd());
        if let Some((_, directory)) = directory {
            let name = event.file_name().map(std::ffi::CStr::to_bytes);
            kinds.extend(concerned(directory, name));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, time::Duration};

    use tokio::time::timeout;

    use super::*;

    async fn next(watch: &mut Watch) -> Option<Vec<Kind>> {
        timeout(Duration::from_millis(300), watch.changed())
            .await
            .ok()
    }

    #[tokio::test]
    async fn a_replaced_file_and_a_new_file_are_noticed_and_reading_is_not() {
        let place = tempfile::tempdir().unwrap();
        let etc = place.path().join("etc");
        fs::create_dir_all(etc.join("sudoers.d")).unwrap();
        fs::write(etc.join("passwd"), "one").unwrap();
        let mut watch = Watch::new(&Root::at(place.path()));

        fs::read(etc.join("passwd")).unwrap();
        fs::write(etc.join("ld.so.cache"), "x").unwrap();
        assert_eq!(next(&mut watch).await, None);

        fs::write(etc.join("passwd+"), "two").unwrap();
        fs::rename(etc.join("passwd+"), etc.join("passwd")).unwrap();
        assert_eq!(next(&mut watch).await, Some(vec![Kind::Accounts]));

        fs::write(etc.join("sudoers.d/anna"), "x").unwrap();
        assert_eq!(next(&mut watch).await, Some(vec![Kind::Accounts]));
    }

    #[tokio::test]
    async fn a_directory_that_goes_and_comes_back_is_watched_again() {
        let place = tempfile::tempdir().unwrap();
        let keys = place.path().join("root/.ssh");
        let mut watch = Watch::new(&Root::at(place.path()));
        assert_eq!(watch.rearm(), []);
        for _ in 0..2 {
            fs::create_dir_all(&keys).unwrap();
            assert_eq!(watch.rearm(), [Kind::Accounts]);
            fs::write(keys.join("authorized_keys"), "x").unwrap();
            assert_eq!(next(&mut watch).await, Some(vec![Kind::Accounts]));
            fs::remove_dir_all(&keys).unwrap();
            while next(&mut watch).await.is_some() {}
        }
    }
}
