//! A real browser, driven through a pair of pipes (`--remote-debugging-pipe`).

mod axe;
mod device;
mod form;
mod pipe;
mod shift;
mod trust;

use std::{collections::BTreeMap, path::PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

pub use axe::Axe;
pub use device::{Device, Scheme};
pub use shift::Shift;
pub use trust::trusted_by;

use crate::process::Process;
use pipe::Pipe;

const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

const ARGUMENTS: [&str; 13] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=en-GB",
    "--host-resolver-rules=MAP office.lan 127.0.0.1",
    "--remote-debugging-pipe",
    "about:blank",
];

/// A browser window. It believes no certificate but those it is told to trust.
#[derive(Debug)]
pub struct Chromium {
    pipe: Pipe,
    session: Option<String>,
    /// What happened on the page since it was last visited.
    events: Vec<Value>,
    _process: Process,
    _profile: TempDir,
}

impl Chromium {
    /// Starts it with the authorities it trusts, DER. `None`, with a message, where it is not installed.
    pub async fn start(authorities: &[Vec<u8>]) -> Option<Self> {
        let Some(program) = installed() else {
            eprintln!("NOT TESTED: no Chromium is installed");
            return None;
        };
        let profile = tempfile::tempdir().expect("a directory");
        if !trusted_by(profile.path(), authorities).await {
            return None;
        }
        let (pipe, commands, answers) = Pipe::open(profile.path()).await;
        let mut command = Command::new("sh");
        command.args(["-c", "exec 3<\"$1\" 4>\"$2\"; shift 2; exec \"$0\" \"$@\""]);
        command.arg(program).arg(&commands).arg(&answers);
        command
            .args(ARGUMENTS)
            .envs(["HOME", "TMPDIR"].map(|name| (name, profile.path())));
        command.arg(format!(
            "--user-data-dir={}",
            profile.path().join("profile").display()
        ));
        let mut browser = Self {
            pipe,
            session: None,
            events: Vec::new(),
            _process: Process::start(command),
            _profile: profile,
        };
        browser.open_window().await;
        Some(browser)
    }

    async fn open_window(&mut self) {
        let target = self
            .command("Target.createTarget", json!({ "url": "about:blank" }))
            .await;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = self.command("Target.attachToTarget", attach).await;
        self.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Network", "Log", "Runtime"] {
            self.command(&format!("{domain}.enable"), json!({})).await;
        }
    }

    /// Takes over the cookies of a browser without a screen.
    pub async fn take_cookies(&mut self, url: &str, cookies: &BTreeMap<String, String>) {
        for (name, value) in cookies {
            let secure = url.starts_with("https");
            let cookie =
                json!({ "name": name, "value": value, "url": url, "secure": secure, "path": "/" });
            let set = self.command("Network.setCookie", cookie).await;
            assert_eq!(set["success"], true, "the cookie {name} was not taken");
        }
    }

    /// Cookies it holds, as it describes them.
    pub async fn cookies(&mut self) -> Vec<Value> {
        let answer = self.command("Network.getCookies", json!({})).await;
        answer["cookies"].as_array().cloned().unwrap_or_default()
    }

    /// Gives all cookies up.
    pub async fn forget_cookies(&mut self) {
        self.command("Network.clearBrowserCookies", json!({})).await;
    }

    /// Shows a page and waits until it has loaded.
    pub async fn visit(&mut self, url: &str) {
        let refusal = self.try_to_visit(url).await;
        assert_eq!(refusal, None, "{url}");
    }

    /// Shows a page and waits until it has loaded; answers with the browser's reason where it refuses.
    pub async fn try_to_visit(&mut self, url: &str) -> Option<String> {
        self.events.clear();
        let answer = self.command("Page.navigate", json!({ "url": url })).await;
        if let Some(refusal) = answer["errorText"].as_str() {
            return Some(refusal.to_owned());
        }
        self.loaded().await;
        None
    }

    /// Waits until a page has loaded, after something that leads to one.
    pub async fn loaded(&mut self) {
        while !self.heard("Page.loadEventFired") {
            self.wait_for_more().await;
        }
    }

    /// Waits until anything happens.
    async fn wait_for_more(&mut self) {
        let message = self.pipe.next().await;
        self.events.push(message);
    }

    /// Forgets what happened: the next page to load is a new one.
    pub fn forget(&mut self) {
        self.events.clear();
    }

    /// The value of an expression on the page. Runs beside the page's Content-Security-Policy, not
    /// through it.
    pub async fn evaluate(&mut self, expression: &str) -> Value {
        let parameters =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.command("Runtime.evaluate", parameters).await;
        assert!(
            answer["exceptionDetails"].is_null(),
            "{expression}: {answer}"
        );
        answer["result"]["value"].clone()
    }

    /// What an expression says as text; empty when it says nothing.
    pub async fn text(&mut self, expression: &str) -> String {
        let value = self.evaluate(expression).await;
        value.as_str().unwrap_or_default().to_owned()
    }

    /// Addresses the page asked for.
    pub fn requests(&self) -> Vec<String> {
        let urls = self
            .of("Network.requestWillBeSent")
            .filter_map(|event| event["params"]["request"]["url"].as_str());
        urls.map(str::to_owned).collect()
    }

    /// Answers the page got, as the browser describes them.
    pub fn responses(&self) -> Vec<Value> {
        self.of("Network.responseReceived")
            .map(|event| event["params"]["response"].clone())
            .collect()
    }

    /// What the browser complained about: script errors, blocked content, failed requests.
    pub fn complaints(&self) -> Vec<String> {
        let complaints = self.events.iter().filter(|event| {
            let method = event["method"].as_str().unwrap_or_default();
            let logged = method == "Log.entryAdded" && event["params"]["entry"]["level"] == "error";
            let asked = method == "Page.javascriptDialogOpening";
            logged || asked || method == "Runtime.exceptionThrown"
        });
        complaints
            .map(|event| event["params"].to_string())
            .collect()
    }

    fn of<'a>(&'a self, method: &'a str) -> impl Iterator<Item = &'a Value> {
        self.events
            .iter()
            .filter(move |event| event["method"] == method)
    }

    fn heard(&self, method: &str) -> bool {
        self.of(method).next().is_some()
    }

    async fn command(&mut self, method: &str, parameters: Value) -> Value {
        let session = self.session.clone();
        let (answer, events) = self.pipe.ask(method, parameters, session.as_deref()).await;
        self.events.extend(events);
        answer
    }
}

fn installed() -> Option<PathBuf> {
    let folders = ["/usr/bin", "/usr/local/bin", "/snap/bin"].map(PathBuf::from);
    let candidates = NAMES
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    candidates.into_iter().find(|path| path.exists())
}
