//! The program itself: killed, stopped, asked how it is, run under a service manager.

use std::{
    os::unix::{net::UnixDatagram, process::CommandExt as _},
    path::Path,
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::fake::{Collector, source::Machine};

const PROGRAM: &str = env!("CARGO_BIN_EXE_freehold-agent");

fn settings(machine: &Machine) -> std::path::PathBuf {
    let path = machine.state().join("agent.toml");
    let text = format!("state_directory = '{}'\n", machine.state().display());
    std::fs::write(&path, text).unwrap();
    path
}

fn start(settings: &Path, variables: &[(&str, &str)]) -> Child {
    Command::new(PROGRAM)
        .arg("run")
        .arg("--config")
        .arg(settings)
        .envs(variables.iter().copied())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .unwrap()
}

fn terminate(child: &Child) {
    let process = rustix::process::Pid::from_child(child);
    rustix::process::kill_process(process, rustix::process::Signal::TERM).unwrap();
}

async fn status(settings: &Path) -> Output {
    let mut command = Command::new(PROGRAM);
    command.args(["status", "--json", "--config"]).arg(settings);
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

#[tokio::test]
async fn sigkill_at_any_moment_breaks_neither_the_chain_nor_the_positions() {
    let collector = Collector::start().await;
    let machine = Machine::new();
    machine.join(&collector.join_string()).await.unwrap();
    let settings = settings(&machine);
    for round in 0..8 {
        let mut agent = start(&settings, &[]);
        tokio::time::sleep(Duration::from_millis(150 + 130 * round)).await;
        agent.kill().unwrap();
        agent.wait().unwrap();
    }
    let before = collector.script().check_ins.len();
    let mut agent = start(&settings, &[]);
    collector
        .until("all sections", |script| {
            script.check_ins.len() > before + 1 && script.current.len() == 8
        })
        .await;
    agent.kill().unwrap();
    agent.wait().unwrap();

    let script = collector.script();
    let mut last = (0, Vec::new());
    for (_, check_in) in &script.check_ins {
        let link = check_in.chain.clone().unwrap();
        if link.counter == last.0 {
            assert_eq!(link.next, last.1, "repeated unchanged");
        } else {
            assert_eq!((link.counter - 1, link.previous), last);
            last = (link.counter, link.next);
        }
    }
    let mut bodies = std::collections::HashMap::new();
    for (_, header, _) in &script.uploads {
        let known = bodies.insert(header.sequence, header.digest.clone());
        assert!(
            known.is_none_or(|known| known == header.digest),
            "a position given twice"
        );
    }
}

fn told_until_stopping(manager: &UnixDatagram) -> Vec<String> {
    let mut told = Vec::<String>::new();
    let mut buffer = [0; 256];
    while told.last().is_none_or(|last| last != "STOPPING=1") {
        let Ok(length) = manager.recv(&mut buffer) else {
            break;
        };
        told.push(String::from_utf8_lossy(&buffer[..length]).trim().to_owned());
    }
    told
}

#[tokio::test]
async fn a_service_manager_is_told_and_the_program_stops_in_seconds() {
    let collector = Collector::start().await;
    let machine = Machine::new();
    machine.join(&collector.join_string()).await.unwrap();
    let settings = settings(&machine);
    let socket = machine.state().join("notify");
    let manager = UnixDatagram::bind(&socket).unwrap();
    manager
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    // Read all the time, as a service manager does: who tells it something waits for room.
    let told = thread::spawn(move || told_until_stopping(&manager));
    let socket = socket.to_str().unwrap();
    let mut agent = start(
        &settings,
        &[("NOTIFY_SOCKET", socket), ("WATCHDOG_USEC", "400000")],
    );
    collector
        .until("a report", |script| !script.uploads.is_empty())
        .await;

    let running = status(&settings).await;
    assert!(running.status.success());
    let running: serde_json::Value = serde_json::from_slice(&running.stdout).unwrap();
    assert_eq!(running["running"], true);

    let asked = Instant::now();
    terminate(&agent);
    let code = agent.wait().unwrap();
    assert!(
        asked.elapsed() < Duration::from_secs(5),
        "{:?}",
        asked.elapsed()
    );
    assert_eq!(code.code(), Some(0));

    let told = told.join().unwrap();
    assert!(told.contains(&"READY=1".to_owned()), "{told:?}");
    assert!(told.contains(&"WATCHDOG=1".to_owned()), "{told:?}");
    assert_eq!(told.last().unwrap(), "STOPPING=1");

    let stopped: serde_json::Value =
        serde_json::from_slice(&status(&settings).await.stdout).unwrap();
    assert_eq!(stopped["running"], false);
    assert_eq!(stopped["state"], "reporting");
}

#[tokio::test]
async fn two_agents_never_share_an_identity() {
    let collector = Collector::start().await;
    let mut machine = Machine::reporting_to(&collector).await;
    let settings = settings(&machine);
    let mut command = Command::new(PROGRAM);
    command.args(["run", "--config"]).arg(&settings);
    let second = tokio::task::spawn_blocking(move || command.output().unwrap());
    let second = second.await.unwrap();
    assert_eq!(second.status.code(), Some(1));
    let message = String::from_utf8(second.stderr).unwrap();
    assert!(
        message.contains("another agent is already running"),
        "{message}"
    );
    machine.stop().await;
}

#[tokio::test]
async fn a_damaged_identity_ends_the_service_and_stands_in_its_status() {
    let collector = Collector::start().await;
    let machine = Machine::new();
    machine.join(&collector.join_string()).await.unwrap();
    std::fs::write(machine.state().join("identity"), "FHA1 no more").unwrap();
    let settings = settings(&machine);
    let mut command = Command::new(PROGRAM);
    command.args(["run", "--config"]).arg(&settings);
    command.env("NOTIFY_SOCKET", machine.state().join("systemd"));
    let ended = tokio::task::spawn_blocking(move || command.output().unwrap());
    let ended = ended.await.unwrap();
    // Its unit does not start it again in vain.
    assert_eq!(ended.status.code(), Some(78));
    let told = String::from_utf8(ended.stderr).unwrap();
    assert!(told.contains("join again with a new join string"), "{told}");
    let status: serde_json::Value =
        serde_json::from_slice(&status(&settings).await.stdout).unwrap();
    let trouble = status["last_error"]["message"].as_str().unwrap();
    assert!(trouble.contains("is damaged"), "{trouble}");
}
