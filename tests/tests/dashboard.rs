//! The dashboard as a browser sees it: who gets in, what the pages hold, and what they never do.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use freehold_proto::v1::{
    Software,
    section::{Kind, Status},
    software::{Package, package},
};
use freehold_tests::{
    Browser, Inventory, TestCollector,
    browser::Page,
    machine::section,
    owner::{self, PASSWORD, setup_code},
};
use http::{Request, StatusCode, header};
use http_body_util::Full;

async fn set_up(browser: &mut Browser, code: &str, password: &str) -> Page {
    let fields = [
        ("code", code),
        ("name", "Olivia"),
        ("password", password),
        ("again", password),
    ];
    browser.submit("/setup", &fields).await
}

/// A collector with an owner who has signed in.
async fn signed_in() -> (TestCollector, Browser) {
    let collector = TestCollector::start().await;
    let mut browser = owner::signed_in(&collector).await;
    assert_eq!(browser.visit("/").await.status, StatusCode::OK);
    (collector, browser)
}

async fn sign_in(browser: &mut Browser, password: &str) -> Page {
    browser
        .submit("/sign-in", &[("password", password), ("next", "/")])
        .await
}

#[tokio::test]
async fn the_code_on_the_console_makes_the_owner_once() {
    let collector = TestCollector::start().await;
    let code = setup_code(&collector).await;
    let mut stranger = collector.browser();
    let refused = set_up(&mut stranger, "AAAA-BBBB-CCCC", PASSWORD).await;
    assert!(
        !refused.status.is_redirection(),
        "a guessed code let a stranger in"
    );
    let mut owner = collector.browser();
    let weak = set_up(&mut owner, &code, "123").await;
    assert!(
        !weak.status.is_redirection(),
        "a password of three characters was accepted"
    );
    assert!(
        set_up(&mut owner, &code, PASSWORD)
            .await
            .status
            .is_redirection()
    );
    assert_eq!(owner.visit("/computers").await.status, StatusCode::OK);
    let again = set_up(&mut stranger, &code, "another long password").await;
    assert!(!again.status.is_redirection(), "the code worked twice");
    let mut elsewhere = collector.browser();
    assert!(
        sign_in(&mut elsewhere, PASSWORD)
            .await
            .status
            .is_redirection()
    );
    assert_eq!(elsewhere.visit("/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn nothing_is_shown_to_who_has_not_signed_in() {
    let (collector, _owner) = signed_in().await;
    let mut machine = collector.machine("secret-name").await;
    machine
        .report(&Inventory::small(1).sections())
        .await
        .expect("reports");
    let mut stranger = collector.browser();
    let computer = format!("/computers/{}", machine.id);
    let section = format!("{computer}/sections/software");
    for path in [
        "/",
        "/computers",
        "/changes",
        "/add",
        "/settings",
        "/settings/alerts",
        "/events",
        &computer,
        &section,
    ] {
        let page = stranger.visit(path).await;
        assert!(
            page.status.is_redirection() || page.status.is_client_error(),
            "{path}: {}",
            page.status
        );
        assert!(
            !page.text.contains("secret-name") && !page.text.contains("pc-00001"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_computers_page_holds_what_it_reported() {
    let (collector, mut browser) = signed_in().await;
    let mut machine = collector.machine("front-desk").await;
    let inventory = Inventory::new(5);
    machine
        .report(&inventory.sections())
        .await
        .expect("reports");
    let overview = browser.visit("/computers").await;
    assert!(overview.text.contains("pc-00005") || overview.text.contains("front-desk"));
    let page = browser.visit(&format!("/computers/{}", machine.id)).await;
    assert_eq!(page.status, StatusCode::OK);
    for fact in ["OptiPlex 7090", "Debian GNU/Linux", "i5-10500"] {
        assert!(page.text.contains(fact), "no '{fact}' on the page");
    }
    let shown = collector.show(&machine.id).await;
    let packages = shown["sections"]["software"]["packages"]
        .as_array()
        .expect("packages");
    assert_eq!(packages.len(), 1000);
    let software = browser
        .visit(&format!("/computers/{}/sections/software", machine.id))
        .await;
    for package in packages {
        let name = package["name"].as_str().expect("a name");
        assert!(
            software.text.contains(name),
            "{name} is missing from the page"
        );
    }
}

#[tokio::test]
async fn what_a_machine_calls_itself_is_never_obeyed_by_a_browser() {
    let (collector, mut browser) = signed_in().await;
    let hostile = "<script>alert(1)</script>";
    let mut machine = collector.machine(hostile).await;
    let names = [
        hostile,
        "\"><img src=x onerror=alert(1)>",
        "a\u{202e}gpj.exe",
    ];
    let packages = names.map(|name| Package {
        name: name.to_owned(),
        source: package::Source::Dpkg.into(),
        ..Package::default()
    });
    let status = Status::Complete.into();
    let software = Software {
        status,
        packages: packages.into(),
        ..Software::default()
    };
    machine
        .report(&[section(Kind::Software, &software)])
        .await
        .expect("reports");
    for path in [
        "/",
        "/computers",
        "/changes",
        "/add",
        &format!("/computers/{}", machine.id),
    ] {
        let page = browser.visit(path).await;
        assert!(
            !page.text.contains("<script>alert"),
            "{path} holds a script"
        );
        assert!(!page.text.contains("<img src=x"), "{path} holds an image");
        assert!(
            !page.text.contains('\u{202e}'),
            "{path} turns its text around"
        );
    }
}

#[tokio::test]
async fn pages_run_no_inline_script_and_load_nothing_from_elsewhere() {
    let (_collector, mut browser) = signed_in().await;
    for path in [
        "/",
        "/computers",
        "/changes",
        "/add",
        "/settings",
        "/settings/alerts",
        "/sign-in",
    ] {
        let page = browser.visit(path).await;
        let policy = page.headers.get(header::CONTENT_SECURITY_POLICY);
        let policy = policy
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
        assert!(
            !policy.contains("unsafe-") && !policy.contains("http"),
            "{path}: {policy}"
        );
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        for attribute in ["src=\"", "href=\"", "action=\""] {
            for rest in page.text.split(attribute).skip(1) {
                let to = rest.split('"').next().unwrap_or_default();
                assert!(
                    to.starts_with('/') || to.starts_with('#'),
                    "{path} leads to {to}"
                );
            }
        }
        assert!(
            !page.text.contains("style=\"") && !page.text.contains("onclick"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_form_of_another_site_does_nothing() {
    let (collector, mut browser) = signed_in().await;
    let page = browser.visit("/add").await;
    let token = page.hidden("form_token");
    let without = browser.submit("/add", &[("uses", "1")]).await;
    assert!(
        without.status.is_client_error(),
        "without a token: {}",
        without.status
    );
    let wrong = browser
        .submit("/add", &[("form_token", "guess"), ("uses", "1")])
        .await;
    assert!(
        wrong.status.is_client_error(),
        "with a wrong token: {}",
        wrong.status
    );
    if let Some(token) = token {
        let fields = [("form_token", token.as_str()), ("uses", "1")];
        let foreign = browser
            .submit_from("https://evil.example", "/add", &fields)
            .await;
        assert!(
            foreign.status.is_client_error(),
            "from elsewhere: {}",
            foreign.status
        );
        let own = browser.submit("/add", &fields).await;
        assert!(own.status.is_success(), "{}", own.status);
        assert!(
            own.text.contains("freehold1:"),
            "no join string on the page"
        );
    }
    let machines = collector.json(&["machine", "list"]).await;
    assert_eq!(machines.as_array().map(Vec::len), Some(0));
}

#[tokio::test]
async fn a_join_string_from_the_page_lets_a_machine_in() {
    let (collector, mut browser) = signed_in().await;
    let token = browser
        .visit("/add")
        .await
        .hidden("form_token")
        .expect("a form");
    let page = browser
        .submit("/add", &[("form_token", &token), ("uses", "1")])
        .await;
    let text = page.text.split("freehold1:").nth(1).expect("a join string");
    let end =
        text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-' && letter != '_');
    let join = format!("freehold1:{}", &text[..end.expect("its end")]);
    let agent = freehold_tests::Agent::new(collector.scratch());
    agent.join(&collector.leading_here(&join)).await.expect();
}

#[tokio::test]
async fn guessing_passwords_gets_slow() {
    let (collector, mut owner) = signed_in().await;
    let mut thief = collector.browser();
    let mut slowed = false;
    for attempt in 0..30 {
        let page = sign_in(&mut thief, &format!("guess number {attempt}")).await;
        assert!(!page.status.is_redirection(), "a guess was right");
        slowed |= page.status == StatusCode::TOO_MANY_REQUESTS;
    }
    assert!(slowed, "thirty guesses in a row were all looked at");
    assert_eq!(
        owner.visit("/").await.status,
        StatusCode::OK,
        "who is in stays in"
    );
}

#[tokio::test]
async fn an_owner_reset_at_the_console_ends_old_sessions_and_passwords() {
    let (collector, mut old) = signed_in().await;
    let mut new = collector.browser();
    let code = setup_code(&collector).await;
    assert!(
        set_up(&mut new, &code, "a quite different password")
            .await
            .status
            .is_redirection()
    );
    assert_eq!(new.visit("/").await.status, StatusCode::OK);
    assert!(
        old.visit("/").await.status.is_redirection(),
        "the old session still reads"
    );
    let refused = sign_in(&mut old, PASSWORD).await;
    assert!(
        !refused.status.is_redirection(),
        "the old password still works"
    );
}

#[tokio::test]
async fn signing_out_ends_the_session_at_the_collector() {
    let (_collector, mut browser) = signed_in().await;
    let mut stolen = browser.clone();
    let token = browser
        .visit("/")
        .await
        .hidden("form_token")
        .expect("a form");
    browser.submit("/sign-out", &[("form_token", &token)]).await;
    assert!(
        stolen.visit("/").await.status.is_redirection(),
        "a copied cookie still reads"
    );
}

#[tokio::test]
async fn signing_in_never_leads_to_another_site() {
    let (collector, _owner) = signed_in().await;
    for elsewhere in ["https://evil.example/", "//evil.example", "/\\evil.example"] {
        let mut browser = collector.browser();
        let fields = [("password", PASSWORD), ("next", elsewhere)];
        let page = browser.submit("/sign-in", &fields).await;
        assert!(page.status.is_redirection(), "{}", page.status);
        assert_eq!(page.headers[header::LOCATION], "/", "{elsewhere}");
    }
}

/// Fills in the form that changes the password.
async fn change_password(browser: &mut Browser, present: &str, new: &str) -> Page {
    let page = browser.visit("/settings/password").await;
    let token = page.hidden("form_token").unwrap_or_default();
    let fields = [
        ("form_token", token.as_str()),
        ("present", present),
        ("password", new),
        ("again", new),
    ];
    browser.submit("/settings/password", &fields).await
}

#[tokio::test]
async fn a_changed_password_ends_every_other_session_and_the_old_password() {
    let (collector, mut browser) = signed_in().await;
    let mut copied = browser.clone();
    let mut elsewhere = collector.browser();
    sign_in(&mut elsewhere, PASSWORD).await;
    assert_eq!(elsewhere.visit("/").await.status, StatusCode::OK);
    let new = "a quite different password";
    let changed = change_password(&mut browser, PASSWORD, new).await;
    assert!(changed.status.is_redirection(), "{}", changed.text);
    assert_eq!(
        browser.visit("/").await.status,
        StatusCode::OK,
        "who changed it stays in"
    );
    for (who, other) in [
        ("another browser", &mut elsewhere),
        ("a copied cookie", &mut copied),
    ] {
        assert!(
            other.visit("/").await.status.is_redirection(),
            "{who} still reads"
        );
        assert!(
            !sign_in(other, PASSWORD).await.status.is_redirection(),
            "the old password works"
        );
    }
    assert!(sign_in(&mut elsewhere, new).await.status.is_redirection());
}

#[tokio::test]
async fn a_password_is_changed_only_by_who_knows_it_and_to_a_good_one() {
    let (collector, mut browser) = signed_in().await;
    let new = "a quite different password";
    let without = browser
        .submit(
            "/settings/password",
            &[("present", PASSWORD), ("password", new), ("again", new)],
        )
        .await;
    assert_eq!(
        without.status,
        StatusCode::FORBIDDEN,
        "without a form token"
    );
    let weak = change_password(&mut browser, PASSWORD, "short").await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut slowed = false;
    for attempt in 0..30 {
        let page = change_password(&mut browser, &format!("guess number {attempt}"), new).await;
        assert!(
            page.status.is_client_error(),
            "a guess was taken: {}",
            page.status
        );
        slowed |= page.status == StatusCode::TOO_MANY_REQUESTS;
    }
    assert!(slowed, "thirty guesses in a row were all looked at");
    let mut elsewhere = collector.browser();
    let known = sign_in(&mut elsewhere, PASSWORD).await;
    let slowed = known.status == StatusCode::TOO_MANY_REQUESTS;
    assert!(
        slowed || known.status.is_redirection(),
        "the password is another now"
    );
}

#[tokio::test]
async fn sessions_survive_a_restart_of_the_collector() {
    let (mut collector, mut browser) = signed_in().await;
    collector.stop().await;
    collector.resume().await;
    assert_eq!(browser.visit("/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_foreign_host_name_is_refused_on_loopback() {
    let (_collector, mut browser) = signed_in().await;
    let request = Request::get("/").header(header::HOST, "evil.example");
    let page = browser
        .send(request.body(Full::default()).expect("a request"))
        .await;
    assert!(page.status.is_client_error(), "{}", page.status);
}

#[tokio::test]
async fn unknown_pages_and_computers_are_not_found() {
    let (_collector, mut browser) = signed_in().await;
    for path in [
        "/nonsense",
        "/computers/00000000-0000-4000-8000-000000000000",
        "/computers/%00",
    ] {
        assert_eq!(
            browser.visit(path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}
