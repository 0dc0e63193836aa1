//! Packages of rpm, as its own program lists them: three kinds of database exist, and only rpm reads
//! them all. It runs as an unprivileged user, so that it can neither write lock files into the database
//! nor leave stale ones behind.

use std::{path::Path, process::Command, time::Duration};

use freehold_proto::v1::software::{
    Package,
    package::{Source, State},
};

use crate::parse::rpm;
use crate::probe::{Root, section, section::Diagnostics};

use super::program::{self, Output, RunError};

/// Where distributions keep the database.
const DIRECTORIES: [&str; 3] = ["/var/lib/rpm", "/usr/lib/sysimage/rpm", "/usr/share/rpm"];

/// The file that makes a directory a database: Berkeley DB, ndb, SQLite.
const FILES: [&str; 3] = ["rpmdb.sqlite", "Packages.db", "Packages"];

const PROGRAMS: [&str; 2] = ["/usr/bin/rpm", "/bin/rpm"];

/// Longest time rpm may take.
const TIME: Duration = Duration::from_secs(30);

/// Longest output: some 300 bytes a package.
const OUTPUT_BYTES: usize = 64 * 1024 * 1024;

/// The user and group that own nothing.
const NOBODY: u32 = 65_534;

/// Adds the packages. `None` where there is no database, else whether it could be read.
pub(super) fn read(
    root: &Root,
    packages: &mut Vec<Package>,
    diagnostics: &mut Diagnostics,
) -> Option<bool> {
    let database = database(root)?;
    Some(list(root, &database, &[], packages, diagnostics))
}

/// Adds the packages of some names.
pub(super) fn read_named(
    root: &Root,
    names: &[&str],
    packages: &mut Vec<Package>,
    diagnostics: &mut Diagnostics,
) {
    if let Some(database) = database(root) {
        list(root, &database, names, packages, diagnostics);
    }
}

fn database(root: &Root) -> Option<String> {
    let holds = |directory: &&str| {
        // One that may not be looked into counts as a database: it must not pass for none.
        let mut files = FILES.iter().map(|file| format!("{directory}/{file}"));
        files.any(|file| root.exists(file).unwrap_or(true))
    };
    DIRECTORIES.into_iter().find(holds).map(str::to_owned)
}

fn list(
    root: &Root,
    database: &str,
    names: &[&str],
    packages: &mut Vec<Package>,
    diagnostics: &mut Diagnostics,
) -> bool {
    if !root.is_live() {
        let reason =
            "only rpm on the running machine reads this database, so packages of rpm are missing";
        diagnostics.note(database, "", reason);
        return false;
    }
    let Some(program) = PROGRAMS.into_iter().find(|path| Path::new(path).exists()) else {
        let reason = "the program rpm is not installed, so packages of rpm are missing";
        diagnostics.note(database, "", reason);
        return false;
    };
    match ask(program, Path::new(database), names, TIME) {
        Ok(output) => add(&output, database, names.is_empty(), packages, diagnostics),
        Err(error) => {
            diagnostics.note(
                database,
                "",
                format_args!("{error}, so packages of rpm are missing"),
            );
            false
        }
    }
}

/// Runs rpm on a database. Without names it lists everything.
fn ask(program: &str, database: &Path, names: &[&str], time: Duration) -> Result<Output, RunError> {
    let mut command = Command::new(program);
    command.arg("--query").arg("--dbpath").arg(database);
    if names.is_empty() {
        command.arg("--all");
    }
    command
        .args(["--queryformat", rpm::QUERY, "--"])
        .args(names);
    if rustix::process::geteuid().is_root() {
        use std::os::unix::process::CommandExt as _;
        command.uid(NOBODY).gid(NOBODY);
    }
    program::run(&mut command, time, OUTPUT_BYTES)
}

/// Adds what rpm printed; whether it is worth anything.
fn add(
    output: &Output,
    database: &str,
    all: bool,
    packages: &mut Vec<Package>,
    diagnostics: &mut Diagnostics,
) -> bool {
    let (found, broken) = rpm::parse(&output.stdout);
    // rpm answers "not installed" in the same place.
    if broken > 0 && all {
        let reason = format!("rpm printed {broken} packages that could not be understood");
        diagnostics.note(database, "", reason);
    }
    let errors = output.errors();
    if all && let Some(error) = errors {
        let reason = format_args!("rpm says \"{error}\", so packages of rpm may be missing");
        diagnostics.note(database, "", reason);
    } else if all && found.is_empty() && !output.success {
        diagnostics.note(
            database,
            "",
            "rpm failed without a word, so packages of rpm are missing",
        );
    }
    let readable = !found.is_empty() || (output.success && output.errors().is_none());
    packages.reserve(found.len());
    for package in found {
        packages.push(item(&package, database, diagnostics));
    }
    readable
}

fn item(package: &rpm::Package<'_>, database: &str, diagnostics: &mut Diagnostics) -> Package {
    let name = String::from_utf8_lossy(package.name);
    let mut text = |bytes: &[u8]| diagnostics.text(database, &name, bytes);
    Package {
        name: text(package.name),
        version: text(package.version),
        epoch: package.epoch,
        release: text(package.release),
        architecture: text(package.architecture),
        publisher: text(package.vendor),
        installed_at: package.installed.map(section::seconds),
        size_bytes: package.size,
        source: Source::Rpm.into(),
        user: String::new(),
        source_package: text(package.source_name()),
        state: State::Installed.into(),
        location: String::new(),
        product_code: String::new(),
        system_component: package.is_key(),
    }
}

#[cfg(test)]
mod tests;
