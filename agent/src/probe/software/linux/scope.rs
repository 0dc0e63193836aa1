//! For whom software is looked for, and how much is believed of what is found.
//!
//! What a person without rights fills must not hide what others installed, nor take the agent's time or
//! memory: each person has a budget of names, packages and diagnostics.

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
};

use freehold_proto::v1::software::Package;
use prost_types::Timestamp;

use crate::probe::{
    Root,
    root::is_absent,
    section::{self, Diagnostics, explain},
};

use super::list::List;

/// Longest text taken over from a person's files.
const PERSONAL_TEXT: usize = 512;

/// Most names looked at in one directory.
const NAMES: usize = 2000;

/// Times after the year 2100 are no times of installation; protobuf's own end lies at the year 9999.
const LATEST: i64 = 4_102_444_800;

/// How much is looked at.
#[derive(Debug)]
struct Budget {
    names: usize,
    packages: usize,
    notes: usize,
    text: usize,
}

/// A place where software is looked for.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    /// Where its paths are resolved.
    pub(super) root: &'a Root,
    /// The user's name; empty for the whole machine.
    pub(super) user: &'a str,
    /// Path of `root` as people know it, without a slash at its end.
    base: String,
    /// Paths that are not entered.
    avoided: Vec<PathBuf>,
    budget: Budget,
    unsaid: usize,
    list: &'a mut List,
    diagnostics: &'a mut Diagnostics,
}

impl<'a> Scope<'a> {
    /// The whole machine.
    pub(super) fn machine(
        root: &'a Root,
        list: &'a mut List,
        diagnostics: &'a mut Diagnostics,
    ) -> Self {
        Self {
            root,
            user: "",
            base: String::new(),
            avoided: Vec::new(),
            budget: Budget {
                names: 200_000,
                packages: 50_000,
                notes: usize::MAX,
                text: usize::MAX,
            },
            unsaid: 0,
            list,
            diagnostics,
        }
    }

    /// One person's home: `root` is that folder, `base` its path.
    pub(super) fn home(
        root: &'a Root,
        user: &'a str,
        base: String,
        list: &'a mut List,
        diagnostics: &'a mut Diagnostics,
    ) -> Self {
        Self {
            user,
            base,
            budget: Budget {
                names: 10_000,
                packages: 1000,
                notes: 8,
                text: PERSONAL_TEXT,
            },
            ..Self::machine(root, list, diagnostics)
        }
    }

    /// Leaves some folders alone.
    pub(super) fn avoid(&mut self, folders: Vec<PathBuf>) {
        self.avoided = folders;
    }

    /// A path as people know it.
    pub(super) fn shown(&self, path: &Path) -> String {
        let path = path.to_string_lossy();
        format!("{}/{}", self.base, path.trim_start_matches('/'))
    }

    /// Notes that something is missing.
    pub(super) fn note(&mut self, path: &Path, position: &str, reason: &str) {
        if self.budget.notes == 0 {
            self.unsaid += 1;
            return;
        }
        self.budget.notes -= 1;
        let path = self.shown(path);
        self.diagnostics.note(path, position, reason);
    }

    /// Notes that something could not be read, so that `missing` is missing.
    pub(super) fn unreadable(&mut self, path: &Path, error: &io::Error, missing: &str) {
        let why = match error.kind() {
            io::ErrorKind::CrossesDevices => "lies on another file system".to_owned(),
            _ => explain(error),
        };
        self.note(path, "", &format!("{why}, so {missing} missing"));
    }

    /// Names in a folder, `None` where there is none; what is left out or unreadable is noted.
    pub(super) fn names(&mut self, folder: &Path, missing: &str) -> Option<Vec<OsString>> {
        let avoided = |path: &PathBuf| folder.starts_with(path);
        if self.avoided.iter().any(avoided) {
            return None;
        }
        let limit = NAMES.min(self.budget.names);
        match self.root.list_at_most(folder, limit) {
            Ok((names, more)) => {
                self.budget.names -= names.len();
                if more {
                    let reason = format!(
                        "holds more than {limit} names that are looked at; what {missing} after those is missing"
                    );
                    self.note(folder, "", &reason);
                }
                Some(names)
            }
            Err(error) if is_absent(&error) => None,
            Err(error) => {
                self.unreadable(folder, &error, &format!("what {missing} there is"));
                None
            }
        }
    }

    /// Names in a folder that are UTF-8; others are noted.
    pub(super) fn plain_names(&mut self, folder: &Path, missing: &str) -> Option<Vec<String>> {
        let names = self.names(folder, missing)?;
        let plain = names
            .into_iter()
            .filter_map(|name| match name.into_string() {
                Ok(name) => Some(name),
                Err(name) => {
                    let reason = "is a name that is no UTF-8 and is left out";
                    self.note(folder, &name.to_string_lossy(), reason);
                    None
                }
            });
        Some(plain.collect())
    }

    /// Bytes as text of bounded length.
    pub(super) fn text(&mut self, path: &Path, bytes: &[u8]) -> String {
        if bytes.len() > self.budget.text {
            let most = self.budget.text;
            let reason = format!(
                "holds a text of {} bytes; only {most} are reported",
                bytes.len()
            );
            self.note(path, "", &reason);
        }
        let kept = &bytes[..bytes.len().min(self.budget.text)];
        match std::str::from_utf8(kept) {
            Ok(text) if text.len() <= freehold_proto::limits::STRING_BYTES => text.to_owned(),
            // Of a person's text it is enough that it is shown as well as can be.
            _ if !self.user.is_empty() => String::from_utf8_lossy(kept).into_owned(),
            _ => {
                let path = self.shown(path);
                self.diagnostics.text(path, "", kept)
            }
        }
    }

    /// Adds a package; false when no more are taken.
    pub(super) fn add(&mut self, package: Package) -> bool {
        if self.budget.packages == 0 {
            return false;
        }
        self.budget.packages -= 1;
        if self.budget.packages == 0 {
            let reason = "holds more applications than are looked at; the rest is missing";
            self.note(Path::new(""), "", reason);
        }
        self.list.push(package);
        true
    }

    /// Whether more packages are taken.
    pub(super) fn is_full(&self) -> bool {
        self.budget.packages == 0
    }

    /// Says how much was left unsaid.
    pub(super) fn finish(self) {
        if self.unsaid > 0 {
            let reason = format!("{} further problems are left out", self.unsaid);
            self.diagnostics.note(&self.base, "", reason);
        }
    }
}

/// When a file was last written, where that is a time of installation.
pub(super) fn modified(metadata: &std::fs::Metadata) -> Option<Timestamp> {
    plausible(section::timestamp(metadata.modified().ok()?).seconds)
}

/// A time of installation, where it can be one.
pub(super) fn plausible(seconds: i64) -> Option<Timestamp> {
    (0..LATEST)
        .contains(&seconds)
        .then(|| section::seconds(seconds))
}
