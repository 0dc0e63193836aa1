//! Whether the collector answers, for whatever watches it. Says nothing else.

/// Answers "ok".
pub(super) async fn show() -> &'static str {
    "ok\n"
}
