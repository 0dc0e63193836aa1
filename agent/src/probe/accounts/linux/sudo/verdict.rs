//! What a list says about something.

use crate::parse::sudoers::Member;

/// What a list says about something: put in, taken out, not mentioned, or not to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    In,
    Out,
    Unmentioned,
    Unknown,
}

impl Verdict {
    pub(super) fn negated_if(self, negated: bool) -> Self {
        match (self, negated) {
            (Self::In, true) => Self::Out,
            (Self::Out, true) => Self::In,
            (verdict, _) => verdict,
        }
    }

    pub(super) fn is(matches: Option<bool>) -> Self {
        match matches {
            Some(true) => Self::In,
            Some(false) => Self::Unmentioned,
            None => Self::Unknown,
        }
    }

    pub(super) fn known(self) -> Option<bool> {
        match self {
            Self::In => Some(true),
            Self::Out | Self::Unmentioned => Some(false),
            Self::Unknown => None,
        }
    }
}

/// The verdict of the last member that has one; what is unknown after it may turn it around.
pub(super) fn last(list: &[Member], verdict: impl Fn(&Member) -> Verdict) -> Verdict {
    for member in list.iter().rev() {
        match verdict(member) {
            Verdict::Unmentioned => {}
            decided => return decided,
        }
    }
    Verdict::Unmentioned
}
