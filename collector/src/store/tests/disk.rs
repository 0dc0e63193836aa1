//! Promises about disks that are full or read-only. They need a small disk of their own, which only root can
//! mount; without that they say so and do nothing.

use std::{fs, process::Command};

use super::*;

const MIB: u64 = 1024 * 1024;

/// A small disk in memory; unmounted when dropped.
struct Disk {
    temporary: tempfile::TempDir,
}

impl Disk {
    fn mount(size: u64) -> Option<Self> {
        let temporary = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(temporary.path())
            .output()
            .is_ok_and(|output| output.status.success());
        if !mounted {
            println!("skipped: mounting a small disk takes root");
            return None;
        }
        Some(Self { temporary })
    }

    fn path(&self) -> &Path {
        self.temporary.path()
    }

    fn remount(&self, option: &str) {
        let done = Command::new("mount")
            .args(["-o", &format!("remount,{option}")])
            .arg(self.path())
            .status();
        assert!(done.unwrap().success());
    }

    /// Fills all that is left but some bytes.
    fn fill(&self, but: u64) {
        let left = file::free_bytes(self.path()).unwrap().saturating_sub(but);
        fs::write(self.path().join("filler"), vec![0; left as usize]).unwrap();
    }

    fn empty(&self) {
        fs::remove_file(self.path().join("filler")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

fn options() -> Options {
    Options {
        // Holds next to nothing: what is read is read from the disk, full as it is.
        cache_bytes: 64 * 1024,
        keep_free_bytes: 4 * MIB,
        reserve_bytes: 4 * MIB,
        ..Options::default()
    }
}

async fn try_report(store: &Store, id: MachineId, n: u64) -> Result<(), WriteError<StoreError>> {
    let mut body = vec![0; 200_000];
    blake3::Hasher::new()
        .update(&n.to_le_bytes())
        .finalize_xof()
        .fill(&mut body);
    let frame = zstd::bulk::compress(&body, 1).unwrap();
    store
        .write(move |txn| {
            txn.put_body(&Digest::of(&body), &frame, body.len() as u64)?;
            txn.put_version(id, &version(&body, n))
        })
        .await
}

/// Reports until the disk is full; answers how many reports were acknowledged.
async fn report_until_full(store: &Store, id: MachineId, from: u64) -> u64 {
    for n in from.. {
        match try_report(store, id, n).await {
            Ok(()) => {}
            Err(WriteError::Full { .. }) => return n - 1,
            Err(error) => panic!("report {n}: {error:?}"),
        }
    }
    0
}

fn assert_holds(store: &Store, id: MachineId, reports: u64) {
    let versions = store.versions(id, Kind::Software, usize::MAX).unwrap();
    assert!(
        versions.len() as u64 >= reports,
        "{} of {reports}",
        versions.len()
    );
    for version in versions {
        store
            .body(&Digest::from_slice(&version.digest).unwrap())
            .unwrap();
    }
}

#[tokio::test]
async fn a_full_disk_stops_reports_but_not_reading_nor_signing_in() {
    let Some(disk) = Disk::mount(40 * MIB) else {
        return;
    };
    let dir = disk.path().join("store");
    let store = Store::create(&dir, &options()).unwrap();
    let id = MachineId::random();
    let reports = report_until_full(&store, id, 1).await;
    assert!(reports > 50, "{reports}");
    assert!(store.statistics().unwrap().full);
    assert_holds(&store, id, reports);
    store
        .write_urgent(|txn| {
            txn.put_session(&Digest([1; 32]), &record::SessionRecord::default());
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
    disk.remount("size=60m");
    try_report(&store, id, reports + 1).await.unwrap();
    assert!(!store.statistics().unwrap().full);
}

/// Writes people, whose names take space in the engine alone, until the disk is full; answers how many were
/// acknowledged in all.
async fn add_people_until_full(store: &Store, from: u64) -> u64 {
    for n in from.. {
        let mut name = String::new();
        for word in 0..30 {
            name.push_str(
                &Digest::of(&[n.to_le_bytes(), u64::to_le_bytes(word)].concat()).to_string(),
            );
        }
        let mut id = [0; 16];
        id[..8].copy_from_slice(&n.to_le_bytes());
        let person = record::PersonRecord {
            name,
            ..Default::default()
        };
        let added = store
            .write(move |txn| {
                txn.put_person(&id, &person);
                Ok::<_, StoreError>(())
            })
            .await;
        match added {
            Ok(()) => {}
            Err(WriteError::Full { .. }) => return n,
            Err(error) => panic!("person {n}: {error:?}"),
        }
    }
    0
}

#[tokio::test]
async fn the_engine_survives_the_end_of_the_disk() {
    let Some(disk) = Disk::mount(60 * MIB) else {
        return;
    };
    let dir = disk.path().join("store");
    let reckless = Options {
        keep_free_bytes: 0,
        ..options()
    };
    let store = Store::create(&dir, &reckless).unwrap();
    let id = MachineId::random();
    let (mut reports, mut people) = (0, 0);
    for round in 0..8 {
        // Leaves too little for a pack, or for the engine, at a different point each time.
        disk.fill(50_000 + round * 150_000);
        if round % 2 == 0 {
            people = add_people_until_full(&store, people).await;
        } else {
            reports = report_until_full(&store, id, reports + 1).await;
        }
        assert_holds(&store, id, reports);
        assert!(store.people().unwrap().len() as u64 >= people);
        assert!(!store.statistics().unwrap().failed, "round {round}");
        disk.empty();
        reports += 1;
        try_report(&store, id, reports).await.unwrap();
        assert_holds(&store, id, reports);
    }
    store.close().await;
    let store = Store::open(&dir, &reckless).unwrap();
    assert_holds(&store, id, reports);
    assert!(store.people().unwrap().len() as u64 >= people);
}

#[tokio::test]
async fn a_store_left_by_a_crash_opens_on_a_full_disk() {
    let Some(disk) = Disk::mount(40 * MIB) else {
        return;
    };
    let dir = disk.path().join("store");
    let store = Store::create(&dir, &options()).unwrap();
    let id = MachineId::random();
    try_report(&store, id, 1).await.unwrap();
    store.close().await;
    // Without a seal it looks as after a crash.
    fs::remove_file(dir.join("seal")).unwrap();
    disk.fill(0);
    let store = Store::open(&dir, &options()).unwrap();
    assert_holds(&store, id, 1);
    assert!(matches!(
        try_report(&store, id, 2).await,
        Err(WriteError::Full { .. })
    ));
    disk.empty();
    try_report(&store, id, 2).await.unwrap();
    assert!(store.statistics().unwrap().reserve_held);
}

#[tokio::test]
async fn a_read_only_disk_is_named() {
    let Some(disk) = Disk::mount(40 * MIB) else {
        return;
    };
    let dir = disk.path().join("store");
    Store::create(&dir, &options()).unwrap().close().await;
    disk.remount("ro");
    let error = Store::open(&dir, &options()).err().unwrap();
    assert!(error.to_string().starts_with("cannot open "), "{error}");
    assert!(
        error::chain(&error).contains("Read-only"),
        "{}",
        error::chain(&error)
    );
    let error = Store::create(&disk.path().join("other"), &options())
        .err()
        .unwrap();
    assert!(error.to_string().starts_with("cannot create "), "{error}");
}
