//! How many questions there may be at once: one a person, and few in all.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::{QuestionError, limits};
use crate::access::Who;

/// Who asks at the moment. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Places {
    asking: Arc<Mutex<HashSet<Who>>>,
    free: Arc<Semaphore>,
}

/// A place for one question, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Places,
    who: Who,
    /// Given back with this.
    permit: Option<OwnedSemaphorePermit>,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            asking: Arc::default(),
            free: Arc::new(Semaphore::new(limits::AT_ONCE)),
        }
    }
}

impl Places {
    /// A place for somebody who has none, if there is one in time.
    pub(super) async fn take(&self, who: Who, patience: Duration) -> Result<Place, QuestionError> {
        if !self
            .asking
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(who)
        {
            return Err(QuestionError::Busy);
        }
        let mut place = Place {
            places: self.clone(),
            who,
            permit: None,
        };
        let permit = timeout(patience, self.free.clone().acquire_owned()).await;
        // Nobody closes it.
        let permit = permit.map_err(|_| QuestionError::Crowded)?;
        place.permit = permit.ok();
        Ok(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut asking = self
            .places
            .asking
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        asking.remove(&self.who);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::PersonId;

    #[tokio::test]
    async fn somebody_asks_one_question_at_a_time_and_few_do_at_once() {
        let places = Places::default();
        let who = |number| Who::Owner(PersonId([number; 16]));
        let take = |number| places.take(who(number), Duration::from_millis(50));
        let first = take(1).await.unwrap();
        assert!(matches!(take(1).await, Err(QuestionError::Busy)));
        let _second = take(2).await.unwrap();
        assert!(matches!(take(3).await, Err(QuestionError::Crowded)));
        // Who was turned away may come again.
        drop(first);
        assert!(take(3).await.is_ok());
        assert!(take(1).await.is_ok());
    }
}
