//! The timeline.

pub(in crate::dashboard) const TITLE: &str = "Changes";
pub(in crate::dashboard) const LEAD: &str =
    "What was added, removed or altered, on every computer, newest first.";
pub(in crate::dashboard) const LEAD_ONE: &str =
    "What was added, removed or altered on {computer}, newest first.";
pub(in crate::dashboard) const NONE: &str = "Nothing has changed yet.";
pub(in crate::dashboard) const NONE_HELP: &str = "A computer's first report is where its history begins. From then on every installed program, new \
     administrator or exchanged disk appears here within seconds.";
pub(in crate::dashboard) const OLDER: &str = "Older changes";
pub(in crate::dashboard) const NEWEST: &str = "Back to the newest";
pub(in crate::dashboard) const FOLDED: &str = "and {count} more like it";
pub(in crate::dashboard) const ADDED: &str = "Added";
pub(in crate::dashboard) const REMOVED: &str = "Removed";
pub(in crate::dashboard) const ALTERED: &str = "Altered";
pub(in crate::dashboard) const FIRST: &str = "First report";
pub(in crate::dashboard) const LIFECYCLE: &str = "Record";
pub(in crate::dashboard) const GAP: &str = "Gap";
pub(in crate::dashboard) const REPORTS: &str = "Reports";
pub(in crate::dashboard) const BEFORE: &str = "before";
pub(in crate::dashboard) const AFTER: &str = "after";
pub(in crate::dashboard) const ZONE: &str = "times in UTC";
pub(in crate::dashboard) const SEARCH_HELP: &str = "Person, program or anything else";
pub(in crate::dashboard) const ABOUT: &str = "About";
pub(in crate::dashboard) const WHAT: &str = "What happened";
pub(in crate::dashboard) const SINCE: &str = "Since";
pub(in crate::dashboard) const UNTIL: &str = "Until";
pub(in crate::dashboard) const EVERYTHING: &str = "Everything";
pub(in crate::dashboard) const EVERY_SECTION: &str = "Everything";
pub(in crate::dashboard) const COMPARE: &str = "Compare two days";
pub(in crate::dashboard) const NONE_MATCH: &str = "No change matches.";
pub(in crate::dashboard) const SHOW_ALL: &str = "Show all changes";
pub(in crate::dashboard) const STOPPED: &str = "Very many changes were looked through, and the search stopped here. It goes on with the button for older changes.";
