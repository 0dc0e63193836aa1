//! The search over everything, and the list of software it leads to.

use axum::http::StatusCode;
use freehold_proto::v1::{
    Hardware, Network,
    hardware::Product,
    network::Adapter,
    section::{Kind, Status},
};
use prost::Message as _;

use super::{
    history::{administrators, software},
    site::{Browser, Given, World, given},
};

fn hardware(serial: &str) -> (Kind, Vec<u8>) {
    let section = Hardware {
        status: Status::Complete.into(),
        product: Some(Product {
            serial: serial.into(),
            ..Product::default()
        }),
        ..Hardware::default()
    };
    (Kind::Hardware, section.encode_to_vec())
}

fn network(mac: &str, address: &str) -> (Kind, Vec<u8>) {
    let section = Network {
        status: Status::Complete.into(),
        adapters: vec![Adapter {
            mac: mac.into(),
            addresses: vec![address.into(), "127.0.0.1/8".into()],
            ..Adapter::default()
        }],
        ..Network::default()
    };
    (Kind::Network, section.encode_to_vec())
}

fn furnished(world: &World, name: &str, number: u8, labels: &[&str]) -> Given {
    let sections = vec![
        software(&[("zoom", "5"), (&format!("tool-{name}"), "1")]),
        hardware(&format!("SER{number}XYZ")),
        network(
            &format!("00:1a:2b:3c:4d:{number:02x}"),
            &format!("10.9.8.{number}/24"),
        ),
        administrators(&[&format!("admin-{name}")]),
    ];
    let mut given = given(name, sections, Vec::new(), world.clock.now());
    given.changes.clear();
    given.record.labels = labels.iter().map(ToString::to_string).collect();
    given
}

async fn text(browser: &mut Browser, path: &str) -> String {
    let page = browser.get(path).await;
    assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.body);
    page.body
}

#[tokio::test]
async fn a_search_says_on_which_computers_it_does_not_see_everything() {
    let world = World::new();
    let section = Network {
        status: Status::Complete.into(),
        adapters: vec![Adapter {
            addresses: (0..3000)
                .map(|host| format!("10.0.{}.{}/16", host / 250, host % 250))
                .collect(),
            ..Adapter::default()
        }],
        ..Network::default()
    };
    let sections = vec![(Kind::Network, section.encode_to_vec())];
    let id = world
        .add(given("gateway", sections, Vec::new(), world.clock.now()))
        .await;
    let mut browser = world.owner().await;
    let page = text(&mut browser, "/search?q=nobody").await;
    assert!(
        page.contains("Not everything on") && page.contains(&format!("href=\"/computers/{id}\"")),
        "{page}"
    );
    world
        .report(id, network("00:1a:2b:3c:4d:07", "10.9.8.7/24"))
        .await;
    let page = text(&mut browser, "/search?q=nobody").await;
    assert!(!page.contains("Not everything on"), "{page}");
}

#[tokio::test]
async fn one_box_finds_computers_programs_people_serial_numbers_and_addresses() {
    let world = World::new();
    let id = world.add(furnished(&world, "front-desk", 7, &[])).await;
    world.add(furnished(&world, "server", 8, &[])).await;
    let mut browser = world.owner().await;
    let link = format!("/computers/{id}");
    for query in [
        "front",
        "TOOL-FRONT",
        "admin-front",
        "ser7xyz",
        "10.9.8.7",
        "00-1A-2B-3C-4D-07",
        "3c4d07",
    ] {
        let page = text(&mut browser, &format!("/search?q={query}")).await;
        let found = page.contains(&link) || page.contains("/software?name=tool-front-desk");
        assert!(found, "{query}: {page}");
        assert!(!page.contains(">server<"), "{query}");
    }
    assert!(
        text(&mut browser, "/search?q=7")
            .await
            .contains("at least two")
    );
    let none = text(&mut browser, "/search?q=nothing-like-this").await;
    assert!(none.contains("Nothing was found."));
}

#[tokio::test]
async fn software_is_counted_with_its_versions_and_follows_reports() {
    let world = World::new();
    let id = world.add(furnished(&world, "one", 1, &[])).await;
    world.add(furnished(&world, "two", 2, &[])).await;
    let mut browser = world.owner().await;
    let page = text(&mut browser, "/software?q=zoom").await;
    assert!(page.contains("<bdi>5</bdi> (2)"), "{page}");
    world.report(id, software(&[("zoom", "6")])).await;
    let page = text(&mut browser, "/software?q=zoom").await;
    assert!(
        page.contains("<bdi>5</bdi> (1)") && page.contains("<bdi>6</bdi> (1)"),
        "{page}"
    );
    let gone = text(&mut browser, "/software?q=tool-one").await;
    assert!(gone.contains("No program matches."), "{gone}");
    let places = text(&mut browser, "/software?name=zoom").await;
    assert!(
        places.contains(">one<") && places.contains(">two<"),
        "{places}"
    );
    let at = world
        .clock
        .now()
        .minus(std::time::Duration::from_secs(3600));
    let past = text(&mut browser, &format!("/software?q=zoom&at={at}")).await;
    assert!(
        past.contains("<bdi>5</bdi> (2)") && !past.contains("<bdi>6</bdi>"),
        "{past}"
    );
    let none = world
        .clock
        .now()
        .minus(std::time::Duration::from_secs(3 * 3600));
    let none = text(&mut browser, &format!("/software?at={none}")).await;
    assert!(
        none.contains("Of 2 computers it is not known what is installed."),
        "{none}"
    );
}

#[tokio::test]
async fn counts_and_hits_betray_nothing_that_is_not_shared() {
    let world = World::new();
    world.add(furnished(&world, "seen", 1, &["office"])).await;
    world
        .add(furnished(&world, "unseen", 2, &["surgery"]))
        .await;
    let mut guest = world.guest(&["software,network@office"]).await;
    let browser = &mut guest.browser;
    let page = text(browser, "/software?q=zoom").await;
    assert!(page.contains("<bdi>5</bdi> (1)"), "{page}");
    for query in [
        "unseen",
        "SER1XYZ",
        "SER2XYZ",
        "admin-seen",
        "10.9.8.2",
        "tool-unseen",
    ] {
        let page = text(browser, &format!("/search?q={query}")).await;
        assert!(page.contains("Nothing was found."), "{query}: {page}");
    }
    assert!(
        text(browser, "/search?q=10.9.8")
            .await
            .contains("10.9.8.1/24")
    );
    let places = text(browser, "/software?name=zoom").await;
    assert!(!places.contains("unseen"), "{places}");
}

#[tokio::test]
async fn a_program_that_is_called_so_comes_first_and_then_what_most_computers_have() {
    let world = World::new();
    let everywhere = ("zoom-everywhere", "1");
    for (name, programs) in [
        (
            "one",
            &[
                everywhere,
                ("zoom-b", "1"),
                ("zoom-d", "1"),
                ("zoom-a", "1"),
                ("zoom-c", "1"),
            ][..],
        ),
        (
            "two",
            &[
                everywhere,
                ("zoom-c", "1"),
                ("zoom-a", "2"),
                ("zoom-b", "1"),
                ("zoom-d", "1"),
            ],
        ),
        ("three", &[everywhere, ("Zoom", "5")]),
    ] {
        let now = world.clock.now();
        world
            .add(given(name, vec![software(programs)], Vec::new(), now))
            .await;
    }
    let mut browser = world.owner().await;
    let page = text(&mut browser, "/search?q=zOOm").await;
    let order = [
        "Zoom",
        "zoom-everywhere",
        "zoom-a",
        "zoom-b",
        "zoom-c",
        "zoom-d",
    ];
    let places = order.map(|name| {
        let link = format!("href=\"/software?name={name}\"");
        page.find(&link).unwrap_or_else(|| panic!("{name}: {page}"))
    });
    assert!(places.is_sorted(), "{places:?}: {page}");
}

#[tokio::test]
async fn a_search_says_when_there_is_more_and_what_was_not_read_yet() {
    const MORE: &str = "There are more than are shown here: enter more letters.";
    let world = World::new();
    // Of the first network more than are shown, of all of them more than are found.
    for (network, hosts) in [(1, 21), (2, 20), (3, 90), (4, 90)] {
        let addresses = (0..hosts).map(|host| format!("10.{network}.0.{host}/24"));
        let section = Network {
            adapters: vec![Adapter {
                addresses: addresses.collect(),
                ..Adapter::default()
            }],
            ..Network::default()
        };
        let sections = vec![(Kind::Network, section.encode_to_vec())];
        let name = format!("router-{network}");
        let given = given(&name, sections, Vec::new(), world.clock.now());
        world.add(given).await;
    }
    let mut browser = world.owner().await;
    for (query, times) in [("10.1.0.", 1), ("10.2.0.", 0), ("10.", 2)] {
        let page = text(&mut browser, &format!("/search?q={query}")).await;
        assert_eq!(page.matches(MORE).count(), times, "{query}: {page}");
        assert!(!page.contains("still being read"), "{query}");
    }
    // Each of two looks reads as many as somebody waits for; nobody has gone through the others.
    for number in 0..200 {
        let name = format!("pc-{number}");
        world
            .add(given(&name, Vec::new(), Vec::new(), world.clock.now()))
            .await;
    }
    let mut early = browser.at(world.desk());
    early.is_early = true;
    let page = text(&mut early, "/search?q=10.1.0.").await;
    assert!(page.contains("76 computers are still being read"), "{page}");
}
