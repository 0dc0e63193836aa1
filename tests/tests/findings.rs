//! What the owner should know appears by itself, ends by itself, and outlives a restart: through the real
//! programs, from a file on a computer to the page.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::{fs, time::Duration};

use freehold_tests::{
    Agent, Browser, TestCollector, eventually, owner::signed_in, sandbox::Sandbox,
};
use http::StatusCode;

const OLD: &str = "PRETTY_NAME=\"Debian GNU/Linux 8 (jessie)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"8\"\n\
    VERSION=\"8 (jessie)\"\nID=debian\n";
const NEW: &str = "PRETTY_NAME=\"Debian GNU/Linux 13 (trixie)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"13\"\n\
    VERSION=\"13 (trixie)\"\nID=debian\n";
const SAID: &str = "is no longer repaired by its maker";

/// Says which system the computer runs, and lets its agent look.
async fn runs(sandbox: &Sandbox, agent: &mut Agent, release: &str) {
    let file = sandbox.path("/etc/os-release");
    let _ = fs::remove_file(&file);
    fs::write(&file, release).expect("a written file");
    agent.stop().await;
    agent.run();
}

/// Waits for the list of findings to say something or not to.
async fn list(browser: &mut Browser, what: &str, is_said: bool) -> String {
    eventually(what, Duration::from_secs(30), async || {
        let page = browser.visit("/findings").await;
        assert_eq!(page.status, StatusCode::OK);
        (page.text.contains(SAID) == is_said).then_some(page.text)
    })
    .await
}

/// Sends the form of a page as its reader does.
async fn decide(browser: &mut Browser, path: &str, fields: &[(&str, &str)]) {
    let form = browser.visit(path).await;
    let token = form.hidden("form_token").expect("a form");
    let fields = [fields, &[("form_token", token.as_str())]].concat();
    let done = browser.submit(path, &fields).await;
    assert!(done.status.is_redirection(), "{}", done.text);
}

/// The address of the finding on a page.
fn address(page: &str) -> String {
    let (before, _) = page.split_once(SAID).expect("the finding");
    let (_, link) = before.rsplit_once("href=\"").expect("a link");
    link.split('"').next().expect("an address").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finding_appears_resolves_and_outlives_a_restart() {
    let mut collector = TestCollector::start().await;
    let Some(sandbox) = Sandbox::new(collector.scratch()) else {
        return;
    };
    let mut browser = signed_in(&collector).await;
    let mut agent = Agent::new(collector.scratch()).inside(sandbox.clone());
    agent.join(&collector.token(&[]).await).await.expect();
    agent.run();
    let id = collector.only_machine().await;

    runs(&sandbox, &mut agent, OLD).await;
    let page = list(&mut browser, "the finding appears", true).await;
    let finding = address(&page);
    assert!(
        finding.starts_with(&format!("/findings/{id}-")),
        "{finding}"
    );
    for path in ["/", &format!("/computers/{id}"), &finding] {
        let page = browser.visit(path).await;
        assert!(page.text.contains(SAID), "{path}");
        assert!(page.text.contains("30 June 2020"), "{path}");
    }

    let shown = collector.show(&id).await;
    let shown = shown["findings"].as_array().expect("findings").clone();
    let shown = shown.iter().find(|it| it["rule"] == "system-unsupported");
    let shown = shown.expect("the finding");
    assert_eq!(shown["severity"], "ACT_NOW");
    assert!(
        shown["sentence"]
            .as_str()
            .is_some_and(|it| it.contains(SAID))
    );

    // The owner sets it aside: it is no longer counted, and the log says so.
    let fields = [("reason", "replaced in spring"), ("until", &in_a_month())];
    decide(&mut browser, &format!("{finding}/set-aside"), &fields).await;
    list(&mut browser, "it is set aside", false).await;

    // What is shown a moment after the report is durable a moment later.
    tokio::time::sleep(Duration::from_secs(3)).await;
    collector.kill().await;
    collector.resume().await;
    let mut browser = signed_in(&collector).await;
    let aside = browser.visit("/findings?show=aside").await;
    assert!(aside.text.contains("replaced in spring"), "{}", aside.text);
    let log = browser.visit("/access/log").await;
    assert!(log.text.contains("replaced in spring"), "{}", log.text);

    decide(&mut browser, &format!("{finding}/take-up"), &[]).await;
    list(&mut browser, "it is taken up again", true).await;
    runs(&sandbox, &mut agent, NEW).await;
    list(&mut browser, "it ends by itself", false).await;
    let page = browser.visit(&finding).await;
    assert!(page.text.contains("This ended by itself"), "{}", page.text);
    agent.stop().await;
}

fn in_a_month() -> String {
    let day = time::OffsetDateTime::now_utc() + time::Duration::days(30);
    day.date().to_string()
}
