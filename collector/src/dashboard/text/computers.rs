//! The list of computers, and the words for their state.

use crate::access::Weakness;

pub(in crate::dashboard) const TITLE: &str = "Computers";
pub(in crate::dashboard) const SEARCH: &str = "Search";
pub(in crate::dashboard) const SEARCH_HELP: &str = "Name, system, antivirus or administrator";
pub(in crate::dashboard) const SHOW: &str = "Show";
pub(in crate::dashboard) const APPLY: &str = "Show";
pub(in crate::dashboard) const NAME: &str = "Computer";
pub(in crate::dashboard) const STATUS: &str = "Status";
pub(in crate::dashboard) const ANTIVIRUS: &str = "Antivirus";
pub(in crate::dashboard) const ADMINISTRATORS: &str = "Administrators";
pub(in crate::dashboard) const SYSTEM: &str = "System";
pub(in crate::dashboard) const LAST_SEEN: &str = "Last heard from";
pub(in crate::dashboard) const NONE_MATCH: &str = "No computer matches.";
pub(in crate::dashboard) const NONE_MATCH_HELP: &str = "Try fewer letters, or";
pub(in crate::dashboard) const SHOW_ALL: &str = "show all computers";

pub(in crate::dashboard) const SHOW_EVERY: &str = "All";
pub(in crate::dashboard) const SHOW_ATTENTION: &str = "Needs a look";
pub(in crate::dashboard) const SHOW_PROTECTED: &str = "Antivirus works";
pub(in crate::dashboard) const SHOW_UNPROTECTED: &str = "Antivirus missing or not working";
pub(in crate::dashboard) const SHOW_PROTECTION_UNKNOWN: &str = "Antivirus not known";
pub(in crate::dashboard) const SHOW_ADMINISTRATORS_KNOWN: &str = "Administrators known";
pub(in crate::dashboard) const SHOW_ADMINISTRATORS_UNKNOWN: &str = "Administrators not fully known";
pub(in crate::dashboard) const SHOW_SILENT: &str = "Silent";
pub(in crate::dashboard) const SHOW_WAITING: &str = "Waiting for you";
pub(in crate::dashboard) const SHOW_ACTIVE: &str = "In service";
pub(in crate::dashboard) const SHOW_PAST: &str = "Out of service";

pub(in crate::dashboard) const FINE: &str = "Fine";
pub(in crate::dashboard) const LOOK: &str = "Needs a look";
pub(in crate::dashboard) const SILENT: &str = "Silent";
pub(in crate::dashboard) const NO_REPORT: &str = "No report yet";
pub(in crate::dashboard) const WAITING: &str = "Waits for you";
pub(in crate::dashboard) const RETIRED: &str = "Out of service";
pub(in crate::dashboard) const REVOKED: &str = "Shut out";
pub(in crate::dashboard) const NOT_KNOWN: &str = "Not known";
pub(in crate::dashboard) const BEHIND: &str = "Being gone through";
pub(in crate::dashboard) const NOT_READ: &str = "Being read";

pub(in crate::dashboard) const PROTECTION_NONE: &str = "None found";
pub(in crate::dashboard) const PROTECTION_UNKNOWN: &str = "Could not be read";
pub(in crate::dashboard) const NOT_REPORTED: &str = "Not reported yet";
pub(in crate::dashboard) const HIDDEN: &str = "Not shared with you";
pub(in crate::dashboard) const AT_LEAST: &str = "at least {count}";
pub(in crate::dashboard) const AND_PERHAPS_OTHERS: &str = ", perhaps others";
pub(in crate::dashboard) const PAST: &str = "As of then not kept";

/// What keeps an antivirus from protecting, in a few words.
pub(in crate::dashboard) fn weak(weakness: Weakness) -> &'static str {
    match weakness {
        Weakness::MayNotWatch => "may not check files as they are opened",
        Weakness::Outdated => "list of threats out of date",
        Weakness::NotWatching => "does not check files as they are opened",
        Weakness::OnDemand => "scans only when asked",
        Weakness::Passive => "passive, does not block",
        Weakness::StateUnknown => "may not be running",
        Weakness::Stopped => "not running",
    }
}
