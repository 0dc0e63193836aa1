//! Elsewhere a process counts as a boot of its own.

use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};

static START: OnceLock<([u8; 16], Instant)> = OnceLock::new();

fn start() -> ([u8; 16], Instant) {
    *START.get_or_init(|| (rand::random(), Instant::now()))
}

pub(super) fn boot() -> [u8; 16] {
    start().0
}

pub(super) fn since_boot() -> Duration {
    start().1.elapsed()
}
