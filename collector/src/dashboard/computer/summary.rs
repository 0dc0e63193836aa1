//! What is worth saying first about a section. Everything else follows below it, unabridged.

mod accounts;
mod antivirus;
mod hardware;
mod network;
mod protection;
mod software;

use freehold_proto::v1::{System, section::Kind, toggle};

use crate::{
    access::{Readings, Section},
    clock::UnixMillis,
    dashboard::{facts::Fact, markup::Markup, text::computer as t, tone::Tone},
};

/// A piece of a summary.
pub(super) enum Block {
    Sentence(Markup),
    Verdict(Verdict),
    Facts(Vec<Fact>),
    Table(Brief),
}

/// A judgement with its evidence.
pub(super) struct Verdict {
    pub(super) tone: Tone,
    pub(super) sentence: Markup,
    pub(super) lines: Vec<Markup>,
}

/// A small table.
pub(super) struct Brief {
    pub(super) title: &'static str,
    pub(super) columns: Vec<&'static str>,
    pub(super) rows: Vec<Vec<Cell>>,
    pub(super) more: Option<Markup>,
}

/// A cell with the heading of its column, for narrow screens.
pub(super) struct Cell {
    pub(super) label: &'static str,
    pub(super) value: Markup,
}

impl Brief {
    /// A table of rows that have a value for each column.
    fn new(
        title: &'static str,
        columns: &[&'static str],
        rows: impl IntoIterator<Item = Vec<Markup>>,
    ) -> Self {
        Self {
            title,
            columns: columns.to_vec(),
            rows: rows
                .into_iter()
                .map(|row| {
                    row.into_iter()
                        .zip(columns)
                        .map(|(value, label)| Cell { label, value })
                        .collect()
                })
                .collect(),
            more: None,
        }
    }
}

/// The summary of a section.
pub(super) fn of(
    kind: Kind,
    section: &Section,
    readings: Option<&Readings>,
    now: UnixMillis,
) -> Vec<Block> {
    let body = section.body.as_slice();
    match kind {
        Kind::System => told(body, |section| system(section, now)),
        Kind::Hardware => told(body, |section| hardware::of(section, readings)),
        Kind::Software => told(body, |section| software::of(section, now)),
        Kind::Antivirus => told(body, |section| antivirus::of(section, now)),
        Kind::Accounts => told(body, accounts::of),
        Kind::Network => told(body, network::of),
        Kind::Protection => told(body, |section| protection::of(section, now)),
        // What this says is short: its tables tell it.
        Kind::Services | Kind::Unspecified => Vec::new(),
    }
}

fn told<M: prost::Message + Default>(body: &[u8], tell: impl Fn(&M) -> Vec<Block>) -> Vec<Block> {
    M::decode(body)
        .map(|section| tell(&section))
        .unwrap_or_default()
}

fn fact(label: &str, value: Markup) -> Fact {
    Fact {
        label: label.to_owned(),
        value,
    }
}

/// A value from outside, or that it is not known.
fn value(text: &str) -> Markup {
    if text.is_empty() {
        Markup::unknown()
    } else {
        Markup::value(text)
    }
}

fn time(at: Option<&prost_types::Timestamp>) -> Option<UnixMillis> {
    at.map(|at| UnixMillis(at.seconds.saturating_mul(1000)))
}

fn system(section: &System, now: UnixMillis) -> Vec<Block> {
    let mut blocks = Vec::new();
    if let Some(os) = &section.operating_system {
        let name = [os.name.as_str(), os.version.as_str(), os.edition.as_str()]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        blocks.push(Block::Sentence(Markup::fill(
            t::SYSTEM_LINE,
            &[
                ("system", value(&name)),
                ("architecture", value(&section.architecture)),
                ("kernel", value(&section.kernel)),
            ],
        )));
    }
    if let Some(at) = time(section.booted_at.as_ref()) {
        let when = Markup::time(at, now);
        blocks.push(Block::Sentence(Markup::fill(t::STARTED, &[("when", when)])));
    }
    if section.pending_reboot() == toggle::State::On {
        blocks.push(Block::Verdict(Verdict {
            tone: Tone::Warn,
            sentence: Markup::text(t::RESTART_NEEDED),
            lines: Vec::new(),
        }));
    }
    blocks
}
