//! What happens to the data when its surroundings fail: refused in a sentence, never lost, never "fine".

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    process::Command as Blocking,
    time::Duration,
};

use freehold_tests::{
    Inventory, Machine, TestCollector, damage,
    disk::{SmallDisk, fill, report_until_full},
    process::{Answer, Process},
};

/// A collector with one machine that has reported.
async fn filled() -> (TestCollector, Machine) {
    let collector = TestCollector::start().await;
    let mut machine = collector.machine("kept").await;
    machine
        .report(&Inventory::small(1).sections())
        .await
        .expect("reports");
    (collector, machine)
}

#[tokio::test]
async fn a_second_process_on_the_same_data_is_refused() {
    let (collector, _machine) = filled().await;
    let mut second = collector.command(&["serve"]);
    second.args([
        "--listen",
        "127.0.0.1:0",
        "--dashboard-listen",
        "127.0.0.1:0",
    ]);
    Answer::of(second).await.refused(&["in use by process"]);
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let taken = TestCollector::start().await;
    let port = format!("port {}", taken.address().port());
    let collector = TestCollector::initialised(&[]).await;
    let mut serve = collector.command(&["serve"]);
    serve.args([
        "--listen",
        &taken.address().to_string(),
        "--dashboard-listen",
        "127.0.0.1:0",
    ]);
    Answer::of(serve).await.refused(&[&port, "in use"]);
}

#[tokio::test]
async fn a_data_directory_that_others_may_read_is_refused() {
    let (mut collector, _machine) = filled().await;
    collector.stop().await;
    fs::set_permissions(collector.data(), Permissions::from_mode(0o755)).expect("permissions");
    Answer::of(collector.serve()).await.refused(&["chmod 700"]);
    fs::set_permissions(collector.data(), Permissions::from_mode(0o700)).expect("permissions");
    let key = collector.data().join("authority/issuing.key");
    fs::set_permissions(&key, Permissions::from_mode(0o644)).expect("permissions");
    Answer::of(collector.serve()).await.refused(&["chmod 600"]);
}

#[tokio::test]
async fn without_a_collector_in_it_a_directory_says_how_to_make_one() {
    let collector = TestCollector::unmade(&[]);
    Answer::of(collector.serve()).await.refused(&["init"]);
    collector.run(&["status"]).await.refused(&["--data"]);
}

#[tokio::test]
async fn commands_for_a_collector_that_is_not_running_say_so() {
    let collector = TestCollector::initialised(&[]).await;
    collector
        .run(&["machine", "list"])
        .await
        .refused(&["serve"]);
}

#[tokio::test]
async fn init_does_not_overwrite_a_collector() {
    let (collector, machine) = filled().await;
    collector
        .run(&["init", "--name", "Again"])
        .await
        .refused(&["already"]);
    assert_eq!(collector.show(&machine.id).await["state"], "ACTIVE");
}

#[tokio::test]
async fn a_backup_taken_while_serving_restores_everything() {
    let (mut collector, machine) = filled().await;
    let before = collector.show(&machine.id).await;
    let backup = collector.scratch().join("backup.freehold");
    let backup = backup.to_str().expect("a path");
    collector.run(&["backup", "--to", backup]).await.expect();
    collector
        .run(&["backup", "--to", backup])
        .await
        .refused(&[backup]);
    let mode = fs::metadata(backup).expect("a backup").permissions().mode() & 0o777;
    assert_eq!(mode, 0o600, "{mode:o}");
    collector.stop().await;
    // What the owner has elsewhere: the owner kit and its passphrase.
    let kit = collector.scratch().join("usb-stick");
    fs::rename(collector.data().join("owner-kit"), &kit).expect("a moved owner kit");
    fs::remove_dir_all(collector.data()).expect("the data is gone");
    let kit = kit.to_str().expect("a path");
    let restore = ["restore", "--from", backup, "--owner-kit", kit];
    let wrong = Answer::with_input(collector.command(&restore), "not the passphrase\n").await;
    wrong.refused(&["passphrase"]);
    let passphrase = collector.passphrase();
    Answer::with_input(collector.command(&restore), &passphrase)
        .await
        .expect();
    collector.resume().await;
    let after = collector.show(&machine.id).await;
    assert_eq!(before["sections"], after["sections"]);
    assert_eq!(before["changes"], after["changes"]);
}

#[tokio::test]
async fn restore_refuses_to_overwrite_and_to_read_a_damaged_backup() {
    let (collector, _machine) = filled().await;
    let backup = collector.scratch().join("backup.freehold");
    let path = backup.to_str().expect("a path");
    collector.run(&["backup", "--to", path]).await.expect();
    collector
        .run(&["restore", "--from", path])
        .await
        .refused(&[]);
    let mut bytes = fs::read(&backup).expect("a backup");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x40;
    fs::write(&backup, &bytes).expect("damage");
    let empty = TestCollector::unmade(&[]);
    empty
        .run(&["restore", "--from", path])
        .await
        .refused(&["not a whole backup"]);
    bytes.truncate(middle);
    fs::write(&backup, &bytes).expect("damage");
    empty.run(&["restore", "--from", path]).await.refused(&[]);
}

#[tokio::test]
async fn whatever_file_is_damaged_it_serves_everything_or_says_what_restores_it() {
    let (mut collector, machine) = filled().await;
    collector.stop().await;
    let sound = collector.scratch().join("sound");
    damage::each(&collector.data(), &sound, async |what: &str| {
        let mut process = Process::start(collector.serve());
        if damage::serves_in_spite_of(&mut process, what).await {
            let shown = collector.show(&machine.id).await;
            let packages = shown["sections"]["software"]["packages"].as_array();
            let packages = packages.map(Vec::len);
            assert_eq!(packages, Some(12), "{what}: it serves, but not everything");
            process.stop().await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_reports_keeps_reading_and_recovers() {
    let mut collector = TestCollector::unmade(&[]);
    let Some(_disk) = SmallDisk::mount(&collector.data(), "400m") else {
        return;
    };
    collector.make().await;
    collector.resume().await;
    let mut machine = collector.machine("crowded").await;
    let mut inventory = Inventory::new(1);
    machine
        .report(&inventory.sections())
        .await
        .expect("while there is room");

    let filler = collector.data().join("filler");
    fill(&filler);
    let acknowledged = report_until_full(&mut machine, &mut inventory).await;
    let shown = collector.show(&machine.id).await;
    assert_eq!(shown["state"], "ACTIVE", "reads go on");

    // It stops cleanly without room, too.
    collector.stop().await;
    fs::remove_file(&filler).expect("room again");
    collector.resume().await;
    let shown = collector.show(&machine.id).await.to_string();
    assert!(
        acknowledged == 0 || shown.contains(&format!("99.{acknowledged}")),
        "{acknowledged} is lost"
    );
    inventory.upgrade_a_package();
    let mut accepted = machine.report(&inventory.sections()).await;
    for _ in 0..20 {
        if accepted.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        accepted = machine.report(&inventory.sections()).await;
    }
    accepted.expect("accepted again once there is room");
}

#[tokio::test]
async fn a_read_only_directory_is_refused_in_a_sentence() {
    let mut collector = TestCollector::unmade(&[]);
    let Some(disk) = SmallDisk::mount(&collector.data(), "400m") else {
        return;
    };
    collector.make().await;
    collector.resume().await;
    collector.stop().await;
    let remounted = Blocking::new("mount")
        .args(["-o", "remount,ro"])
        .arg(disk.path())
        .status();
    assert!(remounted.is_ok_and(|status| status.success()), "remount");
    Answer::of(collector.serve())
        .await
        .refused(&["read-only", "another data directory"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_before_a_kill_is_there_after_it() {
    let (mut collector, mut machine) = filled().await;
    let mut inventory = Inventory::small(1);
    for _ in 0..5 {
        inventory.upgrade_a_package();
        machine
            .upload(&[inventory.software()])
            .await
            .expect("acknowledged");
        collector.kill().await;
        collector.resume().await;
        let shown = collector.show(&machine.id).await["sections"]["software"].to_string();
        assert!(
            shown.contains(&format!("99.{}", inventory.revision)),
            "{shown}"
        );
        machine.disconnect();
    }
}

#[tokio::test]
async fn a_damaged_authority_comes_back_with_the_owner_kit_and_every_computer_with_it() {
    let (mut collector, mut machine) = filled().await;
    let mut shut_out = collector.machine("shut-out").await;
    collector
        .run(&["machine", "revoke", &shut_out.id])
        .await
        .expect();
    let fingerprint = collector.json(&["authority", "status"]).await["root_fingerprint"].clone();
    let kit = collector.data().join("owner-kit");
    let kit = kit.to_str().expect("a path").to_owned();
    let recover = ["authority", "recover", "--owner-kit", &kit];
    let running = Answer::with_input(collector.command(&recover), &collector.passphrase()).await;
    running.refused(&["stop it"]);
    collector.stop().await;
    let whole = Answer::with_input(collector.command(&recover), &collector.passphrase()).await;
    whole.refused(&["nothing to recover"]);

    for damaged in ["issuing.key", "issuing.crt", "root.crt"] {
        fs::write(collector.data().join("authority").join(damaged), "damage").expect("damage");
        Answer::of(collector.serve())
            .await
            .refused(&[damaged, "authority recover --owner-kit"]);
        let wrong = Answer::with_input(collector.command(&recover), "not the passphrase\n").await;
        wrong.refused(&["passphrase"]);
        let passphrase = collector.passphrase();
        let recovered = Answer::with_input(collector.command(&recover), &passphrase).await;
        assert!(recovered.expect().contains("moved to"), "{damaged}");
        collector.resume().await;
        let status = collector.json(&["authority", "status"]).await;
        assert_eq!(status["root_fingerprint"], fingerprint);
        machine.disconnect();
        machine
            .check_in(&[])
            .await
            .expect("it is trusted as before");
        shut_out.disconnect();
        shut_out.check_in(&[]).await.expect_err("it stays shut out");
        collector.machine("new").await;
        collector.stop().await;
    }
    let other = TestCollector::initialised(&[]).await;
    fs::write(other.data().join("authority/issuing.key"), "damage").expect("damage");
    let stranger = Answer::with_input(other.command(&recover), &collector.passphrase()).await;
    stranger.refused(&["another collector's"]);
}
