//! Disks.

use super::Words;

pub(in crate::finding) const DISK_FULL: Words = Words {
    sentence: "The disk {mount} of {computer} is nearly full.",
    why: "When it is full, programs stop, updates fail, and what is being saved can be lost.",
    ask: "The disk {mount} of {computer}{which} is nearly full. Please tell me what fills it, make room, and tell me what \
     a larger one would cost.",
    ends: "An eighth of it is free again.",
};
pub(in crate::finding) const DISK_UNHEALTHY: Words = Words {
    sentence: "A disk of {computer} warns that it fails: {disk}.",
    why: "A disk that warns often dies within weeks, and takes what is on it along.",
    ask: "The disk {disk} in {computer}{which} reports that it fails. Please make sure today that there is a good backup, \
     and replace it.",
    ends: "The disk is replaced, or reports that it is well.",
};
pub(in crate::finding) const RAID_DEGRADED: Words = Words {
    sentence: "{computer} lost a disk of {disk}; the next failure loses the data.",
    why: "Several disks hold the same so that one may fail. One has: nothing is left to spare.",
    ask: "In {computer}{which}, {disk} is missing {count} of its disks. Please make sure that there is a good backup, and \
     replace what is missing today.",
    ends: "All its disks are there again.",
};
