//! What a grant shares, changed; what an owner is told of it; who leads; what guests propose.

use std::time::Duration;

use axum::http::StatusCode;

use super::{
    guest::{GUEST_PASSWORD, accept, between, code},
    site::{Browser, World, given, this_computer},
};
use crate::{
    access::{PersonId, Proposal, SuggestionError, parsed_scope},
    audit::Actor,
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn field(name: &'static str, value: &str) -> (&'static str, String) {
    (name, value.to_owned())
}

#[tokio::test]
async fn the_owner_changes_what_is_shared_and_open_browsers_feel_it() {
    let world = World::new();
    let mut owner = world.owner().await;
    let id = world
        .add(this_computer("FRONT-DESK", world.clock.now()))
        .await;
    let mut guest = world.guest(&["all"]).await;
    let accounts = format!("/computers/{id}/changes");
    assert!(guest.browser.get(&accounts).await.body.contains("helpdesk"));
    let path = format!("/access/{}/change", guest.grant.id);
    assert!(owner.get("/access").await.body.contains(&path));
    let form = owner.get(&path).await;
    assert_eq!(
        form.body.matches(" checked").count(),
        8,
        "what is shared now"
    );
    let terms = [
        field("system", "on"),
        field("software", "on"),
        field("labels", ""),
        field("note", "contract of March"),
        field("may_export", "on"),
    ];
    let unsigned = owner.post(&path, &terms).await;
    assert_eq!(unsigned.status, StatusCode::FORBIDDEN);
    assert!(guest.browser.get(&accounts).await.body.contains("helpdesk"));
    assert_eq!(
        owner.submit(&path, &terms).await.status,
        StatusCode::SEE_OTHER
    );
    let hidden = guest.browser.get(&accounts).await;
    assert!(
        !hidden.body.contains("helpdesk"),
        "from the next request on"
    );
    let grant = world.desk().grants.of(guest.grant.id).unwrap().unwrap();
    assert_eq!(grant.scope, parsed_scope(&["system,software"]).unwrap());
    assert!(grant.may_export && grant.note == "contract of March");
    // Nothing shared at all, and rules that name nothing, are refused; what there is stays.
    for wrong in [
        vec![field("labels", "office")],
        vec![field("rules", "everything")],
        vec![field("rules", " \r\n")],
        vec![field("system", "on"), field("note", &"x".repeat(301))],
    ] {
        let refused = owner.submit(&path, &wrong).await;
        assert_eq!(
            refused.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{wrong:?}"
        );
    }
    let same = world.desk().grants.of(guest.grant.id).unwrap().unwrap();
    assert_eq!(same, grant);
    let log = owner.get("/access/log").await.body;
    let said = "changed the access of Acme IT: system, software of every computer; whole lists may be taken along; \
                another note";
    assert!(log.contains(said), "{log}");
    let own = guest.browser.get("/access/log").await.body;
    assert!(own.contains("changed the access of Acme IT") && !own.contains("contract of March"));
}

#[tokio::test]
async fn what_was_shared_by_several_rules_is_changed_as_rules() {
    let world = World::new();
    let mut owner = world.owner().await;
    let grant = world.granted(&["all,-network@surgery", "system"]).await;
    let path = format!("/access/{}/change", grant.id);
    let form = owner.get(&path).await;
    let rules = between(&form, "aria-describedby=\"rules-help\">", "</textarea>");
    assert!(rules.contains("@surgery\nsystem"), "{rules}");
    let terms = [field("rules", "system@office\r\nsoftware\r\n")];
    assert_eq!(
        owner.submit(&path, &terms).await.status,
        StatusCode::SEE_OTHER
    );
    let changed = world.desk().grants.of(grant.id).unwrap().unwrap();
    assert_eq!(
        changed.scope,
        parsed_scope(&["system@office", "software"]).unwrap()
    );
    let grants = world.desk().grants;
    grants.revoke(grant.id, &Actor::console()).await.unwrap();
    assert_eq!(owner.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        owner.submit(&path, &terms).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn the_owner_is_told_before_the_end_and_when_it_was_moved() {
    let world = World::new();
    let mut owner = world.owner().await;
    let grant = world.granted(&["all"]).await;
    let (grants, by) = (world.desk().grants, Actor::console());
    for path in ["/", "/access"] {
        assert!(
            !owner.get(path).await.body.contains("banner warn"),
            "{path}"
        );
    }
    grants.extend(grant.id, 15, &by).await.unwrap();
    assert!(
        !owner.get("/").await.body.contains("banner warn"),
        "shortened, not soon"
    );
    world.clock.advance(Duration::from_secs(7 * 60 * 60));
    owner.get("/").await;
    world.clock.advance(Duration::from_secs(7 * 60 * 60));
    owner.get("/").await;
    let mut passed = Duration::from_secs(14 * 60 * 60);
    while passed < DAY + Duration::from_secs(60) {
        world.clock.advance(Duration::from_secs(6 * 60 * 60));
        passed += Duration::from_secs(6 * 60 * 60);
        owner.get("/").await;
    }
    for path in ["/", "/access"] {
        let page = owner.get(path).await.body;
        assert!(
            page.contains("The access of <bdi>Acme IT</bdi> ends"),
            "{path}: {page}"
        );
        assert!(page.contains(&format!("/access/{}/extend", grant.id)));
    }
    grants.extend(grant.id, 200, &by).await.unwrap();
    for path in ["/", "/access"] {
        let page = owner.get(path).await.body;
        let said = "was moved";
        assert!(
            page.contains(said) && page.contains("somebody at the computer that runs Freehold")
        );
    }
    // Below now there is nothing: neither a form nor the console ends a grant by its days.
    let path = format!("/access/{}/extend", grant.id);
    for days in ["0", "-5", "366", "soon", ""] {
        let refused = owner.submit(&path, &[field("days", days)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{days}");
    }
    let log = owner.get("/access/log").await.body;
    assert!(
        log.contains("moved the end of Acme IT") && log.contains("instead of"),
        "{log}"
    );
    let mut guest = world.guest(&["all"]).await.browser;
    assert!(
        !guest.get("/access").await.body.contains("was moved"),
        "the owner's business"
    );
}

/// Somebody who accepts an invitation.
async fn accepted(world: &World, path: &str) -> Browser {
    let mut browser = world.browser();
    let page = browser.get(path).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let secret = between(&page, "id=\"secret\">", "<");
    let digits = code(&secret, world.clock.now());
    let done = accept(&mut browser, path, &page, GUEST_PASSWORD, &digits).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    browser
}

#[tokio::test]
async fn a_technician_who_leads_invites_colleagues_until_the_owner_thinks_otherwise() {
    let world = World::new();
    let mut owner = world.owner().await;
    let guest = world.guest(&["system@office"]).await;
    let mut lead = guest.browser;
    assert_eq!(
        lead.get("/access/invite").await.status,
        StatusCode::FORBIDDEN
    );
    let form = |email: &str| [field("name", "Colleague"), field("email", email)];
    let refused = lead.submit("/access/invite", &form("c@acme.example")).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "nobody allowed it");
    let people = world.desk().people;
    let person = people.technicians(guest.grant.id).unwrap()[0].id.unwrap();
    let allow = format!("/access/{}/lead-{person:?}", guest.grant.id);
    assert!(owner.get("/access").await.body.contains(&allow));
    assert_eq!(
        lead.submit(&allow, &[]).await.status,
        StatusCode::FORBIDDEN,
        "not by itself"
    );
    assert_eq!(
        owner.submit(&allow, &[]).await.status,
        StatusCode::SEE_OTHER
    );
    assert!(
        lead.get("/access")
            .await
            .body
            .contains("href=\"/access/invite\"")
    );
    // Whoever makes a link sees it: nobody who signs in already, or whom the owner invited, can be taken over by it.
    let (by, to) = (Actor::console(), guest.grant.id);
    let invited = people.invite(to, "Other", "other@acme.example", &by);
    invited.await.unwrap();
    for taken in [super::guest::EMAIL, "Other@acme.example"] {
        let refused = lead.submit("/access/invite", &form(taken)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{taken}");
        assert!(refused.body.contains("cannot be invited"));
    }
    let made = lead.submit("/access/invite", &form("c@acme.example")).await;
    let link = between(&made, "<code id=\"invitation\">", "<");
    let path = format!("/invitation/{}", link.rsplit_once('/').unwrap().1);
    let mut colleague = accepted(&world, &path).await;
    let overview = colleague.get("/").await;
    assert!(
        overview
            .body
            .contains("<bdi>Colleague</bdi>, <bdi>Acme IT</bdi>")
    );
    assert_eq!(
        colleague.get("/access/invite").await.status,
        StatusCode::FORBIDDEN
    );
    assert!(owner.get("/access").await.body.contains("c@acme.example"));
    // Links that nobody used end with the right to make them.
    let made = lead.submit("/access/invite", &form("d@acme.example")).await;
    let link = between(&made, "<code id=\"invitation\">", "<");
    let mut refused = 0;
    for number in 0..12 {
        let answer = lead
            .submit("/access/invite", &form(&format!("e{number}@acme.example")))
            .await;
        refused += usize::from(answer.status == StatusCode::UNPROCESSABLE_ENTITY);
    }
    let technicians = people.technicians(guest.grant.id).unwrap();
    let open = technicians.iter().filter(|person| person.id.is_none());
    assert_eq!(open.count(), 10, "few are open at a time");
    assert_eq!(refused, 4);
    let forbid = format!("/access/{}/leadnot-{person:?}", guest.grant.id);
    assert_eq!(
        owner.submit(&forbid, &[]).await.status,
        StatusCode::SEE_OTHER
    );
    let path = format!("/invitation/{}", link.rsplit_once('/').unwrap().1);
    assert_eq!(
        world.browser().get(&path).await.status,
        StatusCode::NOT_FOUND
    );
    let refused = lead.submit("/access/invite", &form("f@acme.example")).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(colleague.get("/").await.status, StatusCode::OK, "goes on");
    let log = owner.get("/access/log").await.body;
    for deed in [
        "said that A. Technician may invite colleagues",
        "invited Colleague (c@acme.example)",
        "said that A. Technician may no longer invite colleagues",
    ] {
        assert!(log.contains(deed), "{deed}: {log}");
    }
}

#[tokio::test]
async fn a_proposal_waits_and_says_what_a_label_would_share() {
    let world = World::new();
    let mut owner = world.owner().await;
    let now = world.clock.now();
    let mut computer = given("FRONT-DESK", Vec::new(), Vec::new(), now);
    computer.record.labels = vec!["office".into()];
    let id = world.add(computer).await;
    let mut guest = world.guest(&["system@office", "all@surgery"]).await.browser;
    let path = format!("/computers/{id}/suggest");
    let computer = guest.get(&format!("/computers/{id}")).await;
    assert!(computer.body.contains(&path));
    assert_eq!(guest.get(&path).await.status, StatusCode::OK);
    let propose = |kind: &str, text: &str| [field("kind", kind), field("text", text)];
    let unsigned = guest.post(&path, &propose("name", "mine")).await;
    assert_eq!(unsigned.status, StatusCode::FORBIDDEN);
    for (kind, text) in [("name", ""), ("label", "a,b"), ("note", &"x".repeat(301))] {
        let refused = guest.submit(&path, &propose(kind, text)).await;
        assert_eq!(
            refused.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{kind} {text}"
        );
    }
    let nothing = guest.submit(&path, &propose("owner", "me")).await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
    let hostile = "<script>alert(1)</script>\u{202e}";
    for (kind, text) in [("label", "surgery"), ("note", hostile)] {
        let made = guest.submit(&path, &propose(kind, text)).await;
        assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    }
    assert_eq!(
        guest.get("/suggestions").await.status,
        StatusCode::FORBIDDEN
    );
    assert!(owner.get("/").await.body.contains("2 proposals"));
    let list = owner.get("/suggestions").await;
    assert!(!list.body.contains("<script>alert"), "{}", list.body);
    assert!(!list.body.contains('\u{202e}'));
    let said = "With this one <bdi>Acme IT</bdi> would see more of this computer";
    assert_eq!(list.body.matches(said).count(), 1, "{}", list.body);
    let accept = format!(
        "/suggestions{}",
        between(&list, "action=\"/suggestions", "\"")
    );
    assert_eq!(
        guest.submit(&accept, &[]).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        owner.post(&accept, &[]).await.status,
        StatusCode::FORBIDDEN,
        "unsigned"
    );
    assert_eq!(world.desk().machines.of(id).unwrap().labels, ["office"]);
    assert_eq!(
        owner.submit(&accept, &[]).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        world.desk().machines.of(id).unwrap().labels,
        ["office", "surgery"]
    );
    assert_eq!(
        owner.submit(&accept, &[]).await.status,
        StatusCode::NOT_FOUND
    );
    let list = owner.get("/suggestions").await;
    let refuse = between(&list, "action=\"/suggestions", "\"").replace("/accept", "/refuse");
    let refuse = format!("/suggestions{refuse}");
    assert_eq!(
        owner.submit(&refuse, &[]).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(world.desk().machines.of(id).unwrap().note, "");
    assert!(
        owner
            .get("/suggestions")
            .await
            .body
            .contains("Nothing waits for you")
    );
}

#[tokio::test]
async fn each_person_proposes_for_themselves_and_so_much_at_a_time() {
    let world = World::new();
    let now = world.clock.now();
    let id = world
        .add(given("FRONT-DESK", Vec::new(), Vec::new(), now))
        .await;
    let suggestions = world.desk().suggestions;
    let by = Actor::console();
    let (one, other) = (PersonId([1; 16]), PersonId([2; 16]));
    for (person, text) in [(one, "first"), (other, "theirs"), (one, "second thought")] {
        let note = Proposal::Note(text.to_owned());
        suggestions.suggest(id, note, person, &by).await.unwrap();
    }
    let waiting = suggestions.all().unwrap();
    let mut texts: Vec<&str> = waiting.iter().map(|it| it.proposal.text()).collect();
    texts.sort_unstable();
    assert_eq!(texts, ["second thought", "theirs"]);
    for number in 1..20 {
        let given = given(&format!("PC-{number}"), Vec::new(), Vec::new(), now);
        let id = world.add(given).await;
        let note = Proposal::Note("more".to_owned());
        suggestions.suggest(id, note, one, &by).await.unwrap();
    }
    let label = || Proposal::Label("one-too-many".to_owned());
    let refused = suggestions.suggest(id, label(), one, &by).await;
    assert!(matches!(refused, Err(SuggestionError::TooMany { .. })));
    suggestions.suggest(id, label(), other, &by).await.unwrap();
}
