//! Connections of people who read from the command line: whether one still may is asked for each request, and
//! again and again while the connection is open.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use axum::body::Body;
use http::{Request, Response};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::time::{self, MissedTickBehavior};
use tonic::Status;
use tower::ServiceExt as _;

use super::{Context, handshake::Stream, protocol};
use crate::{
    access::DeviceRefusal,
    peer::{DevicePeer, Peer, Remote},
};

/// How soon a connection ends after the access did. Twice this is less than a second.
const BEAT: Duration = Duration::from_millis(400);

/// The one call that is open to a certificate that expired.
pub(crate) const RENEW_PATH: &str = "/freehold.v1.Access/RenewDevice";

/// Serves a device until it leaves, its access ends, or the collector stops.
pub(super) async fn serve(
    context: Arc<Context>,
    stream: Stream,
    peer: DevicePeer,
    remote: SocketAddr,
) {
    let device = peer.name.device;
    let Some(_place) = context.reading.share(Remote(remote)) else {
        tracing::info!(%device, %remote, "too many connections of readers from this address");
        return;
    };
    let welcome = context.people.reader(&peer).is_ok();
    let service = service_fn({
        let context = context.clone();
        move |request| answer(context.clone(), request, peer, remote)
    });
    let mut connection =
        Box::pin(protocol::builder().serve_connection(TokioIo::new(stream), service));
    let over = async {
        if welcome {
            ended(&context, &peer).await;
        } else {
            // Long enough to read why.
            time::sleep(context.limits.refused_time).await;
        }
    };
    tokio::select! {
        _ = connection.as_mut() => return,
        () = over => {
            tracing::debug!(%device, %remote, "connection cut");
            return;
        }
        () = context.shutdown.cancelled() => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = time::timeout(context.limits.shutdown_time, connection).await;
}

/// Resolves when somebody who could read no longer can.
async fn ended(context: &Context, peer: &DevicePeer) {
    let mut beat = time::interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        if context.people.reader(peer).is_err() {
            return;
        }
    }
}

async fn answer(
    context: Arc<Context>,
    mut request: Request<Incoming>,
    peer: DevicePeer,
    remote: SocketAddr,
) -> Result<Response<Body>, Infallible> {
    if let Err(refusal) = admitted(&context, &peer, request.uri().path()) {
        let device = peer.name.device;
        tracing::info!(%device, %remote, %refusal, "request of a reader refused");
        return Ok(status(&refusal).into_http());
    }
    let extensions = request.extensions_mut();
    extensions.insert(Peer::Device(peer));
    extensions.insert(Remote(remote));
    context.access.clone().oneshot(request).await
}

/// Whether a device may make a request now.
fn admitted(context: &Context, peer: &DevicePeer, path: &str) -> Result<(), DeviceRefusal> {
    context.people.reader(peer)?;
    if context.clock.now() > peer.not_after && path != RENEW_PATH {
        return Err(DeviceRefusal::Expired);
    }
    Ok(())
}

/// As an answer on the wire. `UNAUTHENTICATED` means that a renewal helps.
fn status(refusal: &DeviceRefusal) -> Status {
    match refusal {
        DeviceRefusal::Expired => Status::unauthenticated(refusal.to_string()),
        DeviceRefusal::Store(_) => Status::unavailable(refusal.to_string()),
        _ => Status::permission_denied(refusal.to_string()),
    }
}
