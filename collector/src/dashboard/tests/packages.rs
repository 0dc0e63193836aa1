//! The packages that are handed out.

use axum::http::StatusCode;

use super::site::{PACKAGE, World};

/// SHA-256 of "abc".
const CHECKSUM: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

#[tokio::test]
async fn a_computer_nobody_is_signed_in_on_fetches_a_package() {
    let world = World::new();
    world.owner().await;
    let mut computer = world.browser();
    let answer = computer.get(&format!("/packages/{PACKAGE}")).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body, "abc");
    assert_eq!(answer.headers["content-length"], "3");
    assert!(
        answer.headers["content-disposition"]
            .to_str()
            .unwrap()
            .starts_with("attachment")
    );
}

#[tokio::test]
async fn nothing_else_in_the_folder_or_outside_is_handed_out() {
    let world = World::new();
    let folder = world.dir.path().join("packages");
    std::fs::write(folder.join("collector.toml"), "secret").unwrap();
    let mut computer = world.browser();
    for name in [
        "collector.toml",
        "..%2Fstore",
        "%2e%2e%2fauthority%2ffreehold-agent.msi",
        "freehold-agent-none.msi",
    ] {
        let answer = computer.get(&format!("/packages/{name}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{name}");
    }
}

#[tokio::test]
async fn the_page_names_each_package_with_its_checksum_and_the_line_checks_it() {
    let world = World::new();
    let mut browser = world.owner().await;
    let page = browser.get("/add").await.body;
    assert!(page.contains(&format!("href=\"/packages/{PACKAGE}\"")));
    assert!(page.contains(CHECKSUM));
    let made = browser.submit("/add", &[("uses", "1".to_owned())]).await;
    assert!(made.body.contains(&format!("{CHECKSUM}  {PACKAGE}")));
    // This dashboard is on loopback: the package has to be carried over.
    assert!(page.contains("Other computers cannot open these pages"));
    assert!(!made.body.contains("wget"));
}

#[tokio::test]
async fn the_command_is_handed_out_beside_the_devices_and_to_no_computer_that_joins() {
    let world = World::new();
    let mut browser = world.owner().await;
    assert!(
        !browser
            .get("/command-line")
            .await
            .body
            .contains("The command itself")
    );
    let command = "freehold_1.0_amd64.deb";
    std::fs::write(world.dir.path().join("packages").join(command), "abc").unwrap();
    let page = browser.get("/command-line").await.body;
    assert!(page.contains(&format!("href=\"/packages/{command}\"")));
    assert!(page.contains(CHECKSUM) && !page.contains(PACKAGE));
    assert!(!browser.get("/add").await.body.contains(command));
    let answer = world.browser().get(&format!("/packages/{command}")).await;
    assert_eq!(answer.body, "abc");
}

#[tokio::test]
async fn a_folder_that_cannot_be_read_keeps_nobody_from_making_a_line() {
    let world = World::new();
    let folder = world.dir.path().join("packages");
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::write(&folder, "a file").unwrap();
    let mut browser = world.owner().await;
    let made = browser.submit("/add", &[("uses", "1".to_owned())]).await;
    assert_eq!(made.status, StatusCode::OK);
    assert!(
        made.body
            .contains("The packages to hand out cannot be read")
    );
    assert!(made.body.contains("sudo freehold-agent join freehold1:"));
}

#[tokio::test]
async fn without_packages_the_page_says_so() {
    let world = World::new();
    std::fs::remove_dir_all(world.dir.path().join("packages")).unwrap();
    let page = world.owner().await.get("/add").await.body;
    assert!(page.contains("This collector has no packages to hand out."));
}
