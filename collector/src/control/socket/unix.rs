//! A Unix socket in the data directory, reachable by root and the collector's own account only.

use std::{
    fs::{self, File, Permissions},
    io,
    os::{fd::AsRawFd as _, unix::fs::PermissionsExt as _},
    path::{Path, PathBuf},
};

use tokio::net::{UnixListener, UnixStream};
use tokio_stream::{Stream, StreamExt as _, wrappers::UnixListenerStream};

use super::{super::SOCKET_NAME, BindError};

/// Longest path a socket address holds, its terminating zero left out.
const LONGEST_PATH: usize = 107;

/// The control socket of a running collector. Removed when dropped.
#[derive(Debug)]
pub struct Socket {
    listener: UnixListener,
    path: PathBuf,
}

impl Socket {
    /// Makes the socket. The caller holds the store's lock, so a socket that is already there was left
    /// behind by a process that was killed.
    pub fn bind(data: &Path) -> Result<Self, BindError> {
        let path = data.join(SOCKET_NAME);
        Self::bind_at(data, &path).map_err(|source| BindError { path, source })
    }

    fn bind_at(data: &Path, path: &Path) -> io::Result<Self> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = with_short_path(data, UnixListener::bind)?;
        fs::set_permissions(path, Permissions::from_mode(0o600))?;
        Ok(Self {
            listener,
            path: path.to_path_buf(),
        })
    }

    /// Connections from those who may; others are dropped.
    pub fn into_incoming(self) -> impl Stream<Item = io::Result<UnixStream>> {
        let path = RemoveOnDrop(self.path);
        UnixListenerStream::new(self.listener).filter(move |stream| {
            let _keep = &path;
            stream.as_ref().map_or(true, may_control)
        })
    }
}

/// Connects to the collector that runs on a data directory.
pub(in crate::control) async fn connect(data: &Path) -> io::Result<UnixStream> {
    let (path, _directory) = short_path(data)?;
    UnixStream::connect(path).await
}

struct RemoveOnDrop(PathBuf);

impl Drop for RemoveOnDrop {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn may_control(stream: &UnixStream) -> bool {
    let own = rustix::process::geteuid().as_raw();
    match stream.peer_cred() {
        Ok(peer) if peer.uid() == 0 || peer.uid() == own => true,
        Ok(peer) => {
            tracing::warn!(
                uid = peer.uid(),
                "refused a connection to the control socket"
            );
            false
        }
        Err(error) => {
            tracing::warn!(%error, "cannot tell who connected to the control socket");
            false
        }
    }
}

fn with_short_path<T>(data: &Path, with: impl FnOnce(PathBuf) -> io::Result<T>) -> io::Result<T> {
    let (path, _directory) = short_path(data)?;
    with(path)
}

/// A path to the socket that fits into a socket address: through the open directory where the real one
/// is too long. The directory must stay open while the path is used.
fn short_path(data: &Path) -> io::Result<(PathBuf, Option<File>)> {
    let path = data.join(SOCKET_NAME);
    if path.as_os_str().len() <= LONGEST_PATH {
        return Ok((path, None));
    }
    let directory = File::open(data)?;
    let path = PathBuf::from(format!(
        "/proc/self/fd/{}/{SOCKET_NAME}",
        directory.as_raw_fd()
    ));
    Ok((path, Some(directory)))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn accepts_in(data: &Path) {
        let socket = Socket::bind(data).unwrap();
        let mode = fs::metadata(data.join(SOCKET_NAME))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        let mut incoming = Box::pin(socket.into_incoming());
        let (client, server) = tokio::join!(connect(data), incoming.next());
        client.unwrap();
        server.unwrap().unwrap();
        drop(incoming);
        assert!(!data.join(SOCKET_NAME).exists());
    }

    #[tokio::test]
    async fn the_socket_is_private_and_goes_away_with_the_collector() {
        accepts_in(tempfile::tempdir().unwrap().path()).await;
    }

    #[tokio::test]
    async fn a_data_directory_with_a_very_long_path_works() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("d".repeat(120));
        fs::create_dir(&deep).unwrap();
        accepts_in(&deep).await;
    }

    #[tokio::test]
    async fn a_socket_left_behind_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        drop(std::os::unix::net::UnixListener::bind(dir.path().join(SOCKET_NAME)).unwrap());
        accepts_in(dir.path()).await;
    }
}
