//! rpm: databases of packages made for the test, in SQLite and in Berkeley DB, asked by rpm itself.
//!
//! Differences that are meant: public keys, which rpm keeps as packages, are parts of the system here; a
//! source package is named without version, and only where it is not the package itself.

use std::{fmt::Write as _, fs, os::unix::fs::PermissionsExt as _, path::Path, process::Command};

use freehold_proto::v1::{
    Software,
    section::Status,
    software::{Package, package::Source},
};
use serde_json::Value;

use crate::{collected, command, done, installed, of};

/// How many packages the database holds.
const PACKAGES: usize = 40;

/// Makes packages with rpmbuild and a SQLite database of them below a root.
fn database(root: &Path) {
    let mut spec = "Name: main\nEpoch: 7\nVersion: 1.2~rc1\nRelease: 3.el9\nSummary: s\nLicense: x\nVendor: Acme \"Ä\" Inc.\n\
        BuildArch: noarch\n%description\nd\n%files\n"
        .to_owned();
    for number in 1..PACKAGES {
        let odd = if number % 2 == 0 {
            "Vendor: Other\n"
        } else {
            ""
        };
        write!(spec, "%package -n part{number}\nVersion: {number}.0^git1\nSummary: s\n{odd}%description -n part{number}\nd\n%files -n part{number}\n").unwrap();
    }
    fs::write(root.join("main.spec"), spec).unwrap();
    let top = format!("_topdir {}", root.join("build").display());
    let mut build = command("rpmbuild", ["-bb", "--quiet", "--define", &top]);
    done(build.arg(root.join("main.spec")).env("HOME", "/dev/null"));
    let made = fs::read_dir(root.join("build/RPMS/noarch")).unwrap();
    let place = root.join("var/lib/rpm");
    fs::create_dir_all(&place).unwrap();
    let mut install = command("rpm", ["-i", "--justdb", "--nodeps", "--dbpath"]);
    install.arg(&place).env("HOME", "/dev/null");
    done(install.args(made.map(|entry| entry.unwrap().path())));
}

/// The same database as Berkeley DB, made by Berkeley DB's own program.
fn as_berkeley_db(from: &Path, to: &Path) {
    const DUMP: &str = "import sqlite3, struct, sys\n\
        print('VERSION=3\\nformat=bytevalue\\ntype=hash\\nHEADER=END')\n\
        rows = sqlite3.connect(sys.argv[1]).execute('select hnum, blob from Packages').fetchall()\n\
        for number, blob in [(0, struct.pack('<I', len(rows)))] + rows:\n\
        \x20   print('', struct.pack('<I', number).hex()); print('', blob.hex())\n\
        print('DATA=END')\n";
    fs::create_dir_all(to).unwrap();
    let dump = done(command("python3", ["-c", DUMP]).arg(from.join("rpmdb.sqlite")));
    let file = to.join("dump");
    fs::write(&file, dump).unwrap();
    done(
        command("db5.3_load", ["-f"])
            .arg(&file)
            .arg(to.join("Packages")),
    );
    fs::remove_file(file).unwrap();
}

/// rpm's own list: name, epoch, version, release, architecture, time, size, vendor.
fn listed(database: &Path) -> Vec<String> {
    let format =
        "%{NAME}|%{EPOCH}|%{VERSION}|%{RELEASE}|%{ARCH}|%{INSTALLTIME}|%{LONGSIZE}|%{VENDOR}\\n";
    let mut query = command("rpm", ["-qa", "--qf", format, "--dbpath"]);
    let mut lines: Vec<_> = done(query.arg(database))
        .lines()
        .map(str::to_owned)
        .collect();
    lines.sort();
    lines
}

fn line(package: &Package) -> String {
    let none = || "(none)".to_owned();
    format!(
        "{}|{}|{}|{}|{}|{}|{}|{}",
        package.name,
        package.epoch.map_or_else(none, |epoch| epoch.to_string()),
        package.version,
        package.release,
        package.architecture,
        package
            .installed_at
            .map_or_else(none, |at| at.seconds.to_string()),
        package
            .size_bytes
            .map_or_else(none, |size| size.to_string()),
        if package.publisher.is_empty() {
            none()
        } else {
            package.publisher.clone()
        },
    )
}

fn lines(software: &Software) -> Vec<String> {
    let mut lines: Vec<_> = of(software, Source::Rpm).into_iter().map(line).collect();
    lines.sort();
    lines
}

#[test]
fn packages_are_those_of_rpm_in_both_kinds_of_database() {
    if !installed("databases of rpm", &["rpm", "rpmbuild"]) {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    database(directory.path());
    let place = directory.path().join("var/lib/rpm");
    let expected = listed(&place);
    assert_eq!(expected.len(), PACKAGES);
    let software = collected(directory.path());
    assert_eq!(lines(&software), expected);
    assert_eq!(
        software.status(),
        Status::Complete,
        "{:?}",
        software.diagnostics
    );
    let parts = of(&software, Source::Rpm)
        .into_iter()
        .filter(|one| one.name != "main");
    assert!(
        parts
            .map(|one| one.source_package.as_str())
            .all(|source| source == "main")
    );

    if !installed("Berkeley DB of rpm", &["db5.3_load", "python3"]) {
        return;
    }
    let old = tempfile::tempdir().unwrap();
    as_berkeley_db(&place, &old.path().join("var/lib/rpm"));
    assert_eq!(listed(&old.path().join("var/lib/rpm")), expected);
    let software = collected(old.path());
    assert_eq!(lines(&software), expected);
    assert_eq!(
        software.status(),
        Status::Complete,
        "{:?}",
        software.diagnostics
    );
}

/// The section that the agent tells where a database stands in place of the running machine's.
fn live(database: &Path, meanwhile: &str) -> Option<Value> {
    let agent = env!("CARGO_BIN_EXE_freehold-agent");
    let script = format!(
        "mount --bind {} /var/lib/rpm || exit 1\n{meanwhile}\n\
         {agent} snapshot --section software --format json\n\
         status=$?; [ -z \"$holder\" ] || kill $holder; exit $status",
        database.display()
    );
    let output = Command::new("unshare")
        .args(["-m", "sh", "-c", &script])
        .output()
        .ok()?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        eprintln!(
            "NOT TESTED: rpm on the running machine, which needs root, /var/lib/rpm and mount namespaces: {errors}"
        );
        return None;
    }
    let mut answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    Some(answer["sections"]["software"].take())
}

fn names(section: &Value) -> usize {
    let packages = section["packages"].as_array().unwrap();
    packages.iter().filter(|one| one["source"] == "RPM").count()
}

fn said(section: &Value) -> String {
    section["diagnostics"].to_string()
}

#[test]
fn a_database_in_use_or_in_trouble_is_read_or_named_and_never_written() {
    if !installed(
        "rpm on the running machine",
        &["rpm", "rpmbuild", "unshare", "python3"],
    ) {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    database(directory.path());
    let place = directory.path().join("var/lib/rpm");
    let before = files(&place);
    let Some(section) = live(&place, "") else {
        return;
    };
    assert_eq!(
        (names(&section), said(&section).contains("rpm")),
        (PACKAGES, false),
        "{section}"
    );
    assert_eq!(files(&place), before, "the database was written to");

    // Someone writes, as rpm would: readers see what was there before.
    let hold = |mode: &str| {
        format!(
            "python3 -c \"import sqlite3, time\n\
             c = sqlite3.connect('/var/lib/rpm/rpmdb.sqlite', isolation_level=None)\n\
             c.execute('pragma journal_mode={mode}')\nc.execute('begin exclusive')\n\
             open('/var/lib/rpm/held', 'w')\ntime.sleep(60)\" </dev/null >/dev/null 2>&1 &\n\
             holder=$!\nwhile kill -0 $holder && [ ! -e /var/lib/rpm/held ]; do sleep 0.05; done"
        )
    };
    let section = live(&place, &hold("wal")).unwrap();
    assert_eq!(names(&section), PACKAGES, "{}", said(&section));

    // Locked for readers too.
    fs::remove_file(place.join("held")).unwrap();
    let section = live(&place, &hold("delete")).unwrap();
    assert_eq!(names(&section), 0);
    assert!(
        said(&section).contains("packages of rpm are missing"),
        "{}",
        said(&section)
    );
    assert_ne!(section["status"], "COMPLETE");

    fs::write(place.join("rpmdb.sqlite"), vec![7; 100_000]).unwrap();
    let section = live(&place, "").unwrap();
    assert!(
        said(&section).contains("packages of rpm are missing"),
        "{}",
        said(&section)
    );
    assert_ne!(section["status"], "COMPLETE");
}

/// Names and contents of a folder.
fn files(path: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap());
    let mut files: Vec<_> = entries
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect();
    files.sort();
    files
}
