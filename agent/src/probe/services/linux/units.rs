//! Services of systemd.

use std::collections::BTreeMap;

use freehold_proto::v1::{
    services::{Service, service::StartKind},
    toggle::State,
};

use crate::{
    parse::unit::{Facts, Kind, expand},
    probe::{Root, section::Diagnostics, sysfs},
};

use super::{files, folders::Folders, is_kind, processes::Processes};

const MISSING: &str = "what it says of the service is";

/// The services, ordered by name. Templates are offers: only their instances are services.
pub(super) fn read(
    root: &Root,
    folders: &Folders,
    processes: Option<&Processes>,
    diagnostics: &mut Diagnostics,
) -> Vec<Service> {
    let reader = Reader {
        root,
        folders,
        processes,
        systemd_runs: sysfs::exists(root, "/run/systemd/system"),
    };
    let mut services = Vec::new();
    for (name, path) in &folders.files {
        if is_kind(name, "service") && !name.contains('@') {
            services.push(reader.service(name, path, diagnostics));
        }
    }
    services.extend(reader.instances(diagnostics));
    services
}

struct Reader<'a> {
    root: &'a Root,
    folders: &'a Folders,
    processes: Option<&'a Processes>,
    /// Services are what systemd starts, and not just files of packages.
    systemd_runs: bool,
}

impl Reader<'_> {
    /// A service.
    fn service(&self, name: &str, path: &str, diagnostics: &mut Diagnostics) -> Service {
        let mut service = Service {
            name: name.to_owned(),
            source: path.to_owned(),
            start: self.start(name).into(),
            running: State::Unknown.into(),
            ..Service::default()
        };
        let Some(facts) = facts(self.root, self.folders, name, path, diagnostics) else {
            // What the note says is missing; the service itself is known.
            return service;
        };
        // An empty file keeps a unit from starting, as a link to /dev/null does.
        let is_empty = || self.root.metadata(path).is_ok_and(|file| file.len() == 0);
        if facts == Facts::default() && is_empty() {
            service.set_start(StartKind::Disabled);
        }
        let fitted = |diagnostics: &mut Diagnostics, value: &str| {
            diagnostics.fit(path, name, expand(value, name))
        };
        service.display_name = fitted(diagnostics, &facts.description);
        service.program = fitted(diagnostics, &facts.program);
        service.account = match facts.user.as_str() {
            "" if facts.dynamic_user => stem(name).to_owned(),
            "" => "root".to_owned(),
            user => fitted(diagnostics, user),
        };
        service.running = self.running(&facts, &service).into();
        service
    }

    /// Instances of templates: those that something wants, and those that run and could be wanted.
    fn instances(&self, diagnostics: &mut Diagnostics) -> Vec<Service> {
        let mut instances: BTreeMap<&str, bool> = BTreeMap::new();
        for unit in self.folders.wanted.keys() {
            instances.insert(unit, true);
        }
        for unit in self.processes.iter().flat_map(|all| all.units()) {
            instances.entry(unit).or_insert(false);
        }
        let mut services = Vec::new();
        for (name, wanted) in instances {
            let Some(template) = template_of(name) else {
                continue;
            };
            let template = self.folders.canonical(&template);
            let Some(path) = self.folders.files.get(template) else {
                continue;
            };
            // Those that cannot be enabled are made in passing, such as one for each connection.
            let is_lasting = wanted
                || facts(self.root, self.folders, template, path, diagnostics)
                    .is_some_and(|facts| facts.installable);
            if is_lasting {
                services.push(self.service(name, path, diagnostics));
            }
        }
        services
    }

    fn start(&self, name: &str) -> StartKind {
        if self.folders.masked.contains(name) {
            return StartKind::Disabled;
        }
        let by_alias = || {
            let mut aliases = self.folders.aliases.iter();
            aliases.any(|(alias, _)| {
                self.folders.wanted.get(alias) == Some(&true)
                    && self.folders.canonical(alias) == name
            })
        };
        if self.folders.wanted.get(name) == Some(&true) || by_alias() {
            StartKind::Automatic
        } else {
            StartKind::Manual
        }
    }

    fn running(&self, facts: &Facts, service: &Service) -> State {
        let on_demand =
            service.start() == StartKind::Manual && (facts.kind == Kind::Bus || !facts.installable);
        if facts.kind == Kind::OneShot || on_demand {
            return State::Unspecified;
        }
        let Some(processes) = self.processes else {
            return State::Unknown;
        };
        let is_running = processes.has_unit(&service.name)
            || !self.systemd_runs && processes.has_program(&service.program);
        if is_running { State::On } else { State::Off }
    }
}

const NO_UNIT: &str = "holds no setting of a unit, so what it should say is missing";

/// What a unit's file and its drop-ins say; `None`, with a note, when the file could not be read.
pub(super) fn facts(
    root: &Root,
    folders: &Folders,
    name: &str,
    path: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Facts> {
    let mut facts = Facts::default();
    let text = files::text(root, path, MISSING, diagnostics)?;
    if !facts.apply(&text) {
        diagnostics.note(path, "", NO_UNIT);
    }
    for path in drop_ins(root, folders, name, diagnostics) {
        let text = files::text(root, &path, MISSING, diagnostics);
        if text.is_some_and(|text| !facts.apply(&text)) {
            diagnostics.note(&path, "", NO_UNIT);
        }
    }
    Some(facts)
}

/// Drop-ins of a unit in the order of their names; of several with one name the first folder's counts.
fn drop_ins(
    root: &Root,
    folders: &Folders,
    name: &str,
    diagnostics: &mut Diagnostics,
) -> Vec<String> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    if folders.drop_ins.is_empty() {
        return Vec::new();
    }
    for unit in names_for_drop_ins(name) {
        for folder in folders.drop_ins.get(&unit).into_iter().flatten() {
            for file in diagnostics.list_optional(root, folder, MISSING) {
                if is_kind(&file, "conf") {
                    let path = format!("{folder}/{file}");
                    found.entry(file).or_insert(path);
                }
            }
        }
    }
    // A link to /dev/null hides the file of that name in later folders.
    let is_hidden = |path: &String| {
        root.read_link(path)
            .is_ok_and(|target| target.as_os_str() == "/dev/null")
    };
    found
        .into_values()
        .filter(|path| !is_hidden(path))
        .collect()
}

/// The unit's own name, its template's, and those that count for all units beginning alike.
fn names_for_drop_ins(name: &str) -> Vec<String> {
    let mut names = vec![name.to_owned()];
    names.extend(template_of(name));
    let (stem, kind) = name.rsplit_once('.').unwrap_or((name, "service"));
    for (at, _) in stem.rmatch_indices('-') {
        names.push(format!("{}.{kind}", &stem[..=at]));
    }
    names.push(kind.to_owned());
    names
}

/// The template of an instance: `getty@.service` of `getty@tty1.service`.
fn template_of(name: &str) -> Option<String> {
    let (stem, kind) = name.rsplit_once('.')?;
    let (prefix, instance) = stem.split_once('@')?;
    (kind == "service" && !instance.is_empty()).then(|| format!("{prefix}@.{kind}"))
}

/// A unit's name without its kind.
pub(super) fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}
