//! Mounted volumes, from the kernel's table of mounts.

use std::{collections::HashSet, os::unix::ffi::OsStrExt as _, path::Path};

use freehold_proto::v1::{hardware::Volume, toggle::State};

use crate::{
    order,
    parse::{
        key_value,
        mounts::{self, Mount},
    },
    probe::{Root, root::Space, section::Diagnostics, sysfs},
};

/// Programs that stand for file systems of other machines.
const REMOTE_PROGRAMS: [&str; 4] = ["fuse.ceph", "fuse.glusterfs", "fuse.s3fs", "fuse.sshfs"];

/// File systems with devices of their own naming.
const POOLED: [&str; 3] = ["bcachefs", "virtiofs", "zfs"];

/// The volumes, ordered by mount point.
pub(super) fn read(root: &Root, diagnostics: &mut Diagnostics) -> Vec<Volume> {
    let (source, mounts) = table(root, diagnostics);
    let mut volumes: Vec<Volume> = selected(root, mounts)
        .iter()
        .map(|mount| volume(root, mount, source, diagnostics))
        .collect();
    order::sort_by(&mut volumes, |a, b| a.mount.cmp(&b.mount));
    volumes
}

/// The mount points of local volumes with their space, ordered.
pub(in crate::probe) fn local(root: &Root) -> Vec<(String, Space)> {
    let mut diagnostics = Diagnostics::new();
    let (source, mounts) = table(root, &mut diagnostics);
    let mut spaces: Vec<(String, Space)> = selected(root, mounts)
        .iter()
        .filter_map(|mount| {
            let space = space(root, mount)?;
            Some((diagnostics.text(source, "", &mount.point), space))
        })
        .collect();
    order::sort_by(&mut spaces, |a, b| a.0.cmp(&b.0));
    spaces
}

/// The mounts of the first process, which sees the machine as it is; the agent's own where that may not
/// be read.
fn table(root: &Root, diagnostics: &mut Diagnostics) -> (&'static str, Vec<Mount>) {
    if let Ok(bytes) = root.read("/proc/1/mountinfo")
        && !bytes.is_empty()
    {
        return ("/proc/1/mountinfo", mounts::parse(&bytes));
    }
    let path = "/proc/self/mountinfo";
    let bytes = diagnostics.read_required(root, path, "the mounted volumes are");
    (path, mounts::parse(&bytes.unwrap_or_default()))
}

/// Mounts that hold data: of devices, of other machines, and the root. A part of a file system that is
/// mounted as a whole elsewhere is no volume of its own, except for the subvolumes of btrfs.
fn selected(root: &Root, mounts: Vec<Mount>) -> Vec<Mount> {
    let candidates: Vec<Mount> = mounts.into_iter().filter(is_candidate).collect();
    let whole: HashSet<String> = candidates
        .iter()
        .filter(|mount| is_whole(mount))
        .map(|mount| mount.number.clone())
        .collect();
    let mut parts = HashSet::new();
    candidates
        .into_iter()
        .filter(|mount| {
            is_whole(mount)
                || (!whole.contains(&mount.number)
                    && is_folder(root, mount)
                    && parts.insert(mount.number.clone()))
        })
        .collect()
}

fn is_candidate(mount: &Mount) -> bool {
    let is_snap = mount.kind == "squashfs"
        && (mount.point.starts_with(b"/snap/") || mount.point.starts_with(b"/var/lib/snapd/"));
    let kind = mount.kind.as_str();
    let holds_data = mount.device.starts_with(b"/dev/")
        || is_remote(kind)
        || POOLED.contains(&kind)
        || mount.point == b"/";
    holds_data && !is_snap && kind != "devtmpfs"
}

fn is_whole(mount: &Mount) -> bool {
    mount.part == b"/"
        || mount.point == b"/"
        || matches!(mount.kind.as_str(), "btrfs" | "zfs")
        // Servers hand out folders of theirs as file systems of their own.
        || is_remote(&mount.kind)
}

fn is_folder(root: &Root, mount: &Mount) -> bool {
    let path = Path::new(std::ffi::OsStr::from_bytes(&mount.point));
    root.metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

fn volume(root: &Root, mount: &Mount, source: &str, diagnostics: &mut Diagnostics) -> Volume {
    let record = udev_record(root, &mount.device).unwrap_or_default();
    let udev = |key| key_value::value(&record, key).unwrap_or_default();
    Volume {
        mount: diagnostics.text(source, "mount point", &mount.point),
        device: diagnostics.text(source, "device", &mount.device),
        file_system: mount.kind.clone(),
        size_bytes: space(root, mount).map(|space| space.size),
        label: udev("E:ID_FS_LABEL"),
        uuid: udev("E:ID_FS_UUID"),
        read_only: if mount.read_only {
            State::On
        } else {
            State::Off
        }
        .into(),
        source: source.into(),
    }
}

/// Size and free bytes. Not asked are servers, programs that play a file system and may never answer,
/// and zfs, where the size of a data set is what happens to be left in its pool.
fn space(root: &Root, mount: &Mount) -> Option<Space> {
    let kind = mount.kind.as_str();
    let is_program = kind == "fuse" || kind.starts_with("fuse.");
    if is_program || is_remote(kind) || POOLED.contains(&kind) {
        return None;
    }
    let path = Path::new(std::ffi::OsStr::from_bytes(&mount.point));
    root.space(path).ok().filter(|space| space.size > 0)
}

fn is_remote(kind: &str) -> bool {
    mounts::is_remote(kind) || REMOTE_PROGRAMS.contains(&kind)
}

/// What udev found out about a block device; nothing where udev does not run.
fn udev_record(root: &Root, device: &[u8]) -> Option<String> {
    let device = std::str::from_utf8(device).ok()?;
    if !device.starts_with("/dev/") {
        return None;
    }
    let name = sysfs::link_name(root, device)
        .unwrap_or_else(|| device.rsplit('/').next().unwrap_or_default().to_owned());
    let number = sysfs::value(root, &format!("/sys/class/block/{name}/dev"))?;
    sysfs::value(root, &format!("/run/udev/data/b{number}"))
}
