//! sudoers and the files it includes.

use std::collections::HashMap;

use crate::parse::sudoers::{
    self, AliasList, CommandMember, Defaults, EntryKind, Member, Rule, Sudoers,
};
use crate::probe::{Root, root::is_absent, section::Diagnostics, section::line};

use super::super::{directory, owner::Owner, people::problems};
use super::names::HostNames;

/// Where sudo looks for its rules; the first that exists counts. The second is a vendor's default.
const FILES: [&str; 2] = ["/etc/sudoers", "/usr/etc/sudoers"];
const MISSING: &str = "what sudo allows by it is";

/// How deep sudo lets files include each other.
const DEPTH: usize = 128;

/// Most files read, so that includes cannot multiply without end.
const MOST_FILES: usize = 2_000;

/// Longest file, and most bytes of all files together.
const FILE_BYTES: u64 = 4 * 1024 * 1024;
const ALL_BYTES: usize = 16 * 1024 * 1024;

/// All files, in the order sudo reads them.
pub(super) struct Policy {
    entries: Vec<(usize, sudoers::Entry)>,
    files: Vec<File>,
}

/// A file that was read.
struct File {
    path: String,
    /// Why sudo refuses it, as the end of a sentence.
    refused: Option<String>,
}

/// Something and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Sourced<'a, T> {
    pub(super) item: &'a T,
    pub(super) source: &'a str,
    pub(super) line: u32,
    /// Why sudo refuses the file it stands in.
    pub(super) refused: Option<&'a str>,
}

/// Lists by the names of aliases. Each kind has names of its own; of two definitions the first counts.
#[derive(Default)]
pub(super) struct Aliases<'a> {
    pub(super) users: HashMap<&'a str, &'a [Member]>,
    pub(super) runas: HashMap<&'a str, &'a [Member]>,
    pub(super) hosts: HashMap<&'a str, &'a [Member]>,
    pub(super) commands: HashMap<&'a str, &'a [CommandMember]>,
}

impl Policy {
    /// Reads everything. Without sudo there is no file and nothing to say.
    pub(super) fn read(root: &Root, hosts: &HostNames, diagnostics: &mut Diagnostics) -> Self {
        let mut reader = Reader {
            root,
            hosts,
            diagnostics,
            owner: Owner::of(root),
            open: Vec::new(),
            bytes: 0,
            policy: Self {
                entries: Vec::new(),
                files: Vec::new(),
            },
        };
        for path in FILES {
            if reader.file(path, true, None) {
                directory::of_sudo(root, reader.diagnostics);
                break;
            }
        }
        reader.policy
    }

    /// The rules.
    pub(super) fn rules(&self) -> impl Iterator<Item = Sourced<'_, Rule>> {
        self.all(|kind| match kind {
            EntryKind::Rule(rule) => Some(rule),
            _ => None,
        })
    }

    /// The settings that are in force.
    pub(super) fn defaults(&self) -> impl Iterator<Item = Sourced<'_, Defaults>> {
        let all = self.all(|kind| match kind {
            EntryKind::Defaults(defaults) => Some(defaults),
            _ => None,
        });
        all.filter(|sourced| sourced.refused.is_none())
    }

    /// The aliases. A name defined twice is remarked.
    pub(super) fn aliases(&self, diagnostics: &mut Diagnostics) -> Aliases<'_> {
        let mut aliases = Aliases::default();
        let all = self.all(|kind| match kind {
            EntryKind::Alias(alias) => Some(alias),
            _ => None,
        });
        for sourced in all {
            let name = sourced.item.name.as_str();
            let added = match &sourced.item.list {
                AliasList::Users(list) => add(&mut aliases.users, name, list),
                AliasList::Runas(list) => add(&mut aliases.runas, name, list),
                AliasList::Hosts(list) => add(&mut aliases.hosts, name, list),
                AliasList::Commands(list) => add(&mut aliases.commands, name, list),
            };
            if !added {
                let reason = format!("the alias {name} is defined before; sudo ignores this one");
                diagnostics.remark(sourced.source, line(sourced.line as usize), reason);
            }
        }
        aliases
    }

    fn all<'a, T: 'a>(
        &'a self,
        wanted: impl Fn(&'a EntryKind) -> Option<&'a T>,
    ) -> impl Iterator<Item = Sourced<'a, T>> {
        self.entries.iter().filter_map(move |(file, entry)| {
            Some(Sourced {
                item: wanted(&entry.kind)?,
                source: &self.files[*file].path,
                line: entry.line,
                refused: self.files[*file].refused.as_deref(),
            })
        })
    }
}

fn add<'a, T>(aliases: &mut HashMap<&'a str, &'a [T]>, name: &'a str, list: &'a [T]) -> bool {
    let free = !aliases.contains_key(name);
    if free {
        aliases.insert(name, list);
    }
    free
}

struct Reader<'a> {
    root: &'a Root,
    hosts: &'a HostNames,
    owner: Owner,
    diagnostics: &'a mut Diagnostics,
    /// Files being read, the outermost first.
    open: Vec<String>,
    bytes: usize,
    policy: Policy,
}

impl Reader<'_> {
    /// Reads a file and what it includes; whether it exists. `refused` says why sudo would never come to
    /// read it.
    fn file(&mut self, path: &str, optional: bool, refused: Option<String>) -> bool {
        let bytes = match self.root.read_at_most(path, FILE_BYTES) {
            Ok(bytes) => bytes,
            Err(error) if optional && is_absent(&error) => return false,
            Err(error) => {
                self.diagnostics.unreadable(path, &error, MISSING);
                return true;
            }
        };
        self.bytes += bytes.len();
        let refused = refused.or_else(|| self.refusal(path));
        let text = String::from_utf8_lossy(&bytes);
        if matches!(text, std::borrow::Cow::Owned(_)) {
            let reason = "holds bytes that are no UTF-8; each is shown as U+FFFD";
            self.diagnostics.remark(path, "", reason);
        }
        let Sudoers {
            entries,
            problems: found,
        } = sudoers::parse(&text);
        problems(path, &found, self.diagnostics);
        let index = self.policy.files.len();
        self.policy.files.push(File {
            path: path.to_owned(),
            refused: refused.clone(),
        });
        self.open.push(path.to_owned());
        for entry in entries {
            if let EntryKind::Include {
                path: written,
                directory,
            } = &entry.kind
            {
                let target = self.resolve(path, written);
                self.include(path, entry.line, &target, *directory, refused.as_deref());
            } else {
                self.policy.entries.push((index, entry));
            }
        }
        self.open.pop();
        true
    }

    /// Why sudo refuses a file or folder: others than root own it or may change it.
    fn refusal(&mut self, path: &str) -> Option<String> {
        use std::os::unix::fs::MetadataExt as _;
        let metadata = self.root.metadata(path).ok()?;
        let why = if !self.owner.is_user(metadata.uid()) {
            format!("belongs to user id {}", metadata.uid())
        } else if metadata.mode() & 0o002 != 0 {
            "may be written by everyone".to_owned()
        } else if metadata.mode() & 0o020 != 0 && !self.owner.is_group(metadata.gid()) {
            format!("may be written by group id {}", metadata.gid())
        } else {
            return None;
        };
        let reason = format!(
            "{why}, so sudo refuses it; its rules are listed all the same, as not in force"
        );
        self.diagnostics.remark(path, "", reason);
        Some(format!("{path} {why}"))
    }

    fn include(
        &mut self,
        from: &str,
        number: u32,
        target: &str,
        directory: bool,
        refused: Option<&str>,
    ) {
        let place = line(number as usize);
        if self.open.len() >= DEPTH {
            let reason = format!("includes {target} too deep, so it is left out");
            return self.diagnostics.note(from, place, reason);
        }
        if directory {
            return self.directory(from, &place, target, refused);
        }
        self.one(from, &place, target, refused);
    }

    fn one(&mut self, from: &str, place: &str, target: &str, refused: Option<&str>) {
        if self.open.iter().any(|open| open == target) {
            let reason =
                format!("includes {target}, which includes this file again; it is not read twice");
            return self.diagnostics.note(from, place, reason);
        }
        if self.bytes > ALL_BYTES {
            let reason = format!("more than {ALL_BYTES} bytes are included; {target} is left out");
            return self.diagnostics.note(from, place, reason);
        }
        if self.policy.files.len() >= MOST_FILES {
            let reason = format!("more than {MOST_FILES} files are included; {target} is left out");
            return self.diagnostics.note(from, place, reason);
        }
        self.file(target, false, refused.map(str::to_owned));
    }

    fn directory(&mut self, from: &str, place: &str, target: &str, refused: Option<&str>) {
        let names = match self.root.list(target) {
            Ok(names) => names,
            // sudo passes over a directory that is missing.
            Err(error) if is_absent(&error) => return,
            Err(error) => return self.diagnostics.unreadable(target, &error, MISSING),
        };
        let refused = refused.map(str::to_owned).or_else(|| self.refusal(target));
        for name in names {
            let shown = name.to_string_lossy();
            if shown.ends_with('~') || shown.contains('.') {
                continue;
            }
            let Some(name) = name.to_str() else {
                let reason = format!("is a name that is no UTF-8, so {MISSING} missing");
                self.diagnostics.note(target, shown, reason);
                continue;
            };
            let path = format!("{}/{name}", target.trim_end_matches('/'));
            match self.root.metadata(&path) {
                Ok(metadata) if metadata.is_file() => {
                    self.one(from, place, &path, refused.as_deref());
                }
                Ok(_) => {}
                Err(error) if is_absent(&error) => {}
                Err(error) => self.diagnostics.unreadable(&path, &error, MISSING),
            }
        }
    }

    /// The path an include means: "%h" is the host name, a relative path starts at the including file.
    fn resolve(&self, from: &str, written: &str) -> String {
        let path = written.replace("%h", self.hosts.short());
        if path.starts_with('/') {
            return path;
        }
        let directory = from.rsplit_once('/').map_or("", |(directory, _)| directory);
        format!("{directory}/{path}")
    }
}
