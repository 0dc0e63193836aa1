//! Who gets in, and what is refused.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use secrecy::SecretString;

use super::site::{HOST, ORIGIN, PASSWORD, World, concrete, from, password, this_computer};
use crate::{
    access::{CODE_FAILURES, CODE_LASTS, IDLE, LONGEST, SetUpError, SignInError},
    audit::Actor,
    dashboard::route::{Open, routes},
    id::MachineId,
    store::{Read as _, StoreError},
};

#[tokio::test]
async fn nobody_sees_a_page_of_the_owners_without_signing_in() {
    let world = World::new();
    world.owner().await;
    let browser = world.browser();
    for route in routes() {
        let path = concrete(route.path, MachineId::random());
        for method in [Method::GET, Method::POST] {
            let (status, headers) = browser.head(method.clone(), &path).await;
            let what = format!("{method} {path}");
            match route.open {
                Open::Owners | Open::People(_) | Open::Proposes(_)
                    if status == StatusCode::METHOD_NOT_ALLOWED => {}
                Open::Owners | Open::People(_) | Open::Proposes(_) => {
                    assert_eq!(status, StatusCode::SEE_OTHER, "{what}");
                    let to = headers[header::LOCATION].to_str().unwrap();
                    assert!(to.starts_with("/sign-in"), "{what} leads to {to}");
                }
                Open::Everybody => assert_ne!(status, StatusCode::UNAUTHORIZED, "{what}"),
            }
        }
    }
}

#[tokio::test]
async fn every_address_is_declared_and_every_other_one_is_not_found() {
    let world = World::new();
    let mut browser = world.owner().await;
    let given = this_computer("pc", world.clock.now()).with_wrong_clock();
    let id = world.add(given).await;
    for route in routes() {
        let path = concrete(route.path, id);
        let (status, _) = browser.head(Method::GET, &path).await;
        assert!(
            status.is_success()
                || status == StatusCode::METHOD_NOT_ALLOWED
                || route.path == "/certificate"
                // Nothing by that name: their own tests have some.
                || [
                    "/invitation/{token}",
                    "/administrators/whose",
                    "/access/{id}/change",
                    "/access/{id}/{action}",
                    "/access/invite",
                    "/settings/owners/{id}/end",
                ]
                .contains(&route.path),
            "{path}: {status}"
        );
    }
    for path in [
        "/nothing",
        "/computers/x/y/z",
        "/assets/none.css",
        "/computers/not-an-id",
    ] {
        assert_eq!(
            browser.get(path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    let unknown = format!("/computers/{}", MachineId::random());
    let answer = browser.get(&unknown).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(answer.body.contains("There is no such computer"));
}

#[tokio::test]
async fn nothing_is_changed_without_the_sessions_own_form_token() {
    let world = World::new();
    let mut browser = world.owner().await;
    let id = world.add(this_computer("pc", world.clock.now())).await;
    let mut other = world.browser();
    let answer = other
        .post("/sign-in", &[("password", PASSWORD.to_owned())])
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let stolen = other.form_token().await;
    for route in routes()
        .into_iter()
        .filter(|route| route.open != Open::Everybody)
    {
        let path = concrete(route.path, id);
        for token in ["", "AAAA", stolen.as_str()] {
            let form = [
                ("form_token", token.to_owned()),
                ("name", "changed".to_owned()),
            ];
            let answer = browser.post(&path, &form).await;
            if answer.status == StatusCode::METHOD_NOT_ALLOWED {
                continue;
            }
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        }
        let answer = browser.post(&path, &[]).await;
        assert!(
            matches!(
                answer.status,
                StatusCode::FORBIDDEN | StatusCode::METHOD_NOT_ALLOWED
            ),
            "{path}"
        );
    }
    assert!(!browser.get("/computers").await.body.contains("changed"));
    assert_eq!(
        browser.get("/").await.status,
        StatusCode::OK,
        "still signed in"
    );
}

#[tokio::test]
async fn forms_of_other_sites_are_refused_on_every_address() {
    let world = World::new();
    let mut browser = world.owner().await;
    let token = browser.form_token().await;
    for route in routes() {
        let path = concrete(route.path, MachineId::random());
        for (name, value) in [
            ("origin", "http://evil.example"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("x-nothing", "x"),
        ] {
            let request = Request::post(&path)
                .header(header::HOST, HOST)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(name, value)
                .body(Body::from(format!(
                    "form_token={token}&password={PASSWORD}"
                )))
                .unwrap();
            let answer = browser.send(request).await;
            assert_eq!(
                answer.status,
                StatusCode::FORBIDDEN,
                "{path} {name}: {value}"
            );
        }
    }
    let request = Request::post("/sign-out")
        .header(header::HOST, HOST)
        .header(header::ORIGIN, ORIGIN)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(format!("form_token={token}")))
        .unwrap();
    assert_eq!(browser.send(request).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn another_host_name_is_refused_on_every_address() {
    let world = World::new();
    let mut browser = world.owner().await;
    for route in routes() {
        for host in ["evil.example:8080", "127.0.0.1:9", "192.168.1.5:8080"] {
            let request = Request::get(concrete(route.path, MachineId::random()))
                .header(header::HOST, host)
                .body(Body::empty())
                .unwrap();
            let answer = browser.send(request).await;
            assert_eq!(
                answer.status,
                StatusCode::MISDIRECTED_REQUEST,
                "{} {host}",
                route.path
            );
        }
    }
    let request = Request::get("/").body(Body::empty()).unwrap();
    assert_eq!(
        browser.send(request).await.status,
        StatusCode::MISDIRECTED_REQUEST
    );
}

#[tokio::test]
async fn every_answer_keeps_the_browser_from_harm() {
    let world = World::new();
    let mut browser = world.owner().await;
    for path in [
        "/",
        "/sign-in",
        "/nothing",
        "/healthz",
        "/computers",
        "/add",
    ] {
        let answer = browser.get(path).await;
        let header = |name: &str| answer.headers[name].to_str().unwrap();
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{path}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(
            !policy.contains("unsafe") && !policy.contains("http"),
            "{path}"
        );
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(header("cache-control"), "no-store", "{path}");
        for inline in [
            " style=",
            "<style",
            " onclick",
            "javascript:",
            "<script>",
            "http://",
            "https://",
        ] {
            assert!(!answer.body.contains(inline), "{path} holds {inline}");
        }
    }
}

#[tokio::test]
async fn before_there_is_a_password_everything_leads_to_the_set_up() {
    let world = World::new();
    let mut browser = world.browser();
    assert_eq!(browser.get("/").await.location(), "/setup");
    assert_eq!(browser.get("/computers").await.location(), "/setup");
    assert_eq!(browser.get("/sign-in").await.location(), "/setup");
    let page = browser.get("/setup").await;
    assert!(page.body.contains("Set-up code"));
}

#[tokio::test]
async fn a_set_up_code_works_once() {
    let world = World::new();
    let browser = world.browser();
    let people = &browser.desk.people;
    let (code, _) = people.issue_code(&Actor::console()).await.unwrap();
    let code = code.expose();
    let weak = SecretString::from("short");
    let refused = people
        .choose_password(&code, "Anna", weak.clone(), &weak, &from([10, 0, 0, 1]))
        .await;
    assert!(
        matches!(refused, Err(SetUpError::Password(_))),
        "a weak password spends no code"
    );
    let set = people
        .choose_password(&code, "Anna", password(), &password(), &from([10, 0, 0, 1]))
        .await;
    assert!(set.is_ok());
    let again = people
        .choose_password(&code, "Eve", password(), &password(), &from([10, 0, 0, 1]))
        .await;
    assert!(matches!(again, Err(SetUpError::NoCode)));
}

#[tokio::test]
async fn a_set_up_code_cannot_be_guessed_for_long() {
    let world = World::new();
    let browser = world.browser();
    let people = &browser.desk.people;
    let (code, _) = people.issue_code(&Actor::console()).await.unwrap();
    let mut limited = 0;
    for attempt in 0..CODE_FAILURES * 3 {
        // From many addresses, slowly enough for the overall limit.
        world.clock.advance(Duration::from_secs(2));
        let from = from([10, 0, (attempt / 200) as u8, (attempt % 200) as u8]);
        let tried = people
            .choose_password("WRONG-CODES", "Eve", password(), &password(), &from)
            .await;
        match tried {
            Err(SetUpError::WrongCode) => limited += 1,
            Err(SetUpError::Spent) => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(limited, CODE_FAILURES);
    let right = people
        .choose_password(
            &code.expose(),
            "Anna",
            password(),
            &password(),
            &from([10, 1, 0, 1]),
        )
        .await;
    assert!(
        matches!(right, Err(SetUpError::Spent)),
        "even the right code is worthless now"
    );
    let (fresh, _) = people.issue_code(&Actor::console()).await.unwrap();
    let set = people
        .choose_password(
            &fresh.expose(),
            "Anna",
            password(),
            &password(),
            &from([10, 1, 0, 1]),
        )
        .await;
    assert!(set.is_ok(), "the console always helps");
}

#[tokio::test]
async fn a_set_up_code_expires() {
    let world = World::new();
    let browser = world.browser();
    let people = &browser.desk.people;
    let (code, _) = people.issue_code(&Actor::console()).await.unwrap();
    world.clock.advance(CODE_LASTS);
    let late = people
        .choose_password(
            &code.expose(),
            "Anna",
            password(),
            &password(),
            &from([10, 0, 0, 1]),
        )
        .await;
    assert!(matches!(late, Err(SetUpError::Spent)));
}

#[tokio::test]
async fn a_planted_session_cookie_is_never_adopted() {
    let world = World::new();
    world.owner().await;
    let mut browser = world.browser();
    let planted = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE";
    browser.set_cookie("freehold", planted);
    let answer = browser
        .post("/sign-in", &[("password", PASSWORD.to_owned())])
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_ne!(browser.cookie("freehold"), Some(planted));
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );
    browser.set_cookie("freehold", planted);
    assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_session_ends_when_it_is_old_and_when_it_is_idle() {
    let world = World::new();
    let mut browser = world.owner().await;
    world
        .clock
        .advance(IDLE.checked_sub(Duration::from_secs(60)).unwrap());
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
    world
        .clock
        .advance(IDLE.checked_sub(Duration::from_secs(60)).unwrap());
    assert_eq!(
        browser.get("/").await.status,
        StatusCode::OK,
        "use keeps it alive"
    );
    world.clock.advance(IDLE);
    assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER);

    browser
        .post("/sign-in", &[("password", PASSWORD.to_owned())])
        .await;
    let mut passed = Duration::ZERO;
    while passed < LONGEST {
        assert_eq!(browser.get("/").await.status, StatusCode::OK);
        world.clock.advance(IDLE / 2);
        passed += IDLE / 2;
    }
    assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_session_ends_with_signing_out_and_with_a_new_password() {
    let world = World::new();
    let mut browser = world.owner().await;
    let before = browser.clone();
    assert_eq!(
        browser.submit("/sign-out", &[]).await.location(),
        "/sign-in"
    );
    assert_eq!(
        before.clone().get("/").await.status,
        StatusCode::SEE_OTHER,
        "the cookie is worthless"
    );

    let mut phone = world.browser();
    phone
        .post("/sign-in", &[("password", PASSWORD.to_owned())])
        .await;
    assert_eq!(phone.get("/").await.status, StatusCode::OK);
    world.clock.advance(Duration::from_secs(1));
    let mut console = world.owner().await;
    assert_eq!(phone.get("/").await.status, StatusCode::SEE_OTHER);
    assert!(
        console
            .get("/")
            .await
            .body
            .contains("Your access was restored")
    );
}

/// A session that was opened while the password changed is written after the others were ended.
#[tokio::test]
async fn a_session_from_before_the_password_is_worthless_wherever_it_comes_from() {
    let world = World::new();
    let mut browser = world.owner().await;
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
    let later = world.clock.now().plus(Duration::from_secs(1));
    let changed = world.store.write(move |txn| {
        let mut owner = txn.people()?.remove(0);
        owner.password_set_at = later.0;
        let id = owner.id.as_slice().try_into().unwrap();
        txn.put_person(&id, &owner);
        Ok::<_, StoreError>(())
    });
    changed.await.unwrap();
    assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn all_other_browsers_can_be_signed_out() {
    let world = World::new();
    let mut office = world.owner().await;
    let mut phone = world.browser();
    phone
        .post("/sign-in", &[("password", PASSWORD.to_owned())])
        .await;
    let answer = office.submit("/settings/sign-out-others", &[]).await;
    assert_eq!(answer.location(), "/settings?done=ended");
    assert_eq!(phone.get("/").await.status, StatusCode::SEE_OTHER);
    assert_eq!(office.get("/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn guessing_the_password_is_slow_and_does_not_lock_the_owner_out() {
    let world = World::new();
    let mut office = world.owner().await;
    office.submit("/sign-out", &[]).await;
    let people = office.desk.people.clone();
    let mut refused = 0;
    for address in 0..60u8 {
        let tried = people
            .sign_in(
                SecretString::from("a wrong guess"),
                "",
                &from([10, 0, 0, address]),
            )
            .await;
        if matches!(tried, Err(SignInError::TooMany(_))) {
            refused += 1;
        }
    }
    assert!(refused > 0, "the flood is slowed down");
    let stranger = people.sign_in(password(), "", &from([10, 9, 9, 9])).await;
    assert!(
        matches!(stranger, Err(SignInError::TooMany(_))),
        "for strangers too"
    );
    let answer = office
        .post("/sign-in", &[("password", PASSWORD.to_owned())])
        .await;
    assert_eq!(
        answer.status,
        StatusCode::SEE_OTHER,
        "but not for the owner's own browser"
    );
    world.clock.advance(Duration::from_secs(60));
    assert!(
        people
            .sign_in(password(), "", &from([10, 9, 9, 9]))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_wrong_password_is_told_with_a_sentence_and_no_cookie() {
    let world = World::new();
    world.owner().await;
    let mut browser = world.browser();
    let form = [
        ("password", "wrong password".to_owned()),
        ("next", "/computers".to_owned()),
    ];
    let answer = browser.post("/sign-in", &form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("This is not the password"));
    assert!(!answer.body.contains("wrong password"));
    assert!(browser.cookies.is_empty());
}

#[tokio::test]
async fn signing_in_leads_where_one_wanted_to_go_but_never_elsewhere() {
    let world = World::new();
    world.owner().await;
    let mut browser = world.browser();
    let to = browser
        .get("/computers?q=a%20b")
        .await
        .location()
        .to_owned();
    assert_eq!(to, "/sign-in?next=%2Fcomputers%3Fq%3Da%2520b");
    assert!(
        browser
            .get(&to)
            .await
            .body
            .contains("value=\"/computers?q=a%20b\"")
    );
    for (next, lands) in [
        ("/computers?q=a%20b", "/computers?q=a%20b"),
        ("//evil.example", "/"),
    ] {
        let form = [("password", PASSWORD.to_owned()), ("next", next.to_owned())];
        assert_eq!(browser.post("/sign-in", &form).await.location(), lands);
    }
}
