//! What a newer program left, and what root would leave: refused in a sentence, and untouched.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::{MetadataExt as _, chown},
    path::{Path, PathBuf},
};

use freehold_tests::{Inventory, TestCollector, process::Answer};

/// Where the witness has its slots, and what a slot is: magic, the schema's version (4 bytes, little-endian), other
/// fields, and a hash over all of them.
const SLOTS: [usize; 2] = [0, 4096];
const SCHEMA: usize = 8;
const FIELDS: usize = 80;

/// Has a store say that a later program wrote it.
fn make_newer(store: &Path) {
    let path = store.join("witness");
    let mut bytes = fs::read(&path).expect("a witness");
    let mut altered = 0;
    for slot in SLOTS {
        let Some(slot) = bytes.get_mut(slot..slot + FIELDS + 32) else {
            continue;
        };
        let (fields, hash) = slot.split_at_mut(FIELDS);
        if blake3::hash(fields).as_bytes() == hash {
            fields[SCHEMA] += 1;
            hash.copy_from_slice(blake3::hash(fields).as_bytes());
            altered += 1;
        }
    }
    assert!(altered > 0, "no slot of the witness was understood");
    fs::write(path, bytes).expect("a witness");
}

type Contents = BTreeMap<PathBuf, (u32, Vec<u8>)>;

/// Every file below a directory: its owner and what it holds. The lock only notes which process had it last.
fn contents(directory: &Path) -> Contents {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(directory).expect("a directory").flatten() {
        let path = entry.path();
        let metadata = entry.metadata().expect("metadata");
        if metadata.is_dir() {
            found.extend(contents(&path));
        } else if metadata.is_file() && !path.ends_with("store/lock") {
            let bytes = fs::read(&path).expect("a file");
            found.insert(path, (metadata.uid(), bytes));
        }
    }
    found
}

/// Nothing below a directory is other than it was.
fn untouched(directory: &Path, before: &Contents, by: &str) {
    let after = contents(directory);
    let all: BTreeSet<&PathBuf> = before.keys().chain(after.keys()).collect();
    let other = all
        .into_iter()
        .filter(|path| before.get(*path) != after.get(*path));
    let other: Vec<&PathBuf> = other.collect();
    assert!(other.is_empty(), "{by} touched {other:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_newer_program_wrote_is_refused_by_every_command_and_stays_as_it_is() {
    let mut collector = TestCollector::start().await;
    let mut machine = collector.machine("kept").await;
    let sections = Inventory::small(1).sections();
    machine.report(&sections).await.expect("reports");
    let backup = collector.scratch().join("before.freehold-backup");
    let backup = backup.to_str().expect("a path").to_owned();
    collector.run(&["backup", "--to", &backup]).await.expect();
    collector.stop().await;
    make_newer(&collector.data().join("store"));
    let before = contents(&collector.data());

    let said = ["version 2 of the schema", "newer freehold-collector"];
    Answer::of(collector.serve()).await.refused(&said);
    untouched(&collector.data(), &before, "serve");

    let later = collector.scratch().join("later.freehold-backup");
    let to = ["backup", "--to", later.to_str().expect("a path")];
    collector.run(&to).await.refused(&["serve"]);
    assert!(!later.exists());
    untouched(&collector.data(), &before, "backup");

    let kit = collector.data().join("owner-kit");
    let kit = kit.to_str().expect("a path").to_owned();
    let restore = ["restore", "--from", &backup, "--owner-kit", &kit];
    let restored = Answer::with_input(collector.command(&restore), &collector.passphrase()).await;
    restored.refused(&said);
    untouched(&collector.data(), &before, "restore");

    // What the sentence advises: the older program's backup, in another place.
    let elsewhere = collector.scratch().join("elsewhere");
    let elsewhere = elsewhere.to_str().expect("a path").to_owned();
    let restore = [
        "restore",
        "--data",
        &elsewhere,
        "--from",
        &backup,
        "--owner-kit",
        &kit,
    ];
    let mut command = tokio::process::Command::new(freehold_tests::process::collector_program());
    command.args(restore);
    Answer::with_input(command, &collector.passphrase())
        .await
        .expect();
    untouched(&collector.data(), &before, "restore elsewhere");
}

/// A backup that is not encrypted, holds a manifest and nothing more, and says that a later program made it.
fn newer_backup() -> Vec<u8> {
    let manifest = [0x08, 2];
    let mut bytes = b"freehold backup\n\0".to_vec();
    bytes.extend(8_u16.to_le_bytes());
    bytes.extend(b"manifest");
    bytes.extend((manifest.len() as u32).to_le_bytes());
    bytes.extend(manifest);
    bytes.extend(0_u32.to_le_bytes());
    bytes.extend(0_u16.to_le_bytes());
    let hash = blake3::hash(&bytes);
    bytes.extend(hash.as_bytes());
    bytes
}

#[tokio::test]
async fn a_backup_of_a_newer_program_is_refused_and_makes_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let (backup, data) = (
        directory.path().join("newer.freehold-backup"),
        directory.path().join("data"),
    );
    fs::write(&backup, newer_backup()).expect("a file");
    let mut command = tokio::process::Command::new(freehold_tests::process::collector_program());
    let (data_path, backup_path) = (data.as_os_str(), backup.as_os_str());
    command.args([
        "restore".as_ref(),
        "--data".as_ref(),
        data_path,
        "--from".as_ref(),
        backup_path,
    ]);
    let said = ["version 2 of the schema", "newer freehold-collector"];
    Answer::of(command).await.refused(&said);
    assert!(!data.join("store").exists(), "{:?}", contents(&data));
}

#[tokio::test(flavor = "multi_thread")]
async fn root_leaves_nothing_that_the_collectors_own_user_could_not_read() {
    const NOBODY: u32 = 65534;
    let mut collector = TestCollector::start().await;
    collector.stop().await;
    let data = collector.data();
    let probe = collector.scratch().join("probe");
    fs::write(&probe, "").expect("a file");
    if chown(&probe, Some(NOBODY), Some(NOBODY)).is_err() {
        eprintln!("NOT TESTED: only root can give a directory to another user");
        return;
    }
    for path in contents(&data).into_keys().chain([
        data.clone(),
        data.join("store"),
        data.join("authority"),
        data.join("owner-kit"),
    ]) {
        chown(&path, Some(NOBODY), Some(NOBODY)).expect("another owner");
    }
    let before = contents(&data);
    let kit = data.join("owner-kit");
    let kit = kit.to_str().expect("a path");
    let commands: [&[&str]; 5] = [
        &["authority", "rotate"],
        &["authority", "replace"],
        &["authority", "replace", "--leaked"],
        &["authority", "recover", "--owner-kit", kit],
        &["restore", "--from", "/nowhere"],
    ];
    for command in commands {
        let name = ["root would leave", "same command as", "nobody"];
        collector.run(command).await.refused(&name);
        untouched(&data, &before, &format!("{command:?}"));
    }
}
