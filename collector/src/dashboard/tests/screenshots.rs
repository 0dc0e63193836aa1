//! Pictures of every page in a real browser, for people to look at:
//! `cargo test -p freehold-collector --lib screenshots -- --ignored`, then `target/screenshots/`.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::IntoResponse as _,
};
use freehold_proto::v1::{
    Antivirus, OperatingSystem, System,
    antivirus::{Product, product::RunningMode},
    section::{Kind, Status},
    toggle,
};
use prost::Message as _;
use tokio::net::TcpListener;

use super::site::{World, given, screenshots, this_computer};
use crate::{
    dashboard::{Site, router},
    store::record::{MachineState, NoticeKind, NoticeRecord},
};

fn windows(product: Option<(&str, RunningMode)>) -> Vec<(Kind, Vec<u8>)> {
    let system = System {
        status: Status::Complete.into(),
        host_name: "PC".into(),
        operating_system: Some(OperatingSystem {
            id: "windows".into(),
            name: "Windows".into(),
            version: "11".into(),
            edition: "Pro".into(),
            ..OperatingSystem::default()
        }),
        ..System::default()
    };
    let antivirus = Antivirus {
        status: Status::Complete.into(),
        products: product
            .into_iter()
            .map(|(name, mode)| Product {
                name: name.into(),
                running_mode: mode.into(),
                real_time_protection: toggle::State::On.into(),
                signatures_current: toggle::State::On.into(),
                version: "4.18".into(),
                ..Product::default()
            })
            .collect(),
        ..Antivirus::default()
    };
    vec![
        (Kind::System, system.encode_to_vec()),
        (Kind::Antivirus, antivirus.encode_to_vec()),
    ]
}

/// The file `target/screenshots/only` may hold a part of the names wanted.
fn wanted(name: &str) -> bool {
    std::fs::read_to_string(screenshots().join("only")).map_or(true, |only| {
        only.lines().any(|only| name.contains(only.trim()))
    })
}

async fn practice() -> (World, crate::id::MachineId) {
    let world = World::new().named("Weber Dental Practice").await;
    let now = world.clock.now();
    let id = world.add(this_computer("front-desk", now)).await;
    for (name, product) in [
        (
            "Surgery 1",
            Some(("Microsoft Defender", RunningMode::Active)),
        ),
        (
            "Surgery 2",
            Some(("Microsoft Defender", RunningMode::Active)),
        ),
        (
            "X-ray",
            Some(("ESET Endpoint Security", RunningMode::Stopped)),
        ),
        ("Dr. Weber's laptop", None),
    ] {
        let mut machine = given("pc", windows(product), Vec::new(), now);
        machine.record.given_name = name.into();
        if name == "X-ray" {
            machine.record.notices = vec![NoticeRecord {
                kind: NoticeKind::WrongClock.into(),
                since: now.0,
                detail: "about 2 hours ahead".into(),
            }];
        }
        world.add(machine).await;
    }
    let mut waiting = given("DESKTOP-4F2K1", Vec::new(), Vec::new(), now);
    waiting.record.state = MachineState::Waiting.into();
    waiting.record.enrolled_at = now.minus(Duration::from_secs(200)).0;
    waiting.presence = None;
    waiting.changes.clear();
    world.add(waiting).await;
    (world, id)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium; makes pictures for people"]
async fn take() {
    let (world, id) = practice().await;
    let browser = world.owner().await;
    let cookie = format!("freehold={}", browser.cookie("freehold").unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let site = Site {
        https: false,
        port,
        names: Vec::new(),
    };
    // A headless browser cannot sign in from the command line: it is given the session here.
    let signed_in = move |mut request: Request, next: Next| {
        let path = request.uri().path().to_owned();
        if path != "/sign-in" && path != "/setup" {
            let value = HeaderValue::from_str(&cookie).unwrap();
            request.headers_mut().insert(header::COOKIE, value);
        }
        async move {
            // The picture is taken when the network is quiet, which a live page never is.
            if path == "/events" {
                return StatusCode::NO_CONTENT.into_response();
            }
            next.run(request).await
        }
    };
    let pages = router(browser.desk.clone(), site).layer(middleware::from_fn(signed_in));
    let server =
        tokio::spawn(async move { axum::serve(listener, Router::new().merge(pages)).await });
    let home = format!("http://127.0.0.1:{port}");
    std::fs::create_dir_all(screenshots()).unwrap();
    for (name, path, tall, wide) in [
        ("setup", "/setup".to_owned(), 1300, 1000),
        ("sign-in", "/sign-in".to_owned(), 844, 800),
        ("overview", "/".to_owned(), 2100, 1000),
        ("computers", "/computers".to_owned(), 2300, 900),
        ("computer", format!("/computers/{id}"), 7000, 5200),
        ("rename", format!("/computers/{id}/rename"), 1000, 800),
        ("changes", "/changes".to_owned(), 2400, 1400),
        ("add", "/add".to_owned(), 1500, 1100),
        ("settings", "/settings".to_owned(), 2100, 1300),
    ] {
        for (size, width, height) in [("phone", 390, tall), ("desk", 1440, wide)] {
            for (scheme, number) in [("light", 1), ("dark", 0)] {
                if !wanted(&format!("{name}-{size}-{scheme}")) {
                    continue;
                }
                let file = screenshots().join(format!("{name}-{size}-{scheme}.png"));
                let url = format!("{home}{path}");
                let shot = move || shoot(&url, &file, width, height, number);
                tokio::task::spawn_blocking(shot).await.unwrap();
            }
        }
    }
    server.abort();
}

fn shoot(url: &str, file: &std::path::Path, width: u32, height: u32, scheme: u32) {
    let profile = tempfile::tempdir().unwrap();
    let status = Command::new("chromium")
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--virtual-time-budget=3000",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("--window-size={width},{height}"))
        .arg(format!("--blink-settings=preferredColorScheme={scheme}"))
        .arg(format!("--screenshot={}", file.display()))
        .arg(url)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    assert!(status.unwrap().success(), "{url}");
}
