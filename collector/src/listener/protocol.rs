//! HTTP/2 with bounds on everything a peer can make us keep.

use std::time::Duration;

use hyper::server::conn::http2::Builder;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::frames;

/// Requests a peer may have open at once. An agent has one or two.
const STREAMS: u32 = 16;

/// Longest headers of a request, in bytes.
const HEADER_BYTES: u32 = 8 * 1024;

/// Bytes a peer may send on one request before someone reads them: a longest frame and what is left of the
/// fifth that it is cut into. With the headers and the end that makes eight frames at most; the library keeps
/// the places of as many as ever waited, a power of two, for as long as the connection lives.
const STREAM_WINDOW: u32 = 5 * frames::DATA_BYTES as u32;

/// Bytes a peer may send on all of its requests before someone reads them.
const CONNECTION_WINDOW: u32 = 128 * 1024;

/// Bytes kept for a peer that does not read its answers.
const SEND_BUFFER: usize = 16 * 1024;

/// Requests a peer may reset before we have looked at them ("rapid reset").
const RESETS: usize = 16;

/// How often a silent peer is asked whether it is still there, and how long it may take to answer.
const PING: Duration = Duration::from_secs(60);
const PONG: Duration = Duration::from_secs(20);

pub(super) fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        // A header that differs in every answer would fill the compression table of every connection.
        .auto_date_header(false)
        // What a peer has put into a table stays in the buffer that it was decompressed in, and each of its requests
        // fills more of that, with the path: soon a connection would hold two.
        .header_table_size(0)
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEADER_BYTES)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(SEND_BUFFER)
        .max_pending_accept_reset_streams(RESETS)
        .max_local_error_reset_streams(RESETS)
        .keep_alive_interval(PING)
        .keep_alive_timeout(PONG);
    builder
}
