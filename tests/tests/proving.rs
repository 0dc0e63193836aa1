//! Both sides can prove what the log was; what is damaged or restored stops nobody who has nothing to do with it. All
//! through the real programs.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use freehold_tests::{
    Inventory, Reader, Technician, TestCollector, eventually,
    owner::{PASSWORD, signed_in},
    process::Answer,
    technician::{accept, between, device_code},
};
use http::StatusCode;
use serde_json::Value;

async fn computer(collector: &TestCollector, name: &str, label: &str) {
    let mut machine = collector.machine(name).await;
    let reported = machine.report(&Inventory::small(1).sections()).await;
    reported.expect("it reports");
    collector
        .run(&["machine", "label", name, label])
        .await
        .expect();
}

/// Invites the same person anew and adds the device again: what a restore asks for.
async fn added_anew(collector: &TestCollector, reader: &Reader) {
    let person = ["--name", "A. Technician", "--email", "tech@acme.example"];
    let command = [&["grant", "invite", "Acme IT"], &person[..]].concat();
    let invited = collector.json(&command).await;
    let link = invited["link"].as_str().expect("a link");
    let (_, token) = link.split_once("/invitation/").expect("a token");
    let mut browser = collector.browser();
    let accepted = accept(&mut browser, &format!("/invitation/{token}")).await;
    assert_eq!(accepted.status, StatusCode::OK, "{}", accepted.text);
    let code = device_code(&mut browser).await;
    reader.accept(collector, &code, &[]).await.expect();
}

fn path(reader: &Reader, name: &str) -> String {
    reader.scratch().join(name).display().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_backup_is_noticed_named_by_its_entry_and_accepted_explicitly() {
    let mut collector = TestCollector::start().await;
    let technician = Technician::of(&collector, &[], &[]).await;
    let reader = &technician.reader;
    reader.run(&["whoami"]).await.expect();
    let backup = collector.scratch().join("b.freehold-backup");
    let backup = backup.to_str().expect("a path");
    collector.run(&["backup", "--to", backup]).await.expect();
    for _ in 0..3 {
        reader.run(&["computers"]).await.expect();
    }
    let (old, note) = (path(reader, "old.log"), path(reader, "checkpoint"));
    let checkpoint = collector.run(&["audit", "checkpoint"]).await.expect();
    std::fs::write(&note, checkpoint).expect("written");
    let export = ["audit", "export", "test-practice", "--to"];
    reader.run(&[&export[..], &[&old]].concat()).await.expect();
    let said = reader
        .run(&["audit", "compare", &note, &old])
        .await
        .expect();
    assert!(said.contains("continues"), "{said}");

    restored(&mut collector, backup).await;
    collector
        .run(&["grant", "resume", "Acme IT"])
        .await
        .expect();
    reader
        .run(&["computers"])
        .await
        .refused(&["test-practice: this device was ended"]);
    added_anew(&collector, reader).await;
    // More entries than there were do not hide it, and asking again does not make it good.
    for _ in 0..2 {
        reader
            .run(&["computers"])
            .await
            .refused(&["begins anew", "freehold confirm test-practice"]);
    }
    let new = path(reader, "new.log");
    reader.run(&[&export[..], &[&new]].concat()).await.expect();
    reader
        .run(&["audit", "compare", &old, &new])
        .await
        .refused(&["differ from entry", "part 1", "part 2", "ask the owner"]);
    reader
        .run(&["audit", "compare", &note, &new])
        .await
        .refused(&["not the same log"]);
    reader.run(&["confirm", "test-practice"]).await.expect();
    reader.run(&["computers"]).await.expect();
    let same = reader.run(&["audit", "compare", &new, &new]).await.expect();
    assert!(same.contains("are the same log"), "{same}");
    for wrong in ["/dev/null", "/no/such/file"] {
        let answer = reader.run(&["audit", "compare", wrong, &new]).await;
        answer.refused(&[]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_logs_shown_by_one_collector_are_told_apart_by_those_who_kept_them() {
    let mut collector = TestCollector::start().await;
    let technician = Technician::of(&collector, &[], &[]).await;
    let reader = &technician.reader;
    collector.stop().await;
    let (store, copy) = (
        collector.data().join("store"),
        collector.scratch().join("copy"),
    );
    copied(&store, &copy).await;
    let mut logs = Vec::new();
    for name in ["one", "other"] {
        // Each time the same beginning, and then something else: what a collector does that shows two people two logs.
        collector.resume().await;
        collector.token(&["--uses", "2"]).await;
        let log = path(reader, name);
        let export = ["audit", "export", "test-practice", "--to", &log];
        reader.run(&export).await.expect();
        logs.push(log);
        collector.stop().await;
        std::fs::remove_dir_all(&store).expect("removed");
        copied(&copy, &store).await;
        std::fs::remove_file(collector.data().join("log-checkpoint")).expect("removed");
    }
    reader
        .run(&["audit", "compare", &logs[0], &logs[1]])
        .await
        .refused(&[
            "differ from entry",
            "two different logs",
            "signatures prove it",
        ]);
    let altered = std::fs::read_to_string(&logs[0]).expect("a log");
    let lines: Vec<&str> = altered.lines().collect();
    let cut = altered.replacen(&format!("{}\n", lines[3]), "", 1);
    std::fs::write(&logs[1], cut).expect("written");
    reader
        .run(&["audit", "compare", &logs[0], &logs[1]])
        .await
        .refused(&["not what its collector signed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_profile_stops_that_client_alone() {
    let here = TestCollector::start().await;
    let other = TestCollector::start().await;
    computer(&here, "reception", "office").await;
    let technician = Technician::of(&here, &[], &[]).await;
    let technician = technician
        .joined(&other, &[], &[], &["--name", "garage"])
        .await;
    let reader = &technician.reader;
    for file in ["identity", "client"] {
        let damaged = reader.config().join("clients/garage").join(file);
        let sound = std::fs::read(&damaged).expect("a file");
        std::fs::write(&damaged, b"\xff\xff nonsense").expect("damaged");
        let answer = reader.run(&["computers", "--json"]).await;
        assert_eq!(answer.code, 1, "{}", answer.errors);
        assert!(
            answer.errors.contains("keeps of garage is damaged"),
            "{}",
            answer.errors
        );
        let listed: Value = serde_json::from_str(&answer.output).expect("JSON");
        assert_eq!(listed["computers"][0]["name"], "reception", "{file}");
        assert_eq!(listed["unanswered"][0]["client"], "garage");
        let only = ["computers", "--client", "test-practice"];
        reader.run(&only).await.expect();
        std::fs::write(&damaged, sound).expect("mended");
    }
    reader.run(&["computers"]).await.expect();
    std::fs::write(reader.config().join("clients/garage/identity"), "x").expect("damaged");
    reader.run(&["forget", "garage"]).await.expect();
    reader.run(&["computers"]).await.expect();
}

#[tokio::test(flavor = "multi_thread")]
async fn findings_and_proposals_go_through_the_command_line() {
    let collector = TestCollector::start().await;
    computer(&collector, "reception", "office").await;
    computer(&collector, "surgery-secret", "surgery").await;
    // First: a password chosen with the console's code ends every session.
    let mut owner = signed_in(&collector).await;
    let technician = Technician::of(&collector, &["all@office"], &[]).await;
    let reader = &technician.reader;
    let found = eventually("findings", Duration::from_secs(30), async || {
        let found = reader.json(&["findings"]).await;
        let complete = found["unknown"].as_array()?.is_empty();
        complete.then_some(found)
    })
    .await;
    let rows = found["findings"].as_array().expect("findings");
    assert!(!rows.is_empty(), "{found}");
    assert!(rows.iter().all(|row| row["computer"] == "reception"));
    assert!(rows.iter().all(|row| row["why"] != "" && row["id"] != ""));
    let rules: Vec<&str> = rows.iter().filter_map(|row| row["rule"].as_str()).collect();
    let csv = reader.run(&["findings", "--csv"]).await.expect();
    assert!(csv.starts_with("client,severity,computer,"), "{csv}");
    let table = reader.run(&["findings"]).await.expect();
    assert!(table.starts_with("SEVERITY"), "{table}");
    // What rests on a section that is no longer shared is gone, the very next time.
    let narrow = ["grant", "change", "Acme IT", "--share", "system@office"];
    collector.run(&narrow).await.expect();
    let less = reader.json(&["findings"]).await;
    let left = less["findings"].as_array().expect("findings");
    assert!(left.len() < rules.len(), "{rules:?}: {less}");
    assert!(left.iter().all(|row| row["rule"] != "no-antivirus"));
    let wrong = ["grant", "change", "Acme IT", "--share", "everything"];
    collector.run(&wrong).await.refused(&["no section"]);
    collector
        .run(&["grant", "change", "Acme IT"])
        .await
        .refused(&["otherwise"]);

    let proposal = ["suggest", "reception", "--name", "Front desk"];
    reader.run(&proposal).await.expect();
    let both = [&proposal[..], &["--note", "x"]].concat();
    assert_eq!(reader.run(&both).await.code, 2, "one thing at a time");
    assert_eq!(reader.run(&["suggest", "reception"]).await.code, 2);
    reader
        .run(&["suggest", "surgery-secret", "--note", "x"])
        .await
        .refused(&["shared with you"]);
    reader
        .run(&["suggest", "reception", "--label", "a,b"])
        .await
        .refused(&["no comma"]);
    let before = collector.show("reception").await;
    assert_eq!(before["name"], "reception", "nothing until it is accepted");
    let list = owner.visit("/suggestions").await;
    assert!(list.text.contains("Front desk"), "{}", list.text);
    let accept = format!("/suggestions{}", between(&list, "action=\"/suggestions"));
    let token = list.hidden("form_token").expect("a form token");
    let mut guest = technician.browser.clone();
    let stolen = guest.submit(&accept, &[("form_token", &token)]).await;
    assert_eq!(
        stolen.status,
        StatusCode::FORBIDDEN,
        "guests decide nothing"
    );
    let accepted = owner.submit(&accept, &[("form_token", &token)]).await;
    assert!(accepted.status.is_redirection(), "{}", accepted.status);
    assert_eq!(collector.show("Front desk").await["name"], "Front desk");
    let log = reader.json(&["audit"]).await.to_string();
    assert!(log.contains("accepted what was proposed"), "{log}");
    let verdict = collector.json(&["audit", "verify"]).await;
    assert_eq!(verdict["intact"], true, "{verdict}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_shell_is_told_how_to_complete_the_commands() {
    let reader = Reader::new();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = reader.run(&["completion", shell]).await.expect();
        for word in ["findings", "suggest", "whoami"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    assert_eq!(reader.run(&["completion", "cobol"]).await.code, 2);
    let file = reader.scratch().join("freehold.bash");
    let script = reader.run(&["completion", "bash"]).await.expect();
    std::fs::write(&file, script).expect("written");
    let mut command = tokio::process::Command::new("bash");
    command.arg("-n").arg(&file);
    Answer::of(command).await.expect();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_ended_after_the_backup_stays_out_when_it_is_restored() {
    let mut collector = TestCollector::start().await;
    let mut first = signed_in(&collector).await;
    let page = first.visit("/settings/owners").await;
    let token = page.hidden("form_token").expect("a form token");
    let person = [
        ("form_token", token.as_str()),
        ("name", "B. Partner"),
        ("email", "b@practice.example"),
    ];
    let made = first.submit("/settings/owners", &person).await;
    let link = between(&made, "<code id=\"invitation\">").to_owned();
    let (_, invitation) = link.split_once("/invitation/").expect("a link");
    let mut second = collector.browser();
    let chosen = [("password", PASSWORD), ("again", PASSWORD)];
    let accepted = second
        .submit(&format!("/invitation/{invitation}"), &chosen)
        .await;
    assert!(accepted.status.is_redirection(), "{}", accepted.text);
    let unused = first
        .submit(
            "/settings/owners",
            &[
                ("form_token", token.as_str()),
                ("name", "C. Third"),
                ("email", "c@practice.example"),
            ],
        )
        .await;
    let unused = between(&unused, "<code id=\"invitation\">").to_owned();
    for supplier in ["Acme IT", "Old IT"] {
        let create = ["grant", "create", supplier];
        collector.run(&create).await.expect();
    }
    let backup = collector.scratch().join("b.freehold-backup");
    let backup = backup.to_str().expect("a path");
    collector.run(&["backup", "--to", backup]).await.expect();

    collector.run(&["grant", "revoke", "Old IT"]).await.expect();
    let settings = second.visit("/settings").await;
    let token = settings.hidden("form_token").expect("a form token");
    let end = between(&settings, "href=\"/settings/owners/").to_owned();
    let end = format!("/settings/owners/{end}");
    let ended = second.submit(&end, &[("form_token", &token)]).await;
    assert!(ended.status.is_redirection(), "{}", ended.text);
    assert!(first.visit("/settings").await.status.is_redirection());

    restored(&mut collector, backup).await;
    let state = async |supplier: &str| {
        let grant = collector.json(&["grant", "show", supplier]).await;
        grant["state"].as_str().expect("a state").to_owned()
    };
    assert_eq!(state("Old IT").await, "REVOKED");
    assert_eq!(state("Acme IT").await, "SUSPENDED");
    let mut browser = collector.browser();
    let by_email = [("email", "b@practice.example"), ("password", PASSWORD)];
    let signed_in = browser.submit("/sign-in", &by_email).await;
    assert!(signed_in.status.is_redirection(), "{}", signed_in.text);
    let owners = browser.visit("/settings").await;
    assert!(owners.text.contains("B. Partner") && !owners.text.contains("Olivia"));
    let (_, unused) = unused.split_once("/invitation/").expect("a link");
    let void = collector
        .browser()
        .visit(&format!("/invitation/{unused}"))
        .await;
    assert_eq!(
        void.status,
        StatusCode::NOT_FOUND,
        "invitations are made anew"
    );
}

/// Restores a backup in the place of what there is.
async fn restored(collector: &mut TestCollector, backup: &str) {
    collector.stop().await;
    std::fs::remove_dir_all(collector.data().join("store")).expect("removed");
    let kit = collector.data().join("owner-kit");
    let kit = kit.to_str().expect("a path");
    let restore = collector.command(&["restore", "--from", backup, "--owner-kit", kit]);
    let passphrase = format!("{}\n", collector.passphrase());
    Answer::with_input(restore, &passphrase).await.expect();
    collector.resume().await;
}

/// Copies a directory with everything in it.
async fn copied(from: &std::path::Path, to: &std::path::Path) {
    let mut command = tokio::process::Command::new("cp");
    command.arg("-a").arg(from).arg(to);
    Answer::of(command).await.expect();
}
