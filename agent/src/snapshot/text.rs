//! Sections as text for the person at the machine.
//!
//! The text is derived from the schema, so that a new field shows by itself. Whatever came from the
//! machine is escaped: no control or bidirectional character reaches the terminal.

use std::{borrow::Cow, fmt::Write as _};

use prost_reflect::{
    DynamicMessage, FieldDescriptor, Kind as FieldKind, ReflectMessage as _, Value,
};
use prost_types::Timestamp;

use super::{
    Collected,
    json::{JsonError, decode, rfc3339, section_name},
};

/// Sections as text, in the order given.
pub fn snapshot_text(sections: &[Collected]) -> Result<String, JsonError> {
    let mut text = String::new();
    for section in sections {
        let message = decode(section.kind, &section.body)?;
        let at = rfc3339(&section.collected_at.into());
        let name = section_name(section.kind).to_uppercase();
        let _ = writeln!(text, "{name}  ({}, {at})", status(&message));
        fields(&mut text, &message, 1);
        text.push('\n');
    }
    Ok(text)
}

/// Replaces what a terminal would act upon, or a reader would not see, by its code, such as "\u{202e}".
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_treacherous) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if is_treacherous(character) {
            safe.extend(character.escape_unicode());
        } else {
            safe.push(character);
        }
    }
    Cow::Owned(safe)
}

fn is_treacherous(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e01ef}'
        )
}

fn status(message: &DynamicMessage) -> &'static str {
    let number = message
        .get_field_by_name("status")
        .and_then(|value| value.as_enum_number());
    match number {
        Some(1) => "complete",
        Some(2) => "read in part",
        Some(3) => "could not be read",
        Some(4) => "not supported on this system",
        _ => "not known how complete",
    }
}

/// Writes the fields of a message, one a line; lists of messages have one line an item.
fn fields(text: &mut String, message: &DynamicMessage, depth: usize) {
    let indent = "  ".repeat(depth);
    for field in message.descriptor().fields() {
        let value = message.get_field(&field);
        let label = label(&field);
        match value.as_ref() {
            _ if depth == 1 && field.name() == "status" => {}
            Value::List(items) if field.name() == "diagnostics" => {
                for item in items.iter().filter_map(Value::as_message) {
                    let _ = writeln!(text, "{indent}! {}", diagnostic(item));
                }
            }
            Value::List(items) if matches!(field.kind(), FieldKind::Message(_)) => {
                let _ = writeln!(text, "{indent}{label} ({}):", items.len());
                for item in items {
                    let _ = writeln!(text, "{indent}  {}", one_line(item, &field.kind()));
                }
            }
            Value::Message(inner) if message.has_field(&field) && !is_time(inner) => {
                let _ = writeln!(text, "{indent}{label}:");
                fields(text, inner, depth + 1);
            }
            value => {
                let shown = known(value, &field);
                if message.has_field(&field) && !shown.is_empty() {
                    let _ = writeln!(text, "{indent}{label}: {shown}");
                }
            }
        }
    }
}

fn diagnostic(message: &DynamicMessage) -> String {
    let part = |name| match message.get_field_by_name(name).as_deref() {
        Some(Value::String(text)) => escape(text).into_owned(),
        _ => String::new(),
    };
    let (source, position, reason) = (part("source"), part("position"), part("reason"));
    if position.is_empty() {
        format!("{source}: {reason}")
    } else {
        format!("{source}, {position}: {reason}")
    }
}

/// Name of a field for people; the unit of sizes stands behind the value.
fn label(field: &FieldDescriptor) -> String {
    let name = field.name();
    name.strip_suffix("_bytes")
        .unwrap_or(name)
        .replace('_', " ")
}

/// The value of a field without line breaks; empty for what is not known.
fn known(value: &Value, field: &FieldDescriptor) -> String {
    match value {
        Value::U64(bytes) if field.name().ends_with("_bytes") => size(*bytes),
        value => one_line(value, &field.kind()),
    }
}

/// A value without line breaks; empty for what is not known.
fn one_line(value: &Value, kind: &FieldKind) -> String {
    match value {
        Value::String(text) => escape(text).into_owned(),
        Value::Bool(flag) => if *flag { "yes" } else { "no" }.into(),
        Value::EnumNumber(number) => enum_name(*number, kind),
        Value::Message(message) if is_time(message) => time(message),
        Value::Message(message) => summary(message),
        Value::List(items) => {
            let items: Vec<_> = items.iter().map(|item| one_line(item, kind)).collect();
            items.join(", ")
        }
        Value::Bytes(bytes) => format!("{} bytes", bytes.len()),
        Value::I32(number) => number.to_string(),
        Value::I64(number) => number.to_string(),
        Value::U32(number) => number.to_string(),
        Value::U64(number) => number.to_string(),
        Value::F32(_) | Value::F64(_) | Value::Map(_) => String::new(),
    }
}

/// The first text of an item bare, what else is known of it behind.
fn summary(message: &DynamicMessage) -> String {
    let mut line = String::new();
    for field in message.descriptor().fields() {
        if !message.has_field(&field) {
            continue;
        }
        let value = message.get_field(&field);
        let shown = known(value.as_ref(), &field);
        if shown.is_empty() {
            continue;
        }
        if line.is_empty() {
            line.push_str(&shown);
        } else {
            let _ = write!(line, "; {} {shown}", label(&field));
        }
    }
    line
}

fn enum_name(number: i32, kind: &FieldKind) -> String {
    let FieldKind::Enum(descriptor) = kind else {
        return String::new();
    };
    match descriptor.get_value(number) {
        Some(_) if number == 0 => String::new(),
        Some(value) => value.name().to_lowercase().replace('_', " "),
        None => format!("unknown value {number}"),
    }
}

fn is_time(message: &DynamicMessage) -> bool {
    message.descriptor().full_name() == "google.protobuf.Timestamp"
}

fn time(message: &DynamicMessage) -> String {
    let seconds = message
        .get_field_by_name("seconds")
        .and_then(|value| value.as_i64())
        .unwrap_or_default();
    rfc3339(&Timestamp { seconds, nanos: 0 })
}

fn size(bytes: u64) -> String {
    const UNITS: [(&str, u32); 4] = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)];
    match UNITS.iter().find(|(_, shift)| bytes >> shift > 0) {
        Some((unit, shift)) => {
            let tenths = u128::from(bytes) * 10 / (1 << shift);
            format!("{}.{} {unit}", tenths / 10, tenths % 10)
        }
        None => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use freehold_proto::v1::{self, section};
    use prost::Message as _;

    use super::*;

    fn shown(hardware: &v1::Hardware) -> String {
        let section = Collected::now(section::Kind::Hardware, hardware.encode_to_vec());
        snapshot_text(&[section]).unwrap()
    }

    #[test]
    fn nothing_from_the_machine_reaches_the_terminal_unescaped() {
        let hardware = v1::Hardware {
            disks: vec![v1::hardware::Disk {
                name: "sda\x1b[2J\u{202e}".into(),
                size_bytes: Some(1_500_301_910_016),
                ..Default::default()
            }],
            ..Default::default()
        };
        let text = shown(&hardware);
        assert!(
            text.contains(r"sda\u{1b}[2J\u{202e}; size 1.3 TiB"),
            "{text}"
        );
        assert!(!text.contains(['\x1b', '\u{202e}']));
    }

    #[test]
    fn status_and_diagnostics_come_first() {
        let hardware = v1::Hardware {
            status: section::Status::Partial.into(),
            diagnostics: vec![v1::Diagnostic {
                source: "smbios".into(),
                position: "structure 3".into(),
                reason: "is cut off".into(),
                ..Default::default()
            }],
            ..Default::default()
        };
        let text = shown(&hardware);
        assert!(text.starts_with("HARDWARE  (read in part, 20"), "{text}");
        assert!(text.contains("! smbios, structure 3: is cut off"));
        assert!(text.contains("disks (0):"));
    }

    #[test]
    fn sizes_are_readable() {
        assert_eq!(size(512), "512 bytes");
        assert_eq!(size(274_877_906_944), "256.0 GiB");
        assert_eq!(size(u64::MAX), "16777215.9 TiB");
    }
}
