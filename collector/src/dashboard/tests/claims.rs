//! Whose administrators are: said by the owner, of these computers and no others, and read within what is shared.

use axum::http::StatusCode;

use super::{
    guest::between,
    history::{administrators, software},
    site::{Answer, Browser, World, given, gone_through},
};
use crate::{
    access::{Viewer, parsed_scope},
    audit::{Actor, Entry},
    dashboard::guard::encoded,
    finding::Whose,
    history::Moment,
    id::MachineId,
    store::record::{ClaimsRecord, MachineState},
};

async fn computer(world: &World, name: &str, label: &str, names: &[&str]) -> MachineId {
    let sections = vec![administrators(names)];
    let mut given = given(name, sections, Vec::new(), world.clock.now());
    given.record.labels = vec![label.to_owned()];
    world.add(given).await
}

/// Says whose an account is.
async fn say(browser: &mut Browser, name: &str, whose: &str, supplier: &str) -> Answer {
    let page = browser
        .get(&format!("/administrators/whose?name={}", encoded(name)))
        .await;
    let token = between(&page, "name=\"form_token\" value=\"", "\"");
    let fields = [
        ("form_token", token),
        ("name", name.to_owned()),
        ("whose", whose.to_owned()),
        ("supplier", supplier.to_owned()),
    ];
    browser.post("/administrators/whose", &fields).await
}

/// The rules of which something is open about a computer.
fn open(browser: &Browser, id: MachineId) -> Vec<&'static str> {
    let inventory = &browser.desk.inventory;
    gone_through(inventory);
    let line = inventory.machine(&Viewer::console(), id, Moment::Now);
    let line = line.unwrap();
    line.findings
        .iter()
        .map(|finding| finding.rule.id)
        .collect()
}

#[tokio::test]
async fn the_owner_says_whose_an_administrator_is_and_the_finding_ends() {
    let world = World::new();
    let id = computer(&world, "front-desk", "office", &["root", "anna"]).await;
    let second = computer(&world, "surgery", "office", &["anna"]).await;
    let mut owner = world.owner().await;
    assert!(open(&owner, id).contains(&"unclaimed-administrator"));
    let page = owner.get("/administrators").await;
    assert!(page.body.contains("Nobody has said"), "{}", page.body);
    assert!(
        page.body.contains("/administrators/whose?name=anna"),
        "{}",
        page.body
    );
    let said = say(&mut owner, "anna", "ours", "ignored").await;
    assert_eq!(said.status, StatusCode::SEE_OTHER, "{}", said.body);
    assert_eq!(said.location(), "/administrators?done=claimed");
    let page = owner.get(said.location()).await;
    assert!(page.body.contains(">Ours"), "{}", page.body);
    assert!(page.body.contains("Noted whose account that is."));
    assert!(!page.body.contains("ignored"));
    assert!(!open(&owner, id).contains(&"unclaimed-administrator"));
    assert!(!open(&owner, second).contains(&"unclaimed-administrator"));
    let entries = owner.desk.journal.entries(&Viewer::console(), None, 5);
    let deeds: Vec<String> = entries.unwrap().iter().map(Entry::deed).collect();
    let deed = "said whose an administrator is: anna on 2 computers is ours";
    assert!(deeds.iter().any(|it| it == deed), "{deeds:#?}");
    // It is kept, shown again in the form, and can be taken back.
    assert!(
        world.browser().desk.inventory.claims(&Viewer::console())[&id]
            .whose("anna")
            .is_some()
    );
    let form = owner.get("/administrators/whose?name=anna").await;
    assert!(
        form.body.contains("value=\"ours\" checked"),
        "{}",
        form.body
    );
    say(&mut owner, "anna", "", "").await;
    assert!(open(&owner, id).contains(&"unclaimed-administrator"));
    assert_eq!(
        world.store.findings_of(id).unwrap().claims,
        ClaimsRecord::default()
    );
}

#[tokio::test]
async fn what_is_said_holds_for_these_computers_and_not_for_the_same_name_elsewhere() {
    let world = World::new();
    let known = computer(&world, "front-desk", "office", &["helpdesk"]).await;
    let mut owner = world.owner().await;
    say(&mut owner, "helpdesk", "supplier", " Acme IT ").await;
    let other = computer(&world, "surgery", "office", &["helpdesk"]).await;
    let claims = owner.desk.inventory.claims(&Viewer::console());
    assert!(claims.contains_key(&known) && !claims.contains_key(&other));
    let mut owner = world.owner().await;
    let page = owner.get("/administrators").await;
    assert!(
        page.body
            .contains("Nobody has said on 1 computer; Acme IT\u{2019}s on 1 computer"),
        "{}",
        page.body
    );
    assert!(open(&owner, other).contains(&"unclaimed-administrator"));
}

#[tokio::test]
async fn a_supplier_without_a_name_a_strange_answer_and_nobodys_account_are_refused() {
    let world = World::new();
    let id = computer(&world, "front-desk", "office", &["anna"]).await;
    let mut owner = world.owner().await;
    for name in ["", "  ", "a\nb", &"x".repeat(81)] {
        let refused = say(&mut owner, "anna", "supplier", name).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert!(
            refused.body.contains("Name the supplier"),
            "{}",
            refused.body
        );
    }
    let strange = say(&mut owner, "anna", "mine", "").await;
    assert_eq!(strange.status, StatusCode::NOT_FOUND);
    let mut gone = given(
        "gone",
        vec![administrators(&["ghost"])],
        Vec::new(),
        world.clock.now(),
    );
    gone.record.state = MachineState::Retired.into();
    world.add(gone).await;
    for name in ["nobody", "ghost"] {
        let page = owner
            .get(&format!("/administrators/whose?name={name}"))
            .await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{name}");
        let (inventory, by) = (&owner.desk.inventory, Actor::console());
        assert_eq!(
            inventory.claim(name, Some(Whose::Ours), &by).await.unwrap(),
            0
        );
    }
    assert_eq!(
        world.store.findings_of(id).unwrap().claims,
        ClaimsRecord::default()
    );
}

#[tokio::test]
async fn a_guest_reads_whose_administrators_are_within_what_is_shared() {
    let world = World::new();
    computer(&world, "front-desk", "office", &["helpdesk"]).await;
    computer(&world, "vault", "cellar", &["secret"]).await;
    let mut owner = world.owner().await;
    say(&mut owner, "helpdesk", "supplier", "<b>Rival</b>").await;
    say(&mut owner, "secret", "supplier", "Hidden IT").await;
    let shown = owner.get("/administrators").await;
    assert!(
        shown.body.contains("&lt;b&gt;Rival&lt;/b&gt;"),
        "{}",
        shown.body
    );
    let narrow = Viewer::console().within(parsed_scope(&["accounts@office"]).unwrap());
    assert_eq!(owner.desk.inventory.claims(&Viewer::console()).len(), 2);
    assert_eq!(owner.desk.inventory.claims(&narrow).len(), 1);
    let mut guest = world.guest(&["accounts@office"]).await;
    let page = guest.browser.get("/administrators").await;
    assert!(page.body.contains("A supplier\u{2019}s"), "{}", page.body);
    for hidden in ["Rival", "Hidden", "secret", "/administrators/whose"] {
        assert!(!page.body.contains(hidden), "{hidden}: {}", page.body);
    }
}

#[tokio::test]
async fn what_one_computer_alone_has_is_told_once_every_computer_is_known() {
    let world = World::new();
    let mut ids = Vec::new();
    for (name, programs) in [
        ("one", vec![("office", "1"), ("cad", "2")]),
        ("two", vec![("office", "1"), ("paint", "1")]),
        ("three", vec![("office", "1"), ("scan", "1")]),
    ] {
        let given = given(
            name,
            vec![software(&programs)],
            Vec::new(),
            world.clock.now(),
        );
        ids.push(world.add(given).await);
    }
    let owner = world.owner().await;
    let inventory = &owner.desk.inventory;
    assert_eq!(inventory.index_ahead(2).unwrap(), 1);
    for id in &ids {
        assert!(!open(&owner, *id).contains(&"only-here"));
    }
    inventory.index_ahead(9).unwrap();
    world
        .report(ids[0], software(&[("office", "1"), ("cad", "3")]))
        .await;
    inventory.index_ahead(9).unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert!(open(&owner, ids[0]).contains(&"only-here"));
}
