//! What the running agent remembers of its last look. Hundreds of units are read again when one of them has changed, or
//! something else runs or listens.

use std::sync::{Mutex, PoisonError};

use freehold_proto::v1::Services;
use prost::Message as _;

use crate::probe::{
    Root,
    trace::{self, Trace},
};

use super::{
    live::{Live, Seen},
    processes::Asked,
};

/// The last look.
struct Last {
    trace: Trace,
    asked: Asked,
    mark: u64,
    section: Vec<u8>,
}

/// The section: that of the last look while nothing has changed, else what `look` finds.
pub(super) fn collect(root: &Root, look: impl FnOnce(&Root, Live) -> Services) -> Services {
    static LAST: Mutex<Option<Last>> = Mutex::new(None);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    let live = Live::read(root);
    let seen = live.seen();
    if let Some(section) = last.as_ref().and_then(|last| last.section(root, &seen)) {
        return section;
    }
    *last = None;
    let (section, trace) = trace::of(root, || look(root, live));
    *last = trace.map(|trace| Last::of(trace, &seen, &section));
    section
}

impl Last {
    fn of(trace: Trace, seen: &Seen, section: &Services) -> Self {
        let asked = seen.asked().take();
        Self {
            trace,
            mark: seen.mark(&asked),
            asked,
            section: section.encode_to_vec(),
        }
    }

    /// The section, unless it has to be read again. Traces are followed where the machine's own paths lead.
    fn section(&self, live: &Root, seen: &Seen) -> Option<Services> {
        let is_same = self.mark == seen.mark(&self.asked) && self.trace.holds(live);
        is_same
            .then(|| Services::decode(self.section.as_slice()).ok())
            .flatten()
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink, time::Duration};

    use super::*;
    use crate::probe::{
        fixture::{root_with, write},
        services::linux::read,
    };

    const LISTENS: &str = "   0: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000   107        0 7001 1\n";

    #[test]
    fn services_are_read_again_when_a_unit_a_process_or_a_socket_changed() {
        const UNIT: &str = "/etc/systemd/system/good.service";
        let unit = b"[Service]\nExecStart=/bin/good\n[Install]\nWantedBy=multi-user.target\n";
        let (directory, root) = root_with(&[
            (UNIT, unit),
            ("/proc/1/comm", b"init\n"),
            ("/proc/net/tcp", b""),
        ]);
        let (place, machine) = (directory.path(), Root::live());
        let changes: [&dyn Fn(); 4] = [
            &|| {
                write(place, "/proc/7/comm", b"good\n");
                symlink("/bin/good", place.join("proc/7/exe")).unwrap();
            },
            &|| write(place, "/proc/net/tcp", LISTENS.as_bytes()),
            &|| fs::write(place.join("etc/systemd/system/good.service"), "[Unit]\n").unwrap(),
            &|| write(place, "/etc/systemd/system/new.service", unit),
        ];
        let look = || read(&root, Some(Live::read(&root)));
        for (number, change) in changes.into_iter().enumerate() {
            let live = Live::read(&root);
            let seen = live.seen();
            let trace = trace::settled(|| drop(read(&root, Some(live))));
            let last = Last::of(trace.unwrap(), &seen, &look());
            // Something that nobody asked for.
            write(place, "/proc/8/comm", number.to_string().as_bytes());
            let _ = symlink("/bin/passing", place.join("proc/8/exe"));
            let seen = || Live::read(&root).seen();
            assert_eq!(last.section(&machine, &seen()).unwrap(), look());
            // The clock by which files are marked does not move on with every change.
            std::thread::sleep(Duration::from_millis(20));
            change();
            assert_eq!(last.section(&machine, &seen()), None, "change {number}");
            let _ = fs::remove_dir_all(place.join("proc/8"));
        }
    }
}
