//! What to do when something did not work.

pub(in crate::dashboard) const NOT_FOUND: &str = "This page does not exist";
pub(in crate::dashboard) const NOT_FOUND_HELP: &str = "The address may be mistyped, or the page was moved. Everything can be reached from the overview.";
pub(in crate::dashboard) const NO_MACHINE: &str = "There is no such computer";
pub(in crate::dashboard) const NO_MACHINE_HELP: &str =
    "It may have been removed from the record. The list shows every computer there is.";
pub(in crate::dashboard) const NO_FINDING: &str = "There is no such finding";
pub(in crate::dashboard) const NO_FINDING_HELP: &str =
    "It may have been forgotten with its computer. The list shows every finding there is.";
pub(in crate::dashboard) const OUT_OF_SCOPE: &str = "This is not shared with you";
pub(in crate::dashboard) const OUT_OF_SCOPE_HELP: &str =
    "Ask the owner of this record if you need it.";
pub(in crate::dashboard) const FAILED: &str = "This did not work";
pub(in crate::dashboard) const FAILED_HELP: &str = "Freehold could not read or write its record. Nothing you did was lost silently: look whether it was \
     done, then try again. If this stays, the messages of freehold-collector on its own computer say why.";
pub(in crate::dashboard) const REFUSED: &str = "This was refused for your safety";
pub(in crate::dashboard) const REFUSED_HELP: &str = "The request did not come from a page of this dashboard, or the page was open for too long. Open the page \
     again and repeat what you did. Nothing was changed.";
pub(in crate::dashboard) const WRONG_HOST: &str = "This address is not mine";
pub(in crate::dashboard) const WRONG_HOST_HELP: &str = "Freehold answers only under the addresses it was started with. Use the address that was printed when it \
     was started.";
pub(in crate::dashboard) const BACK: &str = "Go to the overview";
pub(in crate::dashboard) const METHOD: &str = "This page cannot be used that way";

pub(in crate::dashboard) const NOT_FOR_GUESTS: &str = "Only the owner can do this";
pub(in crate::dashboard) const NOT_FOR_GUESTS_HELP: &str = "You may read what is shared with you. Ask the owner to do it. That you asked for it is in the read log.";
pub(in crate::dashboard) const TOO_OFTEN: &str = "That was too fast";
pub(in crate::dashboard) const TOO_OFTEN_HELP: &str = "Every page you open is written into the read log. Please wait a few seconds and open it again.";
pub(in crate::dashboard) const NOT_LOGGED: &str = "Nothing is shown just now";
pub(in crate::dashboard) const NOT_LOGGED_HELP: &str = "What guests read is written down first, and just now nothing can be written: the owner's disk may be full. \
     Tell the owner, and try again later.";

pub(in crate::dashboard) const NO_INVITATION: &str = "There is no such invitation";
pub(in crate::dashboard) const NO_INVITATION_HELP: &str =
    "Take the whole link as you received it, or ask whoever sent it for a new one.";
pub(in crate::dashboard) const INVITATION_USED: &str = "This invitation was used already";
pub(in crate::dashboard) const INVITATION_USED_HELP: &str = "If that was you, sign in. If it was not, tell the owner at once: somebody else has your access.";
pub(in crate::dashboard) const INVITATION_OVER: &str = "This invitation is over";
pub(in crate::dashboard) const INVITATION_OVER_HELP: &str =
    "It has expired, or the access it was for has ended. Ask the owner for a new one.";
