//! The agent has no ears: whatever the collector answers, it can name sections that it lacks, a delay, and
//! credentials. Nothing that reaches an agent can make it run, fetch, change or delete anything.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::{collections::BTreeSet, fs, path::Path};

use prost_reflect::{DescriptorPool, Kind, MessageDescriptor};

/// The services an agent calls.
const CALLED: [&str; 2] = ["freehold.v1.Enrolment", "freehold.v1.Reporting"];

/// Every field that may reach an agent. Extending this list changes what an agent is: see principle 2 in
/// ARCHITECTURE.md before you do.
const ALLOWED: [&str; 11] = [
    "freehold.v1.CheckInResponse.credentials",
    "freehold.v1.CheckInResponse.next_check_in_seconds",
    "freehold.v1.CheckInResponse.wanted",
    "freehold.v1.CredentialBundle.certificate_chain",
    "freehold.v1.CredentialBundle.collector_addresses",
    "freehold.v1.CredentialBundle.trust_anchors",
    "freehold.v1.EnrolResponse.credentials",
    "freehold.v1.EnrolResponse.retry_after_seconds",
    "freehold.v1.RenewResponse.credentials",
    "freehold.v1.UploadResponse.retry_after_seconds",
    "freehold.v1.CheckInResponse.wanted:freehold.v1.Section.Kind",
];

#[test]
fn an_answer_carries_wanted_sections_a_delay_and_credentials_only() {
    let reachable = reachable(&pool());
    let allowed = ALLOWED
        .iter()
        .map(ToString::to_string)
        .collect::<BTreeSet<_>>();
    assert_eq!(reachable, allowed);
}

#[test]
fn no_answer_is_a_stream() {
    for service in called(&pool()) {
        for method in service.methods() {
            assert!(
                !method.is_server_streaming(),
                "{} pushes messages",
                method.full_name()
            );
        }
    }
}

#[test]
fn delays_are_numbers_and_credentials_are_bytes_or_addresses() {
    let pool = pool();
    let mut seen = BTreeSet::new();
    for message in answers(&pool) {
        visit(&message, &mut seen, &mut |field, kind| {
            let fits = match field.rsplit('.').next().unwrap_or_default() {
                "certificate_chain" | "trust_anchors" => matches!(kind, Kind::Bytes),
                "collector_addresses" => matches!(kind, Kind::String),
                "credentials" => matches!(kind, Kind::Message(_)),
                "wanted" => matches!(kind, Kind::Enum(_)),
                _ => field.ends_with("_seconds") && matches!(kind, Kind::Uint32),
            };
            assert!(fits, "{field} is a {kind:?}");
        });
    }
}

#[test]
fn the_agent_calls_no_other_service() {
    let mut clients = BTreeSet::new();
    collect_clients(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("../agent/src"),
        &mut clients,
    );
    let known = ["enrolment_client", "reporting_client"].map(str::to_owned);
    assert!(
        clients.is_subset(&known.into()),
        "the agent's sources name other services: {clients:?}"
    );
}

fn pool() -> DescriptorPool {
    DescriptorPool::decode(freehold_proto::DESCRIPTOR_SET).expect("a descriptor set")
}

fn called(pool: &DescriptorPool) -> Vec<prost_reflect::ServiceDescriptor> {
    let called: Vec<_> = pool
        .services()
        .filter(|service| CALLED.contains(&service.full_name()))
        .collect();
    assert_eq!(called.len(), CALLED.len(), "a service was renamed");
    called
}

fn answers(pool: &DescriptorPool) -> Vec<MessageDescriptor> {
    called(pool)
        .iter()
        .flat_map(|service| {
            service
                .methods()
                .map(|method| method.output())
                .collect::<Vec<_>>()
        })
        .collect()
}

fn reachable(pool: &DescriptorPool) -> BTreeSet<String> {
    let mut fields = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for message in answers(pool) {
        visit(&message, &mut seen, &mut |field, kind| {
            if let Kind::Enum(values) = kind {
                fields.insert(format!("{field}:{}", values.full_name()));
            }
            fields.insert(field.to_owned());
        });
    }
    fields
}

/// Calls `found` with every field below a message, once each.
fn visit(
    message: &MessageDescriptor,
    seen: &mut BTreeSet<String>,
    found: &mut dyn FnMut(&str, &Kind),
) {
    if !seen.insert(message.full_name().to_owned()) {
        return;
    }
    for field in message.fields() {
        found(field.full_name(), &field.kind());
        if let Kind::Message(inner) = field.kind() {
            visit(&inner, seen, found);
        }
    }
}

/// Names of generated clients in the sources below a folder.
fn collect_clients(folder: &Path, clients: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("the agent's sources").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect_clients(&path, clients);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a source file");
            let words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
            clients.extend(
                words
                    .filter(|word| word.ends_with("_client"))
                    .map(str::to_owned),
            );
        }
    }
}
