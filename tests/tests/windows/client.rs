//! The ZIP of the command `freehold`.

use std::path::PathBuf;

use freehold_tests::{
    Inventory, TestCollector, Wine,
    process::Answer,
    reader::leading_here,
    technician::{accept, device_code, invited},
    wine::seen_from_wine,
};
use serde_json::Value;
use tokio::process::Command;

use super::package;

/// A device on which somebody has unpacked the ZIP.
struct Device {
    wine: Wine,
    program: String,
}

impl Device {
    async fn new() -> Self {
        let wine = Wine::new();
        let folder = wine.file("Program Files/Freehold");
        let mut unpack = Command::new("python3");
        unpack.args(["-m", "zipfile", "-e"]);
        unpack.arg(package("freehold-0.1.0.zip")).arg(&folder);
        Answer::of(unpack).await.expect();
        let program = seen_from_wine(&folder.join("freehold.exe"));
        Self { wine, program }
    }

    async fn run(&self, arguments: &[&str], input: &str) -> Answer {
        let command = self.wine.command(&self.program, arguments);
        Answer::with_input(command.into(), input).await
    }

    /// Where the person who works there has what belongs to programs on this computer alone.
    fn kept(&self) -> PathBuf {
        let people = std::fs::read_dir(self.wine.file("users")).expect("people");
        let mut folders = people.map(|person| person.expect("a person").path());
        let kept = folders.find(|folder| folder.join("AppData/Local/Freehold").exists());
        kept.expect("a folder for keys")
            .join("AppData/Local/Freehold")
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the ZIP and Wine; tests/run windows runs it"]
async fn the_command_line_keeps_its_keys_with_the_person_and_reads_what_is_shared() {
    let collector = TestCollector::start().await;
    let mut machine = collector.machine("reception").await;
    let sections = Inventory::small(1).sections();
    machine.report(&sections).await.expect("it reports");
    let device = Device::new().await;
    let nobody = device.run(&["computers"], "").await;
    nobody.refused(&["freehold accept"]);

    let mut browser = collector.browser();
    let invitation = invited(&collector, &["all"], &[]).await;
    accept(&mut browser, &invitation).await;
    let code = device_code(&mut browser).await;
    let code = leading_here(&collector, &code);
    let accepted = device.run(&["accept"], &format!("{code}\n")).await;
    accepted.expect();
    assert!(device.kept().join("clients").is_dir());

    let listed = device.run(&["computers", "--json"], "").await.expect();
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    assert_eq!(listed["computers"][0]["name"], "reception", "{listed}");
    let used = device.run(&["accept"], &format!("{code}\n")).await;
    used.refused(&["this code was used already"]);
}
