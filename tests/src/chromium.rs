//! A real browser, driven through a pair of pipes (`--remote-debugging-pipe`).

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::unix::pipe,
    process::Command,
};

use crate::process::Process;

/// How long the browser may take for anything.
const LIMIT: Duration = Duration::from_secs(30);

const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

const ARGUMENTS: [&str; 12] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--ignore-certificate-errors",
    "--remote-debugging-pipe",
    "about:blank",
];

/// A browser window.
#[derive(Debug)]
pub struct Chromium {
    commands: pipe::Sender,
    answers: BufReader<pipe::Receiver>,
    session: Option<String>,
    last: u64,
    /// What happened on the page since it was last visited.
    events: Vec<Value>,
    _process: Process,
    _profile: TempDir,
}

impl Chromium {
    /// Starts it. `None`, with a message, where it is not installed.
    pub async fn start() -> Option<Self> {
        let Some(program) = installed() else {
            eprintln!("NOT TESTED: no Chromium is installed");
            return None;
        };
        let profile = tempfile::tempdir().expect("a directory");
        let (commands, answers) = (
            profile.path().join("commands"),
            profile.path().join("answers"),
        );
        for pipe in [&commands, &answers] {
            let made = Command::new("mkfifo").arg(pipe).status().await;
            assert!(made.is_ok_and(|status| status.success()), "mkfifo");
        }
        let mut options = pipe::OpenOptions::new();
        options.read_write(true);
        let sender = options.open_sender(&commands).expect("a pipe");
        let receiver = options.open_receiver(&answers).expect("a pipe");
        let mut command = Command::new("sh");
        command.args(["-c", "exec 3<\"$1\" 4>\"$2\"; shift 2; exec \"$0\" \"$@\""]);
        command
            .arg(program)
            .arg(&commands)
            .arg(&answers)
            .args(ARGUMENTS);
        command.arg(format!("--user-data-dir={}", profile.path().display()));
        let mut browser = Self {
            commands: sender,
            answers: BufReader::new(receiver),
            session: None,
            last: 0,
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

    /// Makes the window as wide as a device.
    pub async fn resize(&mut self, width: u32) {
        let mobile = width < 600;
        let device =
            json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": mobile });
        self.command("Emulation.setDeviceMetricsOverride", device)
            .await;
    }

    /// Shows a page and waits until it has loaded.
    pub async fn visit(&mut self, url: &str) {
        self.events.clear();
        let answer = self.command("Page.navigate", json!({ "url": url })).await;
        assert!(answer["errorText"].is_null(), "{url}: {answer}");
        while !self
            .events
            .iter()
            .any(|event| event["method"] == "Page.loadEventFired")
        {
            let message = self.next().await;
            self.events.push(message);
        }
    }

    /// The value of an expression on the page.
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

    /// Addresses the page asked for.
    pub fn requests(&self) -> Vec<String> {
        let requests = self
            .events
            .iter()
            .filter(|event| event["method"] == "Network.requestWillBeSent");
        let urls = requests.filter_map(|event| event["params"]["request"]["url"].as_str());
        urls.map(str::to_owned).collect()
    }

    /// What the browser complained about: script errors, blocked content, failed requests.
    pub fn complaints(&self) -> Vec<String> {
        let complaints = self.events.iter().filter(|event| {
            let method = event["method"].as_str().unwrap_or_default();
            let logged = method == "Log.entryAdded" && event["params"]["entry"]["level"] == "error";
            logged || method == "Runtime.exceptionThrown"
        });
        complaints
            .map(|event| event["params"].to_string())
            .collect()
    }

    async fn command(&mut self, method: &str, parameters: Value) -> Value {
        self.last += 1;
        let mut message = json!({ "id": self.last, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.commands
            .write_all(&bytes)
            .await
            .expect("the browser listens");
        loop {
            let answer = self.next().await;
            if answer["id"] == self.last {
                assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
                return answer["result"].clone();
            }
            self.events.push(answer);
        }
    }

    async fn next(&mut self) -> Value {
        let mut bytes = Vec::new();
        let read = self.answers.read_until(0, &mut bytes);
        let read = tokio::time::timeout(LIMIT, read)
            .await
            .expect("the browser answers in time");
        read.expect("the browser answers");
        serde_json::from_slice(bytes.strip_suffix(&[0]).unwrap_or(&bytes)).expect("JSON")
    }
}

fn installed() -> Option<PathBuf> {
    let folders = ["/usr/bin", "/usr/local/bin", "/snap/bin"].map(PathBuf::from);
    let candidates = NAMES
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    candidates.into_iter().find(|path| path.exists())
}
