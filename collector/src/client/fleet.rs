//! Asking many clients at once.

use std::{pin::Pin, sync::Arc};

use tokio::task::JoinSet;

use super::{
    line::{self, Line},
    profile::Chosen,
    trouble::Trouble,
};
use crate::cli::table::printable;

/// What many clients answered.
pub(super) struct Answers<T> {
    /// The answers, by the clients' names.
    pub(super) given: Vec<(String, T)>,
    /// Who did not answer and why, by name.
    pub(super) failed: Vec<Failed>,
}

/// A client that did not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failed {
    /// Its name.
    pub(super) client: String,
    /// Why.
    pub(super) reason: String,
}

/// What is asked of one client.
pub(super) type Asking<T> = Pin<Box<dyn Future<Output = Result<T, Trouble>> + Send>>;

/// Asks all clients at the same time. One that does not answer holds nobody up.
pub(super) async fn ask<T: Send + 'static>(
    chosen: Chosen,
    question: impl Fn(String, Line) -> Asking<T> + Send + Sync + 'static,
) -> Answers<T> {
    let question = Arc::new(question);
    let mut asked = JoinSet::new();
    for mut profile in chosen.profiles {
        let question = question.clone();
        asked.spawn(async move {
            let name = profile.name.clone();
            let answer = match line::open(&mut profile).await {
                Ok(line) => question(name.clone(), line).await,
                Err(trouble) => Err(trouble),
            };
            (name, answer)
        });
    }
    let mut answers = Answers {
        given: Vec::new(),
        failed: chosen.damaged,
    };
    while let Some(answered) = asked.join_next().await {
        match answered {
            Ok((name, Ok(answer))) => answers.given.push((name, answer)),
            Ok((client, Err(trouble))) => answers.failed.push(Failed {
                client,
                reason: printable(&trouble.sentence()),
            }),
            Err(_) => {}
        }
    }
    answers.given.sort_by(|(one, _), (other, _)| one.cmp(other));
    answers
        .failed
        .sort_by(|one, other| one.client.cmp(&other.client));
    answers
}

/// Whether everybody answered.
pub(super) fn complete(failed: &[Failed]) -> Result<(), Trouble> {
    if failed.is_empty() {
        return Ok(());
    }
    let sentence = |failed: &Failed| format!("{}: {}", failed.client, failed.reason);
    Err(Trouble::Some(failed.iter().map(sentence).collect()))
}
