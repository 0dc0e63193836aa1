//! New keys for the authority: computers follow by themselves, and after a leak none does.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use freehold_tests::{
    Agent, Inventory, Machine, TestCollector, process::Answer, wait::eventually, wire::Trust,
};
use tokio::process::Command;

const REPORTED: Duration = Duration::from_secs(60);

async fn status(collector: &TestCollector) -> serde_json::Value {
    collector.json(&["authority", "status"]).await
}

/// Stops the collector, gives it new keys and starts it again; answers with what was said.
async fn with_new_keys(collector: &mut TestCollector, arguments: &[&str]) -> String {
    collector.stop().await;
    let said = collector.run(arguments).await.expect();
    collector.resume().await;
    said
}

/// What an agent holds of its collector.
fn known(agent: &Agent) -> Vec<u8> {
    std::fs::read(agent.state().join("identity")).expect("an identity")
}

async fn last_seen(collector: &TestCollector, id: &str) -> String {
    collector.show(id).await["last_seen"].to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn computers_follow_new_keys_by_themselves() {
    let mut collector = TestCollector::start().await;
    let before = status(&collector).await;
    assert!(before["following_until"].is_null(), "{before}");
    collector
        .run(&["authority", "rotate"])
        .await
        .refused(&["running", "stop"]);

    let mut agent = collector.agent().await;
    let real = collector.only_machine().await;
    let mut simulated = collector.machine("simulated").await;
    let sections = Inventory::small(1).sections();
    simulated.report(&sections).await.expect("before");
    let unused = collector.token(&[]).await;
    let seen = last_seen(&collector, &real).await;
    let knew = known(&agent);
    let old_issuing = std::fs::read(collector.data().join("authority/issuing.key")).expect("a key");

    agent.stop().await;
    let said = with_new_keys(&mut collector, &["authority", "rotate"]).await;
    agent.run();
    assert!(said.contains("Computers follow by themselves"), "{said}");
    assert!(said.contains("Owner kit passphrase: "), "{said}");
    let after = status(&collector).await;
    assert_ne!(after["root_fingerprint"], before["root_fingerprint"]);
    assert!(after["following_until"].is_string(), "{after}");

    // The real agent knows the old root alone, and takes up what it is told.
    eventually("the real agent follows", REPORTED, async || {
        (known(&agent) != knew).then_some(())
    })
    .await;
    assert_ne!(last_seen(&collector, &real).await, seen);
    agent.stop().await;
    agent.run();
    eventually("it says so", REPORTED, async || {
        let following = status(&collector).await["computers_following"].clone();
        (following == 1).then_some(())
    })
    .await;

    // So does one that is told of both roots and then knows the new one alone.
    simulated.disconnect();
    let told = simulated
        .check_in(&sections)
        .await
        .expect("by the old root");
    let bundle = told.credentials.expect("new anchors");
    assert_eq!(bundle.trust_anchors.len(), 2, "both roots");
    simulated.trust = Trust::roots(&bundle.trust_anchors[..1]).expect("a root");
    simulated.disconnect();
    simulated
        .check_in(&sections)
        .await
        .expect("by the new root");
    simulated
        .renew()
        .await
        .expect("a certificate of the new key");
    simulated.check_in(&sections).await.expect("with it");

    let following = status(&collector).await["computers_following"].clone();
    assert_eq!(following, 1, "it has not told that it holds both");

    // A join string from before leads here, and one from now.
    let mut late = Machine::join(collector.target(), &unused, "late").await;
    let late = late.as_mut().expect("by a join string from before");
    late.report(&sections).await.expect("it reports");
    let mut new = collector.machine("new").await;
    new.report(&sections).await.expect("it reports");

    // The old issuing key is gone from the computer, and the log goes on.
    for file in std::fs::read_dir(collector.data().join("authority")).expect("files") {
        let path = file.expect("a file").path();
        assert_ne!(
            std::fs::read(&path).expect("readable"),
            old_issuing,
            "{path:?}"
        );
    }
    collector.run(&["audit", "verify"]).await.expect();
    let log = collector.json(&["audit", "list"]).await.to_string();
    let new = after["root_fingerprint"].as_str().expect("a fingerprint");
    let said = format!("gave the authority new keys: root fingerprint {new}");
    assert_eq!(log.matches(&said).count(), 1, "{log}");
    agent.stop().await;
    collector.stop().await;
    collector
        .run(&["authority", "rotate"])
        .await
        .refused(&["follow", "until"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_new_kit_brings_the_new_authority_back_and_computers_still_follow() {
    let mut collector = TestCollector::start().await;
    let mut machine = collector.machine("in a drawer").await;
    machine.check_in(&[]).await.expect("before");
    let kit = collector.scratch().join("kit");
    let kit = kit.to_str().expect("a path").to_owned();
    let said = with_new_keys(
        &mut collector,
        &["authority", "replace", "--owner-kit", &kit],
    )
    .await;
    let passphrase = said
        .lines()
        .find_map(|line| line.strip_prefix("Owner kit passphrase: "))
        .expect("a passphrase");
    collector.stop().await;
    std::fs::write(collector.data().join("authority/issuing.key"), "damaged").expect("written");
    let recover: Command = collector.command(&["authority", "recover", "--owner-kit", &kit]);
    Answer::with_input(recover, passphrase).await.expect();
    collector.resume().await;
    machine.disconnect();
    machine
        .check_in(&[])
        .await
        .expect("it knows the first root alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_leak_nobody_is_let_in_who_has_not_joined_again() {
    let mut collector = TestCollector::start().await;
    let mut machine = collector.machine("old").await;
    machine.check_in(&[]).await.expect("before");
    let said = with_new_keys(&mut collector, &["authority", "replace", "--leaked"]).await;
    for step in ["join again", "token create", "freehold-agent join", "link"] {
        assert!(said.contains(step), "no '{step}' in:\n{said}");
    }
    machine.disconnect();
    machine
        .check_in(&[])
        .await
        .expect_err("it does not believe the new root");
    machine.trust = Trust::Anything;
    machine.disconnect();
    machine
        .check_in(&[])
        .await
        .expect_err("its certificate is worth nothing");
    let mut again = collector.machine("old").await;
    again.check_in(&[]).await.expect("it has joined again");
    assert!(status(&collector).await["following_until"].is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_from_before_new_keys_is_trusted_by_who_has_not_renewed_and_says_who_must_join_again()
 {
    let mut collector = TestCollector::start().await;
    let mut waiting = collector.machine("waiting").await;
    let mut renewed = collector.machine("renewed").await;
    let sections = Inventory::small(1).sections();
    for machine in [&mut waiting, &mut renewed] {
        machine.report(&sections).await.expect("before");
    }
    let backup = collector.scratch().join("before.freehold-backup");
    let backup = backup.to_str().expect("a path").to_owned();
    collector.run(&["backup", "--to", &backup]).await.expect();
    let (old_kit, passphrase) = (collector.scratch().join("old-kit"), collector.passphrase());
    std::fs::rename(collector.data().join("owner-kit"), &old_kit).expect("a moved owner kit");
    let said = with_new_keys(&mut collector, &["authority", "rotate"]).await;
    assert!(said.contains("make a backup"), "{said}");
    for machine in [&mut waiting, &mut renewed] {
        machine.disconnect();
        let told = machine.check_in(&sections).await.expect("it follows");
        let bundle = told.credentials.expect("new anchors");
        machine.trust = Trust::roots(&bundle.trust_anchors).expect("roots");
    }
    let of_the_new = renewed.renew_keeping_its_key().await;
    of_the_new.expect("a certificate of the new keys");
    collector.stop().await;

    let restore = |data: &std::path::Path| {
        let mut command = Command::new(freehold_tests::process::collector_program());
        command.args(["restore", "--from", &backup]);
        command
            .arg("--data")
            .arg(data)
            .arg("--owner-kit")
            .arg(&old_kit);
        command
    };
    // The store alone is lost: the new keys stay, and everybody is trusted.
    std::fs::remove_dir_all(collector.data().join("store")).expect("a lost store");
    let data = collector.data();
    let restored = Answer::with_input(restore(&data), &passphrase).await;
    assert!(restored.expect().contains("Kept as it was"));
    collector.resume().await;
    for machine in [&mut waiting, &mut renewed] {
        machine.disconnect();
        machine
            .check_in(&sections)
            .await
            .expect("trusted as before");
    }
    let log = collector.json(&["audit", "list"]).await.to_string();
    assert!(log.contains("gave the authority new keys"), "{log}");
    collector.stop().await;

    // Everything is lost: the keys are those of the backup again.
    std::fs::remove_dir_all(&data).expect("lost data");
    Answer::with_input(restore(&data), &passphrase)
        .await
        .expect();
    collector.resume().await;
    waiting.disconnect();
    let reported = waiting.report(&sections).await;
    reported.expect("it knows the old root still, and its certificate is of the old key");
    renewed.disconnect();
    let refused = renewed.check_in(&sections).await;
    refused.expect_err("its certificate is of a key that this collector never had");
    let mut again = collector.machine("renewed").await;
    again.report(&sections).await.expect("it has joined again");
}
