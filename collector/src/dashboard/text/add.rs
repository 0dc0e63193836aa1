//! Adding a computer.

pub(in crate::dashboard) const TITLE: &str = "Add a computer";
pub(in crate::dashboard) const LEAD: &str = "A computer joins with a line you run on it once. The line carries a secret: give it only to the person \
     who sits at that computer.";
pub(in crate::dashboard) const STEP_INSTALL: &str = "1. Install Freehold's program on the computer";
pub(in crate::dashboard) const STEP_INSTALL_HELP: &str = "This collector has no packages to hand out. Copy the program freehold-agent to the computer and put it in its path, \
     or put packages into the folder that collector.toml names.";
pub(in crate::dashboard) const PACKAGES_FETCHED: &str = "The line of the next step fetches the package for its system by itself. To carry a package over instead, load it here.";
pub(in crate::dashboard) const PACKAGES_CARRIED: &str = "Other computers cannot open these pages, so load the package here, copy it to the computer, and run the line of the \
     next step in the folder it lies in.";
pub(in crate::dashboard) const UNREADABLE: &str =
    "The packages to hand out cannot be read; look at";
pub(in crate::dashboard) const PACKAGES_CHECK: &str =
    "Whoever wants to be sure compares a package's SHA-256 checksum with the one shown here.";
pub(in crate::dashboard) const CHECKSUM: &str = "SHA-256";
pub(in crate::dashboard) const WINDOWS: &str = "Windows";
pub(in crate::dashboard) const DEBIAN: &str = "Debian, Ubuntu and their like";
pub(in crate::dashboard) const DEBIAN_ARM: &str =
    "Debian and its like on 64-bit ARM, such as a Raspberry Pi";
pub(in crate::dashboard) const RED_HAT: &str = "Red Hat, Fedora, SUSE and their like";
pub(in crate::dashboard) const RED_HAT_ARM: &str =
    "Red Hat, Fedora, SUSE and their like on 64-bit ARM";
pub(in crate::dashboard) const ON_WINDOWS: &str = "On Windows, in a PowerShell of an administrator";
pub(in crate::dashboard) const ON_DEBIAN: &str = "On Debian, Ubuntu and their like, in a terminal";
pub(in crate::dashboard) const ON_DEBIAN_ARM: &str =
    "On Debian and its like on 64-bit ARM, in a terminal";
pub(in crate::dashboard) const ON_RED_HAT: &str =
    "On Red Hat, Fedora, SUSE and their like, in a terminal";
pub(in crate::dashboard) const ON_RED_HAT_ARM: &str =
    "On Red Hat, Fedora, SUSE and their like on 64-bit ARM, in a terminal";
pub(in crate::dashboard) const INSTALLED: &str = "Where the program is installed already";
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
pub(in crate::dashboard) const LOOPBACK_QUICKSTART: &str =
    "Stop Freehold and start it again so that it listens on the network:";
pub(in crate::dashboard) const LOOPBACK_SERVE: &str = "Put this line into collector.toml in the collector's data directory, remove other lines that begin with \"listen\" or \
     \"addresses\", and restart the collector:";
pub(in crate::dashboard) const LOOPBACK_SETTING: &str = "listen = \"0.0.0.0:7443\"";
pub(in crate::dashboard) const LOOPBACK_BACK: &str = "Come back to this page.";
pub(in crate::dashboard) const LOOPBACK_LINE: &str =
    "freehold-collector quickstart --listen 0.0.0.0:7443";
pub(in crate::dashboard) const WAITING: &str = "Waiting for you";
pub(in crate::dashboard) const WAITING_NONE: &str = "No computer waits.";
pub(in crate::dashboard) const RECENT: &str = "Joined lately";
pub(in crate::dashboard) const RECENT_NONE: &str =
    "No computer joined in the last day. This list fills by itself as they arrive.";
pub(in crate::dashboard) const ASKED: &str = "asked to join {when}";
pub(in crate::dashboard) const JOINED: &str = "joined {when}";
pub(in crate::dashboard) const LOOK_FIRST: &str = "Look first";
