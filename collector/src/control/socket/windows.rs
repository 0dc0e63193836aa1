//! A named pipe. Its name is not to be guessed and stands in a file of the data directory, which only the system,
//! administrators and the collector's own account may read; Windows lets nobody else write to the pipe.

use std::{
    fs, io,
    path::{Path, PathBuf},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use rand::RngExt as _;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::windows::named_pipe::{ClientOptions, NamedPipeClient, NamedPipeServer, ServerOptions},
    sync::mpsc,
};
use tokio_stream::{Stream, wrappers::ReceiverStream};
use tonic::transport::server::Connected;

use super::{super::SOCKET_NAME, BindError};

/// How often a pipe whose ends are all taken is tried, and the time between.
const TRIES: u32 = 40;
const BETWEEN: Duration = Duration::from_millis(50);
/// All ends of the pipe are taken.
const PIPE_BUSY: i32 = 231;

/// The control pipe of a running collector. The file with its name is removed when dropped.
#[derive(Debug)]
pub struct Socket {
    first: NamedPipeServer,
    name: String,
    path: PathBuf,
}

impl Socket {
    /// Makes the pipe. The caller holds the store's lock, so a name that is already there was left behind by
    /// a process that was killed.
    pub fn bind(data: &Path) -> Result<Self, BindError> {
        let path = data.join(SOCKET_NAME);
        let name = format!(r"\\.\pipe\freehold-{:032x}", rand::rng().random::<u128>());
        let bound = end(&name, true).and_then(|first| {
            fs::write(&path, &name)?;
            Ok(first)
        });
        match bound {
            Ok(first) => Ok(Self { first, name, path }),
            Err(source) => Err(BindError { path, source }),
        }
    }

    /// Connections from those who may.
    pub fn into_incoming(self) -> impl Stream<Item = io::Result<Connection>> {
        let (connections, incoming) = mpsc::channel(1);
        tokio::spawn(async move {
            let _name = RemoveOnDrop(self.path);
            tokio::select! {
                () = connections.closed() => {}
                () = accept(self.first, &self.name, &connections) => {}
            }
        });
        ReceiverStream::new(incoming)
    }
}

async fn accept(
    mut waiting: NamedPipeServer,
    name: &str,
    connections: &mpsc::Sender<io::Result<Connection>>,
) {
    loop {
        let connected = waiting.connect().await;
        // The next end is there before this one is served, so that there is always one.
        let next = match end(name, false) {
            Ok(next) => next,
            Err(error) => {
                let _ = connections.send(Err(error)).await;
                return;
            }
        };
        let ended = std::mem::replace(&mut waiting, next);
        if let Err(error) = connected {
            tracing::warn!(%error, "a connection to the control pipe failed");
        } else if connections.send(Ok(Connection(ended))).await.is_err() {
            return;
        }
    }
}

fn end(name: &str, first: bool) -> io::Result<NamedPipeServer> {
    ServerOptions::new()
        .first_pipe_instance(first)
        .reject_remote_clients(true)
        .create(name)
}

/// Connects to the collector that runs on a data directory.
pub(in crate::control) async fn connect(data: &Path) -> io::Result<NamedPipeClient> {
    let name = fs::read_to_string(data.join(SOCKET_NAME))?;
    let mut tries = 1;
    loop {
        match ClientOptions::new().open(&name) {
            Err(error) if error.raw_os_error() == Some(PIPE_BUSY) && tries < TRIES => {
                tries += 1;
                tokio::time::sleep(BETWEEN).await;
            }
            outcome => return outcome,
        }
    }
}

#[derive(Debug)]
struct RemoveOnDrop(PathBuf);

impl Drop for RemoveOnDrop {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// One end of the pipe, as the server wants it.
#[derive(Debug)]
pub struct Connection(NamedPipeServer);

impl Connected for Connection {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
