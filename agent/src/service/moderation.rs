//! How often the same thing is worth an event in the log of Windows.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// What goes on, such as a collector that cannot be reached, is told this often.
const AGAIN_AFTER: Duration = Duration::from_secs(60 * 60);

/// Where in the program something is told.
type Place = (String, Option<u32>);

/// Remembers when each thing was told last.
#[derive(Debug, Default)]
pub(super) struct Moderation(BTreeMap<Place, Instant>);

impl Moderation {
    /// Whether to tell now what is told at a place in the program.
    pub(super) fn lets_pass(&mut self, place: Place) -> bool {
        self.lets_pass_at(place, Instant::now())
    }

    fn lets_pass_at(&mut self, place: Place, now: Instant) -> bool {
        let told = self.0.get(&place);
        if told.is_some_and(|told| now.duration_since(*told) < AGAIN_AFTER) {
            return false;
        }
        self.0.insert(place, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_on_for_days_is_told_once_an_hour_and_hides_nothing_else() {
        let (mut moderation, start) = (Moderation::default(), Instant::now());
        let place = |line| ("run.rs".to_owned(), Some(line));
        let minutes = |count: u64| start + Duration::from_secs(60 * count);
        let told = (0..180).filter(|minute| moderation.lets_pass_at(place(1), minutes(*minute)));
        assert_eq!(told.count(), 3);
        assert!(moderation.lets_pass_at(place(2), minutes(1)));
        assert!(moderation.lets_pass(place(3)));
    }
}
