//! Why a collector does not start, or stopped.

use std::{io, net::SocketAddr, path::PathBuf};

use thiserror::Error;

use crate::{
    authority::AuthorityError,
    control, dashboard,
    data::DataError,
    listener,
    store::{OpenError, StoreError},
};

/// The collector cannot start.
#[derive(Debug, Error)]
pub enum BuildError {
    /// The data directory.
    #[error(transparent)]
    Data(#[from] DataError),
    /// Made-up computers where real ones are wanted.
    #[error(
        "{0} holds a demo, whose computers are made up: start it with `freehold-collector quickstart --demo`, or give \
         another --data DIR"
    )]
    IsDemo(PathBuf),
    /// Real computers where made-up ones are wanted.
    #[error(
        "{0} holds a real collector, which must not be mixed with made-up computers: give another --data DIR"
    )]
    IsReal(PathBuf),
    /// The store.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A record that is needed at the start.
    #[error("cannot read the store")]
    Store(#[from] StoreError),
    /// The authority.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The agents' port.
    #[error("agents cannot be served")]
    Agents(#[from] listener::BindError),
    /// The dashboard's port.
    #[error(
        "the dashboard cannot listen on {address}: stop what uses that port, or choose another with \
         --dashboard-listen"
    )]
    DashboardPort {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The dashboard's certificate.
    #[error(
        "the dashboard's certificate {path} cannot be used: it must be PEM, its key must match it"
    )]
    DashboardCertificate {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The dashboard.
    #[error(transparent)]
    Dashboard(#[from] dashboard::ServerError),
    /// The first start after a restore.
    #[error("the restored backup cannot be taken into use: make room on the disk and start again")]
    Restored(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The control socket.
    #[error(transparent)]
    Control(#[from] control::BindError),
}

impl BuildError {
    pub(super) fn restored(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Restored(source.into())
    }
}

/// The collector stopped although nobody told it to.
#[derive(Debug, Error)]
#[error("{part} stopped unexpectedly; what was acknowledged is safe: start the collector again")]
pub struct RunError {
    part: &'static str,
    #[source]
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl RunError {
    /// Nothing can be stored any more.
    pub(super) fn store_failed() -> Self {
        Self::of(
            "the store",
            "writing to the disk failed; see the log for the reason",
        )
    }

    /// A part failed.
    pub(super) fn of(
        part: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self {
            part,
            source: source.into(),
        }
    }
}
