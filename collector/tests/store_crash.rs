//! A store whose process is killed at any moment holds everything that was acknowledged.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod store;

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use freehold_collector::{
    clock::Clock,
    id::{Digest, MachineId},
    store::{Read, Store, Thoroughness, backup::Contents},
};
use freehold_proto::v1::section::Kind;
use store::{Dice, options, report};

const ROUNDS: u64 = 12;

#[tokio::test(flavor = "multi_thread")]
async fn everything_acknowledged_survives_kills_at_random_moments() {
    let seed = Dice::fresh_seed();
    println!("seed {seed}");
    let mut dice = Dice::new(seed);
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("data/store");
    Store::create(&dir, &options()).unwrap().close().await;
    let mut acknowledged: BTreeMap<MachineId, (u64, Digest)> = BTreeMap::new();
    for round in 0..ROUNDS {
        let lines = run_and_kill(&dir, Duration::from_millis(30 + dice.below(400)));
        for line in &lines {
            let (id, sequence, digest) = parse(line);
            acknowledged.insert(id, (sequence, digest));
        }
        let store = Store::open(&dir, &options()).unwrap();
        for (id, (sequence, digest)) in &acknowledged {
            let place = format!("seed {seed}, round {round}, machine {id}");
            let current = store
                .current(*id, Kind::Software)
                .unwrap()
                .unwrap_or_else(|| panic!("{place}: it is gone"));
            assert!(
                current.sequence >= *sequence,
                "{place}: a later version is gone"
            );
            if current.sequence == *sequence {
                assert_eq!(current.digest, digest.0, "{place}: another body");
            }
            let digest = Digest::from_slice(&current.digest).unwrap();
            assert_eq!(Digest::of(&store.body(&digest).unwrap()), digest, "{place}");
        }
        store.check_bodies().unwrap();
        store.close().await;
    }
    println!(
        "{} machines acknowledged over {ROUNDS} kills",
        acknowledged.len()
    );
    assert!(
        acknowledged.len() as u64 >= ROUNDS,
        "the child committed next to nothing"
    );
}

/// Starts a process that commits, kills it, and answers what it had acknowledged.
fn run_and_kill(dir: &Path, after: Duration) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_that_commits", "--ignored", "--nocapture"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(child.stdin.take().unwrap(), "{}", dir.display()).unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let started = lines
        .by_ref()
        .map(Result::unwrap)
        .any(|line| line == "ready");
    assert!(started, "the child did not start");
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
    lines
        .map(Result::unwrap)
        .filter_map(|line| line.strip_prefix("acknowledged ").map(str::to_owned))
        // The last line may be cut in the middle.
        .filter(|line| line.ends_with('.'))
        .collect()
}

fn parse(line: &str) -> (MachineId, u64, Digest) {
    let mut words = line.trim_end_matches('.').split(' ');
    let id = words.next().unwrap().parse().unwrap();
    let sequence: u64 = words.next().unwrap().parse().unwrap();
    let seed: u64 = words.next().unwrap().parse().unwrap();
    (id, sequence, Digest::of(&body(seed)))
}

fn body(seed: u64) -> Vec<u8> {
    let mut dice = Dice::new(seed);
    let length = 100 + dice.below(20_000) as usize;
    dice.bytes(length)
}

/// Not a test: what [`run_and_kill`] runs. Several tasks report, while history is forgotten and a backup is
/// made.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "started by everything_acknowledged_survives_kills_at_random_moments"]
async fn child_that_commits() {
    let mut dir = String::new();
    std::io::stdin().lock().read_line(&mut dir).unwrap();
    let dir = Path::new(dir.trim());
    if dir.as_os_str().is_empty() {
        return;
    }
    let store = Store::open(dir, &options()).unwrap();
    println!("\nready");
    let tasks: Vec<_> = (0..4)
        .map(|_| tokio::spawn(commit_forever(store.clone())))
        .collect();
    let backup = dir.with_file_name(format!("{}.backup", Dice::fresh_seed()));
    loop {
        store.reclaim(Thoroughness::Complete).await.unwrap();
        store.forget_old(Clock::system().now()).await.unwrap();
        if !backup.exists() {
            store.backup(&backup, &Contents::default()).await.unwrap();
        }
        assert!(
            tasks.iter().all(|task| !task.is_finished()),
            "a task broke off"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn commit_forever(store: Store) {
    let id = MachineId::random();
    let mut dice = Dice::new(Dice::fresh_seed());
    for sequence in 1.. {
        let seed = dice.next();
        report(&store, id, sequence, body(seed)).await.unwrap();
        println!("acknowledged {id} {sequence} {seed}.");
    }
}
