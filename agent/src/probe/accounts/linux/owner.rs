//! Whose files are root's.

use std::os::unix::fs::MetadataExt as _;

use crate::probe::Root;

/// The user and group that stand for root. In a root file system that somebody unpacked without rights it
/// is whoever owns its top.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Owner {
    uid: u32,
    gid: u32,
}

impl Owner {
    /// Finds out.
    pub(super) fn of(root: &Root) -> Self {
        if root.is_live() {
            return Self::default();
        }
        root.metadata("/").map_or_else(
            |_| Self::default(),
            |top| Self {
                uid: top.uid(),
                gid: top.gid(),
            },
        )
    }

    /// Whether a user id is root's.
    pub(super) fn is_user(self, uid: u32) -> bool {
        uid == 0 || uid == self.uid
    }

    /// Whether a group id is root's.
    pub(super) fn is_group(self, gid: u32) -> bool {
        gid == 0 || gid == self.gid
    }
}
