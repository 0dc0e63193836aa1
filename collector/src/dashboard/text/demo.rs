//! What every page of a demo says.

pub(in crate::dashboard) const TITLE: &str = "Demo";
pub(in crate::dashboard) const BANNER: &str =
    "This practice does not exist: its computers, people and suppliers are made up.";
