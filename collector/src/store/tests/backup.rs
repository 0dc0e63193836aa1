//! Promises about backups.

use std::{fs, os::unix::fs::PermissionsExt};

use age::secrecy::ExposeSecret;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::{
    clock::Clock,
    store::backup::{
        BackupError, Backups, Contents, EXTENSION, Restoration, RestoreError, Schedule, restore,
    },
};

fn restoration(from: &Path, dir: &Path) -> Restoration {
    Restoration {
        from: from.to_owned(),
        dir: dir.to_owned(),
        identity: None,
    }
}

#[tokio::test]
async fn a_restored_store_is_what_it_was_when_backed_up() {
    let (temporary, dir) = directory();
    let store = Store::create(&dir, &Options::default()).unwrap();
    let id = MachineId::random();
    report(&store, id, vec![7; 50_000], 1).await;
    let authority = temporary.path().join("authority");
    fs::create_dir(&authority).unwrap();
    fs::write(authority.join("root"), "root").unwrap();
    fs::write(authority.join("revoked"), "one").unwrap();
    let to = temporary.path().join("one.backup");
    let contents = Contents {
        beside: vec!["authority".to_owned()],
        recipient: None,
    };
    let summary = store.backup(&to, &contents).await.unwrap();
    assert_eq!(summary.bytes, fs::metadata(&to).unwrap().len());
    assert_eq!(
        fs::metadata(&to).unwrap().permissions().mode() & 0o777,
        0o600
    );
    report(&store, id, vec![8; 50_000], 2).await;
    store.close().await;

    let elsewhere = temporary.path().join("new/store");
    fs::create_dir_all(temporary.path().join("new/authority")).unwrap();
    fs::write(temporary.path().join("new/authority/revoked"), "one, two").unwrap();
    let restored = restore(&restoration(&to, &elsewhere)).unwrap();
    assert_eq!(restored.records, summary.records);
    assert_eq!(
        fs::read_to_string(temporary.path().join("new/authority/root")).unwrap(),
        "root"
    );
    assert_eq!(
        restored.kept,
        [temporary.path().join("new/authority/revoked")]
    );
    let store = Store::open(&elsewhere, &Options::default()).unwrap();
    assert_eq!(
        store.current(id, Kind::Software).unwrap().unwrap().sequence,
        1
    );
    assert_eq!(
        store.body(&Digest::of(&vec![7; 50_000])).unwrap(),
        vec![7; 50_000]
    );
    report(&store, id, vec![9; 50_000], 2).await;
}

#[tokio::test]
async fn a_backup_overwrites_nothing() {
    let (temporary, dir) = directory();
    let store = Store::create(&dir, &Options::default()).unwrap();
    let to = temporary.path().join("precious");
    fs::write(&to, "precious").unwrap();
    let refused = store.backup(&to, &Contents::default()).await;
    assert!(matches!(refused, Err(BackupError::Exists { .. })));
    assert_eq!(fs::read_to_string(&to).unwrap(), "precious");
}

#[tokio::test]
async fn a_broken_backup_is_refused_wherever_it_is_broken() {
    let (temporary, dir) = directory();
    let store = Store::create(&dir, &Options::default()).unwrap();
    report(&store, MachineId::random(), vec![7; 500], 1).await;
    let to = temporary.path().join("one.backup");
    store.backup(&to, &Contents::default()).await.unwrap();
    let whole = fs::read(&to).unwrap();
    let elsewhere = temporary.path().join("elsewhere");
    for at in (0..whole.len()).step_by(97) {
        let mut changed = whole.clone();
        changed[at] ^= 0x10;
        for broken in [&changed, &whole[..at].to_vec()] {
            fs::write(&to, broken).unwrap();
            let refused = restore(&restoration(&to, &elsewhere));
            assert!(
                matches!(refused, Err(RestoreError::NotWhole { .. })),
                "byte {at}"
            );
            assert!(!elsewhere.exists(), "byte {at}");
        }
    }
}

#[tokio::test]
async fn an_encrypted_backup_needs_its_key() {
    let (temporary, dir) = directory();
    let store = Store::create(&dir, &Options::default()).unwrap();
    let secret = b"the body nobody else may read".repeat(30);
    report(&store, MachineId::random(), secret.clone(), 1).await;
    let identity = age::x25519::Identity::generate();
    let contents = Contents {
        beside: Vec::new(),
        recipient: Some(identity.to_public().to_string()),
    };
    let to = temporary.path().join("one.backup");
    store.backup(&to, &contents).await.unwrap();
    let file = fs::read(&to).unwrap();
    assert!(
        !file.windows(10).any(|window| window == b"packs/0000"),
        "names are legible"
    );
    let elsewhere = temporary.path().join("elsewhere");
    let mut restoration = restoration(&to, &elsewhere);
    assert!(matches!(
        restore(&restoration),
        Err(RestoreError::Encrypted { .. })
    ));
    let other = age::x25519::Identity::generate().to_string();
    restoration.identity = Some(SecretString::from(other.expose_secret()));
    assert!(matches!(
        restore(&restoration),
        Err(RestoreError::Identity { .. })
    ));
    let right = identity.to_string();
    restoration.identity = Some(SecretString::from(right.expose_secret()));
    restore(&restoration).unwrap();
    let store = Store::open(&elsewhere, &Options::default()).unwrap();
    assert_eq!(store.body(&Digest::of(&secret)).unwrap(), secret);
    let refused = store
        .backup(
            &temporary.path().join("two"),
            &Contents {
                recipient: Some("nobody".to_owned()),
                ..Contents::default()
            },
        )
        .await;
    assert!(matches!(refused, Err(BackupError::Recipient { .. })));
}

#[tokio::test]
async fn restoring_moves_a_damaged_store_aside_and_leaves_a_whole_one_alone() {
    let (temporary, dir) = directory();
    let store = Store::create(&dir, &Options::default()).unwrap();
    let id = MachineId::random();
    report(&store, id, vec![7; 500], 1).await;
    let to = temporary.path().join("one.backup");
    store.backup(&to, &Contents::default()).await.unwrap();
    let busy = restore(&restoration(&to, &dir));
    assert!(matches!(
        busy,
        Err(RestoreError::Open(OpenError::Locked { .. }))
    ));
    store.close().await;
    let whole = restore(&restoration(&to, &dir));
    assert!(matches!(whole, Err(RestoreError::Occupied { .. })));
    fs::remove_file(dir.join("packs/000001.pack")).unwrap();
    let summary = restore(&restoration(&to, &dir)).unwrap();
    assert!(summary.set_aside.unwrap().join("witness").exists());
    let store = Store::open(&dir, &Options::default()).unwrap();
    assert_eq!(
        store.current(id, Kind::Software).unwrap().unwrap().sequence,
        1
    );
}

#[tokio::test]
async fn scheduled_backups_are_made_when_due_and_the_oldest_removed() {
    let (temporary, dir) = directory();
    let store = Store::create(&dir, &Options::default()).unwrap();
    let folder = temporary.path().join("backups");
    let mut schedule = Schedule::daily(&folder);
    schedule.keep = 2;
    let (clock, backups, shutdown) = (
        Clock::system(),
        Backups::default(),
        CancellationToken::new(),
    );
    fs::create_dir(&folder).unwrap();
    let mine = folder.join(format!("mine.{EXTENSION}"));
    fs::write(&mine, "mine").unwrap();
    let abandoned = folder.join(format!("collector-20200101T000000Z.{EXTENSION}.part"));
    fs::write(&abandoned, "half").unwrap();
    let running = tokio::spawn(schedule.run(
        store.clone(),
        clock.clone(),
        backups.clone(),
        shutdown.clone(),
    ));
    for _ in 0..4 {
        let before = backups.last();
        while backups.last() == before {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            assert_eq!(backups.failure(), None);
        }
        clock.advance(std::time::Duration::from_secs(25 * 60 * 60));
    }
    shutdown.cancel();
    running.await.unwrap();
    let scheduled = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("collector-"))
        .count();
    assert_eq!(scheduled, 2);
    assert!(mine.exists(), "someone else's file was removed");
    assert!(!abandoned.exists());
}
