//! Bounds on the bytes of a request, before they are decoded: a check-in is small, and a small message can
//! describe much memory.

use std::{
    convert::Infallible,
    task::{Context, Poll},
};

use http::{Request, Response};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tonic::{Status, body::Body, server::NamedService};
use tower::Service;

use super::Rejection;

/// Longest check-in or renewal, in bytes.
const SMALL: usize = 128 * 1024;

/// The one call that streams.
const UPLOAD: &str = "/freehold.v1.Reporting/Upload";

/// A service whose small requests are small.
#[derive(Clone, Debug)]
pub struct BoundedBodies<S> {
    inner: S,
}

impl<S> BoundedBodies<S> {
    /// Bounds the requests of a service.
    pub fn new(inner: S) -> Self {
        Self { inner }
    }
}

impl<S: NamedService> NamedService for BoundedBodies<S> {
    const NAME: &'static str = S::NAME;
}

impl<S> Service<Request<Body>> for BoundedBodies<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let request = if request.uri().path() == UPLOAD {
            request
        } else {
            request.map(bounded)
        };
        self.inner.call(request)
    }
}

/// The body, which ends with an error after so many bytes.
fn bounded(body: Body) -> Body {
    Body::new(Limited::new(body, SMALL).map_err(|error| {
        if error.is::<LengthLimitError>() {
            let reason = format!("more than {SMALL} bytes; a check-in or renewal is much smaller");
            Rejection::field("message", reason).status()
        } else {
            Status::from_error(error)
        }
    }))
}
