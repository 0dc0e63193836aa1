//! Steps in which values move, so that noise is not worth a message.

/// Free bytes rounded down to a hundredth of the size.
pub(super) fn steps_of_a_hundredth(free: u64, size: u64) -> u64 {
    let step = (size / 100).max(1);
    free / step * step
}

/// A share of the whole in percent, rounded to a multiple of `step`.
pub(super) fn percent(part: u64, whole: u64, step: u64) -> Option<u32> {
    if whole == 0 {
        return None;
    }
    let exact = u128::from(part.min(whole)) * 100;
    let (whole, step) = (u128::from(whole), u128::from(step));
    let rounded = (exact + whole * step / 2) / (whole * step) * step;
    u32::try_from(rounded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_to_their_step() {
        assert_eq!(percent(52, 100, 5), Some(50));
        assert_eq!(percent(53, 100, 5), Some(55));
        assert_eq!(percent(u64::MAX, 1, 10), Some(100));
        assert_eq!(percent(1, 0, 5), None);
    }

    #[test]
    fn free_space_moves_in_hundredths() {
        assert_eq!(steps_of_a_hundredth(12_345, 100_000), 12_000);
        assert_eq!(steps_of_a_hundredth(50, 60), 50);
    }
}
