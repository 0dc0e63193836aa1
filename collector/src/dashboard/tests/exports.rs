//! Lists that are taken along.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
    response::Response,
};
use freehold_proto::v1::section::Kind;
use http_body_util::BodyExt as _;

use super::{
    history::{administrators, antivirus, software},
    site::{Browser, HOST, World, given},
};
use crate::dashboard::{
    export::{ROWS, Sheet},
    lens::Lens,
    list::{Column, Value, Wanted},
    markup::Markup,
};
use crate::{
    access::{Grant, NewGrant, Viewer, parsed_scope},
    audit::{Actor, Entry},
    clock::UnixMillis,
    history::Moment,
    store::record::{Action, ChangeRecord, LogAct},
};

const LISTS: [&str; 7] = [
    "computers",
    "administrators",
    "software",
    "software?name=zoom",
    "changes",
    "difference",
    "findings",
];

/// An export as it comes.
async fn begun(browser: &Browser, path: &str) -> Response {
    let cookies: Vec<String> = browser
        .cookies
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let request = Request::get(path)
        .header(header::HOST, HOST)
        .header(header::COOKIE, cookies.join("; "));
    browser.raw(request.body(Body::empty()).unwrap()).await
}

/// What an export says, its type and its file's name.
async fn taken(browser: &Browser, path: &str) -> (StatusCode, String, String, Vec<u8>) {
    let answer = begun(browser, path).await;
    let (parts, body) = answer.into_parts();
    let text = |name| {
        let value = parts.headers.get(name);
        value.map_or(String::new(), |value| value.to_str().unwrap().to_owned())
    };
    let kind = text(header::CONTENT_TYPE);
    let file = text(header::CONTENT_DISPOSITION);
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    (parts.status, kind, file, body)
}

fn with(list: &str, more: &str) -> String {
    let joint = if list.contains('?') { '&' } else { '?' };
    format!("/export/{list}{joint}{more}")
}

/// A grant of software, to be taken along too.
async fn exporting(world: &World) -> Grant {
    let new = NewGrant {
        supplier: "Acme IT".to_owned(),
        scope: parsed_scope(&["software"]).unwrap(),
        days: 90,
        note: String::new(),
        may_export: true,
    };
    let grants = world.desk().grants;
    grants.create(new, &Actor::console()).await.unwrap()
}

/// A computer of whose software so much has changed.
async fn changed(world: &World, changes: usize) {
    let now = world.clock.now();
    let mut given = given("front-desk", Vec::new(), Vec::new(), now);
    let change = |number| ChangeRecord {
        at: now.0 - 1,
        section: Kind::Software as u32,
        action: Action::Added.into(),
        noun: "package".to_owned(),
        item: format!("package-{number}"),
        summary: format!("package package-{number} 1.0-{} added", "0".repeat(60)),
        ..ChangeRecord::default()
    };
    given.changes = (0..changes).map(change).collect();
    world.add(given).await;
}

async fn site(world: &World, name: &str, package: &str) -> Browser {
    let sections = vec![
        antivirus("Shield"),
        administrators(&[name]),
        software(&[("zoom", "5"), (package, "1")]),
    ];
    let given = given(name, sections, Vec::new(), world.clock.now());
    world.add(given.with_wrong_clock()).await;
    world.owner().await
}

#[tokio::test]
async fn every_list_is_taken_along_in_every_format() {
    let world = World::new();
    let browser = site(&world, "front-desk", "zoom-plugin").await;
    for list in LISTS {
        for (format, kind) in [
            ("csv", "text/csv; charset=utf-8"),
            ("json", "application/json"),
            (
                "xlsx",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            ),
        ] {
            let path = with(list, &format!("format={format}"));
            let (status, got, file, body) = taken(&browser, &path).await;
            assert_eq!(status, StatusCode::OK, "{path}");
            assert_eq!(got, kind, "{path}");
            let safe = |c: char| c.is_ascii_alphanumeric() || "-_.=\"; ".contains(c);
            assert!(
                file.starts_with("attachment; filename=\"freehold-"),
                "{file}"
            );
            assert!(file.chars().all(safe), "{file}");
            match format {
                "json" => {
                    let json: serde_json::Value = serde_json::from_slice(&body).unwrap();
                    assert!(json["rows"].is_array(), "{path}");
                }
                "xlsx" => assert!(body.starts_with(b"PK"), "{path}"),
                _ => {
                    let text = String::from_utf8(body).unwrap();
                    let head = text.lines().next().unwrap();
                    assert!(head.split(',').count() > 1, "{path}: {head}");
                }
            }
        }
    }
    let (_, _, _, body) = taken(&browser, "/export/computers?format=json&q=front").await;
    let json: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(json["rows"][0]["name"], "front-desk");
    assert_eq!(json["rows"][0]["antivirus"], "Shield (may not be running)");
    let (status, ..) = taken(&browser, "/export/computers?format=exe").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, ..) = taken(&browser, "/export/people").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_export_holds_what_the_page_shows_filtered_and_as_of_then() {
    let world = World::new();
    let browser = site(&world, "front-desk", "old").await;
    let id = browser
        .desk
        .inventory
        .machines(&Viewer::console(), Moment::Now);
    let id = id.unwrap()[0].machine.id;
    world
        .report(id, software(&[("zoom", "6"), ("new", "2")]))
        .await;
    world.report(id, antivirus("Other")).await;
    let then = world
        .clock
        .now()
        .minus(std::time::Duration::from_secs(3600));
    let text = async |path: String| {
        let (status, _, _, body) = taken(&browser, &path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        String::from_utf8(body).unwrap()
    };
    let now = text("/export/software".to_owned()).await;
    assert!(
        now.contains("\r\nnew,1,2 (1)") && !now.contains("\r\nold,"),
        "{now}"
    );
    let past = text(format!("/export/software?at={then}")).await;
    assert!(
        past.contains("\r\nold,1,") && !past.contains("\r\nnew,"),
        "{past}"
    );
    assert!(past.contains(&format!("As of {then}")));
    let past = text(format!("/export/computers?at={then}&column=antivirus")).await;
    assert!(
        past.starts_with("name,antivirus\r\nfront-desk,Shield"),
        "{past}"
    );
    let none = text("/export/software?q=nothing".to_owned()).await;
    assert_eq!(none.lines().count(), 1, "{none}");
}

#[tokio::test]
async fn hostile_names_are_inert_in_every_export() {
    let evil = "=HYPERLINK(\"http://evil\")\u{202e}\r\n@x";
    let world = World::new();
    let browser = site(&world, evil, "+cmd|' /C calc'!A0").await;
    for list in LISTS {
        let (_, _, _, body) = taken(&browser, &with(list, "format=csv")).await;
        let text = String::from_utf8(body).unwrap();
        assert!(!text.contains('\u{202e}'), "{list}: {text}");
        for line in text.split("\r\n") {
            for cell in line.split(',') {
                let cell = cell.trim_start_matches('"');
                assert!(!cell.starts_with(['=', '+', '-', '@']), "{list}: {line}");
            }
        }
        let (_, _, _, body) = taken(&browser, &with(list, "format=json")).await;
        assert!(
            serde_json::from_slice::<serde_json::Value>(&body).is_ok(),
            "{list}"
        );
    }
}

#[tokio::test]
async fn only_who_may_export_takes_lists_along_and_every_time_is_in_the_log() {
    let world = World::new();
    let mut owner = site(&world, "front-desk", "x").await;
    let mut guest = world.guest(&["software"]).await;
    let (status, ..) = taken(&guest.browser, "/export/software").await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let page = guest.browser.get("/software").await.body;
    assert!(!page.contains("/export/"), "{page}");
    assert!(
        owner
            .get("/software")
            .await
            .body
            .contains("/export/software")
    );

    let world = World::new();
    let owner = site(&world, "front-desk", "x").await;
    let desk = world.desk();
    let grant = exporting(&world).await;
    let mut allowed = world.guest_of(grant).await;
    assert!(
        allowed
            .browser
            .get("/software")
            .await
            .body
            .contains("/export/software")
    );
    let (status, _, _, body) = taken(&allowed.browser, "/export/software").await;
    assert_eq!(status, StatusCode::OK);
    assert!(String::from_utf8(body).unwrap().contains("zoom"));
    // What is not shared is not in what may be taken along.
    for list in ["administrators", "computers", "changes", "findings"] {
        let (status, _, _, body) = taken(&allowed.browser, &with(list, "")).await;
        assert_eq!(status, StatusCode::OK, "{list}");
        let text = String::from_utf8(body).unwrap();
        assert!(
            !text.contains("Shield") && !text.contains("helpdesk"),
            "{list}: {text}"
        );
    }
    taken(&owner, "/export/software").await;
    let entries = desk.journal.entries(&Viewer::console(), None, 50).unwrap();
    let exports = entries
        .iter()
        .filter(|entry| entry.body.act() == LogAct::ExportedList);
    let who: Vec<String> = exports.map(Entry::who).collect();
    assert_eq!(who.len(), 6, "{who:?}");
    assert_eq!(who[0], "Dr. Anna Weber");
}

#[tokio::test]
async fn an_export_goes_no_further_than_the_access() {
    let world = World::new();
    changed(&world, 8000).await;
    let grant = exporting(&world).await;
    let guest = world.guest_of(grant).await;
    let all = taken(&guest.browser, "/export/changes").await.3.len();
    let mut body = begun(&guest.browser, "/export/changes").await.into_body();
    let mut bytes = body
        .frame()
        .await
        .unwrap()
        .unwrap()
        .into_data()
        .unwrap()
        .len();
    let by = Actor::console();
    world
        .desk()
        .grants
        .revoke(guest.grant.id, &by)
        .await
        .unwrap();
    let mut under_way = 0;
    while let Some(Ok(frame)) = body.frame().await {
        bytes += frame.into_data().unwrap().len();
        under_way += 1;
    }
    // Two wait for the reader, and one for a place among them.
    assert!(under_way <= 3, "{under_way} pieces");
    assert!(2 * bytes < all, "{bytes} of {all} bytes");
    assert!(body.frame().await.is_none());
    let mut rest = begun(&guest.browser, "/export/changes").await;
    assert_ne!(rest.status(), StatusCode::OK, "{:?}", rest.body_mut());
}

#[tokio::test]
async fn an_export_that_is_cut_says_so() {
    let columns = [Column {
        word: "number",
        title: "Number",
        usual: true,
        past: true,
        html: |number: &usize| Markup::number(*number as u64),
        value: |number| Value::Number(*number as u64),
    }];
    let lens = Lens {
        moment: Moment::Now,
        now: UnixMillis(0),
    };
    for (count, notes) in [(ROWS, 0), (ROWS + 1, 1)] {
        let rows: Vec<usize> = (0..count).collect();
        let sheet = Sheet::of("numbers", &columns, &Wanted::default(), lens, &rows);
        assert_eq!((sheet.rows.len(), sheet.notes.len()), (ROWS, notes));
    }
    for (changes, rows) in [(3, 3), (ROWS + 1, ROWS)] {
        let world = World::new();
        changed(&world, changes).await;
        let owner = world.owner().await;
        let (_, _, _, body) = taken(&owner, "/export/changes").await;
        let text = String::from_utf8(body).unwrap();
        let cut = text.contains("An export holds the first 50000;");
        assert_eq!(cut, changes > rows);
        assert_eq!(text.lines().count(), 1 + rows + usize::from(cut));
    }
}
