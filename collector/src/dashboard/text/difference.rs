//! What is different between two moments.

pub(in crate::dashboard) const TITLE: &str = "What is different";
pub(in crate::dashboard) const LEAD: &str = "Between {from} and {to}, on every computer.";
pub(in crate::dashboard) const LEAD_ONE: &str = "Between {from} and {to}, on {computer}.";
pub(in crate::dashboard) const NOW: &str = "now";
pub(in crate::dashboard) const HELP: &str =
    "Both days are compared with each other: what came and went in between is among the changes.";
pub(in crate::dashboard) const ALL_CHANGES: &str = "Every change in between";
pub(in crate::dashboard) const FROM: &str = "From";
pub(in crate::dashboard) const TO: &str = "To";
pub(in crate::dashboard) const TO_HELP: &str = "Empty: now";
pub(in crate::dashboard) const COMPARE: &str = "Compare";
pub(in crate::dashboard) const DAY: &str = "Since yesterday";
pub(in crate::dashboard) const WEEK: &str = "Since a week ago";
pub(in crate::dashboard) const MONTH: &str = "Since a month ago";
pub(in crate::dashboard) const SUPPLIER: &str = "Since {supplier} was given access";
pub(in crate::dashboard) const SINCE: &str = "Compare with";
pub(in crate::dashboard) const NONE: &str = "Nothing is different.";
pub(in crate::dashboard) const NONE_HELP: &str = "All that was known then is known to be the same. What came and went in between is among the changes.";
pub(in crate::dashboard) const JOINED: &str = "Joined in between: all about them is new.";
pub(in crate::dashboard) const LEFT_OUT: &str = "{computers} more may be different, but that is too much to compare at once. Look at them one by one, or at a shorter time.";
pub(in crate::dashboard) const DAMAGED: &str =
    "On {computer}, the part {section} could not be compared: what is stored of it is damaged.";
pub(in crate::dashboard) const BACKWARDS: &str =
    "The second moment is before the first: they were exchanged.";
pub(in crate::dashboard) const ADDED: &str = "{noun}: added";
pub(in crate::dashboard) const REMOVED: &str = "{noun}: removed";
pub(in crate::dashboard) const ALTERED: &str = "{noun}: altered";
pub(in crate::dashboard) const OTHER: &str = "{noun}";
pub(in crate::dashboard) const JOINED_ONE: &str =
    "{computer} joined in between: all about it is new.";
