//! Who can administer what.

pub(in crate::dashboard) const TITLE: &str = "Administrators";
pub(in crate::dashboard) const LEAD: &str = "Who can change everything on a computer, on how many, and whose account that is. The computer\u{2019}s own page says why each of them can.";
pub(in crate::dashboard) const SEARCH: &str = "Search";
pub(in crate::dashboard) const SEARCH_HELP: &str = "Account or computer";
pub(in crate::dashboard) const NAME: &str = "Account";
pub(in crate::dashboard) const NUMBER: &str = "Computers";
pub(in crate::dashboard) const WHERE: &str = "On";
pub(in crate::dashboard) const WHOSE: &str = "Whose";
pub(in crate::dashboard) const NOT_SAID: &str = "Nobody has said";
pub(in crate::dashboard) const OURS: &str = "Ours";
pub(in crate::dashboard) const MAKERS: &str = "Needed by a program";
pub(in crate::dashboard) const SUPPLIERS: &str = "{supplier}\u{2019}s";
pub(in crate::dashboard) const A_SUPPLIERS: &str = "A supplier\u{2019}s";
pub(in crate::dashboard) const PARTLY: &str = "{whose} on {computers}";
pub(in crate::dashboard) const SAY: &str = "Say whose it is";
pub(in crate::dashboard) const CHANGE: &str = "Change";
pub(in crate::dashboard) const SAY_TITLE: &str = "Whose account is this?";
pub(in crate::dashboard) const SAY_MEANS: &str = "What you say holds for the computers named below. On another one it is asked again: an account of the same name may be \
     somebody else\u{2019}s. It is written into the log.";
pub(in crate::dashboard) const IS_OURS: &str = "Ours: somebody of us uses it";
pub(in crate::dashboard) const IS_SUPPLIERS: &str = "A supplier\u{2019}s";
pub(in crate::dashboard) const IS_MAKERS: &str = "Needed by the maker of a program";
pub(in crate::dashboard) const IS_NOT_SAID: &str = "We do not know";
pub(in crate::dashboard) const SUPPLIER: &str = "Which supplier";
pub(in crate::dashboard) const SUPPLIER_HELP: &str = "For a supplier\u{2019}s account. Once its access here has ended, you are told that the account is still there.";
pub(in crate::dashboard) const KEEP: &str = "Note it";
pub(in crate::dashboard) const CLAIMED: &str = "Noted whose account that is.";
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
