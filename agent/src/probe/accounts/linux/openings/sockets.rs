//! Sockets of services that start containers or virtual machines as root for whoever may write to them.

use std::os::unix::fs::MetadataExt as _;

use freehold_proto::v1::{accounts::privilege::Mechanism, toggle::State};

use crate::probe::Root;

use super::super::groups::is_root_equivalent;
use super::super::owner::Owner;
use super::super::people::People;
use super::super::privilege::EVERYTHING;
use super::{Opening, Who, writers};

/// The socket and whose it is.
const SOCKETS: [(&str, &str); 8] = [
    ("/run/docker.sock", "Docker"),
    ("/run/podman/podman.sock", "Podman"),
    ("/run/containerd/containerd.sock", "containerd"),
    ("/run/k3s/containerd/containerd.sock", "k3s"),
    ("/run/crio/crio.sock", "CRI-O"),
    ("/var/lib/lxd/unix.socket", "LXD"),
    ("/var/snap/lxd/common/lxd/unix.socket", "LXD"),
    ("/var/lib/incus/unix.socket", "Incus"),
];

/// Sockets that others than root may use. Members of the groups that are known for it are listed by
/// their group already.
pub(super) fn find(root: &Root, people: &People) -> Vec<Opening> {
    let known = |gid| {
        let mut groups = people.groups_with_id(gid);
        groups.any(|group| is_root_equivalent(&group.name))
    };
    let owner = Owner::of(root);
    let mut openings = Vec::new();
    for (path, title) in SOCKETS {
        let Ok(metadata) = root.metadata(path) else {
            continue;
        };
        for who in writers::of_bits(owner, metadata.uid(), metadata.gid(), metadata.mode()) {
            if matches!(who, Who::Group(gid) if known(gid)) {
                continue;
            }
            openings.push(Opening {
                mechanism: Mechanism::WritableFile,
                who,
                step: format!("socket of {title}"),
                scope: format!(
                    "{EVERYTHING}: starts containers that have the whole file system, as root"
                ),
                conditions: Vec::new(),
                source: path.to_owned(),
                line: None,
                full_control: State::On,
            });
        }
    }
    openings
}
