//! Antivirus products in every state: the real ClamAV of the distribution, and stand-ins for products that
//! cannot be had.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use freehold_tests::{
    Agent, TestCollector, World, eventually,
    process::{Answer, Process, agent_program},
};
use serde_json::Value;
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(20);

/// What is promised for a change of antivirus.
const PROMISED: Duration = Duration::from_secs(5);

/// A computer with ClamAV, its settings and signatures, in a world of its own.
struct ClamAv {
    place: TempDir,
    world: World,
    daemon: Option<Process>,
}

impl ClamAv {
    fn new() -> Option<Self> {
        if !Path::new("/usr/sbin/clamd").exists() {
            eprintln!("NOT TESTED: ClamAV's daemon is not installed (clamav-daemon)");
            return None;
        }
        let place = tempfile::tempdir().expect("a directory");
        for folder in ["settings", "signatures", "watched"] {
            fs::create_dir(place.path().join(folder)).expect("a folder");
        }
        // The daemon gives up root's rights for none of this.
        fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).expect("rights");
        let path = |name: &str| place.path().join(name);
        let settings = format!(
            "LocalSocket {}\nPidFile {}\nDatabaseDirectory /var/lib/clamav\nUser root\nForeground yes\n\
             OnAccessIncludePath {}\nOnAccessPrevention no\nOnAccessExcludeUname clamav\n",
            path("socket").display(),
            path("pid").display(),
            path("watched").display(),
        );
        fs::write(path("settings/clamd.conf"), settings).expect("settings");
        let world = World::new(&[
            (&path("settings"), "/etc/clamav"),
            (&path("signatures"), "/var/lib/clamav"),
        ])?;
        Some(Self {
            place,
            world,
            daemon: None,
        })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// Makes signatures of our own with ClamAV's tool, in its container and as plain text.
    fn make_signatures(&self) {
        let place = self.path("made");
        fs::create_dir(&place).expect("a folder");
        let signature = "Freehold.Test:0:*:667265656f6c642d74657374\n";
        fs::write(place.join("freehold.ndb"), signature).expect("a signature");
        fs::write(place.join("COPYING"), "made by a test\n").expect("a file");
        let status = std::process::Command::new("sigtool")
            .args(["--build=freehold.cud", "--unsigned", "--cvd-version=7"])
            .arg(format!("--datadir={}", place.display()))
            .env("SIGNDUSER", "freehold")
            .current_dir(&place)
            .stdin(Stdio::null())
            .output()
            .expect("sigtool");
        assert!(status.status.success(), "{status:?}");
        for name in ["freehold.cud", "freehold.ndb"] {
            fs::copy(place.join(name), self.path("signatures").join(name)).expect("a copy");
        }
    }

    /// Starts the real daemon and waits until it answers.
    async fn start(&mut self) {
        let mut command = self.world.command("/usr/sbin/clamd");
        command.arg("--config-file=/etc/clamav/clamd.conf");
        self.daemon = Some(Process::start(command));
        let (socket, pid) = (self.path("socket"), self.path("pid"));
        let both = async || (socket.exists() && pid.exists()).then_some(());
        eventually("clamd listens", PATIENCE, both).await;
    }

    /// Kills the daemon by the number it wrote down.
    async fn kill(&mut self) {
        let pid = fs::read_to_string(self.path("pid")).expect("its number");
        let mut command = self.world.command("kill");
        command.args(["-9", pid.trim()]);
        Answer::of(command).await.expect();
        let mut daemon = self.daemon.take().expect("it runs");
        daemon.ended(PATIENCE).await;
    }

    async fn product(&self) -> Value {
        let section = section(&self.world, "antivirus").await;
        let products = section["products"].as_array().expect("products");
        let named = |product: &&Value| product["name"] == "ClamAV";
        products.iter().find(named).expect("ClamAV").clone()
    }
}

/// A section as the agent sees it in a world.
async fn section(world: &World, name: &str) -> Value {
    let mut command = world.command(agent_program());
    command.args(["snapshot", "--section", name, "--format", "json"]);
    let output = Answer::of(command).await.expect();
    serde_json::from_str::<Value>(&output).expect("JSON")["sections"][name].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn clamav_is_seen_in_every_state() {
    let Some(mut clamav) = ClamAv::new() else {
        return;
    };
    clamav.make_signatures();
    clamav.start().await;
    let product = clamav.product().await;
    assert_eq!(product["running_mode"], "ACTIVE", "{product}");
    assert_eq!(product["real_time_protection"], "OFF");
    assert_eq!(product["signature_version"], "freehold 7, 1 other file");
    assert_eq!(product["signatures_current"], "ON");
    let said = std::process::Command::new("clamd")
        .arg("--version")
        .output()
        .expect("clamd");
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let engine = product["engine_version"].as_str().expect("a version");
    assert!(
        said.starts_with(&format!("ClamAV {engine}")),
        "{said}: {engine}"
    );

    let mut watcher = clamav.world.command("/usr/sbin/clamonacc");
    watcher.args([
        "--foreground",
        "--fdpass",
        "--config-file=/etc/clamav/clamd.conf",
    ]);
    let mut watcher = Process::start(watcher);
    let on = async || (clamav.product().await["real_time_protection"] == "ON").then_some(());
    if watcher.is_running() {
        eventually("checking on access is seen", PATIENCE, on).await;
    } else {
        eprintln!("NOT TESTED: this kernel does not let clamonacc watch files (fanotify)");
    }
    drop(watcher);

    // A number left behind by a daemon that was killed proves nothing.
    clamav.kill().await;
    assert!(clamav.path("pid").exists());
    let product = clamav.product().await;
    assert_eq!(product["running_mode"], "STOPPED", "{product}");
    assert_eq!(product["real_time_protection"], "OFF");

    fs::write(
        clamav.path("signatures/freehold.cud"),
        "<html>not found</html>",
    )
    .expect("damage");
    fs::remove_file(clamav.path("signatures/freehold.ndb")).expect("damage");
    let product = clamav.product().await;
    let problem = product["problem"].as_str().expect("a problem");
    assert!(
        problem.contains("freehold.cud is no ClamAV database"),
        "{problem}"
    );
    assert!(problem.contains("there are no signatures"), "{problem}");
    assert_eq!(product["signatures_current"], "OFF");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_antivirus_is_in_the_timeline_within_seconds() {
    let Some(mut clamav) = ClamAv::new() else {
        return;
    };
    clamav.make_signatures();
    clamav.start().await;
    let collector = TestCollector::start().await;
    let agent = Agent::new(collector.scratch());
    agent.join(&collector.token(&[]).await).await.expect();
    let mut running = Process::start(clamav.world.inside(&agent.command(&["run"])));
    let id = collector.only_machine().await;
    let mode = |machine: &Value, mode: &str| {
        let products = machine["sections"]["antivirus"]["products"].as_array()?;
        let clamav = products
            .iter()
            .find(|product| product["name"] == "ClamAV")?;
        (clamav["running_mode"] == mode).then_some(())
    };
    let active = |machine: &Value| mode(machine, "ACTIVE");
    collector.shows(&id, "ClamAV runs", PATIENCE, active).await;

    clamav.kill().await;
    let began = Instant::now();
    let stopped = |machine: &Value| mode(machine, "STOPPED");
    collector
        .shows(&id, "ClamAV does not run", PROMISED, stopped)
        .await;
    let noticed = began.elapsed();
    let changes = collector.changes(&id).await;
    let told =
        |change: &String| change.starts_with("antivirus ClamAV") && change.contains("stopped");
    assert!(changes.iter().any(told), "{changes:?}");

    let began = Instant::now();
    fs::write(clamav.path("signatures/freehold.cud"), "damaged").expect("damage");
    let damaged = |machine: &Value| {
        let products = machine["sections"]["antivirus"]["products"].as_array()?;
        let problem = products.first()?["problem"].as_str()?;
        problem.contains("is no ClamAV database").then_some(())
    };
    collector
        .shows(&id, "the damage is told", PROMISED, damaged)
        .await;
    println!(
        "end of the daemon noticed after {} ms, damage after {} ms",
        noticed.as_millis(),
        began.elapsed().as_millis()
    );
    running.kill().await;
    // What runs in the world ends with it, and before the collector looks for what was left running.
    drop(clamav);
}

/// A world with a product that is a script of ours in the product's place, and a process with its name.
struct StandIn {
    world: World,
    _place: TempDir,
    _process: Process,
}

impl StandIn {
    fn new(script: &str) -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            eprintln!("NOT TESTED: only root can put a program where a product's would be");
            return None;
        }
        let place = tempfile::tempdir().expect("a directory");
        fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).expect("rights");
        let path = |name: &str| place.path().join(name);
        let program = path("kaspersky/kesl/bin/kesl-control");
        fs::create_dir_all(program.parent().expect("a folder")).expect("folders");
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).expect("a script");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("rights");
        // Copied by another process: what is open for writing, here or in a child that inherited it, cannot run.
        let copied = std::process::Command::new("cp")
            .arg("/bin/sleep")
            .arg(path("kesl"))
            .status();
        assert!(copied.expect("cp").success());
        let world = World::new(&[(place.path(), "/opt")])?;
        let mut process = world.command("/opt/kesl");
        process.arg("300");
        Some(Self {
            _process: Process::start(process),
            world,
            _place: place,
        })
    }

    async fn look(&self) -> (Value, Value) {
        eventually("the product's process runs", PATIENCE, async || {
            let mut names = self.world.command("sh");
            names.args(["-c", "cat /proc/[0-9]*/comm"]);
            let names = Answer::of(names).await.output;
            names.lines().any(|name| name == "kesl").then_some(())
        })
        .await;
        let began = Instant::now();
        let section = section(&self.world, "antivirus").await;
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "{:?}",
            began.elapsed()
        );
        let products = section["products"].as_array().expect("products");
        let named = |product: &&Value| product["vendor"] == "Kaspersky";
        let product = products.iter().find(named).expect("the product").clone();
        (section, product)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_is_asked_by_its_own_program() {
    let Some(stand_in) = StandIn::new(
        "[ \"$1\" = --app-info ] && [ $# = 1 ] && [ -z \"$CARGO\" ] || exit 1\n\
         echo 'Version: 11.2.0.4528'; echo 'File Threat Protection: Available and running'\n\
         echo 'Application databases loaded: No'; echo 'License expiration date: 2020-01-02'",
    ) else {
        return;
    };
    let (section, product) = stand_in.look().await;
    assert_eq!(section["status"], "COMPLETE", "{section}");
    assert_eq!(product["version"], "11.2.0.4528");
    assert_eq!(product["running_mode"], "ACTIVE");
    assert_eq!(product["real_time_protection"], "ON");
    assert_eq!(
        product["problem"],
        "Application databases loaded: No; its licence has ended"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_whose_program_misbehaves_is_listed_and_the_failure_is_told() {
    for (script, expected) in [
        ("sleep 60", "gave no answer within 5 seconds"),
        ("head -c 1073741824 /dev/zero", "answered with more than"),
        ("echo '<html>'", "answers nothing that is understood"),
        ("exit 7", "it fails without a word"),
    ] {
        let Some(stand_in) = StandIn::new(script) else {
            return;
        };
        let (section, product) = stand_in.look().await;
        assert_eq!(section["status"], "PARTIAL", "{script}");
        assert_eq!(product["running_mode"], "ACTIVE", "{script}");
        assert_eq!(product["real_time_protection"], "UNKNOWN", "{script}");
        let notes = section["diagnostics"].to_string();
        assert!(
            notes.contains("/opt/kaspersky/kesl/bin/kesl-control"),
            "{notes}"
        );
        assert!(notes.contains(expected), "{script}: {notes}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_others_could_replace_is_not_run() {
    let Some(stand_in) = StandIn::new("echo 'Version: 666'") else {
        return;
    };
    let mut open = stand_in.world.command("chmod");
    open.args(["o+w", "/opt/kaspersky/kesl/bin"]);
    Answer::of(open).await.expect();
    let (section, product) = stand_in.look().await;
    assert_eq!(product["version"], "");
    let notes = section["diagnostics"].to_string();
    assert!(
        notes.contains("can be changed by others than root"),
        "{notes}"
    );
}
