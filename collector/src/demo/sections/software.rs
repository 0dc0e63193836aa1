//! Installed programs.

use freehold_proto::v1::{
    Software,
    section::{Kind, Status},
    software::{Package, package},
};

use super::{Condition, DAY, antivirus, days_before, extent};
use crate::{
    clock::UnixMillis,
    demo::catalogue::{FIRST, Program},
};

/// What every Windows computer of the practice has.
#[rustfmt::skip]
const WINDOWS: &[Program] = &[
    of_everybody("7-Zip 24.08 (x64)", "24.08", ""),
    of_everybody("Adobe Acrobat (64-bit)", "25.{month}.20997", "Adobe"),
    of_everybody("Google Chrome", "1{month}.0.6998", "Google LLC"),
    of_everybody("Microsoft 365 Apps for business - en-gb", "16.0.1{month}.20", "Microsoft Corporation"),
    of_everybody("Microsoft Edge", "1{month}.0.3240", "Microsoft Corporation"),
    of_everybody("Microsoft OneDrive", "25.{month}.0105", "Microsoft Corporation"),
    of_everybody("Microsoft Visual C++ 2015-2022 Redistributable (x64) - 14.42", "14.42.34433", "Microsoft Corporation"),
    of_everybody("Mozilla Firefox (x64 en-GB)", "1{month}.0", "Mozilla"),
    of_everybody("VLC media player", "3.0.21", "VideoLAN"),
];

/// What every Linux computer has: some of it.
#[rustfmt::skip]
const LINUX: &[Program] = &[
    of_everybody("adduser", "3.134", ""),
    of_everybody("apt", "2.6.1", ""),
    of_everybody("bash", "5.2.15", ""),
    of_everybody("ca-certificates", "20230311", ""),
    of_everybody("coreutils", "9.1", ""),
    of_everybody("curl", "7.88.{month}", ""),
    of_everybody("linux-image-amd64", "6.1.{month}", ""),
    of_everybody("openssh-server", "9.2.{month}", ""),
    of_everybody("openssl", "3.0.{month}", ""),
    of_everybody("rsync", "3.2.7", ""),
    of_everybody("sudo", "1.9.13", ""),
    of_everybody("systemd", "252.{month}", ""),
    of_everybody("unattended-upgrades", "2.9.1", ""),
];

const fn of_everybody(
    name: &'static str,
    version: &'static str,
    publisher: &'static str,
) -> Program {
    Program {
        name,
        version,
        publisher,
    }
}

pub(super) fn of(condition: &Condition, at: UnixMillis) -> Software {
    let (status, diagnostics) = extent(condition, Kind::Software, "installed programs");
    let usual = if condition.is_windows() {
        WINDOWS
    } else {
        LINUX
    };
    // Windows brings an antivirus along, which is no program of its own.
    let guards = antivirus::products(condition).into_iter();
    let guards = guards.filter(|guard| !guard.name.starts_with("Microsoft "));
    let packages = usual
        .iter()
        .chain(&condition.programs)
        .filter(|program| !condition.removed.contains(&program.name))
        .map(|program| package(condition, program, at))
        .chain(guards.map(|guard| Package {
            name: guard.name,
            version: guard.version,
            publisher: String::new(),
            ..package(condition, &usual[0], at)
        }));
    let mut packages: Vec<Package> = if status == Status::Unreadable {
        Vec::new()
    } else {
        packages.collect()
    };
    packages.sort_by(|a, b| a.name.cmp(&b.name));
    Software {
        status: status.into(),
        diagnostics,
        packages,
    }
}

fn package(condition: &Condition, program: &Program, at: UnixMillis) -> Package {
    let source = if condition.is_windows() {
        package::Source::Registry
    } else {
        package::Source::Dpkg
    };
    Package {
        name: program.name.into(),
        version: program
            .version
            .replace("{month}", &month(condition, at).to_string()),
        architecture: if condition.is_windows() {
            "x64"
        } else {
            "amd64"
        }
        .into(),
        publisher: program.publisher.into(),
        installed_at: Some(days_before(condition, FIRST + 30).timestamp()),
        source: source.into(),
        state: package::State::Installed.into(),
        ..Package::default()
    }
}

/// A number that grows by one in thirty days, and has two digits in the demo's year.
fn month(condition: &Condition, at: UnixMillis) -> u64 {
    20 + at.since(days_before(condition, FIRST)).as_secs() / (DAY * 30).as_secs()
}
