//! How a finding is said: on pages, and as text to send.

use freehold_proto::v1::{Hardware, section::Kind};
use prost::Message as _;

use crate::{
    access::{Machine, Viewer},
    clock::UnixMillis,
    dashboard::{
        Desk,
        markup::{self, Markup, plain},
        standing,
        text::findings as t,
        tone::{Badge, Tone},
    },
    finding::{Finding, Value},
    history::Moment,
    id::MachineId,
    store::record::FindingSeverity,
};

/// Names shown in a sentence before the rest is counted.
const NAMES: usize = 4;

/// A finding as lists show it.
pub(in crate::dashboard) struct Card {
    pub(in crate::dashboard) tone: Tone,
    /// How serious it is; empty where a heading says so.
    pub(in crate::dashboard) word: &'static str,
    pub(in crate::dashboard) path: String,
    pub(in crate::dashboard) sentence: Markup,
    pub(in crate::dashboard) why: Markup,
    /// What to send; only where a list shows it.
    pub(in crate::dashboard) request: Option<String>,
    pub(in crate::dashboard) aside: Option<Markup>,
    /// Whom it is about; only where it stands for the findings of several computers.
    pub(in crate::dashboard) whom: Option<Markup>,
    /// Those findings.
    pub(in crate::dashboard) members: Vec<Self>,
}

impl Card {
    pub(in crate::dashboard) fn of(machine: &Machine, finding: &Finding, now: UnixMillis) -> Self {
        let name = Markup::name(&machine.name());
        Self {
            tone: severity_tone(finding.severity),
            word: word(finding.severity),
            path: path(finding),
            sentence: said(finding.rule.words.sentence, finding, &name, now),
            why: said(finding.rule.words.why, finding, &name, now),
            request: None,
            aside: aside(finding, now),
            whom: None,
            members: Vec::new(),
        }
    }

    /// The same of one that has ended.
    #[must_use]
    pub(super) fn ended(self, when: &Markup) -> Self {
        let ended = Markup::fill(t::RESOLVED, &[("when", when.clone())]);
        Self {
            tone: Tone::Good,
            word: t::ENDED,
            aside: Some(ended),
            ..self
        }
    }

    /// The same, with what to send.
    #[must_use]
    pub(in crate::dashboard) fn with_request(self, request: String) -> Self {
        Self {
            request: Some(request),
            ..self
        }
    }
}

/// Where a finding's page is.
pub(super) fn path(finding: &Finding) -> String {
    format!("/findings/{}", finding.id)
}

/// The tone of a severity.
pub(in crate::dashboard) fn severity_tone(severity: FindingSeverity) -> Tone {
    match severity {
        FindingSeverity::ActNow => Tone::Bad,
        FindingSeverity::Plan => Tone::Warn,
        FindingSeverity::Unknown | FindingSeverity::Unspecified => Tone::Unknown,
        FindingSeverity::Know => Tone::Plain,
    }
}

pub(super) fn word(severity: FindingSeverity) -> &'static str {
    match severity {
        FindingSeverity::ActNow => t::ACT_NOW,
        FindingSeverity::Plan => t::PLAN,
        FindingSeverity::Unknown | FindingSeverity::Unspecified => t::UNKNOWN,
        FindingSeverity::Know => t::KNOW,
    }
}

/// The word for a severity.
pub(super) fn badge(severity: FindingSeverity) -> Badge {
    Badge::new(severity_tone(severity), word(severity))
}

/// Until when it is set aside, by whom and why, while that holds.
pub(super) fn aside(finding: &Finding, now: UnixMillis) -> Option<Markup> {
    let aside = finding.aside(now)?;
    let until = Markup::fill(
        t::ASIDE_UNTIL,
        &[
            ("day", Markup::text(&day(UnixMillis(aside.until)))),
            ("name", Markup::name(&aside.by)),
        ],
    );
    if aside.reason.is_empty() {
        return Some(until);
    }
    let reason = Markup::value(&aside.reason);
    let reason = Markup::fill(t::ASIDE_REASON, &[("reason", reason)]);
    Some(Markup::joined([until, reason], " "))
}

/// A message of a finding as markup, with the computer as `computer`.
pub(super) fn said(message: &str, finding: &Finding, computer: &Markup, now: UnixMillis) -> Markup {
    let mut places = vec![("computer", computer.clone())];
    for particular in &finding.particulars {
        let shown = match &particular.value {
            Value::Names(names) => Markup::names(names.iter().map(AsRef::as_ref), NAMES),
            Value::Number(number) => Markup::number(*number),
            Value::Bytes(bytes) => Markup::bytes(*bytes),
            Value::Time(at) => Markup::time(*at, now),
            Value::Day(at) => Markup::text(&day(*at)),
        };
        places.push((particular.place, shown));
    }
    Markup::fill(message, &places)
}

/// A message of a finding as text: for titles, for the log, to be sent.
pub(super) fn written(
    message: &str,
    finding: &Finding,
    machine: &Machine,
    which: &str,
    now: UnixMillis,
) -> String {
    let mut places = vec![
        ("computer", plain(&machine.name())),
        ("which", which.to_owned()),
    ];
    for particular in &finding.particulars {
        let shown = match &particular.value {
            Value::Names(names) => names
                .iter()
                .map(|name| plain(name))
                .collect::<Vec<_>>()
                .join(", "),
            Value::Number(number) => markup::grouped(*number),
            Value::Bytes(bytes) => markup::size(*bytes),
            Value::Time(at) => markup::relative(*at, now),
            Value::Day(at) => day(*at),
        };
        places.push((particular.place, shown));
    }
    markup::filled(message, &places)
}

/// What a finding says, as text.
pub(crate) fn sentence(machine: &Machine, finding: &Finding, now: UnixMillis) -> String {
    written(finding.rule.words.sentence, finding, machine, "", now)
}

/// What a finding says and why it matters, as text.
pub(crate) fn sentence_and_why(
    machine: &Machine,
    finding: &Finding,
    now: UnixMillis,
) -> (String, String) {
    let why = written(finding.rule.words.why, finding, machine, "", now);
    (sentence(machine, finding, now), why)
}

/// What to send to the supplier, with make and serial number as far as the reader may know them.
pub(in crate::dashboard) fn request(
    desk: &Desk,
    viewer: &Viewer,
    machine: &Machine,
    finding: &Finding,
    now: UnixMillis,
) -> String {
    let which = which(desk, viewer, machine.id);
    written(finding.rule.words.ask, finding, machine, &which, now)
}

/// Such as " (Dell Latitude, serial number ABC1234)"; empty when nothing is known.
fn which(desk: &Desk, viewer: &Viewer, id: MachineId) -> String {
    let section = desk
        .inventory
        .section(viewer, id, Kind::Hardware, Moment::Now);
    // A section that cannot be read is told of on the computer's page; the request does without.
    let Ok(Some(section)) = section else {
        return String::new();
    };
    let hardware = Hardware::decode(section.body.as_slice()).unwrap_or_default();
    let product = hardware.product.unwrap_or_default();
    let model = [&product.maker, &product.model];
    let model = model.into_iter().filter(|part| !part.is_empty());
    let model = model.map(|part| plain(part)).collect::<Vec<_>>().join(" ");
    let serial = match product.serial.as_str() {
        "" => String::new(),
        serial => format!("serial number {}", plain(serial)),
    };
    let parts: Vec<String> = [model, serial]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    if parts.is_empty() {
        String::new()
    } else {
        format!(" ({})", parts.join(", "))
    }
}

/// "14 October 2025".
pub(super) fn day(at: UnixMillis) -> String {
    let format = time::macros::format_description!("[day padding:none] [month repr:long] [year]");
    let day = time::OffsetDateTime::from_unix_timestamp(at.0.div_euclid(1000)).ok();
    let day = day.and_then(|day| day.format(format).ok());
    day.unwrap_or_else(|| at.to_string())
}

/// The computer's name as a link to its page.
pub(super) fn computer(machine: &Machine) -> Markup {
    Markup::link(&standing::path(machine.id), &Markup::name(&machine.name()))
}
