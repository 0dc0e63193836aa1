//! The reads of people with a command line: gRPC over mTLS, on top of the same gate as the dashboard.
//!
//! A [`caller`] is a device whose standing was looked up for this very request. What it asks for is written into the
//! log, durably, before the gate is asked; long answers are [`streams`] that look the standing up again and again.
//! Nothing here decides what may be seen: [`Inventory`] does.

mod asking;
mod caller;
mod changes;
mod commitments;
mod computers;
mod difference;
mod findings;
mod lists;
mod past;
mod query;
mod search;
mod service;
mod shown;
mod streams;
mod suggest;

#[cfg(test)]
mod tests;

use std::{fmt, num::NonZeroU32, sync::Arc};

use axum::Router;
use freehold_proto::{limits::READING_BYTES, v1::access_server::AccessServer};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use tonic::service::Routes;

use self::streams::Places;
use crate::{
    access::{Inventory, People, PersonId, Suggestions},
    audit::Journal,
    authority::Authority,
    clock::Clock,
    question::Questions,
};

/// Calls a person may make at once, and each second after that: each leaves an entry that is kept for long.
const BURST: NonZeroU32 = NonZeroU32::new(120).unwrap();
const EACH_SECOND: NonZeroU32 = NonZeroU32::new(5).unwrap();

/// What the reads of people work with.
#[derive(Clone)]
pub struct Desk {
    /// Reads.
    pub inventory: Inventory,
    /// Who read and changed what.
    pub journal: Journal,
    /// Who reads.
    pub people: People,
    /// What they propose.
    pub suggestions: Suggestions,
    /// What they ask in SQL.
    pub questions: Questions,
    /// Where certificates come from.
    pub authority: Authority,
    /// Addresses devices are told, "host:port".
    pub addresses: Vec<String>,
    /// The clock.
    pub clock: Clock,
}

/// The service. Clones share its limits.
#[derive(Clone)]
pub struct Remote {
    desk: Desk,
    pace: Arc<DefaultKeyedRateLimiter<PersonId>>,
    places: Places,
}

impl Remote {
    /// Answers people who read.
    pub fn new(desk: Desk) -> Self {
        let quota = Quota::per_second(EACH_SECOND).allow_burst(BURST);
        Self {
            desk,
            pace: Arc::new(RateLimiter::keyed(quota)),
            places: Places::default(),
        }
    }

    /// The service, for the name of access and no other.
    pub fn into_router(self) -> Router {
        let server = AccessServer::new(self).max_decoding_message_size(READING_BYTES);
        Routes::new(server).into_axum_router()
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote").finish_non_exhaustive()
    }
}
