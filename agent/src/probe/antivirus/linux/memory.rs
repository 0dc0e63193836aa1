//! What the running agent remembers of its last look. Products are looked at every minute; their packages, files and
//! units are read again when any of them has changed, and their processes every time.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use freehold_proto::v1::{Antivirus, Diagnostic};
use prost::Message as _;

use crate::probe::{
    Root,
    processes::Processes,
    section::Diagnostics,
    trace::{self, Trace},
    units::Units,
};

use super::{
    MISSING_STATE,
    catalogue::CATALOGUE,
    running::{self, Running},
};

/// So long a look counts at most: products are asked what they say about themselves that often.
const KEPT: Duration = Duration::from_secs(600);

static LAST: Mutex<Option<Last>> = Mutex::new(None);

/// The last look.
struct Last {
    trace: Trace,
    at: Instant,
    pulse: Pulse,
    section: Vec<u8>,
}

/// What of the products runs.
#[derive(Debug, PartialEq)]
struct Pulse {
    running: Option<Running>,
    /// What was said about their processes.
    remarks: Vec<Diagnostic>,
    /// Units, and whether the kernel counts processes to them.
    units: Vec<(&'static str, bool)>,
}

/// The section: that of the last look while nothing has changed, else what `look` finds.
pub(super) fn collect(root: &Root, look: impl FnOnce(&Root) -> Antivirus) -> Antivirus {
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(section) = last.as_ref().and_then(|last| last.section(root, root)) {
        return section;
    }
    *last = None;
    // Before the look: what ends meanwhile is noticed the next time.
    let pulse = Pulse::feel(root, |_| true);
    let (section, trace) = trace::of(root, || look(root));
    *last = trace.map(|trace| Last::of(trace, pulse, &section));
    section
}

/// Numbers of the processes that the last look knew; `None` where it is not known whether they are all.
pub(super) fn processes() -> Option<Vec<u32>> {
    let last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    let running = last.as_ref()?.pulse.running.as_ref()?;
    Some(running.all())
}

impl Last {
    fn of(trace: Trace, mut pulse: Pulse, section: &Antivirus) -> Self {
        // Others are not asked for while nothing shows their product.
        pulse.units.retain(|(unit, _)| {
            let mut products = section.products.iter();
            products.any(|product| has_unit(&product.name, unit))
        });
        Self {
            trace,
            at: Instant::now(),
            pulse,
            section: section.encode_to_vec(),
        }
    }

    /// The section, unless it has to be read again. Traces are followed where the machine's own paths lead.
    fn section(&self, live: &Root, root: &Root) -> Option<Antivirus> {
        let knows = |unit| self.pulse.units.iter().any(|(known, _)| *known == unit);
        let is_same = self.at.elapsed() < KEPT
            && self.trace.holds(live)
            && Pulse::feel(root, knows) == self.pulse;
        is_same
            .then(|| Antivirus::decode(self.section.as_slice()).ok())
            .flatten()
    }
}

impl Pulse {
    /// What runs now, of units those that are asked for.
    fn feel(root: &Root, is_asked: impl Fn(&'static str) -> bool) -> Self {
        let mut diagnostics = Diagnostics::new();
        let matters = running::is_name_of_a_product;
        let processes = Processes::again(root, matters, &mut diagnostics, MISSING_STATE);
        let running = processes.map(|processes| Running::of(root, &processes, &mut diagnostics));
        let services = CATALOGUE.iter().flat_map(|entry| entry.services);
        let units = services.map(|service| service.unit);
        Self {
            running,
            remarks: diagnostics.finish(),
            units: units
                .filter(|unit| is_asked(unit))
                .map(|unit| (unit, Units::has_processes(root, unit)))
                .collect(),
        }
    }
}

fn has_unit(product: &str, unit: &str) -> bool {
    let mut entries = CATALOGUE.iter().filter(|entry| entry.name == product);
    entries.any(|entry| entry.services.iter().any(|service| service.unit == unit))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use freehold_proto::v1::antivirus::Product;

    use super::*;
    use crate::probe::fixture::{root_with, write};

    /// What a look at a computer with ClamAV's service is remembered as.
    fn remembered(root: &Root) -> Last {
        let section = Antivirus {
            products: vec![Product {
                name: "ClamAV".to_owned(),
                ..Product::default()
            }],
            ..Antivirus::default()
        };
        let pulse = Pulse::feel(root, |_| true);
        let trace = trace::settled(|| drop(root.read("/etc/clamav/clamd.conf")));
        Last::of(trace.unwrap(), pulse, &section)
    }

    #[test]
    fn products_are_read_again_when_their_files_processes_or_units_changed() {
        const UNIT: &str = "/sys/fs/cgroup/system.slice/clamav-daemon.service/cgroup.procs";
        let (directory, root) = root_with(&[
            ("/proc/1/comm", b"init"),
            ("/proc/1/stat", b"1 (init) S 0"),
            ("/etc/clamav/clamd.conf", b"x"),
        ]);
        let place = directory.path();
        let starts = || {
            write(place, "/proc/7/stat", b"7 (clamd) S 1");
            write(place, "/proc/7/status", b"Uid:\t0\t0\t0\t0\n");
        };
        let changes: [&dyn Fn(); 4] = [
            &starts,
            &|| fs::remove_dir_all(place.join("proc/7")).unwrap(),
            &|| write(place, UNIT, b"7\n"),
            &|| fs::write(place.join("etc/clamav/clamd.conf"), "other").unwrap(),
        ];
        for change in changes {
            let last = remembered(&root);
            assert_eq!(
                last.section(&Root::live(), &root).unwrap().products.len(),
                1
            );
            // The clock by which files are marked does not move on with every change.
            std::thread::sleep(Duration::from_millis(20));
            change();
            assert_eq!(last.section(&Root::live(), &root), None);
        }
    }

    #[test]
    fn a_look_does_not_count_for_long() {
        let (_directory, root) = root_with(&[("/etc/clamav/clamd.conf", b"x")]);
        let mut last = remembered(&root);
        assert!(last.section(&Root::live(), &root).is_some());
        last.at = Instant::now().checked_sub(KEPT).unwrap();
        assert_eq!(last.section(&Root::live(), &root), None);
    }
}
