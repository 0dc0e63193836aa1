//! `audit export` and `audit compare`: whether two people were shown one and the same log.
//!
//! A file is either a checkpoint, as the dashboard and `freehold-collector audit checkpoint` show it, or a log: the
//! words below, what checks its signature, what each entry commits to, an empty line, and the checkpoint over them.

use std::{fs, io::Read as _, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use freehold_proto::v1::{ReadCommitmentsRequest, ReadCommitmentsResponse};

use super::{
    args,
    export::Output,
    line::{self, all},
    profile::Profiles,
    trouble::Trouble,
};
use crate::audit::{Checkpoint, Hash, Verifier, root_of};

/// How a file with a log begins.
const HEAD: &str = "freehold log 1";

/// Longest file that is read, in bytes: a log of some ten million entries.
const LONGEST: u64 = 512 * 1024 * 1024;

/// What a file holds.
enum Kept {
    /// What was signed; by whom is not known yet.
    Checkpoint(String),
    /// What was signed, and the entries, which fit it.
    Log(Verifier, Side),
}

/// A log as one of the two files shows it.
struct Side {
    checkpoint: Checkpoint,
    /// What its entries commit to; `None` where only the checkpoint is known.
    commitments: Option<Vec<Hash>>,
}

/// How two logs stand to each other.
#[derive(Debug, PartialEq, Eq)]
enum Relation {
    Same,
    /// The shorter one is how the longer one began.
    Continues,
    /// They differ from this entry on.
    Differ(Option<u64>),
}

/// Writes down what a client's log commits to.
pub(super) async fn export(profiles: &Profiles, args: &args::ExportLog) -> Result<(), Trouble> {
    let mut output = Output::open(args.to.clone())?;
    let mut profile = profiles.one(&args.client)?;
    // Not compared with what is kept: a log that was rewritten is what there is to prove.
    let mut line = line::open_unchecked(&mut profile).await?;
    let pieces = all(line.read_commitments(ReadCommitmentsRequest {})).await?;
    output.write(file(&pieces).as_bytes())?;
    output.finish()
}

/// `audit compare`
pub(super) fn compare(profiles: &Profiles, args: &args::Compare) -> Result<(), Trouble> {
    let (kept, beside) = (read(&args.one)?, read(&args.other)?);
    let verifier = verifier(&kept, &beside, &profiles.verifiers()?)?;
    let (one, other) = (kept.signed(&verifier)?, beside.signed(&verifier)?);
    let (mut longer, mut shorter) = (args.one.display(), args.other.display());
    let (mut more, mut fewer) = (one.checkpoint.size, other.checkpoint.size);
    if more < fewer {
        (longer, shorter, more, fewer) = (shorter, longer, fewer, more);
    }
    match relation(&one, &other)? {
        Relation::Same => println!("{longer} and {shorter} are the same log: {more} entries."),
        Relation::Continues => println!(
            "{longer} continues {shorter}: the first {fewer} entries of both are the same, then {} follow.",
            more - fewer
        ),
        Relation::Differ(first) => {
            let epochs = (one.checkpoint.epoch, other.checkpoint.epoch);
            return Err(Trouble::Forked(forked(first, epochs)));
        }
    }
    Ok(())
}

fn forked(first: Option<u64>, epochs: (u32, u32)) -> String {
    let what = first.map_or_else(
        || "these are not the same log".to_owned(),
        |entry| format!("these logs differ from entry {entry} on"),
    );
    if epochs.0 == epochs.1 {
        format!(
            "{what}: the collector has shown two different logs, or its log was rewritten. Keep both files: their \
             signatures prove it"
        )
    } else {
        format!(
            "{what}: one is of part {}, the other of part {} of the log. A part begins when a backup is restored: \
             ask the owner whether that is so",
            epochs.0, epochs.1
        )
    }
}

/// What checks both files: it stands in a log; for a checkpoint it is what this device keeps of the client.
fn verifier(one: &Kept, other: &Kept, known: &[Verifier]) -> Result<Verifier, Trouble> {
    match (one, other) {
        (Kept::Log(verifier, _), _) | (_, Kept::Log(verifier, _)) => Ok(verifier.clone()),
        (Kept::Checkpoint(note), _) => {
            let fits = |verifier: &&Verifier| verifier.open(note).is_ok();
            known.iter().find(fits).cloned().ok_or(Trouble::NoKey)
        }
    }
}

impl Kept {
    /// What it says, if this is the key it was signed with.
    fn signed(self, verifier: &Verifier) -> Result<Side, Trouble> {
        match self {
            Self::Log(own, side) if own == *verifier => Ok(side),
            Self::Log(..) => Err(Trouble::OtherLog),
            Self::Checkpoint(note) => Ok(Side {
                checkpoint: verifier.open(&note).map_err(|_| Trouble::OtherLog)?,
                commitments: None,
            }),
        }
    }
}

fn relation(one: &Side, other: &Side) -> Result<Relation, Trouble> {
    match (&one.commitments, &other.commitments) {
        (Some(one), Some(other)) => Ok(of_logs(one, other)),
        (Some(log), None) => of_log(log, &other.checkpoint),
        (None, Some(log)) => of_log(log, &one.checkpoint),
        (None, None) if one.checkpoint.size != other.checkpoint.size => Err(Trouble::Incomparable),
        (None, None) if one.checkpoint.root == other.checkpoint.root => Ok(Relation::Same),
        (None, None) => Ok(Relation::Differ(None)),
    }
}

fn of_logs(one: &[Hash], other: &[Hash]) -> Relation {
    let first = one.iter().zip(other).position(|(one, other)| one != other);
    match first {
        Some(first) => Relation::Differ(Some(first as u64)),
        None if one.len() == other.len() => Relation::Same,
        None => Relation::Continues,
    }
}

/// A log beside a checkpoint: its first entries must give the root that was signed.
fn of_log(log: &[Hash], signed: &Checkpoint) -> Result<Relation, Trouble> {
    let size = usize::try_from(signed.size).ok();
    let first = size.and_then(|size| log.get(..size));
    let first = first.ok_or(Trouble::Incomparable)?;
    Ok(if root_of(first) != signed.root {
        Relation::Differ(None)
    } else if first.len() == log.len() {
        Relation::Same
    } else {
        Relation::Continues
    })
}

fn read(path: &Path) -> Result<Kept, Trouble> {
    let failed = |source| Trouble::Read {
        path: path.to_owned(),
        source,
    };
    let mut text = String::new();
    let file = fs::File::open(path).map_err(failed)?;
    file.take(LONGEST)
        .read_to_string(&mut text)
        .map_err(|_| Trouble::NotALog(path.to_owned()))?;
    match text.strip_prefix(HEAD) {
        None => Ok(Kept::Checkpoint(text)),
        Some(rest) => log(rest, path),
    }
}

/// A log, of which the checkpoint fits the entries and the signature.
fn log(text: &str, path: &Path) -> Result<Kept, Trouble> {
    let malformed = || Trouble::NotALog(path.to_owned());
    let (body, note) = text.split_once("\n\n").ok_or_else(malformed)?;
    let mut lines = body.trim_start().lines();
    let verifier = lines
        .next()
        .and_then(Verifier::parse)
        .ok_or_else(malformed)?;
    let hash = |line: &str| -> Option<Hash> { STANDARD.decode(line).ok()?.try_into().ok() };
    let commitments: Option<Vec<Hash>> = lines.map(hash).collect();
    let commitments = commitments.ok_or_else(malformed)?;
    let signed = verifier.open(note);
    let checkpoint =
        signed.map_err(|_| Trouble::Unsigned(path.to_owned(), "the signature does not fit"))?;
    if checkpoint.size != commitments.len() as u64 || checkpoint.root != root_of(&commitments) {
        return Err(Trouble::Unsigned(
            path.to_owned(),
            "the checkpoint is about other entries",
        ));
    }
    let side = Side {
        checkpoint,
        commitments: Some(commitments),
    };
    Ok(Kept::Log(verifier, side))
}

fn file(pieces: &[ReadCommitmentsResponse]) -> String {
    let last = pieces.last().cloned().unwrap_or_default();
    let mut text = format!("{HEAD}\n{}\n", last.verifier);
    for commitment in pieces.iter().flat_map(|piece| piece.commitments.chunks(32)) {
        text.push_str(&STANDARD.encode(commitment));
        text.push('\n');
    }
    text.push('\n');
    text.push_str(&last.checkpoint);
    text
}

#[cfg(test)]
mod tests {
    use ring::signature::Ed25519KeyPair;

    use super::*;
    use crate::audit::LogKey;

    fn key() -> LogKey {
        let random = ring::rand::SystemRandom::new();
        let der = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
        LogKey::from_pkcs8("freehold/test", der.as_ref()).unwrap()
    }

    fn commitments(entries: u8) -> Vec<Hash> {
        (0..entries).map(|entry| [entry; 32]).collect()
    }

    fn exported(key: &LogKey, commitments: &[Hash]) -> String {
        file(&[ReadCommitmentsResponse {
            commitments: commitments.concat(),
            checkpoint: key.sign(&Checkpoint {
                epoch: 1,
                size: commitments.len() as u64,
                root: root_of(commitments),
            }),
            verifier: key.verifier(),
        }])
    }

    fn kept(text: &str) -> Result<Kept, Trouble> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        fs::write(&file, text).unwrap();
        read(&file)
    }

    /// What two texts are to each other, for somebody who knows a key.
    fn compared(one: &str, other: &str, known: &LogKey) -> Result<Relation, Trouble> {
        let (one, other) = (kept(one)?, kept(other)?);
        let known = Verifier::parse(&known.verifier()).unwrap();
        let verifier = verifier(&one, &other, &[known])?;
        relation(&one.signed(&verifier)?, &other.signed(&verifier)?)
    }

    fn note(text: &str) -> String {
        text.split_once("\n\n").unwrap().1.to_owned()
    }

    #[test]
    fn two_logs_are_the_same_or_one_continues_the_other_or_the_first_difference_is_named() {
        let key = key();
        let long = exported(&key, &commitments(9));
        let short = exported(&key, &commitments(6));
        assert_eq!(compared(&long, &long, &key).unwrap(), Relation::Same);
        assert_eq!(compared(&short, &long, &key).unwrap(), Relation::Continues);
        let mut other = commitments(8);
        other[4] = [77; 32];
        let other = exported(&key, &other);
        let differ = compared(&other, &long, &key).unwrap();
        assert_eq!(differ, Relation::Differ(Some(4)));
    }

    #[test]
    fn a_checkpoint_is_compared_with_a_log_and_with_another_of_its_length() {
        let key = key();
        let log = exported(&key, &commitments(9));
        let early = note(&exported(&key, &commitments(6)));
        assert_eq!(compared(&early, &log, &key).unwrap(), Relation::Continues);
        let whole = note(&log);
        assert_eq!(compared(&log, &whole, &key).unwrap(), Relation::Same);
        assert_eq!(compared(&whole, &whole, &key).unwrap(), Relation::Same);
        let mut forked = commitments(6);
        forked[0] = [77; 32];
        let forked = note(&exported(&key, &forked));
        for other in [&log, &early] {
            let differ = compared(&forked, other, &key).unwrap();
            assert_eq!(differ, Relation::Differ(None));
        }
        let short = exported(&key, &commitments(6));
        for shorter in [&early, &short] {
            let unknown = compared(&whole, shorter, &key);
            assert!(matches!(unknown, Err(Trouble::Incomparable)));
        }
    }

    #[test]
    fn what_was_altered_or_signed_by_another_is_refused() {
        let (own, another) = (key(), key());
        let text = exported(&own, &commitments(5));
        let foreign = exported(&another, &commitments(5));
        for foreign in [foreign.clone(), note(&foreign)] {
            let refused = compared(&text, &foreign, &own);
            assert!(matches!(refused, Err(Trouble::OtherLog)), "{foreign}");
        }
        let unknown = compared(&note(&text), &note(&text), &another);
        assert!(matches!(unknown, Err(Trouble::NoKey)));
        let entry = STANDARD.encode([3; 32]);
        for altered in [
            text.replace(&entry, &STANDARD.encode([9; 32])),
            text.replacen(&format!("{entry}\n"), "", 1),
            text.replace("/log/1", "/log/2"),
            text.replace(&own.verifier(), &another.verifier()),
            format!("{HEAD}\n\n"),
        ] {
            assert!(kept(&altered).is_err(), "{altered}");
        }
        for nothing in ["", "hello"] {
            assert!(compared(nothing, &text, &own).is_err(), "{nothing}");
        }
    }
}
