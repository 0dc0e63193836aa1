//! What products tell about themselves: answers of their own programs, and their files.
//!
//! Programs cost time, so an answer is kept for a while, and for no longer than the product's processes
//! and settings stay what they are.

use std::{
    os::unix::fs::MetadataExt as _,
    path::Path,
    process::Command,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::parse::status;
use crate::probe::{
    Root,
    program::{self, RunError, Untrusted},
    root::is_absent,
    section::Diagnostics,
};

use super::catalogue::{Entry, Question, Source};

/// Longest time a product's program may take.
const TIME: Duration = Duration::from_secs(5);

/// Longest answer.
const ANSWER_BYTES: usize = 256 * 1024;

/// Longest file of a product that is read.
const FILE_BYTES: u64 = 64 * 1024;

/// So long an answer counts.
const KEPT: Duration = Duration::from_secs(600);

/// Facts by place of the question.
pub(super) type Answer = Vec<(&'static Question, Vec<(String, String)>)>;

/// What may change about a product without its programs being asked: its processes, and its programs and
/// settings by their inode and time of change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signs {
    processes: Vec<u32>,
    files: Vec<Option<(u64, i64, i64)>>,
}

impl Signs {
    pub(super) fn read(root: &Root, entry: &Entry, processes: Vec<u32>) -> Self {
        let programs = entry
            .questions
            .iter()
            .map(|question| match question.source {
                Source::Program(path, _) | Source::File(path) => path,
            });
        let files = programs.chain(entry.settings.iter().copied()).map(|path| {
            let metadata = root.metadata(path).ok()?;
            Some((metadata.ino(), metadata.ctime(), metadata.ctime_nsec()))
        });
        Self {
            processes,
            files: files.collect(),
        }
    }
}

struct Kept {
    product: &'static str,
    signs: Signs,
    at: Instant,
    answer: Answer,
    diagnostics: Diagnostics,
}

/// Answers of the running machine.
static KEEPING: Mutex<Vec<Kept>> = Mutex::new(Vec::new());

/// What a product tells. Its programs are run on the running machine only, and unless `silent`: a product
/// whose service does not run has nobody to answer.
pub(super) fn of(
    root: &Root,
    entry: &'static Entry,
    signs: Signs,
    silent: bool,
    diagnostics: &mut Diagnostics,
) -> Answer {
    let runs = root.is_live() && !silent;
    if !runs {
        return ask(root, entry, false, diagnostics);
    }
    let mut keeping = KEEPING.lock().unwrap_or_else(PoisonError::into_inner);
    keeping.retain(|kept| kept.product != entry.name || kept.is_good(&signs));
    if let Some(kept) = keeping.iter().find(|kept| kept.product == entry.name) {
        diagnostics.append(kept.diagnostics.clone());
        return kept.answer.clone();
    }
    let mut own = Diagnostics::new();
    let answer = ask(root, entry, true, &mut own);
    diagnostics.append(own.clone());
    keeping.push(Kept {
        product: entry.name,
        signs,
        at: Instant::now(),
        answer: answer.clone(),
        diagnostics: own,
    });
    answer
}

impl Kept {
    fn is_good(&self, signs: &Signs) -> bool {
        self.signs == *signs && self.at.elapsed() < KEPT
    }
}

fn ask(root: &Root, entry: &'static Entry, run: bool, diagnostics: &mut Diagnostics) -> Answer {
    let speak = |path: &str, arguments: &[&str]| speak(path, arguments, TIME);
    ask_by(root, entry, run.then_some(speak), diagnostics)
}

/// Asks in turn; programs by `speak`, if at all.
fn ask_by(
    root: &Root,
    entry: &'static Entry,
    mut speak: Option<impl FnMut(&str, &[&str]) -> Result<Vec<u8>, NoAnswer>>,
    diagnostics: &mut Diagnostics,
) -> Answer {
    let mut answers = Vec::new();
    let mut hangs = false;
    for question in entry.questions {
        let answer = match question.source {
            Source::File(path) => file(root, path, diagnostics),
            // A product that hangs once hangs again.
            Source::Program(..) if hangs => None,
            Source::Program(path, arguments) => speak.as_mut().and_then(|speak| {
                let outcome = speak(path, arguments);
                hangs = matches!(&outcome, Err(NoAnswer::Failed(RunError::TimedOut { .. })));
                heard(path, outcome, diagnostics)
            }),
        };
        let facts = answer.and_then(|answer| understand(entry, question, &answer, diagnostics));
        answers.extend(facts.map(|facts| (question, facts)));
    }
    answers
}

/// The facts of an answer; `None`, with a note, when it holds none that have a rule.
fn understand(
    entry: &Entry,
    question: &Question,
    answer: &[u8],
    diagnostics: &mut Diagnostics,
) -> Option<Vec<(String, String)>> {
    let facts = status::facts(answer);
    let known = |key: &str| {
        let mut rules = question.rules.iter();
        rules.any(|(name, _)| name.eq_ignore_ascii_case(key))
    };
    if facts.iter().any(|(key, _)| known(key)) {
        return Some(facts);
    }
    let (Source::Program(path, _) | Source::File(path)) = question.source;
    let reason = format_args!(
        "answers nothing that is understood, so what {} tells about itself is missing",
        entry.name
    );
    diagnostics.note(path, "", reason);
    None
}

fn file(root: &Root, path: &str, diagnostics: &mut Diagnostics) -> Option<Vec<u8>> {
    match root.read_at_most(path, FILE_BYTES) {
        Ok(bytes) => Some(bytes),
        Err(error) if is_absent(&error) => None,
        Err(error) => {
            diagnostics.unreadable(path, &error, "what the product says there is");
            None
        }
    }
}

/// Why a program said nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoAnswer {
    #[error(transparent)]
    Untrusted(#[from] Untrusted),
    #[error(transparent)]
    Failed(#[from] RunError),
    #[error("it fails{}", said(.0.as_deref()))]
    Complained(Option<String>),
}

fn said(complaint: Option<&str>) -> String {
    match complaint {
        Some(text) => format!(" and says \"{text}\""),
        None => " without a word".to_owned(),
    }
}

fn speak(path: &str, arguments: &[&str], time: Duration) -> Result<Vec<u8>, NoAnswer> {
    let mut command = program::command(Path::new(path))?;
    run(command.args(arguments), time)
}

/// Runs a program and takes what it prints, whatever its exit status: a product that is ill says so.
fn run(command: &mut Command, time: Duration) -> Result<Vec<u8>, NoAnswer> {
    let output = program::run(command, time, ANSWER_BYTES)?;
    if output.stdout.trim_ascii().is_empty() {
        return Err(NoAnswer::Complained(output.errors()));
    }
    Ok(output.stdout)
}

fn heard(
    path: &str,
    outcome: Result<Vec<u8>, NoAnswer>,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<u8>> {
    match outcome {
        Ok(answer) => Some(answer),
        // A version of the product without this program.
        Err(NoAnswer::Untrusted(Untrusted::Absent { source, .. })) if is_absent(&source) => None,
        Err(error) => {
            let reason = format_args!("{error}, so what the product says there is missing");
            diagnostics.note(path, "", reason);
            None
        }
    }
}

#[cfg(test)]
mod tests;
