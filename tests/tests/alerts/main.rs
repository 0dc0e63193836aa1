//! What is found reaches people who are not looking: through the real programs, a real mail server and a real
//! receiver of messages.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod ending;

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    process::Stdio,
    time::{Duration, Instant},
};

use freehold_tests::{
    Agent, Browser, Mailbox, Receiver, TestCollector, browser::Page, eventually, mailbox,
    owner::signed_in, receiver::Told, sandbox::Sandbox,
};
use http::StatusCode;
use serde_json::Value;
use tokio::{io::AsyncWriteExt as _, process::Command};

const SAID: &str = "is no longer repaired by its maker";
const LIMIT: Duration = Duration::from_secs(90);

/// The owner, who sets alerts.
struct Owner {
    browser: Browser,
    port: String,
    url: String,
}

impl Owner {
    /// Sets the alerts, with some fields other than usual.
    async fn set(&mut self, other: &[(&str, &str)]) -> Page {
        let form = self.browser.visit("/settings/alerts").await;
        let token = form.hidden("form_token").expect("a form");
        let mut fields = vec![
            ("form_token", token.as_str()),
            ("host", "localhost"),
            ("port", &self.port),
            ("security", "starttls"),
            ("user", mailbox::USER),
            ("password", mailbox::PASSWORD),
            ("from", "Freehold <freehold@practice.test>"),
            ("to", "olivia@practice.test, carl@practice.test"),
            ("url", &self.url),
            ("severity", "act-now"),
        ];
        for (name, value) in other {
            fields.retain(|(known, _)| known != name);
            fields.push((name, value));
        }
        self.browser.submit("/settings/alerts", &fields).await
    }

    /// Has a message sent.
    async fn try_out(&mut self) {
        let form = self.browser.visit("/settings/alerts").await;
        let token = form.hidden("form_token").expect("a form");
        let tried = self
            .browser
            .submit("/settings/alerts/try", &[("form_token", &token)])
            .await;
        assert!(tried.status.is_redirection(), "{}", tried.text);
    }

    /// Waits until a page says something.
    async fn sees(&mut self, path: &str, said: &str) -> Page {
        let browser = &mut self.browser;
        eventually(&format!("{path} says '{said}'"), LIMIT, async || {
            let page = browser.visit(path).await;
            page.text.contains(said).then_some(page)
        })
        .await
    }
}

/// Lets the computer run a system that is, or is not, repaired any more.
async fn runs(sandbox: &Sandbox, agent: &mut Agent, version: &str) {
    let release = format!("NAME=\"Debian GNU/Linux\"\nVERSION_ID=\"{version}\"\nID=debian\n");
    let file = sandbox.path("/etc/os-release");
    let _ = fs::remove_file(&file);
    fs::write(&file, release).expect("a written file");
    agent.stop().await;
    agent.run();
}

/// HMAC-SHA256 as another program computes it.
async fn hmac(secret: &str, text: &str) -> String {
    let mut command = Command::new("openssl");
    command.args(["dgst", "-sha256", "-hmac", secret]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("openssl");
    let mut input = child.stdin.take().expect("its input");
    input.write_all(text.as_bytes()).await.expect("it reads");
    drop(input);
    let output = child.wait_with_output().await.expect("its answer");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.rsplit(' ')
        .next()
        .unwrap_or_default()
        .trim()
        .to_owned()
}

/// Checks who sent a message, as its receiver does.
async fn verify(told: &Told, secret: &str) -> Value {
    let signature = told.headers["freehold-signature"].to_str().expect("text");
    let (seconds, tag) = signature
        .strip_prefix("t=")
        .and_then(|rest| rest.split_once(",v1="))
        .expect("a signature");
    assert_eq!(tag, hmac(secret, &format!("{seconds}.{}", told.body)).await);
    serde_json::from_str(&told.body).expect("JSON")
}

/// No secret stands on a page, in the log of the collector, or in that of who did what.
async fn tells_no_secret(owner: &mut Owner, collector: &mut TestCollector, secret: &str) {
    let page = owner.browser.visit("/settings/alerts").await;
    let log = owner.browser.visit("/access/log").await;
    assert!(
        log.text.contains("changed what is sent and to whom"),
        "{}",
        log.text
    );
    let errors = collector.process().errors().all().join("\n");
    for text in [&page.text, &log.text, &errors] {
        assert!(!text.contains(mailbox::PASSWORD) && !text.contains(secret));
    }
    assert!(!log.text.contains("unspoken") && !errors.contains("unspoken"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_found_and_ended_reaches_mailbox_and_program_once() {
    let mut collector = TestCollector::initialised(&[]).await;
    let Some(sandbox) = Sandbox::new(collector.scratch()) else {
        return;
    };
    let mut mailbox = Mailbox::start(collector.scratch(), "starttls").await;
    let receiver = Receiver::start().await;
    let authority = mailbox.authority().display().to_string();
    collector.set_variable("SSL_CERT_FILE", &authority);
    collector.resume().await;
    let mut owner = Owner {
        browser: signed_in(&collector).await,
        port: mailbox.port().to_string(),
        url: format!("http://127.0.0.1:{}/hook?key=unspoken", receiver.port()),
    };

    // Quiet all day: nothing is sent at once, but the summary of the day that has begun.
    let all_day = [
        ("quiet_from", "00:00"),
        ("quiet_until", "23:59"),
        ("summary_at", "00:00"),
    ];
    let page = owner.set(&all_day).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let secret =
        freehold_tests::technician::between(&page, "<pre tabindex=\"0\"><code>").to_owned();
    assert_eq!(secret.len(), 64);
    let summary = mailbox.receives("Test Practice today", LIMIT).await;
    assert!(summary.contains("No computer reports yet."), "{summary}");

    let mut agent = Agent::new(collector.scratch()).inside(sandbox.clone());
    agent.join(&collector.token(&[]).await).await.expect();
    agent.run();
    let id = collector.only_machine().await;
    runs(&sandbox, &mut agent, "8").await;
    owner.sees("/findings", SAID).await;
    tokio::time::sleep(Duration::from_secs(25)).await;
    assert_eq!(mailbox.messages().len(), 1, "it is quiet");

    // Later: it still holds, and is told, to both.
    let page = owner.set(&[("password", "")]).await;
    assert!(
        page.status.is_redirection(),
        "the password and the secret are kept: {}",
        page.text
    );
    let alert = mailbox.receives(SAID, LIMIT).await;
    for said in [
        "From: Freehold <freehold@practice.test>",
        "olivia@practice.test",
        "carl@practice.test",
        "Auto-Submitted: auto-generated",
        "Act now",
        "Why it matters: ",
        &format!("/findings/{id}-"),
    ] {
        assert!(alert.contains(said), "no {said} in {alert}");
    }
    let told = eventually("the program is told", LIMIT, async || {
        receiver
            .told()
            .into_iter()
            .find(|told| told.body.contains(SAID))
    })
    .await;
    assert_eq!(told.path, "/hook?key=unspoken");
    let message = verify(&told, &secret).await;
    let found = message["found"].as_array().expect("findings");
    assert!(
        found
            .iter()
            .any(|it| it["rule"] == "system-unsupported" && it["severity"] == "act-now")
    );

    // Told once, also after being killed.
    collector.kill().await;
    collector.resume().await;
    owner.browser = signed_in(&collector).await;

    // The end is told too, however long the server is away.
    mailbox.kill().await;
    runs(&sandbox, &mut agent, "13").await;
    let failing = owner.sees("/settings/alerts", "not delivered yet").await;
    assert!(failing.text.contains("localhost"), "{}", failing.text);
    owner.sees("/", "Alerts do not reach you").await;
    mailbox.resume().await;
    let ended = eventually("the end is told", LIMIT, async || {
        let messages = mailbox.messages();
        messages
            .into_iter()
            .skip(2)
            .find(|message| message.contains(SAID))
    })
    .await;
    assert!(ended.contains("Ended"), "{ended}");
    // The program was there all the time: what is sent twice would have reached it twice.
    let told: Vec<Value> = receiver
        .told()
        .iter()
        .filter_map(|told| serde_json::from_str(&told.body).ok())
        .collect();
    for list in ["found", "ended"] {
        let items = told
            .iter()
            .filter_map(|told| told[list].as_array())
            .flatten();
        let telling = items.filter(|item| item["sentence"].to_string().contains(SAID));
        assert_eq!(telling.count(), 1, "{list}: {told:#?}");
    }
    agent.stop().await;

    tells_no_secret(&mut owner, &mut collector, &secret).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_refused_says_why_and_what_makes_no_sense_is_not_saved() {
    let mut collector = TestCollector::initialised(&[]).await;
    let mut mailbox = Mailbox::start(collector.scratch(), "tls").await;
    let receiver = Receiver::start().await;
    let authority = mailbox.authority().display().to_string();
    collector.resume().await;
    let mut owner = Owner {
        browser: signed_in(&collector).await,
        port: mailbox.port().to_string(),
        url: String::new(),
    };
    let tls = ("security", "tls");

    for (field, value, said) in [
        (
            "host",
            "https://mail.test/",
            "Write the mail server as a name",
        ),
        ("to", "olivia", "is no e-mail address"),
        (
            "from",
            "a@practice.test\r\nBcc: evil@evil.example",
            "The sender is one e-mail address",
        ),
        ("url", "http://evil.example/", "begins with https://"),
        ("quiet_from", "25:00", "Write times of day like 07:30"),
        ("security", "none", "over an encrypted connection only"),
    ] {
        let page = owner.set(&[tls, (field, value)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert!(page.text.contains(said), "{field}: {}", page.text);
        assert!(!page.text.contains(mailbox::PASSWORD), "{field}");
    }
    let page = owner.browser.visit("/settings/alerts").await;
    assert!(page.text.contains("Alerts are off"), "nothing was saved");

    // Nobody vouches for the server: what is secret does not reach it.
    assert!(owner.set(&[tls]).await.status.is_redirection());
    owner.try_out().await;
    owner.sees("/settings/alerts", "UnknownIssuer").await;
    assert!(mailbox.messages().is_empty());

    // Whom this computer trusts may get it; a wrong password is said, and not tried again.
    collector.stop().await;
    collector.set_variable("SSL_CERT_FILE", &authority);
    collector.resume().await;
    owner.browser = signed_in(&collector).await;
    assert!(
        owner
            .set(&[tls, ("password", "wrong")])
            .await
            .status
            .is_redirection()
    );
    owner.try_out().await;
    owner
        .sees(
            "/settings/alerts",
            "localhost refused the message: permanent error (535)",
        )
        .await;

    // The server's own words, however they are meant.
    assert!(owner.set(&[tls]).await.status.is_redirection());
    mailbox.refuse_with(Some("554 <script>alert(1)</script>"));
    owner.try_out().await;
    let page = owner
        .sees("/settings/alerts", "permanent error (554)")
        .await;
    assert!(!page.text.contains("<script>alert"), "{}", page.text);
    mailbox.refuse_with(None);
    owner.try_out().await;
    mailbox.receives("Test Practice: alerts work", LIMIT).await;
    owner.sees("/settings/alerts", "delivered").await;

    // A program that wants nothing is not asked again; one that is not well is.
    owner.url = format!("http://localhost:{}/", receiver.port());
    receiver.answer_with(StatusCode::GONE);
    assert_eq!(owner.set(&[tls]).await.status, StatusCode::OK);
    owner.try_out().await;
    owner.sees("/settings/alerts", "it answered 410").await;
    let one = receiver.told().len();
    receiver.answer_with(StatusCode::SERVICE_UNAVAILABLE);
    owner.try_out().await;
    owner.sees("/settings/alerts", "it answered 503").await;
    receiver.answer_with(StatusCode::OK);
    let again = eventually("it is told again", LIMIT, async || {
        let told = receiver.told();
        (told.len() == one + 2).then_some(told)
    })
    .await;
    let number = |told: &Told| told.headers["freehold-delivery"].clone();
    assert_eq!(
        number(&again[one]),
        number(&again[one + 1]),
        "the same message"
    );
    mailbox.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_stops_the_collector_does_not_wait_for_a_server_that_says_nothing() {
    let mut collector = TestCollector::start().await;
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let mut owner = Owner {
        browser: signed_in(&collector).await,
        port: silent.local_addr().expect("an address").port().to_string(),
        url: String::new(),
    };
    assert!(owner.set(&[]).await.status.is_redirection());
    owner.try_out().await;
    let (_held, _) = silent.accept().expect("it calls");
    let began = Instant::now();
    collector.stop().await;
    let took = began.elapsed();
    assert!(took < Duration::from_secs(15), "{took:?}");
}
