//! The command line. Exit status 0: done; 1: failed, with one sentence on standard error; 2: wrong usage;
//! 78, for systemd only: `run` will fail again until a person has done what the sentence says.

mod commands;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand, ValueEnum};
use freehold_proto::v1::section::Kind;

use crate::{
    config::ConfigError,
    run::RunError,
    service::{self, AGENT, NEEDS_A_PERSON},
    snapshot::json::section_kind,
    sys,
};

/// Reports what this computer is made of to the collector of the business that owns it.
#[derive(Debug, Parser)]
#[command(name = "freehold-agent", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make this computer known to a collector
    Join {
        /// The line that the collector printed, or - to read it from standard input
        join_string: String,
        /// Settings file [default: /etc/freehold/agent.toml, on Windows agent.toml beside the program, where that exists]
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Observe this computer and report to the collector until stopped
    Run {
        /// Settings file [default: /etc/freehold/agent.toml, on Windows agent.toml beside the program, where that exists]
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Show exactly the sections that would be reported; readings such as free space are not among them
    Snapshot {
        /// Only this section; may be given several times
        #[arg(long, value_name = "NAME", value_parser = parse_section)]
        section: Vec<Kind>,
        /// Read another root file system, such as a mounted disk
        #[arg(long, value_name = "DIR")]
        root: Option<PathBuf>,
        /// How to show it
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
        /// Write the raw rows that Windows answered into a new file instead, without names, addresses and serial numbers,
        /// for the makers' tests; of antivirus, accounts, services and protection
        #[arg(long, value_name = "FILE", conflicts_with_all = ["root", "format"])]
        record: Option<PathBuf>,
    },
    /// Erase this computer's identity and all that was not sent yet; the agent must be stopped
    #[command(hide = true)]
    Forget {
        /// Settings file [default: as for the others]
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Tell how the agent on this computer is doing
    Status {
        /// As JSON
        #[arg(long)]
        json: bool,
        /// Settings file [default: /etc/freehold/agent.toml, on Windows agent.toml beside the program, where that exists]
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

#[derive(Clone, Debug, thiserror::Error)]
#[error("there is no section of that name; the sections are {0}")]
struct NoSuchSection(String);

fn parse_section(name: &str) -> Result<Kind, NoSuchSection> {
    section_kind(name).ok_or_else(|| {
        let names: Vec<_> = crate::probe::KINDS
            .into_iter()
            .map(crate::snapshot::json::section_name)
            .collect();
        NoSuchSection(names.join(", "))
    })
}

/// Runs the command that the process was called with.
pub fn main() -> ExitCode {
    sys::memory::share_one_heap();
    match Arguments::parse().command {
        command @ Command::Run { .. } => service::host(&AGENT, move || {
            let complain = |sentence: &str| service::complain(&AGENT, sentence);
            match conclude(carry_out(command), complain) {
                Some(error) if needs_a_person(&error) => NEEDS_A_PERSON,
                Some(_) => 1,
                None => 0,
            }
        }),
        command => {
            let error = conclude(carry_out(command), |sentence| {
                eprintln!("freehold-agent: {sentence}");
            });
            error.map_or(ExitCode::SUCCESS, |_| ExitCode::FAILURE)
        }
    }
}

fn carry_out(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Join {
            join_string,
            config,
        } => commands::join(join_string, config.as_deref()),
        Command::Run { config } => commands::run(config.as_deref()),
        Command::Snapshot {
            section,
            record: Some(file),
            ..
        } => commands::record(&section, &file),
        Command::Snapshot {
            section,
            root,
            format,
            record: None,
        } => commands::snapshot(&section, root, format),
        Command::Forget { config } => commands::forget(config.as_deref()),
        Command::Status { json, config } => commands::status(json, config.as_deref()),
    }
}

/// Why a command failed, if it did; a sentence about that is told to `complain`.
fn conclude(outcome: anyhow::Result<()>, complain: impl FnOnce(&str)) -> Option<anyhow::Error> {
    match outcome {
        Err(error) if !is_broken_pipe(&error) => {
            complain(&sentence(&error));
            Some(error)
        }
        _ => None,
    }
}

/// Whether a service manager would start the agent again in vain.
fn needs_a_person(error: &anyhow::Error) -> bool {
    error.is::<ConfigError>() || error.downcast_ref().is_some_and(RunError::is_final)
}

/// Whoever reads our output has had enough.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

/// An error and its causes in one line, without the system's error numbers.
pub fn sentence(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text = format!("{text} ({cause})");
        }
    }
    without_numbers(&text.replace('\n', " "))
}

fn without_numbers(text: &str) -> String {
    let mut parts = text.split(" (os error ");
    let mut clean = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        clean.push_str(part.split_once(')').map_or(part, |(_, rest)| rest));
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory as _;
        Arguments::command().debug_assert();
    }

    #[test]
    fn an_error_is_one_line_without_numbers() {
        let cause = std::io::Error::from_raw_os_error(2);
        let error = anyhow::Error::new(cause).context("at a: x (y (os error 111)); at b: z\nthere");
        assert_eq!(
            sentence(&error),
            "at a: x (y); at b: z there (No such file or directory)"
        );
    }

    #[test]
    fn an_unknown_section_is_wrong_usage_and_names_the_known_ones() {
        let error = Arguments::try_parse_from(["freehold-agent", "snapshot", "--section", "x"])
            .unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("antivirus, accounts"), "{error}");
    }

    #[test]
    fn what_passes_by_itself_is_tried_again_and_what_does_not_waits_for_a_person() {
        use crate::state::StateError;
        let directory = || PathBuf::from("/var/lib/freehold-agent");
        let full = StateError::Write {
            path: directory(),
            source: std::io::ErrorKind::StorageFull.into(),
        };
        for passing in [full, StateError::Locked(directory())] {
            assert!(!needs_a_person(&RunError::from(passing).into()));
        }
        assert!(needs_a_person(&RunError::NotJoined.into()));
        assert!(needs_a_person(&ConfigError::NoDirectory.into()));
    }

    #[test]
    fn an_error_is_one_sentence_with_its_causes() {
        let cause = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
        let error = anyhow::Error::new(cause).context("the file cannot be read");
        assert_eq!(
            sentence(&error),
            "the file cannot be read (permission denied)"
        );
    }
}
