//! Slows a connection down: while its brake is on, nothing more is read from it.
//!
//! Answering late is not enough against a peer that hangs up on every request and makes the next at once: a
//! request that is given up makes room, and refusing costs nearly as much as answering.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};

/// The brake of one connection, attached to each of its requests as an extension. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Brake {
    until: Arc<Mutex<Option<Instant>>>,
}

impl Brake {
    /// Puts it on for at least so long.
    pub fn hold(&self, time: Duration) {
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        *until = (*until).max(Some(Instant::now() + time));
    }

    fn end(&self) -> Option<Instant> {
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        *until = until.filter(|end| *end > Instant::now());
        *until
    }
}

/// The reader's side of a brake.
#[derive(Debug, Default)]
pub(crate) struct Braked {
    brake: Brake,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Braked {
    pub(crate) fn by(brake: Brake) -> Self {
        Self { brake, sleep: None }
    }

    /// Ready while the brake is off.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if let Some(sleep) = &mut self.sleep {
                ready!(sleep.as_mut().poll(cx));
                self.sleep = None;
            }
            match self.brake.end() {
                Some(end) => self.sleep = Some(Box::pin(sleep_until(end))),
                None => return Poll::Ready(()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    #[tokio::test]
    async fn nothing_is_read_until_the_brake_is_off() {
        let brake = Brake::default();
        let mut reader = Braked::by(brake.clone());
        poll_fn(|cx| reader.poll(cx)).await;
        let began = Instant::now();
        brake.hold(Duration::from_millis(100));
        brake.hold(Duration::from_millis(1));
        poll_fn(|cx| reader.poll(cx)).await;
        assert!(began.elapsed() >= Duration::from_millis(100));
        let again = poll_fn(|cx| reader.poll(cx));
        tokio::time::timeout(Duration::from_millis(50), again)
            .await
            .expect("it is off");
    }
}
