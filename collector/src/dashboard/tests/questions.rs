//! Questions: ready ones, one's own in SQL, taken along, kept; within what is shared.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use freehold_proto::{DESCRIPTOR_SET, v1::section::Kind};
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, Kind as FieldKind, MessageDescriptor, Value};

use super::{
    guest::between,
    history::{administrators, software},
    site::{Answer, Browser, Given, World, given},
};
use crate::{audit::Entry, dashboard::guard::encoded, question::ready::SUBJECTS};

fn computer(world: &World, name: &str, label: &str, programs: &[(&str, &str)]) -> Given {
    let sections = vec![software(programs), administrators(&["root"])];
    let mut given = given(name, sections, Vec::new(), world.clock.now());
    given.record.labels = vec![label.to_owned()];
    given
}

async fn asked(browser: &mut Browser, sql: &str) -> Answer {
    browser
        .get(&format!("/questions?sql={}", encoded(sql)))
        .await
}

/// The last entries of the log, the newest first.
fn deeds(world: &World, viewer: &crate::access::Viewer) -> Vec<String> {
    let entries = world.desk().journal.entries(viewer, None, 20).unwrap();
    entries.iter().map(Entry::deed).collect()
}

#[tokio::test]
async fn every_ready_question_is_answered_in_a_table_or_says_that_nothing_fits() {
    let world = World::new();
    let mut owner = world.owner().await;
    let given = computer(
        &world,
        "front-desk",
        "office",
        &[("Java 8 Update 40", "8"), ("zoom", "5")],
    );
    world.add(given).await;
    let page = owner.get("/questions").await;
    assert_eq!(page.status, StatusCode::OK);
    for subject in SUBJECTS {
        for ready in subject.questions {
            let path = format!("/questions?ask={}", ready.word);
            assert!(page.body.contains(&format!("href=\"{path}\"")), "{path}");
            let answer = owner.get(&path).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            assert!(
                answer.body.contains(&format!("<h1>{}</h1>", ready.title)),
                "{path}"
            );
            let is_answered = answer.body.contains("<table class=\"cards\">")
                || answer.body.contains("The answer is empty.");
            assert!(
                is_answered && !answer.body.contains("id=\"problem\""),
                "{path}: {}",
                answer.body
            );
        }
    }
    let java = owner.get("/questions?ask=java-8").await;
    assert!(java.body.contains("Java 8 Update 40") && java.body.contains("front-desk"));
    assert!(!java.body.contains("zoom"));
    // An answer about the past says so, also where a script puts it into a page about now.
    let past = world.clock.now().minus(std::time::Duration::from_secs(60));
    for path in ["/questions", "/questions/answer"] {
        let now = owner.get(&format!("{path}?ask=java-8")).await;
        assert!(!now.body.contains("As of "), "{}", now.body);
        let then = owner.get(&format!("{path}?ask=java-8&at={past}")).await;
        assert!(then.body.contains("As of "), "{}", then.body);
    }
    let antivirus = owner.get("/questions?ask=no-antivirus").await;
    assert!(
        antivirus
            .body
            .contains("Not known: not every source could be read")
    );
}

/// A message in which every choice is the one of a number, where there is one.
fn chosen(descriptor: &MessageDescriptor, number: i32) -> DynamicMessage {
    let mut message = DynamicMessage::new(descriptor.clone());
    for field in descriptor.fields() {
        let value = match field.kind() {
            FieldKind::Enum(choices) => {
                let is_status = field.name() == "status";
                let known = choices.get_value(number).is_some() && !is_status;
                Value::EnumNumber(if known { number } else { 1 })
            }
            FieldKind::Message(inner) if inner.full_name() == "google.protobuf.Timestamp" => {
                continue;
            }
            FieldKind::Message(inner) => Value::Message(chosen(&inner, number)),
            FieldKind::String => Value::String("text".to_owned()),
            _ => continue,
        };
        let value = if field.is_list() {
            Value::List(vec![value])
        } else {
            value
        };
        message.set_field(&field, value);
    }
    message
}

fn choices(message: &MessageDescriptor, names: &mut BTreeSet<String>) {
    for field in message.fields() {
        match field.kind() {
            FieldKind::Enum(choices) => {
                names.extend(choices.values().map(|value| value.name().to_owned()));
            }
            FieldKind::Message(inner) if inner.full_name() != "google.protobuf.Timestamp" => {
                choices(&inner, names);
            }
            _ => {}
        }
    }
}

/// What stands in the cells of an answer.
fn cells(body: &str) -> impl Iterator<Item = String> {
    let cells = body.split("<td ").skip(1);
    cells.filter_map(|cell| {
        let inside = cell.split_once('>')?.1.split_once("</td>")?.0;
        let mut text = String::new();
        let mut is_tag = false;
        for letter in inside.chars() {
            match letter {
                '<' => is_tag = true,
                '>' => is_tag = false,
                _ if !is_tag => text.push(letter),
                _ => {}
            }
        }
        Some(text.trim().to_owned())
    })
}

#[tokio::test]
async fn ready_questions_are_answered_in_words_and_not_in_names_of_the_schema() {
    let world = World::new();
    let mut owner = world.owner().await;
    let pool = DescriptorPool::decode(DESCRIPTOR_SET).unwrap();
    let sections = [
        "System",
        "Hardware",
        "Software",
        "Antivirus",
        "Accounts",
        "Network",
        "Services",
        "Protection",
    ];
    let mut names = BTreeSet::new();
    for number in 1..=12 {
        let bodies = sections.into_iter().zip(1..).map(|(name, kind)| {
            let descriptor = pool.get_message_by_name(&format!("freehold.v1.{name}"));
            let descriptor = descriptor.unwrap();
            choices(&descriptor, &mut names);
            let body = chosen(&descriptor, number).encode_to_vec();
            (Kind::try_from(kind).unwrap(), body)
        });
        let bodies = bodies.collect();
        let name = format!("pc-{number}");
        world
            .add(given(&name, bodies, Vec::new(), world.clock.now()))
            .await;
    }
    let mut seen = 0;
    for ready in SUBJECTS.iter().flat_map(|subject| subject.questions) {
        let answer = owner.get(&format!("/questions?ask={}", ready.word)).await;
        for cell in cells(&answer.body) {
            seen += 1;
            assert!(!names.contains(&cell), "{}: {cell}", ready.word);
        }
    }
    assert!(seen > 100, "{seen} cells");
    // In SQL of one's own a value is what one has to write to find it.
    let sql = "SELECT mechanism FROM accounts_privileges WHERE mechanism = 'SUDO'";
    let own = asked(&mut owner, sql).await;
    assert!(cells(&own.body).any(|cell| cell == "SUDO"), "{}", own.body);
}

#[tokio::test]
async fn what_computers_say_of_themselves_is_inert_in_answers_and_in_what_is_taken_along() {
    let world = World::new();
    let mut owner = world.owner().await;
    let hostile = "<script>alert(1)</script>\u{202e}";
    let given = computer(
        &world,
        hostile,
        "office",
        &[("=HYPERLINK(\"x\")", "1"), ("<b>", "2")],
    );
    world.add(given).await;
    let sql = "SELECT computer, name, version FROM software_packages ORDER BY version";
    let page = asked(&mut owner, sql).await;
    assert!(
        page.body.contains("&lt;script&gt;") && page.body.contains("&lt;b&gt;"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("<script>alert") && !page.body.contains("<b>"));
    let csv = owner
        .get(&format!("/questions/csv?sql={}", encoded(sql)))
        .await;
    assert!(
        csv.body.starts_with("computer,name,version\r\n"),
        "{}",
        csv.body
    );
    assert!(csv.body.contains("'=HYPERLINK"), "{}", csv.body);
    assert!(!csv.body.contains('\u{202e}'));
    let fault = asked(&mut owner, "SELECT '<i>' FROM \"<u>\"").await;
    assert!(
        fault.body.contains("no such table: &lt;u&gt;"),
        "{}",
        fault.body
    );
}

#[tokio::test]
async fn a_guest_asks_within_what_is_shared_and_is_told_what_is_not() {
    let world = World::new();
    let mut owner = world.owner().await;
    world
        .add(computer(&world, "front-desk", "office", &[("zoom", "5")]))
        .await;
    world
        .add(computer(
            &world,
            "surgery-pc",
            "surgery",
            &[("secret-program", "1")],
        ))
        .await;
    world
        .add(computer(
            &world,
            "hidden-pc",
            "cellar",
            &[("secret-program", "2")],
        ))
        .await;
    let mut guest = world
        .guest(&["all,-accounts@office", "system@surgery"])
        .await;
    let browser = &mut guest.browser;
    let page = asked(browser, "SELECT computer, name FROM software_packages").await;
    assert!(
        page.body.contains("zoom") && !page.body.contains("secret-program"),
        "{}",
        page.body
    );
    assert!(
        page.body
            .contains("The section software of 1 computer is not shared with you: surgery-pc."),
        "{}",
        page.body
    );
    assert!(!page.body.contains("hidden-pc"));
    let refused = asked(browser, "SELECT count(*) FROM users").await;
    assert!(
        refused
            .body
            .contains("the section accounts is not shared with you"),
        "{}",
        refused.body
    );
    let names = asked(browser, "SELECT computer FROM computers").await;
    assert!(names.body.contains("surgery-pc") && !names.body.contains("hidden-pc"));
    // Who may not take lists along does not, and says nothing of it in links.
    let csv = browser.get("/questions/csv?sql=SELECT%201").await;
    assert_eq!(csv.status, StatusCode::FORBIDDEN);
    assert!(!page.body.contains("/questions/csv"));
    let all = asked(&mut owner, "SELECT count(*) AS n FROM software_packages").await;
    assert!(all.body.contains(">3</td>"), "{}", all.body);

    let viewer = crate::access::Viewer::console();
    let deeds = deeds(&world, &viewer);
    let said = "asked about the software of 2 computers: \u{201c}SELECT computer, name FROM software_packages\u{201d}";
    assert!(deeds.iter().any(|deed| deed == said), "{deeds:#?}");
    let refused = "asked for something that is not shared with them, and was refused";
    assert_eq!(
        deeds.iter().filter(|deed| *deed == refused).count(),
        2,
        "{deeds:#?}"
    );
}

#[tokio::test]
async fn the_script_is_told_how_far_a_question_is_and_then_the_answer() {
    let world = World::new();
    let mut owner = world.owner().await;
    world
        .add(computer(&world, "front-desk", "office", &[("zoom", "5")]))
        .await;
    let sql = encoded("SELECT name FROM software_packages");
    let answer = owner.get(&format!("/questions/answer?sql={sql}")).await;
    let (_, html) = answer.body.split_once("\n\n").unwrap_or(("", &answer.body));
    assert!(
        html.contains("zoom") && !html.contains("<html"),
        "{}",
        answer.body
    );
    let wrong = owner.get("/questions/answer?sql=SELEC").await;
    assert!(
        wrong.body.contains("syntax error") && wrong.body.contains("id=\"problem\""),
        "{}",
        wrong.body
    );
}

#[tokio::test]
async fn people_keep_questions_for_themselves() {
    let world = World::new();
    let mut owner = world.owner().await;
    let mut guest = world.guest(&["all"]).await;
    let page = asked(&mut owner, "SELECT 1").await;
    let token = between(&page, "name=\"form_token\" value=\"", "\"");
    let form = |name: &str, sql: &str| {
        [
            ("form_token", token.clone()),
            ("name", name.to_owned()),
            ("sql", sql.to_owned()),
        ]
    };
    let kept = owner
        .post("/questions/save", &form("<mine>", "SELECT 1"))
        .await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.body);
    assert!(
        kept.location().starts_with("/questions?sql=SELECT%201"),
        "{}",
        kept.location()
    );
    assert!(owner.get("/questions").await.body.contains("&lt;mine&gt;"));
    assert!(!guest.browser.get("/questions").await.body.contains("mine"));
    let nameless = owner.post("/questions/save", &form(" ", "SELECT 1")).await;
    assert!(
        nameless.body.contains("give the question a name"),
        "{}",
        nameless.body
    );
    for number in 0..49 {
        let kept = owner
            .post("/questions/save", &form(&format!("q{number}"), "SELECT 2"))
            .await;
        assert_eq!(kept.status, StatusCode::SEE_OTHER);
    }
    let many = owner
        .post("/questions/save", &form("one more", "SELECT 3"))
        .await;
    assert!(
        many.body.contains("you keep 50 questions already"),
        "{}",
        many.body
    );
    let same = owner.post("/questions/save", &form("q7", "SELECT 7")).await;
    assert_eq!(
        same.status,
        StatusCode::SEE_OTHER,
        "in the place of the other"
    );
    let forgotten = owner.post("/questions/forget", &form("<mine>", "")).await;
    assert_eq!(forgotten.status, StatusCode::SEE_OTHER);
    assert!(!owner.get("/questions").await.body.contains("&lt;mine&gt;"));
}

#[tokio::test]
async fn the_tables_are_explained() {
    let world = World::new();
    let mut owner = world.owner().await;
    let page = owner.get("/questions/tables").await;
    assert_eq!(page.status, StatusCode::OK);
    for word in [
        "software_packages",
        "deb_packages",
        "Installed size in bytes.",
    ] {
        assert!(page.body.contains(word), "{word}");
    }
}
