//! How many questions there may be at once: one a person, and few in all.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::{QuestionError, limits};
use crate::access::Who;

/// How long a question waits at most for the same person's last one to end: it was stopped a moment ago, perhaps.
const ENDING: Duration = Duration::from_secs(3);

/// Who asks at the moment. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Places {
    asking: Arc<Mutex<HashSet<Who>>>,
    ended: Arc<Notify>,
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
            ended: Arc::default(),
            free: Arc::new(Semaphore::new(limits::AT_ONCE)),
        }
    }
}

impl Places {
    /// A place for somebody who has none, if there is one in time.
    pub(super) async fn take(&self, who: Who, patience: Duration) -> Result<Place, QuestionError> {
        let own = timeout(patience.min(ENDING), self.own(who)).await;
        let mut place = own.map_err(|_| QuestionError::Busy)?;
        let permit = timeout(patience, self.free.clone().acquire_owned()).await;
        // Nobody closes it.
        let permit = permit.map_err(|_| QuestionError::Crowded)?;
        place.permit = permit.ok();
        Ok(place)
    }

    /// A place of somebody who has no other.
    fn own_now(&self, who: Who) -> Option<Place> {
        let mut asking = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        asking.insert(who).then(|| Place {
            places: self.clone(),
            who,
            permit: None,
        })
    }

    /// Waits until somebody has no other.
    async fn own(&self, who: Who) -> Place {
        loop {
            let ended = self.ended.notified();
            tokio::pin!(ended);
            // From here on no end is missed.
            ended.as_mut().enable();
            if let Some(place) = self.own_now(who) {
                return place;
            }
            ended.await;
        }
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
        drop(asking);
        self.places.ended.notify_waiters();
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

    #[tokio::test]
    async fn who_stops_a_question_and_asks_another_is_not_turned_away() {
        let places = Places::default();
        let who = Who::Owner(PersonId([1; 16]));
        let first = places.take(who, ENDING).await.unwrap();
        let ending = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(200)).await;
            drop(first);
        });
        assert!(places.take(who, ENDING).await.is_ok());
        ending.await.unwrap();
    }
}
