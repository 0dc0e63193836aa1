//! What pages say of the past.

use std::time::Duration;

use axum::http::StatusCode;
use freehold_proto::v1::{
    Accounts, Antivirus, Software,
    accounts::{Privilege, privilege::PrincipalKind},
    antivirus::Product,
    section::{Kind, Status},
    software::Package,
    toggle,
};
use prost::Message as _;

use super::site::{Browser, World, given};
use crate::{clock::UnixMillis, id::MachineId};

const HOUR: Duration = Duration::from_secs(3600);

pub(super) fn antivirus(product: &str) -> (Kind, Vec<u8>) {
    let section = Antivirus {
        status: Status::Complete.into(),
        products: vec![Product {
            name: product.into(),
            ..Product::default()
        }],
        ..Antivirus::default()
    };
    (Kind::Antivirus, section.encode_to_vec())
}

pub(super) fn software(packages: &[(&str, &str)]) -> (Kind, Vec<u8>) {
    let package = |(name, version): &(&str, &str)| Package {
        name: (*name).into(),
        version: (*version).into(),
        ..Package::default()
    };
    let section = Software {
        status: Status::Complete.into(),
        packages: packages.iter().map(package).collect(),
        ..Software::default()
    };
    (Kind::Software, section.encode_to_vec())
}

pub(super) fn administrators(names: &[&str]) -> (Kind, Vec<u8>) {
    let privilege = |name: &&str| Privilege {
        principal: (*name).into(),
        principal_kind: PrincipalKind::LocalUser.into(),
        full_control: toggle::State::On.into(),
        ..Privilege::default()
    };
    let section = Accounts {
        status: Status::Complete.into(),
        privileges: names.iter().map(privilege).collect(),
        ..Accounts::default()
    };
    (Kind::Accounts, section.encode_to_vec())
}

/// Two hours ago one product protected front-desk and anna administered it; now it is another one and helpdesk.
async fn changed(world: &World) -> MachineId {
    let sections = vec![
        antivirus("OldShield"),
        administrators(&["anna"]),
        software(&[("openssl", "1"), ("telnet", "7")]),
    ];
    let given = given("front-desk", sections, Vec::new(), world.clock.now());
    let id = world.add(given).await;
    world.report(id, antivirus("NewShield")).await;
    world.report(id, administrators(&["helpdesk"])).await;
    world
        .report(id, software(&[("openssl", "2"), ("zoom", "5")]))
        .await;
    id
}

fn ago(world: &World, hours: u32) -> UnixMillis {
    world.clock.now().minus(HOUR * hours)
}

async fn text(browser: &mut Browser, path: &str) -> String {
    let page = browser.get(path).await;
    assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.body);
    page.body
}

#[tokio::test]
async fn a_computers_page_shows_what_was_true_then_and_says_of_when_it_is() {
    let world = World::new();
    let id = changed(&world).await;
    let mut browser = world.owner().await;
    let now = text(&mut browser, &format!("/computers/{id}")).await;
    assert!(now.contains("NewShield") && !now.contains("OldShield"));
    assert!(!now.contains("id=\"past\""));

    let at = ago(&world, 1);
    let then = text(&mut browser, &format!("/computers/{id}?at={at}")).await;
    assert!(then.contains("OldShield") && !then.contains("NewShield"));
    assert!(then.contains("id=\"past\"") && then.contains("Back to now"));
    assert!(then.contains("and the same until"));
    // Neither what is found now nor what can be done now belongs to that day.
    assert!(!then.contains("Manage this computer") && !then.contains("id=\"findings\""));
    let kept = format!("at={}", super::super::guard::encoded(&at.to_string()));
    assert!(then.contains(&format!("/computers?{kept}")), "{then}");
    let path = format!("/computers/{id}/sections/software?at={at}");
    let section = text(&mut browser, &path).await;
    assert!(section.contains("telnet") && !section.contains("zoom"));
}

#[tokio::test]
async fn what_was_not_reported_by_then_is_said_to_be_unknown() {
    let world = World::new();
    let id = changed(&world).await;
    let mut browser = world.owner().await;
    let path = format!("/computers/{id}?at={}", ago(&world, 3));
    let before = text(&mut browser, &path).await;
    assert!(before.contains("Not reported by then"));
    assert!(!before.contains("Shield") && !before.contains("It has no antivirus"));
    let path = format!("/computers/{id}?at={}", ago(&world, 1000));
    let before = text(&mut browser, &path).await;
    assert!(before.contains("had not joined by then"), "{before}");
    let list = text(
        &mut browser,
        &format!("/computers?at={}", ago(&world, 1000)),
    )
    .await;
    assert!(list.contains("No computer had joined by then"), "{list}");
    assert!(list.contains("1 computer joined later"));
}

#[tokio::test]
async fn lists_of_the_past_show_what_was_true_then() {
    let world = World::new();
    changed(&world).await;
    let mut browser = world.owner().await;
    for path in ["/computers", "/administrators"] {
        let now = text(&mut browser, path).await;
        let then = text(&mut browser, &format!("{path}?at={}", ago(&world, 1))).await;
        let (old, new) = match path {
            "/computers" => ("OldShield", "NewShield"),
            _ => ("<bdi>anna</bdi>", "<bdi>helpdesk</bdi>"),
        };
        assert!(now.contains(new) && !now.contains(old), "{now}");
        assert!(then.contains(old) && !then.contains(new), "{then}");
        assert!(then.contains("id=\"past\""));
        // How a computer stood then is not kept: it must not look fine.
        assert!(!then.contains("Fine"));
    }
    let found = format!("/computers?q=oldshield&at={}", ago(&world, 1));
    assert!(text(&mut browser, &found).await.contains("front-desk"));
}

#[tokio::test]
async fn a_scope_holds_in_the_past_too() {
    let world = World::new();
    let id = changed(&world).await;
    let mut guest = world.guest(&["antivirus"]).await;
    let browser = &mut guest.browser;
    let at = ago(&world, 1).minus(HOUR / 12);
    for path in [
        format!("/computers/{id}?at={at}"),
        format!("/computers?at={at}"),
        format!("/administrators?at={at}"),
        format!("/difference?from={at}"),
        format!("/changes?since={}", ago(&world, 1000)),
    ] {
        let page = text(browser, &path).await;
        for hidden in ["anna", "helpdesk", "telnet", "openssl", "zoom"] {
            assert!(!page.contains(hidden), "{hidden} in {path}");
        }
    }
    let difference = text(browser, &format!("/difference?from={at}")).await;
    assert!(difference.contains("NewShield"), "{difference}");
    let said: Vec<String> = world
        .desk()
        .journal
        .entries(&crate::access::Viewer::console(), None, 10)
        .unwrap()
        .iter()
        .map(crate::audit::Entry::deed)
        .collect();
    assert!(
        said.contains(&format!("opened front-desk, as of {at}")),
        "{said:?}"
    );
}

#[tokio::test]
async fn a_time_that_is_none_or_not_kept_is_refused_with_what_to_do() {
    let world = World::new();
    changed(&world).await;
    let mut browser = world.owner().await;
    for path in ["/computers", "/administrators", "/changes", "/difference"] {
        let name = match path {
            "/changes" => "since",
            "/difference" => "from",
            _ => "at",
        };
        let answer = browser.get(&format!("{path}?{name}=yesterday")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        assert!(answer.body.contains("2026-03-03"));
        let answer = browser.get(&format!("{path}?{name}=2001-01-01")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(answer.body.contains("kept for 400 days"), "{}", answer.body);
    }
}

#[tokio::test]
async fn a_difference_tells_what_is_different_and_not_what_came_and_went() {
    let world = World::new();
    let id = changed(&world).await;
    let mut browser = world.owner().await;
    // Well before the changes, however the seconds fall.
    let from = ago(&world, 1).minus(HOUR / 12);
    for path in [
        format!("/difference?from={from}"),
        format!("/difference?from={from}&computer={id}"),
    ] {
        let page = text(&mut browser, &path).await;
        for told in [
            "telnet",
            "zoom",
            "openssl",
            "OldShield",
            "NewShield",
            "helpdesk",
        ] {
            assert!(page.contains(told), "{told} in {path}: {page}");
        }
    }
    let none = format!("/difference?from={}&to={from}", from.minus(HOUR / 2));
    let none = text(&mut browser, &none).await;
    assert!(none.contains("Nothing is different"), "{none}");
    // The other way round is the same.
    let turned = format!("/difference?from={from}&to={}", from.minus(HOUR / 2));
    assert!(text(&mut browser, &turned).await.contains("were exchanged"));
    let joined = format!("/difference?from={}", ago(&world, 1000));
    assert!(
        text(&mut browser, &joined)
            .await
            .contains("Joined in between")
    );
}

#[tokio::test]
async fn the_change_log_is_filtered_by_kind_computer_person_product_and_time() {
    let world = World::new();
    let now = world.clock.now();
    let id = world.add(given("one", Vec::new(), Vec::new(), now)).await;
    world.add(given("two", Vec::new(), Vec::new(), now)).await;
    let mut browser = world.owner().await;
    let (telnet, openssl, helpdesk) = ("telnet 0.17 removed", "openssl 3.0.11", "helpdesk (sudo)");
    let since = ago(&world, 3);
    for (query, wanted, unwanted) in [
        ("q=HELPDESK".to_owned(), helpdesk, telnet),
        ("q=openssl".to_owned(), openssl, telnet),
        ("section=accounts".to_owned(), helpdesk, openssl),
        (
            "section=software&action=removed".to_owned(),
            telnet,
            openssl,
        ),
        (format!("since={since}"), openssl, helpdesk),
        (format!("until={since}"), helpdesk, openssl),
    ] {
        for list in ["/changes".to_owned(), format!("/computers/{id}/changes")] {
            let page = text(&mut browser, &format!("{list}?{query}")).await;
            assert!(page.contains(wanted), "{list}?{query}");
            assert!(!page.contains(unwanted), "{list}?{query}");
            let both = page.contains(">two<") || page.contains("<bdi>two</bdi>");
            assert_eq!(both, list == "/changes", "{query}");
        }
    }
    let none = text(&mut browser, "/changes?q=nothing+like+this").await;
    assert!(none.contains("No change matches."));
}
