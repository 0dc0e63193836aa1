//! Who may change what stands at a path. Access control lists beyond the permission bits are not read.

use std::{
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use crate::probe::Root;

use super::super::owner::Owner;
use super::Who;

/// Most links followed from one name to the next.
const LINKS: usize = 8;

const STICKY: u32 = 0o1000;
const GROUP_WRITES: u32 = 0o020;
const OTHERS_WRITE: u32 = 0o002;

/// Who may change one file or the names in one folder, by its owner and permissions.
pub(super) fn of_bits(owner: Owner, uid: u32, gid: u32, mode: u32) -> Vec<Who> {
    let mut who = Vec::new();
    if !owner.is_user(uid) {
        who.push(Who::User(uid));
    }
    if mode & GROUP_WRITES != 0 && !owner.is_group(gid) {
        who.push(Who::Group(gid));
    }
    if mode & OTHERS_WRITE != 0 {
        who.push(Who::Everyone);
    }
    who
}

/// Who may change a file or folder itself; nobody when it does not exist or cannot be looked at.
pub(super) fn of_itself(root: &Root, path: &Path) -> Vec<Who> {
    match root.metadata(path) {
        Ok(metadata) => of_bits(
            Owner::of(root),
            metadata.uid(),
            metadata.gid(),
            metadata.mode(),
        ),
        Err(_) => Vec::new(),
    }
}

/// Who may change or replace the program at a path: by the file, by a folder on the way to it, or by
/// where a link leads. Each once, with the path that lets them.
pub(super) fn of_program(root: &Root, path: &str) -> Vec<(Who, PathBuf)> {
    let mut found: Vec<(Who, PathBuf)> = Vec::new();
    let owner = Owner::of(root);
    let mut path = PathBuf::from(path);
    for _ in 0..LINKS {
        // A program that does not exist is none; who may put one there is another matter.
        if !root
            .metadata(&path)
            .is_ok_and(|metadata| metadata.is_file())
        {
            break;
        }
        for (depth, place) in path.ancestors().enumerate() {
            let Ok(metadata) = root.metadata(place) else {
                continue;
            };
            // In a sticky folder only the owner of a file may replace it.
            let shared = depth > 0 && metadata.mode() & STICKY != 0;
            let mode = if shared {
                metadata.mode() & !(GROUP_WRITES | OTHERS_WRITE)
            } else {
                metadata.mode()
            };
            for who in of_bits(owner, metadata.uid(), metadata.gid(), mode) {
                if !found.iter().any(|(other, _)| *other == who) {
                    found.push((who, place.to_owned()));
                }
            }
        }
        match root.read_link(&path) {
            Ok(target) => path = path.parent().unwrap_or(Path::new("/")).join(target),
            Err(_) => break,
        }
    }
    found
}
