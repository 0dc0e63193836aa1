//! Every path that the agent opens, replaced by what should not be there.
//!
//! The paths are those that strace sees, whether something is there or not, so that a probe written later is
//! tested too. For each of them the program has to succeed in time, and what is missing because of it has
//! to be said.

mod everything;
mod nasty;

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
    time::Duration,
};

use serde_json::Value;

use super::{program, traced, tree::Tree};
use everything::everything;
use nasty::{Nasty, Replaced};

const SECTIONS: [&str; 8] = [
    "system",
    "hardware",
    "software",
    "antivirus",
    "accounts",
    "network",
    "services",
    "protection",
];

/// Longest time one section of a small root may take.
const DEADLINE: Duration = Duration::from_secs(20);

/// Most paths of one folder: what holds for some packages or units holds for the others.
const OF_A_FOLDER: usize = 5;

/// Paths of which nothing has to be said when they cannot be read, by their beginning, with the reason.
const SILENT: [(&str, &str); 20] = [
    (
        "/proc/",
        "drivers refuse values that they do not know, which is absence",
    ),
    ("/sys/", "as for /proc"),
    (
        "/run/",
        "only root writes there, and it is gone after a restart",
    ),
    (
        "/usr/share/",
        "names and defaults; without them numbers are shown",
    ),
    ("/etc/sudoers.d/", "sudo itself passes over what is no file"),
    (
        "/etc/hostname",
        "the system section says it; rules for some host count as rules for this one",
    ),
    (
        "/var/lib/dpkg/info/",
        "only the time of its last change is told",
    ),
    (
        "/var/lib/AccountsService/",
        "only whether the greeter hides an account",
    ),
    (
        "/etc/sssd/conf.d",
        "rules that SSSD knows are said to be missing in any case",
    ),
    (
        "/var/log/lastlog",
        "it is as long as the highest user id wants it, and most of it is empty",
    ),
    ("/etc/clamav/", "without it the usual folder is looked at"),
    // Searched for programs that lend their owner's rights: what is no folder holds none.
    ("/opt", "no folder, no programs"),
    ("/tmp", "no folder, no programs"),
    ("/usr", "no folder, no programs"),
    ("/var/tmp", "no folder, no programs"),
    ("/dev/shm", "no folder, no programs"),
    // The probe opens these below people's homes, where the trace shows no more than the rest of the path.
    ("/.local/bin", "of homes"),
    ("/AppImages", "of homes"),
    ("/Desktop", "of homes"),
    ("/Downloads", "of homes"),
];

/// A path that a section looks at.
#[derive(Clone, Debug)]
struct Looked {
    path: String,
    section: &'static str,
    /// Its content was asked for, as opposed to whether there is something.
    content: bool,
}

/// The paths of a root that each section looks at, a few of each folder.
fn paths(tree: &Tree) -> Option<Vec<Looked>> {
    let mut looked = Vec::new();
    let mut of_folder: BTreeMap<(String, &str, bool), usize> = BTreeMap::new();
    for section in SECTIONS {
        let calls = traced::calls(Some(tree.root()), &[section])?;
        let mut contents = traced::contents(&calls);
        let paths: BTreeSet<String> = calls.iter().filter_map(traced::Call::inside).collect();
        contents.extend(traced::contents(&traced::calls(
            Some(filled(&paths).root()),
            &[section],
        )?));
        for path in paths {
            let there = std::fs::symlink_metadata(tree.path(&path)).is_ok();
            let folder = path
                .rsplit_once('/')
                .map_or("", |(folder, _)| folder)
                .to_owned();
            let known = of_folder.entry((folder, section, there)).or_default();
            *known += 1;
            if *known <= OF_A_FOLDER {
                let content = contents.contains(&path);
                looked.push(Looked {
                    path,
                    section,
                    content,
                });
            }
        }
    }
    Some(looked)
}

/// The machine with an empty file wherever there is nothing.
fn filled(paths: &BTreeSet<String>) -> Tree {
    let tree = everything();
    for path in paths {
        let place = tree.path(path);
        let made = place
            .parent()
            .is_some_and(|folder| std::fs::create_dir_all(folder).is_ok());
        if made && std::fs::symlink_metadata(&place).is_err() {
            std::fs::write(&place, "").unwrap();
        }
    }
    tree
}

#[test]
fn whatever_stands_where_a_file_is_expected_the_agent_ends_in_time_and_says_what_is_missing() {
    let tree = everything();
    let Some(paths) = paths(&tree) else {
        return;
    };
    assert!(paths.len() > 150, "only {} paths", paths.len());
    let halves: Vec<Vec<String>> = std::thread::scope(|scope| {
        let halves = [0, 1].map(|half| {
            let own: Vec<_> = paths.iter().skip(half).step_by(2).collect();
            scope.spawn(move || faults_of(&own))
        });
        halves
            .into_iter()
            .map(|half| half.join().unwrap())
            .collect()
    });
    let faults = halves.concat();
    println!("{} paths, {} faults", paths.len(), faults.len());
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

fn faults_of(paths: &[&Looked]) -> Vec<String> {
    let tree = everything();
    let usual: BTreeMap<&str, Value> = SECTIONS
        .into_iter()
        .map(|section| {
            (
                section,
                program::sections(tree.root(), &[section])[section].take(),
            )
        })
        .collect();
    let mut faults = Vec::new();
    for looked in paths {
        for nasty in Nasty::all() {
            let Some(replaced) = Replaced::new(&tree, &looked.path, nasty) else {
                continue;
            };
            if let Some(fault) = look(&tree, looked, &usual[looked.section], &replaced) {
                faults.push(format!(
                    "{}: {} as {nasty:?}: {fault}",
                    looked.section, looked.path
                ));
            }
        }
    }
    faults
}

/// What is wrong with the answer, if anything.
fn look(tree: &Tree, looked: &Looked, usual: &Value, replaced: &Replaced) -> Option<String> {
    let section = looked.section;
    let mut command = Command::new(program::agent());
    command.args(program::arguments(Some(tree.root()), &[section]));
    let Some(outcome) = program::run(&mut command, DEADLINE) else {
        return Some("does not end".into());
    };
    if outcome.code != Some(0) || !outcome.stderr.is_empty() {
        return Some(format!("{:?}: {}", outcome.code, outcome.stderr));
    }
    let Ok(mut answer) = serde_json::from_slice::<Value>(&outcome.stdout) else {
        return Some("prints no JSON".into());
    };
    let answer = answer["sections"][section].take();
    let new = new_diagnostics(usual, &answer);
    if new
        .iter()
        .any(|diagnostic| diagnostic["reason"].as_str().is_none_or(str::is_empty))
    {
        return Some("a diagnostic has no reason".into());
    }
    let is_excused = SILENT
        .iter()
        .any(|(start, _)| looked.path.starts_with(start));
    if !new.is_empty() || is_excused || is_mentioned(&looked.path, usual, &answer) {
        return None;
    }
    let changed = facts(usual) != facts(&answer);
    if replaced.was_file && changed && looked.content {
        return Some(format!(
            "facts changed without a word: {}",
            difference(usual, &answer)
        ));
    }
    // What was not there may hold anything: that it cannot be read has to be said.
    let has_to_be_said = replaced.nasty.is_unreadable() && !replaced.was_folder && looked.content;
    has_to_be_said.then(|| "is passed over without a word".into())
}

/// Whether an item says it, as the sick antivirus product that names its damaged file does.
fn is_mentioned(path: &str, usual: &Value, answer: &Value) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let times = |section: &Value| section.to_string().matches(name).count();
    times(answer) > times(usual)
}

fn new_diagnostics<'a>(usual: &Value, answer: &'a Value) -> Vec<&'a Value> {
    let known = usual["diagnostics"].as_array().unwrap();
    let told = answer["diagnostics"].as_array().unwrap();
    told.iter()
        .filter(|diagnostic| !known.contains(diagnostic))
        .collect()
}

/// A section without what was said about its reading.
fn facts(section: &Value) -> Value {
    let mut facts = section.clone();
    for field in ["status", "diagnostics", "collected_at"] {
        facts[field] = Value::Null;
    }
    facts
}

fn difference(usual: &Value, answer: &Value) -> String {
    let fields = usual.as_object().unwrap().keys();
    let differ: Vec<_> = fields
        .filter(|field| facts(usual)[*field] != facts(answer)[*field])
        .map(|field| format!("{field} was {} is {}", usual[field], answer[field]))
        .map(|text| text.chars().take(400).collect::<String>())
        .collect();
    differ.join(", ")
}
