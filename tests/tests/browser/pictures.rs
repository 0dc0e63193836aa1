//! Pictures of every page, for people to look at:
//! `cargo test -p freehold-tests --test browser pictures -- --ignored`, then `target/screenshots/`.

use std::path::{Path, PathBuf};

use freehold_tests::{Device, Scheme};

use crate::office::Office;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/screenshots")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "makes pictures for people"]
async fn of_every_page() {
    let Some(mut office) = Office::furnished().await else {
        return;
    };
    let _agent = office.collector.agent().await;
    let mut pages = office.pages().await;
    let listed = office.collector.json(&["machine", "list"]).await;
    let others = [
        "front-desk",
        "never-heard-from",
        "stolen-laptop",
        "wants-to-join",
    ];
    let here = listed.as_array().into_iter().flatten();
    let here = here
        .filter(|machine| !others.iter().any(|other| machine["name"] == *other))
        .last();
    if let Some(id) = here.and_then(|machine| machine["id"].as_str()) {
        pages.push(("this-computer", format!("/computers/{id}")));
    }
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    for width in [390, 1440] {
        for scheme in [Scheme::Light, Scheme::Dark] {
            let device = Device { width, scheme };
            office.chromium.show_on(device).await;
            for (name, path) in &pages {
                office.show(path).await;
                let file = folder().join(format!("{name}-{}.png", device.word()));
                office.chromium.picture(&file).await;
            }
        }
    }
    for (name, path) in pages
        .iter()
        .filter(|(name, _)| ["overview", "computer", "this-computer"].contains(name))
    {
        office.show(path).await;
        office
            .chromium
            .print(&folder().join(format!("{name}.pdf")))
            .await;
    }
    for (name, path) in [("sign-in", "/sign-in"), ("set-up", "/setup")] {
        office.chromium.forget_cookies().await;
        office.show(path).await;
        office
            .chromium
            .picture(&folder().join(format!("{name}.png")))
            .await;
    }
}
