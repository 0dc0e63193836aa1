//! Installed programs.

use super::Words;

pub(in crate::finding) const ONLY_HERE: Words = Words {
    sentence: "Only {computer} has {names}.",
    why: "What no other computer has was often installed by somebody, not by plan. Nobody else may notice when it lacks \
     updates.",
    ask: "{computer}{which} alone has {names}. Who needs it, who pays for it, and who keeps it up to date? Please remove \
     what nobody needs.",
    ends: "The program is removed, or another computer has it too. Set it aside if it belongs there.",
};
