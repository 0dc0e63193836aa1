//! What the pages say.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use freehold_proto::v1::{
    Accounts, Antivirus, Diagnostic, Hardware, Software,
    section::{Kind, Status},
    software::Package,
};
use prost::Message as _;

use super::site::{World, given, this_computer};
use crate::{
    access::{Reach, ReadError, Rule, Scope},
    audit::Actor,
    events::Event,
    history::Moment,
    store::{Read as _, record::MachineState},
};

#[tokio::test]
async fn an_empty_dashboard_teaches_what_to_do() {
    let world = World::new();
    let mut browser = world.owner().await;
    let page = browser.get("/").await;
    assert!(page.body.contains("No computers yet."));
    assert!(page.body.contains("href=\"/add\""));
    assert!(
        browser
            .get("/computers")
            .await
            .body
            .contains("No computers yet.")
    );
    assert!(
        browser
            .get("/changes")
            .await
            .body
            .contains("Nothing has changed yet.")
    );
}

#[tokio::test]
async fn a_computers_page_shows_everything_it_reported() {
    let world = World::new();
    let machine = this_computer("front-desk", world.clock.now());
    let find = |kind: Kind| {
        machine
            .sections
            .iter()
            .find_map(|(of, body)| (*of == kind).then_some(body.as_slice()))
            .unwrap()
    };
    let software = Software::decode(find(Kind::Software)).unwrap();
    let accounts = Accounts::decode(find(Kind::Accounts)).unwrap();
    let hardware = Hardware::decode(find(Kind::Hardware)).unwrap();
    let id = world.add(machine).await;
    let mut browser = world.owner().await;
    let page = browser.get(&format!("/computers/{id}")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!software.packages.is_empty() && !accounts.accounts.is_empty());
    for package in &software.packages {
        assert!(
            page.body.contains(&format!("<bdi>{}</bdi>", package.name)),
            "{}",
            package.name
        );
    }
    for account in &accounts.accounts {
        assert!(
            page.body.contains(&format!("<bdi>{}</bdi>", account.name)),
            "{}",
            account.name
        );
    }
    for volume in &hardware.volumes {
        assert!(page.body.contains(&volume.mount), "{}", volume.mount);
    }
    for title in [
        "Antivirus",
        "Accounts and administrators",
        "Hardware",
        "Network",
        "Right now",
    ] {
        assert!(page.body.contains(title), "{title}");
    }
    assert!(page.body.contains("package openssl 3.0.11 -&gt; 3.0.15"));
    assert!(page.body.contains("Checked <time"));
}

#[tokio::test]
async fn unknown_is_never_shown_as_fine() {
    let world = World::new();
    let unreadable = Antivirus {
        status: Status::Unreadable.into(),
        diagnostics: vec![Diagnostic {
            source: "/run/clamav".into(),
            reason: "permission denied".into(),
            ..Diagnostic::default()
        }],
        ..Antivirus::default()
    };
    let sections = vec![(Kind::Antivirus, unreadable.encode_to_vec())];
    let id = world
        .add(given("lab", sections, Vec::new(), world.clock.now()))
        .await;
    let mut browser = world.owner().await;
    let overview = browser.get("/").await.body;
    assert!(overview.contains("We could not read whether"), "{overview}");
    assert!(overview.contains("<strong>0</strong></a> of"), "{overview}");
    let page = browser.get(&format!("/computers/{id}")).await.body;
    assert!(page.contains("Could not be read") && page.contains("permission denied"));
    assert!(page.contains("Not reported yet"));
    assert!(!page.contains("No antivirus was found"));
    let list = browser.get("/computers?show=protection-unknown").await.body;
    assert!(list.contains("lab"));
    assert!(
        !browser
            .get("/computers?show=unprotected")
            .await
            .body
            .contains(">lab<")
    );
}

#[tokio::test]
async fn a_damaged_section_hides_no_other() {
    let world = World::new();
    let sections = vec![
        (Kind::Antivirus, vec![0xff, 0xff, 0xff]),
        (Kind::Hardware, Hardware::default().encode_to_vec()),
    ];
    let id = world
        .add(given("lab", sections, Vec::new(), world.clock.now()))
        .await;
    let mut browser = world.owner().await;
    let page = browser.get(&format!("/computers/{id}")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Damaged") && page.body.contains("id=\"hardware\""));
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_waiting_computer_is_let_in_from_the_page_where_it_waits() {
    let world = World::new();
    let mut waiting = given("new-laptop", Vec::new(), Vec::new(), world.clock.now());
    waiting.record.state = MachineState::Waiting.into();
    waiting.presence = None;
    let id = world.add(waiting).await;
    let mut browser = world.owner().await;
    let add = browser.get("/add").await.body;
    assert!(add.contains("new-laptop") && add.contains(&format!("/computers/{id}/approve")));
    assert!(browser.get("/").await.body.contains("wants to join"));
    let form = [("back", "add".to_owned())];
    let answer = browser
        .submit(&format!("/computers/{id}/approve"), &form)
        .await;
    assert_eq!(answer.location(), "/add?done=approved");
    assert_eq!(browser.desk.machines.state(id), Some(MachineState::Active));
    let again = browser
        .submit(&format!("/computers/{id}/approve"), &form)
        .await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.body.contains("does not wait for approval"));
}

#[tokio::test]
async fn decisions_are_confirmed_then_done() {
    let world = World::new();
    let id = world
        .add(given("pc-07", Vec::new(), Vec::new(), world.clock.now()))
        .await;
    let mut browser = world.owner().await;
    let path = |action: &str| format!("/computers/{id}/{action}");
    for action in ["rename", "retire", "revoke"] {
        let page = browser.get(&path(action)).await;
        assert_eq!(page.status, StatusCode::OK, "{action}");
        assert!(page.body.contains("method=\"post\""), "{action}");
    }
    let name = [("name", "Front desk".to_owned())];
    let answer = browser.submit(&path("rename"), &name).await;
    assert_eq!(answer.location(), format!("/computers/{id}?done=renamed"));
    assert!(
        browser
            .get(answer.location())
            .await
            .body
            .contains("The name is saved.")
    );
    assert!(browser.get("/computers").await.body.contains("Front desk"));
    browser.submit(&path("revoke"), &[]).await;
    assert_eq!(browser.desk.machines.state(id), Some(MachineState::Revoked));
    assert!(
        browser
            .get(&format!("/computers/{id}"))
            .await
            .body
            .contains("shut out since")
    );
    assert!(
        browser
            .get("/computers?show=past")
            .await
            .body
            .contains("Front desk")
    );
}

#[tokio::test]
async fn a_join_string_is_made_on_demand_and_shown_once() {
    let world = World::new();
    let mut browser = world.owner().await;
    assert!(!browser.get("/add").await.body.contains("freehold1:"));
    let made = browser.submit("/add", &[("uses", "1".to_owned())]).await;
    assert_eq!(made.status, StatusCode::OK);
    assert!(made.body.contains("sudo freehold-agent join freehold1:"));
    assert_eq!(made.headers["cache-control"], "no-store");
    assert!(!browser.get("/add").await.body.contains("freehold1:"));
    let tokens = world.store.tokens().unwrap();
    assert_eq!(tokens.len(), 1);
    assert_eq!(tokens[0].1.uses, 1);
}

#[tokio::test]
async fn addresses_that_no_other_computer_reaches_are_not_handed_out() {
    let world = World::new().reached_at(&["127.0.0.1:7443"]);
    let mut browser = world.owner().await;
    let page = browser.get("/add").await.body;
    assert!(page.contains("Other computers cannot reach this collector yet."));
    assert!(page.contains("127.0.0.1:7443") && page.contains("--listen"));
    let refused = browser.submit("/add", &[("uses", "1".to_owned())]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(!refused.body.contains("freehold1:"));
}

#[tokio::test]
async fn the_list_is_searched_filtered_and_sorted_by_its_address() {
    let world = World::new();
    for name in ["alpha", "beta", "gamma"] {
        world
            .add(given(name, Vec::new(), Vec::new(), world.clock.now()))
            .await;
    }
    let mut browser = world.owner().await;
    let found = browser.get("/computers?q=BET").await.body;
    assert!(found.contains(">beta<") && !found.contains(">alpha<"));
    let order = |body: &str| {
        let at = |name: &str| body.find(&format!(">{name}<")).unwrap();
        (at("alpha"), at("gamma"))
    };
    let (first, last) = order(&browser.get("/computers").await.body);
    assert!(first < last);
    let (first, last) = order(&browser.get("/computers?sort=-name").await.body);
    assert!(first > last);
    assert!(
        browser
            .get("/computers?q=nothing")
            .await
            .body
            .contains("No computer matches.")
    );
    for odd in [
        "?page=99999999999999999999",
        "?sort=%00",
        "?show=x",
        "?page=-1",
        "?q=%FF",
    ] {
        let answer = browser.get(&format!("/computers{odd}")).await;
        assert!(
            answer.status.is_success() || answer.status.is_client_error(),
            "{odd}"
        );
    }
}

#[tokio::test]
async fn a_silent_computer_is_called_silent() {
    let world = World::new();
    let mut machine = given("away", Vec::new(), Vec::new(), world.clock.now());
    let long_ago = world.clock.now().minus(Duration::from_secs(9 * 24 * 3600));
    machine.presence.as_mut().unwrap().last_seen_at = long_ago.0;
    world.add(machine).await;
    let mut browser = world.owner().await;
    // A collector that has only just started cannot tell its own silence from others'.
    assert!(!browser.get("/").await.body.contains("was last heard from"));
    world.clock.advance(Duration::from_secs(3700));
    browser.desk.inventory.feel();
    assert!(browser.get("/computers").await.body.contains("Silent"));
    assert!(browser.get("/").await.body.contains("was last heard from"));
}

#[tokio::test]
async fn a_long_list_can_be_read_to_its_end() {
    let world = World::new();
    let packages = (0..2_100)
        .map(|n| Package {
            name: format!("package-{n:05}"),
            ..Package::default()
        })
        .collect();
    let software = Software {
        status: Status::Complete.into(),
        packages,
        ..Software::default()
    };
    let sections = vec![(Kind::Software, software.encode_to_vec())];
    let id = world
        .add(given("big", sections, Vec::new(), world.clock.now()))
        .await;
    let mut browser = world.owner().await;
    let page = browser.get(&format!("/computers/{id}")).await.body;
    assert!(page.contains("package-01999") && !page.contains("package-02000"));
    let next = format!("/computers/{id}/sections/software?from=2000");
    assert!(page.contains(&next));
    let page = browser.get(&next).await.body;
    assert!(page.contains("package-02099") && !page.contains("package-01999"));
}

#[tokio::test]
async fn changes_are_listed_page_after_page() {
    let world = World::new();
    for n in 0..60 {
        world
            .add(given(
                &format!("pc-{n:02}"),
                Vec::new(),
                Vec::new(),
                world.clock.now(),
            ))
            .await;
    }
    let mut browser = world.owner().await;
    let first = browser.get("/changes").await.body;
    let (_, rest) = first.split_once("/changes?before=").unwrap();
    let older = rest.split_once('"').unwrap().0;
    let second = browser.get(&format!("/changes?before={older}")).await.body;
    let entries = |body: &str| body.matches("class=\"at\"").count();
    assert_eq!((entries(&first), entries(&second)), (200, 40));
    assert_eq!(
        browser.get("/changes?before=junk").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn what_is_outside_a_scope_is_invisible_everywhere() {
    let world = World::new();
    let mut inside = this_computer("office", world.clock.now());
    inside.record.labels = vec!["office".into()];
    let inside = world.add(inside).await;
    let outside = world
        .add(given("surgery", Vec::new(), Vec::new(), world.clock.now()))
        .await;
    let browser = world.owner().await;
    let viewer = crate::access::Viewer::console().within(Scope::Rules(vec![Rule {
        reach: Reach::Labelled(["office".to_owned()].into()),
        sections: [Kind::Software as i32].into(),
    }]));
    let inventory = &browser.desk.inventory;
    let seen = inventory.machines(&viewer, Moment::Now).unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].headline.administrators, crate::access::Fact::Hidden);
    assert!(matches!(
        inventory.machine(&viewer, outside, Moment::Now),
        Err(ReadError::NoMachine)
    ));
    assert!(matches!(
        inventory.section(&viewer, inside, Kind::Accounts, Moment::Now),
        Err(ReadError::OutOfScope)
    ));
    assert!(
        inventory
            .section(&viewer, inside, Kind::Software, Moment::Now)
            .unwrap()
            .is_some()
    );
    let changes = inventory.all_changes(&viewer, None, 100).unwrap();
    assert_eq!(changes.len(), 3, "two of software, one first report");
    assert!(
        changes
            .iter()
            .all(|change| change.section == Kind::Software)
    );
    let readings = inventory.readings(&viewer, inside).unwrap().unwrap();
    assert!(readings.values.volumes.is_empty() && readings.values.sessions.is_empty());
}

#[tokio::test]
async fn the_list_follows_what_happens() {
    let world = World::new();
    let mut browser = world.owner().await;
    assert!(
        browser
            .get("/computers")
            .await
            .body
            .contains("No computers yet.")
    );
    let id = world
        .add(given(
            "just-arrived",
            Vec::new(),
            Vec::new(),
            world.clock.now(),
        ))
        .await;
    assert!(
        browser
            .get("/computers")
            .await
            .body
            .contains("just-arrived")
    );
    browser
        .desk
        .machines
        .rename(id, "Renamed", &Actor::console())
        .await
        .unwrap();
    assert!(browser.get("/computers").await.body.contains("Renamed"));
    world.events.announce(Event::Report(id));
    assert!(browser.get("/computers").await.body.contains("Renamed"));
}

#[tokio::test]
async fn assets_are_kept_for_ever_and_fit_the_budget() {
    let world = World::new();
    let mut browser = world.browser();
    let assets = crate::dashboard::assets::assets();
    let mut bytes = 0;
    for path in [&assets.style, &assets.script, &assets.icon] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(
            answer.headers["cache-control"]
                .to_str()
                .unwrap()
                .contains("immutable")
        );
        bytes += zstd::bulk::compress(answer.body.as_bytes(), 9)
            .unwrap()
            .len();
    }
    assert!(bytes < 20 * 1024, "{bytes} bytes compressed");
}

#[tokio::test]
async fn a_live_connection_needs_a_session() {
    let world = World::new();
    let browser = world.owner().await;
    let (status, headers) = browser.head(Method::GET, "/events").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers["content-type"], "text/event-stream");
}
