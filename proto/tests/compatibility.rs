//! Every 1.x agent keeps reporting to every 1.x collector: the schema may grow, but nothing that was
//! released may disappear or change its meaning on the wire or its name in JSON.
//!
//! `released.bin` is the schema as last released. `cargo run -p freehold-proto --example release`
//! records the present one; do so for every release.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;

use prost_reflect::prost::Message as _;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorSet,
    MethodDescriptorProto,
};

/// Everything others rely on: what it is -> how it is encoded.
type Promises = BTreeMap<String, String>;

#[test]
fn nothing_that_was_released_is_gone_or_different() {
    let released = decode(include_bytes!("released.bin"));
    let breaks = breaking_changes(&released, &present());
    assert!(
        breaks.is_empty(),
        "agents in the field would no longer be understood:\n{}",
        breaks.join("\n")
    );
}

#[test]
fn additions_are_no_break() {
    let mut new = present();
    let file = file_mut(&mut new);
    let mut field = file.message_type[0]
        .field
        .first()
        .cloned()
        .unwrap_or_default();
    field.name = Some("added_later".to_owned());
    field.number = Some(1000);
    file.message_type[0].field.push(field);
    file.message_type.push(DescriptorProto {
        name: Some("AddedLater".to_owned()),
        ..DescriptorProto::default()
    });
    assert_eq!(breaking_changes(&present(), &new), Vec::<String>::new());
}

#[test]
fn every_kind_of_break_is_noticed() {
    let field = |change: fn(&mut FieldDescriptorProto)| {
        move |message: &mut DescriptorProto| change(&mut message.field[0])
    };
    noticed("removed field", |message| {
        message.field.remove(0);
    });
    noticed(
        "renamed field",
        field(|field| field.name = Some("other".to_owned())),
    );
    noticed("renumbered field", field(|field| field.number = Some(1000)));
    noticed("retyped field", field(|field| field.r#type = Some(4)));
    noticed("changed label", field(|field| field.label = Some(3)));
    noticed(
        "changed presence",
        field(|field| field.proto3_optional = Some(true)),
    );
    noticed("removed enum value", |message| {
        message.enum_type[0].value.pop();
    });
    noticed("renumbered enum value", |message| {
        message.enum_type[0].value[1].number = Some(77);
    });
    noticed("removed message", |message| {
        message.name = Some("Other".to_owned());
    });
}

#[test]
fn removed_and_changed_calls_are_noticed() {
    let mut new = present();
    for file in &mut new.file {
        file.service.retain(|service| service.name() != "Enrolment");
        for service in &mut file.service {
            if service.name() == "Reporting" {
                service.method[0].server_streaming = Some(true);
                service.method[1].output_type = Some(".freehold.v1.RenewResponse".to_owned());
            }
        }
    }
    let breaks = breaking_changes(&present(), &new);
    for call in ["Enrolment.Enrol", "Reporting.CheckIn", "Reporting.Upload"] {
        assert!(
            breaks.iter().any(|line| line.contains(call)),
            "{call} changed unnoticed: {breaks:?}"
        );
    }
}

/// Applies a change to message `System` and expects it to be reported.
fn noticed(what: &str, change: impl Fn(&mut DescriptorProto)) {
    let mut new = present();
    let system = file_mut(&mut new)
        .message_type
        .iter_mut()
        .find(|message| message.name() == "System")
        .expect("message System");
    change(system);
    assert!(
        !breaking_changes(&present(), &new).is_empty(),
        "{what} went unnoticed"
    );
}

fn file_mut(set: &mut FileDescriptorSet) -> &mut prost_types::FileDescriptorProto {
    set.file
        .iter_mut()
        .find(|file| file.name().ends_with("inventory.proto"))
        .expect("inventory.proto")
}

fn present() -> FileDescriptorSet {
    decode(freehold_proto::DESCRIPTOR_SET)
}

fn decode(bytes: &[u8]) -> FileDescriptorSet {
    FileDescriptorSet::decode(bytes).expect("a descriptor set")
}

fn breaking_changes(old: &FileDescriptorSet, new: &FileDescriptorSet) -> Vec<String> {
    let new = promises(new);
    promises(old)
        .iter()
        .filter_map(|(what, before)| match new.get(what) {
            None => Some(format!("{what} is gone (was {before})")),
            Some(after) if after != before => Some(format!("{what} was {before}, is {after}")),
            Some(_) => None,
        })
        .collect()
}

fn promises(set: &FileDescriptorSet) -> Promises {
    let mut promises = Promises::new();
    for file in set
        .file
        .iter()
        .filter(|file| file.package() == "freehold.v1")
    {
        for message in &file.message_type {
            promise_message(&mut promises, "", message);
        }
        for enumeration in &file.enum_type {
            promise_enum(&mut promises, "", enumeration);
        }
        for service in &file.service {
            for method in &service.method {
                let name = format!("rpc {}.{}", service.name(), method.name());
                promises.insert(name, signature(method));
            }
        }
    }
    promises
}

fn promise_message(promises: &mut Promises, scope: &str, message: &DescriptorProto) {
    let name = format!("{scope}{}", message.name());
    promises.insert(format!("message {name}"), "a message".to_owned());
    for field in &message.field {
        promises.insert(
            format!("field {name}.{}", field.name()),
            encoding(message, field),
        );
    }
    let scope = format!("{name}.");
    for nested in &message.nested_type {
        promise_message(promises, &scope, nested);
    }
    for enumeration in &message.enum_type {
        promise_enum(promises, &scope, enumeration);
    }
}

fn promise_enum(promises: &mut Promises, scope: &str, enumeration: &EnumDescriptorProto) {
    for value in &enumeration.value {
        promises.insert(
            format!("value {scope}{}.{}", enumeration.name(), value.name()),
            format!("number {}", value.number()),
        );
    }
}

fn encoding(message: &DescriptorProto, field: &FieldDescriptorProto) -> String {
    let oneof = field
        .oneof_index
        .and_then(|index| message.oneof_decl.get(usize::try_from(index).ok()?))
        .map_or("none", |oneof| oneof.name());
    format!(
        "number {}, {:?} {:?}{}, optional {}, oneof {oneof}",
        field.number(),
        field.label(),
        field.r#type(),
        field.type_name(),
        field.proto3_optional(),
    )
}

fn signature(method: &MethodDescriptorProto) -> String {
    let stream = |streams| if streams { "stream " } else { "" };
    format!(
        "({}{}) -> {}{}",
        stream(method.client_streaming()),
        method.input_type(),
        stream(method.server_streaming()),
        method.output_type(),
    )
}
