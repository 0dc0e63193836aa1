//! What the list of computers can say about each.

use super::{active, administrators, seen, system};
use crate::{
    access::{Fact, MachineLine, Protection},
    clock::UnixMillis,
    dashboard::{
        lens::Lens,
        list::{Column, Value},
        markup::Markup,
        standing::{Standing, path, protection_badge},
        text::{self, computers as t},
    },
};

/// Labels shown of a computer.
const LABELS: usize = 8;

/// A computer in the list.
pub(in crate::dashboard) struct Row {
    pub(super) line: MachineLine,
    pub(super) lens: Lens,
}

const fn column(
    word: &'static str,
    title: &'static str,
    html: fn(&Row) -> Markup,
    value: fn(&Row) -> Value,
) -> Column<Row> {
    Column {
        word,
        title,
        usual: true,
        past: true,
        html,
        value,
    }
}

/// Every column.
pub(super) const COLUMNS: [Column<Row>; 12] = [
    column("name", t::NAME, name, |row| {
        Value::Text(row.line.machine.name().into_owned())
    }),
    Column {
        past: false,
        ..column(
            "status",
            t::STATUS,
            |row| row.standing().badge().markup(),
            |row| Value::Text(row.standing().word().to_owned()),
        )
    },
    column(
        "antivirus",
        t::ANTIVIRUS,
        |row| protection_badge(&row.line.headline.protection).markup(),
        |row| {
            fact(&row.line.headline.protection, |it| {
                Value::Text(protection(it))
            })
        },
    ),
    column("administrators", t::ADMINISTRATORS, counted, |row| {
        fact(&row.line.headline.administrators, |it| {
            let names: Vec<&str> = it.names.iter().map(AsRef::as_ref).collect();
            let more = if it.complete {
                ""
            } else {
                t::AND_PERHAPS_OTHERS
            };
            Value::Text(format!("{}{more}", names.join(", ")))
        })
    }),
    column("system", t::SYSTEM, system_name, |row| {
        fact(&row.line.headline.system, |it| {
            Value::Text(it.name.to_string())
        })
    }),
    Column {
        past: false,
        ..column(
            "seen",
            t::LAST_SEEN,
            |row| {
                let never = || Markup::text(text::NEVER);
                seen(&row.line).map_or_else(never, |at| Markup::time(at, row.lens.now))
            },
            |row| seen(&row.line).map_or(Value::Nothing, Value::Time),
        )
    },
    Column {
        past: false,
        usual: false,
        ..column(
            "findings",
            text::findings::TITLE,
            |row| Markup::number(row.findings()),
            |row| Value::Number(row.findings()),
        )
    },
    Column {
        usual: false,
        ..column("labels", text::computer::LABELS, labels, |row| {
            Value::Text(row.line.machine.labels.join(", "))
        })
    },
    Column {
        usual: false,
        ..column(
            "host",
            text::computer::HOST_NAME,
            |row| Markup::name(&row.line.machine.host_name),
            |row| Value::Text(row.line.machine.host_name.clone()),
        )
    },
    Column {
        past: false,
        usual: false,
        ..column(
            "agent",
            text::computer::AGENT,
            |row| {
                let seen = row.line.seen.as_ref();
                seen.map_or_else(Markup::unknown, |seen| Markup::name(&seen.agent_version))
            },
            |row| {
                let seen = row.line.seen.as_ref();
                seen.map_or(Value::Nothing, |seen| {
                    Value::Text(seen.agent_version.clone())
                })
            },
        )
    },
    Column {
        usual: false,
        ..column(
            "joined",
            text::computer::JOINED,
            |row| Markup::time(row.line.machine.enrolled_at, row.lens.now),
            |row| Value::Time(row.line.machine.enrolled_at),
        )
    },
    Column {
        usual: false,
        ..column(
            "id",
            text::computer::IDENTIFIER,
            |row| Markup::code(&row.line.machine.id.to_string()),
            |row| Value::Text(row.line.machine.id.to_string()),
        )
    },
];

impl Row {
    fn standing(&self) -> Standing {
        Standing::of(&self.line, self.lens.now)
    }

    fn findings(&self) -> u64 {
        let open = self.line.findings.iter();
        open.filter(|finding| finding.needs_a_look(self.lens.now))
            .count() as u64
    }
}

fn name(row: &Row) -> Markup {
    let machine = &row.line.machine;
    Markup::link(
        &row.lens.keep(&path(machine.id)),
        &Markup::name(&machine.name()),
    )
}

fn counted(row: &Row) -> Markup {
    match &row.line.headline.administrators {
        Fact::Known(known) => {
            let number = Markup::number(known.names.len() as u64);
            if known.complete {
                number
            } else {
                Markup::fill(t::AT_LEAST, &[("count", number)])
            }
        }
        other => Markup::text(why_not(other)),
    }
}

fn system_name(row: &Row) -> Markup {
    match &row.line.headline.system {
        Fact::Known(known) if known.name.is_empty() => Markup::unknown(),
        Fact::Known(known) => Markup::name(&known.name),
        other => Markup::text(why_not(other)),
    }
}

fn labels(row: &Row) -> Markup {
    let labels = &row.line.machine.labels;
    if labels.is_empty() {
        Markup::unknown()
    } else {
        Markup::names(labels.iter().map(String::as_str), LABELS)
    }
}

/// Why something is not known.
pub(in crate::dashboard) fn why_not<T>(fact: &Fact<T>) -> &'static str {
    match fact {
        Fact::Hidden => t::HIDDEN,
        Fact::NotRead => t::NOT_READ,
        Fact::NotReported => t::NOT_REPORTED,
        Fact::Unreadable | Fact::Known(_) => t::PROTECTION_UNKNOWN,
    }
}

fn fact<T>(fact: &Fact<T>, tell: impl FnOnce(&T) -> Value) -> Value {
    match fact {
        Fact::Known(known) => tell(known),
        other => Value::Text(why_not(other).to_owned()),
    }
}

fn protection(protection: &Protection) -> String {
    match protection {
        Protection::Working { product } => product.to_string(),
        Protection::Weak { product, weakness } => format!("{product} ({})", t::weak(*weakness)),
        Protection::Absent => t::PROTECTION_NONE.to_owned(),
        Protection::Unknown => t::PROTECTION_UNKNOWN.to_owned(),
    }
}

/// Sorts by a column; the list comes sorted by name, and every sort is stable.
pub(super) fn sort(found: &mut [Row], (word, down): (&str, bool), now: UnixMillis) {
    use std::cmp::Reverse;

    use crate::dashboard::standing::protection_tone;
    match word {
        "status" => found.sort_by_cached_key(|row| Standing::of(&row.line, now).tone),
        "antivirus" => found.sort_by_key(|row| protection_tone(&row.line.headline.protection)),
        "administrators" => found.sort_by_key(|row| administrators(&row.line)),
        "system" => found.sort_by(|a, b| system(&a.line).cmp(system(&b.line))),
        "seen" => found.sort_by_key(|row| Reverse(seen(&row.line))),
        "findings" => found.sort_by_cached_key(Row::findings),
        "labels" => found.sort_by(|a, b| a.line.machine.labels.cmp(&b.line.machine.labels)),
        "host" => found.sort_by(|a, b| a.line.machine.host_name.cmp(&b.line.machine.host_name)),
        "agent" => found.sort_by(|a, b| agent(&a.line).cmp(&agent(&b.line))),
        "joined" => found.sort_by_key(|row| row.line.machine.enrolled_at),
        "id" => found.sort_by_key(|row| row.line.machine.id),
        _ => {}
    }
    if down {
        found.reverse();
    }
}

fn agent(line: &MachineLine) -> Option<&str> {
    line.seen.as_ref().map(|seen| seen.agent_version.as_str())
}

/// Whether a computer counts as in service: of the past it is only known that it had joined.
pub(super) fn in_service(line: &MachineLine) -> bool {
    line.moment.at().is_some() || active(line)
}
