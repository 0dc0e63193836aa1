use std::fs;

use freehold_proto::v1::section::Kind;
use tokio::time::timeout;

use super::*;

const ACCOUNTS: Subject = Subject::Section(Kind::Accounts);

async fn watch(place: &std::path::Path) -> Watch {
    let mut watch = Watch::new(&Root::at(place));
    assert_eq!(watch.rearm().await, [], "all is looked at anyway");
    watch
}

async fn next(watch: &mut Watch) -> Option<Vec<Subject>> {
    timeout(Duration::from_millis(600), watch.changed())
        .await
        .ok()
}

#[tokio::test]
async fn a_replaced_file_and_a_new_file_are_noticed_and_reading_is_not() {
    let place = tempfile::tempdir().unwrap();
    let etc = place.path().join("etc");
    fs::create_dir_all(etc.join("sudoers.d")).unwrap();
    fs::write(etc.join("passwd"), "one").unwrap();
    let mut watch = watch(place.path()).await;

    fs::read(etc.join("passwd")).unwrap();
    fs::write(etc.join("ld.so.cache"), "x").unwrap();
    assert_eq!(next(&mut watch).await, None);

    fs::write(etc.join("passwd+"), "two").unwrap();
    fs::rename(etc.join("passwd+"), etc.join("passwd")).unwrap();
    assert_eq!(next(&mut watch).await, Some(vec![ACCOUNTS]));

    fs::write(etc.join("sudoers.d/anna"), "x").unwrap();
    assert_eq!(next(&mut watch).await, Some(vec![ACCOUNTS]));
}

#[tokio::test]
async fn a_folder_that_comes_goes_and_comes_back_is_noticed_each_time() {
    let place = tempfile::tempdir().unwrap();
    let keys = place.path().join("root/.ssh");
    let mut watch = watch(place.path()).await;
    for _ in 0..2 {
        // Two levels at once: the upper one shows first.
        fs::create_dir_all(&keys).unwrap();
        assert_eq!(next(&mut watch).await, Some(vec![ACCOUNTS]));
        fs::write(keys.join("authorized_keys"), "x").unwrap();
        assert_eq!(next(&mut watch).await, Some(vec![ACCOUNTS]));
        fs::remove_dir_all(place.path().join("root")).unwrap();
        assert_eq!(next(&mut watch).await, Some(vec![ACCOUNTS]));
        assert_eq!(next(&mut watch).await, None);
    }
}

#[tokio::test]
async fn a_folder_that_is_replaced_is_watched_and_the_old_one_is_not() {
    let place = tempfile::tempdir().unwrap();
    let rules = place.path().join("etc/sudoers.d");
    fs::create_dir_all(&rules).unwrap();
    let mut watch = watch(place.path()).await;
    let old = place.path().join("old");
    fs::rename(&rules, &old).unwrap();
    fs::create_dir(&rules).unwrap();
    assert_eq!(next(&mut watch).await, Some(vec![ACCOUNTS]));
    while next(&mut watch).await.is_some() {}

    fs::write(old.join("anna"), "x").unwrap();
    assert_eq!(next(&mut watch).await, None);
    fs::write(rules.join("anna"), "x").unwrap();
    assert_eq!(next(&mut watch).await, Some(vec![ACCOUNTS]));
}

#[tokio::test]
async fn the_folder_of_keys_of_a_new_administrator_is_followed_before_it_exists() {
    let place = tempfile::tempdir().unwrap();
    fs::create_dir_all(place.path().join("home/anna")).unwrap();
    let mut watch = watch(place.path()).await;
    watch.follow(vec![Place::folder("/home/anna/.ssh".into(), ACCOUNTS)]);
    assert_eq!(watch.rearm().await, []);

    let keys = place.path().join("home/anna/.ssh");
    fs::create_dir(&keys).unwrap();
    assert_eq!(next(&mut watch).await, Some(vec![ACCOUNTS]));
    fs::write(keys.join("authorized_keys"), "x").unwrap();
    assert_eq!(next(&mut watch).await, Some(vec![ACCOUNTS]));

    watch.follow(Vec::new());
    watch.rearm().await;
    fs::write(keys.join("authorized_keys"), "y").unwrap();
    assert_eq!(next(&mut watch).await, None);
}

#[tokio::test]
async fn a_package_database_that_is_only_read_does_not_look_changed() {
    let place = tempfile::tempdir().unwrap();
    let directory = place.path().join("var/lib/rpm");
    fs::create_dir_all(&directory).unwrap();
    let database = directory.join("rpmdb.sqlite");
    fs::write(&database, "x").unwrap();
    let mut watch = watch(place.path()).await;

    // rpm opens it for writing when root only asks.
    drop(fs::OpenOptions::new().append(true).open(&database).unwrap());
    fs::write(directory.join(".rpm.lock"), "").unwrap();
    assert_eq!(next(&mut watch).await, None);
    fs::write(&database, "y").unwrap();
    let noticed = next(&mut watch).await.unwrap();
    assert!(noticed.contains(&Subject::Section(Kind::Software)));
}

#[tokio::test]
async fn after_more_changes_than_the_kernel_remembers_everything_is_looked_at() {
    let limit = fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap();
    let limit: usize = limit.trim().parse().unwrap();
    if limit > 100_000 {
        println!("NOT TESTED: this kernel remembers {limit} events");
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let etc = place.path().join("etc");
    fs::create_dir_all(&etc).unwrap();
    let mut watch = watch(place.path()).await;
    fs::write(etc.join("a"), "").unwrap();
    for _ in 0..=limit / 4 {
        // Four events, none of which matters.
        fs::rename(etc.join("a"), etc.join("b")).unwrap();
        fs::rename(etc.join("b"), etc.join("a")).unwrap();
    }
    let noticed = watch.changed().await;
    for kind in crate::probe::KINDS {
        assert!(noticed.contains(&Subject::Section(kind)), "{kind:?}");
    }
}
