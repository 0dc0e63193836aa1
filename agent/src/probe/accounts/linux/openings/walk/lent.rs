//! What a program that runs with root's rights gives to whoever starts it.

use std::path::Path;

use freehold_proto::v1::{accounts::privilege::Mechanism, toggle::State};

use crate::probe::{Root, root::Scanned};

use super::super::super::owner::Owner;
use super::super::super::privilege::EVERYTHING;
use super::super::interpreters::is_interpreter;
use super::super::{Opening, Who, capabilities};

const REGULAR: u32 = 0o100_000;
const KIND: u32 = 0o170_000;
const SET_USER: u32 = 0o4000;
const SET_GROUP: u32 = 0o2000;
const EXECUTABLE: u32 = 0o111;

/// Programs that run as root wherever they belong, as in a copy of a system; they make nobody root.
const STANDARD: [&str; 16] = [
    "chage",
    "chfn",
    "chsh",
    "expiry",
    "fusermount",
    "fusermount3",
    "gpasswd",
    "mount",
    "newgrp",
    "passwd",
    "ping",
    "pkexec",
    "su",
    "sudo",
    "umount",
    "unix_chkpwd",
];

/// Longest program compared with a shell.
const SHELL_BYTES: u64 = 4 * 1024 * 1024;
const SHELLS: [&str; 4] = ["/bin/bash", "/bin/dash", "/bin/sh", "/usr/bin/zsh"];

/// Whether a file may lend rights, by its name and mode: set-user-id, set-group-id, or by its capabilities.
pub(super) fn is_worth_a_look(name: &[u8], mode: u32) -> bool {
    let lends = mode & (SET_USER | SET_GROUP) != 0;
    let runs_anything =
        || mode & EXECUTABLE != 0 && std::str::from_utf8(name).is_ok_and(is_interpreter);
    mode & KIND == REGULAR && (lends || runs_anything())
}

/// Whether a file still lends rights by its mode.
pub(in super::super) fn lends(mode: u32) -> bool {
    mode & KIND == REGULAR && mode & (SET_USER | SET_GROUP) != 0
}

/// What a file opens.
pub(super) fn opening(
    root: &Root,
    owner: Owner,
    path: &Path,
    scanned: &Scanned,
) -> Option<Opening> {
    let mode = scanned.mode.filter(|mode| mode & KIND == REGULAR)?;
    let text = path.to_string_lossy();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let set_user = mode & SET_USER != 0 && owner.is_user(scanned.uid);
    // With the group root whoever starts it.
    let set_group = mode & SET_GROUP != 0 && mode & 0o010 != 0 && owner.is_group(scanned.gid);
    if !set_user && !set_group {
        return (mode & EXECUTABLE != 0 && is_interpreter(&name))
            .then(|| capabilities::of_file(root, &text))
            .flatten();
    }
    let who = if mode & 0o001 != 0 {
        Who::Everyone
    } else if mode & 0o010 != 0 && !owner.is_group(scanned.gid) {
        Who::Group(scanned.gid)
    } else {
        return None;
    };
    let shell = is_interpreter(&name) || is_shell(root, path, scanned.length);
    if !shell && STANDARD.contains(&&*name) {
        return None;
    }
    let (scope, full_control) = given(set_user, shell);
    Some(Opening {
        mechanism: Mechanism::Setuid,
        who,
        step: text.clone().into_owned(),
        scope,
        conditions: Vec::new(),
        source: text.into_owned(),
        line: None,
        full_control,
    })
}

/// What a program gives that runs as root, or with root's group.
fn given(set_user: bool, shell: bool) -> (String, State) {
    match (set_user, shell) {
        (true, true) => (
            format!("{EVERYTHING}: a shell or interpreter that runs as root"),
            State::On,
        ),
        (true, false) => (
            "what the program does as root, which is not known".to_owned(),
            State::Unknown,
        ),
        (false, _) => (
            "what the program does with the group root, which is not known".to_owned(),
            State::Unknown,
        ),
    }
}

/// Whether a file is a shell of this machine under another name.
fn is_shell(root: &Root, path: &Path, length: u64) -> bool {
    let same_length = |shell: &&&str| {
        root.metadata(shell)
            .is_ok_and(|metadata| metadata.len() == length)
    };
    let candidates: Vec<_> = SHELLS.iter().filter(same_length).collect();
    if candidates.is_empty() {
        return false;
    }
    let Ok(bytes) = root.read_at_most(path, SHELL_BYTES) else {
        return false;
    };
    candidates.iter().any(|shell| {
        root.read_at_most(shell, SHELL_BYTES)
            .is_ok_and(|other| other == bytes)
    })
}
