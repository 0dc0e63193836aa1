//! The findings: the list, one finding, setting one aside. What the findings themselves say stands in
//! `finding/text`.

mod several;

pub(in crate::dashboard) use several::several;

pub(in crate::dashboard) const TITLE: &str = "Findings";
pub(in crate::dashboard) const ACT_NOW: &str = "Act now";
pub(in crate::dashboard) const PLAN: &str = "Plan this";
pub(in crate::dashboard) const UNKNOWN: &str = "Unknown";
pub(in crate::dashboard) const KNOW: &str = "Good to know";

pub(in crate::dashboard) const SHOW: &str = "Show";
pub(in crate::dashboard) const EVERY: &str = "Everything open";
pub(in crate::dashboard) const ASIDE: &str = "Set aside";
pub(in crate::dashboard) const ENDED: &str = "Ended";
pub(in crate::dashboard) const APPLY: &str = "Show";
pub(in crate::dashboard) const SHOWN: &str = "{count} shown. {rest}";
pub(in crate::dashboard) const SHOWN_OF: &str = "About {computer} only. {all}.";
pub(in crate::dashboard) const SHOW_ALL: &str = "Show those of all computers";
pub(in crate::dashboard) const ASIDE_COUNT: &str = "{count} set aside.";
pub(in crate::dashboard) const NONE: &str = "Nothing found.";
pub(in crate::dashboard) const NONE_HELP: &str = "Freehold looks at every report for what you should know. What it finds appears here by itself.";
pub(in crate::dashboard) const NO_COMPUTERS: &str =
    "No computers yet. Once the first one reports, what you should know about it appears here.";
pub(in crate::dashboard) const LOOKING: &str = "Freehold is still going through what {count} reported. What is shown here was known before; there may be more. \
     This page completes itself.";
pub(in crate::dashboard) const LOOKING_ONE: &str = "Freehold is still going through what this computer reported. What is found about it was known before; there may be \
     more. This page completes itself.";
pub(in crate::dashboard) const NONE_YET: &str = "Nothing found so far.";
pub(in crate::dashboard) const NEXT: &str = "Next page";
pub(in crate::dashboard) const PREVIOUS: &str = "Previous page";

pub(in crate::dashboard) const WHY: &str = "Why it matters";
pub(in crate::dashboard) const ASK: &str = "What to ask for";
pub(in crate::dashboard) const ASK_HELP: &str = "Ready to send to your IT supplier:";
pub(in crate::dashboard) const ENDS: &str = "What ends it";
pub(in crate::dashboard) const EVIDENCE: &str = "What it was concluded from";
pub(in crate::dashboard) const EVIDENCE_NONE: &str = "That is not shared with you.";
pub(in crate::dashboard) const FACT: &str = "Fact";
pub(in crate::dashboard) const VALUE: &str = "What was read";
pub(in crate::dashboard) const SOURCE: &str = "Where";
pub(in crate::dashboard) const BY_COLLECTOR: &str = "the collector itself";
pub(in crate::dashboard) const CHECKED: &str = "Checked {when} from {section}.";
pub(in crate::dashboard) const CHECKED_BY_COLLECTOR: &str = "Seen by the collector itself.";
pub(in crate::dashboard) const NOT_CHECKED: &str =
    "Since {when} this cannot be checked any more. It stays open: not to know is not to be fine.";
pub(in crate::dashboard) const ABSENT: &str =
    "It is gone since {when}, but it has come back often. It ends once it stayed away for a day.";
pub(in crate::dashboard) const SINCE: &str = "Open since {when}.";
pub(in crate::dashboard) const CHANGED: &str = "What it says changed {when}.";
pub(in crate::dashboard) const RESOLVED: &str = "This ended by itself {when}.";
pub(in crate::dashboard) const HISTORY: &str = "History";
pub(in crate::dashboard) const EPISODE: &str = "Open from {from} to {to}";
pub(in crate::dashboard) const FIRST_TIME: &str = "It was not open before.";
pub(in crate::dashboard) const COMPUTER: &str = "Everything about {computer}";
pub(in crate::dashboard) const OF_COMPUTER: &str = "All findings about {computer}";

pub(in crate::dashboard) const ASIDE_UNTIL: &str = "Set aside until {day} by {name}.";
pub(in crate::dashboard) const ASIDE_REASON: &str = "Why: {reason}";
pub(in crate::dashboard) const SET_ASIDE: &str = "Set aside";
pub(in crate::dashboard) const SET_ASIDE_MEANS: &str = "It will not be counted until the day you choose. Then it returns by itself, and sooner if it becomes more \
     serious. That you set it aside is written into the log.";
pub(in crate::dashboard) const REASON: &str = "Why";
pub(in crate::dashboard) const REASON_HELP: &str =
    "For whoever reads this later, such as: the new computer arrives in March.";
pub(in crate::dashboard) const UNTIL: &str = "Return on";
pub(in crate::dashboard) const TAKE_UP: &str = "Take up again";
pub(in crate::dashboard) const TAKE_UP_MEANS: &str = "It will be counted again from now on.";
pub(in crate::dashboard) const SET_ASIDE_DONE: &str = "Set aside. It returns by itself.";
pub(in crate::dashboard) const TAKEN_UP_DONE: &str = "Taken up again.";

pub(in crate::dashboard) const OF_ONE_ASIDE: &str = "{findings} set aside";
