//! Whether the disk has room for a group of changes.

use super::{file, health::Health, place::Place, reserve::Reserve};

/// How much room there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Room {
    /// Nothing may be written.
    None,
    /// Only what lets the owner sign in and act.
    Scarce,
    /// Anything.
    Ample,
}

/// Looks at the disk before each group, so that the engine hardly ever meets its end: it does not survive
/// that without being reopened.
pub(super) fn room(place: &Place, keep_free: u64, reserve: &mut Reserve, health: &Health) -> Room {
    let Ok(free) = file::free_bytes(&place.dir) else {
        return Room::Ample;
    };
    let mut room = measure(free, keep_free);
    if reserve.missing_bytes() > 0 {
        let held = measure(free.saturating_sub(reserve.missing_bytes()), keep_free) == Room::Ample
            && reserve.hold();
        if !held {
            room = room.min(Room::Scarce);
        }
        health.set_reserve(held);
    }
    let full = room < Room::Ample;
    if health.set_full(full) {
        if full {
            tracing::warn!(
                free,
                "the disk is full: reports are refused until space is free"
            );
        } else {
            tracing::info!(free, "the disk has room again: reports are stored");
        }
    }
    room
}

fn measure(free: u64, keep_free: u64) -> Room {
    if free >= keep_free {
        Room::Ample
    } else if free >= keep_free / 4 {
        Room::Scarce
    } else {
        Room::None
    }
}
