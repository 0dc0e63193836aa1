//! People who are signed in, as Windows tells them.

/// A session with somebody in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// Domain or computer; empty where it is not told.
    pub domain: String,
    /// Name of the account.
    pub account: String,
    /// "Console", or a remote connection; empty where the session goes on without one.
    pub station: String,
    /// When it began, in seconds since 1970.
    pub since: Option<i64>,
}
