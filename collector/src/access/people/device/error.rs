//! Why a device is not added, or may not read.

use std::time::Duration;

use super::super::{HashError, TooMany};
use crate::{access::GrantState, clock::UnixMillis, store::StoreError};

/// Why a device is not added or ended.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// The password is wrong.
    #[error("This is not your password. Please try again.")]
    WrongPassword,
    /// Too many attempts.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// There is no such code.
    #[error("this code is not known: make a new one on the dashboard's page Command line")]
    NoCode,
    /// The code is too old.
    #[error("this code has expired: make a new one on the dashboard's page Command line")]
    ExpiredCode,
    /// Another device was quicker.
    #[error(
        "this code was used already: if that was not you, tell the owner at once and end the device on the \
         dashboard's page Command line"
    )]
    Used,
    /// The person may not read now.
    #[error("the access that this code belongs to does not hold now: ask the owner")]
    NoAccess,
    /// The person has too many.
    #[error("you have too many devices: end one on the dashboard's page Command line first")]
    TooManyDevices,
    /// There is no such device, or it is somebody else's.
    #[error("There is no such device.")]
    Unknown,
    /// The password could not be checked.
    #[error("the password could not be checked")]
    Hash(#[from] HashError),
    /// The store could not be read.
    #[error("the devices could not be read")]
    Store(#[from] StoreError),
    /// The store could not be written.
    #[error("the device could not be stored")]
    Write(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Why a device may not read. Each is a sentence for whoever uses it.
#[derive(Debug, thiserror::Error)]
pub enum DeviceRefusal {
    /// The collector does not know it, or its certificate is for another key.
    #[error(
        "this device was ended, or its owner's password or invitation is a new one: make a code on the dashboard's page \
         Command line, then run `freehold accept`"
    )]
    Ended,
    /// The person's own access was ended.
    #[error("your access was ended: ask the owner if you need it again")]
    PersonEnded,
    /// The grant does not hold.
    #[error("{}", over(*.state, *.since))]
    Over {
        /// How it stands.
        state: GrantState,
        /// When its time was, or will be, over.
        since: UnixMillis,
    },
    /// It was away for too long.
    #[error(
        "this device was not used for more than {} days: make a code on the dashboard's page Command line, then run \
         `freehold accept`",
        days(.0)
    )]
    Away(Duration),
    /// Its certificate has expired, but can be renewed.
    #[error("this device's certificate has expired: it must be renewed before anything else")]
    Expired,
    /// The store could not be read.
    #[error("whether this device may read could not be looked up: try again")]
    Store(#[from] StoreError),
}

fn over(state: GrantState, since: UnixMillis) -> String {
    match state {
        GrantState::Expired => format!(
            "your access ended on {}: ask the owner to extend it",
            day(since)
        ),
        GrantState::Suspended => {
            "your access is suspended until the owner confirms it: ask the owner".to_owned()
        }
        GrantState::Revoked | GrantState::Active => {
            "your access was ended by the owner: ask the owner if you need it again".to_owned()
        }
    }
}

/// A day as people write it: "3 March 2026".
fn day(at: UnixMillis) -> String {
    let seconds = at.0.div_euclid(1000);
    time::OffsetDateTime::from_unix_timestamp(seconds).map_or_else(
        |_| at.to_string(),
        |at| format!("{} {} {}", at.day(), at.month(), at.year()),
    )
}

fn days(time: &Duration) -> u64 {
    time.as_secs() / (24 * 60 * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_refused_learns_what_ended_and_whom_to_ask() {
        let refusal = DeviceRefusal::Over {
            state: GrantState::Expired,
            since: UnixMillis(1_772_496_000_000),
        };
        assert_eq!(
            refusal.to_string(),
            "your access ended on 3 March 2026: ask the owner to extend it"
        );
        let away = DeviceRefusal::Away(super::super::DEVICE_AWAY).to_string();
        assert!(away.contains("more than 14 days"), "{away}");
    }
}
