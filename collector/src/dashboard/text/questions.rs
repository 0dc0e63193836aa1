//! Questions.

pub(in crate::dashboard) const TITLE: &str = "Questions";
pub(in crate::dashboard) const LEAD: &str = "Ask about all computers at once, also about those that are switched off: the answer comes from what they last reported.";
pub(in crate::dashboard) const ALL: &str = "All questions";
pub(in crate::dashboard) const OWN: &str = "Your own question";
pub(in crate::dashboard) const OWN_HELP: &str = "In SQL, as SQLite understands it. It only reads. :as_of stands for the moment that is asked about.";
pub(in crate::dashboard) const STATEMENT: &str = "Statement";
pub(in crate::dashboard) const CHANGE: &str = "Change this question";
pub(in crate::dashboard) const TABLES: &str = "Tables and columns";
pub(in crate::dashboard) const TABLES_LEAD: &str = "What questions in SQL can be about. Each table begins with the computer, by name and identifier. What is not known is NULL. Lists are in JSON: json_each takes them apart. Times are text in UTC, such as 2026-03-03T14:00:00Z.";
pub(in crate::dashboard) const ASK: &str = "Ask";
pub(in crate::dashboard) const STOP: &str = "Stop";
pub(in crate::dashboard) const ASKING: &str = "Asking\u{2026}";
pub(in crate::dashboard) const READ: &str = "{read} of {computers} reports read";
pub(in crate::dashboard) const PASSED: &str = "{rows} rows gone through";
pub(in crate::dashboard) const BROKEN: &str =
    "The answer broke off before it was complete. Ask again.";
pub(in crate::dashboard) const KEEP: &str = "Keep it as";
pub(in crate::dashboard) const KEEP_GO: &str = "Keep";
pub(in crate::dashboard) const SAVED: &str = "Questions you keep";
pub(in crate::dashboard) const FORGET: &str = "Forget";
pub(in crate::dashboard) const KEPT: &str = "The question is kept.";
pub(in crate::dashboard) const FORGOTTEN: &str = "The question is forgotten.";
pub(in crate::dashboard) const NONE: &str = "The answer is empty.";
pub(in crate::dashboard) const NONE_HELP: &str = "Nothing that was reported fits.";
pub(in crate::dashboard) const NONE_BUT: &str =
    "Nothing that was reported fits. What is not known is said above.";
pub(in crate::dashboard) const SHOWN: &str = "{rows}, from {computers}";
pub(in crate::dashboard) const FIRST: &str =
    "The first {rows}, from {computers}. There are more: take them along, or narrow the question.";
pub(in crate::dashboard) const AS_OF: &str = "As of {when}.";
pub(in crate::dashboard) const TAKE: &str = "Take along as CSV";
pub(in crate::dashboard) const CUT: &str =
    "There are more rows than these {rows}: narrow the question.";
pub(in crate::dashboard) const YES: &str = "Yes";
pub(in crate::dashboard) const NO: &str = "No";
pub(in crate::dashboard) const NOTHING: &str = "None";
pub(in crate::dashboard) const NOT_KNOWN: &str = "Not known";
