//! Connections of machines: each request is checked before a service sees it.

use std::{convert::Infallible, net::SocketAddr, sync::Arc};

use axum::{Router, body::Body};
use http::{Request, Response};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::time;
use tower::ServiceExt as _;

use super::{Context, frames::SmallFrames, handshake::Stream, protocol};
use crate::{
    brake::Brake,
    peer::{MachineCertificate, Peer, Remote},
};

/// Serves a machine until it leaves, is cut off, or the collector stops.
pub(super) async fn serve(
    context: Arc<Context>,
    stream: Stream,
    certificate: MachineCertificate,
    remote: SocketAddr,
) {
    let id = certificate.peer(context.clock.now()).id;
    let noted = context.connections.note(id);
    // Asked after it was noted: a revocation in between finds the connection or is found here.
    let welcome = context.machines.is_active(id);
    let brake = Brake::default();
    let gate = Arc::new(Gate {
        context: context.clone(),
        certificate,
        remote,
        brake: brake.clone(),
    });
    let service = service_fn(move |request| answer(gate.clone(), request));
    let stream = TokioIo::new(SmallFrames::new(stream, brake));
    let mut connection = Box::pin(protocol::builder().serve_connection(stream, service));
    let refused = async {
        if welcome {
            std::future::pending::<()>().await;
        }
        time::sleep(context.limits.refused_time).await;
    };
    tokio::select! {
        ended = connection.as_mut() => {
            if let Err(error) = ended {
                tracing::debug!(machine = %id, %remote, %error, "connection broke");
            }
            return;
        }
        () = noted.cut() => {
            tracing::debug!(machine = %id, %remote, "connection cut");
            return;
        }
        () = refused => return,
        () = context.shutdown.cancelled() => {}
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        _ = time::timeout(context.limits.shutdown_time, connection) => {}
        () = noted.cut() => {}
    }
}

/// What each request of a connection is checked against.
struct Gate {
    context: Arc<Context>,
    certificate: MachineCertificate,
    remote: SocketAddr,
    brake: Brake,
}

async fn answer(
    gate: Arc<Gate>,
    mut request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let context = &gate.context;
    let peer = gate.certificate.peer(context.clock.now());
    if let Err(refusal) = context.machines.admit(&peer, request.uri().path()) {
        tracing::info!(machine = %peer.id, remote = %gate.remote, %refusal, "request refused");
        return Ok(refusal.status().into_http());
    }
    let extensions = request.extensions_mut();
    extensions.insert(Peer::Machine(peer));
    extensions.insert(Remote(gate.remote));
    extensions.insert(gate.brake.clone());
    let router: Router = context.reporting.clone();
    router.oneshot(request).await
}
