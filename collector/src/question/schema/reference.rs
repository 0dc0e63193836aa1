//! The tables and columns, explained: by the comments of the schema, where they come from it.

use std::{collections::HashMap, sync::LazyLock};

use freehold_agent::snapshot::section_name;
use prost::Message as _;
use prost_types::{DescriptorProto, FileDescriptorProto, FileDescriptorSet};

use super::{Source, Table, VIEWS, tables};

// Field numbers in descriptor.proto, which make up the paths of source locations.
const FILE_MESSAGE: i32 = 4;
const MESSAGE_FIELD: i32 = 2;
const MESSAGE_NESTED: i32 = 3;

/// A table or view for people.
#[derive(Debug)]
pub(crate) struct Described {
    /// Its name.
    pub(crate) name: String,
    /// What a row is.
    pub(crate) about: String,
    /// Name, "text" or "number", and meaning of each column.
    pub(crate) columns: Vec<(String, &'static str, String)>,
}

/// All tables, then the views.
pub(crate) fn described() -> &'static [Described] {
    static DESCRIBED: LazyLock<Vec<Described>> = LazyLock::new(make);
    &DESCRIBED
}

fn make() -> Vec<Described> {
    let comments = comments();
    let tables = tables().iter().map(|table| of_table(table, &comments));
    let views = VIEWS.iter().map(|view| Described {
        name: view.name.to_owned(),
        about: view.about.to_owned(),
        columns: view
            .columns
            .iter()
            .map(|(name, is_integer)| ((*name).to_owned(), word(*is_integer), String::new()))
            .collect(),
    });
    tables.chain(views).collect()
}

fn of_table(table: &Table, comments: &HashMap<String, String>) -> Described {
    let comment = |name: &str| comments.get(name).cloned().unwrap_or_default();
    let about = match table.source {
        Source::Computers => "Every computer that you may see, whatever its state.".to_owned(),
        Source::Section(kind) => format!(
            "The section {} of each computer in service: what there is of it once.",
            section_name(kind)
        ),
        Source::Readings => "What moves by itself, as last sent. Known of now alone.".to_owned(),
        Source::ReadingsList(_) => format!("{} Known of now alone.", comment(&table.made_of)),
        Source::List(..) => comment(&table.made_of),
    };
    let columns = table.columns.iter().map(|column| {
        let meaning = if column.made_of.is_empty() {
            own(&column.name).to_owned()
        } else {
            comment(&column.made_of)
        };
        (column.name.clone(), word(column.is_integer), meaning)
    });
    Described {
        name: table.name.clone(),
        about,
        columns: columns.collect(),
    }
}

fn word(is_integer: bool) -> &'static str {
    if is_integer { "number" } else { "text" }
}

/// What the columns mean that are not part of the schema.
fn own(name: &str) -> &'static str {
    match name {
        "computer" => "Name of the computer.",
        "computer_id" => "Its identifier, which is the same in every table.",
        "collected_at" => "When the section was collected, true time.",
        "confirmed_at" => {
            "When the computer last said that nothing in it had changed; not known of the past."
        }
        "state" => "How it stands: ACTIVE, WAITING, RETIRED, REVOKED.",
        "labels" => "Its labels, as a list in JSON.",
        "note" => "The owner's note about it.",
        "host_name" => "Name it joined with.",
        "joined_at" => "When it joined.",
        "last_contact_at" => "When it was last heard from; not known of the past.",
        "agent_version" => "Version of its agent when it was last heard from.",
        "system" => "Its operating system, in a few words.",
        "antivirus" => {
            "How it is protected: working, weak, none, or unknown where not every source could be read."
        }
        _ => "",
    }
}

/// The comment of each message and field, by its full name.
fn comments() -> HashMap<String, String> {
    let mut comments = HashMap::new();
    let set = FileDescriptorSet::decode(freehold_proto::COMMENTED_INVENTORY).unwrap_or_default();
    for file in &set.file {
        let found = locations(file);
        for (number, message) in (0..).zip(&file.message_type) {
            let path = vec![FILE_MESSAGE, number];
            gather(message, file.package(), &path, &found, &mut comments);
        }
    }
    comments
}

fn locations(file: &FileDescriptorProto) -> HashMap<&[i32], String> {
    let locations = file.source_code_info.iter().flat_map(|info| &info.location);
    locations
        .map(|location| {
            let words: Vec<&str> = location.leading_comments().split_whitespace().collect();
            (location.path.as_slice(), words.join(" "))
        })
        .collect()
}

fn gather(
    message: &DescriptorProto,
    scope: &str,
    path: &[i32],
    found: &HashMap<&[i32], String>,
    comments: &mut HashMap<String, String>,
) {
    let name = format!("{scope}.{}", message.name());
    let below = |list: i32, number: i32| [path, &[list, number]].concat();
    for (number, field) in (0..).zip(&message.field) {
        if let Some(comment) = found.get(below(MESSAGE_FIELD, number).as_slice()) {
            comments.insert(format!("{name}.{}", field.name()), comment.clone());
        }
    }
    for (number, nested) in (0..).zip(&message.nested_type) {
        gather(
            nested,
            &name,
            &below(MESSAGE_NESTED, number),
            found,
            comments,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_and_every_column_of_a_table_is_explained() {
        let views: Vec<&str> = VIEWS.iter().map(|view| view.name).collect();
        for table in described() {
            assert!(!table.about.is_empty(), "{}", table.name);
            if views.contains(&table.name.as_str()) {
                continue;
            }
            for (column, _, meaning) in &table.columns {
                assert!(!meaning.is_empty(), "{}.{column}", table.name);
            }
        }
    }
}
