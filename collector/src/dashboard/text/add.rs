//! Adding a computer.

pub(in crate::dashboard) const TITLE: &str = "Add a computer";
pub(in crate::dashboard) const LEAD: &str = "A computer joins with a line you run on it once. The line carries a secret: give it only to the person \
     who sits at that computer.";
pub(in crate::dashboard) const STEP_INSTALL: &str = "1. Install Freehold's program on the computer";
pub(in crate::dashboard) const STEP_INSTALL_HELP: &str =
    "Copy the program freehold-agent to the computer and put it in its path.";
pub(in crate::dashboard) const STEP_LINE: &str = "2. Make a line and run it there";
pub(in crate::dashboard) const STEP_LINE_HELP: &str = "Each line works for 24 hours, for one computer or for up to 20. It is shown once: nobody can look it up later.";
pub(in crate::dashboard) const STEP_WAIT: &str = "3. See it arrive";
pub(in crate::dashboard) const MAKE_ONE: &str = "Make a line for one computer";
pub(in crate::dashboard) const MAKE_MANY: &str = "Make a line for up to 20 computers";
pub(in crate::dashboard) const MAKE_MANY_HELP: &str =
    "Computers that join with a line for several wait here until you let them in.";
pub(in crate::dashboard) const READY: &str = "Your line is ready. It is shown only now.";
pub(in crate::dashboard) const GOOD_FOR_ONE: &str = "Good for one computer, until {when}.";
pub(in crate::dashboard) const GOOD_FOR_MANY: &str =
    "Good for up to {uses} computers, until {when}.";
pub(in crate::dashboard) const ON_LINUX: &str = "On Linux, in a terminal";
pub(in crate::dashboard) const STRING: &str = "The join string alone";
pub(in crate::dashboard) const RUNS_THEN: &str = "Then start reporting, and keep it running:";
pub(in crate::dashboard) const LOOPBACK: &str = "Other computers cannot reach this collector yet.";
pub(in crate::dashboard) const LOOPBACK_HELP: &str = "It only listens on this computer itself ({addresses}), so a line for another computer would not work. \
     To change that:";
pub(in crate::dashboard) const LOOPBACK_STEP_1: &str =
    "Find this computer's address in your network. It looks like 192.168.1.20.";
pub(in crate::dashboard) const LOOPBACK_STEP_2: &str =
    "Stop Freehold and start it again with that address, such as:";
pub(in crate::dashboard) const LOOPBACK_STEP_3: &str = "Come back to this page.";
pub(in crate::dashboard) const LOOPBACK_LINE: &str =
    "freehold-collector quickstart --listen 192.168.1.20:7443";
pub(in crate::dashboard) const WAITING: &str = "Waiting for you";
pub(in crate::dashboard) const WAITING_NONE: &str = "No computer waits.";
pub(in crate::dashboard) const RECENT: &str = "Joined lately";
pub(in crate::dashboard) const RECENT_NONE: &str =
    "No computer joined in the last day. This list fills by itself as they arrive.";
pub(in crate::dashboard) const ASKED: &str = "asked to join {when}";
pub(in crate::dashboard) const JOINED: &str = "joined {when}";
pub(in crate::dashboard) const LOOK_FIRST: &str = "Look first";
