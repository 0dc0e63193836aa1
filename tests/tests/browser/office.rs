//! What tests in a browser begin with: a collector, its owner signed in, computers of several kinds.

use std::time::Duration;

use freehold_tests::{Browser, Chromium, Inventory, Machine, TestCollector, machine::Applicant};

pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// An owner with computers, in a browser that trusts the collector's dashboard authority.
pub(crate) struct Office {
    pub(crate) collector: TestCollector,
    pub(crate) chromium: Chromium,
    /// A computer that has reported.
    pub(crate) desk: Machine,
    pub(crate) inventory: Inventory,
    /// A moment after that computer's first report, and before anything else happened; empty for none.
    pub(crate) then: String,
}

impl Office {
    /// With one computer. `None`, with a message, where there is no browser.
    pub(crate) async fn open() -> Option<Self> {
        let collector = TestCollector::start().await;
        Self::of(collector).await
    }

    /// With one computer at a collector that runs.
    pub(crate) async fn of(collector: TestCollector) -> Option<Self> {
        let authority = authority(&collector).await;
        let mut chromium = Chromium::start(&[authority]).await?;
        let mut desk = collector.machine("front-desk").await;
        let mut inventory = Inventory::new(4);
        "front-desk".clone_into(&mut inventory.host_name);
        inventory.packages = 40;
        desk.report(&inventory.sections()).await.expect("reports");
        let browser = owner(&collector).await;
        chromium
            .take_cookies(collector.dashboard(), browser.cookies())
            .await;
        Some(Self {
            collector,
            chromium,
            desk,
            inventory,
            then: String::new(),
        })
    }

    /// The same, with one of every kind: changed, never heard from, waiting, shut out.
    pub(crate) async fn furnished() -> Option<Self> {
        let mut office = Self::open().await?;
        // Moments are told apart by the second.
        tokio::time::sleep(Duration::from_millis(1100)).await;
        office.then = now().await;
        tokio::time::sleep(Duration::from_millis(1100)).await;
        let collector = &office.collector;
        office.inventory.upgrade_a_package();
        let changed = office.desk.report(&office.inventory.sections()).await;
        changed.expect("reports");
        collector.machine("never-heard-from").await;
        let gone = collector.machine("stolen-laptop").await;
        collector
            .run(&["machine", "revoke", &gone.id])
            .await
            .expect();
        let several = collector.token(&["--uses", "3"]).await;
        let waiting = Applicant::new().expect("a key");
        let answer = waiting.enrol(collector.target(), &several.token, "wants-to-join");
        answer.await.expect("it waits");
        Some(office)
    }

    /// Address of a page.
    pub(crate) fn address(&self, path: &str) -> String {
        format!("{}{path}", self.collector.dashboard().trim_end_matches('/'))
    }

    /// Shows a page.
    pub(crate) async fn show(&mut self, path: &str) {
        let address = self.address(path);
        self.chromium.visit(&address).await;
    }

    /// A grant that ends soon, with somebody invited.
    async fn grant(&self) -> String {
        let create = ["grant", "create", "Acme IT", "--days", "9"];
        let grant = self.collector.json(&create).await;
        let person = ["--name", "A. Technician", "--email", "tech@acme.example"];
        let invite = [&["grant", "invite", "Acme IT"], &person[..]].concat();
        self.collector.json(&invite).await;
        grant["id"].as_str().expect("an identifier").to_owned()
    }

    /// Where it is said whose the administrator of the computer is.
    async fn whose(&self) -> String {
        let shown = self.collector.show(&self.desk.id).await;
        let privilege = &shown["sections"]["accounts"]["privileges"][0];
        let name = privilege["principal"].as_str().expect("an administrator");
        format!("/administrators/whose?name={name}")
    }

    /// Every page an owner reaches, by name.
    pub(crate) async fn pages(&self) -> Vec<(&'static str, String)> {
        let computer = format!("/computers/{}", self.desk.id);
        let machines = self.collector.json(&["machine", "list"]).await;
        let waiting = machines.as_array().into_iter().flatten();
        let waiting = waiting
            .filter(|machine| machine["state"] == "WAITING")
            .find_map(|machine| machine["id"].as_str())
            .map(|id| ("waiting", format!("/computers/{id}")));
        let grant = self.grant().await;
        let then = self.then.clone();
        let computer_path = computer.clone();
        let mut pages = vec![
            ("access", "/access".to_owned()),
            ("read-log", "/access/log".to_owned()),
            ("let-in", "/access/new".to_owned()),
            ("terms", format!("/access/{grant}/change")),
            ("extend", format!("/access/{grant}/extend")),
            ("invite", format!("/access/{grant}/invite")),
            ("suggestions", "/suggestions".to_owned()),
            ("command-line", "/command-line".to_owned()),
            ("browsers", "/browsers".to_owned()),
            ("owners", "/settings/owners".to_owned()),
            ("second-factor", "/settings/second-factor".to_owned()),
            ("propose", format!("{computer}/suggest")),
            ("note", format!("{computer}/note")),
            ("overview", "/".to_owned()),
            ("findings", "/findings".to_owned()),
            ("aside", "/findings?show=aside".to_owned()),
            ("computers", "/computers".to_owned()),
            ("no-match", "/computers?q=nothing+is+called+so".to_owned()),
            ("section", format!("{computer}/sections/software")),
            ("computer-changes", format!("{computer}/changes")),
            ("rename", format!("{computer}/rename")),
            ("revoke", format!("{computer}/revoke")),
            ("computer", computer),
            ("changes", "/changes".to_owned()),
            ("software", "/software".to_owned()),
            ("where", "/software?name=bash".to_owned()),
            ("administrators", "/administrators".to_owned()),
            ("whose", self.whose().await),
            ("search", "/search?q=desk".to_owned()),
            ("difference", "/difference".to_owned()),
            ("questions", "/questions".to_owned()),
            ("answered", "/questions?ask=common".to_owned()),
            ("tables", "/questions/tables".to_owned()),
            ("computers-then", format!("/computers?at={then}")),
            ("computer-then", format!("{computer_path}?at={then}")),
            ("too-long-ago", "/computers?at=2001-01-01".to_owned()),
            ("add", "/add".to_owned()),
            ("settings", "/settings".to_owned()),
            ("password", "/settings/password".to_owned()),
            ("alerts", "/settings/alerts".to_owned()),
            ("not-found", "/nonsense".to_owned()),
        ];
        pages.extend(waiting);
        let unheard = machines.as_array().into_iter().flatten();
        let unheard = unheard
            .filter(|machine| machine["name"] == "never-heard-from")
            .find_map(|machine| machine["id"].as_str())
            .map(|id| finding(id, "no-report"));
        if let Some(path) = unheard {
            pages.push(("set-aside", format!("{path}/set-aside")));
            pages.push(("finding", path));
        }
        pages
    }
}

/// Where a finding about a computer as a whole is.
pub(crate) fn finding(machine: &str, rule: &str) -> String {
    let hash = blake3::hash(format!("{rule}\0").as_bytes());
    let first: String = hash.to_hex().chars().take(16).collect();
    format!("/findings/{machine}-{first}")
}

/// The time, as addresses carry it.
pub(crate) async fn now() -> String {
    let mut command = tokio::process::Command::new("date");
    let told = command.args(["-u", "+%Y-%m-%dT%H:%M:%SZ"]).output().await;
    let told = told.expect("the time").stdout;
    String::from_utf8_lossy(&told).trim().to_owned()
}

/// The certificate people install to trust the dashboard, DER.
pub(crate) async fn authority(collector: &TestCollector) -> Vec<u8> {
    let file = collector.scratch().join("dashboard.crt");
    let mut command = tokio::process::Command::new("openssl");
    let stored = collector.data().join("authority/dashboard.crt");
    command.args(["x509", "-outform", "DER", "-in"]).arg(stored);
    command.arg("-out").arg(&file);
    let made = command.status().await;
    assert!(made.is_ok_and(|status| status.success()), "openssl");
    std::fs::read(file).expect("the certificate")
}

/// The owner's code from the console.
pub(crate) async fn code(collector: &TestCollector) -> String {
    let output = collector.run(&["owner", "reset"]).await.expect();
    let code = output
        .lines()
        .find_map(|line| line.strip_prefix("Set-up code: "));
    code.expect("a set-up code").to_owned()
}

/// Signs the owner in.
pub(crate) async fn owner(collector: &TestCollector) -> Browser {
    let code = code(collector).await;
    let mut browser = collector.browser();
    let fields = [
        ("code", code.as_str()),
        ("name", "Olivia"),
        ("password", PASSWORD),
        ("again", PASSWORD),
    ];
    let page = browser.submit("/setup", &fields).await;
    assert!(page.status.is_redirection(), "{}", page.text);
    browser
}

/// Opens everything that can be folded, so that it is looked at.
pub(crate) async fn unfold(chromium: &mut Chromium) {
    chromium
        .evaluate("document.querySelectorAll('details').forEach(it => { it.open = true; })")
        .await;
}
