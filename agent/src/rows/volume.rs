//! Volumes as Windows tells them.

use super::Answer;

/// A volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volume {
    /// Device, such as `\\?\Volume{4c1b02c1-...}\`.
    pub device: String,
    /// Drive letters and folders, such as `C:\`.
    pub mounts: Vec<String>,
    /// Kind of drive, by its number in `winbase.h`.
    pub kind: u32,
    /// What its file system tells.
    pub content: Answer<Content>,
}

/// What a file system tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// Label.
    pub label: String,
    /// Name of the file system, such as "NTFS".
    pub file_system: String,
    /// Nothing can be written.
    pub read_only: bool,
    /// Bytes in all and free; `None` where it does not tell.
    pub space: Option<(u64, u64)>,
}
