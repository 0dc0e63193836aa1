//! What has been delivered, and what must not be forgotten over a restart.

use std::time::SystemTime;

use freehold_proto::v1::section::Kind;

use crate::{
    clock::{Boots, wall_ms},
    snapshot::Digest,
    state::{StateDirectory, StateError},
};

const FILE: &str = "progress";

/// The progress of delivery, as it is stored.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Progress {
    /// Every position below may have been given.
    #[prost(uint64, tag = "1")]
    pub(super) set_aside: u64,
    /// Latest acknowledged version of each section.
    #[prost(message, repeated, tag = "2")]
    delivered: Vec<Delivered>,
    /// Versions lost and not yet told.
    #[prost(uint32, tag = "3")]
    pub(super) lost: u32,
    /// When the machine's boots began.
    #[prost(message, optional, tag = "4")]
    pub(super) boots: Option<Boots>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Delivered {
    #[prost(enumeration = "Kind", tag = "1")]
    kind: i32,
    #[prost(bytes = "vec", tag = "2")]
    digest: Vec<u8>,
}

impl Progress {
    /// Reads the progress. A damaged one starts anew, at positions that were never given.
    pub(super) fn load(state: &StateDirectory) -> Result<Self, StateError> {
        match state.load::<Self>(FILE) {
            Ok(progress) => Ok(progress.unwrap_or_default()),
            Err(StateError::Damaged(path)) => {
                let path = path.display();
                tracing::warn!(%path, "the delivery progress is damaged; starting it anew");
                Ok(Self {
                    set_aside: position_by_time(),
                    ..Self::default()
                })
            }
            Err(error) => Err(error),
        }
    }

    pub(super) fn save(&self, state: &StateDirectory) -> Result<(), StateError> {
        state.save(FILE, self)
    }

    /// The latest acknowledged version of a section.
    pub(super) fn delivered(&self, kind: Kind) -> Option<Digest> {
        let known = self.delivered.iter().find(|known| known.kind() == kind)?;
        known.digest.as_slice().try_into().ok()
    }

    pub(super) fn note_delivered(&mut self, kind: Kind, digest: &Digest) {
        self.delivered.retain(|known| known.kind() != kind);
        self.delivered.push(Delivered {
            kind: kind.into(),
            digest: digest.to_vec(),
        });
    }
}

/// A position that no machine reaches by counting.
pub(super) fn position_by_time() -> u64 {
    u64::try_from(wall_ms(SystemTime::now())).unwrap_or(0)
}
