//! Long answers: made piece by piece as fast as they are read, so that little of them is ever in memory.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use prost::Message;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Response, Status};

use crate::access::PersonId;

/// Streams of one person at a time.
const EACH: usize = 4;

/// Pieces that wait for a reader.
const WAITING: usize = 2;

/// Bytes of items that are sent in one message, give or take one item.
const MESSAGE_BYTES: usize = 1024 * 1024;

/// A long answer.
pub(super) type Stream<T> = ReceiverStream<Result<T, Status>>;

/// Who has how many long answers open. Clones share the count.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    open: Arc<Mutex<HashMap<PersonId, usize>>>,
}

/// A place for one long answer, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Places,
    person: PersonId,
}

/// Where the pieces of an answer go.
pub(super) struct Sink<T>(mpsc::Sender<Result<T, Status>>);

/// Why an answer ends before it is complete.
#[derive(Debug)]
pub(super) enum Stop {
    /// Nobody reads it any more.
    Gone,
    /// For this reason.
    Refused(Status),
}

impl From<Status> for Stop {
    fn from(status: Status) -> Self {
        Self::Refused(status)
    }
}

impl Places {
    /// A place, if the person has not as many as there may be.
    pub(super) fn take(&self, person: PersonId) -> Result<Place, Status> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(person).or_insert(0);
        if *count >= EACH {
            return Err(Status::resource_exhausted(format!(
                "you have {EACH} answers under way already: wait until one is complete"
            )));
        }
        *count += 1;
        Ok(Place {
            places: self.clone(),
            person,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self
            .places
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.person) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.person);
            }
        }
    }
}

impl<T> Sink<T> {
    /// Sends a piece, as soon as the reader is ready for it. Blocks.
    pub(super) fn send(&self, piece: T) -> Result<(), Stop> {
        self.0.blocking_send(Ok(piece)).map_err(|_| Stop::Gone)
    }
}

/// An answer that is made on a thread of its own.
pub(super) fn streamed<T: Send + 'static>(
    place: Place,
    make: impl FnOnce(&Sink<T>) -> Result<(), Stop> + Send + 'static,
) -> Response<Stream<T>> {
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::task::spawn_blocking(move || {
        let sink = Sink(sender);
        if let Err(Stop::Refused(status)) = make(&sink) {
            let _ = sink.0.blocking_send(Err(status));
        }
        drop(place);
    });
    Response::new(ReceiverStream::new(receiver))
}

/// Items in messages of bounded length; one without items when there are none.
pub(super) fn batches<M: Message>(items: Vec<M>) -> Vec<Vec<M>> {
    let mut batches = vec![Vec::new()];
    let mut bytes = 0;
    for item in items {
        bytes += item.encoded_len();
        if bytes > MESSAGE_BYTES {
            bytes = item.encoded_len();
            batches.push(Vec::new());
        }
        if let Some(last) = batches.last_mut() {
            last.push(item);
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_has_few_answers_under_way_and_takes_none_from_others() {
        let places = Places::default();
        let (one, other) = (PersonId([1; 16]), PersonId([2; 16]));
        let mut taken: Vec<Place> = (0..EACH).map(|_| places.take(one).unwrap()).collect();
        assert!(places.take(one).is_err());
        assert!(places.take(other).is_ok());
        taken.pop();
        assert!(places.take(one).is_ok());
        drop(taken);
        assert!(places.open.lock().unwrap().is_empty());
    }

    #[test]
    fn many_items_make_several_messages_and_none_makes_one() {
        assert_eq!(batches::<String>(Vec::new()).len(), 1);
        let items = vec!["x".repeat(1000); 5000];
        let batches = batches(items);
        assert!(batches.len() > 3 && batches.len() < 8, "{}", batches.len());
        assert_eq!(batches.iter().map(Vec::len).sum::<usize>(), 5000);
    }
}
