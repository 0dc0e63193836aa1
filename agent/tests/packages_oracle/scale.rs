//! Many packages: 1,000, 10,000 and 50,000, generated, read by the real program.

use std::{fmt::Write as _, fs, path::Path};

use freehold_proto::{limits, v1::section::Status};
use prost::Message as _;

use crate::{collected, command, done, installed};

/// Runs a program and prints its processor seconds and its peak of memory in KiB.
const MEASURE: &str = "import os, subprocess, sys\n\
    child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)\n\
    _, status, used = os.wait4(child.pid, 0)\n\
    assert status == 0, status\n\
    print(used.ru_utime + used.ru_stime, used.ru_maxrss)\n";

/// Packages with a list of their files, which tells when they were installed. It is looked for either way.
const DATED: usize = 1000;

/// Writes a database of dpkg as a large Debian machine has it.
fn machine(root: &Path, packages: usize) {
    let info = root.join("var/lib/dpkg/info");
    fs::create_dir_all(&info).unwrap();
    let mut status = String::new();
    for number in 0..packages {
        let name = format!(
            "{}-package{number}",
            ["lib", "python3", "fonts", "golang"][number % 4]
        );
        write!(
            status,
            "Package: {name}\nStatus: install ok installed\nPriority: optional\nSection: libs\nInstalled-Size: {}\n\
             Maintainer: Maintainer {} <m{}@example.org>\nArchitecture: amd64\nSource: source{}\n\
             Version: {}.{}.{}-{}+deb12u1\nDepends: libc6 (>= 2.36), libgcc-s1 (>= 3.4)\n\
             Description: package number {number}\n It is there for a test.\n .\n And has a second paragraph.\n\n",
            number * 7 % 90_000,
            number % 300,
            number % 300,
            number / 3,
            number % 13,
            number % 31,
            number,
            number % 5,
        )
        .unwrap();
        if number < DATED {
            fs::write(info.join(format!("{name}.list")), "/.\n").unwrap();
        }
    }
    fs::write(root.join("var/lib/dpkg/status"), status).unwrap();
}

/// Processor seconds and peak memory in MiB of a snapshot, the rendering of it as JSON included.
fn measured(root: &Path) -> (f64, f64) {
    let agent = env!("CARGO_BIN_EXE_freehold-agent");
    let arguments = [
        "-c",
        MEASURE,
        agent,
        "snapshot",
        "--section",
        "software",
        "--format",
        "json",
        "--root",
    ];
    let answer = done(command("python3", arguments).arg(root));
    let (seconds, peak) = answer.trim().split_once(' ').unwrap();
    let peak: f64 = peak.parse().unwrap();
    (seconds.parse().unwrap(), peak / 1024.0)
}

#[test]
fn fifty_thousand_packages_cost_five_times_ten_thousand_and_fit_a_section() {
    if !installed("many packages", &["python3"]) {
        return;
    }
    let mut costs = Vec::new();
    for packages in [1000, 10_000, 50_000] {
        let directory = tempfile::tempdir().unwrap();
        machine(directory.path(), packages);
        let (seconds, peak) = measured(directory.path());
        eprintln!("{packages} packages: {seconds:.3} s of processor time, {peak:.1} MiB at most");
        costs.push((seconds, peak));
        let software = collected(directory.path());
        assert_eq!(software.packages.len(), packages);
        assert_eq!(
            software.status(),
            Status::Complete,
            "{:?}",
            software.diagnostics
        );
        let dated = software
            .packages
            .iter()
            .filter(|one| one.installed_at.is_some());
        assert_eq!(dated.count(), DATED);
        assert!(software.encoded_len() as u64 * 3 < limits::SECTION_BYTES);
    }
    let [_, (ten, small), (fifty, large)] = costs[..] else {
        unreachable!();
    };
    // Five times as many, with room for a busy machine.
    assert!(fifty < ten * 10.0, "{costs:?}");
    assert!(large < small * 7.0 && large < 400.0, "{costs:?}");
}
