//! What the running agent says about itself, in a file that `freehold-agent status` explains.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    identity::Identity,
    service,
    state::{StateDirectory, read_at_most},
};

const FILE: &str = "status.json";
const FILE_BYTES: u64 = 64 * 1024;

/// How the agent is doing. Its JSON form is stable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// In one word.
    pub state: State,
    /// Version of the agent.
    pub agent_version: String,
    /// Its process.
    pub process: u32,
    /// Identifier that the collector gave the machine.
    pub machine: Option<String>,
    /// Addresses of the collector.
    pub collector_addresses: Vec<String>,
    /// The address of the last connection.
    pub connected_to: Option<String>,
    /// When the collector last answered a check-in.
    pub last_check_in: Option<String>,
    /// Seconds from `updated` to the next attempt.
    pub next_attempt_seconds: u64,
    /// Reports that wait for the collector.
    pub pending_reports: usize,
    /// Bytes they take.
    pub pending_bytes: u64,
    /// How long the oldest has been waiting.
    pub oldest_pending_seconds: Option<u64>,
    /// Reports lost because too many waited, not yet told to the collector.
    pub lost_reports: u32,
    /// When the machine's certificate ends.
    pub certificate_expires: Option<String>,
    /// What went wrong last; absent once a check-in was answered.
    pub last_error: Option<Trouble>,
    /// What is wrong with the machine's clock.
    pub clock_fault: Option<String>,
    /// When this was written.
    pub updated: String,
}

/// Something that went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// When.
    pub at: String,
    /// What and why.
    pub message: String,
}

/// How the agent is doing, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It has not spoken to the collector yet.
    Starting,
    /// The owner has not let it in yet.
    WaitingForApproval,
    /// It reports.
    Reporting,
    /// It tries to reach the collector.
    Retrying,
    /// The collector does not accept it.
    Refused,
}

impl Report {
    /// Reads what an agent wrote. `None` when none has run yet, or its file cannot be understood.
    pub fn load(state: &StateDirectory) -> std::io::Result<Option<Self>> {
        match read_at_most(&state.join(FILE), FILE_BYTES) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) fn fail(&mut self, message: String) {
        if self.state != State::WaitingForApproval {
            self.state = State::Retrying;
        }
        self.note_trouble(message);
    }

    pub(super) fn note_trouble(&mut self, message: String) {
        self.last_error = Some(Trouble { at: now(), message });
    }

    pub(super) fn checked_in(&mut self) {
        self.state = State::Reporting;
        self.last_check_in = Some(now());
        self.last_error = None;
    }

    /// The report in plain words, a sentence a line.
    pub fn explain(&self, is_running: bool) -> String {
        let mut lines = vec![self.headline(is_running)];
        let mut add = |line: String| lines.push(line);
        if let Some(at) = &self.last_check_in {
            add(format!("The collector last answered at {at}."));
        } else {
            add("The collector has not answered since the agent started.".to_owned());
        }
        if let Some(trouble) = &self.last_error {
            add(format!(
                "Last trouble, at {}: {}.",
                trouble.at, trouble.message
            ));
        }
        match (self.pending_reports, self.oldest_pending_seconds) {
            (0, _) => add("Nothing waits to be sent.".to_owned()),
            (count, age) => add(format!(
                "{count} report(s) wait to be sent ({} KiB), the oldest for {}; nothing is lost by waiting.",
                self.pending_bytes.div_ceil(1024),
                duration(age.unwrap_or(0))
            )),
        }
        if self.lost_reports > 0 {
            add(format!(
                "{} report(s) were dropped because too many waited.",
                self.lost_reports
            ));
        }
        if let Some(fault) = &self.clock_fault {
            add(format!("The clock is wrong: {fault}."));
        }
        if let Some(at) = &self.certificate_expires {
            add(format!(
                "The certificate holds until {at} and renews itself before."
            ));
        }
        lines.join("\n")
    }

    fn headline(&self, is_running: bool) -> String {
        let collector = self.collector_addresses.join(", ");
        if !is_running {
            return format!(
                "The agent is not running; it last ran at {}. Start it with '{}' or 'freehold-agent run'.",
                self.updated,
                service::START
            );
        }
        match self.state {
            State::Starting => "The agent is starting.".to_owned(),
            State::WaitingForApproval => {
                "This computer waits for the collector's owner to let it in.".to_owned()
            }
            State::Reporting => format!("This computer reports to the collector at {collector}."),
            State::Retrying if self.machine.is_none() => format!(
                "This computer has not joined its collector yet, which does not answer; trying again in {}.",
                duration(self.next_attempt_seconds)
            ),
            State::Retrying => format!(
                "The collector at {collector} does not answer; trying again in {}.",
                duration(self.next_attempt_seconds)
            ),
            State::Refused => format!(
                "The collector at {collector} no longer accepts this computer (it was revoked or retired); asking again in {}.",
                duration(self.next_attempt_seconds)
            ),
        }
    }
}

/// Keeps the report and writes it.
#[derive(Debug)]
pub(super) struct StatusFile {
    state: StateDirectory,
    report: Report,
}

impl StatusFile {
    pub(super) fn new(state: &StateDirectory) -> Self {
        let report = Report {
            state: State::Starting,
            agent_version: env!("CARGO_PKG_VERSION").to_owned(),
            process: std::process::id(),
            machine: None,
            collector_addresses: Vec::new(),
            connected_to: None,
            last_check_in: None,
            next_attempt_seconds: 0,
            pending_reports: 0,
            pending_bytes: 0,
            oldest_pending_seconds: None,
            lost_reports: 0,
            certificate_expires: None,
            last_error: None,
            clock_fault: None,
            updated: now(),
        };
        Self {
            state: state.clone(),
            report,
        }
    }

    pub(super) fn identify(&mut self, identity: &Identity) {
        self.report.machine = identity.machine().map(str::to_owned);
        self.report.collector_addresses = identity.addresses().to_vec();
        let expires = identity.certificate().validity.not_after;
        self.report.certificate_expires = OffsetDateTime::from_unix_timestamp(expires)
            .ok()
            .map(rfc3339);
        self.write();
    }

    /// Changes the report without writing it.
    pub(super) fn update(&mut self, change: impl FnOnce(&mut Report)) {
        change(&mut self.report);
    }

    /// Notes why the agent cannot go on, and writes the report.
    pub(super) fn stop(&mut self, error: &impl std::fmt::Display) {
        self.report.note_trouble(error.to_string());
        self.write();
    }

    /// Writes the report. A status that cannot be written is no reason to stop reporting.
    pub(super) fn write(&mut self) {
        self.report.updated = now();
        let written = serde_json::to_vec_pretty(&self.report)
            .map_err(|error| error.to_string())
            .and_then(|bytes| {
                let replaced = self.state.replace(FILE, &bytes, false);
                replaced.map_err(|error| error.to_string())
            });
        if let Err(error) = written {
            tracing::debug!(error, "the status was not written");
        }
    }
}

/// A length of time in the largest fitting unit.
fn duration(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..120 => (seconds, "seconds"),
        120..7200 => (seconds / 60, "minutes"),
        7200..172_800 => (seconds / 3600, "hours"),
        _ => (Duration::from_secs(seconds).as_secs() / 86_400, "days"),
    };
    format!("{count} {unit}")
}

fn now() -> String {
    rfc3339(OffsetDateTime::now_utc())
}

fn rfc3339(time: OffsetDateTime) -> String {
    time.replace_nanosecond(0)
        .unwrap_or(time)
        .format(&Rfc3339)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> (tempfile::TempDir, StatusFile) {
        let place = tempfile::tempdir().unwrap();
        let state = StateDirectory::open(place.path()).unwrap();
        (place, StatusFile::new(&state))
    }

    #[test]
    fn what_the_agent_wrote_is_read_back() {
        let (_place, mut file) = file();
        file.update(Report::checked_in);
        file.write();
        let report = Report::load(&file.state).unwrap().unwrap();
        assert_eq!(report, file.report);
        assert_eq!(report.state, State::Reporting);
    }

    #[test]
    fn trouble_is_told_in_plain_words_and_forgotten_once_it_is_over() {
        let (_place, mut file) = file();
        file.update(|report| {
            report.collector_addresses = vec!["office:7443".into()];
            report.machine = Some("3f2a".into());
            report.fail("the collector could not be reached".into());
            report.pending_reports = 3;
            report.oldest_pending_seconds = Some(7300);
            report.next_attempt_seconds = 30;
        });
        let text = file.report.explain(true);
        assert!(
            text.contains(
                "The collector at office:7443 does not answer; trying again in 30 seconds."
            )
        );
        assert!(text.contains("3 report(s) wait to be sent (0 KiB), the oldest for 2 hours"));
        assert!(text.contains("the collector could not be reached"));
        file.update(Report::checked_in);
        assert!(!file.report.explain(true).contains("trouble"));
        assert!(
            file.report
                .explain(false)
                .starts_with("The agent is not running")
        );
    }
}
