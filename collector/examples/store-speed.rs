//! Measures the store alone: durable reports a second, then how long it takes to open it after a clean stop
//! and after a crash. Arguments: machines (default 10000), versions of each section (default 3).

#![allow(clippy::unwrap_used)]

#[path = "../tests/store/mod.rs"]
mod store;

use std::{path::Path, time::Instant};

use freehold_collector::{
    id::{Digest, MachineId},
    store::{
        Options, Store, StoreError,
        backup::Contents,
        record::{ChangeRecord, MachineRecord, PresenceRecord, VersionRecord},
    },
};
use freehold_proto::v1::section::Kind;
use store::Dice;

const KINDS: [Kind; 6] = [
    Kind::System,
    Kind::Hardware,
    Kind::Software,
    Kind::Antivirus,
    Kind::Accounts,
    Kind::Network,
];
/// Tasks that report at the same time.
const TASKS: u64 = 64;
/// Compressed bytes of a section, on average: a first full report of 1,000 packages is about 50 kB.
const BODY: usize = 8_000;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .map(|argument| argument.parse::<u64>());
    let machines = arguments.next().and_then(Result::ok).unwrap_or(10_000);
    let versions = arguments.next().and_then(Result::ok).unwrap_or(3);
    let temporary = tempfile::tempdir_in(".").unwrap();
    let dir = temporary.path().join("data/store");
    let store = Store::create(&dir, &Options::default()).unwrap();

    let started = Instant::now();
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let store = store.clone();
            let mine = machines / TASKS + u64::from(task < machines % TASKS);
            tokio::spawn(async move {
                let mut dice = Dice::new(task);
                for _ in 0..mine {
                    let id = MachineId::random();
                    for sequence in 1..=versions {
                        report(&store, id, sequence, &mut dice).await.unwrap();
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let took = started.elapsed().as_secs_f64();
    let reports = machines * versions;
    let found = store.statistics().unwrap();
    println!("reports of 6 sections, durable   {reports:>10}");
    println!(
        "reports a second                 {:>10.0}",
        reports as f64 / took
    );
    println!(
        "groups a second                  {:>10.0}",
        found.sequence as f64 / took
    );
    println!("records                          {:>10}", found.records);
    println!(
        "megabytes on disk                {:>10}",
        found.bytes / 1_000_000
    );
    println!("megabytes resident               {:>10}", resident());

    let started = Instant::now();
    let one = MachineId::random();
    let mut dice = Dice::new(999);
    for sequence in 1..=100 {
        report(&store, one, sequence, &mut dice).await.unwrap();
    }
    println!(
        "one report after another, ms     {:>10.2}",
        started.elapsed().as_secs_f64() * 10.0
    );

    let crashed = temporary.path().join("crashed/store");
    store::copy(&dir, &crashed);
    let started = Instant::now();
    let backup = temporary.path().join("one.backup");
    let summary = store.backup(&backup, &Contents::default()).await.unwrap();
    println!(
        "backup, s                        {:>10.2}",
        started.elapsed().as_secs_f64()
    );
    println!(
        "backup, megabytes                {:>10}",
        summary.bytes / 1_000_000
    );
    let started = Instant::now();
    store.close().await;
    println!(
        "close, s                         {:>10.2}",
        started.elapsed().as_secs_f64()
    );
    time_open("open after a clean stop, s", &dir).await;
    time_open("open after a crash, s", &crashed).await;
}

async fn time_open(what: &str, dir: &Path) {
    let started = Instant::now();
    let store = Store::open(dir, &Options::default()).unwrap();
    println!("{what:<32} {:>10.2}", started.elapsed().as_secs_f64());
    println!("megabytes resident               {:>10}", resident());
    store.close().await;
}

async fn report(
    store: &Store,
    id: MachineId,
    sequence: u64,
    dice: &mut Dice,
) -> Result<(), Box<dyn std::error::Error>> {
    // A little of the body is random: making it all so would be what is measured.
    let bodies = KINDS.map(|kind| {
        let mut body = vec![kind as u8; BODY];
        body[..64].copy_from_slice(&dice.bytes(64));
        let mut frame = zstd::bulk::compress(&body, 1).unwrap_or_default();
        skippable(&mut frame);
        (kind, Digest::of(&body), frame, body.len() as u64)
    });
    store
        .write(move |txn| {
            let id_bytes = id.as_bytes().to_vec();
            txn.put_machine(
                id,
                &MachineRecord {
                    id: id_bytes,
                    ..Default::default()
                },
            );
            txn.put_presence(
                id,
                &PresenceRecord {
                    chain_counter: sequence,
                    ..Default::default()
                },
            );
            for (kind, digest, frame, size) in bodies {
                txn.put_body(&digest, frame, size)?;
                let version = VersionRecord {
                    kind: kind as u32,
                    digest: digest.0.to_vec(),
                    sequence,
                    collected_at: 1_700_000_000_000,
                    received_at: 1_700_000_000_000,
                    ..Default::default()
                };
                txn.put_version(id, &version)?;
            }
            for item in 0..5 {
                let change = ChangeRecord {
                    at: 1_700_000_000_000,
                    noun: "package".to_owned(),
                    item: format!("openssl{item}"),
                    summary: format!("package openssl{item} 3.0.11 -> 3.0.15"),
                    ..Default::default()
                };
                txn.put_change(id, &change)?;
            }
            Ok::<_, StoreError>(())
        })
        .await?;
    Ok(())
}

/// Makes a frame as long as real ones are, with one that decoders skip.
fn skippable(frame: &mut Vec<u8>) {
    let length = BODY.saturating_sub(frame.len() + 8) as u32;
    frame.extend_from_slice(&0x184D_2A50_u32.to_le_bytes());
    frame.extend_from_slice(&length.to_le_bytes());
    frame.resize(frame.len() + length as usize, 0);
}

/// This process's resident memory in megabytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok())
        .map_or(0, |kilobytes| kilobytes / 1_000)
}
