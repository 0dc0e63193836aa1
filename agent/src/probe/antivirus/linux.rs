//! Products by their packages, files, services and processes, and by what they tell about themselves. A
//! product that is installed but sick is listed as exactly that.

mod ages;
mod answers;
mod catalogue;
mod clamav;
mod memory;
mod running;
#[cfg(test)]
mod tests;
mod told;
mod watched;

use freehold_proto::v1::{
    Antivirus,
    antivirus::{Product, product::RunningMode},
    readings::SignatureAge,
    toggle::State,
};

use crate::order;
use crate::probe::{
    Root, deadline,
    processes::Processes,
    section::Diagnostics,
    software,
    units::{self, Units},
};

use answers::Signs;
use catalogue::{CATALOGUE, Entry, Service};
use running::Running;
pub(crate) use watched::{files, processes};

const MISSING_START: &str = "whether services start with the machine is";
const MISSING_STATE: &str = "whether products run is";

/// Collects the section.
pub(crate) fn collect(root: &Root) -> Antivirus {
    if root.is_live() && !deadline::is_hurried() {
        memory::collect(root, look)
    } else {
        look(root)
    }
}

fn look(root: &Root) -> Antivirus {
    let mut diagnostics = Diagnostics::new();
    let any_source = any_source(root, &mut diagnostics);
    let scene = Scene::read(root, &mut diagnostics);
    let mut products: Vec<_> = CATALOGUE
        .iter()
        .filter_map(|entry| scene.product(entry, &mut diagnostics))
        .collect();
    order::sort_by(&mut products, |a, b| a.name.cmp(&b.name));
    if root.is_live() {
        ages::keep(&products);
    }
    Antivirus {
        status: diagnostics.status(any_source).into(),
        diagnostics: diagnostics.finish(),
        products,
    }
}

/// Whether there is anything at all in which products could show. Where no package database is known, it is not
/// known either what is not there.
fn any_source(root: &Root, diagnostics: &mut Diagnostics) -> bool {
    if software::has_database(root) {
        return true;
    }
    let reason = "no package database that this agent knows was found, so products that only their packages show are missing";
    diagnostics.note("package databases", "", reason);
    let system = ["/etc", "/usr", "/opt"];
    system.iter().any(|path| root.exists(path).unwrap_or(true))
}

/// Ages of signatures, for the readings.
pub(crate) fn signature_ages(root: &Root) -> Vec<SignatureAge> {
    ages::of(root)
}

/// What all products are looked for in.
struct Scene<'a> {
    root: &'a Root,
    units: Units,
    /// Absent when the processes of others cannot be seen.
    processes: Option<Running>,
    packages: Vec<software::Installed>,
}

/// A product that was found.
struct Found<'a> {
    entry: &'static Entry,
    package: Option<&'a software::Installed>,
    source: String,
}

impl<'a> Scene<'a> {
    fn read(root: &'a Root, diagnostics: &mut Diagnostics) -> Self {
        let names: Vec<_> = CATALOGUE
            .iter()
            .flat_map(|entry| entry.packages)
            .copied()
            .collect();
        let services = CATALOGUE.iter().flat_map(|entry| entry.services);
        let units = services.map(|service| service.unit);
        Self {
            root,
            units: Units::read(root, units, diagnostics, MISSING_START),
            processes: root
                .is_live()
                .then(|| Processes::read(root, diagnostics, MISSING_STATE))
                .flatten()
                .map(|processes| Running::of(root, &processes, diagnostics)),
            packages: software::versions(root, &names, false, diagnostics),
        }
    }

    fn product(&self, entry: &'static Entry, diagnostics: &mut Diagnostics) -> Option<Product> {
        let own = self
            .packages
            .iter()
            .find(|package| entry.packages.contains(&package.name.as_str()));
        let source = self.evidence(entry, own, diagnostics)?;
        let mut asked = Vec::new();
        if own.is_none() {
            asked = software::versions(self.root, entry.packages, true, diagnostics);
        }
        let found = Found {
            entry,
            package: own.or(asked.first()),
            source,
        };
        let mut product = self.describe(&found);
        if entry.name == clamav::NAME {
            clamav::complete(self, entry, &mut product, diagnostics);
        }
        self.ask(entry, &mut product, diagnostics);
        Some(product)
    }

    /// Has the product tell about itself.
    fn ask(&self, entry: &'static Entry, product: &mut Product, diagnostics: &mut Diagnostics) {
        if entry.questions.is_empty() {
            return;
        }
        let stopped = product.running_mode() == RunningMode::Stopped;
        let processes = self.processes.as_ref();
        let processes = processes.map(|processes| processes.ids(entry));
        let signs = Signs::read(self.root, entry, processes.unwrap_or_default());
        let answer = answers::of(self.root, entry, signs, stopped, diagnostics);
        let mut problems = Vec::new();
        if !product.problem.is_empty() {
            problems.push(std::mem::take(&mut product.problem));
        }
        problems.extend(told::take_over(&answer, product, diagnostics));
        let ends = product.licence_expires_at.as_ref();
        if self.root.is_live() && ends.is_some_and(|ends| told::has_ended(ends.seconds)) {
            problems.push("its licence has ended".to_owned());
        }
        product.problem = diagnostics.fit(entry.name, "", problems.join("; "));
    }

    /// What shows that a product is there.
    fn evidence(
        &self,
        entry: &Entry,
        package: Option<&software::Installed>,
        diagnostics: &mut Diagnostics,
    ) -> Option<String> {
        if let Some(package) = package {
            return Some(format!("package {}", package.name));
        }
        for path in entry.files {
            match self.root.exists(path) {
                Ok(true) => return Some((*path).to_owned()),
                Ok(false) => {}
                Err(error) => {
                    let missing = format!("whether {} is installed is", entry.name);
                    diagnostics.unreadable(path, &error, missing);
                }
            }
        }
        if let Some(unit) = entry
            .services
            .iter()
            .find_map(|service| self.units.file(service.unit))
        {
            return Some(unit.to_owned());
        }
        let processes = self.processes.as_ref()?;
        let process = entry
            .processes
            .iter()
            .find(|process| processes.has(entry, process))?;
        Some(format!("process {process}"))
    }

    fn describe(&self, found: &Found<'_>) -> Product {
        let entry = found.entry;
        let protects: Vec<_> = entry
            .services
            .iter()
            .filter(|service| service.protects)
            .collect();
        let there: Vec<_> = protects
            .iter()
            .filter(|service| self.is_there(entry, service))
            .collect();
        let mode = self.mode(entry, &there);
        let mut problems = Vec::new();
        if found.package.is_some_and(|package| package.broken) {
            problems.push("its package is only half installed".to_owned());
        }
        if mode == RunningMode::Stopped {
            problems.push(self.stopped(&there));
        }
        let real_time = match mode {
            RunningMode::Stopped | RunningMode::OnDemand => State::Off,
            _ => State::Unknown,
        };
        Product {
            name: entry.name.into(),
            vendor: entry.vendor.into(),
            version: found
                .package
                .map(|package| package.version.clone())
                .unwrap_or_default(),
            signatures_current: State::Unknown.into(),
            real_time_protection: real_time.into(),
            running_mode: mode.into(),
            tamper_protection: State::Unknown.into(),
            services: self.services(entry),
            problem: problems.join("; "),
            source: found.source.clone(),
            ..Product::default()
        }
    }

    /// Whether a service is installed or its process runs.
    fn is_there(&self, entry: &Entry, service: &Service) -> bool {
        self.units.file(service.unit).is_some() || self.runs(entry, service) == Some(true)
    }

    /// Whether a service runs; `None` when that cannot be seen.
    fn runs(&self, entry: &Entry, service: &Service) -> Option<bool> {
        let processes = self.processes.as_ref()?;
        let named = processes.has(entry, service.process);
        Some(named || Units::has_processes(self.root, service.unit))
    }

    fn mode(&self, entry: &Entry, there: &[&&Service]) -> RunningMode {
        if there.is_empty() && entry.works_without_service {
            return RunningMode::OnDemand;
        }
        let Some(processes) = &self.processes else {
            return RunningMode::Unknown;
        };
        let any = there
            .iter()
            .any(|service| self.runs(entry, service) == Some(true))
            || entry
                .processes
                .iter()
                .any(|process| processes.has(entry, process));
        if any {
            RunningMode::Active
        } else {
            RunningMode::Stopped
        }
    }

    fn stopped(&self, there: &[&&Service]) -> String {
        let Some(service) = there.first() else {
            return "installed, but none of its processes runs".into();
        };
        let start = match self.units.start(service.unit) {
            units::Start::Enabled => "although it is enabled",
            units::Start::Masked => "and it is masked",
            units::Start::Disabled => "and it is not enabled",
        };
        format!("the service {} does not run, {start}", service.unit)
    }

    /// The services that are installed, each with its state, and processes that run without one.
    fn services(&self, entry: &Entry) -> Vec<String> {
        let mut covered = Vec::new();
        let mut texts = Vec::new();
        for service in entry.services {
            if self.units.file(service.unit).is_some() {
                covered.push(service.process);
                let running = match self.runs(entry, service) {
                    Some(true) => "running",
                    Some(false) => "stopped",
                    None => "not known",
                };
                let start = self.units.start(service.unit).word();
                texts.push(format!("{}: {running}, {start}", service.unit));
            }
        }
        let Some(processes) = &self.processes else {
            return texts;
        };
        for service in entry.services {
            if !covered.contains(&service.process) && processes.has(entry, service.process) {
                covered.push(service.process);
                texts.push(format!("process {}: running", service.process));
            }
        }
        texts
    }
}
