//! Whether a computer is heard, and whether it is the one it says.

use super::Words;

pub(in crate::finding) const WAITING: Words = Words {
    sentence: "{computer} wants to join and waits for you.",
    why: "Until you let it in, nothing is known about it. If you do not know it, somebody may have got hold of a join \
     string.",
    ask: "A computer called {computer} asks to be let into our records. Did you set it up? Which one is it?",
    ends: "You let it in, or shut it out.",
};
pub(in crate::finding) const NO_REPORT: Words = Words {
    sentence: "{computer} has joined, but not reported yet.",
    why: "Nothing is known about it: it may be fine, or not.",
    ask: "{computer} has joined our records but never reported. Please check that it is on, and that freehold-agent \
     runs on it.",
    ends: "It reports.",
};
pub(in crate::finding) const SILENT: Words = Words {
    sentence: "{computer} was last heard from {when}.",
    why: "What is shown about it may no longer be true. It may be switched off, lost, stolen, or cut off on purpose.",
    ask: "{computer}{which} has not reported since {when}. Please tell me where it is, and make it report again.",
    ends: "It reports again, or you put it out of service.",
};
pub(in crate::finding) const CLONE: Words = Words {
    sentence: "{computer} may have been copied, or set back to an earlier state.",
    why: "If two computers report under one name, what is shown is a mixture of both. A copy also holds everything \
     that was on the original.",
    ask: "{computer}{which} seems to exist twice, or was set back to an older state. Was it cloned or restored? Please \
     tell me when and why, and join the copy to our records anew.",
    ends: "The copy joins anew under its own name, and the doubt is cleared.",
};
pub(in crate::finding) const SAME_HARDWARE: Words = Words {
    sentence: "{computer} looks like a computer that you already know.",
    why: "It may have been set up anew. If you join the two, its history goes on; if not, one computer is counted twice.",
    ask: "Was {computer}{which} set up anew? Please tell me when, and what happened to what was on it.",
    ends: "You join the two on the computer's page, or put one out of service.",
};
pub(in crate::finding) const CLOCK: Words = Words {
    sentence: "{computer} has a wrong clock.",
    why: "With a wrong clock, backups, sign-ins and certificates fail, and its own logs mislead.",
    ask: "The clock of {computer}{which} is wrong. Please correct it, and make sure that it sets itself.",
    ends: "Its clock is right.",
};
pub(in crate::finding) const QUOTA: Words = Words {
    sentence: "{computer} reported more in one day than a computer should.",
    why: "Some of what it reported was summarised. Something on it changes without end, or somebody tries to drown \
     what matters.",
    ask: "{computer}{which} reports unusually much. Please find out what changes on it all the time.",
    ends: "It reports as much as others do.",
};
pub(in crate::finding) const LOST_REPORTS: Words = Words {
    sentence: "{computer} lost some reports while it could not be reached.",
    why: "What changed on it during that time may be missing from its history.",
    ask: "{computer}{which} could not deliver its reports for a long time. Please find out why it was cut off.",
    ends: "The gap stays in its history; set this aside once you know why.",
};
pub(in crate::finding) const INVALID_REPORT: Words = Words {
    sentence: "{computer} sent something that is no valid report.",
    why: "A faulty disk, faulty memory or a manipulated program can be the reason.",
    ask: "{computer}{which} sends reports that are not valid. Please check its disk and memory, and install \
     freehold-agent on it anew.",
    ends: "It sends valid reports again.",
};
pub(in crate::finding) const AGENT_OLD: Words = Words {
    sentence: "{computer} reports with an old version of Freehold: {version}.",
    why: "An older version sees less, and misses what has been repaired since.",
    ask: "Please install the current version of freehold-agent on {computer}{which}; {version} is there.",
    ends: "It reports with the collector's version.",
};
pub(in crate::finding) const CERTIFICATE: Words = Words {
    sentence: "{computer} cannot renew its permission to report: it ends on {day}.",
    why: "After that it can no longer report, and what is shown about it grows old.",
    ask: "freehold-agent on {computer}{which} does not renew its certificate, which ends on {day}. Please look into its \
     log, and repair it before.",
    ends: "It renews its certificate.",
};
pub(in crate::finding) const SECTION_FAILING: Words = Words {
    sentence: "{section} of {computer} cannot be read since {day}.",
    why: "What is wrong there cannot be seen: not to know is not to be fine.",
    ask: "The inventory of {computer}{which} cannot read this since {day}: {section}. The reason stands on its page. \
     Please repair it.",
    ends: "It can be read again.",
};
