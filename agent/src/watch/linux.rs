//! What the kernel tells as it happens: files by inotify, devices, addresses, routes and firewall rules by
//! netlink, mounts by /proc. No thread, no timer: nothing runs while nothing happens.

mod arming;
mod files;
mod kernel;

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::order;

use super::{Place, Subject};
use crate::probe::Root;
use files::Files;
use kernel::Kernel;

/// Between two looks at what the kernel tells. Meanwhile it gathers, so that a storm of changes costs the
/// same as a few.
const PAUSE: Duration = Duration::from_millis(200);

/// Watches what the agent reports about.
#[derive(Debug)]
pub(crate) struct Watch {
    files: Files,
    kernel: Kernel,
    /// What was noticed and not yet told.
    noticed: Vec<Subject>,
    not_before: Instant,
}

impl Watch {
    /// Begins watching; files after the first [`Self::rearm`]. To be called within a runtime.
    pub(crate) fn new(root: &Root) -> Self {
        let kernel = if root.is_live() {
            Kernel::listen()
        } else {
            Kernel::default()
        };
        Self {
            files: Files::new(root),
            kernel,
            noticed: Vec::new(),
            not_before: Instant::now(),
        }
    }

    /// Watches these places too, instead of those it was told before.
    pub(crate) fn follow(&mut self, places: Vec<Place>) {
        self.files.follow(places);
    }

    /// Watches for the end of these processes, instead of those it was told before.
    pub(crate) fn follow_processes(&mut self, processes: &[u32]) {
        self.kernel.follow(processes);
    }

    /// Watches folders that have come into being since. Returns the subjects they concern.
    pub(crate) async fn rearm(&mut self) -> Vec<Subject> {
        if self.files.is_due() {
            self.files.rearm().await
        } else {
            Vec::new()
        }
    }

    /// Waits until something changed and tells which subjects that concerns. May be cancelled.
    pub(crate) async fn changed(&mut self) -> Vec<Subject> {
        loop {
            if self.files.is_stale() {
                let armed = self.files.rearm().await;
                self.noticed.extend(armed);
            }
            if !self.noticed.is_empty() {
                let mut noticed = std::mem::take(&mut self.noticed);
                order::sort(&mut noticed);
                noticed.dedup();
                return noticed;
            }
            sleep_until(self.not_before).await;
            let news = tokio::select! {
                news = self.files.changed() => news,
                news = self.kernel.changed() => news,
            };
            self.not_before = Instant::now() + PAUSE;
            self.noticed.extend(news);
        }
    }
}

#[cfg(test)]
mod tests;
