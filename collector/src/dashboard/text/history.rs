//! The past.

pub(in crate::dashboard) const AS_OF: &str = "As of {when}. What has changed since is not shown.";
pub(in crate::dashboard) const BACK: &str = "Back to now";
pub(in crate::dashboard) const AT: &str = "As it was on";
pub(in crate::dashboard) const UTC: &str = "(UTC)";
pub(in crate::dashboard) const LOOK: &str = "Look back";
pub(in crate::dashboard) const EARLIER: &str = "See an earlier day, or compare two";
pub(in crate::dashboard) const COMPARE: &str = "Compare with now";
pub(in crate::dashboard) const NOT_JOINED: &str =
    "{computer} had not joined by then: it joined {when}. Nothing is known of it before.";
pub(in crate::dashboard) const NOBODY_JOINED: &str = "No computer had joined by then.";
pub(in crate::dashboard) const NOBODY_JOINED_HELP: &str =
    "That says nothing about the computers of that day: Freehold was not told of any.";
pub(in crate::dashboard) const JOINED_LATER: &str = "{computers} joined later.";
pub(in crate::dashboard) const FIRST: &str = "The first one joined {when}.";
pub(in crate::dashboard) const UNTIL: &str = "Read {when}, and the same until {until}.";
pub(in crate::dashboard) const STILL: &str = "Read {when}, and the same to this day.";
pub(in crate::dashboard) const NOT_BY_THEN: &str = "Not reported by then";
pub(in crate::dashboard) const NOT_BY_THEN_MEANS: &str =
    "This computer had not reported this part by then. Nothing is known about it.";
pub(in crate::dashboard) const NOW_ONLY: &str =
    "Findings, and values that change by themselves such as free space, are kept as of now only.";
pub(in crate::dashboard) const NO_CHANGES: &str = "Nothing had changed by then.";

pub(in crate::dashboard) const NOT_A_TIME: &str = "That is not a day or a time";
pub(in crate::dashboard) const NOT_A_TIME_HELP: &str =
    "Write one like 2026-03-03, or 2026-03-03T14:00 with the time in UTC.";
pub(in crate::dashboard) const NOT_KEPT: &str = "That is too long ago";
pub(in crate::dashboard) const NOT_KEPT_HELP: &str = "What computers reported is kept for {days} days. What was true before {since} is not known any more.";
