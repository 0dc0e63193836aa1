//! Whether a restart is needed to finish an update.

use freehold_proto::v1::toggle::State;

use crate::probe::{Root, sysfs};

/// Files by which package managers ask for a restart.
const REQUESTS: [&str; 3] = [
    "/run/reboot-required",
    "/var/run/reboot-required",
    "/run/reboot-needed",
];

/// Programs whose presence makes the absence of a request mean "no".
const WATCHERS: [&str; 4] = [
    "/etc/kernel/postinst.d/unattended-upgrades",
    "/etc/kernel/postinst.d/update-notifier",
    "/usr/share/update-notifier/notify-reboot-required",
    "/usr/sbin/transactional-update",
];

/// ON when a restart was asked for, or the running kernel was removed in favour of another; OFF only
/// where a program is there that would ask.
pub(super) fn pending(root: &Root) -> State {
    if REQUESTS.iter().any(|path| sysfs::exists(root, path)) {
        return State::On;
    }
    if root.is_live() && kernel_is_gone(root) {
        return State::On;
    }
    if root.is_live() && WATCHERS.iter().any(|path| sysfs::exists(root, path)) {
        return State::Off;
    }
    State::Unknown
}

/// Whether kernels are installed but not the one that runs. A machine that is started from outside its
/// disk has none at all.
fn kernel_is_gone(root: &Root) -> bool {
    let Some(running) = sysfs::value(root, "/proc/sys/kernel/osrelease") else {
        return false;
    };
    let installed = sysfs::names(root, "/lib/modules");
    let flavour = |release: &str| release.rsplit('-').next().map(str::to_owned);
    let of_same_flavour = installed
        .iter()
        .any(|release| flavour(release) == flavour(&running));
    of_same_flavour && !installed.contains(&running)
}
