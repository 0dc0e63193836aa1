//! A supplier reads by permission: invited, scoped, written down, cut off. All through the real program.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::{
    path::Path,
    time::{Duration, Instant},
};

use freehold_tests::{
    Inventory, TestCollector,
    process::Answer,
    technician::{accept, invited},
};
use http::StatusCode;

async fn deeds(collector: &TestCollector) -> Vec<String> {
    let log = collector.json(&["audit", "list"]).await;
    let entries = log["entries"].as_array().expect("entries");
    let sentence = |entry: &serde_json::Value| {
        format!(
            "{} {}",
            entry["who"].as_str().unwrap_or("?"),
            entry["deed"].as_str().unwrap_or("?")
        )
    };
    entries.iter().map(sentence).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_technician_reads_what_is_shared_and_is_cut_off_in_the_middle() {
    let collector = TestCollector::start().await;
    let mut office = collector.machine("reception").await;
    let mut surgery = collector.machine("surgery-secret").await;
    for machine in [&mut office, &mut surgery] {
        machine
            .report(&Inventory::small(1).sections())
            .await
            .expect("reports");
    }
    collector
        .run(&["machine", "label", "reception", "office"])
        .await
        .expect();
    let path = invited(&collector, &["all,-network@office"], &[]).await;
    let mut preview = collector.browser();
    assert_eq!(
        preview.visit(&path).await.status,
        StatusCode::OK,
        "a link preview"
    );
    let mut guest = collector.browser();
    let accepted = accept(&mut guest, &path).await;
    assert_eq!(accepted.status, StatusCode::OK, "{}", accepted.text);
    assert_eq!(
        preview.visit(&path).await.status,
        StatusCode::GONE,
        "it works once"
    );
    let list = guest.visit("/computers").await;
    assert!(
        list.text.contains("reception") && !list.text.contains("surgery-secret"),
        "{}",
        list.text
    );
    assert!(list.text.contains("You are reading") && !list.text.contains("href=\"/add\""));
    let computer = guest.visit(&format!("/computers/{}", office.id)).await;
    assert_eq!(computer.status, StatusCode::OK);
    let hidden = guest.visit(&format!("/computers/{}", surgery.id)).await;
    assert_eq!(hidden.status, StatusCode::NOT_FOUND);
    assert_eq!(guest.visit("/settings").await.status, StatusCode::FORBIDDEN);
    let token = list.hidden("form_token").expect("a form token");
    let rename = format!("/computers/{}/rename", office.id);
    let renamed = guest
        .submit(&rename, &[("form_token", &token), ("name", "mine")])
        .await;
    assert_eq!(
        renamed.status,
        StatusCode::FORBIDDEN,
        "guests read and nothing else"
    );

    let mut live = guest.clone();
    let live = tokio::spawn(async move { live.visit("/events").await });
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert!(!live.is_finished());
    collector
        .run(&["grant", "revoke", "Acme IT"])
        .await
        .expect();
    let revoked = Instant::now();
    let next = guest.visit("/computers").await;
    assert!(next.status.is_redirection(), "{}", next.status);
    live.await.expect("an answer");
    assert!(
        revoked.elapsed() < Duration::from_secs(1),
        "{:?}",
        revoked.elapsed()
    );

    let deeds = deeds(&collector).await;
    for deed in [
        "Somebody at the collector's own computer labelled reception: office",
        "A. Technician (Acme IT) accepted the invitation",
        "A. Technician (Acme IT) opened the list of computers",
        "A. Technician (Acme IT) opened reception",
        "Somebody at the collector's own computer ended the access of Acme IT for good",
    ] {
        assert!(
            deeds.iter().any(|found| found == deed),
            "{deed}: {deeds:#?}"
        );
    }
    assert!(
        !deeds.iter().any(|deed| deed.contains("surgery-secret")),
        "{deeds:#?}"
    );
    let verdict = collector.json(&["audit", "verify"]).await;
    assert_eq!(verdict["intact"], true, "{verdict}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_set_back_is_noticed_by_the_collector_and_by_a_kept_checkpoint() {
    let mut collector = TestCollector::start().await;
    collector.token(&[]).await;
    collector.stop().await;
    let (store, copy) = (
        collector.data().join("store"),
        collector.scratch().join("copy"),
    );
    copied(&store, &copy).await;
    collector.resume().await;
    collector.token(&[]).await;
    collector.token(&[]).await;
    let kept = collector.scratch().join("checkpoint");
    let checkpoint = collector.run(&["audit", "checkpoint"]).await.expect();
    std::fs::write(&kept, checkpoint).expect("written");
    let kept = kept.to_str().expect("a path");
    let intact = collector
        .json(&["audit", "verify", "--checkpoint", kept])
        .await;
    assert_eq!(intact["intact"], true, "{intact}");
    collector.stop().await;

    std::fs::remove_dir_all(&store).expect("removed");
    copied(&copy, &store).await;
    collector.resume().await;
    let refused = collector.run(&["audit", "verify"]).await;
    refused.refused(&["not intact"]);
    let status = collector.json(&["status"]).await.to_string();
    assert!(status.contains("set back"), "{status}");
    // Somebody who hides that from the collector too does not hide it from who kept a checkpoint.
    collector.stop().await;
    std::fs::remove_file(collector.data().join("log-checkpoint")).expect("removed");
    collector.resume().await;
    assert_eq!(collector.json(&["audit", "verify"]).await["intact"], true);
    collector
        .run(&["audit", "verify", "--checkpoint", kept])
        .await
        .refused(&["not intact"]);
    let forged = collector.scratch().join("forged");
    std::fs::write(&forged, "freehold/0/log/1\n9\nAAAA\n\n— x y\n").expect("written");
    let forged = forged.to_str().expect("a path");
    collector
        .run(&["audit", "verify", "--checkpoint", forged])
        .await
        .refused(&["checkpoint"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restore_suppliers_rest_until_confirmed_and_the_log_says_so() {
    let mut collector = TestCollector::start().await;
    let path = invited(&collector, &[], &[]).await;
    let mut guest = collector.browser();
    accept(&mut guest, &path).await;
    assert_eq!(guest.visit("/").await.status, StatusCode::OK);
    let backup = collector.scratch().join("b.freehold-backup");
    let backup = backup.to_str().expect("a path");
    collector.run(&["backup", "--to", backup]).await.expect();
    assert_eq!(guest.visit("/changes").await.status, StatusCode::OK);
    collector.stop().await;
    std::fs::remove_dir_all(collector.data().join("store")).expect("removed");
    let kit = collector.data().join("owner-kit");
    let kit = kit.to_str().expect("a path");
    let restore = collector.command(&["restore", "--from", backup, "--owner-kit", kit]);
    let passphrase = format!("{}\n", collector.passphrase());
    Answer::with_input(restore, &passphrase).await.expect();
    collector.resume().await;
    assert!(
        guest.visit("/").await.status.is_redirection(),
        "the grant rests"
    );
    assert_eq!(
        collector.json(&["grant", "show", "Acme IT"]).await["state"],
        "SUSPENDED"
    );
    let verdict = collector.json(&["audit", "verify"]).await;
    assert_eq!(
        (&verdict["intact"], &verdict["epoch"]),
        (&true.into(), &2.into()),
        "{verdict}"
    );
    let deeds = deeds(&collector).await;
    assert!(
        deeds
            .iter()
            .any(|deed| deed.contains("began part 2 of this log")),
        "{deeds:#?}"
    );
    collector
        .run(&["grant", "resume", "Acme IT"])
        .await
        .expect();
    assert_eq!(
        collector.json(&["grant", "show", "Acme IT"]).await["state"],
        "ACTIVE"
    );
    collector.stop().await;
    collector.resume().await;
    assert_eq!(
        collector.json(&["grant", "show", "Acme IT"]).await["state"],
        "ACTIVE",
        "once is enough"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn grants_are_refused_that_nobody_should_give() {
    let collector = TestCollector::start().await;
    for share in [
        "everything",
        "-network",
        "@office",
        "all@",
        "system' OR '1'='1",
        "../accounts",
    ] {
        let share = format!("--share={share}");
        collector
            .run(&["grant", "create", "Acme IT", &share])
            .await
            .refused(&[]);
    }
    for days in ["0", "366"] {
        let answer = collector
            .run(&["grant", "create", "Acme IT", "--days", days])
            .await;
        assert_eq!(answer.code, 2, "{}", answer.errors);
    }
    assert_eq!(
        collector
            .json(&["grant", "list"])
            .await
            .as_array()
            .map(Vec::len),
        Some(0)
    );
    collector
        .run(&["grant", "show", "nobody"])
        .await
        .refused(&["no such grant"]);
}

/// Copies a directory with everything in it.
async fn copied(from: &Path, to: &Path) {
    let mut command = tokio::process::Command::new("cp");
    command.arg("-a").arg(from).arg(to);
    Answer::of(command).await.expect();
}
