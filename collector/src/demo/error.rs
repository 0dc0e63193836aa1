//! Why there is no demo.

use freehold_agent::{
    identity::{BundleError, IdentityError, KeyError},
    report::CallError,
    state::StateError,
};
use tokio::task::JoinError;

use crate::{
    access::{GrantError, InvitationError, PeopleError, ReadError, ScopeError, SuggestionError},
    app::{BuildError, RunError},
    audit::NotLogged,
    enrolment::TokenError,
    finding::{AsideError, ClaimError, WriteFindingsError},
    machines::MachineError,
    store::StoreError,
};

/// The demo cannot be made or kept up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DemoError {
    /// The collector does not start.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The collector stopped.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A part of it broke.
    #[error("the demo was interrupted: start it again")]
    Interrupted(#[source] JoinError),
    /// A made-up computer cannot reach the collector.
    #[error("a computer of the demo cannot reach its collector")]
    Call(#[from] CallError),
    /// The collector refused a made-up computer.
    #[error("the collector refused a computer of the demo")]
    Answer(#[from] Box<tonic::Status>),
    /// The certificate of a made-up computer does not name it, or there is none.
    #[error("the collector's answer to a computer of the demo names no computer")]
    Nameless,
    /// A made-up computer's certificate cannot be used.
    #[error("the certificate of a computer of the demo cannot be used")]
    Certificate(#[from] BundleError),
    /// A made-up computer's identity.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// A made-up computer's key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A made-up computer's files.
    #[error(transparent)]
    State(#[from] StateError),
    /// A report cannot be compressed.
    #[error("a report of the demo cannot be compressed")]
    Compression(#[source] std::io::Error),
    /// No join string.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The registry.
    #[error(transparent)]
    Machine(#[from] MachineError),
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was reported cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// What was found is not kept.
    #[error(transparent)]
    Findings(#[from] WriteFindingsError),
    /// A finding is not set aside.
    #[error(transparent)]
    Aside(#[from] AsideError),
    /// It is not noted whose an administrator is.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// A finding that is to be set aside is not there.
    #[error("{host} has no open finding of the rule {rule} that could be set aside")]
    NoFinding {
        /// The computer.
        host: &'static str,
        /// The rule.
        rule: &'static str,
    },
    /// No grant.
    #[error(transparent)]
    Grant(#[from] GrantError),
    /// What is to be shared.
    #[error(transparent)]
    Scope(#[from] ScopeError),
    /// A technician is not there.
    #[error(transparent)]
    Invitation(#[from] InvitationError),
    /// Somebody does not sign out.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// The log.
    #[error(transparent)]
    Log(#[from] NotLogged),
    /// A proposal.
    #[error(transparent)]
    Suggestion(#[from] SuggestionError),
    /// When computers were heard is not kept.
    #[error(transparent)]
    Presence(#[from] crate::ingest::FlushError),
}

impl From<tonic::Status> for DemoError {
    fn from(status: tonic::Status) -> Self {
        Self::Answer(Box::new(status))
    }
}
