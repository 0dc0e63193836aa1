//! What goes wrong, as sentences for whoever ran the command.

use std::{io, path::PathBuf};

use freehold_agent::{
    identity::{BundleError, IdentityError, KeyError},
    report::CallError,
    state::StateError,
};
use tonic::Code;

use crate::{access::DeviceCodeError, config::ConfigError};

/// Longest message of a collector that is repeated, in characters.
const MESSAGE: usize = 400;

/// What goes wrong.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error("the program could not start")]
    Runtime(#[source] io::Error),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    State(#[from] StateError),
    #[error(transparent)]
    Identity(#[from] IdentityError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Code(#[from] DeviceCodeError),
    #[error("the code could not be read from standard input")]
    NoCode(#[source] io::Error),
    #[error(
        "this device reads no client's records yet: sign in at a client's dashboard, make a code on its page Command line, \
         and run `freehold accept`"
    )]
    NoClients,
    #[error("there is no client called '{0}' here: `freehold clients` lists them")]
    NoClient(String),
    #[error("'{0}' cannot be the name of a client: use letters, digits and hyphens, 40 at most")]
    Name(String),
    #[error("'{0}' is the name of another client here: choose another with --name")]
    Taken(String),
    #[error(
        "what this device keeps of {client} is damaged: run `freehold forget {client}`, then add the device anew"
    )]
    Damaged {
        client: String,
        #[source]
        cause: Box<Trouble>,
    },
    #[error("there is no section '{0}': choose from {1}")]
    Section(String, String),
    #[error("no client shares a computer with the name or identifier '{0}'")]
    NoComputer(String),
    #[error(
        "'{0}' could mean several computers ({1}): say which with --client, or give the identifier"
    )]
    SeveralComputers(String, String),
    #[error("the collector's answer cannot be used; this is a fault of the collector")]
    Answer(#[source] BundleError),
    #[error("the collector answered without {0}; this is a fault of the collector")]
    Missing(&'static str),
    #[error("what the collector sent cannot be shown: {0}")]
    Shown(#[from] freehold_agent::snapshot::json::JsonError),
    #[error(transparent)]
    Call(#[from] CallError),
    #[error("no answer came in time: check that the collector is switched on and try again")]
    Late,
    #[error("{0}")]
    Refused(String),
    #[error("the answer broke off before it was complete: {0}")]
    CutOff(String),
    #[error(
        "the log of who read what is not what it was when this device last looked: it was set back or rewritten. Nothing \
         more is read from this client. Ask its owner; keep the file {0} as evidence"
    )]
    Rewritten(PathBuf),
    #[error(
        "the log of who read what begins anew, as it does after a backup was restored: ask the owner whether that is so, \
         then run `freehold confirm {0}`"
    )]
    NewEpoch(String),
    #[error("what the collector says about its log cannot be believed: {0}")]
    Proof(&'static str),
    #[error("{path} cannot be written")]
    Write {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{path} cannot be read")]
    Read {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{0} is neither a checkpoint nor a log written by `freehold audit export`")]
    NotALog(PathBuf),
    #[error("{0} is not what its collector signed: {1}")]
    Unsigned(PathBuf, &'static str),
    #[error(
        "these are the logs of two collectors, or of one whose key was replaced: they cannot be compared"
    )]
    OtherLog,
    #[error(
        "a checkpoint can be compared with a log that is as long, or longer, and with a checkpoint of its own length: \
         write the log down anew with `freehold audit export`, and compare it with each"
    )]
    Incomparable,
    #[error(
        "no client of this device has the key for this checkpoint: compare it with a log written by `freehold audit \
         export`"
    )]
    NoKey,
    #[error("{0}")]
    Forked(String),
    #[error("the output cannot be written")]
    Output(#[source] io::Error),
    #[error("write the question behind the command, or send it to its standard input")]
    NoQuestion,
    #[error("the question is longer than {0} bytes, which is the most")]
    LongQuestion(usize),
    #[error("the question could not be read from standard input")]
    Input(#[source] io::Error),
    #[error("some clients did not answer")]
    Some(Vec<String>),
}

impl Trouble {
    /// One sentence, or one for each client that failed.
    pub(super) fn sentences(&self) -> Vec<String> {
        match self {
            Self::Some(sentences) => sentences.clone(),
            other => vec![other.sentence()],
        }
    }

    /// What went wrong and why.
    pub(super) fn sentence(&self) -> String {
        chain(self)
    }
}

/// An error with its causes, as one sentence. Some tell their cause themselves.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        let cause = source.to_string();
        if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
        next = source.source();
    }
    text
}

impl From<tonic::Status> for Trouble {
    /// The collector's own words where it has any. They come from another machine.
    fn from(status: tonic::Status) -> Self {
        let message: String = status.message().chars().take(MESSAGE).collect();
        match status.code() {
            Code::Unimplemented => Self::Refused(
                "this collector is older than this program: ask the owner to update it".to_owned(),
            ),
            Code::Unknown | Code::Cancelled | Code::Internal
                if std::error::Error::source(&status).is_some() =>
            {
                Self::CutOff(chain(&status).chars().take(MESSAGE).collect())
            }
            _ => Self::Refused(message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_told_and_told_once() {
        let trouble = Trouble::Write {
            path: "list".into(),
            source: io::Error::other("the disk is full"),
        };
        assert_eq!(
            trouble.sentence(),
            "list cannot be written: the disk is full"
        );
        let refused = Trouble::from(tonic::Status::permission_denied("your access ended"));
        assert_eq!(refused.sentence(), "your access ended");
        let some = Trouble::Some(vec!["hill: it is off".to_owned()]);
        assert_eq!(some.sentences(), ["hill: it is off"]);
    }
}
