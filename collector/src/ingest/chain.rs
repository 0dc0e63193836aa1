//! The chain of check-ins: each names the random value of the one before it, so that a second machine with
//! the same key, or one that was set back to an earlier state, shows.

use super::validate::Link;
use crate::store::record::PresenceRecord;

/// What a link says about the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It follows the last one.
    Follows,
    /// It is the last one again: its answer was lost.
    Repeated,
    /// Links are missing that this collector may have lost when it was restarted.
    Gap,
    /// Two machines use the same key, or one was set back.
    Forked,
}

/// Judges a link. `fresh`: the machine has not checked in since the collector was started.
pub(super) fn judge(last: &PresenceRecord, link: &Link, fresh: bool) -> Verdict {
    let is_first = last.chain_value.is_empty();
    if is_first && (link.counter == 1 || fresh) {
        return Verdict::Follows;
    }
    let follows = last.chain_counter.checked_add(1) == Some(link.counter);
    if !is_first && follows && link.previous == last.chain_value {
        return Verdict::Follows;
    }
    if link.counter == last.chain_counter && link.next[..] == last.chain_value[..] {
        return Verdict::Repeated;
    }
    if fresh && !follows && link.counter > last.chain_counter {
        return Verdict::Gap;
    }
    Verdict::Forked
}

/// Makes a link the last one.
pub(super) fn adopt(last: &mut PresenceRecord, link: &Link) {
    last.chain_counter = link.counter;
    last.chain_value.clear();
    last.chain_value.extend_from_slice(&link.next);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(counter: u64, previous: u8, next: u8) -> Link {
        Link {
            counter,
            previous: if previous == 0 {
                vec![]
            } else {
                vec![previous; 16]
            },
            next: [next; 16],
        }
    }

    fn after(counter: u64, value: u8) -> PresenceRecord {
        let mut last = PresenceRecord::default();
        adopt(&mut last, &link(counter, 0, value));
        last
    }

    #[test]
    fn a_chain_is_followed() {
        assert_eq!(
            judge(&PresenceRecord::default(), &link(1, 0, 1), false),
            Verdict::Follows
        );
        assert_eq!(judge(&after(1, 1), &link(2, 1, 2), false), Verdict::Follows);
    }

    #[test]
    fn a_lost_answer_is_no_fork() {
        assert_eq!(
            judge(&after(7, 1), &link(7, 9, 1), false),
            Verdict::Repeated
        );
    }

    #[test]
    fn a_clone_forks_the_chain() {
        assert_eq!(judge(&after(7, 1), &link(7, 9, 2), false), Verdict::Forked);
        assert_eq!(judge(&after(7, 1), &link(8, 3, 4), false), Verdict::Forked);
        assert_eq!(judge(&after(7, 1), &link(8, 3, 4), true), Verdict::Forked);
    }

    #[test]
    fn a_machine_that_was_set_back_forks_the_chain() {
        assert_eq!(judge(&after(7, 1), &link(5, 3, 4), false), Verdict::Forked);
        assert_eq!(judge(&after(7, 1), &link(5, 3, 4), true), Verdict::Forked);
        assert_eq!(judge(&after(7, 1), &link(1, 0, 4), false), Verdict::Forked);
    }

    #[test]
    fn a_gap_is_allowed_only_after_the_collector_was_restarted() {
        assert_eq!(judge(&after(7, 1), &link(9, 3, 4), true), Verdict::Gap);
        assert_eq!(judge(&after(7, 1), &link(9, 3, 4), false), Verdict::Forked);
        assert_eq!(
            judge(&PresenceRecord::default(), &link(3, 3, 4), true),
            Verdict::Follows
        );
        assert_eq!(
            judge(&PresenceRecord::default(), &link(3, 3, 4), false),
            Verdict::Forked
        );
    }

    #[test]
    fn the_end_of_counting_is_a_fork_and_no_panic() {
        assert_eq!(
            judge(&after(u64::MAX, 1), &link(1, 1, 2), false),
            Verdict::Forked
        );
    }
}
