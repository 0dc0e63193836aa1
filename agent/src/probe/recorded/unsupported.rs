//! Systems that answer with files instead of rows.

use freehold_proto::v1::section::Kind;

use super::RecordError;

/// Records nothing.
pub fn record(_kinds: &[Kind]) -> Result<String, RecordError> {
    Err(RecordError::Unsupported)
}
