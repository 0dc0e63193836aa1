//! Connections of strangers: small, short and few.

use std::{convert::Infallible, net::SocketAddr, sync::Arc};

use axum::{Router, body::Body};
use freehold_proto::limits::ENROLMENT_BYTES;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{sync::OwnedSemaphorePermit, time};
use tonic::Status;
use tower::ServiceExt as _;

use super::{Context, addresses::Share, handshake::Stream, protocol};
use crate::peer::{Peer, Remote};

/// A gRPC message is preceded by a flag and its length.
const MESSAGE_PREFIX: usize = 5;

/// When a stranger that found no place should come back.
const COME_BACK_MS: u32 = 3_000;

/// A place among the enrolments under way.
type Place = (Share, OwnedSemaphorePermit);

/// Serves a stranger until it has its answer or its time is up.
pub(super) async fn serve(context: Arc<Context>, stream: Stream, remote: SocketAddr) {
    let place = place(&context, remote);
    let has_place = place.is_some();
    let service = service_fn({
        let context = context.clone();
        move |request| answer(context.clone(), request, remote, has_place)
    });
    let connection = Box::pin(protocol::builder().serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        // Twice: once for the answer, once for the peer to read it and leave.
        _ = time::timeout(context.limits.enrolment_time * 2, connection) => {}
        () = context.shutdown.cancelled() => {}
    }
    drop(place);
}

fn place(context: &Context, remote: SocketAddr) -> Option<Place> {
    let share = context.enrolling.share(Remote(remote))?;
    let permit = context.enrolments.clone().try_acquire_owned().ok()?;
    Some((share, permit))
}

async fn answer(
    context: Arc<Context>,
    request: Request<Incoming>,
    remote: SocketAddr,
    has_place: bool,
) -> Result<Response<Body>, Infallible> {
    if !has_place {
        return Ok(refuse(busy()));
    }
    let answered = time::timeout(
        context.limits.enrolment_time,
        pass_on(context.enrolment.clone(), request, remote),
    );
    Ok(match answered.await {
        Ok(Ok(response)) => response,
        Ok(Err(status)) => refuse(status),
        Err(_) => refuse(Status::deadline_exceeded(format!(
            "the request did not arrive within {} seconds: check the network and try again",
            context.limits.enrolment_time.as_secs()
        ))),
    })
}

/// The whole request is read, or refused, before any service sees it.
async fn pass_on(
    router: Router,
    request: Request<Incoming>,
    remote: SocketAddr,
) -> Result<Response<Body>, Status> {
    let (mut head, body) = request.into_parts();
    let body = Limited::new(body, ENROLMENT_BYTES + MESSAGE_PREFIX)
        .collect()
        .await
        .map_err(|_| {
            Status::invalid_argument(format!(
                "the request is longer than the {ENROLMENT_BYTES} bytes it may have, or broke off"
            ))
        })?
        .to_bytes();
    head.extensions.insert(Peer::Nobody);
    head.extensions.insert(Remote(remote));
    let request = Request::from_parts(head, Full::new(body));
    router
        .oneshot(request)
        .await
        .map_err(|never| match never {})
}

fn busy() -> Status {
    let mut status = Status::resource_exhausted(
        "too many computers are joining at this moment: this one tries again by itself",
    );
    status
        .metadata_mut()
        .insert("retry-after-ms", COME_BACK_MS.into());
    status
}

fn refuse(status: Status) -> Response<Body> {
    status.into_http()
}
