//! Products by what is registered with Security Center, by services, programs and processes, and Defender by
//! its own status. A product that is registered or installed but sick is listed as exactly that.

mod catalogue;
mod defender;
mod memory;
mod product;
#[cfg(test)]
mod tests;

use freehold_proto::v1::{
    Antivirus,
    antivirus::{Product, product::RunningMode},
};

use crate::{
    probe::{
        section::Diagnostics,
        windows::{
            Machine, Provider, Source,
            center::{self, Activity, Registered},
            installed::Programs,
            matches_any,
            services::Services,
            unread,
        },
    },
    rows::Unread,
};

#[cfg(windows)]
pub(crate) use super::unsupported::{files, processes};
use catalogue::{CATALOGUE, DEFENDER, Entry, SENSE};
#[cfg(windows)]
pub(crate) use memory::signature_ages;

#[cfg(windows)]
use crate::probe::{Root, windows::live::Live};

/// Most registered products; no machine has more.
const REGISTERED: usize = 100;

/// Collects the section.
#[cfg(windows)]
pub(crate) fn collect(root: &Root) -> Antivirus {
    if !root.is_live() {
        return super::unsupported::collect(root);
    }
    let section = read(&Live);
    memory::keep(&section.products);
    section
}

/// Whether a service of this name is one without which a product does not protect.
pub(crate) fn protects(service: &str) -> bool {
    let services = CATALOGUE.iter().flat_map(|entry| entry.services);
    services
        .filter(|own| own.protects)
        .any(|own| matches_any(service, &[own.name]))
}

/// Reads the section.
pub(in crate::probe) fn read(machine: &dyn Machine) -> Antivirus {
    let mut diagnostics = Diagnostics::new();
    let scene = Scene::read(machine, &mut diagnostics);
    let mut products: Vec<_> = CATALOGUE
        .iter()
        .filter_map(|entry| scene.product(entry, &mut diagnostics))
        .collect();
    products.extend(scene.strangers(&mut diagnostics));
    products.sort_by(|a, b| (&a.name, &a.source).cmp(&(&b.name, &b.source)));
    Antivirus {
        status: diagnostics.status(scene.any_source_read()).into(),
        diagnostics: diagnostics.finish(),
        products,
    }
}

/// What all products are looked for in.
struct Scene<'a> {
    machine: &'a dyn Machine,
    /// Absent when they could not be listed.
    services: Option<Services>,
    /// Names of processes; absent when they could not be listed.
    processes: Option<Vec<String>>,
    programs: Programs,
    /// Absent when there is no Security Center, or when it could not be asked.
    registered: Option<Vec<Registered>>,
}

/// What shows that a product is there.
struct Evidence<'a> {
    entry: &'static Entry,
    registered: Option<&'a Registered>,
    version: String,
    source: String,
    /// Something of it besides a registration is there.
    installed: bool,
}

impl<'a> Scene<'a> {
    fn read(machine: &'a dyn Machine, diagnostics: &mut Diagnostics) -> Self {
        let missing = "what products say of themselves is";
        let mut registered = center::products(machine, Provider::Antivirus, missing, diagnostics);
        if let Some(registered) = &mut registered {
            let what = "registered products";
            diagnostics.limit("Security Center", what, registered, REGISTERED);
        }
        let services = Services::read(machine)
            .inspect_err(|why| {
                let missing = "whether products are installed and run is";
                unread(Source::Services, why, missing, diagnostics);
            })
            .ok();
        let processes = machine
            .list(&Source::Processes)
            .inspect_err(|why| {
                let missing = "which products run without a service is";
                unread(Source::Processes, why, missing, diagnostics);
            })
            .ok();
        Self {
            machine,
            services,
            processes: processes.map(|rows| {
                let names = rows.iter().map(|row| row.text("Name").to_owned());
                names.collect()
            }),
            programs: Programs::read(machine, "some products are", diagnostics),
            registered,
        }
    }

    fn any_source_read(&self) -> bool {
        self.services.is_some() || self.registered.is_some() || self.processes.is_some()
    }

    fn product(&self, entry: &'static Entry, diagnostics: &mut Diagnostics) -> Option<Product> {
        let evidence = self.evidence(entry);
        if entry.name == DEFENDER {
            return self.defender(evidence, diagnostics);
        }
        Some(product::of(self, &evidence?, diagnostics))
    }

    /// Defender, by its own status; where that is missing, as any other product.
    fn defender(
        &self,
        evidence: Option<Evidence<'_>>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Product> {
        let status = defender::status(self.machine);
        let entry = || CATALOGUE.iter().find(|entry| entry.name == DEFENDER);
        let evidence = match (evidence, &status) {
            (Some(evidence), _) => evidence,
            // Servers can do without it.
            (None, Err(Unread::Absent)) => return None,
            (None, _) => Evidence {
                entry: entry()?,
                registered: None,
                version: String::new(),
                source: defender::STATUS.to_string(),
                installed: true,
            },
        };
        let mut product = product::of(self, &evidence, diagnostics);
        match status {
            Ok(status) => {
                defender::take_over(&status, &mut product, diagnostics);
                product.problem = match product.running_mode() {
                    RunningMode::Stopped => {
                        let why = self.why_defender_is_off();
                        diagnostics.fit("Security Center", DEFENDER, why)
                    }
                    _ => String::new(),
                };
            }
            Err(why) => {
                let missing = "what Defender says of itself is";
                unread(defender::STATUS, &why, missing, diagnostics);
            }
        }
        let services = self.services.as_ref();
        if services.is_some_and(|services| services.any_runs(&[SENSE])) {
            product.managed_by = "Microsoft Defender for Endpoint".into();
        }
        Some(product)
    }

    /// Windows switches Defender off where another product registers itself as on.
    fn why_defender_is_off(&self) -> String {
        let mut others = self.registered.iter().flatten();
        let other = others.find(|it| {
            let is_defender = entry_of(&it.name).is_some_and(|entry| entry.name == DEFENDER);
            !is_defender && it.activity == Some(Activity::On)
        });
        match other {
            Some(other) => format!("it makes room for {}, which is on", other.name),
            None => "it does not run, and no other product is registered as on".into(),
        }
    }

    /// What shows that a product is there; `None` when nothing does.
    fn evidence(&self, entry: &'static Entry) -> Option<Evidence<'_>> {
        let registered = self.registration(entry);
        let program = self.programs.find(entry.programs);
        let service = entry.services.iter().find_map(|service| {
            let found = self.services.as_ref()?.find(service.name)?;
            Some(format!("service {}", found.name))
        });
        let process = || {
            let process = entry.processes.iter().find(|name| self.has_process(name))?;
            Some(format!("process {process}"))
        };
        let program_source = || program.map(|program| format!("program {}", program.name));
        let trace = service.or_else(program_source).or_else(process);
        let source = match (registered, &trace) {
            (Some(registered), _) => registered.source.clone(),
            (None, Some(trace)) => trace.clone(),
            (None, None) => return None,
        };
        Some(Evidence {
            entry,
            registered,
            version: program.map(|it| it.version.clone()).unwrap_or_default(),
            source,
            installed: trace.is_some(),
        })
    }

    /// How a product is registered; where there are leftovers of it besides, the one that is on.
    fn registration(&self, entry: &Entry) -> Option<&Registered> {
        let all = self.registered.iter().flatten();
        let own = all.filter(|it| entry_of(&it.name).is_some_and(|own| own.name == entry.name));
        own.min_by_key(|it| it.activity != Some(Activity::On))
    }

    fn has_process(&self, name: &str) -> bool {
        let mut processes = self.processes.iter().flatten();
        processes.any(|process| process.eq_ignore_ascii_case(name))
    }

    /// Registered products that the catalogue does not know.
    fn strangers(&self, diagnostics: &mut Diagnostics) -> Vec<Product> {
        let all = self.registered.iter().flatten();
        let strangers = all.filter(|it| entry_of(&it.name).is_none());
        strangers
            .map(|registered| product::stranger(self.machine, registered, diagnostics))
            .collect()
    }
}

/// The product that registers under a name: the one that says most of the name.
fn entry_of(name: &str) -> Option<&'static Entry> {
    let fitting = CATALOGUE.iter().filter_map(|entry| {
        let patterns = entry.registered.iter();
        let fitting = patterns.filter(|pattern| matches_any(name, &[pattern]));
        let longest = fitting.map(|pattern| pattern.len()).max()?;
        Some((longest, entry))
    });
    let (_, entry) = fitting.max_by_key(|(length, _)| *length)?;
    Some(entry)
}
