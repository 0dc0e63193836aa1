//! Who may see these records, and who looked at what.

pub(in crate::dashboard) const TITLE: &str = "Access";
pub(in crate::dashboard) const LEAD: &str = "Who may read your records, what of them, and until when. Nobody you let in can change anything. What they \
     open is written down.";
pub(in crate::dashboard) const LEAD_GUEST: &str =
    "What is shared with you, and until when. The owner can change or end it at any time.";
pub(in crate::dashboard) const NONE: &str = "Nobody but you can read your records.";
pub(in crate::dashboard) const NONE_HELP: &str = "Let a supplier in below: for a time that you choose, for computers and subjects that you choose, each \
     technician under their own name.";
pub(in crate::dashboard) const SEES: &str = "Sees";
pub(in crate::dashboard) const UNTIL: &str = "Until";
pub(in crate::dashboard) const NOTE: &str = "Note";
pub(in crate::dashboard) const EXPORT: &str = "May take whole lists along";
pub(in crate::dashboard) const MAY_EXPORT: &str = "Everything at once, as a file";
pub(in crate::dashboard) const YES: &str = "yes";
pub(in crate::dashboard) const NO: &str = "no";
pub(in crate::dashboard) const ACTIVE: &str = "may read";
pub(in crate::dashboard) const SUSPENDED: &str = "suspended";
pub(in crate::dashboard) const EXPIRED: &str = "ended by itself";
pub(in crate::dashboard) const REVOKED: &str = "ended";
pub(in crate::dashboard) const TECHNICIANS: &str = "Technicians";
pub(in crate::dashboard) const NO_TECHNICIANS: &str = "Nobody has been invited yet.";
pub(in crate::dashboard) const PERSON: &str = "Name";
pub(in crate::dashboard) const LAST: &str = "Looked at last";
pub(in crate::dashboard) const LAST_READ: &str = "{deed}, {when}";
pub(in crate::dashboard) const INVITED: &str = "invited; the link ends {when}";
pub(in crate::dashboard) const PERSON_OVER: &str = "ended {when}";
pub(in crate::dashboard) const NOTHING_READ: &str = "nothing yet";
pub(in crate::dashboard) const SHOW_LOG: &str = "Show who looked at what";

pub(in crate::dashboard) const NEW_TITLE: &str = "Let a supplier in";
pub(in crate::dashboard) const NEW: &str = "Let a supplier in";
pub(in crate::dashboard) const NEW_LEAD: &str =
    "Nothing happens until you invite a technician on the next page.";
pub(in crate::dashboard) const SUPPLIER: &str = "Name of the supplier";
pub(in crate::dashboard) const SECTIONS: &str = "What they may see";
pub(in crate::dashboard) const WHICH: &str = "Only of computers with one of these labels";
pub(in crate::dashboard) const WHICH_HELP: &str =
    "With commas between them. Leave it empty to share every computer, also those that join later.";
pub(in crate::dashboard) const DAYS: &str = "For how many days";
pub(in crate::dashboard) const DAYS_HELP: &str =
    "From 1 to 365. It ends by itself; you can extend it.";
pub(in crate::dashboard) const NOTE_HELP: &str = "For yourself, such as: contract of March.";
pub(in crate::dashboard) const CREATE: &str = "Save";

pub(in crate::dashboard) const INVITE: &str = "Invite a technician";
pub(in crate::dashboard) const INVITE_MEANS: &str = "They get their own name, password and second factor. The link works once, for seven days, and for this person.";
pub(in crate::dashboard) const INVITE_NAME: &str = "Their name";
pub(in crate::dashboard) const INVITE_EMAIL: &str = "Their e-mail address";
pub(in crate::dashboard) const MAKE_LINK: &str = "Make the link";
pub(in crate::dashboard) const LINK_READY: &str =
    "Send this link to {name} yourself. It is shown once and works until {when}.";
pub(in crate::dashboard) const EXTEND: &str = "Extend";
pub(in crate::dashboard) const EXTEND_MEANS: &str =
    "{supplier} may then read for this many days from today.";
pub(in crate::dashboard) const SUSPEND: &str = "Suspend";
pub(in crate::dashboard) const SUSPEND_MEANS: &str =
    "{supplier} sees nothing from this moment on, until you confirm the access again.";
pub(in crate::dashboard) const RESUME: &str = "Confirm again";
pub(in crate::dashboard) const RESUME_MEANS: &str = "{supplier} may read again, as before.";
pub(in crate::dashboard) const REVOKE: &str = "End access";
pub(in crate::dashboard) const REVOKE_MEANS: &str = "{supplier} sees nothing from this moment on. Pages that are open stop within a second. It cannot be undone; \
     you can always let them in anew.";
pub(in crate::dashboard) const END_PERSON: &str = "End access of this person";
pub(in crate::dashboard) const END_PERSON_MEANS: &str =
    "{name} sees nothing from this moment on. Others of the same supplier go on.";

pub(in crate::dashboard) const GRANTED: &str = "Saved. Now invite a technician.";
pub(in crate::dashboard) const EXTENDED: &str = "The access was extended.";
pub(in crate::dashboard) const SUSPENDED_DONE: &str = "The access is suspended, from now.";
pub(in crate::dashboard) const RESUMED: &str = "The access is confirmed.";
pub(in crate::dashboard) const WITHDRAWN: &str = "The access has ended, from now.";
pub(in crate::dashboard) const PERSON_ENDED: &str =
    "The person\u{2019}s access has ended, from now.";

pub(in crate::dashboard) const LOG_TITLE: &str = "Who looked at what";
pub(in crate::dashboard) const LOG_LEAD: &str = "Everything guests opened and everything that was decided, newest first. Nobody can change it, you included.";
pub(in crate::dashboard) const LOG_LEAD_GUEST: &str = "Everything you and your colleagues opened, and what was decided about your access, newest first.";
pub(in crate::dashboard) const LOG_NONE: &str = "Nothing is written down yet.";
pub(in crate::dashboard) const OLDER: &str = "Older entries";
pub(in crate::dashboard) const NEWEST: &str = "Back to the newest";
pub(in crate::dashboard) const CHECKPOINT: &str = "Proof";
pub(in crate::dashboard) const CHECKPOINT_MEANS: &str = "Keep this text somewhere else. If this log is ever rewritten or cut, freehold-collector audit verify \
     --checkpoint FILE shows it.";
