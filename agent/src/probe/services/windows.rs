//! Windows: the service manager for services, the network tables for what listens, the registry for databases,
//! the files of the task scheduler for tasks. Nothing is started, asked or connected to.

mod databases;
mod roles;
mod rules;
mod shares;
mod sockets;
mod tasks;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use freehold_proto::v1::{
    Services as Section,
    services::{ListeningSocket, Service as Item, service::StartKind},
    toggle::State,
};

use crate::probe::{
    section::Diagnostics,
    windows::{
        Machine, Source,
        services::{Service, Services, Setup, Start},
        unread,
    },
};

#[cfg(windows)]
use crate::probe::{Root, windows::live::Live};

/// Most items in each list.
const ITEMS: usize = 20_000;

/// A service of one person's session, whose name ends in a number that is drawn at each sign-in.
const OF_A_SESSION: u32 = 0x80;

/// Services that start with the computer, do their work and end, without saying so in their set-up.
const PASSING: [&str; 12] = [
    "BITS",
    "clr_optimization*",
    "edgeupdate*",
    "GoogleChromeElevation*",
    "GoogleUpdater*",
    "gpsvc",
    "gupdate*",
    "MapsBroker",
    "ShellHWDetection",
    "sppsvc",
    "tiledatamodelsvc",
    "TrustedInstaller",
];

/// Collects the section.
#[cfg(windows)]
pub(crate) fn collect(root: &Root) -> Section {
    if !root.is_live() {
        return super::unsupported::collect(root);
    }
    read(&Live)
}

/// What the other parts of the section are recognised by.
struct Scene<'a> {
    machine: &'a dyn Machine,
    services: Services,
    setups: BTreeMap<String, Setup>,
    sockets: Vec<ListeningSocket>,
}

/// Reads the section.
pub(in crate::probe) fn read(machine: &dyn Machine) -> Section {
    let mut diagnostics = Diagnostics::new();
    let services = Services::read(machine)
        .inspect_err(|why| unread(Source::Services, why, "the services are", &mut diagnostics))
        .ok();
    let any_services = services.is_some();
    let services = services.unwrap_or_default();
    let setups = setups(machine, &services, &mut diagnostics);
    let sockets = sockets::read(machine, &services, &setups, &mut diagnostics);
    let any_source_read = any_services || sockets.is_some();
    let scene = Scene {
        machine,
        services,
        setups,
        sockets: sockets.unwrap_or_default(),
    };
    let databases = databases::read(&scene, &mut diagnostics);
    let shares = shares::read(machine, &mut diagnostics);
    let mut section = Section {
        roles: roles::read(&scene, &databases, &shares),
        services: scene.items(&mut diagnostics),
        scheduled_tasks: tasks::read(machine, &mut diagnostics),
        listening_sockets: scene.sockets,
        databases,
        file_shares: shares.folders,
        ..Section::default()
    };
    limit(&mut section, &mut diagnostics);
    section.status = diagnostics.status(any_source_read).into();
    section.diagnostics = diagnostics.finish();
    section
}

fn limit(section: &mut Section, diagnostics: &mut Diagnostics) {
    diagnostics.limit(Source::Services, "services", &mut section.services, ITEMS);
    diagnostics.limit(Source::Tasks, "tasks", &mut section.scheduled_tasks, ITEMS);
    diagnostics.limit(Source::Shares, "shares", &mut section.file_shares, ITEMS);
    diagnostics.limit(Source::Services, "databases", &mut section.databases, ITEMS);
    let sockets = &mut section.listening_sockets;
    diagnostics.limit(Source::Sockets, "listening sockets", sockets, ITEMS);
}

/// How each service is set up.
fn setups(
    machine: &dyn Machine,
    services: &Services,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<String, Setup> {
    let mut setups = BTreeMap::new();
    for service in services.iter().filter(|service| is_lasting(service)) {
        match service.setup(machine) {
            Ok(setup) => {
                setups.insert(service.name.clone(), setup);
            }
            Err(why) => {
                let reason = format_args!("{why}, so how it is set up is missing");
                diagnostics.note(Source::Services, &service.name, reason);
            }
        }
    }
    setups
}

/// Whether a service is there at the next sign-in too.
fn is_lasting(service: &Service) -> bool {
    service.kind & OF_A_SESSION == 0
}

impl Scene<'_> {
    /// The services as items, ordered by name.
    fn items(&self, diagnostics: &mut Diagnostics) -> Vec<Item> {
        let lasting = self.services.iter().filter(|service| is_lasting(service));
        let mut items: Vec<_> = lasting
            .map(|service| self.item(service, diagnostics))
            .collect();
        items.sort_by(|a, b| a.name.cmp(&b.name));
        items
    }

    fn item(&self, service: &Service, diagnostics: &mut Diagnostics) -> Item {
        let setup = self.setup(service);
        let mut fit =
            |text: &str| diagnostics.fit(Source::Services, &service.name, text.to_owned());
        Item {
            display_name: fit(&service.display_name),
            account: fit(&setup.account),
            program: fit(&setup.program),
            running: running(service, &setup).into(),
            start: match setup.start {
                Start::Unknown => StartKind::Unspecified,
                Start::Automatic => StartKind::Automatic,
                Start::Manual => StartKind::Manual,
                Start::Disabled => StartKind::Disabled,
            }
            .into(),
            source: Source::Services.to_string(),
            name: fit(&service.name),
        }
    }

    fn setup(&self, service: &Service) -> Setup {
        self.setups.get(&service.name).cloned().unwrap_or_default()
    }
}

/// Whether a service runs, where that tells something: those that others start when they need them, and those
/// that do their work and end, come and go.
fn running(service: &Service, setup: &Setup) -> State {
    let passes = setup.start == Start::Manual
        || setup.triggered
        || crate::probe::windows::matches_any(&service.name, &PASSING);
    match (passes, service.runs) {
        (true, _) => State::Unspecified,
        (false, true) => State::On,
        (false, false) => State::Off,
    }
}
