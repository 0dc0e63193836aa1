//! The inputs that fuzzing starts from and what it found, replayed: every file through every parser.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

#[path = "../fuzz/src/lib.rs"]
#[allow(unreachable_pub, reason = "a library of its own where it is fuzzed")]
mod fuzz;

use std::{
    collections::BTreeSet,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// Longest time a parser may take for one of these small files, without optimisation.
const TIME: Duration = Duration::from_secs(2);

/// Modules of `parse` without a target of their own, each with the reason.
const WITHOUT: [(&str, &str); 2] = [
    ("colon", "passwd, group and shadow are made of it"),
    ("problem", "reads nothing"),
];

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn names(path: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn every_file_of_every_corpus_is_survived_by_every_parser() {
    let mut files = 0;
    for (target, _) in fuzz::TARGETS {
        let corpus = folder("fuzz/corpus").join(target);
        for file in names(&corpus) {
            let bytes = fs::read(corpus.join(&file)).unwrap();
            files += 1;
            for (name, parse) in fuzz::TARGETS {
                let started = Instant::now();
                let survived = catch_unwind(AssertUnwindSafe(|| parse(&bytes)));
                assert!(survived.is_ok(), "{name} fails on {target}/{file}");
                let took = started.elapsed();
                assert!(took < TIME, "{name} takes {took:?} for {target}/{file}");
            }
        }
    }
    println!("{files} files through {} parsers", fuzz::TARGETS.len());
    assert!(files >= fuzz::TARGETS.len());
}

#[test]
fn every_parser_has_a_target_and_every_target_a_corpus() {
    let targets: BTreeSet<String> = fuzz::TARGETS
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    let modules = fs::read_to_string(folder("src/parse.rs")).unwrap();
    let modules = modules
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    let without: BTreeSet<&str> = WITHOUT.iter().map(|(name, _)| *name).collect();
    let missing: Vec<_> = modules
        .filter(|name| !targets.contains(*name) && !without.contains(name))
        .collect();
    assert!(
        missing.is_empty(),
        "add fuzz targets in agent/fuzz/src/lib.rs for {missing:?}"
    );
    let files = names(&folder("fuzz/fuzz_targets"));
    let programs: BTreeSet<String> = files
        .iter()
        .map(|name| name.trim_end_matches(".rs").to_owned())
        .collect();
    assert_eq!(programs, targets);
    assert_eq!(names(&folder("fuzz/corpus")), targets);
}

/// What fuzzing does, on stable Rust and a little at a time: each file of a corpus, changed at random places.
/// `FREEHOLD_MUTATIONS` asks for more than the usual number.
#[test]
fn files_changed_at_random_are_survived() {
    let times = mutations();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    for (target, parse) in fuzz::TARGETS {
        let corpus = folder("fuzz/corpus").join(target);
        for file in names(&corpus) {
            let original = fs::read(corpus.join(&file)).unwrap();
            for _ in 0..times {
                let bytes = mutated(&original, &mut random);
                let survived = catch_unwind(AssertUnwindSafe(|| parse(&bytes)));
                assert!(
                    survived.is_ok(),
                    "{target} fails on {bytes:?}, made from {file}"
                );
            }
        }
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "asked for by whoever runs the test"
)]
fn mutations() -> usize {
    let asked = std::env::var("FREEHOLD_MUTATIONS").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(200)
}

/// Up to eight bytes flipped, removed, doubled, or replaced by one that means something in these formats.
fn mutated(original: &[u8], random: &mut u64) -> Vec<u8> {
    const SPECIAL: &[u8] = b"\0\n\t \"'\\#:,;=!%@/()[]{}<>*-+\x7f\x80\xff";
    let mut next = |below: usize| {
        *random ^= *random << 13;
        *random ^= *random >> 7;
        *random ^= *random << 17;
        usize::try_from(*random % below.max(1) as u64).unwrap()
    };
    let mut bytes = original.to_vec();
    for _ in 0..=next(8) {
        if bytes.is_empty() {
            break;
        }
        let at = next(bytes.len());
        match next(6) {
            0 => bytes[at] ^= 1 << next(8),
            1 => drop(bytes.remove(at)),
            2 => bytes.insert(at, SPECIAL[next(SPECIAL.len())]),
            3 => bytes[at] = SPECIAL[next(SPECIAL.len())],
            4 => bytes.truncate(at),
            _ => {
                let end = (at + 1 + next(40)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                let to = next(bytes.len());
                bytes.splice(to..to, piece);
            }
        }
    }
    bytes
}

/// Long input that repeats itself: the time must not grow with the square of the length.
#[test]
fn long_input_takes_no_parser_long() {
    const LENGTH: usize = 1 << 18;
    let pieces: [&[u8]; 14] = [
        b"\0",
        b"\xff",
        b"\n",
        b":",
        b",",
        b"\\",
        b"\"",
        b"(",
        b"a=b\n",
        b"a ALL=ALL\n",
        b"x:x:0:0:::\n",
        b"ALL:",
        b"Package: a\n",
        b"{",
    ];
    for piece in pieces {
        let bytes = piece.repeat(LENGTH / piece.len());
        for (name, parse) in fuzz::TARGETS {
            let started = Instant::now();
            parse(&bytes);
            let took = started.elapsed();
            assert!(
                took < TIME * 3,
                "{name} takes {took:?} for {:?}",
                String::from_utf8_lossy(piece)
            );
        }
    }
}
