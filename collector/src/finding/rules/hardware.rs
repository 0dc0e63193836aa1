//! Disks: how full they are, and how well.

use freehold_proto::v1::{
    hardware::{Disk, Volume, disk::Health},
    readings::VolumeFree,
    section::Kind,
    toggle::State,
};

use super::super::{Found, Look, Verdict};
use crate::store::record::FindingSeverity;

/// Free space in percent at which a disk is nearly full, and from which on it no longer is.
const SCARCE: u64 = 7;
const ENOUGH: u64 = 12;

/// The same for a disk that is as good as full.
const NONE: u64 = 2;
const SOME: u64 = 4;

/// Volumes smaller than this are parts that nobody writes to.
const SMALL: u64 = 2 * 1024 * 1024 * 1024;

/// File systems that are full by nature, or are somebody else's disk.
const NO_DISKS: [&str; 12] = [
    "squashfs",
    "iso9660",
    "udf",
    "overlay",
    "tmpfs",
    "devtmpfs",
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "fuse.sshfs",
    "erofs",
];

/// A disk is nearly full.
pub(super) fn full(look: &Look<'_>) -> Verdict {
    let Some(section) = look.facts.hardware.read() else {
        return Verdict::unknown();
    };
    let free = &look.readings.volumes;
    if free.is_empty() {
        return Verdict::unknown();
    }
    let volumes = section.volumes.iter().filter(|volume| is_disk(volume));
    let found = volumes.filter_map(|volume| {
        let free = free.iter().find(|free| free.mount == volume.mount)?;
        scarce(look, volume, free)
    });
    Verdict::seen(found, look.facts.hardware.is_whole())
}

fn is_disk(volume: &Volume) -> bool {
    volume.read_only() != State::On
        && volume.size_bytes.is_some_and(|size| size >= SMALL)
        && !NO_DISKS.contains(&volume.file_system.as_str())
}

fn scarce(look: &Look<'_>, volume: &Volume, free: &VolumeFree) -> Option<Found> {
    let size = volume.size_bytes?;
    let percent = u64::try_from(u128::from(free.free_bytes) * 100 / u128::from(size)).ok()?;
    let open = look.open(&volume.mount);
    let limit = if open.is_some() { ENOUGH } else { SCARCE };
    if percent >= limit {
        return None;
    }
    let was_full = open.is_some_and(|record| record.severity() == FindingSeverity::ActNow);
    let is_full = percent < if was_full { SOME } else { NONE };
    let severity = if is_full {
        FindingSeverity::ActNow
    } else {
        FindingSeverity::Plan
    };
    Some(
        Found::about(&volume.mount)
            .severity(severity)
            .name("mount", &volume.mount)
            .because(
                Kind::Hardware,
                "Free space",
                &format!("{percent} %"),
                &volume.source,
            )
            .because(
                Kind::Hardware,
                "Size in bytes",
                &size.to_string(),
                &volume.source,
            ),
    )
}

/// A disk says that it fails or will.
pub(super) fn unhealthy(look: &Look<'_>) -> Verdict {
    let Some(section) = look.facts.hardware.read() else {
        return Verdict::unknown();
    };
    let is_asked = section
        .disks
        .iter()
        .all(|disk| disk.health() != Health::Unknown);
    let found = section.disks.iter().filter_map(|disk| {
        let (severity, said) = match disk.health() {
            Health::Failing => (FindingSeverity::ActNow, "it has failed, or predicts it"),
            Health::Warning => (FindingSeverity::Plan, "it warns"),
            _ => return None,
        };
        let name = label(disk);
        Some(
            Found::about(&name)
                .severity(severity)
                .name("disk", &name)
                .because(
                    Kind::Hardware,
                    "What the disk says of itself",
                    said,
                    &disk.source,
                ),
        )
    });
    Verdict::seen(found, is_asked && look.facts.hardware.is_whole())
}

fn label(disk: &Disk) -> String {
    match (disk.model.as_str(), disk.serial.as_str()) {
        ("", _) => disk.name.clone(),
        (model, "") => format!("{model} ({})", disk.name),
        (model, serial) => format!("{model}, serial number {serial}"),
    }
}

/// Disks that stand in for each other are no longer complete.
pub(super) fn degraded(look: &Look<'_>) -> Verdict {
    let Some(section) = look.facts.hardware.read() else {
        return Verdict::unknown();
    };
    let found = section.raids.iter().filter_map(|raid| {
        let missing = raid.missing.filter(|missing| *missing > 0)?;
        Some(
            Found::about(&raid.name)
                .name("disk", &raid.name)
                .number("count", missing as usize)
                .because(
                    Kind::Hardware,
                    "Disks missing",
                    &missing.to_string(),
                    &raid.source,
                )
                .because(
                    Kind::Hardware,
                    "Still there",
                    &raid.members.join(", "),
                    &raid.source,
                ),
        )
    });
    Verdict::seen(found, look.facts.hardware.is_whole())
}

#[cfg(test)]
mod tests;
