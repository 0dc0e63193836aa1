//! The raw rows that a computer answered, redacted, as a file for tests.

#[cfg_attr(windows, path = "recorded/windows.rs")]
#[cfg_attr(not(windows), path = "recorded/unsupported.rs")]
mod platform;

pub use platform::record;

/// Why nothing was recorded.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// There are no rows here.
    #[error(
        "rows are recorded on Windows only; of a Linux computer copy the files, and read them with 'snapshot --root DIR'"
    )]
    Unsupported,
    /// The rows cannot be written down.
    #[error("what Windows answered cannot be written as JSON; this is a fault of the agent")]
    Encode(#[from] serde_json::Error),
}
