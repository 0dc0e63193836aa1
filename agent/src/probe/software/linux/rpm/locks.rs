//! Where the package managers above rpm keep their lists of packages that are not upgraded.

use crate::parse::version_lock::Locks;
use crate::probe::{Root, section::Diagnostics};

/// Lists of dnf and yum.
const VERSIONLOCK: [&str; 3] = [
    "/etc/dnf/plugins/versionlock.list",
    "/etc/yum/pluginconf.d/versionlock.list",
    "/etc/yum/plugins/versionlock.list",
];

/// The list of dnf5.
const TOML: &str = "/etc/dnf/versionlock.toml";

/// The list of zypper.
const ZYPPER: &str = "/etc/zypp/locks";

const MISSING: &str = "versions that packages are held at are";

/// Reads all of them.
pub(super) fn read(root: &Root, diagnostics: &mut Diagnostics) -> Locks {
    let mut locks = Locks::default();
    for path in VERSIONLOCK {
        if let Some(bytes) = diagnostics.read_optional(root, path, MISSING) {
            locks.add_versionlock(&String::from_utf8_lossy(&bytes));
        }
    }
    if let Some(bytes) = diagnostics.read_optional(root, TOML, MISSING)
        && locks.add_toml(&String::from_utf8_lossy(&bytes)).is_err()
    {
        let reason = format!("is not of the form that dnf writes, so {MISSING} missing");
        diagnostics.note(TOML, "", reason);
    }
    if let Some(bytes) = diagnostics.read_optional(root, ZYPPER, MISSING) {
        locks.add_zypper(&bytes);
    }
    locks
}
