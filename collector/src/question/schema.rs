//! The tables that questions are about, made from the schema of the inventory: one for the computers, one a section, one
//! a list of a section, and what moves by itself. Views of them have the columns that osquery's tables have.

mod form;
mod reference;
mod views;

use std::sync::LazyLock;

use freehold_agent::{probe::KINDS, snapshot::section_name};
use freehold_proto::v1::section::Kind;
use prost_reflect::{DescriptorPool, FieldDescriptor, Kind as FieldKind, MessageDescriptor};

pub(super) use form::Form;
pub(crate) use reference::{Described, described};
pub(super) use views::VIEWS;

/// Columns that every table begins with.
pub(super) const COMPUTER: usize = 0;
pub(super) const COMPUTER_ID: usize = 1;

/// Columns of a section's own table, behind these.
pub(super) const COLLECTED_AT: usize = 2;
pub(super) const CONFIRMED_AT: usize = 3;

/// A table.
#[derive(Debug)]
pub(crate) struct Table {
    /// Its name, such as `software_packages`.
    pub(crate) name: String,
    /// What its rows come from.
    pub(super) source: Source,
    /// Its columns.
    pub(crate) columns: Vec<Column>,
    /// Where in a message they are found.
    pub(super) steps: Vec<Step>,
    /// The message or field it is made of, by its full name in the schema; empty for the computers.
    pub(super) made_of: String,
}

/// A column.
#[derive(Debug)]
pub(crate) struct Column {
    /// Its name.
    pub(crate) name: String,
    /// It holds whole numbers, not text.
    pub(crate) is_integer: bool,
    /// The section that whoever reads it must be allowed to see; `None` for what everybody sees who sees the computer.
    pub(super) section: Option<Kind>,
    /// The field it is made of, by its full name in the schema; empty for those that are not part of it.
    pub(super) made_of: String,
}

/// What the rows of a table come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// A row a computer.
    Computers,
    /// A row a section.
    Section(Kind),
    /// A row an item of a section's list, which has this number.
    List(Kind, u32),
    /// A row a computer that sent readings.
    Readings,
    /// A row an item of a list of the readings.
    ReadingsList(u32),
}

/// What becomes of a field.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// Its number.
    pub(super) number: u32,
    pub(super) to: Target,
}

/// Where a field's content goes.
#[derive(Clone, Debug)]
pub(super) enum Target {
    /// Into a column.
    Column(usize, Form),
    /// Into columns of its own.
    Inside(Vec<Step>),
}

/// All tables.
pub(crate) fn tables() -> &'static [Table] {
    static TABLES: LazyLock<Vec<Table>> = LazyLock::new(make);
    &TABLES
}

fn make() -> Vec<Table> {
    let mut tables = vec![computers()];
    let Ok(pool) = DescriptorPool::decode(freehold_proto::DESCRIPTOR_SET) else {
        return tables;
    };
    for kind in KINDS {
        let name = section_name(kind);
        let message = pool.get_message_by_name(&format!("freehold.v1.{}", capitalised(name)));
        tables.extend(
            message
                .iter()
                .flat_map(|message| of_section(kind, name, message)),
        );
    }
    let readings = pool.get_message_by_name("freehold.v1.Readings");
    tables.extend(readings.iter().flat_map(of_readings));
    tables
}

/// What is known of every computer, whatever is shared of it.
fn computers() -> Table {
    const COLUMNS: [(&str, Option<Kind>); 9] = [
        ("state", None),
        ("labels", None),
        ("note", None),
        ("host_name", None),
        ("joined_at", None),
        ("last_contact_at", None),
        ("agent_version", None),
        ("system", Some(Kind::System)),
        ("antivirus", Some(Kind::Antivirus)),
    ];
    let mut columns = begin();
    columns.extend(COLUMNS.into_iter().map(|(name, section)| Column {
        name: name.to_owned(),
        is_integer: false,
        section,
        made_of: String::new(),
    }));
    Table {
        name: "computers".to_owned(),
        source: Source::Computers,
        columns,
        steps: Vec::new(),
        made_of: String::new(),
    }
}

fn of_section(kind: Kind, name: &str, message: &MessageDescriptor) -> Vec<Table> {
    let mut columns = begin();
    for time in ["collected_at", "confirmed_at"] {
        columns.push(Column {
            name: time.to_owned(),
            is_integer: false,
            section: Some(kind),
            made_of: String::new(),
        });
    }
    let steps = steps(message, "", Some(kind), &mut columns);
    let mut tables = vec![Table {
        name: name.to_owned(),
        source: Source::Section(kind),
        columns,
        steps,
        made_of: message.full_name().to_owned(),
    }];
    tables.extend(lists(message).map(|(field, item)| {
        let source = Source::List(kind, field.number());
        of_list(name, &field, &item, Some(kind), source)
    }));
    tables
}

fn of_readings(message: &MessageDescriptor) -> Vec<Table> {
    let mut columns = begin();
    let steps = steps(message, "", Some(Kind::System), &mut columns);
    let mut tables = vec![Table {
        name: "readings".to_owned(),
        source: Source::Readings,
        columns,
        steps,
        made_of: message.full_name().to_owned(),
    }];
    tables.extend(lists(message).map(|(field, item)| {
        let source = Source::ReadingsList(field.number());
        of_list(
            "readings",
            &field,
            &item,
            Some(reading_of(field.name())),
            source,
        )
    }));
    tables
}

/// The section that a list of the readings belongs to, as the gate has it.
fn reading_of(list: &str) -> Kind {
    match list {
        "volumes" | "batteries" => Kind::Hardware,
        "neighbours" | "signals" => Kind::Network,
        "sessions" => Kind::Accounts,
        "signature_ages" => Kind::Antivirus,
        // What nobody has said here belongs to no section that could be shared.
        _ => Kind::Unspecified,
    }
}

fn of_list(
    of: &str,
    field: &FieldDescriptor,
    item: &MessageDescriptor,
    section: Option<Kind>,
    source: Source,
) -> Table {
    let mut columns = begin();
    let steps = steps(item, "", section, &mut columns);
    Table {
        name: format!("{of}_{}", field.name()),
        source,
        columns,
        steps,
        made_of: field.full_name().to_owned(),
    }
}

fn begin() -> Vec<Column> {
    ["computer", "computer_id"]
        .map(|name| Column {
            name: name.to_owned(),
            is_integer: false,
            section: None,
            made_of: String::new(),
        })
        .into()
}

/// The lists of items that a message has.
fn lists(
    message: &MessageDescriptor,
) -> impl Iterator<Item = (FieldDescriptor, MessageDescriptor)> {
    message.fields().filter_map(|field| match field.kind() {
        FieldKind::Message(item) if field.is_list() => Some((field, item)),
        _ => None,
    })
}

/// Adds a column for each plain field of a message, and of the single messages in it.
fn steps(
    message: &MessageDescriptor,
    prefix: &str,
    section: Option<Kind>,
    columns: &mut Vec<Column>,
) -> Vec<Step> {
    let mut steps = Vec::new();
    for field in message.fields() {
        let name = format!("{prefix}{}", field.name());
        let to = match (Form::of(&field), field.kind()) {
            (Some(form), _) => {
                columns.push(Column {
                    name,
                    is_integer: form.is_integer(),
                    section,
                    made_of: field.full_name().to_owned(),
                });
                Target::Column(columns.len() - 1, form)
            }
            (None, FieldKind::Message(inner)) if !field.is_list() => {
                Target::Inside(self::steps(&inner, &format!("{name}_"), section, columns))
            }
            // A list has a table of its own.
            _ => continue,
        };
        steps.push(Step {
            number: field.number(),
            to,
        });
    }
    steps
}

fn capitalised(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    format!("{}{rest}", first.to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str) -> &'static Table {
        tables().iter().find(|table| table.name == name).unwrap()
    }

    #[test]
    fn every_list_of_every_section_is_a_table_of_the_same_name() {
        let names: Vec<&str> = tables().iter().map(|table| table.name.as_str()).collect();
        for name in [
            "computers",
            "system",
            "software",
            "software_packages",
            "accounts_privileges",
            "hardware_disks",
            "network_adapters",
            "services_listening_sockets",
            "protection_firewalls",
            "antivirus_products",
            "software_diagnostics",
            "readings",
            "readings_volumes",
        ] {
            assert!(names.contains(&name), "{name}: {names:?}");
        }
        let mut unique = names.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), names.len());
    }

    #[test]
    fn every_table_names_its_computer_and_fits_what_sqlite_tells_of_columns() {
        for table in tables() {
            assert_eq!(table.columns[COMPUTER].name, "computer");
            assert_eq!(table.columns[COMPUTER_ID].name, "computer_id");
            // The mask of used columns has 64 bits, the last of which stands for all that follow.
            assert!(table.columns.len() < 63, "{}", table.name);
            let mut names: Vec<_> = table.columns.iter().map(|column| &column.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), table.columns.len(), "{}", table.name);
        }
    }

    #[test]
    fn single_messages_are_columns_and_every_field_has_its_place() {
        let hardware = table("hardware");
        let names: Vec<&str> = hardware.columns.iter().map(|it| it.name.as_str()).collect();
        assert!(names.contains(&"product_serial") && names.contains(&"tpm_present"));
        assert!(
            table("software_diagnostics")
                .columns
                .iter()
                .any(|it| it.name == "gap_hides")
        );
        let pool = DescriptorPool::decode(freehold_proto::DESCRIPTOR_SET).unwrap();
        for table in tables().iter().filter(|table| !table.made_of.is_empty()) {
            let message = pool.get_message_by_name(&table.made_of);
            let Some(message) = message else { continue };
            for field in message.fields() {
                let placed = table.steps.iter().any(|step| step.number == field.number());
                let listed = matches!(field.kind(), FieldKind::Message(_)) && field.is_list();
                assert!(placed || listed, "{} has no column", field.full_name());
            }
        }
    }

    #[test]
    fn every_reading_belongs_to_a_section() {
        for table in tables() {
            if matches!(table.source, Source::ReadingsList(_)) {
                let sections: Vec<_> = table.columns[2..].iter().map(|it| it.section).collect();
                assert!(
                    !sections.contains(&Some(Kind::Unspecified)),
                    "{}",
                    table.name
                );
            }
        }
    }
}
