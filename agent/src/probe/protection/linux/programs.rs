//! Programs that make backups or let somebody in from elsewhere: how they are described and found.

mod backup;
mod remote;

use crate::probe::{root::is_absent, section::Diagnostics};

use super::Scene;
pub(super) use backup::BACKUP;
pub(super) use remote::REMOTE;

/// A program.
pub(super) struct Program {
    /// Name.
    pub(super) name: &'static str,
    /// Files and folders that only this program has.
    pub(super) files: &'static [&'static str],
    /// What it runs as, or is started by.
    pub(super) services: &'static [Service],
    /// What is special about it.
    pub(super) kind: Kind,
}

/// A service, socket or timer of a program.
pub(super) struct Service {
    /// Unit of systemd; one that ends in "@" stands for any instance.
    pub(super) unit: &'static str,
    /// Its process, as the kernel shows it: at most 15 characters; empty when it does not show the
    /// program.
    pub(super) process: &'static str,
}

/// What is special about a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Makes backups and records its success in a place that can be read.
    Backup(Success),
    /// Shows the screen to somebody elsewhere.
    Screen,
    /// Lets somebody elsewhere in without showing the screen.
    Shell,
}

/// Where a backup program records its success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Success {
    /// In no place that is known to tell a success from a failure.
    NotKnown,
    /// In a log whose last line ends so when all went well; the log's time is the time of success.
    LogEnds(&'static str, &'static str),
    /// A folder for each backup, in which this file is written last.
    Snapshots(&'static str, &'static str),
    /// Files in folders of these folders whose names hold the time: duplicity's manifests.
    Manifests(&'static [&'static str]),
}

const fn runs(unit: &'static str, process: &'static str) -> Service {
    Service { unit, process }
}

/// A timer or socket, which has no process of its own.
const fn starts(unit: &'static str) -> Service {
    Service { unit, process: "" }
}

const fn backup(
    name: &'static str,
    files: &'static [&'static str],
    services: &'static [Service],
) -> Program {
    Program {
        name,
        files,
        services,
        kind: Kind::Backup(Success::NotKnown),
    }
}

const fn screen(
    name: &'static str,
    files: &'static [&'static str],
    services: &'static [Service],
) -> Program {
    Program {
        name,
        files,
        services,
        kind: Kind::Screen,
    }
}

const fn shell(
    name: &'static str,
    files: &'static [&'static str],
    services: &'static [Service],
) -> Program {
    Program {
        name,
        files,
        services,
        kind: Kind::Shell,
    }
}

/// All of them.
pub(super) fn all() -> impl Iterator<Item = &'static Program> {
    BACKUP.iter().chain(REMOTE)
}

/// Whether processes of a program, or of a firewall, have this name.
pub(super) fn has_process(name: &str) -> bool {
    let mut services = all().flat_map(|program| program.services);
    name == "firewalld" || name == "cron" || services.any(|service| service.process == name)
}

/// Name of the program whose settings are read, too.
pub(super) const OPENSSH: &str = "OpenSSH";

/// A program that was found.
pub(super) struct Found {
    pub(super) program: &'static Program,
    /// What shows that it is there.
    pub(super) source: String,
    /// A unit of it starts with the machine.
    pub(super) enabled: bool,
    /// It runs; `None` when that cannot be seen.
    pub(super) runs: Option<bool>,
    /// Its units, each with its state.
    pub(super) services: Vec<String>,
}

/// Looks for a program by its files, units and processes.
pub(super) fn find(
    scene: &Scene<'_>,
    program: &'static Program,
    diagnostics: &mut Diagnostics,
) -> Option<Found> {
    let mut found = Found {
        program,
        source: String::new(),
        enabled: false,
        runs: scene.processes.is_some().then_some(false),
        services: Vec::new(),
    };
    for service in program.services {
        found.add(scene, service);
    }
    if found.source.is_empty() {
        found.source = file(scene, program, diagnostics)?;
    }
    Some(found)
}

impl Found {
    fn add(&mut self, scene: &Scene<'_>, service: &Service) {
        let runs = scene.runs(service.unit, service.process);
        let file = scene.units.file(service.unit);
        let started = runs == Some(true);
        if started {
            self.runs = runs;
        }
        let Some(file) = file else {
            if started && self.source.is_empty() {
                self.source = format!("process {}", service.process);
            }
            return;
        };
        self.enabled |= scene.units.is_enabled(service.unit);
        if self.source.is_empty() {
            file.clone_into(&mut self.source);
        }
        let start = scene.units.start(service.unit).word();
        // A timer or a socket is no process.
        let state = match runs {
            _ if service.process.is_empty() => String::new(),
            Some(true) => "running, ".into(),
            Some(false) => "stopped, ".into(),
            None => "not known, ".into(),
        };
        self.services
            .push(format!("{}: {state}{start}", service.unit));
    }
}

fn file(scene: &Scene<'_>, program: &Program, diagnostics: &mut Diagnostics) -> Option<String> {
    for path in program.files {
        match scene.root.exists(path) {
            Ok(true) => return Some((*path).to_owned()),
            Ok(false) => {}
            Err(error) if is_absent(&error) => {}
            Err(error) => {
                let missing = format!("whether {} is installed is", program.name);
                diagnostics.unreadable(path, &error, missing);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_told_apart_and_recognisable() {
        let mut names = std::collections::HashSet::new();
        for program in all() {
            assert!(names.insert(program.name), "{}", program.name);
            assert!(!program.files.is_empty(), "{}", program.name);
            assert!(program.files.iter().all(|path| path.starts_with('/')));
            for service in program.services {
                assert!(service.process.len() <= 15, "{}", service.process);
            }
        }
        assert!(BACKUP.len() >= 20 && REMOTE.len() >= 15);
    }
}
