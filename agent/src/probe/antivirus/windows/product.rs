//! A product as an item of the section.

use freehold_proto::v1::{
    antivirus::{Product, product::RunningMode},
    toggle::State,
};

use crate::{
    probe::{
        section::Diagnostics,
        windows::{
            Machine, Source,
            center::{Activity, Registered},
            services::{Service, Start},
            state,
        },
    },
    rows::Unread,
};

use super::{Evidence, Scene};

const EXPIRED: &str = "its licence has ended, as it says to Security Center";
const LEFT_BEHIND: &str = "it is registered with Security Center, but nothing of it is installed: a registration left behind";
const OFF: &str = "it is switched off, as it says to Security Center";
const SNOOZED: &str = "it is switched off for a while, as it says to Security Center";
const STRANGE: &str = "it says a state to Security Center that this agent does not know";

/// How a product runs, whether it watches, and what is wrong with it.
struct Verdict {
    mode: RunningMode,
    watches: Option<bool>,
    problem: String,
}

impl Verdict {
    fn active(watches: Option<bool>, problem: &str) -> Self {
        Self {
            mode: RunningMode::Active,
            watches,
            problem: problem.to_owned(),
        }
    }

    fn stopped(problem: impl Into<String>) -> Self {
        Self {
            mode: RunningMode::Stopped,
            watches: Some(false),
            problem: problem.into(),
        }
    }

    fn unknown(problem: &str) -> Self {
        Self {
            mode: RunningMode::Unknown,
            watches: None,
            problem: problem.to_owned(),
        }
    }
}

/// A product of the catalogue.
pub(super) fn of(
    scene: &Scene<'_>,
    evidence: &Evidence<'_>,
    diagnostics: &mut Diagnostics,
) -> Product {
    let entry = evidence.entry;
    let verdict = verdict(scene, evidence);
    let services = entry.services.iter().filter_map(|own| {
        let found = scene.services.as_ref().and_then(|all| all.find(own.name));
        found.map(|service| service.words(scene.machine))
    });
    let services = services.collect();
    let current = evidence.registered.and_then(|it| it.signatures_current);
    let source = diagnostics.fit("Security Center", "", evidence.source.clone());
    Product {
        name: entry.name.into(),
        vendor: entry.vendor.into(),
        version: diagnostics.fit(&source, entry.name, evidence.version.clone()),
        signatures_current: state(current).into(),
        real_time_protection: state(verdict.watches).into(),
        running_mode: verdict.mode.into(),
        tamper_protection: State::Unknown.into(),
        services,
        problem: verdict.problem,
        source,
        ..Product::default()
    }
}

/// A registered product that the catalogue does not know.
pub(super) fn stranger(
    machine: &dyn Machine,
    registered: &Registered,
    diagnostics: &mut Diagnostics,
) -> Product {
    let is_file = registered.path.starts_with('%') || registered.path.get(1..3) == Some(r":\");
    let exists = || machine.list(&Source::Exists(registered.path.clone()));
    let verdict = if is_file && exists() == Err(Unread::Absent) {
        Verdict::stopped(LEFT_BEHIND)
    } else {
        by_registration(registered.activity)
    };
    Product {
        name: diagnostics.fit(&registered.source, "", registered.name.clone()),
        signatures_current: state(registered.signatures_current).into(),
        real_time_protection: state(verdict.watches).into(),
        running_mode: verdict.mode.into(),
        tamper_protection: State::Unknown.into(),
        problem: verdict.problem,
        source: registered.source.clone(),
        ..Product::default()
    }
}

/// What a registration alone tells.
fn by_registration(activity: Option<Activity>) -> Verdict {
    match activity {
        Some(Activity::On) => Verdict::active(Some(true), ""),
        Some(Activity::Off) => Verdict::stopped(OFF),
        Some(Activity::Snoozed) => Verdict::active(Some(false), SNOOZED),
        Some(Activity::Expired) => Verdict::stopped(EXPIRED),
        None => Verdict::unknown(STRANGE),
    }
}

fn verdict(scene: &Scene<'_>, evidence: &Evidence<'_>) -> Verdict {
    let Some(registered) = evidence.registered else {
        return by_traces(scene, evidence);
    };
    let everything_read =
        scene.services.is_some() && scene.processes.is_some() && scene.programs.complete;
    if !evidence.installed && everything_read {
        return Verdict::stopped(LEFT_BEHIND);
    }
    let stopped = stopped_service(scene, evidence);
    match (registered.activity, &stopped) {
        (Some(Activity::On), Some(service)) => Verdict::stopped(format!(
            "it says to Security Center that it is on, but {}",
            does_not_run(scene.machine, service)
        )),
        (Some(Activity::Off | Activity::Snoozed), Some(service)) => {
            Verdict::stopped(does_not_run(scene.machine, service))
        }
        (Some(Activity::Off), None) if runs(scene, evidence) == Some(true) => {
            Verdict::active(Some(false), OFF)
        }
        (Some(Activity::Expired), None) if runs(scene, evidence) == Some(true) => {
            Verdict::active(Some(false), EXPIRED)
        }
        (activity, _) => by_registration(activity),
    }
}

/// A product that is not registered: whether it watches is not known while it runs.
fn by_traces(scene: &Scene<'_>, evidence: &Evidence<'_>) -> Verdict {
    let entry = evidence.entry;
    match runs(scene, evidence) {
        Some(true) => Verdict::active(None, ""),
        Some(false) if entry.works_without_service => Verdict {
            mode: RunningMode::OnDemand,
            watches: Some(false),
            problem: String::new(),
        },
        Some(false) => match stopped_service(scene, evidence) {
            Some(service) => Verdict::stopped(does_not_run(scene.machine, service)),
            None => Verdict::stopped("it is installed, but none of its services is there"),
        },
        None => Verdict::unknown(""),
    }
}

/// Whether what protects runs; `None` when that cannot be seen.
fn runs(scene: &Scene<'_>, evidence: &Evidence<'_>) -> Option<bool> {
    let entry = evidence.entry;
    let services = scene.services.as_ref();
    let mut protecting = entry.services.iter().filter(|service| service.protects);
    let by_service = protecting
        .any(|service| services.is_some_and(|services| services.any_runs(&[service.name])));
    let by_process = entry.processes.iter().any(|name| scene.has_process(name));
    if by_service || by_process {
        return Some(true);
    }
    (services.is_some() && scene.processes.is_some()).then_some(false)
}

/// The first of the services that protect, when they are there and none of them runs.
fn stopped_service<'a>(scene: &'a Scene<'_>, evidence: &Evidence<'_>) -> Option<&'a Service> {
    if runs(scene, evidence) != Some(false) {
        return None;
    }
    let services = scene.services.as_ref()?;
    let mut protecting = evidence.entry.services.iter().filter(|it| it.protects);
    protecting.find_map(|service| services.find(service.name))
}

fn does_not_run(machine: &dyn Machine, service: &Service) -> String {
    let start = match service.setup(machine).unwrap_or_default().start {
        Start::Automatic => ", although it starts with the machine",
        Start::Disabled => " and is disabled",
        Start::Manual | Start::Unknown => "",
    };
    format!("its service {} does not run{start}", service.name)
}
