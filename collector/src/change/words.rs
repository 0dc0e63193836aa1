//! Fields and values as people read them.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, ReflectMessage as _, Value};

use super::catalogue::WORDS;
use crate::clock::UnixMillis;

/// Longest name of an item, and longest value within a sentence, in bytes.
pub(super) const NAME_BYTES: usize = 160;

/// Longest value in the list of fields that differ, in bytes.
pub(super) const VALUE_BYTES: usize = 1024;

/// What a field is called in a sentence.
pub(super) fn field_words(name: &str) -> String {
    if let Some((_, words)) = WORDS.iter().find(|(known, _)| *known == name) {
        return (*words).to_owned();
    }
    let (stem, _) = unit_of(name);
    stem.replace('_', " ")
}

/// What a field is called in a sentence about the message it belongs to, which may have its own word for it.
pub(super) fn field_called(field: &FieldDescriptor) -> String {
    let full = format!("{}.{}", field.parent_message().name(), field.name());
    let own = WORDS.iter().find(|(known, _)| *known == full);
    own.map_or_else(
        || field_words(field.name()),
        |(_, words)| (*words).to_owned(),
    )
}

/// A value in words; empty when it is not known.
pub(super) fn shown(field: &FieldDescriptor, value: &Value) -> String {
    match value {
        Value::List(values) => {
            let each = values.iter().map(|value| shown_one(field, value));
            each.collect::<Vec<_>>().join(", ")
        }
        one => shown_one(field, one),
    }
}

/// A field of a message in words; empty when it is not known.
pub(super) fn shown_field(message: &DynamicMessage, field: &FieldDescriptor) -> String {
    if field.supports_presence() && !message.has_field(field) {
        return String::new();
    }
    shown(field, &message.get_field(field))
}

/// A field of a message in words, by the field's name.
pub(super) fn shown_by_name(message: &DynamicMessage, name: &str) -> String {
    message
        .descriptor()
        .get_field_by_name(name)
        .map(|field| shown_field(message, &field))
        .unwrap_or_default()
}

/// A value exactly, for where two different values read the same.
pub(super) fn exact(value: &Value) -> String {
    match value {
        Value::U32(number) => number.to_string(),
        Value::U64(number) => number.to_string(),
        Value::I32(number) | Value::EnumNumber(number) => number.to_string(),
        Value::I64(number) => number.to_string(),
        other => format!("{other:?}"),
    }
}

/// Whether a field says nothing: it is absent, empty, unspecified or says that it is not known.
pub(super) fn is_unknown(message: &DynamicMessage, field: &FieldDescriptor) -> bool {
    if field.supports_presence() && !message.has_field(field) {
        return true;
    }
    match &*message.get_field(field) {
        Value::String(text) => text.is_empty(),
        Value::EnumNumber(number) => *number == 0 || enum_name(field, *number) == "UNKNOWN",
        Value::List(values) => values.is_empty(),
        _ => false,
    }
}

/// Cuts a text to a length in bytes, between characters, with an ellipsis.
pub(super) fn cut(text: &str, bytes: usize) -> String {
    if text.len() <= bytes {
        return text.to_owned();
    }
    let mut end = bytes.saturating_sub('…'.len_utf8());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", &text[..end])
}

/// A count with its noun.
pub(super) fn counted(count: usize, noun: &str, plural: &str) -> String {
    format!("{count} {}", if count == 1 { noun } else { plural })
}

fn shown_one(field: &FieldDescriptor, value: &Value) -> String {
    match value {
        Value::Bool(truth) => if *truth { "yes" } else { "no" }.to_owned(),
        Value::String(text) => text.clone(),
        Value::Bytes(bytes) => format!("{} bytes", bytes.len()),
        Value::EnumNumber(number) => enum_words(field, *number),
        Value::U32(number) => quantity(field.name(), u64::from(*number)),
        Value::U64(number) => quantity(field.name(), *number),
        Value::Message(message) => message_words(message),
        other => exact(other),
    }
}

fn enum_name(field: &FieldDescriptor, number: i32) -> String {
    match field.kind() {
        Kind::Enum(values) => values
            .get_value(number)
            .map_or_else(String::new, |value| value.name().to_owned()),
        _ => String::new(),
    }
}

fn enum_words(field: &FieldDescriptor, number: i32) -> String {
    if number == 0 {
        return String::new();
    }
    let name = enum_name(field, number);
    if name.is_empty() {
        // A newer agent's value.
        return format!("value {number}");
    }
    name.to_lowercase().replace('_', " ")
}

fn message_words(message: &DynamicMessage) -> String {
    if message.descriptor().full_name() == "google.protobuf.Timestamp" {
        return timestamp(message);
    }
    let parts = message
        .fields()
        .map(|(field, value)| format!("{} {}", field_words(field.name()), shown(&field, value)));
    parts.collect::<Vec<_>>().join(", ")
}

fn timestamp(message: &DynamicMessage) -> String {
    let seconds = message
        .get_field_by_name("seconds")
        .and_then(|value| value.as_i64())
        .unwrap_or_default();
    UnixMillis(seconds.saturating_mul(1000)).to_string()
}

/// A field's name without its unit, and the unit.
fn unit_of(name: &str) -> (&str, &str) {
    const UNITS: [(&str, &str); 5] = [
        ("_bytes", "bytes"),
        ("_mhz", "MHz"),
        ("_mts", "MT/s"),
        ("_mbps", "Mbit/s"),
        ("_mwh", "mWh"),
    ];
    UNITS
        .iter()
        .find_map(|(suffix, unit)| Some((name.strip_suffix(suffix)?, *unit)))
        .unwrap_or((name, ""))
}

fn quantity(name: &str, number: u64) -> String {
    match unit_of(name).1 {
        "" => number.to_string(),
        "bytes" => size(number),
        unit => format!("{number} {unit}"),
    }
}

fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if bytes < 1024 {
        return format!("{bytes} bytes");
    }
    let mut tenths = u128::from(bytes) * 10;
    let mut unit = "bytes";
    for next in UNITS {
        if tenths < 10 * 1024 {
            break;
        }
        tenths = (tenths + 512) / 1024;
        unit = next;
    }
    match tenths % 10 {
        0 => format!("{} {unit}", tenths / 10),
        tenth => format!("{}.{tenth} {unit}", tenths / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_as_people_say_them() {
        assert_eq!(size(0), "0 bytes");
        assert_eq!(size(1023), "1023 bytes");
        assert_eq!(size(8 << 30), "8 GiB");
        assert_eq!(size((16 << 30) - (300 << 20)), "15.7 GiB");
        assert!(size(u64::MAX).ends_with("PiB"));
    }

    #[test]
    fn fields_are_called_in_words() {
        assert_eq!(field_words("host_name"), "host name");
        assert_eq!(field_words("max_mhz"), "max");
        assert_eq!(field_words("size_bytes"), "size");
        assert_eq!(field_words("booted_at"), "last start");
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(cut("short", 10), "short");
        assert_eq!(cut("ääääää", 8), "ää…");
        assert!(cut(&"\u{202e}<b>\u{7}".repeat(50), 40).len() <= 40);
    }
}
