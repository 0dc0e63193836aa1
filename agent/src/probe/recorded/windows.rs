//! Windows: the rows behind the sections that are made of a [`Machine`](crate::probe::windows::Machine).

use freehold_proto::v1::section::Kind;

use super::RecordError;
use crate::{
    probe::{
        accounts, antivirus, protection, services,
        windows::{
            live::Live,
            record::{Recorder, Redaction},
        },
    },
    sys::windows::names,
};

/// The rows that these sections are made of, as JSON; of the others none are recorded yet.
pub fn record(kinds: &[Kind]) -> Result<String, RecordError> {
    let recorder = Recorder::new(&Live);
    for kind in kinds {
        match kind {
            Kind::Antivirus => drop(antivirus::read_windows(&recorder)),
            Kind::Accounts => drop(accounts::read_windows(&recorder)),
            Kind::Services => drop(services::read_windows(&recorder)),
            Kind::Protection => drop(protection::read_windows(&recorder)),
            _ => {}
        }
    }
    let known = [
        names::host(),
        names::dns_domain(),
        names::membership().map(|(_, name)| name),
    ];
    let known: Vec<String> = known.into_iter().flatten().collect();
    let mut redaction = Redaction::of(known.iter().map(String::as_str));
    Ok(serde_json::to_string_pretty(
        &recorder.recording(&mut redaction),
    )?)
}
