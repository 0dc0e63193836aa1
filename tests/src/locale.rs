//! Languages of computers.

use std::{ffi::OsString, fs, path::Path, process::Command};

/// Has the system's library make a locale, such as `tr_TR`, in a folder. Answers with what a program's environment needs
/// in order to be set to it.
pub fn make(locale: &str, folder: &Path) -> [(String, OsString); 2] {
    fs::create_dir_all(folder).expect("a directory");
    let name = format!("{locale}.UTF-8");
    let mut command = Command::new("localedef");
    command.args(["-i", locale, "-f", "UTF-8"]);
    let made = command.arg(folder.join(&name)).status();
    assert!(made.expect("localedef").success(), "no locale {name}");
    [
        ("LOCPATH".into(), folder.into()),
        ("LC_ALL".into(), name.into()),
    ]
}
