//! Settings.

pub(in crate::dashboard) const TITLE: &str = "Settings";
pub(in crate::dashboard) const PEOPLE: &str = "People who can sign in";
pub(in crate::dashboard) const PERSON: &str = "Name";
pub(in crate::dashboard) const ROLE: &str = "May";
pub(in crate::dashboard) const OWNER: &str = "see and decide everything (owner)";
pub(in crate::dashboard) const PASSWORD_SET: &str = "Password chosen";
pub(in crate::dashboard) const RESET_AT: &str = "Access restored with a code";
pub(in crate::dashboard) const CHANGE_PASSWORD: &str = "Change the password";
pub(in crate::dashboard) const PASSWORD_LEAD: &str =
    "Everybody who is signed in elsewhere is signed out. You stay signed in here.";
pub(in crate::dashboard) const PRESENT_PASSWORD: &str = "Current password";
pub(in crate::dashboard) const PASSWORD_FORGOTTEN: &str = "Forgotten? Run freehold-collector owner reset on the computer that runs Freehold: it prints a code with \
     which you choose a new one.";
pub(in crate::dashboard) const PASSWORD_CHANGED: &str =
    "The password is changed. All other browsers are signed out.";
pub(in crate::dashboard) const SESSIONS: &str = "Browsers that are signed in";
pub(in crate::dashboard) const BROWSER: &str = "Browser";
pub(in crate::dashboard) const ADDRESS: &str = "Address";
pub(in crate::dashboard) const OPENED: &str = "Signed in";
pub(in crate::dashboard) const USED: &str = "Last used";
pub(in crate::dashboard) const THIS_ONE: &str = "this one";
pub(in crate::dashboard) const END_OTHERS: &str = "Sign out all others";
pub(in crate::dashboard) const ENDED_OTHERS: &str = "All other browsers are signed out.";
pub(in crate::dashboard) const END_ONE: &str = "Sign out";
pub(in crate::dashboard) const SESSION_ENDED: &str = "The browser is signed out, from now.";
pub(in crate::dashboard) const SESSIONS_LEAD: &str = "Yours, those of other owners, and those of people who read by your permission. One that you sign out sees nothing \
     from that moment on.";
pub(in crate::dashboard) const SESSIONS_LEAD_GUEST: &str =
    "Your own. One that you sign out sees nothing from that moment on.";
pub(in crate::dashboard) const EMAIL: &str = "E-mail address";
pub(in crate::dashboard) const NO_EMAIL: &str = "none: signs in with the password alone";
pub(in crate::dashboard) const HAS_SECOND: &str = "Second factor";
pub(in crate::dashboard) const YES: &str = "yes";
pub(in crate::dashboard) const NO: &str = "no";
pub(in crate::dashboard) const INVITE_OWNER: &str = "Invite another owner";
pub(in crate::dashboard) const INVITE_OWNER_MEANS: &str = "They see and decide everything, like you, and can end your access too. The link works once, for seven days, and \
     for this person.";
pub(in crate::dashboard) const END_OWNER: &str = "End access of this owner";
pub(in crate::dashboard) const END_OWNER_MEANS: &str =
    "{name} sees and decides nothing from this moment on. Another owner can invite them anew.";
pub(in crate::dashboard) const OWNER_ENDED: &str = "The owner\u{2019}s access has ended, from now.";
pub(in crate::dashboard) const SECOND: &str = "Second factor";
pub(in crate::dashboard) const SECOND_LEAD: &str = "With it, whoever learns your password still cannot sign in: a code from your phone is asked for, too.";
pub(in crate::dashboard) const SECOND_ADD: &str = "Ask for a code from now on";
pub(in crate::dashboard) const SECOND_OFF: &str = "Ask for no code any more";
pub(in crate::dashboard) const SECOND_OFF_MEANS: &str = "A code is asked for when you sign in. To change your phone, take the second factor away and add it anew. Phone and \
     recovery codes lost? Run freehold-collector owner reset on the computer that runs Freehold.";
pub(in crate::dashboard) const FACTOR_OFF: &str = "No code is asked for any more.";

pub(in crate::dashboard) const COLLECTOR: &str = "This collector";
pub(in crate::dashboard) const BUSINESS: &str = "Business";
pub(in crate::dashboard) const VERSION: &str = "Version";
pub(in crate::dashboard) const DATA: &str = "Its data lies in";
pub(in crate::dashboard) const REACHED: &str = "Computers reach it at";
pub(in crate::dashboard) const REACHED_NOWHERE: &str = "Only this computer reaches it.";
pub(in crate::dashboard) const BACKUPS: &str = "Backups";
pub(in crate::dashboard) const LAST_BACKUP: &str = "The last backup was written {when}.";
pub(in crate::dashboard) const NO_BACKUP: &str = "No backup was written yet.";
pub(in crate::dashboard) const BACKUP_HELP: &str = "Write one to a place of your choice:";
pub(in crate::dashboard) const BACKUP_LINE: &str = "freehold-collector backup --to FILE";
pub(in crate::dashboard) const AUTHORITY: &str = "Certificates";
pub(in crate::dashboard) const AUTHORITY_MEANS: &str =
    "Your collector vouches for your computers itself. Nobody stands above it.";
pub(in crate::dashboard) const FINGERPRINT: &str = "Fingerprint of the root";
pub(in crate::dashboard) const ROOT_EXPIRES: &str = "The root expires";
pub(in crate::dashboard) const ISSUING_EXPIRES: &str = "The issuing certificate expires";
pub(in crate::dashboard) const SERVER_EXPIRES: &str = "The server's certificate expires";
pub(in crate::dashboard) const KIT: &str = "Owner kit";
pub(in crate::dashboard) const KIT_AT: &str = "It lies at {path}. Move it to a USB stick and lock that away: with it you can rebuild this collector.";
pub(in crate::dashboard) const KIT_NOT_WRITTEN: &str = "It was not written yet: the key it is for still lies on this computer. Without the kit, a broken disk \
     means that every computer has to join anew.";
pub(in crate::dashboard) const DASHBOARD_CERTIFICATE: &str = "This dashboard's own authority";
pub(in crate::dashboard) const DOWNLOAD: &str =
    "download its certificate, to make this browser trust it";
pub(in crate::dashboard) const KIT_GONE: &str =
    "It is not on this computer. Good, if it is on a USB stick that you have locked away.";
