//! Windows Update: whether it installs by itself, and when it last did.

use std::time::SystemTime;

use freehold_proto::v1::{protection::Updates, toggle::State};

use crate::{
    parse::when,
    probe::{
        section::{self, Diagnostics},
        windows::{Edition, Source, edition, optional_key, services::Start, unread},
    },
    rows::{Row, Unread},
};

use super::Scene;

const SERVICE: &str = "wuauserv";
const POLICY: &str = r"HKLM\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate";
const AUTOMATIC_POLICY: &str = r"HKLM\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU";
const AUTOMATIC: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update";
const PAUSE: &str = r"HKLM\SOFTWARE\Microsoft\WindowsUpdate\UX\Settings";
const PRODUCT: &str = "Windows Update";
const WSUS: &str = "Windows Update from a server of its own (WSUS)";
const MISSING: &str = "whether updates are installed by themselves is";
const DAY: i64 = 24 * 60 * 60;

/// Updates that come every day or tell nothing of the system: Defender's signatures and platform, the tool
/// that removes malware. Their numbers are the same in every language.
const NOT_OF_THE_SYSTEM: [&str; 3] = ["KB2267602", "KB4052623", "KB890830"];

/// What is known about updates.
pub(super) fn read(scene: &Scene<'_>, diagnostics: &mut Diagnostics) -> Updates {
    let verdict = Verdict::read(scene, diagnostics);
    Updates {
        automatic: verdict.automatic.into(),
        last_success_at: last_success(scene, diagnostics).map(section::seconds),
        pending_security: None,
        source: AUTOMATIC_POLICY.into(),
        product: verdict.product.into(),
        last_check_at: last_check(scene, diagnostics).map(section::seconds),
        problem: verdict.problem,
    }
}

/// Whether updates are installed without anyone asking, by what, and why not.
struct Verdict {
    automatic: State,
    product: &'static str,
    problem: String,
}

impl Verdict {
    fn read(scene: &Scene<'_>, diagnostics: &mut Diagnostics) -> Self {
        let mut key = |path| optional_key(scene.machine, path, MISSING, diagnostics);
        let keys = (
            key(POLICY),
            key(AUTOMATIC_POLICY),
            key(AUTOMATIC),
            key(PAUSE),
        );
        let (Some(policy), Some(rules), Some(own), Some(pause)) = keys else {
            return Self::unknown("");
        };
        let own_server =
            rules.number("UseWUServer") == Some(1) && !policy.text("WUServer").is_empty();
        let product = if own_server { WSUS } else { PRODUCT };
        if let Some(problem) = kept_off(scene, &rules) {
            return Self::off("", problem);
        }
        match installs(scene, &rules, &own) {
            Some(false) => Self::off("", "somebody has to ask for their installation (AUOptions)"),
            None => {
                let reason =
                    format_args!("says nothing that is known of AUOptions, so {MISSING} missing");
                diagnostics.note(AUTOMATIC_POLICY, "", reason);
                Self::unknown(product)
            }
            Some(true) => match paused(&pause) {
                Some(until) => Self::off(product, format!("they are paused until {until}")),
                None => Self {
                    automatic: State::On,
                    product,
                    problem: String::new(),
                },
            },
        }
    }

    fn off(product: &'static str, problem: impl Into<String>) -> Self {
        Self {
            automatic: State::Off,
            product,
            problem: problem.into(),
        }
    }

    fn unknown(product: &'static str) -> Self {
        Self {
            automatic: State::Unknown,
            product,
            problem: String::new(),
        }
    }
}

/// What is chosen; where nothing is, workplaces install and servers differ by their version.
fn installs(scene: &Scene<'_>, rules: &Row, own: &Row) -> Option<bool> {
    let chosen = rules
        .number("AUOptions")
        .or_else(|| own.number::<u32>("AUOptions"));
    match (chosen, edition(scene.machine)) {
        // Install at a set time; let the computer's administrator choose the time.
        (Some(4 | 5), _) => Some(true),
        (None, Some(Edition::Client)) => {
            // Of what is not there, such as under Wine, nothing can be said.
            let history = scene.machine.list(&Source::UpdateHistory);
            (history != Err(Unread::Absent)).then_some(true)
        }
        (Some(1..=3 | 7), _) => Some(false),
        _ => None,
    }
}

/// Why nothing is installed at all.
fn kept_off(scene: &Scene<'_>, rules: &Row) -> Option<String> {
    if rules.number("NoAutoUpdate") == Some(1) {
        return Some("a policy switches automatic updates off (NoAutoUpdate)".into());
    }
    let services = scene.services.as_ref()?;
    let Some(service) = services.find(SERVICE) else {
        return Some(format!("the service {SERVICE} does not exist"));
    };
    let start = service.setup(scene.machine).ok()?.start;
    (start == Start::Disabled).then(|| format!("the service {SERVICE} is disabled"))
}

/// The day until which somebody paused updates, if that is to come.
fn paused(pause: &Row) -> Option<String> {
    let until = pause.text("PauseUpdatesExpiryTime");
    let now = section::timestamp(SystemTime::now()).seconds;
    let end = when::seconds(until)?;
    (end > now).then(|| until.chars().take(10).collect())
}

/// When Windows Update last installed something of the system.
fn last_success(scene: &Scene<'_>, diagnostics: &mut Diagnostics) -> Option<i64> {
    const INSTALLATION: u32 = 1;
    const SUCCEEDED: [u32; 2] = [2, 3];
    let rows = scene
        .machine
        .list(&Source::UpdateHistory)
        .inspect_err(|why| {
            let missing = "when updates were last installed is";
            unread(Source::UpdateHistory, why, missing, diagnostics);
        })
        .ok()?;
    let installed = rows.iter().filter(|row| {
        let title = row.text("Title");
        let result = row.number("Result");
        row.number("Operation") == Some(INSTALLATION)
            && result.is_some_and(|result: u32| SUCCEEDED.contains(&result))
            && !NOT_OF_THE_SYSTEM
                .iter()
                .any(|number| title.contains(number))
    });
    installed.filter_map(|row| row.number("At")).max()
}

/// The day on which it last asked what there is: it asks several times a day.
fn last_check(scene: &Scene<'_>, diagnostics: &mut Diagnostics) -> Option<i64> {
    let rows = scene
        .machine
        .list(&Source::UpdateResults)
        .inspect_err(|why| {
            let missing = "when updates were last looked for is";
            unread(Source::UpdateResults, why, missing, diagnostics);
        })
        .ok()?;
    let at: i64 = rows.first()?.number("SearchedAt")?;
    Some(at / DAY * DAY)
}
