//! Linux: unit files and init scripts for the services, /proc for what runs and listens, the programs' own
//! configuration for databases and shares. Nothing is started, asked or connected to.

mod databases;
mod files;
mod folders;
mod holders;
mod init;
mod live;
mod memory;
mod processes;
mod roles;
mod shares;
mod sockets;
mod tasks;
#[cfg(test)]
mod tests;
mod units;

use freehold_proto::v1::{
    Services,
    services::{ListeningSocket, Service, service::StartKind},
    toggle::State,
};

use crate::order;
use crate::probe::{Root, deadline, section::Diagnostics};

use folders::Folders;
use live::Live;
use processes::Processes;

/// Most items in each list.
const ITEMS: usize = 20_000;

/// Collects the section.
pub(crate) fn collect(root: &Root) -> Services {
    if !root.is_live() {
        return read(root, None);
    }
    if deadline::is_hurried() {
        return read(root, Some(Live::read(root)));
    }
    memory::collect(root, |root, live| read(root, Some(live)))
}

/// What the other parts of the section are recognised by.
struct Scene<'a> {
    root: &'a Root,
    services: Vec<Service>,
    /// Absent when the processes cannot be seen.
    processes: Option<Processes>,
    sockets: Vec<ListeningSocket>,
}

/// Reads the section; `live` is what runs, of a running system.
fn read(root: &Root, live: Option<Live>) -> Services {
    let mut diagnostics = Diagnostics::new();
    let mut processes = None;
    let mut sockets = None;
    if let Some(live) = live {
        diagnostics.append(live.notes);
        processes = live.processes;
        let found = live.sockets;
        sockets =
            found.map(|found| sockets::read(root, processes.as_ref(), &found, &mut diagnostics));
    } else {
        let reason = "another root file system does not tell which services run and which sockets listen: that is missing";
        diagnostics.note("/proc", "", reason);
    }
    let folders = Folders::read(root, &mut diagnostics);
    let mut services = units::read(root, &folders, processes.as_ref(), &mut diagnostics);
    services.extend(init::read(
        root,
        &folders,
        processes.as_ref(),
        &mut diagnostics,
    ));
    order::sort_by(&mut services, |a, b| a.name.cmp(&b.name));
    services.dedup_by(|a, b| a.name == b.name);
    let any_source_read = sockets.is_some() || !services.is_empty();

    let scene = Scene {
        root,
        services,
        processes,
        sockets: sockets.unwrap_or_default(),
    };
    let databases = databases::read(&scene, &mut diagnostics);
    let file_shares = shares::read(&scene, &mut diagnostics);
    let mut section = Services {
        roles: roles::read(&scene, &databases, &file_shares, &mut diagnostics),
        scheduled_tasks: tasks::read(root, &folders, &mut diagnostics),
        services: scene.services,
        listening_sockets: scene.sockets,
        databases,
        file_shares,
        ..Services::default()
    };
    limit(&mut section, &mut diagnostics);
    section.status = diagnostics.status(any_source_read).into();
    section.diagnostics = diagnostics.finish();
    section
}

fn limit(section: &mut Services, diagnostics: &mut Diagnostics) {
    diagnostics.limit(
        "/etc/systemd/system",
        "services",
        &mut section.services,
        ITEMS,
    );
    diagnostics.limit(
        "/etc/cron.d",
        "scheduled tasks",
        &mut section.scheduled_tasks,
        ITEMS,
    );
    diagnostics.limit("/etc", "shared folders", &mut section.file_shares, ITEMS);
    diagnostics.limit("/etc", "databases", &mut section.databases, ITEMS);
}

impl Scene<'_> {
    /// Services whose names match one of the patterns: a name without its suffix, or a beginning and "*".
    fn services_like<'a>(&'a self, patterns: &'a [&str]) -> impl Iterator<Item = &'a Service> {
        self.services
            .iter()
            .filter(move |service| matches_any(&service.name, patterns))
    }

    /// Whether one of these services runs or starts with the machine.
    fn is_set_up<'a>(&'a self, patterns: &'a [&str]) -> Option<&'a Service> {
        self.services_like(patterns).find(|service| {
            service.running() == State::On || service.start() == StartKind::Automatic
        })
    }
}

/// Whether the name of a service matches one of the patterns.
fn matches_any(name: &str, patterns: &[&str]) -> bool {
    let stem = name.strip_suffix(".service").unwrap_or(name);
    patterns
        .iter()
        .any(|pattern| match pattern.strip_suffix('*') {
            Some(beginning) => stem.starts_with(beginning),
            None => stem == *pattern,
        })
}

/// Whether a name ends in a dot and this.
fn is_kind(name: &str, kind: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, own)| own == kind)
}

/// Last part of a path.
fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
