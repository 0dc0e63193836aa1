//! Services that run as root a program which others may change, or one from a home folder.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    os::unix::fs::MetadataExt as _,
};

use freehold_proto::v1::{accounts::privilege::Mechanism, toggle::State};

use crate::parse::systemd_unit::{self, Setting};
use crate::probe::{Root, section::Diagnostics};

use super::super::people::People;
use super::super::privilege::EVERYTHING;
use super::{Opening, Who, each, interpreters::is_interpreter, writers};

/// Where units are; a file in an earlier folder hides one of the same name in a later one.
const FOLDERS: [&str; 5] = [
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    NEWER,
    OLDER,
];

/// One and the same in newer distributions.
const NEWER: &str = "/usr/lib/systemd/system";
const OLDER: &str = "/lib/systemd/system";

/// Most units read, and the longest.
const UNITS: usize = 3_000;
const UNIT_BYTES: u64 = 256 * 1024;

/// Settings whose programs run with the rights of the unit.
const COMMANDS: [&str; 7] = [
    "ExecStart",
    "ExecStartPre",
    "ExecStartPost",
    "ExecCondition",
    "ExecReload",
    "ExecStop",
    "ExecStopPost",
];

/// Finds them.
pub(super) fn find(root: &Root, people: &People, diagnostics: &mut Diagnostics) -> Vec<Opening> {
    let mut openings = Vec::new();
    for (name, files) in units(root, diagnostics) {
        let mut service = Service::default();
        for path in &files {
            match root.read_at_most(path, UNIT_BYTES) {
                Ok(bytes) => service.add(path, &String::from_utf8_lossy(&bytes)),
                // A link to /dev/null masks a unit; one that leads nowhere names none.
                Err(error) if root.is_link(path).unwrap_or(false) && !is_loop(&error) => {}
                Err(error) => {
                    diagnostics.unreadable(path, &error, "what the service runs as root is");
                }
            }
        }
        openings.extend(service.openings(root, people, &name));
    }
    openings
}

/// What changes when a unit or a fragment of one changes, comes or goes.
pub(super) fn mark(root: &Root) -> u64 {
    let mut mark = DefaultHasher::new();
    for (name, files) in units(root, &mut Diagnostics::new()) {
        name.hash(&mut mark);
        for path in files {
            let metadata = root.metadata(&path).ok();
            let metadata = metadata.map(|it| (it.ino(), it.len(), it.ctime(), it.ctime_nsec()));
            (path, metadata).hash(&mut mark);
        }
    }
    mark.finish()
}

/// Services by name with their files: the unit itself, then its fragments.
fn units(root: &Root, diagnostics: &mut Diagnostics) -> BTreeMap<String, Vec<String>> {
    let mut units: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut fragments: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let missing = "services that run as root may be";
    let is_double = |folder: &&str| *folder == OLDER && is_same(root, OLDER, NEWER);
    for folder in FOLDERS.into_iter().filter(|folder| !is_double(folder)) {
        for name in diagnostics.list_optional(root, folder, missing) {
            let path = format!("{folder}/{name}");
            if let Some(unit) = name.strip_suffix(".d").filter(|unit| is_service(unit)) {
                for fragment in root.list(&path).unwrap_or_default() {
                    let fragment = fragment.to_string_lossy();
                    if fragment.strip_suffix(".conf").is_some() {
                        let all = fragments.entry(unit.to_owned()).or_default();
                        all.push(format!("{path}/{fragment}"));
                    }
                }
            } else if is_service(&name) && !units.contains_key(&name) && units.len() < UNITS {
                units.insert(name, vec![path]);
            }
        }
    }
    for (unit, paths) in fragments {
        // Fragments of units that have no file, as those of each user's own manager.
        units.entry(unit).or_default().extend(paths);
    }
    units
}

/// Whether two paths lead to the same folder.
fn is_same(root: &Root, one: &str, other: &str) -> bool {
    let place = |path: &str| root.metadata(path).map(|it| (it.dev(), it.ino())).ok();
    place(one).is_some_and(|it| Some(it) == place(other))
}

/// Whether links lead in a circle.
fn is_loop(error: &std::io::Error) -> bool {
    rustix::io::Errno::from_io_error(error) == Some(rustix::io::Errno::LOOP)
}

fn is_service(name: &str) -> bool {
    name.strip_suffix(".service").is_some()
}

/// What a unit and its fragments say.
#[derive(Default)]
struct Service {
    user: String,
    dynamic_user: bool,
    ambient: Option<(String, Setting)>,
    /// Commands by their setting, with the file they stand in.
    commands: Vec<(String, Setting)>,
}

impl Service {
    fn add(&mut self, path: &str, text: &str) {
        for setting in systemd_unit::settings(text) {
            if setting.section != "Service" {
                continue;
            }
            match setting.key.as_str() {
                "User" => self.user.clone_from(&setting.value),
                "DynamicUser" => {
                    self.dynamic_user =
                        matches!(setting.value.as_str(), "yes" | "true" | "1" | "on");
                }
                "AmbientCapabilities" => self.ambient = Some((path.to_owned(), setting)),
                key if COMMANDS.contains(&key) => {
                    // An empty value takes back what was set before.
                    if setting.value.is_empty() {
                        self.commands.retain(|(_, other)| other.key != setting.key);
                    } else {
                        self.commands.push((path.to_owned(), setting));
                    }
                }
                _ => {}
            }
        }
    }

    fn runs_as_root(&self) -> bool {
        !self.dynamic_user && matches!(self.user.as_str(), "" | "root" | "0")
    }

    fn openings(&self, root: &Root, people: &People, name: &str) -> Vec<Opening> {
        // The managers of users run programs of theirs, with no rights but theirs unless a fragment says so.
        if let Some(uid) = name.strip_prefix("user@") {
            return self.of_user_manager(uid.trim_end_matches(".service"), people);
        }
        let mut openings: Vec<Opening> = Vec::new();
        for (path, setting) in &self.commands {
            let Some(command) = systemd_unit::command(&setting.value) else {
                continue;
            };
            if !self.runs_as_root() && !command.privileged {
                continue;
            }
            let script = command.arguments.iter().find(|word| word.starts_with('/'));
            let file_name = command.program.rsplit('/').next().unwrap_or_default();
            let script = script.filter(|_| is_interpreter(file_name));
            for program in std::iter::once(&command.program).chain(script) {
                if !program.starts_with('/') || program.contains('%') {
                    continue;
                }
                for opening in of_program(
                    root,
                    program,
                    path,
                    setting.line,
                    &format!("service {name}"),
                ) {
                    let told = openings
                        .iter()
                        .any(|other| other.who == opening.who && other.step == opening.step);
                    if !told {
                        openings.push(opening);
                    }
                }
            }
        }
        openings
    }

    fn of_user_manager(&self, uid: &str, people: &People) -> Vec<Opening> {
        let Some((path, setting)) = self
            .ambient
            .as_ref()
            .filter(|(_, one)| !one.value.is_empty())
        else {
            return Vec::new();
        };
        let who = match uid.parse() {
            Ok(uid) => Who::User(uid),
            Err(_) if uid.is_empty() => Who::Everyone,
            Err(_) => match people.person(uid) {
                Some(person) => Who::User(person.uid),
                None => return Vec::new(),
            },
        };
        vec![Opening {
            mechanism: Mechanism::Service,
            who,
            step: "services of the user".to_owned(),
            scope: format!(
                "programs with rights of root: {}",
                setting.value.to_ascii_lowercase()
            ),
            conditions: Vec::new(),
            source: path.clone(),
            line: Some(setting.line),
            full_control: State::Unknown,
        }]
    }
}

/// What follows from root running a program by itself.
pub(super) fn of_program(
    root: &Root,
    program: &str,
    source: &str,
    line: u32,
    what: &str,
) -> Vec<Opening> {
    let writers = writers::of_program(root, program);
    writers
        .iter()
        .flat_map(|(who, place)| {
            let place = place.display().to_string();
            let via = if place == program {
                format!("may change {program}")
            } else {
                format!("may replace {program} through {place}")
            };
            each(&[*who], |who| Opening {
                mechanism: Mechanism::Service,
                who,
                step: format!("{via}, which {what} runs"),
                scope: format!("{EVERYTHING}: the program runs as root"),
                conditions: Vec::new(),
                source: source.to_owned(),
                line: Some(line),
                full_control: State::On,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::probe::fixture::{root_with, write};

    #[test]
    fn a_unit_or_fragment_that_comes_changes_or_goes_leaves_a_mark() {
        let unit = "/etc/systemd/system/app.service";
        let fragment = "/usr/lib/systemd/system/app.service.d/x.conf";
        let (directory, root) = root_with(&[
            (unit, b"[Service]\n"),
            ("/usr/lib/systemd/system/x.timer", b""),
        ]);
        let path = |path: &str| directory.path().join(path.trim_start_matches('/'));
        let changes: [&dyn Fn(); 5] = [
            &|| write(directory.path(), unit, b"[Service]\nExecStart=/srv/a\n"),
            &|| write(directory.path(), fragment, b"[Service]\n"),
            &|| write(directory.path(), fragment, b"[Service]\nUser=anna\n"),
            // As long as it was, and the same file.
            &|| write(directory.path(), fragment, b"[Service]\nUser=root\n"),
            &|| fs::remove_file(path(fragment)).unwrap(),
        ];
        for change in changes {
            let before = mark(&root);
            write(
                directory.path(),
                "/usr/lib/systemd/system/x.timer",
                b"other",
            );
            assert_eq!(mark(&root), before);
            // The clock by which files are marked does not move on with every change.
            std::thread::sleep(std::time::Duration::from_millis(20));
            change();
            assert_ne!(mark(&root), before);
        }
    }
}
