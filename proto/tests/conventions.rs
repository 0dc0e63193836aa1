//! What every message of the schema keeps to: comments say what it means, zero means nothing, and what is
//! hashed has one encoding only.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::{fs, path::Path};

use freehold_proto::limits;
use prost_reflect::{DescriptorPool, Kind};
use prost_types::{DescriptorProto, EnumDescriptorProto, FileDescriptorProto, FileDescriptorSet};

const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn every_message_field_enum_value_and_call_is_commented() {
    let mut missing = Vec::new();
    for file in &sources().file {
        if file.package() == "freehold.v1" {
            Commented {
                file,
                missing: &mut missing,
            }
            .file();
        }
    }
    assert!(
        missing.is_empty(),
        "without a comment:\n{}",
        missing.join("\n")
    );
}

#[test]
fn zero_of_every_enum_means_unspecified() {
    for enumeration in pool()
        .all_enums()
        .filter(|it| it.package_name() == "freehold.v1")
    {
        let zero = enumeration.get_value(0).expect("a zero value");
        let name = zero.name();
        assert!(
            name.ends_with("_UNSPECIFIED"),
            "zero of {} is {name}",
            enumeration.full_name()
        );
    }
}

#[test]
fn the_inventory_has_no_maps_and_no_floating_point_numbers() {
    for message in pool().all_messages() {
        if message.parent_file().name() != "freehold/v1/inventory.proto" {
            continue;
        }
        for field in message.fields() {
            let name = field.full_name();
            assert!(
                !field.is_map(),
                "{name} is a map: its order is not canonical"
            );
            let float = matches!(field.kind(), Kind::Float | Kind::Double);
            assert!(!float, "{name} is a floating-point number");
        }
    }
}

#[test]
fn every_section_has_a_status_and_diagnostics_in_front() {
    let pool = pool();
    let kinds = pool
        .get_enum_by_name("freehold.v1.Section.Kind")
        .expect("Section.Kind");
    for kind in kinds.values().filter(|kind| kind.number() != 0) {
        let name = capitalised(kind.name());
        let message = pool
            .get_message_by_name(&format!("freehold.v1.{name}"))
            .expect(&name);
        for (number, field) in [(1, "status"), (2, "diagnostics")] {
            let found = message.get_field(number).map(|it| it.name().to_owned());
            assert_eq!(found.as_deref(), Some(field), "field {number} of {name}");
        }
    }
}

#[test]
fn limits_in_the_comments_are_the_limits_in_the_code() {
    let reporting = prose("freehold/v1/reporting.proto");
    let inventory = prose("freehold/v1/inventory.proto");
    let days = |duration: std::time::Duration| duration.as_secs() / 86_400;
    let section = bytes(limits::SECTION_BYTES);
    let items = thousands(limits::SECTION_ITEMS);
    let expected = [
        (
            &reporting,
            format!(
                "an enrolment body is at most {}",
                size(limits::ENROLMENT_BYTES)
            ),
        ),
        (
            &reporting,
            format!("any other message at most {}", size(limits::MESSAGE_BYTES)),
        ),
        (
            &reporting,
            format!("a section at most {section} decompressed, {items} items"),
        ),
        (
            &reporting,
            format!("{} times its compressed size", limits::DECOMPRESSION_RATIO),
        ),
        (
            &reporting,
            format!("of its zstd frame, at most {}", size(limits::CHUNK_BYTES)),
        ),
        (
            &reporting,
            format!("expired less than {} days ago", days(limits::RENEWAL_GRACE)),
        ),
        (
            &inventory,
            format!("a section is at most {section} and {items} items"),
        ),
        (
            &inventory,
            format!("a string at most {}", size(limits::STRING_BYTES)),
        ),
    ];
    for (text, phrase) in expected {
        assert!(text.contains(&phrase), "no comment says \"{phrase}\"");
    }
}

fn pool() -> DescriptorPool {
    DescriptorPool::decode(freehold_proto::DESCRIPTOR_SET).expect("a descriptor set")
}

/// The schema with its comments, which the built-in descriptor set leaves out.
fn sources() -> FileDescriptorSet {
    let files =
        ["inventory", "reporting", "control", "access"].map(|it| format!("freehold/v1/{it}.proto"));
    let mut compiler = protox::Compiler::new([FOLDER]).expect("a compiler");
    compiler.include_source_info(true).include_imports(true);
    compiler
        .open_files(files)
        .expect("the schema compiles")
        .file_descriptor_set()
}

/// A file's comments as running text.
fn prose(file: &str) -> String {
    let text = fs::read_to_string(Path::new(FOLDER).join(file)).expect(file);
    let words = text
        .lines()
        .flat_map(|line| line.trim().trim_start_matches("//").split_whitespace());
    words.collect::<Vec<_>>().join(" ")
}

fn size(limit: usize) -> String {
    bytes(limit as u64)
}

fn bytes(limit: u64) -> String {
    match limit {
        mib if mib % (1 << 20) == 0 => format!("{} MiB", mib >> 20),
        kib if kib % (1 << 10) == 0 => format!("{} KiB", kib >> 10),
        other => format!("{other} bytes"),
    }
}

fn thousands(count: usize) -> String {
    match (count / 1000, count % 1000) {
        (0, rest) => rest.to_string(),
        (thousands, rest) => format!("{thousands},{rest:03}"),
    }
}

fn capitalised(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    format!("{first}{}", rest.to_lowercase())
}

/// Looks for the comment above each element of a file.
struct Commented<'a> {
    file: &'a FileDescriptorProto,
    missing: &'a mut Vec<String>,
}

// Field numbers in descriptor.proto, which make up the paths of source locations.
const FILE_MESSAGE: i32 = 4;
const FILE_ENUM: i32 = 5;
const FILE_SERVICE: i32 = 6;
const MESSAGE_FIELD: i32 = 2;
const MESSAGE_NESTED: i32 = 3;
const MESSAGE_ENUM: i32 = 4;
const ENUM_VALUE: i32 = 2;
const SERVICE_METHOD: i32 = 2;

impl Commented<'_> {
    fn file(&mut self) {
        let file = self.file;
        for (message, path) in numbered(&[], FILE_MESSAGE, &file.message_type) {
            self.message(message, "", &path);
        }
        for (enumeration, path) in numbered(&[], FILE_ENUM, &file.enum_type) {
            self.enumeration(enumeration, "", &path);
        }
        for (service, path) in numbered(&[], FILE_SERVICE, &file.service) {
            self.expect(service.name(), &path);
            for (method, path) in numbered(&path, SERVICE_METHOD, &service.method) {
                self.expect(&format!("{}.{}", service.name(), method.name()), &path);
            }
        }
    }

    fn message(&mut self, message: &DescriptorProto, scope: &str, path: &[i32]) {
        let name = format!("{scope}{}", message.name());
        self.expect(&name, path);
        let scope = format!("{name}.");
        for (field, path) in numbered(path, MESSAGE_FIELD, &message.field) {
            self.expect(&format!("{scope}{}", field.name()), &path);
        }
        for (nested, path) in numbered(path, MESSAGE_NESTED, &message.nested_type) {
            self.message(nested, &scope, &path);
        }
        for (enumeration, path) in numbered(path, MESSAGE_ENUM, &message.enum_type) {
            self.enumeration(enumeration, &scope, &path);
        }
    }

    fn enumeration(&mut self, enumeration: &EnumDescriptorProto, scope: &str, path: &[i32]) {
        let name = format!("{scope}{}", enumeration.name());
        self.expect(&name, path);
        for (value, path) in numbered(path, ENUM_VALUE, &enumeration.value) {
            self.expect(&format!("{name}.{}", value.name()), &path);
        }
    }

    fn expect(&mut self, name: &str, path: &[i32]) {
        let locations = self
            .file
            .source_code_info
            .iter()
            .flat_map(|info| &info.location);
        let comment = locations
            .filter(|location| location.path == path)
            .map(|location| location.leading_comments().trim())
            .find(|comment| !comment.is_empty());
        if comment.is_none() {
            self.missing.push(name.to_owned());
        }
    }
}

/// Elements of a list with their paths.
fn numbered<'a, T>(
    parent: &[i32],
    list: i32,
    elements: &'a [T],
) -> impl Iterator<Item = (&'a T, Vec<i32>)> + use<'a, T> {
    let parent = parent.to_vec();
    elements.iter().zip(0..).map(move |(element, index)| {
        let path = parent.iter().copied().chain([list, index]).collect();
        (element, path)
    })
}
