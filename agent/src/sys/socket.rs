//! Noticing in seconds that a peer is gone.

use tokio::net::TcpStream;

/// Has the kernel drop the connection when what was sent is not acknowledged in time, and probe an idle
/// one now and then, so that no timer of ours has to. Best effort: calls have their own time limits.
#[cfg(target_os = "linux")]
pub(crate) fn watch_peer(stream: &TcpStream) {
    use std::time::Duration;

    use rustix::net::sockopt;

    const UNACKNOWLEDGED_MS: u32 = 10_000;
    const IDLE: Duration = Duration::from_secs(45);
    const BETWEEN_PROBES: Duration = Duration::from_secs(10);
    let _ = stream.set_nodelay(true);
    let _ = sockopt::set_tcp_user_timeout(stream, UNACKNOWLEDGED_MS);
    let _ = sockopt::set_tcp_keepidle(stream, IDLE);
    let _ = sockopt::set_tcp_keepintvl(stream, BETWEEN_PROBES);
    let _ = sockopt::set_socket_keepalive(stream, true);
}

/// Elsewhere the time limits of calls must do.
#[cfg(not(target_os = "linux"))]
pub(crate) fn watch_peer(stream: &TcpStream) {
    let _ = stream.set_nodelay(true);
}
