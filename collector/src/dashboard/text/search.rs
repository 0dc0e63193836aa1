//! Searching everything.

pub(in crate::dashboard) const TITLE: &str = "Search";
pub(in crate::dashboard) const FIND: &str = "Search everything";
pub(in crate::dashboard) const HELP: &str = "Computer, program, person, serial number or address";
pub(in crate::dashboard) const LEAD: &str =
    "Computers, programs, people, serial numbers and addresses.";
pub(in crate::dashboard) const GO: &str = "Search";
pub(in crate::dashboard) const NONE: &str = "Nothing was found.";
pub(in crate::dashboard) const NONE_HELP: &str =
    "Try fewer letters. What a computer has not reported cannot be found.";
pub(in crate::dashboard) const SHORT: &str = "Enter at least two letters or digits.";
pub(in crate::dashboard) const UNREAD: &str = "{computers} are still being read: programs, people, numbers and addresses on them are not found yet.";
pub(in crate::dashboard) const CUT: &str = "Not everything on {computers} is searched: there are more people, numbers and addresses there, or longer ones, than are \
     kept for this search. The computer\u{2019}s own page has them all.";
pub(in crate::dashboard) const COMPUTERS: &str = "Computers";
pub(in crate::dashboard) const PROGRAMS: &str = "Programs";
pub(in crate::dashboard) const PEOPLE: &str = "People";
pub(in crate::dashboard) const SERIALS: &str = "Serial numbers";
pub(in crate::dashboard) const HARDWARE_ADDRESSES: &str = "Hardware addresses";
pub(in crate::dashboard) const ADDRESSES: &str = "Network addresses";
pub(in crate::dashboard) const ALL_COMPUTERS: &str = "All {count} computers";
pub(in crate::dashboard) const ALL_PROGRAMS: &str = "All {count} programs";
pub(in crate::dashboard) const ON: &str = "on {computers}";
pub(in crate::dashboard) const MORE: &str =
    "There are more than are shown here: enter more letters.";
