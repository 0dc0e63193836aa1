//! What messages say, in English. `{places}` are filled in `message.rs` and `summary.rs`.

use crate::store::record::FindingSeverity;

pub(super) const ONE_FOUND: &str = "{business}: {sentence}";
pub(super) const MANY_FOUND: &str = "{business}: {found} to look at";
pub(super) const ONLY_ENDED: &str = "{business}: {ended} ended";
pub(super) const WHY: &str = "Why it matters: ";
pub(super) const SEE: &str = "More, and what to ask for: ";
pub(super) const ENDED: &str = "Ended";
pub(super) const MORE: &str = "and {count} more";
pub(super) const ALL: &str = "All of it: ";
pub(super) const SENT_BY: &str =
    "Sent by {business}\u{2019}s own Freehold. What is sent, and to whom, is set at ";
pub(super) const TRY_SUBJECT: &str = "{business}: alerts work";
pub(super) const TRY_BODY: &str = "Somebody tried the alerts of {business}\u{2019}s Freehold out. If you can read this, they reach you.";
pub(super) const TRY_ABOUT: &str = "A message to try it out";
pub(super) const ENDINGS: &str = "{business}: {count} ends soon or has ended";
pub(super) const ENDINGS_ABOUT: &str = "That {count} ends";
pub(super) const ENDS_SOON: &str = "The access of {supplier} ends on {when}.";
pub(super) const HAS_ENDED: &str = "The access of {supplier} has ended on {when}.";
pub(super) const EXTEND: &str = "If they should go on reading, extend it: ";
pub(super) const SUMMARY_SUBJECT: &str = "{business} today: {state}";
pub(super) const SUMMARY_ABOUT: &str = "The daily summary";
pub(super) const FINE: &str = "nothing needs a look";
pub(super) const UNSURE: &str = "not everything was gone through yet";
pub(super) const NEEDS: &str = "{count} to look at";
pub(super) const NO_COMPUTERS: &str = "No computer reports yet.";
pub(super) const HEARD: &str = "{heard} of {computers} were heard from in the last day.";
pub(super) const UNLOOKED: &str =
    "Freehold is still going through {count}: something may be missing here.";
pub(super) const OPEN: &str = "To look at";
pub(super) const SINCE: &str = "new since yesterday";
pub(super) const ADMINISTRATORS: &str = "Administrators, in the last day";
pub(super) const NONE_CHANGED: &str = "No change of administrators was reported in the last day.";

/// The heading for a severity.
pub(super) fn heading(severity: FindingSeverity) -> &'static str {
    match severity {
        FindingSeverity::ActNow => "Act now",
        FindingSeverity::Plan => "Plan this",
        FindingSeverity::Unknown | FindingSeverity::Unspecified => "Could not be read",
        FindingSeverity::Know => "Good to know",
    }
}

/// The identifier of a severity, for programs.
pub(super) fn identifier(severity: FindingSeverity) -> &'static str {
    match severity {
        FindingSeverity::ActNow => "act-now",
        FindingSeverity::Plan => "plan",
        FindingSeverity::Unknown | FindingSeverity::Unspecified => "unknown",
        FindingSeverity::Know => "know",
    }
}

/// "1 finding", "3 findings".
pub(super) fn findings(number: usize) -> String {
    counted(number, "finding")
}

/// "the access of 1 supplier", "the access of 3 suppliers".
pub(super) fn accesses(number: usize) -> String {
    format!("the access of {}", counted(number, "supplier"))
}

/// "1 computer", "3 computers".
pub(super) fn computers(number: usize) -> String {
    counted(number, "computer")
}

fn counted(number: usize, one: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        many => format!("{many} {one}s"),
    }
}
