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

/// Has Windows give the connection up when what was sent is not acknowledged in time, and probe an idle one
/// now and then. Best effort: calls have their own time limits.
#[cfg(windows)]
#[allow(unsafe_code)]
pub(crate) fn watch_peer(stream: &TcpStream) {
    use std::os::windows::io::AsRawSocket as _;

    use windows_sys::Win32::Networking::WinSock::{
        IPPROTO_TCP, SO_KEEPALIVE, SOL_SOCKET, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_MAXRT, setsockopt,
    };

    const UNACKNOWLEDGED_SECONDS: u32 = 10;
    const IDLE_SECONDS: u32 = 45;
    const BETWEEN_PROBES_SECONDS: u32 = 10;
    let _ = stream.set_nodelay(true);
    let options = [
        (IPPROTO_TCP, TCP_MAXRT, UNACKNOWLEDGED_SECONDS),
        (IPPROTO_TCP, TCP_KEEPIDLE, IDLE_SECONDS),
        (IPPROTO_TCP, TCP_KEEPINTVL, BETWEEN_PROBES_SECONDS),
        (SOL_SOCKET, SO_KEEPALIVE, 1),
    ];
    for (level, name, value) in options {
        // SAFETY: the socket is open as long as the stream, and the value is a number of four bytes as stated.
        unsafe {
            setsockopt(
                stream.as_raw_socket() as usize,
                level,
                name,
                (&raw const value).cast(),
                4,
            )
        };
    }
}

/// Elsewhere the time limits of calls must do.
#[cfg(not(any(target_os = "linux", windows)))]
pub(crate) fn watch_peer(stream: &TcpStream) {
    let _ = stream.set_nodelay(true);
}
