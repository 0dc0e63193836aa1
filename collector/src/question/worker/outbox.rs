//! Where a worker writes.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};

use crate::question::frame::{self, Kind};

/// Where a worker writes. Clones write to the same place.
#[derive(Clone)]
pub(super) struct Outbox(Arc<Mutex<Box<dyn Write + Send>>>);

impl Outbox {
    /// To this.
    pub(super) fn new(out: impl Write + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(Box::new(out))))
    }

    /// Writes a frame, at once.
    pub(super) fn send(&self, kind: Kind, content: &[u8]) -> io::Result<()> {
        let mut out = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        frame::write(&mut *out, kind, content)?;
        out.flush()
    }
}
