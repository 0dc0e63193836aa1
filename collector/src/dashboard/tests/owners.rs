//! Owners: several of them, their second factor, and the browsers that are signed in.

use std::time::Duration;

use axum::http::StatusCode;

use super::{
    guest::{between, code},
    site::{Answer, Browser, PASSWORD, World},
};
use crate::audit::Actor;

const STEP: Duration = Duration::from_secs(30);
const OTHER: &str = "another violin market";

fn field(name: &'static str, value: &str) -> (&'static str, String) {
    (name, value.to_owned())
}

/// Where a page leads to that ends somebody, by the name behind it.
fn end_of(page: &Answer, name: &str) -> String {
    let (before, _) = page.body.split_once(&format!(": {name}</span>")).unwrap();
    let (_, path) = before.rsplit_once("href=\"").unwrap();
    path.split('"').next().unwrap().to_owned()
}

/// An owner whom the first one invites.
async fn second_owner(world: &World, owner: &mut Browser) -> Browser {
    let form = [
        field("name", "B. Partner"),
        field("email", "Partner@practice.example"),
    ];
    let made = owner.submit("/settings/owners", &form).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    let link = between(&made, "<code id=\"invitation\">", "<");
    let path = format!("/invitation/{}", link.rsplit_once('/').unwrap().1);
    let mut other = world.browser();
    let page = other.get(&path).await;
    assert!(
        page.body.contains("is invited to be an owner"),
        "{}",
        page.body
    );
    assert!(
        !page.body.contains("id=\"secret\""),
        "no second factor is asked for"
    );
    let form = [field("password", OTHER), field("again", OTHER)];
    let done = other.post(&path, &form).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let again = world.browser().post(&path, &form).await;
    assert_eq!(again.status, StatusCode::GONE, "it works once");
    other
}

#[tokio::test]
async fn an_owner_invites_another_one_and_the_last_one_stays() {
    let world = World::new();
    let mut owner = world.owner().await;
    let alone = owner.get("/settings").await;
    assert!(
        !alone.body.contains("/end\""),
        "the last one cannot be ended"
    );
    let mut other = second_owner(&world, &mut owner).await;
    assert_eq!(other.get("/settings").await.status, StatusCode::OK);
    other.submit("/sign-out", &[]).await;
    let wrong = other.post("/sign-in", &[field("password", OTHER)]).await;
    assert_eq!(
        wrong.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "by e-mail alone"
    );
    let form = [
        field("email", "partner@practice.example"),
        field("password", OTHER),
    ];
    let right = other.post("/sign-in", &form).await;
    assert_eq!(right.status, StatusCode::SEE_OTHER, "{}", right.body);
    // The one who was invited ends the one who invited; an invitation that one made leads nowhere any more.
    let form = [
        field("name", "C. Third"),
        field("email", "c@practice.example"),
    ];
    let made = owner.submit("/settings/owners", &form).await;
    let link = between(&made, "<code id=\"invitation\">", "<");
    let settings = other.get("/settings").await;
    let end = end_of(&settings, "Dr. Anna Weber");
    assert_eq!(other.get(&end).await.status, StatusCode::OK);
    assert_eq!(other.submit(&end, &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(owner.get("/").await.status, StatusCode::SEE_OTHER);
    let path = format!("/invitation/{}", link.rsplit_once('/').unwrap().1);
    assert_eq!(
        world.browser().get(&path).await.status,
        StatusCode::NOT_FOUND
    );
    let own = world.desk().people.owners().unwrap();
    assert_eq!(own.len(), 1);
    let end = format!("/settings/owners/{:?}/end", own[0].id);
    let refused = other.submit(&end, &[]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.body.contains("There must be an owner"));
    // Alone, no e-mail address is needed.
    let mut alone = world.browser();
    let form = [field("password", OTHER)];
    assert_eq!(
        alone.post("/sign-in", &form).await.status,
        StatusCode::SEE_OTHER
    );
    let log = other.get("/access/log").await.body;
    for deed in [
        "invited B. Partner to be an owner (partner@practice.example)",
        "accepted the invitation",
        "ended the access of Dr. Anna Weber",
    ] {
        assert!(log.contains(deed), "{deed}");
    }
}

#[tokio::test]
async fn the_owner_who_is_named_is_ended_and_no_other() {
    let world = World::new();
    let mut owner = world.owner().await;
    let mut other = second_owner(&world, &mut owner).await;
    let settings = owner.get("/settings").await;
    let end = end_of(&settings, "B. Partner");
    assert!(owner.get(&end).await.body.contains("B. Partner"));
    assert_eq!(owner.submit(&end, &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(owner.get("/").await.status, StatusCode::OK);
    assert_eq!(other.get("/").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_owner_adds_a_second_factor_and_takes_it_away() {
    let world = World::new();
    let mut owner = world.owner().await;
    let page = owner.get("/settings/second-factor").await;
    let (sealed, secret) = (
        between(&page, "name=\"sealed\" value=\"", "\""),
        between(&page, "id=\"secret\">", "<"),
    );
    let add = async |owner: &mut Browser, password: &str, digits: &str| {
        let form = [
            field("password", password),
            field("sealed", &sealed),
            field("code", digits),
        ];
        owner.submit("/settings/second-factor", &form).await
    };
    let now = code(&secret, world.clock.now());
    for (password, digits) in [("not the password", now.as_str()), (PASSWORD, "000000")] {
        let refused = add(&mut owner, password, digits).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(
            between(&refused, "id=\"secret\">", "<"),
            secret,
            "the same to scan"
        );
    }
    let added = add(&mut owner, PASSWORD, &now).await;
    assert_eq!(added.status, StatusCode::OK, "{}", added.body);
    assert_eq!(added.body.matches("<li><code>").count(), 10);
    let recovery = between(&added, "<li><code>", "<");

    let sign_in = async |browser: &mut Browser, password: &str, digits: &str| {
        let form = [field("password", password), field("code", digits)];
        browser.post("/sign-in", &form).await
    };
    let mut thief = world.browser();
    let page = thief.get("/sign-in").await;
    assert!(page.body.contains("name=\"code\""));
    let without = sign_in(&mut thief, PASSWORD, "").await;
    let wrong = sign_in(&mut thief, "not the password", "").await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        without.body, wrong.body,
        "which of the two was wrong is not told"
    );
    let replayed = sign_in(&mut thief, PASSWORD, &now).await;
    assert_eq!(replayed.status, StatusCode::UNPROCESSABLE_ENTITY);
    world.clock.advance(STEP);
    let fresh = code(&secret, world.clock.now());
    let mut browser = world.browser();
    let right = sign_in(&mut browser, PASSWORD, &fresh).await;
    assert_eq!(right.status, StatusCode::SEE_OTHER, "{}", right.body);
    let mut second = world.browser();
    let by_recovery = sign_in(&mut second, PASSWORD, &recovery).await;
    assert_eq!(by_recovery.status, StatusCode::SEE_OTHER);
    let again = sign_in(&mut second, PASSWORD, &recovery).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "used");

    world.clock.advance(STEP);
    let fresh = code(&secret, world.clock.now());
    let off = async |browser: &mut Browser, digits: &str| {
        let form = [field("password", PASSWORD), field("code", digits)];
        browser.submit("/settings/second-factor/off", &form).await
    };
    let refused = off(&mut browser, "000000").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        off(&mut browser, &fresh).await.status,
        StatusCode::SEE_OTHER
    );
    let mut plain = world.browser();
    assert_eq!(
        sign_in(&mut plain, PASSWORD, "").await.status,
        StatusCode::SEE_OTHER
    );
    let log = browser.get("/access/log").await.body;
    assert!(log.contains("added a second factor") && log.contains("took the second factor from"));
}

#[tokio::test]
async fn whoever_sits_at_the_console_gets_in_without_the_lost_factor() {
    let world = World::new();
    let mut owner = world.owner().await;
    let page = owner.get("/settings/second-factor").await;
    let secret = between(&page, "id=\"secret\">", "<");
    let form = [
        field("password", PASSWORD),
        ("sealed", between(&page, "name=\"sealed\" value=\"", "\"")),
        ("code", code(&secret, world.clock.now())),
    ];
    let added = owner.submit("/settings/second-factor", &form).await;
    assert_eq!(added.status, StatusCode::OK);
    let people = world.desk().people;
    let (reset, _) = people.issue_code(&Actor::console()).await.unwrap();
    let form = [
        ("code", reset.expose().to_string()),
        field("password", OTHER),
        field("again", OTHER),
    ];
    let mut browser = world.browser();
    let chosen = browser.post("/setup", &form).await;
    assert_eq!(chosen.status, StatusCode::SEE_OTHER, "{}", chosen.body);
    let form = [field("password", OTHER)];
    let signed_in = world.browser().post("/sign-in", &form).await;
    assert_eq!(
        signed_in.status,
        StatusCode::SEE_OTHER,
        "the factor is gone"
    );
}

#[tokio::test]
async fn one_browser_is_ended_and_the_others_go_on() {
    let world = World::new();
    let mut owner = world.owner().await;
    let mut guest = world.guest(&["all"]).await;
    let own = guest.browser.get("/browsers").await;
    assert!(own.body.contains("this one") && !own.body.contains("name=\"session\""));
    let page = owner.get("/browsers").await;
    let id = between(&page, "name=\"session\" value=\"", "\"");
    assert_eq!(
        page.body.matches("name=\"session\"").count(),
        1,
        "not the own one"
    );
    // A guest ends no browser of somebody else.
    let form = [field("email", super::guest::EMAIL)];
    drop(form);
    let mut elsewhere = world.browser();
    world.clock.advance(STEP * 2);
    let digits = code(&guest.secret, world.clock.now());
    super::guest::sign_in(&mut elsewhere, super::guest::GUEST_PASSWORD, &digits).await;
    let sessions = owner.get("/browsers").await;
    let ids: Vec<&str> = sessions
        .body
        .split("name=\"session\" value=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    assert_eq!(ids.len(), 2);
    let visible = guest.browser.get("/browsers").await;
    assert_eq!(visible.body.matches("name=\"session\"").count(), 1);
    let end = [field("session", &id)];
    let unsigned = owner.post("/browsers/end", &end).await;
    assert_eq!(unsigned.status, StatusCode::FORBIDDEN);
    let owners = "000000000000000000000000";
    let none = guest
        .browser
        .submit("/browsers/end", &[field("session", owners)])
        .await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
    assert_eq!(
        owner.submit("/browsers/end", &end).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(guest.browser.get("/").await.status, StatusCode::SEE_OTHER);
    assert_eq!(elsewhere.get("/").await.status, StatusCode::OK);
    assert_eq!(owner.get("/").await.status, StatusCode::OK);
    let log = owner.get("/access/log").await.body;
    assert!(
        log.contains("signed out a browser of A. Technician"),
        "{log}"
    );
}

#[tokio::test]
async fn a_guest_cannot_end_the_owner_s_browser() {
    let world = World::new();
    let mut owner = world.owner().await;
    let mut second = second_owner(&world, &mut owner).await;
    let page = owner.get("/browsers").await;
    let id = between(&page, "name=\"session\" value=\"", "\"");
    let mut guest = world.guest(&["all"]).await.browser;
    let end = [field("session", &id)];
    let refused = guest.submit("/browsers/end", &end).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    assert_eq!(second.get("/").await.status, StatusCode::OK);
}
