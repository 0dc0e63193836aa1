//! The operating system.

use super::Words;

pub(in crate::finding) const UNSUPPORTED: Words = Words {
    sentence: "{system} on {computer} is no longer repaired by its maker since {day}.",
    why: "Holes through which others get in are found every month. On this system they stay open.",
    ask: "{computer}{which} runs {system}, which its maker stopped repairing on {day}. Please tell me whether it can be \
     upgraded or has to be replaced, what that costs, and by when you can do it.",
    ends: "It runs a system that its maker still repairs.",
};
pub(in crate::finding) const SUPPORT_ENDS: Words = Words {
    sentence: "{system} on {computer} will be repaired by its maker until {day}.",
    why: "After that day, holes through which others get in stay open. There is time to plan what replaces it.",
    ask: "{computer}{which} runs {system}, which its maker repairs until {day}. Please send me a plan and an offer to \
     upgrade or replace it before.",
    ends: "It runs a system that its maker repairs for longer.",
};
pub(in crate::finding) const RESTART: Words = Words {
    sentence: "{computer} needs a restart to finish updates, since {day}.",
    why: "What was updated only holds after a restart: until then the old holes stay open.",
    ask: "{computer}{which} has needed a restart since {day}. Please restart it outside of our working hours.",
    ends: "It was restarted.",
};
