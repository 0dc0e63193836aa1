//! The command line, and the devices that read with it.

pub(in crate::dashboard) const TITLE: &str = "Command line";
pub(in crate::dashboard) const LEAD: &str = "Devices that read with the command freehold. Each sees what its person may see here, and no more. End one that is \
     lost, sold or not yours: it sees nothing from that moment on.";
pub(in crate::dashboard) const LEAD_GUEST: &str = "Your own devices that read with the command freehold. Each sees what you may see here. End one that is lost or \
     sold: it sees nothing from that moment on.";
pub(in crate::dashboard) const NONE: &str = "No device reads with the command line.";
pub(in crate::dashboard) const DEVICE: &str = "Device";
pub(in crate::dashboard) const WHOSE: &str = "Whose";
pub(in crate::dashboard) const USED: &str = "Last used";
pub(in crate::dashboard) const ADDRESS: &str = "From";
pub(in crate::dashboard) const END: &str = "End";
pub(in crate::dashboard) const ENDED: &str = "The device is shut out, from now.";
pub(in crate::dashboard) const ADD: &str = "Add a device";
pub(in crate::dashboard) const ADD_MEANS: &str =
    "You get a command to run once on that device. It makes a key there, which never leaves it.";
pub(in crate::dashboard) const PASSWORD: &str = "Your password, once more";
pub(in crate::dashboard) const MAKE: &str = "Make the command";
pub(in crate::dashboard) const CODE_READY: &str = "Run this on the device, once, until {when}. Whoever has it reads as you: do not send it to anybody.";
pub(in crate::dashboard) const COMMAND: &str = "The command itself";
pub(in crate::dashboard) const COMMAND_MEANS: &str = "Install it on the device first. On Windows unpack it and run it from there; it needs no installation.";
