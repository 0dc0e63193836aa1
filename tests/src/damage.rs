//! Damage done to a store, file by file, and how a collector has to take it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use crate::process::Process;

/// How long a collector may think about it.
const DECIDES: Duration = Duration::from_secs(30);

/// What can become of a file.
#[derive(Clone, Copy, Debug)]
pub enum Damage {
    /// Its second half is gone.
    Truncated,
    /// All that was in it is gone.
    Emptied,
    /// Some bytes in the middle are others.
    Overwritten,
    /// It is gone.
    Deleted,
}

impl Damage {
    const ALL: [Self; 4] = [
        Self::Truncated,
        Self::Emptied,
        Self::Overwritten,
        Self::Deleted,
    ];

    fn inflict(self, file: &Path) {
        let mut bytes = fs::read(file).expect("a file");
        let middle = bytes.len() / 2;
        match self {
            Self::Truncated => bytes.truncate(middle),
            Self::Emptied => bytes.clear(),
            Self::Overwritten => {
                let some = bytes.iter_mut().skip(middle).take(16);
                some.for_each(|byte| *byte ^= 0xff);
            }
            Self::Deleted => return fs::remove_file(file).expect("damage"),
        }
        fs::write(file, bytes).expect("damage");
    }
}

/// Has somebody look at a data directory with one file of its store damaged, for each file and each damage. `sound`:
/// where a copy of it is kept meanwhile.
pub async fn each(data: &Path, sound: &Path, mut look: impl AsyncFnMut(&str)) {
    copy(data, sound);
    for file in files(&data.join("store")) {
        let name = file.strip_prefix(data).expect("inside").display();
        for damage in Damage::ALL {
            copy(sound, data);
            damage.inflict(&file);
            look(&format!("{name} {damage:?}")).await;
        }
    }
    copy(sound, data);
}

/// Whether a collector that was started on damaged data serves. Otherwise it has refused, in a sentence that says what
/// restores it.
pub async fn serves_in_spite_of(process: &mut Process, what: &str) -> bool {
    let began = Instant::now();
    while process.is_running() && process.output().value("Agents").is_none() {
        assert!(
            began.elapsed() < DECIDES,
            "{what}: it neither serves nor refuses"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    if process.is_running() {
        return true;
    }
    let status = process.ended(DECIDES).await;
    let said = process.errors().all().join("\n");
    assert_eq!(status.code(), Some(1), "{what}: {said}");
    assert!(!said.contains("panicked"), "{what}: {said}");
    let tells = ["restore", "backup", "owner kit", "init"];
    let tells = tells.iter().any(|word| said.contains(word));
    assert!(tells, "{what}: no way out in: {said}");
    false
}

/// Every file of a folder.
fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).expect("a directory").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).status();
    assert!(copied.is_ok_and(|status| status.success()), "cp");
}
