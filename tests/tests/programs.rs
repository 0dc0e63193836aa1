//! The load and crash programs, small: they end well and print their tables.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use freehold_tests::process::Answer;
use tokio::process::Command;

async fn table(program: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(program);
    command.args(arguments);
    Answer::of(command).await.expect()
}

#[tokio::test]
async fn the_load_program_goes_through_all_its_steps() {
    let arguments = [
        "--machines",
        "30",
        "--seconds",
        "2",
        "--concurrency",
        "8",
        "--packages",
        "100",
    ];
    let table = table(env!("CARGO_BIN_EXE_swarm"), &arguments).await;
    for step in [
        "join",
        "first full report",
        "unchanged check-in",
        "a change on 1 %",
        "after a restart",
    ] {
        assert!(table.contains(step), "no '{step}' in:\n{table}");
    }
}

#[tokio::test]
async fn the_crash_program_finds_nothing_lost() {
    let arguments = ["--rounds", "3", "--machines", "3", "--longest", "800"];
    let table = table(env!("CARGO_BIN_EXE_crash"), &arguments).await;
    assert!(table.contains("power cuts of the collector"), "{table}");
}
