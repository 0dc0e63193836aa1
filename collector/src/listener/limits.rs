//! How much the listener takes on at once.

use std::time::Duration;

use freehold_proto::limits;

/// Bounds of the listener. The defaults suit 10,000 machines that all come back at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// TLS handshakes under way; further connections wait in the system's queue.
    pub handshakes: usize,
    /// TLS handshakes under way from one address; further connections from it are closed.
    pub handshakes_per_address: usize,
    /// Longest time for a handshake, the first byte included.
    pub handshake_time: Duration,
    /// Enrolments under way; further ones are told to come back.
    pub enrolments: usize,
    /// Enrolments under way from one address.
    pub enrolments_per_address: usize,
    /// Longest time for an enrolment.
    pub enrolment_time: Duration,
    /// Connections of people who read, from one address.
    pub readers_per_address: usize,
    /// How long a peer that is not let in may keep its connection, to read why.
    pub refused_time: Duration,
    /// How long requests may go on after the collector was told to stop.
    pub shutdown_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            handshakes: 2048,
            handshakes_per_address: 512,
            handshake_time: Duration::from_secs(10),
            enrolments: 512,
            enrolments_per_address: 128,
            enrolment_time: limits::ENROLMENT_TIME,
            readers_per_address: 64,
            refused_time: Duration::from_secs(10),
            shutdown_time: Duration::from_secs(5),
        }
    }
}
