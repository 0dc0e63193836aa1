//! Decompressing, with contexts that are used again: each takes some 100 KiB, which to take from the system and to
//! give back costs more than most sections.

use std::{
    io,
    sync::{Mutex, MutexGuard, PoisonError},
};

use zstd::bulk::Decompressor;

/// Contexts that are kept while nobody uses them. More are made when more is decompressed at once.
const KEPT: usize = 2;

static IDLE: Mutex<Vec<Decompressor<'static>>> = Mutex::new(Vec::new());

/// Decompresses a zstd frame of at most `most` bytes; what would be longer is an error.
pub(crate) fn frame(frame: &[u8], most: usize) -> io::Result<Vec<u8>> {
    let mut body = Vec::with_capacity(most);
    let known = idle_contexts().pop();
    let mut context = known.map_or_else(Decompressor::new, Ok)?;
    let outcome = context.decompress_to_buffer(frame, &mut body);
    let mut idle = idle_contexts();
    if idle.len() < KEPT {
        idle.push(context);
    }
    outcome.map(|_| body)
}

fn idle_contexts() -> MutexGuard<'static, Vec<Decompressor<'static>>> {
    IDLE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_frame_spoils_nothing_for_the_next() {
        let body = vec![7; 100_000];
        let whole = zstd::bulk::compress(&body, 3).unwrap();
        for _ in 0..3 {
            frame(&whole[..whole.len() / 2], body.len()).unwrap_err();
            frame(b"nonsense", 100).unwrap_err();
            frame(&whole, body.len() - 1).unwrap_err();
            assert_eq!(frame(&whole, body.len()).unwrap(), body);
        }
        assert!(idle_contexts().len() <= KEPT);
    }
}
