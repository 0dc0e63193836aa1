//! A supplier's technician at the dashboard: invited, signed in, adding devices.

use std::time::{SystemTime, UNIX_EPOCH};

use http::StatusCode;
use totp_rs::{Builder, Secret};

use crate::{Browser, Reader, TestCollector, browser::Page};

/// The password that technicians of tests choose.
pub const PASSWORD: &str = "cedar violin market";

/// What an authenticator shows now.
pub fn code(secret: &str) -> String {
    let secret = Secret::try_from_base32(secret).expect("a secret");
    let totp = Builder::new()
        .with_secret(secret)
        .build()
        .expect("an authenticator");
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a clock");
    totp.generate(now.as_secs()).to_string()
}

/// What stands on a page behind some text, up to the next mark.
pub fn between<'a>(page: &'a Page, before: &str) -> &'a str {
    let rest = page.text.split(before).nth(1);
    let rest = rest.unwrap_or_else(|| panic!("no {before} in {}", page.text));
    rest.split(['<', '"']).next().unwrap_or_default()
}

/// Lets Acme IT in by these rules, with more options of `grant create`; answers with the path of an invitation.
pub async fn invited(collector: &TestCollector, rules: &[&str], options: &[&str]) -> String {
    granted(collector, rules, options).await.1
}

/// The same; answers with the identifier of the grant, too.
async fn granted(collector: &TestCollector, rules: &[&str], options: &[&str]) -> (String, String) {
    let mut command = vec!["grant", "create", "Acme IT", "--note", "contract of March"];
    command.extend(rules.iter().flat_map(|rule| ["--share", *rule]));
    command.extend(options);
    let grant = collector.json(&command).await;
    assert_eq!(grant["state"], "ACTIVE");
    let person = ["--name", "A. Technician", "--email", "tech@acme.example"];
    let id = grant["id"].as_str().expect("an identifier").to_owned();
    let command = [&["grant", "invite", &id], &person[..]].concat();
    let link = collector.json(&command).await["link"]
        .as_str()
        .expect("a link")
        .to_owned();
    let (origin, token) = link.split_once("/invitation/").expect("an invitation");
    assert_eq!(origin, collector.dashboard());
    (id, format!("/invitation/{token}"))
}

/// Accepts an invitation.
pub async fn accept(browser: &mut Browser, path: &str) -> Page {
    let page = browser.visit(path).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let (sealed, secret) = (
        between(&page, "name=\"sealed\" value=\""),
        between(&page, "id=\"secret\">"),
    );
    let fields = [
        ("sealed", sealed),
        ("password", PASSWORD),
        ("again", PASSWORD),
        ("code", &code(secret)),
    ];
    browser.submit(path, &fields).await
}

/// Makes a code for the command line with the dashboard's page.
pub async fn device_code(browser: &mut Browser) -> String {
    let page = browser.visit("/command-line").await;
    let token = page.hidden("form_token").expect("a form token");
    let fields = [("form_token", token.as_str()), ("password", PASSWORD)];
    let made = browser.submit("/command-line", &fields).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    let line = between(&made, "<code id=\"device-code\">");
    let code = line.strip_prefix("freehold accept ").expect("a command");
    code.to_owned()
}

/// A technician with a browser and a device.
#[derive(Debug)]
pub struct Technician {
    /// Signed in.
    pub browser: Browser,
    /// Reads with the command line.
    pub reader: Reader,
    /// Identifier of the grant, at the collector that let the technician in last.
    pub grant: String,
}

impl Technician {
    /// Lets one in by these rules, with more options of `grant create`.
    pub async fn of(collector: &TestCollector, rules: &[&str], options: &[&str]) -> Self {
        let technician = Self {
            browser: collector.browser(),
            reader: Reader::new(),
            grant: String::new(),
        };
        technician.joined(collector, rules, options, &[]).await
    }

    /// The same person with the same device at one more collector.
    pub async fn joined(
        mut self,
        collector: &TestCollector,
        rules: &[&str],
        options: &[&str],
        accepting: &[&str],
    ) -> Self {
        let (grant, path) = granted(collector, rules, options).await;
        self.grant = grant;
        self.browser = collector.browser();
        let accepted = accept(&mut self.browser, &path).await;
        assert_eq!(accepted.status, StatusCode::OK, "{}", accepted.text);
        let code = device_code(&mut self.browser).await;
        let answer = self.reader.accept(collector, &code, accepting).await;
        answer.expect();
        self
    }
}
