//! Encryption, firewall, updates, backup, ways in.

use super::Words;

pub(in crate::finding) const NO_ENCRYPTION: Words = Words {
    sentence: "{computer} is portable, and its disk is not encrypted.",
    why: "Whoever finds or steals it can read everything on it, without any password.",
    ask: "Please encrypt the disk of {computer}{which} (not encrypted: {names}), and give me the recovery key on paper.",
    ends: "Everything on its disk is encrypted.",
};
pub(in crate::finding) const FIREWALL_OFF: Words = Words {
    sentence: "The firewall of {computer} is off: {names}.",
    why: "Every other device in the same network, also in a café, can try to get in through each program that listens.",
    ask: "The firewall on {computer}{which} does not filter ({names}). Please switch it on, and tell me which openings \
     our programs need.",
    ends: "The firewall filters what comes from outside.",
};
pub(in crate::finding) const UPDATES_OFF: Words = Words {
    sentence: "{computer} does not install updates by itself.",
    why: "Holes through which others get in are closed by updates. Here that waits until somebody thinks of it.",
    ask: "Please let {computer}{which} install security updates by itself, or tell me who does it, and when the last \
     time was.",
    ends: "Security updates are installed by themselves.",
};
pub(in crate::finding) const UPDATES_FAILING: Words = Words {
    sentence: "{computer} should install updates by itself, but has not since {day}.",
    why: "Something keeps it from closing the holes through which others get in, and nobody has noticed.",
    ask: "{computer}{which} is set to install updates by itself, but has not done so since {day}. Please find out why, \
     and repair it.",
    ends: "An update, or a search for updates, succeeds again.",
};
pub(in crate::finding) const UPDATES_PENDING: Words = Words {
    sentence: "Security updates are missing on {computer} since {day}.",
    why: "What these updates repair is public: others know the holes and look for computers that still have them.",
    ask: "Security updates have been missing on {computer}{which} since {day}. Please install them this week, and make \
     sure that they come by themselves from now on.",
    ends: "No security update is missing.",
};
pub(in crate::finding) const NO_BACKUP: Words = Words {
    sentence: "Others rely on {computer}, and no backup program was recognised on it.",
    why: "If it fails, is stolen or locked by blackmailers, what is on it may be gone. It may be backed up from elsewhere: \
     that cannot be seen from here.",
    ask: "How is {computer}{which} backed up, how often, where to, and when did you last try to restore it? Please show \
     me.",
    ends: "A backup program is recognised on it. Set it aside if it is backed up from elsewhere.",
};
pub(in crate::finding) const OLD_BACKUP: Words = Words {
    sentence: "{product} on {computer} last made a backup on {day}.",
    why: "Everything that was done since then would be lost.",
    ask: "The last backup by {product} on {computer}{which} is of {day}. Please find out why, make one today, and tell me \
     how you will notice the next time.",
    ends: "A backup succeeds.",
};
pub(in crate::finding) const ROOT_BY_PASSWORD: Words = Words {
    sentence: "On {computer}, the highest account can be reached from elsewhere with a password.",
    why: "Passwords of this account are tried day and night from all over the world. One that is guessed opens \
     everything.",
    ask: "{tool} on {computer}{which} lets root sign in with a password. Please allow keys only, and no sign-in of root.",
    ends: "root cannot sign in from elsewhere with a password.",
};
pub(in crate::finding) const SCREEN_LOCK: Words = Words {
    sentence: "{computer} is portable, and its screen does not lock by itself.",
    why: "Whoever finds it open can go on where its user stopped.",
    ask: "Please let the screen of {computer}{which} lock by itself after a few minutes.",
    ends: "The screen locks by itself.",
};
pub(in crate::finding) const DATABASE: Words = Words {
    sentence: "{computer} is a workplace, and holds the database {product}.",
    why: "Databases on workplaces are easily forgotten: in backups, in updates, and when the computer is replaced.",
    ask: "{computer}{which} runs {product}. What is in it, who needs it, how is it backed up, and should it move to a \
     server?",
    ends: "The database is gone from it. Set it aside once you know what it is for.",
};
pub(in crate::finding) const REMOTE_TOOL: Words = Words {
    sentence: "{computer} has {tool}, with which others can work on it from elsewhere.",
    why: "Whoever holds the other end can do what the person at the computer can, often without being seen. Suppliers \
     who left, and blackmailers, come in this way.",
    ask: "{tool} is on {computer}{which}. Is it yours, who can use it, is every use confirmed and recorded, and what \
     protects the account? If nobody needs it, please remove it.",
    ends: "The program is removed. Set it aside once you know whose it is.",
};
