//! Systems for which no readings are taken yet.

use freehold_proto::v1::Readings;

use crate::probe::Root;

/// Reads nothing.
pub(super) fn collect(_root: &Root) -> Readings {
    Readings::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unsupported_system_reads_nothing() {
        assert_eq!(collect(&Root::live()), Readings::default());
    }
}
