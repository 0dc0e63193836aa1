//! Disks that are full.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

use tonic::Code;

use crate::{Inventory, Machine};

/// Writes a file until nothing more fits.
pub fn fill(file: &Path) {
    let mut file = fs::File::create(file).expect("a file");
    let block = vec![1; 64 * 1024];
    while file.write_all(&block).is_ok() {}
}

/// Has a machine report until the collector says that its disk is full; answers with the last revision that was
/// acknowledged.
pub async fn report_until_full(machine: &mut Machine, inventory: &mut Inventory) -> u64 {
    let mut acknowledged = inventory.revision;
    for _ in 0..400 {
        inventory.upgrade_a_package();
        match machine.upload(&[inventory.software()]).await {
            Ok(_) => acknowledged = inventory.revision,
            Err(status) => {
                let says = [Code::Unavailable, Code::ResourceExhausted];
                assert!(says.contains(&status.code()), "{status:?}");
                return acknowledged;
            }
        }
    }
    panic!("a full disk must be noticed");
}

/// A small file system of its own, unmounted at the end.
#[derive(Debug)]
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts one. `None`, with a message, where that is not allowed.
    pub fn mount(at: &Path, size: &str) -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            eprintln!("NOT TESTED: only root may mount a small file system");
            return None;
        }
        fs::create_dir_all(at).expect("a directory");
        let options = format!("size={size},mode=700");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "none"])
            .arg(at)
            .status();
        if !mounted.is_ok_and(|status| status.success()) {
            eprintln!("NOT TESTED: this computer does not allow mounting");
            return None;
        }
        Some(Self(at.to_owned()))
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}
