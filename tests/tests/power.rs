//! Acknowledged means flushed: nothing the collector answered for is lost with the power.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::fs;

use freehold_tests::{Inventory, Machine, TestCollector, power::Unflushed, process::Answer};

/// A collector on a disk that keeps only what is flushed; its making outlived a power cut.
async fn on_a_disk() -> TestCollector {
    let mut collector = TestCollector::unmade(&[]);
    collector.lay_on_a_disk();
    collector.make().await;
    collector.lose(Unflushed::Lost);
    collector.resume().await;
    collector
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_outlives_a_power_cut() {
    let mut collector = on_a_disk().await;
    let mut machine = collector.machine("kept").await;
    let mut inventory = Inventory::small(1);
    machine
        .report(&inventory.sections())
        .await
        .expect("reports");
    for round in 0..4 {
        for _ in 0..=round {
            inventory.upgrade_a_package();
            let software = [inventory.software()];
            machine.upload(&software).await.expect("acknowledged");
        }
        let unflushed = if round % 2 == 0 {
            Unflushed::Lost
        } else {
            Unflushed::Torn
        };
        collector.cut_power(unflushed).await;
        collector.resume().await;
        let shown = collector.show(&machine.id).await;
        let newest = format!("99.{}", inventory.revision);
        assert!(
            shown["sections"]["software"].to_string().contains(&newest),
            "{newest} is lost"
        );
        assert!(
            shown["changes"].to_string().contains(&newest),
            "the entry about {newest} is lost"
        );
        machine.disconnect();
    }
    // In order, too, nothing may be left unflushed.
    collector.stop().await;
    collector.lose(Unflushed::Lost);
    collector.resume().await;
    assert_eq!(collector.show(&machine.id).await["state"], "ACTIVE");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_owner_decided_outlives_a_power_cut() {
    let mut collector = on_a_disk().await;
    let used = collector.token(&[]).await;
    let mut kept = Machine::join(collector.target(), &used, "kept")
        .await
        .expect("joins");
    let mut revoked = collector.machine("revoked").await;
    collector
        .run(&["machine", "revoke", &revoked.id])
        .await
        .expect();
    kept.renew().await.expect("renews");
    let open = collector.token(&[]).await;
    collector.cut_power(Unflushed::Lost).await;

    collector.resume().await;
    kept.check_in(&[]).await.expect("with the renewed key");
    revoked.disconnect();
    revoked.check_in(&[]).await.expect_err("it stays shut out");
    Machine::join(collector.target(), &used, "thief")
        .await
        .expect_err("the token stays used");
    Machine::join(collector.target(), &open, "new")
        .await
        .expect("a token that was handed out is good");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_was_announced_and_what_it_restores_outlive_a_power_cut() {
    let mut collector = on_a_disk().await;
    let mut machine = collector.machine("kept").await;
    machine
        .report(&Inventory::small(1).sections())
        .await
        .expect("reports");
    let before = collector.show(&machine.id).await;
    let backup = collector.data().join("by-hand.freehold");
    let path = backup.to_str().expect("a path");
    collector.run(&["backup", "--to", path]).await.expect();
    collector.cut_power(Unflushed::Lost).await;

    let elsewhere = collector.scratch().join("by-hand.freehold");
    fs::rename(&backup, &elsewhere).expect("the backup is there");
    fs::remove_dir_all(collector.data().join("store")).expect("the store is lost");
    let kit = collector.data().join("owner-kit");
    let kit = kit.to_str().expect("a path");
    let from = elsewhere.to_str().expect("a path");
    let restore = ["restore", "--from", from, "--owner-kit", kit];
    let restore = collector.followed_command(&restore);
    Answer::with_input(restore, &collector.passphrase())
        .await
        .expect();
    collector.lose(Unflushed::Lost);
    collector.resume().await;
    let after = collector.show(&machine.id).await;
    assert_eq!(before["sections"], after["sections"]);
}
