//! How a machine comes by its identity.

use std::{path::PathBuf, sync::Arc, time::Duration};

use freehold_proto::v1::{CredentialBundle, EnrolRequest, enrolment_client::EnrolmentClient};
use tokio::time::{sleep, timeout};
use tonic::Code;
use zeroize::Zeroize as _;

use super::{
    BundleError, ClockFault, ENROLMENT_NAME, Identity, IdentityError, JoinString, Key, KeyError,
    fingerprint::{Introduction, introduce},
    shown,
};
use crate::{
    config::Config,
    report::{Backoff, Chain, Failure, RPC_TIME, Unreachable, dial, open_channel},
    state::{StateDirectory, StateError},
};

const PENDING: &str = "joining";
/// Tries before a first answer is given up; while waiting for approval there is no such limit.
const TRIES: u32 = 6;
const MESSAGE_CHARACTERS: usize = 300;
/// Whatever a collector says about when to ask again lies within these.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);

/// A machine that has joined.
#[derive(Clone, Debug)]
pub struct Joined {
    /// Identifier that the collector gave the machine.
    pub machine: Option<String>,
    /// Which address answered.
    pub address: String,
    /// Last second of its certificate, in seconds since 1970-01-01 UTC.
    pub certificate_expires: i64,
    /// The machine's clock is wrong.
    pub clock: Option<ClockFault>,
}

/// What happens on the way, to be shown to whoever waits.
#[derive(Clone, Debug)]
pub enum Progress {
    /// The owner has to let the machine in. It asks again after this time.
    Waiting(Duration),
    /// The collector could not answer. It is asked again after this time.
    Retrying(Duration, String),
}

/// Why a machine has not joined.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// It has joined before.
    #[error(
        "this computer has already joined the collector at {collector}; to join another one, stop the agent and remove {file} first"
    )]
    AlreadyJoined {
        /// Where that collector is.
        collector: String,
        /// The identity.
        file: PathBuf,
    },
    /// No address led to the collector.
    #[error(transparent)]
    Unreachable(Unreachable),
    /// The collector refuses, in its words.
    #[error("the collector refused: {0}; ask its owner for a new join string")]
    Refused(String),
    /// The collector did not answer.
    #[error("the collector did not answer: {0}; try again, the join string is not used up")]
    NoAnswer(String),
    /// What the collector sent cannot be used.
    #[error("the collector's answer cannot be used; this is a fault of the collector")]
    Answer(#[source] BundleError),
    /// The agent's own files.
    #[error(transparent)]
    State(#[from] StateError),
    /// The identity.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// An attempt that may have reached the collector: the same key must be used again, so that a lost answer
/// does not burn the token.
#[derive(Clone, PartialEq, prost::Message)]
struct Pending {
    #[prost(string, tag = "1")]
    join_string: String,
    #[prost(bytes = "vec", tag = "2")]
    key: Vec<u8>,
    /// Labels that the installer was told to propose.
    #[prost(string, repeated, tag = "3")]
    proposed_labels: Vec<String>,
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.join_string.zeroize();
        self.key.zeroize();
    }
}

enum Answer {
    Credentials(Box<CredentialBundle>),
    Waiting(Duration),
}

enum Setback {
    Unreachable(Unreachable),
    Refused(String),
    Passing(Failure),
}

/// Joins the collector of a join string; returns when the machine has its identity. While the owner has
/// not decided this goes on asking; dropping the future stops that, and [`resume`] takes it up again.
pub async fn join(
    config: &Config,
    join_string: &JoinString,
    progress: impl FnMut(Progress) + Send,
) -> Result<Joined, JoinError> {
    let state = StateDirectory::open(&config.state_directory)?;
    refuse_if_joined(&state)?;
    let _lock = state.lock()?;
    refuse_if_joined(&state)?;
    let attempt = Attempt {
        join_string: join_string.clone(),
        key: key_for(&state, join_string)?,
        proposed_labels: config.proposed_labels.clone(),
    };
    Joining::new(config, &state, attempt)
        .await?
        .run(progress)
        .await
}

/// Keeps a join string, so that [`resume`] joins with it and proposes the labels. The caller has locked the state
/// directory.
pub(super) fn expect_join(
    state: &StateDirectory,
    join_string: JoinString,
    proposed_labels: Vec<String>,
) -> Result<(), JoinError> {
    let key = key_for(state, &join_string)?;
    let attempt = Attempt {
        join_string,
        key,
        proposed_labels,
    };
    attempt.remember(state)
}

/// The key of an earlier attempt with the same token, else a new one.
fn key_for(state: &StateDirectory, join_string: &JoinString) -> Result<Key, KeyError> {
    match earlier_attempt(state) {
        Some(earlier) if earlier.join_string.token == join_string.token => Ok(earlier.key),
        _ => Key::generate(),
    }
}

/// What a joining is made with.
struct Attempt {
    join_string: JoinString,
    key: Key,
    proposed_labels: Vec<String>,
}

impl Attempt {
    fn remember(&self, state: &StateDirectory) -> Result<(), JoinError> {
        let pending = Pending {
            join_string: self.join_string.encode(),
            key: self.key.expose_pkcs8().to_vec(),
            proposed_labels: self.proposed_labels.clone(),
        };
        Ok(state.save(PENDING, &pending)?)
    }
}

fn refuse_if_joined(state: &StateDirectory) -> Result<(), JoinError> {
    match Identity::load(state)? {
        None => Ok(()),
        Some(identity) => Err(JoinError::AlreadyJoined {
            collector: identity.addresses().join(", "),
            file: state.join("identity"),
        }),
    }
}

/// Takes up a joining that was interrupted, with the state directory already locked by the caller. `None`
/// when there is none.
pub async fn resume(
    config: &Config,
    state: &StateDirectory,
    progress: impl FnMut(Progress) + Send,
) -> Result<Option<Joined>, JoinError> {
    let Some(mut attempt) = earlier_attempt(state) else {
        return Ok(None);
    };
    let settings = config.proposed_labels.iter().cloned();
    attempt.proposed_labels.extend(settings);
    let mut joining = Joining::new(config, state, attempt).await?;
    joining.patient = true;
    joining.run(progress).await.map(Some)
}

/// A damaged remainder is no attempt: joining starts over.
fn earlier_attempt(state: &StateDirectory) -> Option<Attempt> {
    let mut pending: Pending = state.load(PENDING).ok()??;
    let join_string = pending.join_string.parse().ok()?;
    let key = Key::from_pkcs8(std::mem::take(&mut pending.key)).ok()?;
    Some(Attempt {
        join_string,
        key,
        proposed_labels: std::mem::take(&mut pending.proposed_labels),
    })
}

struct Joining<'a> {
    state: &'a StateDirectory,
    attempt: Attempt,
    introduction: Introduction,
    tls: Arc<rustls::ClientConfig>,
    verifier: Arc<super::CollectorVerifier>,
    /// Goes on asking for as long as it takes.
    patient: bool,
}

impl<'a> Joining<'a> {
    async fn new(
        config: &Config,
        state: &'a StateDirectory,
        attempt: Attempt,
    ) -> Result<Self, JoinError> {
        let root = config.root.clone();
        let introduction = tokio::task::spawn_blocking(move || introduce(&root))
            .await
            .unwrap_or_default();
        let (tls, verifier) = Identity::tls_for_joining(attempt.join_string.pin)?;
        Ok(Self {
            state,
            attempt,
            introduction,
            tls: tls.into(),
            verifier,
            patient: false,
        })
    }

    async fn run(mut self, mut progress: impl FnMut(Progress) + Send) -> Result<Joined, JoinError> {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(300));
        loop {
            match self.attempt().await? {
                Ok((Answer::Credentials(bundle), address)) => return self.finish(*bundle, address),
                Ok((Answer::Waiting(delay), _)) => {
                    self.patient = true;
                    backoff.succeeded();
                    progress(Progress::Waiting(delay));
                    sleep(delay + delay.mul_f64(rand::random::<f64>() / 10.0)).await;
                }
                Err(setback) => {
                    let failure = self.weigh(setback, backoff.failures())?;
                    let delay = backoff.failed(failure.floor(), rand::random());
                    let delay = delay.max(SHORTEST_WAIT);
                    progress(Progress::Retrying(delay, failure.to_string()));
                    sleep(delay).await;
                }
            }
        }
    }

    /// Whether to try again after a setback.
    fn weigh(&self, setback: Setback, failures: u32) -> Result<Failure, JoinError> {
        match setback {
            Setback::Refused(message) => {
                self.state.remove(PENDING)?;
                Err(JoinError::Refused(message))
            }
            Setback::Unreachable(error) if self.patient && error.untrusted().is_none() => {
                Ok(Failure::Unreachable(error))
            }
            Setback::Unreachable(error) => Err(JoinError::Unreachable(error)),
            Setback::Passing(failure) if self.patient || failures + 1 < TRIES => Ok(failure),
            Setback::Passing(failure) => Err(JoinError::NoAnswer(failure.to_string())),
        }
    }

    /// The outer error ends the joining; the inner one is a setback.
    async fn attempt(&self) -> Result<Result<(Answer, String), Setback>, JoinError> {
        let attempt = &self.attempt;
        let dialled = match dial(&attempt.join_string.addresses, &self.tls, ENROLMENT_NAME).await {
            Ok(dialled) => dialled,
            Err(error) => return Ok(Err(Setback::Unreachable(error))),
        };
        let address = dialled.address;
        let channel = match open_channel(dialled.stream, ENROLMENT_NAME).await {
            Ok(channel) => channel,
            Err(failure) => return Ok(Err(Setback::Passing(failure))),
        };
        attempt.remember(self.state)?;
        let request = EnrolRequest {
            token: attempt.join_string.token.expose().to_vec(),
            csr: attempt.key.signing_request()?,
            fingerprint: Some(self.introduction.fingerprint.clone()),
            host_name: self.introduction.host_name.clone(),
            agent_version: env!("CARGO_PKG_VERSION").to_owned(),
            proposed_labels: attempt.proposed_labels.clone(),
        };
        let mut client = EnrolmentClient::new(channel);
        let Ok(answer) = timeout(RPC_TIME, client.enrol(request)).await else {
            let failure = Failure::Lost("no answer came in time".to_owned());
            return Ok(Err(Setback::Passing(failure)));
        };
        Ok(match answer {
            Ok(answer) => {
                let answer = answer.into_inner();
                let delay = Duration::from_secs(answer.retry_after_seconds.into());
                let answer = answer.credentials.map_or_else(
                    || Answer::Waiting(delay.clamp(SHORTEST_WAIT, LONGEST_WAIT)),
                    |bundle| Answer::Credentials(bundle.into()),
                );
                Ok((answer, address))
            }
            Err(status) => Err(setback(status)),
        })
    }

    fn finish(self, bundle: CredentialBundle, address: String) -> Result<Joined, JoinError> {
        let Attempt {
            join_string, key, ..
        } = self.attempt;
        let identity =
            Identity::new(key, bundle, &join_string.addresses).map_err(JoinError::Answer)?;
        Chain::forget(self.state)?;
        identity.save(self.state)?;
        self.state.remove(PENDING)?;
        Ok(Joined {
            machine: identity.machine().map(str::to_owned),
            address,
            certificate_expires: identity.certificate().validity.not_after,
            clock: self.verifier.clock_fault(),
        })
    }
}

fn setback(status: tonic::Status) -> Setback {
    match status.code() {
        Code::Unauthenticated
        | Code::PermissionDenied
        | Code::InvalidArgument
        | Code::FailedPrecondition
        | Code::Unimplemented => Setback::Refused(shown(status.message(), MESSAGE_CHARACTERS)),
        _ => Setback::Passing(status.into()),
    }
}
