//! The agent looks and does not ask: a snapshot sends nothing, to nobody.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use freehold_agent::identity::{JoinString, Token};
use freehold_tests::{
    Agent,
    island::{GATEWAY, Island, watch},
    process::{Answer, agent_program},
};
use serde_json::Value;

const QUIET: Duration = Duration::from_secs(2);
const LIMIT: Duration = Duration::from_secs(60);

#[test]
#[ignore = "started by the tests that watch a network"]
fn watcher() {
    watch();
}

/// The sections that a snapshot on the island tells.
async fn snapshot(island: &Island) -> Value {
    let mut command = island.command(&agent_program());
    command.args(["snapshot", "--format", "json"]);
    let output = Answer::of(command).await.expect();
    serde_json::from_str::<Value>(&output).expect("JSON")["sections"].clone()
}

fn names<'a>(list: &'a Value, field: &str) -> Vec<&'a str> {
    let items = list.as_array().expect("a list").iter();
    items.filter_map(|item| item[field].as_str()).collect()
}

#[tokio::test]
async fn a_snapshot_sends_nothing_while_joining_is_seen() {
    let Some(island) = Island::new() else {
        return;
    };
    let watcher = island.watched("watcher").await;
    watcher.silence(QUIET, LIMIT).await;
    let before = watcher.packets().len();

    let sections = snapshot(&island).await;
    watcher.silence(QUIET, LIMIT).await;
    let sent = watcher.packets().split_off(before);
    assert!(sent.is_empty(), "a snapshot sent {sent:?}");
    // It did look at this network, with ways out that it could have taken.
    let network = &sections["network"];
    assert_eq!(names(&network["adapters"], "name"), ["lo", "office0"]);
    let gateways = names(&network["routes"], "gateway");
    assert!(
        gateways.contains(&GATEWAY) && gateways.contains(&"2001:db8:77::2"),
        "{gateways:?}"
    );
    assert!(sections["services"]["listening_sockets"].is_array());

    // The same program is seen as soon as it does speak.
    let directory = tempfile::tempdir().expect("a directory");
    let agent = Agent::new(directory.path());
    let join = JoinString {
        addresses: vec![format!("{GATEWAY}:7443")],
        pin: [7; 32],
        token: Token::generate(),
    };
    let mut command = island.command(&agent_program());
    command
        .args(["join", &join.encode(), "--config"])
        .arg(agent.settings())
        .kill_on_drop(true);
    let joining = tokio::spawn(Answer::of(command));
    freehold_tests::eventually("joining is seen", LIMIT, async || {
        (watcher.packets().len() > before).then_some(())
    })
    .await;
    joining.abort();
}

#[tokio::test]
async fn the_watcher_sees_what_is_sent_to_the_computer_itself() {
    let Some(island) = Island::new() else {
        return;
    };
    let watcher = island.watched("watcher").await;
    watcher.silence(QUIET, LIMIT).await;
    let before = watcher.packets().len();
    let mut command = island.command("bash".as_ref());
    command.args(["-c", "echo > /dev/udp/127.0.0.1/9"]);
    Answer::of(command).await;
    freehold_tests::eventually("it is seen", LIMIT, async || {
        (watcher.packets().len() > before).then_some(())
    })
    .await;
}
