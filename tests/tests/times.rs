//! Times that a computer tells of itself, however wrong, are shown and break nothing.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use freehold_agent::snapshot::Collected;
use freehold_proto::v1::{
    Accounts, Antivirus, Software, System,
    accounts::Account,
    antivirus::{Product, product::RunningMode},
    section::{Kind, Status},
    software::{Package, package},
};
use freehold_tests::{TestCollector, machine::section, owner::signed_in};
use http::StatusCode;
use prost_types::Timestamp;
use tonic::Code;

/// Wrong, but dates of some calendar: long from now, the last and the first that there are, and just before 1970.
const WRONG: [i64; 4] = [4_102_444_800, 253_402_300_799, -62_135_596_800, -1];

/// No dates at all.
const IMPOSSIBLE: [i64; 4] = [253_402_300_800, i64::MAX, -62_135_596_801, i64::MIN];

fn moment(seconds: i64) -> Timestamp {
    Timestamp { seconds, nanos: 0 }
}

/// A computer each of whose times is the same wrong one.
fn computer(seconds: i64) -> Vec<Collected> {
    let status = Status::Complete.into();
    let system = System {
        status,
        host_name: "wrong".into(),
        installed_at: Some(moment(seconds)),
        booted_at: Some(moment(seconds)),
        ..System::default()
    };
    let software = Software {
        status,
        packages: vec![Package {
            name: "clock".into(),
            version: "1.0".into(),
            source: package::Source::Dpkg.into(),
            installed_at: Some(moment(seconds)),
            ..Package::default()
        }],
        ..Software::default()
    };
    let antivirus = Antivirus {
        status,
        products: vec![Product {
            name: "Watcher".into(),
            running_mode: RunningMode::Active.into(),
            signatures_at: Some(moment(seconds)),
            last_full_scan_at: Some(moment(seconds)),
            licence_expires_at: Some(moment(seconds)),
            ..Product::default()
        }],
        ..Antivirus::default()
    };
    let accounts = Accounts {
        status,
        accounts: vec![Account {
            name: "ada".into(),
            id: "1000".into(),
            created_at: Some(moment(seconds)),
            password_changed_at: Some(moment(seconds)),
            expires_at: Some(moment(seconds)),
            ..Account::default()
        }],
        ..Accounts::default()
    };
    vec![
        section(Kind::System, &system),
        section(Kind::Software, &software),
        section(Kind::Antivirus, &antivirus),
        section(Kind::Accounts, &accounts),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_time_inside_a_section_is_shown_and_one_that_is_none_is_refused() {
    let collector = TestCollector::start().await;
    let mut browser = signed_in(&collector).await;
    let mut machine = collector.machine("wrong").await;
    let page = format!("/computers/{}", machine.id);
    for seconds in WRONG {
        machine.report(&computer(seconds)).await.expect("a report");
        let shown = collector.show(&machine.id).await;
        let package = &shown["sections"]["software"]["packages"][0];
        assert_eq!(package["name"], "clock", "{seconds}: {shown}");
        for path in [
            page.as_str(),
            "/",
            "/findings",
            "/changes",
            "/software",
            "/search?q=clock",
        ] {
            let answer = browser.visit(path).await;
            assert_eq!(answer.status, StatusCode::OK, "{seconds}: {path}");
        }
        let text = browser.visit(&page).await.text;
        assert!(text.contains("clock") && text.contains("ada"), "{seconds}");
    }
    let before = collector.show(&machine.id).await;
    for seconds in IMPOSSIBLE {
        let refused = machine.report(&computer(seconds)).await;
        let refused = refused.expect_err("it is no time");
        assert_eq!(refused.code(), Code::InvalidArgument, "{refused:?}");
        assert!(refused.message().contains("years 1 to 9999"), "{refused:?}");
    }
    let after = collector.show(&machine.id).await;
    assert_eq!(before["sections"], after["sections"]);
    machine
        .report(&computer(1_700_000_000))
        .await
        .expect("well");
}
