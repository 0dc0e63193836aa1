//! Actions of polkit that amount to root, and how. All others are left out: to set the clock or to add a
//! printer makes no administrator.

use super::super::privilege::EVERYTHING;

/// The action of starting any program as root.
const EXEC: &str = "org.freedesktop.policykit.exec";

const DECISIVE: [(&str, &str); 10] = [
    (EXEC, ""),
    (
        "org.freedesktop.systemd1.manage-units",
        "starts any program as root through systemd",
    ),
    (
        "org.freedesktop.machine1.host-shell",
        "opens a shell as root",
    ),
    (
        "org.freedesktop.accounts.user-administration",
        "makes anyone an administrator",
    ),
    (
        "org.libvirt.unix.manage",
        "starts virtual machines that have every disk, as root",
    ),
    (
        "org.freedesktop.udisks2.open-device-system",
        "reads and writes every disk directly",
    ),
    (
        "org.freedesktop.packagekit.package-install-untrusted",
        "installs any package",
    ),
    ("org.debian.apt.install-file", "installs any package"),
    ("io.snapcraft.snapd.manage", "installs any snap package"),
    (
        "org.projectatomic.rpmostree1.install-local-packages",
        "installs any package",
    ),
];

/// What those of the actions that are allowed come to; `None` when none of them amounts to root.
pub(super) fn scope(is_allowed: impl Fn(&str) -> bool) -> Option<String> {
    let (action, why) = DECISIVE.iter().find(|(action, _)| is_allowed(action))?;
    Some(if *action == EXEC {
        EVERYTHING.to_owned()
    } else {
        format!("{EVERYTHING}: {why}")
    })
}

/// Whether a rule's text names an action: the whole of it, or its beginning up to or before a dot. Of the names before a
/// dot none is an action: who writes one means all that begin with it.
pub(super) fn begins(action: &str, text: &str) -> bool {
    let rest = action.strip_prefix(text);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || text.ends_with('.'))
}
