//! The answers are written from the makers' documentation and from other inventory programs' knowledge of
//! them; none was recorded. The programs are stand-ins: scripts that misbehave as the test says.

use std::{fs, os::unix::fs::PermissionsExt as _};

use freehold_proto::v1::{
    antivirus::{Product, product::RunningMode},
    section::Status,
    toggle::State,
};
use tempfile::TempDir;

use super::*;
use crate::probe::antivirus::linux::{catalogue::CATALOGUE, told};

fn entry(name: &str) -> &'static Entry {
    CATALOGUE.iter().find(|entry| entry.name == name).unwrap()
}

/// A running product that answered so, each question in turn; what is wrong with it, and the notes.
fn product(name: &str, answers: &[&str]) -> (Product, Vec<String>, Diagnostics) {
    let entry = entry(name);
    let mut diagnostics = Diagnostics::new();
    let mut product = Product {
        running_mode: RunningMode::Active.into(),
        real_time_protection: State::Unknown.into(),
        ..Product::default()
    };
    let understood = entry
        .questions
        .iter()
        .zip(answers)
        .filter_map(|(question, answer)| {
            let facts = understand(entry, question, answer.as_bytes(), &mut diagnostics)?;
            Some((question, facts))
        });
    let answer: Answer = understood.collect();
    let problems = told::take_over(&answer, &mut product, &mut diagnostics);
    (product, problems, diagnostics)
}

const DEFENDER: &str = "Microsoft Defender for Endpoint";

fn defender(passive: &str, real_time: &str) -> String {
    format!(
        r#"{{"appVersion":"101.24032.0007","engineVersion":"1.1.24030.4","definitionsVersion":"1.409.54.0",
        "definitionsUpdated":1711689841123,"definitionsStatus":{{"$type":"upToDate"}},
        "realTimeProtectionEnabled":{{"value":{real_time},"source":"local"}},"realTimeProtectionAvailable":true,
        "passiveModeEnabled":{{"value":{passive}}},"tamperProtection":{{"value":"block"}},
        "productExpiration":1900000000000,"licensed":true,"healthIssues":[],"healthy":true}}"#
    )
}

#[test]
fn defender_tells_engine_signatures_protection_and_expiry() {
    let (product, problems, diagnostics) = product(DEFENDER, &[&defender("false", "true")]);
    assert_eq!(product.version, "101.24032.0007");
    assert_eq!(product.engine_version, "1.1.24030.4");
    assert_eq!(product.signature_version, "1.409.54.0");
    assert_eq!(product.signatures_at.unwrap().seconds, 1_711_689_841);
    assert_eq!(product.signatures_current(), State::On);
    assert_eq!(product.real_time_protection(), State::On);
    assert_eq!(product.tamper_protection(), State::On);
    assert_eq!(product.running_mode(), RunningMode::Active);
    assert_eq!(product.licence_expires_at.unwrap().seconds, 1_900_000_000);
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(diagnostics.status(true), Status::Complete);
}

#[test]
fn passive_mode_is_told_whatever_the_other_switches_say() {
    let (product, _, _) = product(DEFENDER, &[&defender("true", "true")]);
    assert_eq!(product.running_mode(), RunningMode::Passive);
}

#[test]
fn what_ails_a_product_is_told_in_its_words() {
    let answer = r#"{"healthy":false,"healthIssues":["no license found"],"licensed":false}"#;
    let (_, problems, _) = product(DEFENDER, &[answer]);
    assert_eq!(
        problems,
        [
            "healthy: false",
            "healthIssues: no license found",
            "licensed: false"
        ]
    );
    let (product, problems, _) = product(
        "CrowdStrike Falcon",
        &["rfm-state=true, version = 7.05.16004.0.\n"],
    );
    assert_eq!(product.version, "7.05.16004.0");
    assert_eq!(problems, ["rfm-state: true"]);
}

#[test]
fn values_of_another_type_are_unknown_and_noted() {
    let answer = r#"{"realTimeProtectionEnabled":7,"passiveModeEnabled":[],"definitionsUpdated":"soon",
        "definitionsStatus":{"$type":{"x":1}},"healthIssues":{},"healthy":true}"#;
    let (product, problems, diagnostics) = product(DEFENDER, &[answer]);
    assert_eq!(product.real_time_protection(), State::Unknown);
    assert_eq!(product.signatures_current(), State::Unspecified);
    assert_eq!(product.signatures_at, None);
    assert_eq!(product.running_mode(), RunningMode::Active);
    assert_eq!(problems, Vec::<String>::new());
    let positions: Vec<_> = diagnostics
        .clone()
        .finish()
        .into_iter()
        .map(|it| it.position)
        .collect();
    assert_eq!(
        positions,
        [
            "realTimeProtectionEnabled",
            "passiveModeEnabled",
            "definitionsUpdated"
        ]
    );
    assert_eq!(diagnostics.status(true), Status::Partial);
}

#[test]
fn garbage_is_noted_and_nothing_is_taken_from_it() {
    for garbage in [
        "<html>",
        "\0\u{1}\u{2}",
        "{\"healthy\":tr",
        "[]",
        "Segmentation fault",
        "",
    ] {
        let (product, problems, diagnostics) = product(DEFENDER, &[garbage]);
        assert_eq!(product.real_time_protection(), State::Unknown, "{garbage}");
        assert!(problems.is_empty());
        assert_eq!(diagnostics.status(true), Status::Partial, "{garbage}");
    }
}

#[test]
fn other_products_tell_in_their_own_ways() {
    let kaspersky = "Name: Kaspersky Endpoint Security 11.2 for Linux\nVersion: 11.2.0.4528\n\
        License expiration date: 2030-01-02\nLast release date of databases: 2021-12-07 03:11:00\n\
        Application databases loaded: Yes\nFile Threat Protection: Available and stopped\n";
    let (kesl, problems, _) = product("Kaspersky Endpoint Security for Linux", &[kaspersky]);
    assert_eq!(kesl.version, "11.2.0.4528");
    assert_eq!(kesl.real_time_protection(), State::Off);
    assert!(kesl.licence_expires_at.is_some() && kesl.signatures_at.is_some());
    assert!(problems.is_empty());

    let status = "Agent state                 Enabled\nProcess Name | PID\n";
    let (sentinel, _, _) = product("SentinelOne", &["Agent version: 23.1.2.9\n", status]);
    assert_eq!(sentinel.version, "23.1.2.9");
    assert_eq!(sentinel.real_time_protection(), State::On);

    let bitdefender = "Product Status:\n - Product version: 7.0.3.2248\n - Engines version: 7.95\n\
         - Antimalware status: On\n - New security content available: yes\n\
         - Last security content update: 2024-03-29 at 10:00:00\n";
    let (best, _, _) = product("Bitdefender Endpoint Security Tools", &[bitdefender]);
    assert_eq!(
        (best.engine_version.as_str(), best.signatures_current()),
        ("7.95", State::Off)
    );
    assert!(best.signatures_at.is_some());

    let trend = "Component.AM.mode: on\nComponent.AM.driverOffline: true\nComponent.AM.licenseExpiry: 1900000000\n";
    let (agent, problems, _) = product(
        "Trend Micro Deep Security Agent",
        &[trend, "AgentStatus.dsmUrl: https://dsm.example:4120/\n"],
    );
    assert_eq!(agent.real_time_protection(), State::On);
    assert_eq!(agent.managed_by, "https://dsm.example:4120/");
    assert_eq!(problems, ["Component.AM.driverOffline: true"]);

    let (symantec, _, _) = product(
        "Symantec Endpoint Protection",
        &["1.2\n", "01/02/24 rev. 3\n", "Malfunctioning\n"],
    );
    assert_eq!(symantec.signature_version, "01/02/24 rev. 3");
    assert_eq!(symantec.real_time_protection(), State::Off);

    let inactive = "Sophos Anti-Virus is active but on-access scanning is not running\n";
    let (sophos, _, _) = product(
        "Sophos Anti-Virus for Linux",
        &["Sophos Anti-Virus = 9.15.1\n", inactive],
    );
    assert_eq!(sophos.version, "9.15.1");
    assert_eq!(sophos.real_time_protection(), State::Off);
}

/// A stand-in for a product's program.
fn stand_in(script: &str) -> (TempDir, Command) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("program");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    // Run by name it would be "busy" while another test's new process still holds it open for writing.
    let mut command = Command::new("/bin/sh");
    command.arg(path);
    (directory, command)
}

#[test]
fn a_program_that_hangs_talks_without_end_or_fails_is_survived_and_named() {
    for (script, expected) in [
        ("sleep 60", "gave no answer within"),
        ("echo '{'; exec >&- 2>&-; sleep 60", "gave no answer within"),
        ("yes", "answered with more than"),
        ("head -c 1073741824 /dev/zero", "answered with more than"),
        (
            "echo 'error: not allowed' >&2; exit 1",
            "says \"error: not allowed\"",
        ),
        ("exit 3", "without a word"),
    ] {
        let (_directory, mut command) = stand_in(script);
        let began = Instant::now();
        let error = run(&mut command, Duration::from_secs(1)).unwrap_err();
        assert!(error.to_string().contains(expected), "{script}: {error}");
        assert!(began.elapsed() < Duration::from_secs(5), "{script}");
    }
}

#[test]
fn a_product_that_hangs_once_is_asked_nothing_else() {
    let several = |entry: &&Entry| {
        let programs = entry.questions.iter();
        let programs = programs.filter(|one| matches!(one.source, Source::Program(..)));
        programs.count() > 1
    };
    let entry = CATALOGUE.iter().find(several).unwrap();
    let (directory, root) = crate::probe::fixture::root_with(&[]);
    let mut asked = 0;
    let hang = |_: &str, _: &[&str]| {
        asked += 1;
        let (_directory, mut command) = stand_in("sleep 60");
        run(&mut command, Duration::from_millis(100))
    };
    let mut diagnostics = Diagnostics::new();
    let answer = ask_by(&root, entry, Some(hang), &mut diagnostics);
    assert_eq!((asked, answer.len()), (1, 0));
    assert_eq!(diagnostics.finish().len(), 1);
    drop(directory);
}

#[test]
fn a_product_that_is_stopped_stays_so_whatever_it_says_of_passive_mode() {
    let entry = entry(DEFENDER);
    let mut diagnostics = Diagnostics::new();
    let mut product = Product {
        running_mode: RunningMode::Stopped.into(),
        ..Product::default()
    };
    let question = &entry.questions[0];
    let said = defender("true", "true");
    let facts = understand(entry, question, said.as_bytes(), &mut diagnostics).unwrap();
    told::take_over(&vec![(question, facts)], &mut product, &mut diagnostics);
    assert_eq!(product.running_mode(), RunningMode::Stopped);
}

#[test]
fn a_product_that_answers_and_exits_with_a_failure_is_heard() {
    let (_directory, mut command) = stand_in("echo 'healthy: false'; exit 1");
    assert_eq!(
        run(&mut command, Duration::from_secs(5)).unwrap(),
        b"healthy: false\n"
    );
}

#[test]
fn a_program_that_others_could_replace_is_not_run_and_that_is_said() {
    // The folder for temporary files is everybody's.
    let (directory, _) = stand_in("touch /tmp/never");
    let path = directory.path().join("program");
    let path = path.to_str().unwrap();
    let mut diagnostics = Diagnostics::new();
    let outcome = speak(path, &[], Duration::from_secs(1));
    assert_eq!(heard(path, outcome, &mut diagnostics), None);
    let note = &diagnostics.finish()[0];
    assert_eq!(note.source, path);
    assert!(note.reason.contains("so it is not run"), "{}", note.reason);
}

#[test]
fn an_answer_counts_until_something_about_the_product_changes() {
    let signs = |processes: &[u32]| Signs {
        processes: processes.to_vec(),
        files: vec![None, Some((1, 2, 3))],
    };
    let kept = Kept {
        product: DEFENDER,
        signs: signs(&[7]),
        at: Instant::now(),
        answer: Vec::new(),
        diagnostics: Diagnostics::new(),
    };
    assert!(kept.is_good(&signs(&[7])));
    assert!(!kept.is_good(&signs(&[8])));
    let old = Kept {
        at: Instant::now().checked_sub(KEPT).unwrap(),
        ..kept
    };
    assert!(!old.is_good(&signs(&[7])));
}
