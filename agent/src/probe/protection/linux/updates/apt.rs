//! Debian and its relatives: apt's periodic jobs and unattended-upgrades.

use freehold_proto::v1::{protection::Updates, toggle::State};

use crate::parse::apt_conf::Settings;
use crate::probe::{root::is_absent, section::Diagnostics, units::Start};

use super::{APT_TIMER, MISSING, Scene, security, written};

pub(super) const DPKG: &str = "/var/lib/dpkg/status";
const PARTS: &str = "/etc/apt/apt.conf.d";
const MAIN: &str = "/etc/apt/apt.conf";
const PROGRAM: &str = "/usr/bin/unattended-upgrade";
const STAMPS: &str = "/var/lib/apt/periodic";
/// Its time is that of the last check, where no stamp is left.
const CHECKED: &str = "/var/lib/apt/lists/partial";

/// What is known where packages are dpkg's; `None` elsewhere.
pub(super) fn read(scene: &Scene<'_>, diagnostics: &mut Diagnostics) -> Option<Updates> {
    let root = scene.root;
    if !root.exists(DPKG).unwrap_or(false) || !root.exists("/etc/apt").unwrap_or(true) {
        return None;
    }
    let stamp = |name: &str| written(root, &format!("{STAMPS}/{name}"));
    let settings = settings(scene, diagnostics);
    let (automatic, problem) = match &settings {
        Some(settings) => automatic(scene, settings),
        None => (State::Unknown, String::new()),
    };
    let configured = automatic == State::On || !problem.is_empty();
    Some(Updates {
        automatic: automatic.into(),
        // The program leaves the first stamp when all went well, the daily job the second.
        last_success_at: stamp("unattended-upgrades-stamp").or_else(|| stamp("upgrade-stamp")),
        pending_security: security::pending(root, diagnostics),
        source: PARTS.into(),
        product: if configured {
            "unattended-upgrades"
        } else {
            ""
        }
        .into(),
        last_check_at: stamp("update-success-stamp")
            .or_else(|| stamp("update-stamp"))
            .or_else(|| written(root, CHECKED)),
        problem,
    })
}

/// All settings, in the order in which apt reads them. `None` when some could not be read.
fn settings(scene: &Scene<'_>, diagnostics: &mut Diagnostics) -> Option<Settings> {
    let names = match scene.root.list(PARTS) {
        Ok(names) => names,
        Err(error) if is_absent(&error) => Vec::new(),
        Err(error) => {
            diagnostics.unreadable(PARTS, &error, MISSING);
            return None;
        }
    };
    let names = names.into_iter().filter_map(|name| name.into_string().ok());
    let paths = names
        .filter(|name| is_read(name))
        .map(|name| format!("{PARTS}/{name}"));
    let mut settings = Settings::default();
    let mut whole = true;
    for path in paths.chain([MAIN.to_owned()]) {
        match scene.root.read_at_most(&path, 1 << 20) {
            Ok(bytes) => {
                for problem in settings.read(&String::from_utf8_lossy(&bytes)) {
                    diagnostics.remark(&path, problem.position(), problem.reason);
                }
            }
            Err(error) if is_absent(&error) => {}
            Err(error) => {
                diagnostics.unreadable(&path, &error, MISSING);
                whole = false;
            }
        }
    }
    whole.then_some(settings)
}

/// apt reads files of the folder whose names end in ".conf" or have no ending.
fn is_read(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    name.chars().all(plain) && !name.starts_with('.') && matches!(ending, None | Some("conf"))
}

/// Whether updates are installed by themselves, and why not although that is configured.
fn automatic(scene: &Scene<'_>, settings: &Settings) -> (State, String) {
    let wanted = settings.value("apt::periodic::unattended-upgrade");
    let periodic = settings.is_true("apt::periodic::enable", true);
    if !periodic || !wanted.is_some_and(is_on) {
        return (State::Off, String::new());
    }
    let reason = match obstacle(scene, settings) {
        Ok(None) => return (State::On, String::new()),
        Ok(Some(reason)) => reason,
        Err(reason) => return (State::Unknown, reason),
    };
    (State::Off, reason)
}

/// Whether an interval is not "never": "1", "always", "12h", "1d".
fn is_on(interval: &str) -> bool {
    let number = interval.trim_end_matches(['s', 'm', 'h', 'd']);
    interval == "always" || number.parse::<u64>().is_ok_and(|number| number > 0)
}

/// What keeps configured updates from happening; an error when that is not known.
fn obstacle(scene: &Scene<'_>, settings: &Settings) -> Result<Option<String>, String> {
    if !scene.root.exists(PROGRAM).unwrap_or(true) {
        return Ok(Some(
            "the program unattended-upgrade is not installed".into(),
        ));
    }
    let origins = ["origins-pattern", "allowed-origins"];
    let any = origins.iter().any(|list| {
        let key = format!("unattended-upgrade::{list}");
        !settings.list(&key).is_empty()
    });
    if !any {
        return Ok(Some("no source is allowed for unattended-upgrades".into()));
    }
    starter(scene)
}

/// What starts the daily job: a timer of systemd, else cron.
fn starter(scene: &Scene<'_>) -> Result<Option<String>, String> {
    let with_systemd = scene.root.exists("/run/systemd/system").unwrap_or(false);
    if with_systemd || !scene.root.is_live() {
        return Ok(match scene.units.start(APT_TIMER) {
            Start::Enabled => None,
            Start::Masked => Some(format!("the timer {APT_TIMER} is masked")),
            Start::Disabled => Some(format!("the timer {APT_TIMER} is not enabled")),
        });
    }
    let job = scene
        .root
        .exists("/etc/cron.daily/apt-compat")
        .unwrap_or(true);
    match scene
        .processes
        .as_ref()
        .map(|processes| processes.has("cron"))
    {
        Some(true) if job => Ok(None),
        Some(_) => Ok(Some(
            "nothing starts the daily job: no systemd and no cron runs".into(),
        )),
        None => Err("whether cron runs cannot be seen".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_apt_reads_count() {
        for name in ["20auto-upgrades", "50unattended-upgrades.conf"] {
            assert!(is_read(name), "{name}");
        }
        for name in [
            "20auto-upgrades.ucf-dist",
            "a.dpkg-old",
            "a~",
            ".hidden",
            "a b",
        ] {
            assert!(!is_read(name), "{name}");
        }
    }

    #[test]
    fn intervals_are_on_unless_they_are_never() {
        assert!(is_on("1") && is_on("always") && is_on("12h") && is_on("7d"));
        assert!(!is_on("0") && !is_on("") && !is_on("0d") && !is_on("no"));
    }
}
