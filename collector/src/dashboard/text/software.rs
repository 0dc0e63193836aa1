//! Installed programs.

pub(in crate::dashboard) const TITLE: &str = "Software";
pub(in crate::dashboard) const LEAD: &str =
    "Every program or part of one that is installed on a computer in service, and on how many.";
pub(in crate::dashboard) const NEW: &str = "New in the last week";
pub(in crate::dashboard) const SEARCH: &str = "Search";
pub(in crate::dashboard) const SEARCH_HELP: &str = "Program";
pub(in crate::dashboard) const NAME: &str = "Program";
pub(in crate::dashboard) const NUMBER: &str = "Computers";
pub(in crate::dashboard) const VERSIONS: &str = "Versions";
pub(in crate::dashboard) const VERSION: &str = "Version";
pub(in crate::dashboard) const COMPUTER: &str = "Computer";
pub(in crate::dashboard) const ONE: &str = "program";
pub(in crate::dashboard) const MANY: &str = "programs";
pub(in crate::dashboard) const WHERE: &str = "Where {program} is installed";
pub(in crate::dashboard) const NONE: &str = "No program matches.";
pub(in crate::dashboard) const NONE_HELP: &str =
    "That is certain only of computers on which everything could be read.";
pub(in crate::dashboard) const UNREAD: &str =
    "{computers} are still being counted. Their programs appear here by themselves.";
pub(in crate::dashboard) const LEFT_OUT: &str = "{computers} had other software then, and are not counted: that is too many to look back on each. Their own pages show it.";
pub(in crate::dashboard) const NOT_REPORTED: &str =
    "Of {computers} it is not known what is installed.";
pub(in crate::dashboard) const INCOMPLETE: &str =
    "On {computers} not everything could be read: there may be more than is counted here.";
pub(in crate::dashboard) const OVERFLOWED: &str =
    "There are more programs than are counted. Those of a computer are complete on its own page.";
