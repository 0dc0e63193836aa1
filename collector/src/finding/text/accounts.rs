//! People and their rights.

use super::Words;

const EVERYTHING: &str = "Whoever can administer a computer can read and change everything on it, and hide that it was done.";

pub(in crate::finding) const ADMINISTRATORS_UNKNOWN: Words = Words {
    sentence: "We could not read everything about who can administer {computer}.",
    why: "There may be somebody who can change everything on it and is not shown.",
    ask: "Please tell me who can administer {computer}{which}. Its inventory could not read all of it: the reason \
     stands under Administrators on its page.",
    ends: "Every place that makes somebody an administrator was read.",
};
pub(in crate::finding) const NEW_ADMINISTRATOR: Words = Words {
    sentence: "{account} can administer {computer} since {day}.",
    why: EVERYTHING,
    ask: "On {day} the account {account} became an administrator of {computer}{which}. Who is that, who decided it, \
     and until when is it needed?",
    ends: "The account loses these rights, or was an administrator for 30 days. Set it aside once you know who it is.",
};
pub(in crate::finding) const EVERYDAY_ADMINISTRATOR: Words = Words {
    sentence: "{account} works every day as administrator of {computer}.",
    why: "Whatever this person opens by mistake can change everything on the computer. Day-to-day work needs no such \
     rights.",
    ask: "{account} works on {computer}{which} with administrator's rights. Please make a separate account for \
     administration, and take the rights away from the everyday one.",
    ends: "The account can no longer administer the computer.",
};
pub(in crate::finding) const WITHOUT_PASSWORD: Words = Words {
    sentence: "On {computer}, {names} can do everything without giving a password.",
    why: "Whoever sits at an open session, and any program that runs there, can take over the whole computer at once.",
    ask: "On {computer}{which}, {names} may run everything as administrator without a password. Please require one, \
     or tell me why that is needed.",
    ends: "A password is required, or the rights are taken away.",
};
pub(in crate::finding) const ROOT_EQUIVALENT: Words = Words {
    sentence: "On {computer}, {names} can become administrator through a group.",
    why: "These groups, such as the one for containers, give full control of the computer without saying so.",
    ask: "On {computer}{which}, {names} belong to groups that amount to full control. Is that meant? Otherwise please \
     remove them from these groups.",
    ends: "They leave these groups.",
};
pub(in crate::finding) const BLANK_PASSWORD: Words = Words {
    sentence: "On {computer}, the administrator {names} may need no password.",
    why: "Whoever comes to this computer could sign in and change everything, without knowing anything.",
    ask: "The account {names} on {computer}{which} can administer it, and no password is required. Please set a strong \
     one today.",
    ends: "A password is required.",
};
pub(in crate::finding) const NEVER_EXPIRES: Words = Words {
    sentence: "On {computer}, the password of administrator {names} never expires.",
    why: "Passwords that never change are often shared, and still work for people who have left.",
    ask: "Please tell me who knows the password of {names} on {computer}{which} and when it was last changed. Change it, \
     or have it managed.",
    ends: "The password expires or is managed, or the account is no longer an administrator.",
};
pub(in crate::finding) const NOBODY_ELSE: Words = Words {
    sentence: "Nobody but {names} can administer {computer}.",
    why: "If you do not have the password of this account, you depend on whoever does to change anything on your own \
     computer.",
    ask: "Please give me the password of {names} on {computer}{which} in a sealed envelope, or make an administrator's \
     account for me.",
    ends: "An account of a person can administer the computer too.",
};
pub(in crate::finding) const RECORD_TAKEOVER: Words = Words {
    sentence: "{names} can take over this record, as administrators of {computer}.",
    why: "This record is kept on that computer. Whoever can administer it can read and change the record and restore \
     the owner's access for themselves. That is shown for 30 days and cannot be hidden from a copy of the log.",
    ask: "{computer}{which} keeps our records. Please tell me of each of {names} whether you use the account, and remove \
     those that nobody needs.",
    ends: "Nobody else can administer that computer. Set it aside if these are the people you trust.",
};
pub(in crate::finding) const UNCLAIMED_ADMINISTRATOR: Words = Words {
    sentence: "Nobody has said whose these administrators of {computer} are: {names}.",
    why: "An administrator whom nobody knows may be somebody who has left, or who should never have got in.",
    ask: "These accounts can change everything on {computer}{which}: {names}. Please tell me of each who uses it, since \
     when, and whether it is still needed.",
    ends: "The owner says on the page Administrators whose each of them is, or they lose these rights.",
};
pub(in crate::finding) const SUPPLIER_ADMINISTRATOR: Words = Words {
    sentence: "{account} of {other} still administers {computer}, although {other} has left.",
    why: "Who no longer works for you can still read and change everything on this computer.",
    ask: "The account {account} on {computer}{which} belongs to {other}, whose access has ended. Please remove it, and \
     change every password that {other} knew.",
    ends: "The account can no longer administer the computer, or {other} is let in again.",
};
pub(in crate::finding) const NONE_OF_OURS: Words = Words {
    sentence: "None of your own accounts can administer {computer}: only {names} can.",
    why: "You depend on others to change anything on your own computer, also on the day you part.",
    ask: "Please make an administrator\u{2019}s account for me on {computer}{which}, and hand me its password in a sealed \
     envelope.",
    ends: "An account that you said is your own can administer the computer.",
};
