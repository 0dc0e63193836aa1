//! What lists have in common.

pub(in crate::dashboard) const SHOWN: &str = "{shown} of {all}";
pub(in crate::dashboard) const NEXT: &str = "Next page";
pub(in crate::dashboard) const PREVIOUS: &str = "Page before";
pub(in crate::dashboard) const COLUMNS: &str = "Columns";
pub(in crate::dashboard) const CHOOSE: &str = "Show these columns";
pub(in crate::dashboard) const EXPORT: &str = "Take this list along:";
pub(in crate::dashboard) const CUT: &str =
    "There are more rows. An export holds the first {rows}; narrow the list to have the rest.";
pub(in crate::dashboard) const STOPPED: &str =
    "Very many changes were looked through, and the search stopped before the oldest.";
pub(in crate::dashboard) const AS_OF: &str = "As of {when}";
pub(in crate::dashboard) const WHEN: &str = "When";
pub(in crate::dashboard) const WHAT: &str = "What happened";
pub(in crate::dashboard) const SUMMARY: &str = "Change";
pub(in crate::dashboard) const SECTION: &str = "About";
pub(in crate::dashboard) const SEVERITY: &str = "How serious";
pub(in crate::dashboard) const FINDING: &str = "Finding";
pub(in crate::dashboard) const SINCE: &str = "Since";
pub(in crate::dashboard) const RULE: &str = "Rule";
