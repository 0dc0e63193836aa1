//! What the kernel tells when a device comes, goes or changes: "ACTION@PATH", then NAME=VALUE, each
//! ended by a zero byte.

/// An event about a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// What happened, such as "add", "remove", "change", "bind".
    pub action: &'a str,
    /// Subsystem of the device, such as "block" or "usb".
    pub subsystem: &'a str,
}

/// Reads an event. `None` for what is none, such as the messages that udev sends to itself.
pub fn event(bytes: &[u8]) -> Option<Event<'_>> {
    let mut parts = bytes.split(|byte| *byte == 0).map(str::from_utf8);
    let (action, _) = parts.next()?.ok()?.split_once('@')?;
    let subsystem = parts
        .filter_map(Result::ok)
        .find_map(|part| part.strip_prefix("SUBSYSTEM="))?;
    Some(Event { action, subsystem })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_stick_that_is_plugged_in_is_an_event() {
        // Written from documentation.
        let bytes =
            b"add@/devices/pci0000:00/usb1/1-1\0ACTION=add\0DEVPATH=/devices/pci0000:00/usb1/1-1\0\
            SUBSYSTEM=usb\0DEVTYPE=usb_device\0SEQNUM=4711\0";
        let expected = Event {
            action: "add",
            subsystem: "usb",
        };
        assert_eq!(event(bytes), Some(expected));
    }

    #[test]
    fn messages_of_udev_and_torn_ones_are_none() {
        assert_eq!(event(b"libudev\0\xfe\xed\xca\xfe"), None);
        assert_eq!(event(b"add@/devices/x\0ACTION=add\0SUBSYS"), None);
        assert_eq!(event(b""), None);
    }

    proptest! {
        #[test]
        fn no_message_is_too_strange(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = event(&bytes);
        }
    }
}
