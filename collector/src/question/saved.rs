//! Questions that people keep for themselves: each sees their own.

use super::{Questions, STATEMENT};
use crate::{
    access::PersonId,
    store::{
        Read as _, StoreError, WriteError,
        record::{SavedQuestion, SavedQuestionsRecord},
    },
};

/// Questions that one person keeps.
const MOST: usize = 50;

/// Longest name, in characters.
const LONGEST_NAME: usize = 80;

/// Why a question is not kept.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// It cannot be called that.
    #[error("give the question a name of 1 to {LONGEST_NAME} characters on one line")]
    Name,
    /// There is no statement, or too much of it.
    #[error("a question that is kept has a statement of {STATEMENT} bytes at most")]
    Statement,
    /// There are enough.
    #[error("you keep {MOST} questions already: forget one first")]
    TooMany,
    /// The store could not be read.
    #[error("the question could not be kept")]
    Store(#[from] StoreError),
    /// The store could not be written.
    #[error("the question could not be kept")]
    Write(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Questions {
    /// Name and statement of the questions that somebody keeps, by name.
    pub fn saved(&self, person: PersonId) -> Result<Vec<(String, String)>, StoreError> {
        let kept = self.store.saved_questions(&person.0)?.questions.into_iter();
        Ok(kept.map(|question| (question.name, question.sql)).collect())
    }

    /// Keeps a question for somebody, in the place of one of the same name.
    pub async fn save(&self, person: PersonId, name: &str, sql: &str) -> Result<(), SaveError> {
        let (name, sql) = (name.trim().to_owned(), sql.trim().to_owned());
        let fits = (1..=LONGEST_NAME).contains(&name.chars().count());
        if !fits || name.chars().any(char::is_control) {
            return Err(SaveError::Name);
        }
        if sql.is_empty() || sql.len() > STATEMENT {
            return Err(SaveError::Statement);
        }
        self.change(person, move |kept| {
            kept.questions.retain(|question| question.name != name);
            if kept.questions.len() >= MOST {
                return Err(SaveError::TooMany);
            }
            kept.questions.push(SavedQuestion { name, sql });
            kept.questions.sort_by_cached_key(|question| {
                (question.name.to_lowercase(), question.name.clone())
            });
            Ok(())
        })
        .await
    }

    /// Forgets a question that somebody kept.
    pub async fn forget(&self, person: PersonId, name: &str) -> Result<(), SaveError> {
        let name = name.to_owned();
        self.change(person, move |kept| {
            kept.questions.retain(|question| question.name != name);
            Ok(())
        })
        .await
    }

    async fn change(
        &self,
        person: PersonId,
        change: impl FnOnce(&mut SavedQuestionsRecord) -> Result<(), SaveError> + Send + 'static,
    ) -> Result<(), SaveError> {
        let written = self.store.write(move |txn| {
            let mut kept = txn.saved_questions(&person.0)?;
            change(&mut kept)?;
            txn.put_saved_questions(&person.0, &kept);
            Ok::<_, SaveError>(())
        });
        written.await.map_err(|error| match error {
            WriteError::Change(error) => error,
            other => SaveError::Write(other.into()),
        })
    }
}
