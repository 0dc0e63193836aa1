//! Things that should not be where a file is expected.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use rustix::fs::{CWD, FileType, Mode};

use super::super::tree::Tree;

/// Length of the sparse file: it takes no room, and reading it takes as much as if it did.
const HUGE: u64 = 1 << 30;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nasty {
    /// A pipe that nobody writes to.
    Fifo,
    /// A socket.
    Socket,
    /// A device that never ends: /dev/zero.
    Device,
    /// A link to itself.
    Loop,
    /// A file of 1 GiB.
    Huge,
    /// A folder.
    Folder,
    /// Bytes of no format.
    Noise,
    /// Lines that are no UTF-8.
    Latin,
}

impl Nasty {
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let all = [
            Self::Fifo,
            Self::Socket,
            Self::Device,
            Self::Loop,
            Self::Huge,
            Self::Folder,
            Self::Noise,
            Self::Latin,
        ];
        all.into_iter()
    }

    /// Whether no content at all can be had from it, whatever was expected.
    pub(super) fn is_unreadable(self) -> bool {
        matches!(self, Self::Fifo | Self::Loop | Self::Huge)
    }

    /// Puts it at a path; false where only root can.
    fn make(self, path: &Path) -> bool {
        let node =
            |kind, device| rustix::fs::mknodat(CWD, path, kind, Mode::from(0o600), device).is_ok();
        match self {
            Self::Fifo => return node(FileType::Fifo, 0),
            Self::Socket => return node(FileType::Socket, 0),
            Self::Device => return node(FileType::CharacterDevice, rustix::fs::makedev(1, 5)),
            Self::Loop => symlink(path.file_name().unwrap(), path).unwrap(),
            Self::Huge => fs::File::create(path).unwrap().set_len(HUGE).unwrap(),
            Self::Folder => fs::create_dir(path).unwrap(),
            Self::Noise => fs::write(path, noise()).unwrap(),
            Self::Latin => fs::write(
                path,
                b"M\xfcller=\xe4\n[\xf6]\n\xfc:\xfc:1:2:\xdf:/\xe4:/\xf6\n",
            )
            .unwrap(),
        }
        true
    }
}

/// 4 KiB that look random and are always the same.
fn noise() -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    (0..512).flat_map(|_| next()).collect()
}

/// A path of a tree with something nasty in its place, until dropped.
pub(super) struct Replaced {
    pub(super) nasty: Nasty,
    pub(super) was_file: bool,
    pub(super) was_folder: bool,
    place: PathBuf,
    /// Where what was there waits.
    aside: Option<PathBuf>,
    /// The first folder that had to be made.
    made: Option<PathBuf>,
}

impl Replaced {
    /// `None` where it cannot be made: below a file, or for root only.
    pub(super) fn new(tree: &Tree, path: &str, nasty: Nasty) -> Option<Self> {
        let place = tree.path(path);
        let metadata = fs::metadata(&place).ok();
        let there = fs::symlink_metadata(&place).is_ok();
        let made = first_missing(place.parent()?)?;
        fs::create_dir_all(place.parent()?).ok()?;
        let aside = there.then(|| tree.root().with_extension("aside"));
        if let Some(aside) = &aside {
            fs::rename(&place, aside).unwrap();
        }
        let replaced = Self {
            nasty,
            was_file: metadata.as_ref().is_some_and(fs::Metadata::is_file),
            was_folder: metadata.as_ref().is_some_and(fs::Metadata::is_dir),
            place,
            aside,
            made,
        };
        nasty.make(&replaced.place).then_some(replaced)
    }
}

/// The uppermost folder on the way that does not exist, within `Some`; `None` when a file is in the way.
#[allow(
    clippy::option_option,
    reason = "three answers that are used in one place"
)]
fn first_missing(folder: &Path) -> Option<Option<PathBuf>> {
    let mut missing = None;
    for folder in folder.ancestors() {
        match fs::metadata(folder) {
            Ok(metadata) => return metadata.is_dir().then_some(missing),
            Err(_) if fs::symlink_metadata(folder).is_ok() => return None,
            Err(_) => missing = Some(folder.to_owned()),
        }
    }
    Some(missing)
}

impl Drop for Replaced {
    fn drop(&mut self) {
        let removed = fs::remove_file(&self.place).or_else(|_| fs::remove_dir(&self.place));
        if let Some(aside) = &self.aside {
            let _ = fs::rename(aside, &self.place);
        } else if let Some(made) = &self.made {
            let _ = fs::remove_dir_all(made);
        }
        let _ = removed;
    }
}
