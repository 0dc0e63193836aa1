//! What sshd's configuration says about keys.

use std::collections::BTreeSet;

use crate::parse::sshd_config::{self, Directive};
use crate::probe::{
    Root,
    root::is_absent,
    section::{Diagnostics, line},
};

/// The first that exists counts; the second is a vendor's default.
const FILES: [&str; 2] = ["/etc/ssh/sshd_config", "/usr/etc/ssh/sshd_config"];
const FOLDER: &str = "/etc/ssh";
const DEFAULT_FILES: [&str; 2] = [".ssh/authorized_keys", ".ssh/authorized_keys2"];
const MISSING: &str = "where sshd looks for keys is";

/// How deep files may include each other, as in sshd, and most files read.
const DEPTH: usize = 16;
const MOST_FILES: usize = 256;

/// A value and the "Match" line it is limited to.
pub(super) struct Limited {
    pub(super) value: String,
    pub(super) condition: Option<String>,
}

/// What matters here.
#[derive(Default)]
pub(super) struct Settings {
    /// Where keys are, relative to a home folder or absolute.
    pub(super) key_files: Vec<Limited>,
    /// Files of keys whose certificates open any account that they name.
    pub(super) authorities: Vec<Limited>,
    /// How root may sign in: "yes", "no", "prohibit-password" or "forced-commands-only".
    pub(super) root_sign_in: Vec<Limited>,
    /// Keys open nothing at all.
    pub(super) keys_refused: bool,
}

impl Settings {
    /// Reads `sshd_config` with all it includes.
    pub(super) fn read(root: &Root, diagnostics: &mut Diagnostics) -> Self {
        let mut reader = Reader {
            root,
            diagnostics,
            read: BTreeSet::new(),
            directives: Vec::new(),
        };
        for path in FILES {
            if reader.file(path, None, 0) {
                break;
            }
        }
        let Reader { directives, .. } = reader;
        let of = |keyword: &'static str| {
            let all = directives.iter().map(|(_, directive)| directive);
            effective(all.filter(move |one| one.keyword == keyword))
        };
        let mut settings = Self::default();
        for directive in of("authorizedkeysfile") {
            settings.key_files.extend(values(directive));
        }
        if !settings.key_files.iter().any(|one| one.condition.is_none()) {
            settings.key_files.extend(DEFAULT_FILES.map(|path| Limited {
                value: path.to_owned(),
                condition: None,
            }));
        }
        settings.key_files.retain(|one| one.value != "none");
        for directive in of("trustedusercakeys") {
            settings.authorities.extend(values(directive));
        }
        settings.authorities.retain(|one| one.value != "none");
        settings.root_sign_in = of("permitrootlogin")
            .into_iter()
            .map(|directive| Limited {
                value: directive.choice(),
                condition: directive.condition.clone(),
            })
            .collect();
        settings.keys_refused = of("pubkeyauthentication")
            .iter()
            .any(|one| one.condition.is_none() && one.choice() == "no");
        note_commands(&directives, diagnostics);
        settings
    }

    /// What limits the keys of root's accounts.
    pub(super) fn conditions_of_root(&self) -> Vec<String> {
        let told = self.root_sign_in.iter().filter_map(|one| {
            let text = match one.value.as_str() {
                "no" => "the computer's settings do not let root in (PermitRootLogin no)",
                "forced-commands-only" => {
                    "only for the command of the key (PermitRootLogin forced-commands-only)"
                }
                // Nothing to say unless it takes back a refusal for some.
                "yes" | "prohibit-password" | "without-password" if one.condition.is_some() => {
                    "root is let in"
                }
                _ => return None,
            };
            Some(match &one.condition {
                Some(condition) => format!("{text} where sshd's \"{condition}\" applies"),
                None => text.to_owned(),
            })
        });
        told.collect()
    }
}

/// Of several values for everyone the first counts; those below "Match" may each count for someone.
fn effective<'a>(directives: impl Iterator<Item = &'a Directive>) -> Vec<&'a Directive> {
    let mut found: Vec<&Directive> = Vec::new();
    for directive in directives {
        if !found.iter().any(|one| one.condition == directive.condition) {
            found.push(directive);
        }
    }
    found
}

fn values(directive: &Directive) -> impl Iterator<Item = Limited> + '_ {
    directive.arguments.iter().map(|value| Limited {
        value: value.clone(),
        condition: directive.condition.clone(),
    })
}

fn note_commands(directives: &[(String, Directive)], diagnostics: &mut Diagnostics) {
    for (path, directive) in directives {
        let what = match directive.keyword.as_str() {
            "authorizedkeyscommand" => "keys",
            "authorizedprincipalscommand" => "names that certificates are good for",
            _ => continue,
        };
        if directive.choice() != "none" {
            let reason = format!("a program tells sshd further {what}, which are not listed");
            diagnostics.note(path, line(directive.line as usize), reason);
        }
    }
}

struct Reader<'a> {
    root: &'a Root,
    diagnostics: &'a mut Diagnostics,
    read: BTreeSet<String>,
    directives: Vec<(String, Directive)>,
}

impl Reader<'_> {
    /// Reads a file and what it includes, in place; whether it exists.
    fn file(&mut self, path: &str, condition: Option<&str>, depth: usize) -> bool {
        let bytes = match self.root.read_at_most(path, 1024 * 1024) {
            Ok(bytes) => bytes,
            Err(error) if is_absent(&error) => return false,
            Err(error) => {
                self.diagnostics.unreadable(path, &error, MISSING);
                return true;
            }
        };
        let file = sshd_config::parse(&String::from_utf8_lossy(&bytes), condition);
        super::super::people::problems(path, &file.problems, self.diagnostics);
        for directive in file.directives {
            if directive.keyword == "include" {
                for pattern in &directive.arguments {
                    self.include(path, &directive, pattern, depth);
                }
            } else {
                self.directives.push((path.to_owned(), directive));
            }
        }
        true
    }

    fn include(&mut self, from: &str, directive: &Directive, pattern: &str, depth: usize) {
        let pattern = if pattern.starts_with('/') {
            pattern.to_owned()
        } else {
            format!("{FOLDER}/{pattern}")
        };
        for path in self.matching(&pattern) {
            if depth >= DEPTH || self.read.len() >= MOST_FILES {
                let reason = format!("includes {path} too deep, so it is left out");
                let place = line(directive.line as usize);
                return self.diagnostics.note(from, place, reason);
            }
            // The same file below another "Match" says something else.
            let key = format!("{path} {:?}", directive.condition);
            if self.read.insert(key) {
                self.file(&path, directive.condition.as_deref(), depth + 1);
            }
        }
    }

    /// The files of a pattern; only its last part may have wildcards.
    fn matching(&mut self, pattern: &str) -> Vec<String> {
        let (folder, last) = pattern.rsplit_once('/').unwrap_or(("", pattern));
        if !last.contains(['*', '?', '[']) {
            return vec![pattern.to_owned()];
        }
        let names = self.diagnostics.list_optional(self.root, folder, MISSING);
        let names = names.into_iter().filter(|name| {
            let hidden = name.starts_with('.') && !last.starts_with('.');
            !hidden && super::super::sudo::glob(last.as_bytes(), name.as_bytes())
        });
        names.map(|name| format!("{folder}/{name}")).collect()
    }
}
