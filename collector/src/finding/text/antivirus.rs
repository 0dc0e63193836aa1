//! Protection against malware.

use super::Words;

const FILES: &str = "Anything it downloads or opens can read and lock your files, also those on other computers \
     that it can reach.";

pub(in crate::finding) const NO_ANTIVIRUS: Words = Words {
    sentence: "{computer} has no antivirus that we know.",
    why: FILES,
    ask: "Please install and activate our antivirus on {computer}{which}, and tell me before that what the licence \
     costs.",
    ends: "An antivirus is installed on it, runs, and checks files as they are opened.",
};
pub(in crate::finding) const NEW_WITHOUT_ANTIVIRUS: Words = Words {
    sentence: "{computer} is new and has no antivirus, although {count} others have one.",
    why: "New computers are often delivered without one because nobody ordered it. Until it has one, anything it \
     downloads or opens can read and lock your files.",
    ask: "Please install and activate {product}, which our other computers have, on {computer}{which}, and tell me \
     before that what the licence costs. Please deliver new computers with it from now on.",
    ends: "An antivirus is installed on it, runs, and checks files as they are opened.",
};
pub(in crate::finding) const ANTIVIRUS_OFF: Words = Words {
    sentence: "{computer} has {product}, but it does not run.",
    why: "An antivirus that is installed but does not run protects as little as none. Somebody, or something, may \
     have switched it off.",
    ask: "{product} is installed on {computer}{which} but does not run. Please find out why, switch it on, and tell \
     me who or what had switched it off.",
    ends: "It runs and checks files as they are opened, or another antivirus does.",
};
pub(in crate::finding) const ANTIVIRUS_PASSIVE: Words = Words {
    sentence: "{computer} has {product}, but it only watches and does not block.",
    why: "In this mode it is meant to stand beside another antivirus. There is no other one here: nothing blocks \
     what is dangerous.",
    ask: "{product} runs on {computer}{which} in passive mode, and no other antivirus protects it. Please let it \
     block, or install the antivirus that should.",
    ends: "It blocks what it finds, or another antivirus does.",
};
pub(in crate::finding) const ANTIVIRUS_ON_DEMAND: Words = Words {
    sentence: "{computer} has {product}, but it only checks files when somebody asks it to.",
    why: "Nothing looks at a file when it arrives or is opened: what is dangerous is noticed too late.",
    ask: "{product} on {computer}{which} only scans on demand. Please make it check files as they are opened, or \
     install an antivirus that does.",
    ends: "An antivirus checks files as they are opened.",
};
pub(in crate::finding) const ANTIVIRUS_NOT_WATCHING: Words = Words {
    sentence: "{computer} runs {product}, but files are not checked as they are opened.",
    why: "Nothing looks at a file when it arrives or is opened: what is dangerous is noticed too late.",
    ask: "Please switch on the real-time protection of {product} on {computer}{which}, and tell me why it was off.",
    ends: "It checks files as they are opened.",
};
pub(in crate::finding) const ANTIVIRUS_MAY_NOT_WATCH: Words = Words {
    sentence: "{computer} runs {product}. Whether it checks files as they are opened could not be read.",
    why: "If it does not, what is dangerous is noticed too late. Nobody can tell from here.",
    ask: "Please check on {computer}{which} whether {product} checks files as they are opened, and tell me how you \
     saw it.",
    ends: "It can be read that files are checked as they are opened.",
};
pub(in crate::finding) const ANTIVIRUS_STATE_UNKNOWN: Words = Words {
    sentence: "{computer} has {product}. Whether it works could not be read.",
    why: "It may protect, or not. Nobody can tell from here.",
    ask: "Please check on {computer}{which} whether {product} runs and is up to date, and tell me how you saw it.",
    ends: "It can be read that it runs and protects.",
};
pub(in crate::finding) const ANTIVIRUS_UNKNOWN: Words = Words {
    sentence: "We could not read whether {computer} has an antivirus.",
    why: "It may have one, or none. Nobody can tell from here.",
    ask: "Please tell me which antivirus is on {computer}{which} and whether it works. Its inventory could not read \
     that: the reason stands under Antivirus on its page.",
    ends: "Every place where an antivirus may be was read.",
};
pub(in crate::finding) const ANTIVIRUS_OUTDATED: Words = Words {
    sentence: "{computer} runs {product} with an out-of-date list of threats.",
    why: "It recognises what is dangerous by a list that grows every day. With an old list it misses what is new.",
    ask: "{product} on {computer}{which} no longer gets its updates. Please find out why, and make sure they come \
     every day.",
    ends: "Its list of threats is current again.",
};
pub(in crate::finding) const TWO_ANTIVIRUSES: Words = Words {
    sentence: "{computer} runs two antivirus programs at once: {names}.",
    why: "Two of them get in each other's way: the computer becomes slow, and each may hinder the other from blocking.",
    ask: "{computer}{which} runs {names} at the same time. Please keep the one we pay for, and remove the other \
     properly.",
    ends: "One of them is left, or the others only watch.",
};
pub(in crate::finding) const ANTIVIRUS_LICENCE: Words = Words {
    sentence: "The licence of {product} on {computer} ends on {day}.",
    why: "Without a licence it stops learning about new dangers, and some stop protecting altogether.",
    ask: "The licence of {product} on {computer}{which} ends on {day}. Please send me an offer to renew it in time.",
    ends: "It has a licence that lasts longer than 30 days.",
};
