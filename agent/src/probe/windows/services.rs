//! Services as the service manager lists them.

use super::{Machine, Source, base, matches_any};
use crate::rows::{Answer, Row, Unread};

/// `SERVICE_RUNNING` and the states on the way to it or from a pause: its program runs.
const RUNS: std::ops::RangeInclusive<u32> = 2..=7;
const STOP_PENDING: u32 = 3;

/// The service manager's services.
#[derive(Clone, Debug, Default)]
pub(crate) struct Services(Vec<Service>);

/// A service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Service {
    pub(crate) name: String,
    pub(crate) display_name: String,
    /// Whether it runs.
    pub(crate) runs: bool,
    /// Number of its process; 0 when it does not run.
    pub(crate) process: u32,
    /// Its type, as flags.
    pub(crate) kind: u32,
}

/// How a service is set up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Setup {
    pub(crate) start: Start,
    /// Account it runs as.
    pub(crate) account: String,
    /// Its program, without arguments.
    pub(crate) program: String,
    /// The system starts and stops it on events.
    pub(crate) triggered: bool,
}

/// When a service starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Start {
    /// Not known.
    #[default]
    Unknown,
    /// With the machine.
    Automatic,
    /// On demand.
    Manual,
    /// Never.
    Disabled,
}

impl Start {
    fn of(number: Option<u32>) -> Self {
        match number {
            Some(0..=2) => Self::Automatic,
            Some(3) => Self::Manual,
            Some(4) => Self::Disabled,
            _ => Self::Unknown,
        }
    }

    /// Whether it starts with the machine, in a word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Unknown => "start not known",
            Self::Automatic => "automatic",
            Self::Manual => "manual",
            Self::Disabled => "disabled",
        }
    }
}

impl Services {
    /// Asks the service manager.
    pub(crate) fn read(machine: &dyn Machine) -> Answer<Self> {
        let rows = machine.list(&Source::Services)?;
        let services = rows.iter().filter_map(service).collect();
        Ok(Self(services))
    }

    /// All of them, in the order of the service manager.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Service> {
        self.0.iter()
    }

    /// Services with one of these names; one that ends in "*" stands for a beginning.
    pub(crate) fn named<'a>(&'a self, patterns: &'a [&str]) -> impl Iterator<Item = &'a Service> {
        self.iter()
            .filter(move |service| matches_any(&service.name, patterns))
    }

    /// A service by its name; one that ends in "*" stands for a beginning.
    pub(crate) fn find(&self, pattern: &str) -> Option<&Service> {
        self.iter()
            .find(|service| matches_any(&service.name, &[pattern]))
    }

    /// Whether one of these runs.
    pub(crate) fn any_runs(&self, patterns: &[&str]) -> bool {
        self.named(patterns).any(|service| service.runs)
    }
}

impl Service {
    /// How it is set up.
    pub(crate) fn setup(&self, machine: &dyn Machine) -> Answer<Setup> {
        let rows = machine.list(&Source::Service(self.name.clone()))?;
        rows.first().map(setup).ok_or(Unread::Absent)
    }

    /// "NAME: running, automatic".
    pub(crate) fn words(&self, machine: &dyn Machine) -> String {
        let start = self.setup(machine).unwrap_or_default().start;
        let runs = if self.runs { "running" } else { "stopped" };
        format!("{}: {runs}, {}", self.name, start.word())
    }
}

fn service(row: &Row) -> Option<Service> {
    let name = row.text("Name");
    let state: u32 = row.number("State")?;
    let runs = RUNS.contains(&state) && state != STOP_PENDING;
    (!name.is_empty()).then(|| Service {
        name: name.to_owned(),
        display_name: row.text("DisplayName").to_owned(),
        runs,
        process: row.number("ProcessId").unwrap_or_default(),
        kind: row.number("Type").unwrap_or_default(),
    })
}

fn setup(row: &Row) -> Setup {
    Setup {
        start: Start::of(row.number("Start")),
        account: row.text("Account").to_owned(),
        program: program(row.text("Program")).to_owned(),
        triggered: row.flag("Triggered").unwrap_or_default(),
    }
}

/// The program of a command line, without its arguments. Without quotes it ends after the first ".exe" that
/// a word ends with, as names of folders may hold blanks.
pub(crate) fn program(command: &str) -> &str {
    let command = command.trim();
    if let Some(quoted) = command.strip_prefix('"') {
        return quoted.split('"').next().unwrap_or(quoted);
    }
    let lower = command.to_ascii_lowercase();
    let end = lower
        .match_indices(".exe")
        .map(|(at, ending)| at + ending.len())
        .find(|&end| !command[end..].starts_with(|c: char| !c.is_whitespace()));
    if let Some(end) = end {
        return &command[..end];
    }
    // A driver or a script: nothing tells where its arguments begin but the first blank behind its name.
    let name = base(command);
    let before = command.len() - name.len();
    let end = name.find(char::is_whitespace).unwrap_or(name.len());
    &command[..before + end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::windows::fake::Fake;

    #[test]
    fn a_program_stands_without_its_arguments() {
        let cases = [
            (
                r#""C:\Program Files\A B\a.exe" -k "x y""#,
                r"C:\Program Files\A B\a.exe",
            ),
            (
                r"C:\Windows\system32\svchost.exe -k netsvcs -p",
                r"C:\Windows\system32\svchost.exe",
            ),
            (
                r"C:\Program Files\A B\A.EXE /s C:\b.exe",
                r"C:\Program Files\A B\A.EXE",
            ),
            (r"C:\a.exe.d\b.exe /s", r"C:\a.exe.d\b.exe"),
            (
                r"C:\Buchhaltung größer\Überwachung.exe",
                r"C:\Buchhaltung größer\Überwachung.exe",
            ),
            (
                r"\SystemRoot\System32\drivers\x.sys",
                r"\SystemRoot\System32\drivers\x.sys",
            ),
            (r"C:\tools\run.cmd password=secret", r"C:\tools\run.cmd"),
            (r#""never closed"#, "never closed"),
            ("", ""),
        ];
        for (command, expected) in cases {
            assert_eq!(program(command), expected, "{command}");
        }
    }

    #[test]
    fn a_service_that_starts_or_is_paused_runs_and_one_that_stops_does_not() {
        for (state, runs) in [
            (1, false),
            (2, true),
            (3, false),
            (4, true),
            (7, true),
            (9, false),
        ] {
            let machine = Fake::new().service("A", "", state, 2);
            let services = Services::read(&machine).unwrap();
            assert_eq!(services.any_runs(&["a"]), runs, "{state}");
        }
    }

    #[test]
    fn a_service_whose_setup_is_closed_says_that_its_start_is_not_known() {
        let machine = Fake::new()
            .service("Secret", "", 4, 2)
            .list(Source::Service("Secret".into()), Err(Unread::Denied));
        let services = Services::read(&machine).unwrap();
        let service = services.find("secret").unwrap();
        assert_eq!(service.words(&machine), "Secret: running, start not known");
    }
}
