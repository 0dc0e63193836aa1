//! Values as people read them: by their type, and by the unit in their field's name.

use std::time::Duration;

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind as FieldKind, MessageDescriptor, Value};

use super::label;
use crate::{
    clock::UnixMillis,
    dashboard::{
        markup::{self, Markup},
        text,
    },
};

/// Whether a message is a time.
pub(super) fn is_time(message: &MessageDescriptor) -> bool {
    message.full_name() == "google.protobuf.Timestamp"
}

/// A value, or that it is not known. `present` tells whether the field was sent at all.
pub(super) fn shown(
    field: &FieldDescriptor,
    present: bool,
    value: &Value,
    now: UnixMillis,
) -> Markup {
    // A field with presence that is absent is not known; one without, at its default, says 0, no or
    // nothing.
    if !present && field.supports_presence() {
        return Markup::unknown();
    }
    match value {
        Value::Bool(true) => Markup::text(text::facts::YES),
        Value::Bool(false) => Markup::text(text::facts::NO),
        Value::String(text) if text.is_empty() => Markup::unknown(),
        Value::String(text) if is_code(field.name()) => Markup::code(text),
        Value::String(text) => Markup::value(text),
        Value::U32(number) => quantity(field.name(), u64::from(*number)),
        Value::U64(number) => quantity(field.name(), *number),
        Value::I32(number) => Markup::text(&number.to_string()),
        Value::I64(number) => Markup::text(&number.to_string()),
        Value::EnumNumber(number) => choice(field, *number),
        Value::Message(message) => time(message, now),
        Value::List(items) if items.is_empty() => Markup::unknown(),
        Value::List(items) => {
            let separator = if field.name() == "path" {
                " → "
            } else {
                ", "
            };
            Markup::joined(
                items.iter().map(|item| shown(field, true, item, now)),
                separator,
            )
        }
        Value::Bytes(bytes) => Markup::text(&format!("{} bytes", bytes.len())),
        // The schema has neither floats nor maps; a test of the schema holds it to that.
        Value::F32(_) | Value::F64(_) | Value::Map(_) => Markup::unknown(),
    }
}

fn quantity(field: &str, number: u64) -> Markup {
    let unit = |unit: &str| Markup::text(&format!("{} {unit}", markup::grouped(number)));
    match field.rsplit('_').next().unwrap_or_default() {
        "bytes" if field == "size_bytes" && number == 0 => Markup::text(text::facts::NO_SIZE),
        "bytes" => Markup::bytes(number),
        "mhz" if number >= 1000 => {
            Markup::text(&format!("{}.{} GHz", number / 1000, (number % 1000) / 100))
        }
        "mhz" => unit("MHz"),
        "mts" => unit("MT/s"),
        "mbps" if number >= 1000 && number.is_multiple_of(1000) => {
            Markup::text(&format!("{} Gbit/s", number / 1000))
        }
        "mbps" => unit("Mbit/s"),
        "mwh" => Markup::text(&format!("{}.{} Wh", number / 1000, (number % 1000) / 100)),
        "percent" => Markup::text(&format!("{number} %")),
        "seconds" => Markup::text(&markup::duration(Duration::from_secs(number))),
        "hours" => Markup::text(&markup::duration(Duration::from_secs(
            number.saturating_mul(3600),
        ))),
        "year" | "port" | "line" | "epoch" => Markup::text(&number.to_string()),
        _ => Markup::number(number),
    }
}

fn choice(field: &FieldDescriptor, number: i32) -> Markup {
    let FieldKind::Enum(choices) = field.kind() else {
        return Markup::unknown();
    };
    match choices.get_value(number) {
        Some(_) if number == 0 => Markup::unknown(),
        Some(value) => Markup::text(&label::choice(choices.full_name(), value.name())),
        None => Markup::text(&format!("{} {number}", text::facts::NEWER_CHOICE)),
    }
}

fn time(message: &DynamicMessage, now: UnixMillis) -> Markup {
    let part = |name: &str| {
        message
            .get_field_by_name(name)
            .and_then(|value| value.as_i64().or_else(|| value.as_i32().map(i64::from)))
            .unwrap_or(0)
    };
    let millis = part("seconds")
        .saturating_mul(1000)
        .saturating_add(part("nanos") / 1_000_000);
    Markup::time(UnixMillis(millis), now)
}

/// Fields whose values a technician copies: set in a fixed-width font.
fn is_code(field: &str) -> bool {
    matches!(
        field,
        "source"
            | "serial"
            | "chassis_serial"
            | "asset_tag"
            | "uuid"
            | "machine_id"
            | "mac"
            | "addresses"
            | "address"
            | "device"
            | "mount"
            | "wwn"
            | "fingerprint"
            | "home"
            | "shell"
            | "id"
            | "kernel"
            | "program"
            | "product_code"
            | "location"
            | "destination"
            | "gateway"
            | "data_path"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_with_the_unit_of_their_field() {
        let shown = |field, number| quantity(field, number).to_string();
        assert!(shown("memory_bytes", 8 << 30).contains(">8 GB<"));
        assert_eq!(shown("max_mhz", 3100), "3.1 GHz");
        assert_eq!(shown("speed_mbps", 1000), "1 Gbit/s");
        assert_eq!(shown("speed_mbps", 2500), "2,500 Mbit/s");
        assert_eq!(shown("uptime_seconds", 7200), "2 hours");
        assert_eq!(shown("year", 2021), "2021");
        assert_eq!(shown("cores", 6), "6");
    }
}
