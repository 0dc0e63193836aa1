//! What the agent tells of a computer does not depend on the language that the computer is set to.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::ffi::OsString;

use freehold_tests::{
    locale,
    process::{Answer, agent_program},
};
use serde_json::Value;

async fn snapshot(environment: &[(String, OsString)]) -> Value {
    let mut command = tokio::process::Command::new(agent_program());
    command.args(["snapshot", "--format", "json"]);
    command.envs(environment.iter().cloned());
    let output = Answer::of(command).await.expect();
    serde_json::from_str::<Value>(&output).expect("JSON")["sections"].clone()
}

/// Where an i is not what a small I is, where a comma stands before decimals, and where nothing is ASCII.
#[tokio::test]
async fn whatever_language_a_computer_is_set_to_the_facts_are_the_same() {
    let folder = tempfile::tempdir().expect("a directory");
    let plain = [("LC_ALL".into(), "C".into())];
    for language in ["tr_TR", "de_DE", "ja_JP"] {
        let environment = locale::make(language, folder.path());
        let sections = snapshot(&environment).await;
        let sections = sections.as_object().expect("sections");
        assert_eq!(sections.len(), 8, "{language}");
        let mut differ = Vec::new();
        // What other tests do meanwhile changes things, too.
        for _ in 0..5 {
            let same = snapshot(&plain).await;
            let again = snapshot(&environment).await;
            let kinds = sections.keys();
            differ = kinds.filter(|kind| again[*kind] != same[*kind]).collect();
            if differ.is_empty() {
                break;
            }
        }
        assert!(differ.is_empty(), "{language}: {differ:?}");
    }
}
