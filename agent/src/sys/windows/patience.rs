//! Questions to interfaces that may not answer: a domain that is out of reach, a product that hangs.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use crate::rows::{Answer, Unread};

/// Time for one answer.
const TIME: Duration = Duration::from_secs(10);

/// Most threads that may be stuck at once.
const STUCK: usize = 8;

/// Threads that have not ended yet although nobody waits for them any more.
static LEFT_BEHIND: AtomicUsize = AtomicUsize::new(0);

/// Asks on a thread of its own and leaves it behind when it does not answer in time.
pub(crate) fn ask<T: Send + 'static>(
    question: impl FnOnce() -> Answer<T> + Send + 'static,
) -> Answer<T> {
    if LEFT_BEHIND.load(Ordering::Relaxed) >= STUCK {
        return Err(late());
    }
    let (sender, receiver) = mpsc::channel();
    // Whoever comes second, the thread that ends or the one that stops waiting, knows that the other was there.
    let over = Arc::new(AtomicBool::new(false));
    let ending = Arc::clone(&over);
    let thread = thread::Builder::new().name("ask".into()).spawn(move || {
        // Nobody listens any more once the time is over.
        let _ = sender.send(question());
        if ending.swap(true, Ordering::AcqRel) {
            LEFT_BEHIND.fetch_sub(1, Ordering::AcqRel);
        }
    });
    if thread.is_err() {
        let what = "no thread could be started for the question".into();
        return Err(Unread::Senseless { what });
    }
    match receiver.recv_timeout(TIME) {
        Ok(answer) => answer,
        Err(mpsc::RecvTimeoutError::Timeout) => {
            LEFT_BEHIND.fetch_add(1, Ordering::AcqRel);
            if over.swap(true, Ordering::AcqRel) {
                LEFT_BEHIND.fetch_sub(1, Ordering::AcqRel);
            }
            Err(late())
        }
        Err(mpsc::RecvTimeoutError::Disconnected) => {
            let what = "the question failed; this is a fault of the agent".into();
            Err(Unread::Senseless { what })
        }
    }
}

fn late() -> Unread {
    Unread::Late {
        seconds: TIME.as_secs(),
    }
}
