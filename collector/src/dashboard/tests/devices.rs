//! The page of the command line.

use axum::http::StatusCode;

use super::{
    guest::{GUEST_PASSWORD, between},
    site::{PASSWORD, World},
};
use crate::{access::DeviceCode, id::Digest};

fn field(name: &'static str, value: &str) -> (&'static str, String) {
    (name, value.to_owned())
}

#[tokio::test]
async fn a_device_is_added_with_the_password_and_ended_by_its_person_or_the_owner() {
    let world = World::new();
    let mut owner = world.owner().await;
    let mut guest = world.guest(&["all"]).await.browser;
    let token = hidden_token(&mut guest).await;
    let ask = async |guest: &mut super::site::Browser, password: &str| {
        let form = [field("form_token", &token), field("password", password)];
        guest.post("/command-line", &form).await
    };
    let wrong = ask(&mut guest, "not the password").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("This is not your password"));
    let made = ask(&mut guest, GUEST_PASSWORD).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    let line = between(&made, "<code id=\"device-code\">", "<");
    let code: DeviceCode = line
        .strip_prefix("freehold accept ")
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(code.addresses(), ["office.lan:7443"]);
    let people = world.desk().people;
    let key = Digest::of(b"a key");
    let name = "lap<b>top\u{1b}";
    let from = [192, 0, 2, 7].into();
    let accepted = people.accept_device(code.secret(), key, name, from).await;
    let device = accepted.unwrap().device;

    let page = owner.get("/command-line").await;
    assert!(
        page.body.contains("lap&lt;b&gt;top") && page.body.contains("192.0.2.7"),
        "{}",
        page.body
    );
    assert!(page.body.contains("A. Technician"));
    assert!(
        owner
            .get("/access")
            .await
            .body
            .contains("href=\"/command-line\"")
    );
    let own = guest.get("/command-line").await;
    assert!(own.body.contains("lap&lt;b&gt;top"));
    assert!(!own.body.contains(&line), "shown once");
    let end = [field("device", &device.to_string())];
    let unsigned = owner.post("/command-line/end", &end).await;
    assert_eq!(unsigned.status, StatusCode::FORBIDDEN);
    let ended = owner.submit("/command-line/end", &end).await;
    assert_eq!(ended.status, StatusCode::SEE_OTHER);
    assert!(
        !guest
            .get("/command-line")
            .await
            .body
            .contains("lap&lt;b&gt;top")
    );
    let again = owner.submit("/command-line/end", &end).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
    let log = owner.get("/access/log").await.body;
    assert!(
        log.contains("added the command line on lap")
            && log.contains("ended the command line on lap")
    );
}

#[tokio::test]
async fn a_guest_ends_no_device_of_somebody_else() {
    let world = World::new();
    let mut owner = world.owner().await;
    let form = [field("password", PASSWORD)];
    let made = owner.submit("/command-line", &form).await;
    let line = between(&made, "<code id=\"device-code\">", "<");
    let code: DeviceCode = line
        .strip_prefix("freehold accept ")
        .unwrap()
        .parse()
        .unwrap();
    let people = world.desk().people;
    let from = [192, 0, 2, 7].into();
    let key = Digest::of(b"a key");
    let device = people.accept_device(code.secret(), key, "desk", from).await;
    let device = device.unwrap().device;
    let mut guest = world.guest(&["all"]).await.browser;
    assert!(!guest.get("/command-line").await.body.contains("desk"));
    let token = hidden_token(&mut guest).await;
    let end = [
        field("form_token", &token),
        field("device", &device.to_string()),
    ];
    let refused = guest.post("/command-line/end", &end).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    assert!(owner.get("/command-line").await.body.contains("desk"));
}

async fn hidden_token(browser: &mut super::site::Browser) -> String {
    let page = browser.get("/command-line").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    between(&page, "name=\"form_token\" value=\"", "\"")
}
