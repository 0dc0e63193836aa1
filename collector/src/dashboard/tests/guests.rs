//! What guests see, what they are refused, and how soon it ends.

use std::time::{Duration, Instant};

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use http_body_util::BodyExt as _;

use super::{
    guest::{GUEST_PASSWORD, accept, between, code, sign_in},
    site::{Browser, HOST, World, given, this_computer},
};
use crate::{
    access::{INVITATION_LASTS, Terms, parsed_scope},
    audit::{Actor, Journal, Witness},
    events::Event,
    store::{Options, ReadLog as _, Store},
};

const STEP: Duration = Duration::from_secs(30);

#[tokio::test]
async fn an_invitation_is_looked_at_often_and_accepted_once() {
    let world = World::new().named("Riverside").await;
    world.owner().await;
    let grant = world.granted(&["all"]).await;
    let path = format!("/invitation/{}", *world.invited(&grant).await.encode());
    let mut preview = world.browser();
    for _ in 0..3 {
        assert_eq!(preview.get(&path).await.status, StatusCode::OK);
    }
    let mut browser = world.browser();
    let page = browser.get(&path).await;
    assert!(page.body.contains("<svg class=\"qr-code\""), "a QR code");
    let secret = between(&page, "id=\"secret\">", "<");
    let now = code(&secret, world.clock.now());
    let weak = accept(&mut browser, &path, &page, "short", &now).await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        between(&weak, "id=\"secret\">", "<"),
        secret,
        "the same to scan"
    );
    let wrong = accept(&mut browser, &path, &page, GUEST_PASSWORD, "000000").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = accept(&mut browser, &path, &page, GUEST_PASSWORD, &now).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    assert_eq!(
        done.body.matches("<li><code>").count(),
        10,
        "recovery codes"
    );
    let overview = browser.get("/").await;
    let said = "You are reading <bdi>Riverside</bdi>’s records as <bdi>A. Technician</bdi>, <bdi>Acme IT</bdi>, until";
    assert!(overview.body.contains(said), "{}", overview.body);
    for again in [
        preview.get(&path).await,
        accept(&mut preview, &path, &page, GUEST_PASSWORD, &now).await,
    ] {
        assert_eq!(again.status, StatusCode::GONE);
    }
}

#[tokio::test]
async fn an_altered_expired_or_withdrawn_invitation_leads_nowhere() {
    let world = World::new();
    world.owner().await;
    let grant = world.granted(&["all"]).await;
    let token = world.invited(&grant).await.encode();
    let mut browser = world.browser();
    let mut altered = token.to_string();
    altered.replace_range(0..1, if altered.starts_with('A') { "B" } else { "A" });
    for wrong in [altered.as_str(), "x", "%00", &token[1..]] {
        let path = format!("/invitation/{wrong}");
        assert_eq!(
            browser.get(&path).await.status,
            StatusCode::NOT_FOUND,
            "{wrong}"
        );
        assert_eq!(
            browser.post(&path, &[]).await.status,
            StatusCode::NOT_FOUND,
            "{wrong}"
        );
    }
    let path = format!("/invitation/{}", *token);
    let page = browser.get(&path).await;
    // The secret of another invitation's page, or one somebody chose, is not taken.
    let forged = page
        .body
        .replace("name=\"sealed\" value=\"", "name=\"sealed\" value=\"AAAA");
    let forged = super::site::Answer {
        body: forged,
        headers: page.headers.clone(),
        ..page
    };
    let secret = between(&forged, "id=\"secret\">", "<");
    let now = code(&secret, world.clock.now());
    let refused = accept(&mut browser, &path, &forged, GUEST_PASSWORD, &now).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    // A newer invitation of the same person takes its place.
    let newer = format!("/invitation/{}", *world.invited(&grant).await.encode());
    assert_eq!(browser.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get(&newer).await.status, StatusCode::OK);
    world.clock.advance(INVITATION_LASTS);
    assert_eq!(browser.get(&newer).await.status, StatusCode::GONE);
    let last = format!("/invitation/{}", *world.invited(&grant).await.encode());
    assert_eq!(browser.get(&last).await.status, StatusCode::OK);
    world
        .desk()
        .grants
        .revoke(grant.id, &Actor::console())
        .await
        .unwrap();
    assert_eq!(browser.get(&last).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn a_technician_signs_in_with_password_and_a_code_that_works_once() {
    let world = World::new();
    world.owner().await;
    let guest = world.guest(&["all"]).await;
    let mut browser = world.browser();
    let at = |ahead: u32| world.clock.now().plus(STEP * ahead);
    let used = sign_in(&mut browser, GUEST_PASSWORD, &code(&guest.secret, at(0))).await;
    assert_eq!(
        used.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "used when accepting"
    );
    world.clock.advance(STEP);
    let fresh = code(&guest.secret, world.clock.now());
    let wrong = sign_in(&mut browser, "cedar violin bakery", &fresh).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(browser.cookies.is_empty());
    let right = sign_in(&mut browser, GUEST_PASSWORD, &fresh).await;
    assert_eq!(right.status, StatusCode::SEE_OTHER, "{}", right.body);
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
    let mut thief = world.browser();
    let replayed = sign_in(&mut thief, GUEST_PASSWORD, &fresh).await;
    assert_eq!(
        replayed.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "replayed"
    );
    let skewed = code(&guest.secret, at(4));
    assert!(
        !sign_in(&mut thief, GUEST_PASSWORD, &skewed)
            .await
            .status
            .is_redirection()
    );
    let recovery = guest.recovery[2].to_lowercase();
    assert!(
        sign_in(&mut thief, GUEST_PASSWORD, &recovery)
            .await
            .status
            .is_redirection()
    );
    let mut again = world.browser();
    assert!(
        !sign_in(&mut again, GUEST_PASSWORD, &recovery)
            .await
            .status
            .is_redirection()
    );
    // A technician's password and code are nothing to the owner's door.
    let owner = again
        .post("/sign-in", &[("password", GUEST_PASSWORD.to_owned())])
        .await;
    assert_eq!(owner.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn whoever_knows_a_password_cannot_try_codes_for_long() {
    let world = World::new();
    world.owner().await;
    let guest = world.guest(&["all"]).await;
    let mut thief = world.browser();
    let (mut tried, mut slowed) = (0, false);
    while tried < 30 {
        let answer = sign_in(&mut thief, GUEST_PASSWORD, "000000").await;
        assert!(!answer.status.is_redirection());
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            slowed = true;
            world.clock.advance(Duration::from_secs(200));
        } else {
            tried += 1;
        }
    }
    assert!(slowed);
    world.clock.advance(Duration::from_secs(600));
    let right = code(&guest.secret, world.clock.now());
    let mut late = world.browser();
    let locked = sign_in(&mut late, GUEST_PASSWORD, &right).await;
    assert!(!locked.status.is_redirection());
    assert!(locked.body.contains("locked"), "{}", locked.body);
    let entries = world
        .desk()
        .journal
        .entries(&crate::access::Viewer::console(), None, 9)
        .unwrap();
    assert!(
        entries
            .iter()
            .any(|entry| entry.deed().contains("locked the sign-in of A. Technician"))
    );
}

#[tokio::test]
async fn a_guest_sees_what_is_shared_and_no_trace_of_the_rest() {
    let world = World::new();
    let mut owner = world.owner().await;
    let now = world.clock.now();
    let mut shared = this_computer("reception-pc", now);
    shared.record.labels = vec!["office".into()];
    shared.record.proposed_labels = vec!["wished-secret".into()];
    let shared = world.add(shared).await;
    let mut hidden = this_computer("surgery-secret", now);
    hidden.record.labels = vec!["surgery".into()];
    // What a machine proposes shows it to nobody.
    hidden.record.proposed_labels = vec!["office".into()];
    let hidden = world.add(hidden).await;
    let unlabelled = world
        .add(given("unlabelled-secret", Vec::new(), Vec::new(), now))
        .await;
    let mut guest = world.guest(&["system,software@office"]).await.browser;
    let overview = guest.get("/").await;
    assert!(overview.body.contains("1 computer"), "{}", overview.body);
    for path in [
        "/",
        "/computers",
        "/computers?q=secret",
        "/changes",
        "/access",
        "/access/log",
    ] {
        let page = guest.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        for trace in [
            "-secret",
            "3 computers",
            "2 computers",
            "helpdesk",
            "href=\"/add\"",
            "href=\"/settings\"",
        ] {
            assert!(!page.body.contains(trace), "{path} holds {trace}");
        }
    }
    let page = guest.get(&format!("/computers/{shared}")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.body.contains("wished-secret"), "the owner's alone");
    for path in ["", "/label"] {
        let page = owner.get(&format!("/computers/{shared}{path}")).await;
        assert!(page.body.contains("wished-secret"), "{path}");
    }
    assert!(
        !page.body.contains(&format!("/computers/{shared}/rename")),
        "no controls"
    );
    assert!(
        !page.body.contains("helpdesk"),
        "administrators are not shared"
    );
    for id in [hidden, unlabelled, crate::id::MachineId::random()] {
        let page = guest.get(&format!("/computers/{id}")).await;
        assert_eq!(
            page.status,
            StatusCode::NOT_FOUND,
            "hidden and absent look the same"
        );
    }
    for guess in ["accounts", "network", "readings", "../software", "0"] {
        let page = guest
            .get(&format!("/computers/{shared}/sections/{guess}"))
            .await;
        assert!(!page.body.contains("helpdesk"), "{guess}");
    }
    // The label is taken away, and given to another, while the guest reads.
    let by = Actor::console();
    let machines = world.desk().machines;
    machines.label(shared, &[], &by).await.unwrap();
    assert_eq!(
        guest.get(&format!("/computers/{shared}")).await.status,
        StatusCode::NOT_FOUND
    );
    assert!(guest.get("/").await.body.contains("No computers yet"));
    machines
        .label(hidden, &["office".to_owned()], &by)
        .await
        .unwrap();
    assert_eq!(
        guest.get(&format!("/computers/{hidden}")).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn access_ends_with_the_next_request_however_it_ends() {
    let world = World::new();
    let mut owner = world.owner().await;
    let by = Actor::console();
    let mut guest = world.guest(&["all"]).await;
    let grants = world.desk().grants;
    assert_eq!(guest.browser.get("/").await.status, StatusCode::OK);
    grants.suspend(guest.grant.id, &by).await.unwrap();
    assert_eq!(guest.browser.get("/").await.status, StatusCode::SEE_OTHER);
    grants.resume(guest.grant.id, &by).await.unwrap();
    assert_eq!(
        guest.browser.get("/").await.status,
        StatusCode::OK,
        "resumed"
    );
    // By the owner's form, with a question before it.
    let path = format!("/access/{}/revoke", guest.grant.id);
    assert!(
        owner
            .get(&path)
            .await
            .body
            .contains("sees nothing from this moment on")
    );
    assert_eq!(
        guest.browser.get("/").await.status,
        StatusCode::OK,
        "asked, not done"
    );
    assert_eq!(owner.submit(&path, &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(guest.browser.get("/").await.status, StatusCode::SEE_OTHER);
    let over = sign_in(&mut guest.browser, GUEST_PASSWORD, &guest.recovery[0]).await;
    assert!(over.body.contains("ended by the owner"), "{}", over.body);

    // One technician alone.
    let mut next = World::new();
    next.owner().await;
    let mut guest = next.guest(&["all"]).await;
    let people = next.desk().people;
    let id = people.technicians(guest.grant.id).unwrap()[0].id.unwrap();
    people.end_technician(id, &by).await.unwrap();
    assert_eq!(guest.browser.get("/").await.status, StatusCode::SEE_OTHER);
    // By itself.
    next = World::new();
    next.owner().await;
    let mut guest = next.guest(&["all"]).await;
    next.desk()
        .grants
        .extend(guest.grant.id, 1, &by)
        .await
        .unwrap();
    next.clock.advance(Duration::from_secs(7 * 60 * 60));
    assert_eq!(guest.browser.get("/").await.status, StatusCode::OK);
    for _ in 0..3 {
        next.clock.advance(Duration::from_secs(7 * 60 * 60));
        guest.browser.get("/").await;
    }
    assert_eq!(
        guest.browser.get("/").await.status,
        StatusCode::SEE_OTHER,
        "expired"
    );
}

#[tokio::test]
async fn an_open_page_of_a_guest_stops_within_a_second_of_the_end() {
    let world = World::new();
    world.owner().await;
    let guest = world.guest(&["all"]).await;
    let cookie = format!("freehold={}", guest.browser.cookie("freehold").unwrap());
    let request = Request::get("/events")
        .header(header::HOST, HOST)
        .header(header::COOKIE, cookie);
    let response = guest
        .browser
        .raw(request.body(Body::empty()).unwrap())
        .await;
    assert_eq!(response.status(), StatusCode::OK);
    let mut body = response.into_body();
    tokio::time::sleep(Duration::from_millis(300)).await;
    world
        .desk()
        .grants
        .revoke(guest.grant.id, &Actor::console())
        .await
        .unwrap();
    let revoked = Instant::now();
    let mut said = String::new();
    while let Some(frame) = body.frame().await {
        said.push_str(&String::from_utf8_lossy(
            &frame.unwrap().into_data().unwrap(),
        ));
    }
    assert!(
        revoked.elapsed() < Duration::from_secs(1),
        "{:?}",
        revoked.elapsed()
    );
    assert!(said.contains("event: end"), "{said}");
}

#[tokio::test]
async fn what_a_guest_opens_stands_in_the_log_before_it_is_shown() {
    let world = World::new();
    let mut owner = world.owner().await;
    let id = world
        .add(this_computer("FRONT-DESK", world.clock.now()))
        .await;
    let mut guest = world.guest(&["all,-network"]).await.browser;
    for path in ["/", "/computers?q=front", "/changes", "/settings"] {
        guest.get(path).await;
    }
    for path in ["", "/sections/accounts", "/sections/network", "/changes"] {
        guest.get(&format!("/computers/{id}{path}")).await;
    }
    let page = owner.get("/access/log").await;
    for deed in [
        "opened the overview",
        "searched the computers for “front”",
        "opened the changes of all computers",
        "asked for something that is not shared with them, and was refused",
        "opened FRONT-DESK",
        "opened the section accounts of FRONT-DESK",
        "opened the changes of FRONT-DESK",
        "accepted the invitation",
        "gave Acme IT access",
    ] {
        assert!(page.body.contains(deed), "{deed}: {}", page.body);
    }
    assert!(!page.body.contains("opened the section network"));
    assert!(page.body.contains("A. Technician (Acme IT)"));
    let access = owner.get("/access").await;
    assert!(
        access.body.contains("opened the changes of FRONT-DESK"),
        "looked at last"
    );
    // The owner reads without leaving entries; the guest sees its own log and no more.
    let size = || world.store.log_head().unwrap().unwrap().size;
    let before = size();
    owner.get("/").await;
    assert_eq!(size(), before);
    let own = guest.get("/access/log").await;
    assert!(own.body.contains("opened FRONT-DESK"));
    assert!(
        !own.body.contains("set the owner"),
        "not the owner's affairs"
    );
    assert_eq!(world.desk().journal.verify(None).unwrap().flaws, []);
}

#[tokio::test]
async fn nothing_is_shown_to_a_guest_when_the_log_cannot_be_written() {
    let world = World::new();
    let mut owner = world.owner().await;
    world
        .add(this_computer("front-desk", world.clock.now()))
        .await;
    let guest = world.guest(&["all"]).await;
    let dir = world.dir.path().join("other");
    let broken = Store::create(&dir, &Options::default()).unwrap();
    let mut desk = world.desk();
    let witness = Witness::at(&world.dir.path().join("none"));
    desk.journal = Journal::new(world.log(), broken.clone(), witness);
    broken.close().await;
    let mut reader = guest.browser.at(desk.clone());
    let page = reader.get("/computers").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!page.body.contains("front-desk"));
    let page = owner.at(desk).get("/computers").await;
    assert_eq!(page.status, StatusCode::OK, "the owner reads on");
    assert_eq!(owner.get("/computers").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_guest_cannot_fill_the_log_quickly() {
    let world = World::new();
    world.owner().await;
    let mut guest = world.guest(&["all"]).await.browser;
    let mut refused = 0;
    for _ in 0..200 {
        if guest.get("/computers/x").await.status == StatusCode::TOO_MANY_REQUESTS {
            refused += 1;
        }
    }
    assert!(refused >= 20, "{refused}");
}

#[tokio::test]
async fn the_owner_lets_a_supplier_in_with_the_pages_alone() {
    let world = World::new();
    let mut owner = world.owner().await;
    assert!(
        owner
            .get("/access")
            .await
            .body
            .contains("Nobody but you can read")
    );
    let field = |name: &'static str, value: &str| (name, value.to_owned());
    let form = owner.get("/access/new").await;
    assert_eq!(form.body.matches("type=\"checkbox\"").count(), 9);
    let wrong = [
        field("supplier", "Acme IT"),
        field("system", "on"),
        field("days", "900"),
    ];
    let refused = owner.submit("/access/new", &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("1 to 365 days"));
    let right = [
        field("supplier", "Acme <b>IT</b>"),
        field("system", "on"),
        field("days", "30"),
        field("labels", "office"),
        field("may_export", "on"),
    ];
    assert_eq!(
        owner.submit("/access/new", &right).await.status,
        StatusCode::SEE_OTHER
    );
    let access = owner.get("/access").await;
    assert!(
        access.body.contains("system of computers labelled office"),
        "{}",
        access.body
    );
    assert!(!access.body.contains("<b>IT"));
    let grant = world.desk().grants.all().unwrap().remove(0);
    assert!(grant.may_export);
    let path = format!("/access/{}/invite", grant.id);
    let bad = [field("name", "Anna"), field("email", "not an address")];
    assert_eq!(
        owner.submit(&path, &bad).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let good = [field("name", "Anna"), field("email", "anna@acme.example")];
    let made = owner.submit(&path, &good).await;
    let link = between(&made, "<code id=\"invitation\">", "<");
    let (origin, token) = link.split_once("/invitation/").unwrap();
    assert_eq!(origin, "http://127.0.0.1:8080");
    let mut anna = world.browser();
    assert_eq!(
        anna.get(&format!("/invitation/{token}")).await.status,
        StatusCode::OK
    );
    assert!(
        !owner.get("/access").await.body.contains(token),
        "shown once"
    );
    world
        .add(given("pc", Vec::new(), Vec::new(), world.clock.now()))
        .await;
    assert!(owner.get("/").await.body.contains("1 supplier"));
}

/// Who there is cannot be told by the time that a wrong password takes.
#[tokio::test]
async fn an_unknown_address_takes_as_long_as_a_wrong_password() {
    let world = World::new();
    world.owner().await;
    world.guest(&["all"]).await;
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..7 {
        for (email, times) in [super::guest::EMAIL, "nobody@acme.example"]
            .into_iter()
            .zip(&mut times)
        {
            world.clock.advance(Duration::from_secs(60));
            let form = [
                ("email", email.to_owned()),
                ("password", "cedar violin bakery".to_owned()),
                ("code", "000000".to_owned()),
            ];
            let mut thief = world.browser();
            let began = Instant::now();
            let answer = thief.post("/sign-in", &form).await;
            times.push(began.elapsed());
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
    }
    let [known, unknown] = times.map(|mut times| {
        times.sort();
        times[times.len() / 2]
    });
    assert!(
        known < unknown * 2 && unknown < known * 2,
        "{known:?} {unknown:?}"
    );
}

/// A live connection of a browser.
async fn live(browser: &Browser, path: &str) -> Body {
    let cookie = format!("freehold={}", browser.cookie("freehold").unwrap());
    let request = Request::get(path)
        .header(header::HOST, HOST)
        .header(header::COOKIE, cookie);
    let response = browser.raw(request.body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), StatusCode::OK);
    response.into_body()
}

/// Whether a live connection tells of a change in the next moments.
async fn hears(body: &mut Body) -> bool {
    let frame = tokio::time::timeout(Duration::from_millis(1200), body.frame()).await;
    let Ok(Some(Ok(frame))) = frame else {
        return false;
    };
    let bytes = frame.into_data().unwrap();
    String::from_utf8_lossy(&bytes).contains("event: change")
}

#[tokio::test]
async fn an_open_page_hears_of_what_is_shared_and_of_its_own_computer_alone() {
    let world = World::new();
    world.owner().await;
    let mut ids = Vec::new();
    for (name, label) in [("one", "office"), ("two", "office"), ("hidden", "cellar")] {
        let mut given = given(name, Vec::new(), Vec::new(), world.clock.now());
        given.record.labels = vec![label.to_owned()];
        ids.push(world.add(given).await);
    }
    let guest = world.guest(&["all@office"]).await;
    let mut all = live(&guest.browser, "/events").await;
    let mut own = live(&guest.browser, &format!("/events?computer={}", ids[0])).await;
    // What happened so far is over.
    while hears(&mut all).await || hears(&mut own).await {}
    world.events.announce(Event::Report(ids[2]));
    assert!(!hears(&mut all).await, "it is not shared");
    world.events.announce(Event::Report(ids[1]));
    assert!(hears(&mut all).await);
    assert!(!hears(&mut own).await, "that is about another computer");
    world.events.announce(Event::Report(ids[0]));
    assert!(hears(&mut own).await && hears(&mut all).await);
    // What is shared has changed: what is shown may be something else.
    let terms = Terms {
        scope: Some(parsed_scope(&["system@office"]).unwrap()),
        note: None,
        may_export: None,
    };
    let (grants, by) = (world.desk().grants, Actor::console());
    grants.alter(guest.grant.id, terms, &by).await.unwrap();
    assert!(hears(&mut all).await);
}

/// Where a page listens.
async fn listens(browser: &mut Browser, path: &str) -> String {
    let page = browser.get(path).await.body;
    let (_, rest) = page.split_once("data-events=\"").unwrap();
    rest.split_once('"').unwrap().0.replace("&#38;", "&")
}

#[tokio::test]
async fn a_page_that_listens_late_hears_what_happened_since_it_was_asked_for() {
    let world = World::new();
    world.owner().await;
    let mut ids = Vec::new();
    for (name, label) in [("one", "office"), ("hidden", "cellar")] {
        let mut given = given(name, Vec::new(), Vec::new(), world.clock.now());
        given.record.labels = vec![label.to_owned()];
        ids.push(world.add(given).await);
    }
    let mut guest = world.guest(&["all@office"]).await;
    let all = listens(&mut guest.browser, "/findings").await;
    let own = listens(&mut guest.browser, &format!("/computers/{}", ids[0])).await;
    assert_ne!(all, own);
    world.events.announce(Event::Report(ids[0]));
    // However long its script was on the way.
    tokio::time::sleep(Duration::from_millis(300)).await;
    for path in [&all, &own] {
        let mut late = live(&guest.browser, path).await;
        assert!(hears(&mut late).await && !hears(&mut late).await, "{path}");
    }
    // Of what is hidden it is not told afterwards either.
    let all = listens(&mut guest.browser, "/findings").await;
    world.events.announce(Event::Report(ids[1]));
    assert!(!hears(&mut live(&guest.browser, &all).await).await);
    // A page from before the collector's last start, and one that was made up, may show anything.
    for since in ["1-5", "", "x"] {
        let path = format!("/events?since={since}");
        assert!(
            hears(&mut live(&guest.browser, &path).await).await,
            "{since}"
        );
    }
}
