//! What computers say about themselves is inert on every page.

use axum::http::{StatusCode, header};
use freehold_proto::{DESCRIPTOR_SET, v1::section::Kind};
use prost::Message as _;
use prost_reflect::{
    DescriptorPool, DynamicMessage, Kind as FieldKind, MessageDescriptor, ReflectMessage as _,
    Value,
};

use super::{
    history::administrators,
    site::{Browser, Given, World, concrete, given},
};
use crate::{
    access::{NewGrant, PersonId, Proposal, Viewer, parsed_scope},
    audit::Actor,
    dashboard::route::{Open, routes},
    history::Moment,
    store::record::{Action, ChangeRecord, FieldChange, MachineState, NoticeRecord},
};

const HTML: &str =
    "<script>alert(1)</script><img src=x onerror=alert(2)>\"'`&amp;</textarea></title>";
const BIDI: &str = "\u{202e}gpj.exe\u{2066}\u{200b}\u{7}\0";
const FORMULA: &str = "=HYPERLINK(\"http://evil.example\")";

/// A message in which every string, in every list, is hostile.
fn poisoned(descriptor: &MessageDescriptor, text: &str) -> DynamicMessage {
    let mut message = DynamicMessage::new(descriptor.clone());
    for field in descriptor.fields() {
        let value = match field.kind() {
            FieldKind::String => Value::String(text.to_owned()),
            FieldKind::Message(inner) if inner.full_name() == "google.protobuf.Timestamp" => {
                let mut time = DynamicMessage::new(inner);
                time.set_field_by_name("seconds", Value::I64(i64::MAX));
                Value::Message(time)
            }
            FieldKind::Message(inner) => Value::Message(poisoned(&inner, text)),
            FieldKind::Enum(_) => Value::EnumNumber(if field.name() == "status" { 1 } else { 99 }),
            FieldKind::Uint64 => Value::U64(u64::MAX),
            FieldKind::Uint32 => Value::U32(u32::MAX),
            FieldKind::Bool => Value::Bool(true),
            other => panic!("a new kind of field: {other:?}"),
        };
        let value = if field.is_list() {
            Value::List(vec![value.clone(), value])
        } else {
            value
        };
        message.set_field(&field, value);
    }
    message
}

fn sections(text: &str) -> Vec<(Kind, Vec<u8>)> {
    let pool = DescriptorPool::decode(DESCRIPTOR_SET).unwrap();
    [
        "System",
        "Hardware",
        "Software",
        "Antivirus",
        "Accounts",
        "Network",
        "Services",
        "Protection",
    ]
    .into_iter()
    .zip(1..)
    .map(|(name, kind)| {
        let descriptor = pool
            .get_message_by_name(&format!("freehold.v1.{name}"))
            .unwrap();
        let body = poisoned(&descriptor, text).encode_to_vec();
        (Kind::try_from(kind).unwrap(), body)
    })
    .collect()
}

fn readings(text: &str) -> Vec<u8> {
    let pool = DescriptorPool::decode(DESCRIPTOR_SET).unwrap();
    let descriptor = pool.get_message_by_name("freehold.v1.Readings").unwrap();
    let message = poisoned(&descriptor, text);
    assert_eq!(message.descriptor().name(), "Readings");
    message.encode_to_vec()
}

/// A supplier and a technician of a hostile name, as far as such a name is taken; answers with their pages.
async fn let_in(browser: &Browser, name: &str) -> Vec<String> {
    let name: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
    let (by, desk) = (Actor::console(), &browser.desk);
    let new = NewGrant {
        supplier: name.clone(),
        scope: parsed_scope(&["all"]).unwrap(),
        days: 90,
        note: name.clone(),
        may_export: false,
    };
    let Ok(grant) = desk.grants.create(new, &by).await else {
        return Vec::new();
    };
    let _ = desk
        .people
        .invite(grant.id, &name, "a@example.com", &by)
        .await;
    let machine = desk.machines.list().remove(0);
    let machine = crate::machines::id_of(&machine).unwrap();
    for proposal in [
        Proposal::Name(name.clone()),
        Proposal::Label(name.clone()),
        Proposal::Note(name.clone()),
    ] {
        let who = Actor::delegate(PersonId([7; 16]), &name, &name, grant.id);
        let _ = desk
            .suggestions
            .suggest(machine, proposal, PersonId([7; 16]), &who)
            .await;
    }
    let _ = desk.machines.note(machine, &name, &by).await;
    let decisions = ["invite", "extend", "change", "suspend", "resume", "revoke"];
    decisions
        .map(|word| format!("/access/{}/{word}", grant.id))
        .to_vec()
}

/// A machine that says the text wherever it can.
fn hostile_machine(text: &str, world: &World) -> Given {
    let mut machine = given(text, sections(text), readings(text), world.clock.now());
    machine.record.labels = vec![text.to_owned()];
    machine.record.given_name = text.to_owned();
    machine.record.notices = (1..6)
        .map(|kind| NoticeRecord {
            kind,
            since: i64::MAX,
            detail: text.to_owned(),
        })
        .collect();
    machine.presence.as_mut().unwrap().agent_version = text.to_owned();
    let field = FieldChange {
        name: text.to_owned(),
        before: text.to_owned(),
        after: text.to_owned(),
    };
    machine.changes = vec![ChangeRecord {
        at: world.clock.now().0,
        section: 3,
        action: Action::Altered.into(),
        noun: text.to_owned(),
        item: text.to_owned(),
        summary: text.to_owned(),
        fields: vec![field.clone(), field],
        ..ChangeRecord::default()
    }];
    machine
}

#[tokio::test]
async fn hostile_names_are_inert_on_every_page() {
    let long = "A\u{301}".repeat(1400);
    for text in [HTML, BIDI, FORMULA, long.as_str()] {
        let world = World::new().named(text).await;
        let machine = hostile_machine(text, &world);
        let id = world.add(machine).await;
        let mut waiting = given(text, Vec::new(), Vec::new(), world.clock.now());
        waiting.record.state = MachineState::Waiting.into();
        waiting.record.same_hardware_as = id.as_bytes().to_vec();
        let waiting = world.add(waiting.with_wrong_clock()).await;
        let theirs = vec![administrators(&[text])];
        world
            .add(given(text, theirs, Vec::new(), world.clock.now()))
            .await;
        let mut browser = world.owner().await;
        let mut paths: Vec<String> = routes()
            .iter()
            .filter(|route| route.open != Open::Everybody)
            .filter(|route| {
                let elsewhere = [
                    "/events",
                    // Of a name: below.
                    "/administrators/whose",
                    "/access/{id}/{action}",
                    "/access/{id}/change",
                    "/access/invite",
                    "/settings/owners/{id}/end",
                    // Part of a page.
                    "/questions/answer",
                ];
                !elsewhere.contains(&route.path)
            })
            .flat_map(|route| [concrete(route.path, id), concrete(route.path, waiting)])
            .collect();
        paths.extend(let_in(&browser, text).await);
        let found = browser
            .desk
            .inventory
            .machine(&Viewer::console(), id, Moment::Now)
            .unwrap();
        for finding in found.findings.iter() {
            paths.push(format!("/findings/{}", finding.id));
            paths.push(format!("/findings/{}/set-aside", finding.id));
        }
        for action in ["approve", "link", "retire", "revoke"] {
            paths.push(format!("/computers/{waiting}/{action}"));
        }
        for section in [
            "system",
            "hardware",
            "antivirus",
            "accounts",
            "network",
            "services",
        ] {
            paths.push(format!("/computers/{id}/sections/{section}"));
        }
        let query = crate::dashboard::guard::encoded(text);
        paths.push(format!("/computers?q={query}&show={query}&sort={query}"));
        paths.push(format!(
            "/computers?column={query}&column=host&column=labels"
        ));
        paths.push(format!("/search?q={query}"));
        paths.push(format!("/software?name={query}&q={query}"));
        paths.push(format!("/administrators?q={query}"));
        paths.push(format!("/administrators/whose?name={query}"));
        paths.push(format!("/changes?q={query}&section={query}"));
        paths.push(format!("/questions?sql={query}&ask={query}"));
        for table in ["computers", "software_packages", "accounts_accounts"] {
            let sql = crate::dashboard::guard::encoded(&format!("SELECT * FROM {table}"));
            paths.push(format!("/questions?sql={sql}"));
        }
        paths.push("/sign-in".to_owned());
        for path in paths {
            let answer = browser.get(&path).await;
            if answer.status == StatusCode::METHOD_NOT_ALLOWED {
                continue;
            }
            if let Some(file) = answer.headers.get(header::CONTENT_DISPOSITION) {
                // A browser puts it into a folder, whatever it says; see the tests of exports.
                assert!(file.to_str().unwrap().starts_with("attachment;"), "{path}");
                assert_eq!(answer.headers["x-content-type-options"], "nosniff");
                continue;
            }
            assert!(
                answer.status.is_success() || answer.status == StatusCode::URI_TOO_LONG,
                "{path}: {}",
                answer.status
            );
            inert(&path, &answer.body);
        }
    }
}

/// A page without what stands in its fields: there, text is edited and must be what it is.
fn without_fields(body: &str) -> String {
    let mut pieces = body.split(" value=\"");
    let mut rest = pieces.next().unwrap().to_owned();
    for piece in pieces {
        rest.push_str(piece.split_once('"').unwrap().1);
    }
    let mut pieces = rest.split("<textarea ");
    let mut bare = pieces.next().unwrap().to_owned();
    for piece in pieces {
        bare.push_str(piece.split_once("</textarea>").unwrap().1);
    }
    bare
}

fn inert(path: &str, body: &str) {
    for live in ["<script>alert", "<img src=x", "onerror=alert(2)>"] {
        assert!(!body.contains(live), "{path} holds {live:?}");
    }
    let ends = body.matches("</textarea>").count();
    assert_eq!(
        ends,
        body.matches("<textarea ").count(),
        "{path}: ours alone"
    );
    let body = &without_fields(body);
    for live in ["\u{202e}", "\u{2066}", "\u{200b}", "\u{7}", "\0"] {
        let at = body
            .find(live)
            .map(|at| body[..at].chars().rev().take(80).collect::<String>());
        assert!(at.is_none(), "{path} holds {live:?} before {at:?}");
    }
    // Attributes are always quoted, and no quote comes from outside.
    assert_eq!(
        body.matches("<script").count(),
        1,
        "{path}: one script, ours"
    );
    let heading = body
        .split("<h1")
        .nth(1)
        .and_then(|rest| rest.split("</h1>").next());
    assert!(
        heading.is_none_or(|heading| heading.len() < 1500),
        "{path}: a heading overflows"
    );
    let title = body
        .split("<title>")
        .nth(1)
        .and_then(|rest| rest.split("</title>").next());
    assert!(
        title.is_some_and(|title| title.len() < 1500),
        "{path}: a title overflows"
    );
}
