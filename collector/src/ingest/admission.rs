//! How much the collector takes on at once. Beyond it machines are told when there will be room: those
//! turned away stand in a queue that exists only as a number, and each is told its place as a delay.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use super::{Limits, rejection::Rejection};

/// Shortest and longest delay that is told.
const DELAYS: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(120));

/// Reports a second that are assumed before any was measured, and at least.
const RATES: (f64, f64) = (100.0, 10.0);

/// Seconds without any request after which the rate is no longer measured.
const IDLE: f64 = 5.0;

/// Memory is counted in pieces of this many bytes.
const PIECE: usize = 1024;

/// What bounds the work under way.
#[derive(Debug)]
pub(super) struct Admission {
    streams: Arc<Semaphore>,
    work: Semaphore,
    memory: Arc<Semaphore>,
    queue: Mutex<Queue>,
}

/// An upload under way. Dropping it makes room.
#[derive(Debug)]
pub(super) struct Stream {
    admission: Arc<Admission>,
    _permit: OwnedSemaphorePermit,
}

/// Memory that is spoken for. Dropping it gives it back.
#[derive(Debug, Default)]
pub(super) struct Memory {
    permit: Option<OwnedSemaphorePermit>,
}

impl Admission {
    pub(super) fn new(limits: &Limits) -> Arc<Self> {
        let pieces = (limits.buffered_bytes / PIECE).min(Semaphore::MAX_PERMITS);
        Arc::new(Self {
            streams: Arc::new(Semaphore::new(limits.uploads)),
            work: Semaphore::new(limits.workers),
            memory: Arc::new(Semaphore::new(pieces)),
            queue: Mutex::new(Queue::new(Instant::now())),
        })
    }

    /// Takes on another upload.
    pub(super) fn enter(self: &Arc<Self>) -> Result<Stream, Rejection> {
        match self.streams.clone().try_acquire_owned() {
            Ok(permit) => Ok(Stream {
                admission: self.clone(),
                _permit: permit,
            }),
            Err(_) => Err(self.busy()),
        }
    }

    /// Waits for a worker. The wait is bounded by the number of uploads under way.
    pub(super) async fn work(&self) -> Result<SemaphorePermit<'_>, Rejection> {
        self.work.acquire().await.map_err(|_| self.busy())
    }

    /// Sets memory aside for received bytes.
    pub(super) fn reserve(&self, memory: &mut Memory, bytes: usize) -> Result<(), Rejection> {
        let pieces = u32::try_from(bytes.div_ceil(PIECE)).unwrap_or(u32::MAX);
        let more = self
            .memory
            .clone()
            .try_acquire_many_owned(pieces)
            .map_err(|_| self.busy())?;
        match &mut memory.permit {
            Some(permit) => permit.merge(more),
            none => *none = Some(more),
        }
        Ok(())
    }

    fn busy(&self) -> Rejection {
        Rejection::Busy {
            retry_after: self.queue().turn_away(Instant::now()),
        }
    }

    fn queue(&self) -> std::sync::MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.admission.queue().complete(Instant::now());
    }
}

/// Machines that were turned away and will come back, as a number that falls at the rate at which
/// reports are completed.
#[derive(Debug)]
struct Queue {
    waiting: f64,
    updated: Instant,
    /// Reports completed a second, smoothed over about ten seconds.
    rate: f64,
    completed: u32,
    counted_since: Instant,
}

impl Queue {
    fn new(now: Instant) -> Self {
        Self {
            waiting: 0.0,
            updated: now,
            rate: RATES.0,
            completed: 0,
            counted_since: now,
        }
    }

    fn complete(&mut self, now: Instant) {
        self.completed = self.completed.saturating_add(1);
        self.measure(now);
    }

    /// Puts one more into the queue; answers when its turn will be.
    fn turn_away(&mut self, now: Instant) -> Duration {
        self.measure(now);
        let passed = now.saturating_duration_since(self.updated).as_secs_f64();
        self.updated = now;
        self.waiting = (self.waiting - passed * self.rate).max(0.0) + 1.0;
        Duration::from_secs_f64(self.waiting / self.rate).clamp(DELAYS.0, DELAYS.1)
    }

    fn measure(&mut self, now: Instant) {
        let passed = now
            .saturating_duration_since(self.counted_since)
            .as_secs_f64();
        if passed < 1.0 {
            return;
        }
        // Longer silence means that nobody came, not that the collector is slow.
        if passed < IDLE {
            let measured = f64::from(self.completed) / passed;
            self.rate = (self.rate + (measured - self.rate) * passed / 10.0).max(RATES.1);
        }
        self.completed = 0;
        self.counted_since = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_turned_away_later_waits_longer() {
        let now = Instant::now();
        let mut queue = Queue::new(now);
        let delays: Vec<Duration> = (0..5000).map(|_| queue.turn_away(now)).collect();
        assert_eq!(delays[0], DELAYS.0);
        assert!(delays[4999] > Duration::from_secs(45) && delays[4999] < Duration::from_secs(55));
        assert!(delays.is_sorted());
        let later = now + Duration::from_secs(60);
        assert_eq!(queue.turn_away(later), DELAYS.0);
    }

    #[test]
    fn delays_grow_when_the_collector_is_slow() {
        let start = Instant::now();
        let mut queue = Queue::new(start);
        for second in 1..60 {
            queue.complete(start + Duration::from_secs(second));
        }
        let now = start + Duration::from_secs(60);
        let last = (0..100).map(|_| queue.turn_away(now)).last();
        assert!(last.unwrap() >= Duration::from_secs(5), "{last:?}");
    }

    #[tokio::test]
    async fn work_beyond_the_bounds_is_turned_away() {
        let limits = Limits {
            uploads: 1,
            buffered_bytes: 4 * PIECE,
            ..Limits::default()
        };
        let admission = Admission::new(&limits);
        let stream = admission.enter().unwrap();
        assert!(matches!(admission.enter(), Err(Rejection::Busy { .. })));
        drop(stream);
        admission.enter().unwrap();
        let mut memory = Memory::default();
        admission.reserve(&mut memory, 3 * PIECE).unwrap();
        admission.reserve(&mut memory, 10).unwrap();
        assert!(admission.reserve(&mut memory, 1).is_err());
        drop(memory);
        admission
            .reserve(&mut Memory::default(), 4 * PIECE)
            .unwrap();
    }
}
