//! Volumes of this machine that have a drive letter or a folder.

use freehold_proto::v1::{hardware, toggle::State};

use super::known;
use crate::{
    probe::section::Diagnostics,
    rows::{
        Answer, Unread,
        volume::{Content, Volume},
    },
};

/// Where volumes come from, as `source`.
pub(super) const SOURCE: &str = "GetVolumeInformation";

/// Kinds of drives, as in `winbase.h`.
const REMOVABLE: u32 = 2;
const FIXED: u32 = 3;
const OPTICAL: u32 = 5;
const IN_MEMORY: u32 = 6;

/// The name under which people know a volume: "C:", or the folder; `None` where nobody can reach it.
pub(in crate::probe) fn name(volume: &Volume) -> Option<String> {
    let shortest = volume
        .mounts
        .iter()
        .min_by_key(|mount| (mount.len(), *mount))?;
    // Whatever is in its drive at present; those of servers are not this machine's.
    let is_local = matches!(volume.kind, REMOVABLE | FIXED | OPTICAL | IN_MEMORY);
    is_local.then(|| shortest.trim_end_matches('\\').to_owned())
}

/// The volumes, ordered by name. A drive without a medium holds none.
pub(super) fn read(
    answer: &Answer<Vec<Volume>>,
    diagnostics: &mut Diagnostics,
) -> Vec<hardware::Volume> {
    const NOT_READY: u32 = 21;
    let Some(volumes) = known(answer, SOURCE, "the volumes are", diagnostics) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for volume in volumes {
        let Some(mount) = name(volume) else { continue };
        let unknown = Content::default();
        let content = match &volume.content {
            Ok(content) => content,
            Err(Unread::Failed { code: NOT_READY }) => continue,
            Err(unread) => {
                let reason =
                    format_args!("{unread}, so its file system, size and label are missing");
                diagnostics.note(SOURCE, &mount, reason);
                &unknown
            }
        };
        let read_only = match (&volume.content, content.read_only) {
            (Err(_), _) => State::Unknown,
            (Ok(_), true) => State::On,
            (Ok(_), false) => State::Off,
        };
        let is_optical = volume.kind == OPTICAL;
        found.push(hardware::Volume {
            mount: diagnostics.fit(SOURCE, "mount point", mount),
            uuid: identifier(&volume.device),
            device: diagnostics.fit(SOURCE, "device", volume.device.clone()),
            file_system: content.file_system.to_lowercase(),
            size_bytes: content.space.map(|(size, _)| size).filter(|_| !is_optical),
            label: diagnostics.fit(SOURCE, "label", content.label.clone()),
            read_only: read_only.into(),
            source: SOURCE.into(),
        });
    }
    if found.is_empty() {
        let reason = "names no volume of this machine, so the volumes are missing";
        diagnostics.note(SOURCE, "", reason);
    }
    found.sort_by(|a, b| a.mount.cmp(&b.mount));
    found
}

/// What stands in braces in the name of the device.
fn identifier(device: &str) -> String {
    let inside = device
        .split_once("Volume{")
        .and_then(|(_, rest)| rest.split_once('}'));
    inside.map_or_else(String::new, |(inside, _)| inside.to_lowercase())
}
