//! The overview.

pub(in crate::dashboard) const TITLE: &str = "Overview";
pub(in crate::dashboard) const NO_COMPUTERS: &str = "No computers yet.";
pub(in crate::dashboard) const NO_COMPUTERS_HELP: &str = "Freehold shows what each of your computers is, what is installed on it, whether it is protected and who \
     can change everything on it. Add the first one: it takes about two minutes.";
pub(in crate::dashboard) const ADD_FIRST: &str = "Add the first computer";
pub(in crate::dashboard) const ALL_FINE: &str = "{computers}. Nothing that we can see needs you.";
pub(in crate::dashboard) const BEHIND: &str =
    "{computers}. Freehold is still going through {some}.";
pub(in crate::dashboard) const SOME: &str = "{computers}. {some} {need} a look.";
pub(in crate::dashboard) const ALL_NEED: &str = "{computers}. {all} {need} a look.";
pub(in crate::dashboard) const LEFT_OUT: &str =
    "Not counted: {retired} out of service or shut out.";

pub(in crate::dashboard) const ATTENTION: &str = "What needs a look";
pub(in crate::dashboard) const NO_ATTENTION: &str =
    "Nothing, going by what the computers report and by what Freehold knows to look for.";

pub(in crate::dashboard) const NO_ATTENTION_YET: &str = "Nothing so far.";

pub(in crate::dashboard) const PROTECTED: &str = "Is everything protected?";
pub(in crate::dashboard) const PROTECTED_ALL: &str = "{working} of {all} have a working antivirus.";
pub(in crate::dashboard) const PROTECTED_NOT: &str = "On {count} it is missing or does not work.";
pub(in crate::dashboard) const PROTECTED_UNKNOWN: &str = "For {count} it is not known.";

pub(in crate::dashboard) const ADMINISTRATORS: &str = "Who is an administrator?";
pub(in crate::dashboard) const ADMINISTRATORS_ARE: &str =
    "{accounts} can change everything on {computers}.";
pub(in crate::dashboard) const ADMINISTRATORS_UNKNOWN: &str = "Not fully known for {computers}.";
pub(in crate::dashboard) const ADMINISTRATORS_NONE: &str = "No computer has told yet.";

pub(in crate::dashboard) const CHANGED: &str = "What changed?";
pub(in crate::dashboard) const CHANGED_COUNT: &str = "{changes} in the last seven days.";
pub(in crate::dashboard) const CHANGED_NONE: &str = "Nothing in the last seven days.";
pub(in crate::dashboard) const CHANGED_LAST: &str = "Latest: {summary} on {computer}, {when}.";

pub(in crate::dashboard) const ACCESS: &str = "Who can see this?";
pub(in crate::dashboard) const NONE_SHARED: &str =
    "No computer is shared with you. Ask the owner if you expected some.";
pub(in crate::dashboard) const ACCESS_SUPPLIERS: &str = "You, and {suppliers} by your permission.";
pub(in crate::dashboard) const ACCESS_GUEST: &str =
    "The owner decides. What is shared with you, and what you looked at, stands under {access}.";
pub(in crate::dashboard) const ACCESS_ONLY_YOU: &str = "Only you. Nobody else was given access.";
pub(in crate::dashboard) const ACCESS_ADMINISTRATORS: &str =
    "An administrator of the computer that runs Freehold could take over this record.";
pub(in crate::dashboard) const RESET: &str = "Your access was restored with a set-up code {when}. If that was not you, somebody else can reach the \
     computer that runs Freehold: talk to the person who looks after it.";

pub(in crate::dashboard) const MORE: &str = "Show all {count}";
