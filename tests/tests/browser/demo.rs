//! The demo in a real browser.

use std::{
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use freehold_tests::{Chromium, Demo, Device, Scheme};
use time::OffsetDateTime;

/// Title of a column that is shown only when chosen.
const AGENT: &str = "Freehold's program";

/// The demo's owner in front of a browser.
pub(crate) struct Practice {
    pub(crate) demo: Demo,
    pub(crate) chromium: Chromium,
}

impl Practice {
    /// A demo that was just made. `None`, with a message, where there is no browser.
    pub(crate) async fn open() -> Option<Self> {
        let mut chromium = Chromium::start(&[]).await?;
        let mut demo = Demo::start().await;
        let owner = demo.owner().await;
        chromium
            .take_cookies(demo.dashboard(), owner.cookies())
            .await;
        Some(Self { demo, chromium })
    }

    /// Shows a page.
    pub(crate) async fn show(&mut self, path: &str) {
        let origin = self.demo.dashboard().trim_end_matches('/');
        let address = format!("{origin}{path}");
        self.chromium.visit(&address).await;
    }
}

/// One demo for all: making it takes seconds.
#[tokio::test(flavor = "multi_thread")]
async fn an_owner_goes_back_compares_searches_and_takes_lists_along() {
    let Some(mut practice) = Practice::open().await else {
        return;
    };
    practice.chromium.resize(1280).await;
    goes_back_to_a_past_day(&mut practice).await;
    asks_for_times_where_the_reader_lives(&mut practice).await;
    compares_two_moments(&mut practice).await;
    searches(&mut practice).await;
    keeps_chosen_columns(&mut practice).await;
    reads_without_scripts(&mut practice).await;
}

async fn goes_back_to_a_past_day(practice: &mut Practice) {
    practice.chromium.live_in("UTC").await;
    practice.show("/computers").await;
    let then = ago(200);
    practice.chromium.fill_in("#at", &then).await;
    practice.chromium.send("#at").await;
    let band = practice
        .chromium
        .text("document.getElementById('past').innerText")
        .await;
    assert!(band.contains("20"), "{band}");
    let listed = practice.text().await;
    assert!(
        listed.contains("Surgery 3") && !listed.contains("Front desk 3"),
        "{listed}"
    );
    // The moment stays while one reads on.
    practice
        .chromium
        .click("tbody a[href*='/computers/']")
        .await;
    assert!(
        practice
            .chromium
            .text("location.search")
            .await
            .contains("at=")
    );
    practice.chromium.click("#past a").await;
    assert_eq!(practice.chromium.text("location.search").await, "");
}

async fn asks_for_times_where_the_reader_lives(practice: &mut Practice) {
    practice.chromium.live_in("America/New_York").await;
    practice.show("/computers?at=2026-07-01T12:00:00Z").await;
    let value = practice
        .chromium
        .text("document.getElementById('at').value")
        .await;
    assert!(value.starts_with("2026-07-01T08:00"), "{value}");
    let zone = practice
        .chromium
        .text("document.querySelector('label[for=at]').innerText")
        .await;
    assert!(zone.contains("GMT-4") || zone.contains("EDT"), "{zone}");
    // What is sent is the same moment, and the page that comes shows the same time again.
    practice.chromium.send("#at").await;
    let sent = practice.chromium.text("location.search").await;
    assert!(sent.contains("at=2026-07-01T12%3A00%3A00Z"), "{sent}");
    let again = practice
        .chromium
        .text("document.getElementById('at').value")
        .await;
    assert_eq!(again, value);
    practice.chromium.live_in("UTC").await;
}

async fn compares_two_moments(practice: &mut Practice) {
    practice.show("/difference").await;
    practice.chromium.fill_in("#from", &ago(100)).await;
    practice.chromium.fill_in("#to", &ago(50)).await;
    practice.chromium.send("#from").await;
    let compared = practice.text().await;
    assert!(compared.contains("ESET Endpoint Security"), "{compared}");
    assert!(compared.contains("AnyDesk"), "{compared}");
    assert!(
        !compared.contains("helpdesk-temp"),
        "it came later: {compared}"
    );
    assert_eq!(practice.chromium.squeezed().await, Vec::<String>::new());
}

async fn searches(practice: &mut Practice) {
    practice.show("/").await;
    practice.chromium.fill_in("#find", "anydesk").await;
    practice.chromium.send("#find").await;
    let hits = practice.text().await;
    assert!(hits.contains("AnyDesk"), "{hits}");
    let server = practice.demo.computer("Practice server").await;
    practice.show("/search?q=helpdesk-temp").await;
    let hits = practice.chromium.text("document.body.innerHTML").await;
    assert!(
        hits.contains("helpdesk-temp") && hits.contains("Practice server"),
        "{hits}"
    );
    practice.show(&format!("/computers/{server}")).await;
}

async fn keeps_chosen_columns(practice: &mut Practice) {
    practice.show("/computers").await;
    assert!(!practice.heads().await.contains(AGENT));
    practice
        .evaluate("document.querySelector('.columns').open = true")
        .await;
    practice
        .evaluate("document.querySelector('input[value=agent]').checked = true")
        .await;
    practice.chromium.send("input[value=agent]").await;
    assert!(practice.heads().await.contains(AGENT));
    practice.show("/computers").await;
    assert!(practice.heads().await.contains(AGENT), "it was forgotten");
    // An address that somebody shares wins, and changes nothing.
    practice.show("/computers?column=system").await;
    assert!(!practice.heads().await.contains(AGENT));
    practice.show("/computers").await;
    assert!(practice.heads().await.contains(AGENT));
}

async fn reads_without_scripts(practice: &mut Practice) {
    practice.chromium.without_scripts(true).await;
    practice.show("/computers?at=2026-07-01T12:00:00Z").await;
    let zone = practice
        .chromium
        .text("document.querySelector('label[for=at]').innerText")
        .await;
    assert!(zone.contains("(UTC)"), "{zone}");
    let value = practice
        .chromium
        .text("document.getElementById('at').value")
        .await;
    assert!(value.starts_with("2026-07-01T12:00"), "{value}");
    practice.show("/computers").await;
    assert!(
        practice.heads().await.contains(AGENT),
        "columns need no script"
    );
    practice.chromium.without_scripts(false).await;
}

/// Noon, so many days ago, as a field for a time takes it.
fn ago(days: u64) -> String {
    let then = SystemTime::now() - Duration::from_secs(days * 24 * 60 * 60);
    format!("{}T12:00:00", OffsetDateTime::from(then).date())
}

impl Practice {
    /// What stands on the page.
    async fn text(&mut self) -> String {
        self.chromium.words().await
    }

    /// Titles of the columns.
    async fn heads(&mut self) -> String {
        let heads =
            "[...document.querySelectorAll('thead th')].map((it) => it.innerText).join('|')";
        self.chromium.text(heads).await
    }

    async fn evaluate(&mut self, expression: &str) {
        self.chromium.evaluate(expression).await;
    }
}

/// The pictures that README opens with, made anew:
/// `cargo test -p freehold-tests --test browser demo::pictures_of_readme -- --ignored`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "writes into the repository"]
async fn pictures_of_readme() {
    let Some(mut practice) = Practice::open().await else {
        return;
    };
    let server = practice.demo.computer("Practice server").await;
    let folder = repository().join("collector/screenshots");
    let (width, scheme) = (1280, Scheme::Light);
    practice.chromium.show_on(Device { width, scheme }).await;
    for (name, path) in [
        ("overview", "/".to_owned()),
        ("computer", format!("/computers/{server}")),
    ] {
        practice.show(&path).await;
        let file = folder.join(format!("{name}.png"));
        practice.chromium.picture_of_window(&file).await;
        let bytes = std::fs::metadata(&file).expect("a picture").len();
        assert!(bytes < 150 * 1024, "{name} takes {bytes} bytes");
    }
}

/// Pictures of the demo's pages, for people to look at, in `target/screenshots/demo/`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "makes pictures for people"]
async fn pictures_of_every_page() {
    let Some(mut practice) = Practice::open().await else {
        return;
    };
    let server = practice.demo.computer("Practice server").await;
    let surgery = practice.demo.computer("Surgery 3").await;
    let pages = [
        ("overview", "/".to_owned()),
        ("findings", "/findings".to_owned()),
        ("aside", "/findings?show=aside".to_owned()),
        ("computers", "/computers".to_owned()),
        ("computer", format!("/computers/{server}")),
        ("surgery", format!("/computers/{surgery}")),
        ("timeline", format!("/computers/{surgery}/changes")),
        ("software", "/software".to_owned()),
        ("administrators", "/administrators".to_owned()),
        ("changes", "/changes".to_owned()),
        ("difference", "/difference".to_owned()),
        ("access", "/access".to_owned()),
        ("read-log", "/access/log".to_owned()),
        ("search", "/search?q=eset".to_owned()),
        (
            "whose",
            "/administrators/whose?name=practice-admin".to_owned(),
        ),
        ("questions", "/questions".to_owned()),
        (
            "answered",
            "/questions?ask=server-administrators".to_owned(),
        ),
        ("settings", "/settings".to_owned()),
        ("add", "/add".to_owned()),
    ];
    for width in [390, 1440] {
        for scheme in [Scheme::Light, Scheme::Dark] {
            let device = Device { width, scheme };
            practice.chromium.show_on(device).await;
            for (name, path) in &pages {
                practice.show(path).await;
                let file = format!("target/screenshots/demo/{name}-{}.png", device.word());
                practice.chromium.picture(&repository().join(file)).await;
            }
        }
    }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
