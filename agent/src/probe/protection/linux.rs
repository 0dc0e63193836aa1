//! Each subject from its own file; they share one reading of units and processes.

mod backup;
mod encryption;
mod firewall;
mod programs;
mod remote;
mod screen;
mod secure_boot;
#[cfg(test)]
mod tests;
mod updates;

use freehold_proto::v1::{Protection, toggle::State};

use crate::probe::{Root, processes::Processes, section::Diagnostics, units::Units};

/// Collects the section.
pub(crate) fn collect(root: &Root) -> Protection {
    let mut diagnostics = Diagnostics::new();
    let scene = Scene::read(root, &mut diagnostics);
    collect_in(&scene, diagnostics)
}

fn collect_in(scene: &Scene<'_>, mut diagnostics: Diagnostics) -> Protection {
    let volume_encryption = encryption::read(scene.root, &mut diagnostics);
    let firewalls = firewall::read(scene, &mut diagnostics);
    let secure_boot = secure_boot::read(scene.root, &mut diagnostics);
    let updates = updates::read(scene, &mut diagnostics);
    let screen_lock = screen::read(scene.root, &mut diagnostics);
    let remote_access = remote::read(scene, &mut diagnostics);
    let backup_products = backup::read(scene, &mut diagnostics);
    Protection {
        // Which programs there are can be read on every system.
        status: diagnostics.status(true).into(),
        diagnostics: diagnostics.finish(),
        volume_encryption,
        firewalls,
        secure_boot: secure_boot.into(),
        updates: Some(updates),
        screen_lock: screen_lock.into(),
        remote_desktop: remote::desktop(&remote_access, scene).into(),
        backup_products,
        remote_access,
    }
}

/// What programs are looked for in.
struct Scene<'a> {
    root: &'a Root,
    units: Units,
    /// Absent when the processes of others cannot be seen.
    processes: Option<Processes>,
}

impl<'a> Scene<'a> {
    fn read(root: &'a Root, diagnostics: &mut Diagnostics) -> Self {
        const START: &str = "whether programs start with the machine is";
        const STATE: &str = "whether programs run is";
        let programs = programs::all().flat_map(|program| program.services);
        let units = programs
            .map(|service| service.unit)
            .chain(firewall::UNITS)
            .chain(updates::UNITS);
        Self {
            root,
            units: Units::read(root, units, diagnostics, START),
            processes: root
                .is_live()
                .then(|| Processes::again(root, programs::has_process, diagnostics, STATE))
                .flatten(),
        }
    }

    /// Whether a unit runs, by its processes; `None` when that cannot be seen.
    fn runs(&self, unit: &str, process: &str) -> Option<bool> {
        let processes = self.processes.as_ref()?;
        let named = !process.is_empty() && processes.has(process);
        Some(named || Units::has_processes(self.root, unit))
    }
}

/// A statement that may not be known.
fn state(known: Option<bool>) -> State {
    match known {
        Some(true) => State::On,
        Some(false) => State::Off,
        None => State::Unknown,
    }
}
