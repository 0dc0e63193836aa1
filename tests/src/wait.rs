//! Waiting for something to become true.

use std::time::{Duration, Instant};

/// Calls `look` until it finds something and answers with that; panics with `what` after `limit`.
pub async fn eventually<T>(
    what: &str,
    limit: Duration,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(
            began.elapsed() < limit,
            "within {limit:?} it did not happen that {what}"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
