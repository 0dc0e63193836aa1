//! The subcommands' side of the control socket.

use std::{io, path::Path, path::PathBuf};

use freehold_proto::v1::control_client::ControlClient;
use hyper_util::rt::TokioIo;
use thiserror::Error;
use tonic::transport::{Channel, Endpoint};
use tower::service_fn;

use super::{SOCKET_NAME, socket};

/// A connection to the running collector's console.
pub type Client = ControlClient<Channel>;

/// Longest answer of the console: one machine with all its sections.
const ANSWER_BYTES: usize = 512 * 1024 * 1024;

/// The running collector could not be reached.
#[derive(Debug, Error)]
pub enum ConnectError {
    /// None runs here.
    #[error(
        "no collector is running on {0}: start it with `freehold-collector serve`, \
         or name its data directory with --data DIR"
    )]
    NotRunning(PathBuf),
    /// It belongs to somebody else.
    #[error(
        "you may not control the collector on {0}: run this command as root or as the account it runs as"
    )]
    NotAllowed(PathBuf),
    /// Anything else.
    #[error("cannot reach the collector on {data}")]
    Other {
        /// The data directory.
        data: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It did not answer.
    #[error("the collector on {data} does not answer its control socket: restart it")]
    Silent {
        /// The data directory.
        data: PathBuf,
        /// Why.
        #[source]
        source: tonic::transport::Error,
    },
}

/// Connects to the collector that runs on a data directory.
pub async fn connect(data: &Path) -> Result<Client, ConnectError> {
    probe(data).await?;
    let directory = data.to_path_buf();
    let dial = service_fn(move |_| {
        let directory = directory.clone();
        async move { socket::connect(&directory).await.map(TokioIo::new) }
    });
    let channel = Endpoint::from_static("http://console")
        .connect_with_connector(dial)
        .await
        .map_err(|source| ConnectError::Silent {
            data: data.to_path_buf(),
            source,
        })?;
    Ok(ControlClient::new(channel).max_decoding_message_size(ANSWER_BYTES))
}

/// Tells a collector that does not run from one that may not be controlled.
async fn probe(data: &Path) -> Result<(), ConnectError> {
    use io::ErrorKind::{ConnectionRefused, NotFound, PermissionDenied};
    match socket::connect(data).await {
        Ok(_) => Ok(()),
        Err(error) => Err(match error.kind() {
            NotFound | ConnectionRefused => ConnectError::NotRunning(data.to_path_buf()),
            PermissionDenied => ConnectError::NotAllowed(data.join(SOCKET_NAME)),
            _ => ConnectError::Other {
                data: data.to_path_buf(),
                source: error,
            },
        }),
    }
}
