//! Who can administer what.

pub(in crate::dashboard) const TITLE: &str = "Administrators";
pub(in crate::dashboard) const LEAD: &str = "Who can change everything on a computer, and on how many. The computer\u{2019}s own page says why each of them can.";
pub(in crate::dashboard) const SEARCH: &str = "Search";
pub(in crate::dashboard) const SEARCH_HELP: &str = "Account or computer";
pub(in crate::dashboard) const NAME: &str = "Account";
pub(in crate::dashboard) const NUMBER: &str = "Computers";
pub(in crate::dashboard) const WHERE: &str = "On";
pub(in crate::dashboard) const SHOWN_ONE: &str = "account";
pub(in crate::dashboard) const SHOWN_MANY: &str = "accounts";
pub(in crate::dashboard) const NONE: &str = "No account matches.";
pub(in crate::dashboard) const NONE_AT_ALL: &str = "No administrator is known.";
pub(in crate::dashboard) const NONE_HELP: &str = "Nothing here means that nothing is known, not that there is none: see below what could not be read.";
pub(in crate::dashboard) const INCOMPLETE: &str =
    "On {computers} not everything could be read: there may be more administrators than these.";
pub(in crate::dashboard) const UNKNOWN: &str =
    "Of {computers} nothing is known about administrators.";
pub(in crate::dashboard) const UNREAD: &str =
    "{computers} are still being gone through. Their administrators appear here by themselves.";
