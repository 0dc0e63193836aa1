//! What sections are called, and how complete they are.

pub(in crate::dashboard) const LIFECYCLE: &str = "Enrolment";
pub(in crate::dashboard) const SYSTEM: &str = "System";
pub(in crate::dashboard) const HARDWARE: &str = "Hardware";
pub(in crate::dashboard) const SOFTWARE: &str = "Software";
pub(in crate::dashboard) const ANTIVIRUS: &str = "Antivirus";
pub(in crate::dashboard) const ACCOUNTS: &str = "Accounts and administrators";
pub(in crate::dashboard) const NETWORK: &str = "Network";
pub(in crate::dashboard) const SERVICES: &str = "Services";
pub(in crate::dashboard) const PROTECTION: &str = "Protection";
pub(in crate::dashboard) const READINGS: &str = "Right now";

pub(in crate::dashboard) const COMPLETE: &str = "Complete";
pub(in crate::dashboard) const PARTIAL: &str = "Read in part";
pub(in crate::dashboard) const UNREADABLE: &str = "Could not be read";
pub(in crate::dashboard) const UNSUPPORTED: &str = "Not collected here";
pub(in crate::dashboard) const NOT_REPORTED: &str = "Not reported yet";
pub(in crate::dashboard) const HIDDEN: &str = "Not shared with you";
pub(in crate::dashboard) const DAMAGED: &str = "Damaged";

pub(in crate::dashboard) const PARTIAL_MEANS: &str =
    "Some sources could not be read. There may be more than is shown here.";
pub(in crate::dashboard) const UNREADABLE_MEANS: &str =
    "No source could be read. Nothing here means that nothing is known, not that there is nothing.";
pub(in crate::dashboard) const UNSUPPORTED_MEANS: &str =
    "Freehold's program on this computer does not collect this yet. Nothing is known about it.";
pub(in crate::dashboard) const NOT_REPORTED_MEANS: &str =
    "This computer has not reported this part yet. It comes with its first report.";
pub(in crate::dashboard) const HIDDEN_MEANS: &str =
    "This part of the record is outside what you were given access to.";
pub(in crate::dashboard) const DAMAGED_MEANS: &str = "What is stored here cannot be read. Restore the newest backup, or wait for the computer's next report.";

pub(in crate::dashboard) const READ: &str = "Read {when}.";
pub(in crate::dashboard) const CONFIRMED: &str = "Checked {checked}, unchanged since {when}.";
pub(in crate::dashboard) const DIAGNOSTICS: &str = "What could not be read";
pub(in crate::dashboard) const DIAGNOSTICS_MANY: &str =
    "Only the first {shown} of {count} are shown.";
pub(in crate::dashboard) const SOURCE: &str = "Source";
pub(in crate::dashboard) const POSITION: &str = "Where";
pub(in crate::dashboard) const REASON: &str = "What went wrong";
pub(in crate::dashboard) const DETAILS: &str = "Every detail";
pub(in crate::dashboard) const NONE_LISTED: &str = "None.";
pub(in crate::dashboard) const NONE_KNOWN: &str =
    "None was found, but not every source could be read.";
pub(in crate::dashboard) const EMPTY_COLUMNS: &str = "Not known for any of these: {columns}.";
pub(in crate::dashboard) const ROWS_SHOWN: &str = "Rows {first} to {last} of {count}.";
pub(in crate::dashboard) const MORE_ROWS: &str = "Show the next rows";
pub(in crate::dashboard) const FEWER_ROWS: &str = "Show the rows before";
pub(in crate::dashboard) const BACK: &str = "Back to the computer";
pub(in crate::dashboard) const NEWER_FACTS: &str = "This computer runs a newer program, which also told {count} that this version of Freehold does not \
     know yet. They are kept, and shown once Freehold is updated here.";
