//! Values that change by themselves, quantised so that noise is not worth a message.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(target_os = "linux", windows))]
mod quantum;
#[cfg(any(not(target_os = "linux"), test))]
mod unsupported;
#[cfg(any(windows, test))]
mod windows;

use freehold_proto::v1::Readings;
#[cfg(target_os = "linux")]
use linux as platform;
#[cfg(not(any(target_os = "linux", windows)))]
use unsupported as platform;
#[cfg(windows)]
use windows as platform;

use super::{Root, antivirus};

/// Reads the values that change by themselves; another root has none, for they are those of a moment.
pub(super) fn collect(root: &Root) -> Readings {
    if !root.is_live() {
        return Readings::default();
    }
    Readings {
        signature_ages: antivirus::signature_ages(root),
        ..platform::collect(root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::fixture::root_with;

    #[test]
    fn another_root_has_no_readings() {
        let (_directory, root) = root_with(&[
            ("/proc/cpuinfo", b"processor\t: 0\n"),
            ("/sys/class/power_supply/BAT0/type", b"Battery\n"),
            (
                "/var/lib/clamav/daily.cvd",
                b"ClamAV-VDB:x:1:1:90:m:s:b:1\n",
            ),
        ]);
        assert_eq!(collect(&root), Readings::default());
    }
}
