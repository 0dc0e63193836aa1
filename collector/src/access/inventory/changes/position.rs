//! Where a list of changes goes on.

use std::{fmt, str::FromStr};

use crate::clock::UnixMillis;

/// A position in the list of changes, newest first, that a viewer may see: a time, and how many changes of exactly that
/// time come before. It says nothing of what the viewer may not see, and holds for the viewer alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangePosition {
    at: UnixMillis,
    /// Changes of that time that come before, the one it is the position of included.
    told: u64,
}

impl ChangePosition {
    /// In front of everything that happened at a time or before.
    pub fn until(at: UnixMillis) -> Self {
        Self { at, told: 0 }
    }

    /// That of a change at a time, which follows another one.
    pub(super) fn after(last: Option<Self>, at: UnixMillis) -> Self {
        let told = last.filter(|last| last.at == at).map_or(0, |it| it.told);
        Self { at, told: told + 1 }
    }

    /// Whether a change of this position comes after another one.
    pub(super) fn is_beyond(self, other: Self) -> bool {
        self.at < other.at || (self.at == other.at && self.told > other.told)
    }

    /// The time.
    pub(super) fn at(self) -> UnixMillis {
        self.at
    }
}

impl fmt::Display for ChangePosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at.0, self.told)
    }
}

/// The text is no position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a position in the list of changes")]
pub struct InvalidPosition;

impl FromStr for ChangePosition {
    type Err = InvalidPosition;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (at, told) = text.split_once('.').ok_or(InvalidPosition)?;
        Ok(Self {
            at: UnixMillis(at.parse().map_err(|_| InvalidPosition)?),
            told: told.parse().map_err(|_| InvalidPosition)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_within_a_time_and_are_read_as_they_are_written() {
        let (newer, older) = (UnixMillis(2000), UnixMillis(1000));
        let first = ChangePosition::after(None, newer);
        let second = ChangePosition::after(Some(first), newer);
        let third = ChangePosition::after(Some(second), older);
        for (one, other) in [(second, first), (third, second), (third, first)] {
            assert!(one.is_beyond(other) && !other.is_beyond(one));
            assert!(!one.is_beyond(one));
            assert_eq!(one.to_string().parse(), Ok(one));
        }
        assert!(first.is_beyond(ChangePosition::until(newer)));
        assert!(!first.is_beyond(ChangePosition::until(older)));
        for wrong in ["", "1", "1.", ".1", "1.-1", "x.1", "1.1.1", "1 .1"] {
            assert_eq!(
                wrong.parse::<ChangePosition>(),
                Err(InvalidPosition),
                "{wrong}"
            );
        }
    }
}
