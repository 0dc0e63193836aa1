//! Promises of the findings: seen by who may see them, set aside by the owner alone, and never lost.

use std::time::Duration;

use axum::http::StatusCode;
use freehold_proto::v1::{
    Accounts, Antivirus, Hardware, System,
    accounts::{Privilege, privilege::Mechanism},
    antivirus::{Product, product::RunningMode},
    hardware,
    section::{Kind, Status},
    toggle::State,
};
use prost::Message as _;

use super::site::{Answer, Browser, Given, World, given, gone_through};
use crate::{
    access::Viewer, events::Event, finding::FindingId, history::Moment, id::MachineId,
    store::StoreError,
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn antivirus(product: Option<&str>) -> (Kind, Vec<u8>) {
    let product = product.map(|name| Product {
        name: name.into(),
        running_mode: RunningMode::Active.into(),
        real_time_protection: State::On.into(),
        ..Product::default()
    });
    let section = Antivirus {
        status: Status::Complete.into(),
        products: product.into_iter().collect(),
        ..Antivirus::default()
    };
    (Kind::Antivirus, section.encode_to_vec())
}

fn accounts(names: &[&str]) -> (Kind, Vec<u8>) {
    let section = Accounts {
        status: Status::Complete.into(),
        privileges: names
            .iter()
            .map(|name| Privilege {
                principal: (*name).into(),
                full_control: State::On.into(),
                mechanism: Mechanism::Sudo.into(),
                ..Privilege::default()
            })
            .collect(),
        ..Accounts::default()
    };
    (Kind::Accounts, section.encode_to_vec())
}

fn hardware() -> (Kind, Vec<u8>) {
    let section = Hardware {
        status: Status::Complete.into(),
        product: Some(hardware::Product {
            maker: "Dell Inc.".into(),
            model: "OptiPlex 7090".into(),
            serial: "ABC1234".into(),
            ..hardware::Product::default()
        }),
        ..Hardware::default()
    };
    (Kind::Hardware, section.encode_to_vec())
}

/// A machine without an antivirus, of which everything else that rules ask for first is known.
fn bare(world: &World, name: &str) -> Given {
    let sections = vec![antivirus(None), accounts(&["root", "anna"]), hardware()];
    given(name, sections, Vec::new(), world.clock.now())
}

fn missing(id: MachineId) -> FindingId {
    FindingId::new(id, "no-antivirus", "")
}

/// Another report of a section.
async fn reports(world: &World, browser: &Browser, id: MachineId, section: (Kind, Vec<u8>)) {
    world.report(id, section).await;
    gone_through(&browser.desk.inventory);
}

async fn set_aside(browser: &mut Browser, id: FindingId, reason: &str, days: u32) -> Answer {
    let until = browser.desk.clock.now().plus(DAY * days).to_string();
    let form = [
        ("reason", reason.to_owned()),
        ("until", until[..10].to_owned()),
    ];
    browser
        .submit(&format!("/findings/{id}/set-aside"), &form)
        .await
}

#[tokio::test]
async fn what_is_over_cannot_be_set_aside() {
    let world = World::new();
    let id = world.add(bare(&world, "front-desk")).await;
    let mut owner = world.owner().await;
    gone_through(&owner.desk.inventory);
    let path = format!("/findings/{}", missing(id));
    assert_eq!(owner.get(&path).await.status, StatusCode::OK);
    reports(&world, &owner, id, antivirus(Some("ClamAV"))).await;
    let refused = set_aside(&mut owner, missing(id), "it was on order", 3).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("This finding is not open any more."),
        "{}",
        refused.body
    );
    assert!(world.store.findings_of(id).unwrap().asides.is_empty());
}

#[tokio::test]
async fn the_overview_says_what_is_wrong_why_and_what_to_ask_for() {
    let world = World::new();
    let id = world.add(bare(&world, "front-desk")).await;
    let mut browser = world.owner().await;
    let path = format!("/findings/{}", missing(id));
    for page in [
        "/",
        "/findings",
        &format!("/computers/{id}"),
        "/findings?show=act-now",
    ] {
        let body = browser.get(page).await.body;
        assert!(
            body.contains("has no antivirus that we know"),
            "{page}: {body}"
        );
        assert!(body.contains(&path) && body.contains("Act now"), "{page}");
        assert!(body.contains("lock your files"), "{page}");
    }
    let overview = browser.get("/").await.body;
    let request = "our antivirus on front-desk (Dell Inc. OptiPlex 7090, serial number ABC1234)";
    assert!(overview.contains(request), "{overview}");
    let page = browser.get(&path).await;
    assert_eq!(page.status, StatusCode::OK);
    for part in [
        request,
        "Checked ",
        "none, and every place was read",
        "Set aside",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert!(
        !browser
            .get("/findings?show=plan")
            .await
            .body
            .contains("no antivirus")
    );
    let elsewhere = format!("/findings?computer={}", MachineId::random());
    assert_eq!(browser.get(&elsewhere).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_finding_resolves_by_itself_and_its_page_says_so() {
    let world = World::new();
    let id = world.add(bare(&world, "front-desk")).await;
    let mut browser = world.owner().await;
    let path = format!("/findings/{}", missing(id));
    assert_eq!(browser.get(&path).await.status, StatusCode::OK);
    reports(&world, &browser, id, antivirus(Some("ClamAV"))).await;
    assert!(!browser.get("/").await.body.contains("no antivirus"));
    let page = browser.get(&path).await.body;
    assert!(page.contains("This ended by itself"), "{page}");
    let ended = browser
        .get(&format!("/findings?computer={id}&show=ended"))
        .await
        .body;
    assert!(
        ended.contains(&path) && ended.contains("This ended by itself"),
        "{ended}"
    );
    assert!(
        !browser
            .get("/findings?show=ended")
            .await
            .body
            .contains(&path)
    );
    assert!(!page.contains("/set-aside"));
    let refused = set_aside(&mut browser, missing(id), "why", 5).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn what_is_set_aside_is_not_counted_is_logged_and_returns_on_its_day() {
    let world = World::new();
    let id = world.add(bare(&world, "front-desk")).await;
    let mut browser = world.owner().await;
    let finding = missing(id);
    for (reason, days) in [("", 5), ("why", 0), ("why", 401), (&"x".repeat(301), 5)] {
        let answer = set_aside(&mut browser, finding, reason, days).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{reason} {days}"
        );
        assert!(answer.body.contains("role=\"alert\""));
    }
    let answer = set_aside(&mut browser, finding, "a new one comes in spring", 20).await;
    assert_eq!(
        answer.location(),
        format!("/findings/{finding}?done=set-aside")
    );
    let overview = browser.get("/").await.body;
    assert!(!overview.contains("no antivirus that"), "{overview}");
    assert!(
        overview.contains("Nothing that we can see needs you"),
        "{overview}"
    );
    let aside = browser.get("/findings?show=aside").await.body;
    assert!(aside.contains("a new one comes in spring") && aside.contains("Dr. Anna Weber"));
    let log = browser.get("/access/log").await.body;
    assert!(
        log.contains("set a finding about front-desk aside"),
        "{log}"
    );
    assert!(log.contains("a new one comes in spring"));
    // Twenty days later, within the session's life or not.
    world.clock.advance(DAY * 21);
    let lines = browser
        .desk
        .inventory
        .machines(&Viewer::console(), Moment::Now)
        .unwrap();
    let now = world.clock.now();
    assert!(
        lines[0]
            .findings
            .iter()
            .any(|it| it.id == finding && it.needs_a_look(now))
    );
}

#[tokio::test]
async fn what_was_set_aside_can_be_taken_up_again() {
    let world = World::new();
    let id = world.add(bare(&world, "front-desk")).await;
    let mut browser = world.owner().await;
    set_aside(&mut browser, missing(id), "later", 20).await;
    let path = format!("/findings/{}/take-up", missing(id));
    assert_eq!(browser.get(&path).await.status, StatusCode::OK);
    let answer = browser.submit(&path, &[]).await;
    assert!(answer.location().ends_with("done=taken-up"));
    assert!(browser.get("/").await.body.contains("no antivirus that"));
}

#[tokio::test]
async fn equal_findings_are_one_sentence_and_each_can_still_be_set_aside() {
    let world = World::new();
    let mut ids = Vec::new();
    for name in ["one", "two", "three"] {
        ids.push(world.add(bare(&world, name)).await);
    }
    let mut browser = world.owner().await;
    for page in ["/", "/findings"] {
        let body = browser.get(page).await.body;
        assert_eq!(
            body.matches("3 computers have no antivirus").count(),
            1,
            "{body}"
        );
        for id in &ids {
            let link = format!("href=\"/findings/{}\"", missing(*id));
            assert_eq!(body.matches(&link).count(), 1, "{body}");
        }
    }
    set_aside(&mut browser, missing(ids[0]), "later", 20).await;
    let body = browser.get("/findings").await.body;
    assert!(body.contains("2 computers have no antivirus"), "{body}");
    set_aside(&mut browser, missing(ids[1]), "later", 20).await;
    let body = browser.get("/findings").await.body;
    assert!(!body.contains("computers have no antivirus"), "{body}");
    let aside = browser.get("/findings?show=aside").await.body;
    assert!(aside.contains("2 computers have no antivirus"), "{aside}");
}

#[tokio::test]
async fn findings_and_what_was_set_aside_survive_a_restart() {
    let world = World::new();
    let (one, other) = (
        world.add(bare(&world, "one")).await,
        world.add(bare(&world, "two")).await,
    );
    let mut browser = world.owner().await;
    browser.get("/").await;
    browser.desk.inventory.write_findings().await.unwrap();
    set_aside(&mut browser, missing(one), "later", 20).await;
    let inventory = browser.desk.inventory.clone();
    let before = inventory
        .finding(&Viewer::console(), missing(other))
        .unwrap()
        .0;
    world.clock.advance(Duration::from_secs(3 * 60 * 60));
    let again = browser.at(world.desk());
    let (after, _) = again
        .desk
        .inventory
        .finding(&Viewer::console(), missing(other))
        .unwrap();
    assert_eq!(after.finding.opened_at, before.finding.opened_at);
    let (aside, _) = again
        .desk
        .inventory
        .finding(&Viewer::console(), missing(one))
        .unwrap();
    assert_eq!(
        aside.finding.aside(world.clock.now()).unwrap().reason,
        "later"
    );
    // An erased machine takes its findings along.
    world
        .store
        .write(move |txn| txn.erase_machine(one))
        .await
        .unwrap_or_else(|error: crate::store::WriteError<StoreError>| panic!("{error}"));
    assert_eq!(world.store.findings().unwrap().len(), 1);
}

#[tokio::test]
async fn a_guest_sees_a_finding_only_with_its_machine_and_all_its_sections() {
    let world = World::new();
    world.owner().await;
    let mut shared = bare(&world, "reception");
    shared.record.labels = vec!["office".into()];
    let shared = world.add(shared).await;
    let mut other = bare(&world, "surgery-secret");
    other.record.labels = vec!["surgery".into()];
    let other = world.add(other).await;

    let mut within = world.guest(&["antivirus@office"]).await.browser;
    let path = format!("/findings/{}", missing(shared));
    let page = within.get(&path).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.body.contains("ABC1234"), "hardware is not shared");
    assert!(!page.body.contains("/set-aside"), "no controls");
    for list in ["/", "/findings"] {
        let body = within.get(list).await.body;
        assert!(
            body.contains("has no antivirus") && !body.contains("secret"),
            "{body}"
        );
    }
    let hidden = format!("/findings/{}", missing(other));
    assert_eq!(within.get(&hidden).await.status, StatusCode::NOT_FOUND);
    let form = [
        ("reason", "x".to_owned()),
        ("until", "2099-01-01".to_owned()),
    ];
    let refused = within.post(&format!("{path}/set-aside"), &form).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);

    let desk = world.desk();
    let entries = desk.journal.entries(&Viewer::console(), None, 50).unwrap();
    let said: Vec<String> = entries.iter().map(crate::audit::Entry::deed).collect();
    assert!(
        said.contains(&"opened a finding about reception".to_owned()),
        "{said:?}"
    );
    assert!(said.contains(&"opened the findings".to_owned()));
    assert!(!said.iter().any(|deed| deed.contains("secret")), "{said:?}");
}

#[tokio::test]
async fn a_guest_without_the_section_sees_no_trace_of_the_finding() {
    let world = World::new();
    world.owner().await;
    let id = world.add(bare(&world, "reception")).await;
    let mut outside = world.guest(&["system"]).await.browser;
    for path in [
        "/",
        "/findings",
        "/findings?show=act-now",
        &format!("/computers/{id}"),
    ] {
        let body = outside.get(path).await.body;
        assert!(
            !body.contains("no antivirus") && !body.contains("Act now</p>"),
            "{path}: {body}"
        );
    }
    let path = format!("/findings/{}", missing(id));
    assert_eq!(outside.get(&path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_compares_computers_tells_a_guest_nothing_of_the_others() {
    let world = World::new();
    let mut owner = world.owner().await;
    let now = world.clock.now();
    let sections = vec![antivirus(Some("SecretAV")), accounts(&["root", "bob"])];
    world
        .add(given("other-secret", sections, Vec::new(), now))
        .await;
    let mut new = bare(&world, "reception");
    new.record.labels = vec!["office".into()];
    new.record.enrolled_at = now.minus(DAY).0;
    let new = world.add(new).await;
    let id = FindingId::new(new, "new-computer-without-antivirus", "");
    let said = owner.get(&format!("/findings/{id}")).await.body;
    assert!(said.contains("is new and has no antivirus, although") && said.contains("SecretAV"));
    let mut guest = world.guest(&["all@office"]).await.browser;
    for path in [format!("/findings/{id}"), "/findings".into(), "/".into()] {
        let body = guest.get(&path).await.body;
        assert!(
            body.contains("has no antivirus that we know"),
            "{path}: {body}"
        );
        assert!(
            !body.contains("SecretAV") && !body.contains("although"),
            "{path}: {body}"
        );
    }
}

#[tokio::test]
async fn the_owners_reason_is_not_for_guests() {
    let world = World::new();
    let mut owner = world.owner().await;
    let id = world.add(bare(&world, "reception")).await;
    owner.get("/").await;
    set_aside(&mut owner, missing(id), "we are leaving this supplier", 20).await;
    owner.desk.inventory.write_findings().await.unwrap();
    let mut guest = world.guest(&["all"]).await.browser;
    let page = guest.get(&format!("/findings/{}", missing(id))).await.body;
    assert!(page.contains("Set aside until"), "{page}");
    let list = guest.get("/findings?show=aside").await.body;
    for body in [page, list] {
        assert!(!body.contains("leaving this supplier"), "{body}");
    }
}

#[tokio::test]
async fn who_keeps_the_record_is_told_to_the_owner_alone() {
    let world = World::new();
    let sections = vec![
        (
            Kind::System,
            System {
                status: Status::Complete.into(),
                machine_id: "home".into(),
                ..System::default()
            }
            .encode_to_vec(),
        ),
        accounts(&["root", "acme"]),
    ];
    let id = world
        .add(given("server", sections, Vec::new(), world.clock.now()))
        .await;
    let mut owner = world.owner().await;
    owner.desk.inventory.board().at_home("home");
    let finding = FindingId::new(id, "record-takeover", "");
    let body = owner.get(&format!("/findings/{finding}")).await.body;
    assert!(
        body.contains("can take over this record") && body.contains("acme"),
        "{body}"
    );
    let overview = owner.get("/").await.body;
    assert!(
        !overview.contains("can take over this record, as"),
        "good to know is no alarm"
    );
    let guest = world.guest(&["all"]).await.browser;
    guest.desk.inventory.board().at_home("home");
    let mut guest = guest;
    assert_eq!(
        guest.get(&format!("/findings/{finding}")).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_report_that_changes_nothing_and_missed_events_cost_no_second_look() {
    let world = World::new();
    let id = world.add(bare(&world, "front-desk")).await;
    let inventory = world.desk().inventory;
    assert_eq!(inventory.look_again(9, Duration::MAX).unwrap(), 1);
    inventory.write_findings().await.unwrap();
    let before = world.store.findings().unwrap();
    // More than anybody can hear: whose they were is not known.
    for _ in 0..5000 {
        world.events.announce(Event::Report(MachineId::random()));
    }
    assert_eq!(inventory.look_again(9, Duration::MAX).unwrap(), 1);
    inventory.write_findings().await.unwrap();
    assert_eq!(world.store.findings().unwrap(), before);
    world.report(id, antivirus(Some("ClamAV"))).await;
    assert_eq!(inventory.look_again(9, Duration::MAX).unwrap(), 1);
    assert_eq!(inventory.look_again(9, Duration::MAX).unwrap(), 0);
    inventory.write_findings().await.unwrap();
    assert_ne!(world.store.findings().unwrap(), before);
}

#[tokio::test]
async fn a_store_that_cannot_be_written_loses_no_finding() {
    let world = World::new();
    world.add(bare(&world, "front-desk")).await;
    let inventory = world.desk().inventory;
    inventory.look_again(9, Duration::MAX).unwrap();
    let lines = inventory.machines(&Viewer::console(), Moment::Now).unwrap();
    world.store.clone().close().await;
    inventory.write_findings().await.unwrap_err();
    let after = inventory.machines(&Viewer::console(), Moment::Now).unwrap();
    assert!(!lines[0].findings.is_empty());
    assert_eq!(after[0].findings, lines[0].findings);
}

#[tokio::test]
async fn a_machine_out_of_service_is_no_longer_spoken_of() {
    let world = World::new();
    let id = world.add(bare(&world, "front-desk")).await;
    let mut browser = world.owner().await;
    assert!(browser.get("/").await.body.contains("no antivirus that"));
    let answer = browser
        .submit(&format!("/computers/{id}/retire"), &[])
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(
        !browser
            .get("/findings")
            .await
            .body
            .contains("no antivirus that")
    );
    let page = browser
        .get(&format!("/findings/{}", missing(id)))
        .await
        .body;
    assert!(page.contains("This ended by itself"), "{page}");
}

#[tokio::test]
async fn what_the_collector_noted_is_quoted_to_who_sees_everything_alone() {
    let world = World::new();
    let mut owner = world.owner().await;
    let mut noted = bare(&world, "reception").with_wrong_clock();
    noted.record.notices[0].detail = "quoted-from-a-section".into();
    let id = world.add(noted).await;
    let path = format!("/findings/{}", FindingId::new(id, "clock", ""));
    assert!(
        owner
            .get(&path)
            .await
            .body
            .contains("quoted-from-a-section")
    );
    let mut all = world.guest(&["all"]).await.browser;
    assert!(all.get(&path).await.body.contains("quoted-from-a-section"));
}

#[tokio::test]
async fn what_the_collector_noted_is_not_quoted_to_who_sees_a_part() {
    let world = World::new();
    world.owner().await;
    let mut noted = bare(&world, "reception").with_wrong_clock();
    noted.record.notices[0].detail = "quoted-from-a-section".into();
    let id = world.add(noted).await;
    let path = format!("/findings/{}", FindingId::new(id, "clock", ""));
    let mut part = world.guest(&["system"]).await.browser;
    let page = part.get(&path).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        !page.body.contains("quoted-from-a-section"),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn a_page_waits_for_no_look_and_says_what_it_does_not_know_yet() {
    let world = World::new();
    let mut first = MachineId::random();
    for number in 0..9 {
        first = world.add(bare(&world, &format!("pc-{number}"))).await;
    }
    let mut browser = world.owner().await;
    browser.is_early = true;
    browser = browser.at(world.desk());
    let computer = format!("/computers/{first}");
    let said = "Freehold is still going through what";
    for path in ["/", "/findings", "/computers", &computer] {
        let body = browser.get(path).await.body;
        assert!(body.contains(said), "{path}: {body}");
        assert!(!body.contains("lock your files"), "{path}: {body}");
        assert!(!body.contains(">Fine<"), "{path}: {body}");
    }
    let overview = browser.get("/").await.body;
    for part in [
        "9 computers",
        "Freehold is still going through all of them",
        "what 9 computers reported",
        "Nothing so far",
    ] {
        assert!(overview.contains(part), "{part}: {overview}");
    }
    assert!(!overview.contains("Nothing that we can see needs you"));
    let list = browser.get("/computers").await.body;
    assert!(
        list.contains("Being gone through") && list.contains("Being read"),
        "{list}"
    );
    let findings = browser.get("/findings").await.body;
    assert!(findings.contains("Nothing found so far"), "{findings}");

    gone_through(&browser.desk.inventory);
    for path in ["/", "/findings", "/computers", &computer] {
        let body = browser.get(path).await.body;
        assert!(!body.contains(said), "{path}: {body}");
    }
    let overview = browser.get("/").await.body;
    assert!(overview.contains("no antivirus that"), "{overview}");
}

#[tokio::test]
async fn a_guest_hears_nothing_of_what_is_gone_through_elsewhere() {
    let world = World::new();
    world.owner().await;
    let mut shared = bare(&world, "reception");
    shared.record.labels = vec!["office".into()];
    world.add(shared).await;
    for number in 0..5 {
        world.add(bare(&world, &format!("surgery-{number}"))).await;
    }
    let mut guest = world.guest(&["antivirus@office"]).await.browser;
    guest.is_early = true;
    let guest = &mut guest.at(world.desk());
    let overview = guest.get("/").await.body;
    assert!(overview.contains("what 1 computer reported"), "{overview}");
    gone_through(&guest.desk.inventory);
    let overview = guest.get("/").await.body;
    assert!(!overview.contains("still going through"), "{overview}");
    assert!(!overview.contains("surgery"), "{overview}");
}

#[tokio::test]
async fn a_report_shows_no_passing_banner_but_one_that_waits_does() {
    let world = World::new();
    let id = world.add(bare(&world, "front-desk")).await;
    let mut browser = world.owner().await;
    browser.get("/").await;
    browser.is_early = true;
    world.report(id, antivirus(Some("ClamAV"))).await;
    let at_once = browser.get("/").await.body;
    assert!(!at_once.contains("still going through"), "{at_once}");
    world.clock.advance(Duration::from_secs(6));
    let late = browser.get("/").await.body;
    assert!(late.contains("what 1 computer reported"), "{late}");
    assert!(
        late.contains("no antivirus that"),
        "what was known stays: {late}"
    );
    browser.is_early = false;
    let after = browser.get("/").await.body;
    assert!(!after.contains("still going through") && !after.contains("no antivirus that"));
}

#[tokio::test]
async fn whoever_was_shown_less_hears_when_it_is_complete() {
    let world = World::new();
    world.add(bare(&world, "front-desk")).await;
    let mut browser = world.owner().await;
    let mut heard = world.events.listen();
    browser.is_early = true;
    let mut browser = browser.at(world.desk());
    gone_through(&browser.desk.inventory);
    browser.get("/").await;
    gone_through(&browser.desk.inventory);
    assert!(!completes(&mut heard), "nobody was shown less");
    let mut browser = browser.at(world.desk());
    browser.get("/").await;
    gone_through(&browser.desk.inventory);
    assert!(completes(&mut heard));
    gone_through(&browser.desk.inventory);
    assert!(!completes(&mut heard), "once is enough");
}

fn completes(heard: &mut tokio::sync::broadcast::Receiver<Event>) -> bool {
    std::iter::from_fn(|| heard.try_recv().ok()).any(|event| event == Event::Complete)
}

#[tokio::test]
async fn after_a_restart_nothing_is_looked_at_again_that_has_not_moved() {
    let world = World::new();
    let id = world.add(bare(&world, "front-desk")).await;
    let mut browser = world.owner().await;
    browser.get("/").await;
    browser.desk.inventory.board().close().await.unwrap();

    browser.is_early = true;
    let mut again = browser.at(world.desk());
    let early = again.get("/").await.body;
    assert!(early.contains("no antivirus that"), "known from before");
    assert!(
        early.contains("what 1 computer reported"),
        "whether it still holds is not known yet: {early}"
    );
    let before = world.store.findings().unwrap();
    gone_through(&again.desk.inventory);
    let after = again.get("/").await.body;
    assert!(!after.contains("still going through"), "{after}");
    assert_eq!(again.desk.inventory.unwritten_findings(), 0);
    assert_eq!(world.store.findings().unwrap(), before);

    // A report that came just before the end was not looked at: now it is.
    world.report(id, antivirus(Some("ClamAV"))).await;
    let mut again = again.at(world.desk());
    let early = again.get("/").await.body;
    assert!(early.contains("what 1 computer reported"), "{early}");
    gone_through(&again.desk.inventory);
    assert!(!again.get("/").await.body.contains("no antivirus that"));
}
