//! What happens to a collector's data on Windows when its surroundings fail: refused in a sentence, never lost.

use std::{fs, path::PathBuf};

use freehold_agent::identity::JoinString;
use freehold_tests::{
    Inventory, Machine, Wine, damage,
    disk::{SmallDisk, fill, report_until_full},
    eventually,
    process::{Answer, Process},
    wine::seen_from_wine,
    wire::Target,
};
use serde_json::Value;

use super::{
    APPEARS,
    collector::{COLLECTOR, PROGRAM, SERVICE, collector, stop},
};

/// A collector that is run by hand, on data somewhere on its drives.
struct ByHand<'a> {
    wine: &'a Wine,
    /// As Windows names it.
    data: &'static str,
    /// The same folder, seen from here.
    folder: PathBuf,
}

impl ByHand<'_> {
    async fn make(&self) {
        self.ask(&["init", "--name", "Practice"]).await.expect();
        let settings = "addresses = [\"collector.invalid:7443\"]\n";
        fs::write(self.folder.join("collector.toml"), settings).expect("written settings");
    }

    async fn ask(&self, words: &[&str]) -> Answer {
        let data = ["--data", self.data];
        collector(self.wine, &[words, &data].concat()).await
    }

    fn start(&self) -> Process {
        let anywhere = [
            "--listen",
            "127.0.0.1:0",
            "--dashboard-listen",
            "127.0.0.1:0",
        ];
        let words = [&["serve", "--data", self.data][..], &anywhere].concat();
        let program = seen_from_wine(&self.wine.file(PROGRAM));
        Process::start(self.wine.command(&program, &words).into())
    }

    async fn address(&self, process: &mut Process) -> String {
        process.expect_line("Agents", APPEARS).await
    }

    /// A computer that joins it.
    async fn machine(&self, address: &str, name: &str) -> Machine {
        let line = self.ask(&["token", "create"]).await.expect();
        let join = JoinString {
            addresses: vec![address.to_owned()],
            ..line.trim().parse().expect("a join string")
        };
        let target = Target::new(address.parse().expect("an address"));
        Machine::join(target, &join, name).await.expect("it joins")
    }

    async fn show(&self, machine: &Machine) -> Value {
        let shown = self.ask(&["machine", "show", &machine.id, "--json"]).await;
        serde_json::from_str(&shown.expect()).expect("JSON")
    }
}

/// Its program, without a service.
async fn unpacked() -> Wine {
    let wine = Wine::new();
    assert_eq!(COLLECTOR.installer(&wine, "/i", "0.1.0", &[]).await, 0);
    wine.expect_service(SERVICE, "RUNNING").await;
    stop(&wine).await;
    wine
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the MSI and Wine; tests/run windows runs it"]
async fn whatever_file_is_damaged_it_serves_everything_or_says_what_restores_it() {
    let wine = unpacked().await;
    let by_hand = ByHand {
        wine: &wine,
        data: r"C:\kept",
        folder: wine.file("kept"),
    };
    by_hand.make().await;
    let mut process = by_hand.start();
    let address = by_hand.address(&mut process).await;
    let mut machine = by_hand.machine(&address, "kept").await;
    let sections = Inventory::small(1).sections();
    machine.report(&sections).await.expect("reports");
    process.kill().await;
    damage::each(&by_hand.folder, &wine.file("sound"), async |what: &str| {
        let mut process = by_hand.start();
        if damage::serves_in_spite_of(&mut process, what).await {
            let shown = by_hand.show(&machine).await;
            let packages = shown["sections"]["software"]["packages"].as_array();
            let packages = packages.map(Vec::len);
            assert_eq!(packages, Some(12), "{what}: it serves, but not everything");
            process.kill().await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the MSI and Wine; tests/run windows runs it"]
async fn a_full_disk_refuses_reports_keeps_reading_and_recovers() {
    let folder = tempfile::tempdir().expect("a directory");
    let Some(disk) = SmallDisk::mount(&folder.path().join("small"), "400m") else {
        return;
    };
    let wine = unpacked().await;
    wine.add_drive("f", disk.path());
    let by_hand = ByHand {
        wine: &wine,
        data: r"F:\kept",
        folder: disk.path().join("kept"),
    };
    by_hand.make().await;
    let mut process = by_hand.start();
    let address = by_hand.address(&mut process).await;
    let mut machine = by_hand.machine(&address, "crowded").await;
    let mut inventory = Inventory::new(1);
    let sections = inventory.sections();
    machine
        .report(&sections)
        .await
        .expect("while there is room");

    let rest = disk.path().join("rest");
    fill(&rest);
    let acknowledged = report_until_full(&mut machine, &mut inventory).await;
    assert_eq!(
        by_hand.show(&machine).await["state"],
        "ACTIVE",
        "reads go on"
    );

    fs::remove_file(&rest).expect("room again");
    let shown = by_hand.show(&machine).await.to_string();
    let kept = acknowledged == 0 || shown.contains(&format!("99.{acknowledged}"));
    assert!(kept, "{acknowledged} is lost");
    inventory.upgrade_a_package();
    eventually("reports are accepted again", APPEARS, async || {
        machine.report(&inventory.sections()).await.ok()
    })
    .await;
    process.kill().await;
}
