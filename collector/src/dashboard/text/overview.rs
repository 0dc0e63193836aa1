//! The overview.

pub(in crate::dashboard) const TITLE: &str = "Overview";
pub(in crate::dashboard) const NO_COMPUTERS: &str = "No computers yet.";
pub(in crate::dashboard) const NO_COMPUTERS_HELP: &str = "Freehold shows what each of your computers is, what is installed on it, whether it is protected and who \
     can change everything on it. Add the first one: it takes about two minutes.";
pub(in crate::dashboard) const ADD_FIRST: &str = "Add the first computer";
pub(in crate::dashboard) const ALL_FINE: &str = "{computers}. Nothing that we can see needs you.";
pub(in crate::dashboard) const SOME: &str = "{computers}. {some} {need} a look.";
pub(in crate::dashboard) const ALL_NEED: &str = "{computers}. {all} {need} a look.";
pub(in crate::dashboard) const LEFT_OUT: &str =
    "Not counted: {retired} out of service or shut out.";

pub(in crate::dashboard) const ATTENTION: &str = "What needs a look";
pub(in crate::dashboard) const NO_ATTENTION: &str = "Nothing, going by what the computers report: antivirus, administrators and whether they are heard from.";

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

// What needs a look, a sentence each.
pub(in crate::dashboard) const WAITS: &str = "{computer} wants to join and waits for you.";
pub(in crate::dashboard) const ABSENT: &str = "{computer} has no antivirus that we know.";
pub(in crate::dashboard) const STOPPED: &str = "{computer} has {product}, but it does not run.";
pub(in crate::dashboard) const STATE_UNKNOWN: &str =
    "{computer} has {product}. Whether it works could not be read.";
pub(in crate::dashboard) const PASSIVE: &str =
    "{computer} has {product}, but it only watches and does not block.";
pub(in crate::dashboard) const ON_DEMAND: &str =
    "{computer} has {product}, but it only checks files when somebody asks it to.";
pub(in crate::dashboard) const NOT_WATCHING: &str =
    "{computer} runs {product}, but files are not checked as they are opened.";
pub(in crate::dashboard) const MAY_NOT_WATCH: &str =
    "{computer} runs {product}. Whether it checks files as they are opened could not be read.";
pub(in crate::dashboard) const OUTDATED: &str =
    "{computer} runs {product} with an out-of-date list of threats.";
pub(in crate::dashboard) const PROTECTION_UNKNOWN: &str =
    "We could not read whether {computer} has an antivirus.";
pub(in crate::dashboard) const ADMINISTRATORS_UNREAD: &str =
    "We could not read everything about who can administer {computer}.";
pub(in crate::dashboard) const SILENT: &str = "{computer} was last heard from {when}.";
pub(in crate::dashboard) const NO_REPORT: &str = "{computer} has joined, but not reported yet.";
pub(in crate::dashboard) const NOTICE_FORKED: &str =
    "{computer} may have been copied, or set back to an earlier state.";
pub(in crate::dashboard) const NOTICE_CLOCK: &str = "{computer} has a wrong clock.";
pub(in crate::dashboard) const NOTICE_QUOTA: &str =
    "{computer} reported more in one day than a computer should.";
pub(in crate::dashboard) const NOTICE_SPOOL: &str =
    "{computer} lost some reports while it could not be reached.";
pub(in crate::dashboard) const NOTICE_INVALID: &str =
    "{computer} sent something that is no valid report.";
pub(in crate::dashboard) const MORE: &str = "Show all {count}";
