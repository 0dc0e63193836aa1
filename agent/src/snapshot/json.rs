//! Sections as JSON: the one shape that the agent prints and the collector repeats.
//!
//! Keys are the field names of the schema, enums their names, times RFC 3339, 64-bit counts numbers.
//! Lists and plain fields are always present, except in the `gap` of a diagnostic, where `{}` says that nothing is
//! hidden; an absent optional field has no key.

use std::{io, sync::LazyLock};

use freehold_proto::v1::section::Kind;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor};
use prost_types::Timestamp;
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{Collected, view::View};

static POOL: LazyLock<Option<DescriptorPool>> =
    LazyLock::new(|| DescriptorPool::decode(freehold_proto::DESCRIPTOR_SET).ok());

/// Why bytes could not be shown as a section.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// There is no section of that kind.
    #[error("there is no section {0:?} to show; the agent or collector that sent it may be newer")]
    UnknownSection(Kind),
    /// The bytes are no such message.
    #[error("the {section} section cannot be shown because its bytes are damaged")]
    Damaged {
        /// Name of the section.
        section: &'static str,
        /// What the decoder says.
        #[source]
        source: prost::DecodeError,
    },
    /// It could not be written, or a value has no representation in JSON.
    #[error("the snapshot cannot be written")]
    Write(#[source] serde_json::Error),
    /// A value has no representation in JSON, such as a time beyond the year 9999.
    #[error("the {section} section cannot be shown because a value in it is out of range")]
    OutOfRange {
        /// Name of the section.
        section: &'static str,
        /// What the encoder says.
        #[source]
        source: serde_json::Error,
    },
}

/// Name of a section, as in `sections.<name>`; empty for `Unspecified`.
pub fn section_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Unspecified => "",
        Kind::System => "system",
        Kind::Hardware => "hardware",
        Kind::Software => "software",
        Kind::Antivirus => "antivirus",
        Kind::Accounts => "accounts",
        Kind::Network => "network",
        Kind::Services => "services",
        Kind::Protection => "protection",
    }
}

/// The section called `name`, as in `--section NAME`.
pub fn section_kind(name: &str) -> Option<Kind> {
    crate::probe::KINDS
        .into_iter()
        .find(|kind| section_name(*kind) == name)
}

/// One section as a JSON object, with the time it was collected as `collected_at` behind its status.
pub fn section_json(kind: Kind, body: &[u8], collected_at: Timestamp) -> Result<Value, JsonError> {
    let view = View::of(kind, body, rfc3339(&collected_at))?;
    serde_json::to_value(&view).map_err(|source| view.failure(section_name(kind), source))
}

/// Writes sections as `{"sections": {"system": {...}, ...}}`, in the order given, for people to read.
pub fn write_snapshot(sections: &[Collected], out: impl io::Write) -> Result<(), JsonError> {
    let views = sections.iter().map(|section| {
        let at: Timestamp = section.collected_at.into();
        let view = View::of(section.kind, &section.body, rfc3339(&at))?;
        Ok((section_name(section.kind), view))
    });
    let views = views.collect::<Result<Vec<_>, JsonError>>()?;
    let mut json = serde_json::Serializer::pretty(out);
    Snapshot(&views).serialize(&mut json).map_err(|source| {
        let failed = views.iter().find(|(_, view)| view.is_damaged());
        match failed {
            Some((section, view)) => view.failure(section, source),
            None => JsonError::Write(source),
        }
    })
}

struct Snapshot<'a>(&'a [(&'static str, View<'a>)]);

impl Serialize for Snapshot<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("sections", &Sections(self.0))?;
        map.end()
    }
}

struct Sections<'a>(&'a [(&'static str, View<'a>)]);

impl Serialize for Sections<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, view)| (name, view)))
    }
}

/// A point in time to the second, such as "2026-03-01T08:15:00Z"; empty beyond the years RFC 3339 knows.
pub fn rfc3339(time: &Timestamp) -> String {
    OffsetDateTime::from_unix_timestamp(time.seconds)
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_default()
}

/// Decodes a section by the schema, unknown fields included.
pub(super) fn decode(kind: Kind, body: &[u8]) -> Result<DynamicMessage, JsonError> {
    let section = section_name(kind);
    let descriptor = descriptor(kind).ok_or(JsonError::UnknownSection(kind))?;
    DynamicMessage::decode(descriptor, body)
        .map_err(|source| JsonError::Damaged { section, source })
}

pub(super) fn descriptor(kind: Kind) -> Option<MessageDescriptor> {
    let name = match kind {
        Kind::Unspecified => return None,
        Kind::System => "freehold.v1.System",
        Kind::Hardware => "freehold.v1.Hardware",
        Kind::Software => "freehold.v1.Software",
        Kind::Antivirus => "freehold.v1.Antivirus",
        Kind::Accounts => "freehold.v1.Accounts",
        Kind::Network => "freehold.v1.Network",
        Kind::Services => "freehold.v1.Services",
        Kind::Protection => "freehold.v1.Protection",
    };
    POOL.as_ref()?.get_message_by_name(name)
}

#[cfg(test)]
mod tests {
    use freehold_proto::v1::{self, toggle::State};
    use prost::Message as _;

    use super::*;

    const AT: Timestamp = Timestamp {
        seconds: 1_772_352_900,
        nanos: 0,
    };

    fn written(sections: &[Collected]) -> Value {
        let mut text = Vec::new();
        write_snapshot(sections, &mut text).unwrap();
        serde_json::from_slice(&text).unwrap()
    }

    #[test]
    fn what_is_written_item_by_item_is_what_the_whole_would_be() {
        let root = crate::probe::Root::live();
        let kinds = [Kind::System, Kind::Software, Kind::Accounts, Kind::Network];
        let sections: Vec<_> = kinds
            .into_iter()
            .filter_map(|kind| crate::probe::collect(kind, &root))
            .collect();
        let json = written(&sections);
        for section in sections {
            let message = decode(section.kind, &section.body).unwrap();
            let options = prost_reflect::SerializeOptions::new()
                .use_proto_field_name(true)
                .stringify_64_bit_integers(false)
                .skip_default_fields(false);
            let mut whole = message
                .serialize_with_options(serde_json::value::Serializer, &options)
                .unwrap();
            for diagnostic in whole["diagnostics"].as_array_mut().unwrap() {
                crate::snapshot::view::shorten(diagnostic);
            }
            let mut own = json["sections"][section_name(section.kind)].clone();
            let fields = own.as_object_mut().unwrap();
            assert!(fields.shift_remove("collected_at").is_some());
            let names = |value: &Value| {
                value
                    .as_object()
                    .unwrap()
                    .keys()
                    .cloned()
                    .collect::<Vec<_>>()
            };
            assert_eq!(names(&own), names(&whole), "their order, too");
            assert_eq!(own, whole);
        }
    }

    #[test]
    fn a_damaged_item_is_an_error_that_names_the_section() {
        // Field 3, the packages: an item whose text is longer than the item.
        let body = [0x1a, 3, 0x0a, 9, b'x'];
        let error = section_json(Kind::Software, &body, AT).unwrap_err();
        assert!(
            matches!(
                error,
                JsonError::Damaged {
                    section: "software",
                    ..
                }
            ),
            "{error:?}"
        );
        let collected = Collected::now(Kind::Software, body.to_vec());
        let error = write_snapshot(&[collected], io::sink()).unwrap_err();
        assert!(
            matches!(
                error,
                JsonError::Damaged {
                    section: "software",
                    ..
                }
            ),
            "{error:?}"
        );
    }

    #[test]
    fn lists_are_present_even_when_empty_and_counts_are_numbers() {
        let hardware = v1::Hardware {
            status: v1::section::Status::Partial.into(),
            memory_bytes: Some(u64::MAX),
            ..Default::default()
        };
        let json = section_json(Kind::Hardware, &hardware.encode_to_vec(), AT).unwrap();
        assert_eq!(json["status"], "PARTIAL");
        assert_eq!(json["collected_at"], "2026-03-01T08:15:00Z");
        assert_eq!(json["memory_bytes"], u64::MAX);
        assert_eq!(json["disks"], Value::Array(Vec::new()));
        assert_eq!(json["diagnostics"], Value::Array(Vec::new()));
        assert_eq!(json.get("product"), None);
    }

    #[test]
    fn a_remark_says_that_it_hides_nothing_and_no_more() {
        let hidden = |hides: &[&str], pending| v1::Diagnostic {
            gap: Some(v1::Gap {
                hides: hides.iter().map(|one| (*one).to_owned()).collect(),
                pending,
            }),
            ..v1::Diagnostic::default()
        };
        let accounts = v1::Accounts {
            diagnostics: vec![
                hidden(&[], false),
                hidden(&["privileges.SETUID"], true),
                v1::Diagnostic::default(),
            ],
            ..Default::default()
        };
        let json = section_json(Kind::Accounts, &accounts.encode_to_vec(), AT).unwrap();
        let gap = |number: usize| json["diagnostics"][number].get("gap").cloned();
        assert_eq!(gap(0), Some(serde_json::json!({})));
        let searched = serde_json::json!({"hides": ["privileges.SETUID"], "pending": true});
        assert_eq!(gap(1), Some(searched));
        assert_eq!(gap(2), None, "anything may be missing");
    }

    #[test]
    fn enums_and_times_have_names() {
        let system = v1::System {
            booted_at: Some(AT),
            pending_reboot: State::Unknown.into(),
            ..Default::default()
        };
        let json = section_json(Kind::System, &system.encode_to_vec(), AT).unwrap();
        assert_eq!(json["booted_at"], "2026-03-01T08:15:00Z");
        assert_eq!(json["pending_reboot"], "UNKNOWN");
    }

    #[test]
    fn sections_keep_their_order() {
        let sections: Vec<_> = crate::probe::KINDS
            .into_iter()
            .map(|kind| Collected::now(kind, Vec::new()))
            .collect();
        let json = written(&sections);
        let names: Vec<_> = json["sections"].as_object().unwrap().keys().collect();
        let expected: Vec<_> = crate::probe::KINDS.into_iter().map(section_name).collect();
        assert_eq!(names, expected);
        assert!(expected.iter().all(|name| section_kind(name).is_some()));
    }

    #[test]
    fn damaged_bytes_are_an_error_that_names_the_section() {
        let error = section_json(Kind::Software, b"\xff\xff\xff", AT).unwrap_err();
        assert!(error.to_string().contains("software section"));
        assert!(matches!(
            section_json(Kind::Unspecified, b"", AT),
            Err(JsonError::UnknownSection(_))
        ));
    }

    #[test]
    fn a_time_beyond_the_calendar_is_an_error_and_no_panic() {
        let system = v1::System {
            installed_at: Some(Timestamp {
                seconds: i64::MAX,
                nanos: -5,
            }),
            ..Default::default()
        };
        let result = section_json(Kind::System, &system.encode_to_vec(), AT);
        assert!(matches!(result, Err(JsonError::OutOfRange { .. })));
        assert_eq!(
            rfc3339(&Timestamp {
                seconds: i64::MAX,
                nanos: 0
            }),
            ""
        );
    }
}
