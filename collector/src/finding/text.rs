//! What findings say, in English: one module a family of rules. `{places}` are filled when it is shown:
//! `{computer}` with the owner's name for the machine, `{which}` with its make and serial number in brackets,
//! all others with the finding's particulars.

mod accounts;
mod antivirus;
mod hardware;
mod presence;
mod protection;
mod software;
mod system;

pub(super) use accounts::*;
pub(super) use antivirus::*;
pub(super) use hardware::*;
pub(super) use presence::*;
pub(super) use protection::*;
pub(super) use software::*;
pub(super) use system::*;

/// What is said about the findings of a rule.
#[derive(Debug)]
pub struct Words {
    /// What is the case, in under 15 words.
    pub sentence: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// What to send to the supplier, as it is.
    pub ask: &'static str,
    /// What has to happen for the finding to end.
    pub ends: &'static str,
}

/// Every place that particulars fill.
pub(super) const PLACES: &[&str] = &[
    "account", "count", "day", "detail", "disk", "free", "mount", "names", "other", "percent",
    "product", "section", "size", "system", "tool", "version", "when",
];
