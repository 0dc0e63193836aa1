//! Packages of rpm, as its own program lists them: three kinds of database exist, and only rpm reads
//! them all. It runs as an unprivileged user, so that it can neither write lock files into the database
//! nor leave stale ones behind. A database of another root is copied first: nothing of that root is
//! executed, nor changed.

mod copy;
mod locks;
mod place;
#[cfg(test)]
mod tests;

use std::{path::Path, process::Command, time::Duration};

use freehold_proto::v1::software::{
    Package,
    package::{Source, State},
};

use crate::parse::{rpm, version_lock::Locks};
use crate::probe::{Root, section::Diagnostics};

use copy::Copy;
pub(crate) use place::{FILES, FOLDERS, further};

use super::{
    database,
    list::List,
    program::{self, Output, RunError},
    scope,
};

const PROGRAMS: [&str; 2] = ["/usr/bin/rpm", "/bin/rpm"];

/// Longest time rpm may take.
const TIME: Duration = Duration::from_secs(30);

/// Longest output: some 300 bytes a package.
const OUTPUT_BYTES: usize = 64 * 1024 * 1024;

/// The user and group that own nothing.
const NOBODY: u32 = 65_534;

const MISSING: &str = "packages of rpm are";

/// Adds the packages, or those of some names. `None` where there is no database, else whether it could be
/// read.
pub(super) fn read(
    root: &Root,
    names: Option<&[&str]>,
    list: &mut List,
    diagnostics: &mut Diagnostics,
) -> Option<bool> {
    let databases = place::databases(root, diagnostics);
    let file = database::newest(root, &databases, MISSING, diagnostics)?;
    let (directory, kind) = file.rsplit_once('/').unwrap_or_default();
    let answer = match ask(root, directory, names) {
        Ok(answer) => answer,
        Err(error) => {
            diagnostics.note(directory, "", format_args!("{error}, so {MISSING} missing"));
            return Some(false);
        }
    };
    let query = Query {
        database: directory,
        names,
        // An rpm that does not know a kind of database sees none and says nothing. What the machine's own
        // rpm makes of the kind that all current ones know can be believed.
        may_be_empty: root.is_live() && kind == "rpmdb.sqlite",
    };
    let locks = locks::read(root, diagnostics);
    Some(query.add(&answer, &locks, list, diagnostics))
}

/// Whether there is a database, or something that may not be looked at.
pub(super) fn is_there(root: &Root) -> bool {
    let databases = place::databases(root, &mut Diagnostics::new());
    databases
        .iter()
        .any(|path| root.exists(path).unwrap_or(true))
}

/// Whether a file belongs to a package. Asked on the running machine only.
pub(super) fn owns(root: &Root, path: &Path) -> bool {
    let mut unsaid = Diagnostics::new();
    let databases = place::databases(root, &mut unsaid);
    let database = database::newest(root, &databases, MISSING, &mut unsaid);
    let Some((directory, _)) = database.and_then(|file| file.rsplit_once('/')) else {
        return false;
    };
    let Some(program) = program().filter(|_| root.is_live()) else {
        return false;
    };
    let mut command = query(program, Path::new(directory));
    command
        .args(["--queryformat", "%{NAME}", "--file", "--"])
        .arg(path);
    program::run(&mut command, TIME, OUTPUT_BYTES).is_ok_and(|output| output.success)
}

/// Why rpm gave no answer.
#[derive(Debug, thiserror::Error)]
enum AskError {
    #[error("the program rpm, which alone reads it, is not installed")]
    NoProgram,
    #[error(transparent)]
    Copy(#[from] copy::CopyError),
    #[error(transparent)]
    Run(#[from] RunError),
}

fn program() -> Option<&'static str> {
    PROGRAMS.into_iter().find(|path| Path::new(path).exists())
}

fn ask(root: &Root, directory: &str, names: Option<&[&str]>) -> Result<Output, AskError> {
    let program = program().ok_or(AskError::NoProgram)?;
    if root.is_live() {
        return Ok(run(program, Path::new(directory), names, TIME)?);
    }
    let copy = Copy::make(root, directory, NOBODY)?;
    // Names are looked up in indexes, which are not copied.
    Ok(run(program, copy.path(), None, TIME)?)
}

/// Runs rpm on a database.
fn run(
    program: &str,
    database: &Path,
    names: Option<&[&str]>,
    time: Duration,
) -> Result<Output, RunError> {
    let mut command = query(program, database);
    command.args(["--queryformat", rpm::QUERY]);
    match names {
        None => command.arg("--all"),
        Some(names) => command.arg("--").args(names),
    };
    program::run(&mut command, time, OUTPUT_BYTES)
}

/// rpm about to be asked, without rights.
fn query(program: &str, database: &Path) -> Command {
    use std::os::unix::process::CommandExt as _;
    let mut command = Command::new(program);
    command.arg("--query").arg("--dbpath").arg(database);
    if rustix::process::geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

/// What was asked for.
struct Query<'a> {
    database: &'a str,
    names: Option<&'a [&'a str]>,
    may_be_empty: bool,
}

impl Query<'_> {
    /// Adds what rpm printed; whether it is worth anything.
    fn add(
        &self,
        output: &Output,
        locks: &Locks,
        list: &mut List,
        diagnostics: &mut Diagnostics,
    ) -> bool {
        let (found, broken) = rpm::parse(&output.stdout);
        // Asked for names, rpm says "not installed" in the same place.
        if self.names.is_none()
            && let Some(reason) = self.complaint(output, found.len(), broken)
        {
            diagnostics.note(self.database, "", reason);
        }
        let readable = !found.is_empty()
            || self.names.is_some()
            || (self.may_be_empty && output.success && output.errors().is_none());
        list.reserve(found.len());
        for package in &found {
            let name = |name: &&str| name.as_bytes() == package.name;
            if self.names.is_none_or(|names| names.iter().any(name)) {
                list.push(item(
                    package,
                    self.database,
                    locks.hold(package),
                    diagnostics,
                ));
            }
        }
        readable
    }

    /// What is wrong with a list of everything.
    fn complaint(&self, output: &Output, found: usize, broken: usize) -> Option<String> {
        if let Some(error) = output.errors() {
            return Some(format!(
                "rpm says \"{error}\", so {MISSING} missing, some or all"
            ));
        }
        if broken > 0 {
            return Some(format!(
                "rpm printed {broken} packages that could not be understood"
            ));
        }
        if !output.success {
            return Some(format!(
                "rpm failed without a word, so {MISSING} missing, some or all"
            ));
        }
        if found > 0 || self.may_be_empty {
            return None;
        }
        let said = output.first_words().unwrap_or_default();
        Some(format!(
            "rpm lists nothing ({said}); it may not know this kind of database, so {MISSING} missing"
        ))
    }
}

fn item(
    package: &rpm::Package<'_>,
    database: &str,
    held: bool,
    diagnostics: &mut Diagnostics,
) -> Package {
    let name = String::from_utf8_lossy(package.name);
    let mut text = |bytes: &[u8]| diagnostics.text(database, &name, bytes);
    Package {
        name: text(package.name),
        version: text(package.version),
        epoch: package.epoch,
        release: text(package.release),
        architecture: text(package.architecture),
        publisher: text(package.vendor),
        installed_at: package.installed.and_then(scope::plausible),
        size_bytes: package.size,
        source: Source::Rpm.into(),
        source_package: text(package.source_name()),
        state: if held { State::Held } else { State::Installed }.into(),
        system_component: package.is_key(),
        ..Package::default()
    }
}
