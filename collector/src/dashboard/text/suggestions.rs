//! What guests propose.

pub(in crate::dashboard) const TITLE: &str = "Proposals";
pub(in crate::dashboard) const LEAD: &str =
    "What people who read by your permission propose. Nothing is otherwise until you accept it.";
pub(in crate::dashboard) const NONE: &str = "Nothing waits for you.";
pub(in crate::dashboard) const WAITING: &str = "Waiting for you: {count}.";
pub(in crate::dashboard) const NAMES: &str = "Call {computer} {text}";
pub(in crate::dashboard) const LABELS: &str = "Label {computer} {text}";
pub(in crate::dashboard) const NOTES: &str = "Note about {computer}: {text}";
pub(in crate::dashboard) const GONE: &str = "a computer that is gone";
pub(in crate::dashboard) const BY: &str = "Proposed by {who}, {when}";
pub(in crate::dashboard) const WIDENS: &str = "Labels decide who sees what. With this one {supplier} would see more of this computer than now: they read {scope}.";
pub(in crate::dashboard) const ACCEPT: &str = "Accept";
pub(in crate::dashboard) const REFUSE: &str = "Refuse";
pub(in crate::dashboard) const ACCEPTED: &str = "The proposal is accepted.";
pub(in crate::dashboard) const REFUSED: &str = "The proposal is refused. Everything is as it was.";

pub(in crate::dashboard) const SUGGEST: &str = "Propose something";
pub(in crate::dashboard) const SUGGEST_LEAD: &str =
    "The owner sees it under your name and decides. What came of it stands in the read log.";
pub(in crate::dashboard) const KIND: &str = "What you propose";
pub(in crate::dashboard) const NAME: &str = "Another name";
pub(in crate::dashboard) const LABEL: &str = "One more label";
pub(in crate::dashboard) const NOTE: &str = "A note";
pub(in crate::dashboard) const TEXT: &str = "Its text";
pub(in crate::dashboard) const SEND: &str = "Propose it";
pub(in crate::dashboard) const MADE: &str = "The owner decides about your proposal.";
