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

pub(in crate::dashboard) const CHANGE: &str = "Change what is shared";
pub(in crate::dashboard) const CHANGE_LEAD: &str = "What {supplier} may see from the moment you save it. Pages that are open follow within a second.";
pub(in crate::dashboard) const CHANGED: &str = "What is shared was changed, from now.";
pub(in crate::dashboard) const RULES: &str = "What they may see";
pub(in crate::dashboard) const RULES_HELP: &str = "One rule on a line: sections, or all, less those with a minus sign; then @ and labels. Such as \
     all,-network@surgery.";
pub(in crate::dashboard) const ENDS_SOON: &str =
    "The access of {supplier} ends {when}. If they should go on reading, {extend}.";
pub(in crate::dashboard) const EXTEND_IT: &str = "extend it";
pub(in crate::dashboard) const WAS_MOVED: &str = "The end of {supplier}\u{2019}s access was moved {when} by {by}: from {from} to {until}. {show}";
pub(in crate::dashboard) const BY_CONSOLE: &str = "somebody at the computer that runs Freehold";
pub(in crate::dashboard) const SHOW: &str = "Show the access";

pub(in crate::dashboard) const INVITE: &str = "Invite a technician";
pub(in crate::dashboard) const INVITE_MEANS: &str = "They get their own name, password and second factor. The link works once, for seven days, and for this person.";
pub(in crate::dashboard) const INVITE_NAME: &str = "Their name";
pub(in crate::dashboard) const INVITE_EMAIL: &str = "Their e-mail address";
pub(in crate::dashboard) const MAKE_LINK: &str = "Make the link";
pub(in crate::dashboard) const LINK_READY: &str =
    "Send this link to {name} yourself. It is shown once and works until {when}.";
pub(in crate::dashboard) const EXTEND: &str = "Extend or shorten";
pub(in crate::dashboard) const EXTEND_MEANS: &str = "{supplier} may then read for this many days from today, whether that is later or earlier than until now.";
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

pub(in crate::dashboard) const LEADS: &str = "Colleagues";
pub(in crate::dashboard) const MAY_LEAD: &str =
    "They may invite colleagues themselves, who see what they see";
pub(in crate::dashboard) const LEAD_ON: &str = "Let them invite colleagues";
pub(in crate::dashboard) const LEAD_ON_MEANS: &str = "{name} may then invite colleagues under the same access. Each gets an own name, password and second factor; you see \
     them here and can end each.";
pub(in crate::dashboard) const LEAD_OFF: &str = "Let them invite nobody";
pub(in crate::dashboard) const LEAD_OFF_MEANS: &str = "{name} can invite nobody any more, and links that nobody used yet lead nowhere. Whoever was invited already goes on.";
pub(in crate::dashboard) const LEADS_DONE: &str = "They may invite colleagues, from now.";
pub(in crate::dashboard) const LEADS_NOT_DONE: &str = "They can invite nobody any more.";
pub(in crate::dashboard) const LEADS_BADGE: &str = "may invite colleagues";
pub(in crate::dashboard) const INVITE_COLLEAGUE: &str = "Invite a colleague";
pub(in crate::dashboard) const INVITE_COLLEAGUE_MEANS: &str = "They see what you see, until {until}. They get their own name, password and second factor. The owner sees whom you \
     invited. The link works once, for seven days, and for this person.";
pub(in crate::dashboard) const TAKEN: &str =
    "This e-mail address cannot be invited. Ask the owner.";
pub(in crate::dashboard) const DEVICES: &str = "Their devices with the command line";
pub(in crate::dashboard) const DEVICE_LINE: &str = "{device} of {name}, used {when}";

pub(in crate::dashboard) const GRANTED: &str = "Saved. Now invite a technician.";
pub(in crate::dashboard) const EXTENDED: &str = "The access ends at another time now.";
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
