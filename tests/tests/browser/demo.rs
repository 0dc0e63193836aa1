//! The demo in a real browser.

use std::path::{Path, PathBuf};

use freehold_tests::{Chromium, Demo, Device, Scheme};

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
        chromium.take_cookies(demo.dashboard(), owner.cookies()).await;
        Some(Self { demo, chromium })
    }

    /// Shows a page.
    pub(crate) async fn show(&mut self, path: &str) {
        let origin = self.demo.dashboard().trim_end_matches('/');
        let address = format!("{origin}{path}");
        self.chromium.visit(&address).await;
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
    for (name, path) in [("overview", "/".to_owned()), ("computer", format!("/computers/{server}"))] {
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
