//! Handing out the agent's packages. Without signing in: the computer that fetches one has nobody signed in,
//! and a package holds no secret.

use axum::{
    body::Body,
    extract::{Path, State as Shared},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use tokio::io::AsyncReadExt as _;
use tokio_stream::StreamExt as _;
use tokio_util::io::ReaderStream;

use super::{State, trouble::Trouble};

/// Downloads at once: whoever reads slowly leaves connections for the pages.
pub(super) const DOWNLOADS: usize = 64;

/// Read from the disk at once, in bytes.
const CHUNK: usize = 64 * 1024;

/// When to try again while too many download, in seconds.
const LATER: &str = "10";

/// Answers with a package.
pub(super) async fn show(Shared(state): Shared<State>, Path(name): Path<String>) -> Response {
    let Ok(place) = state.downloads.clone().try_acquire_owned() else {
        let later = [(header::RETRY_AFTER, LATER)];
        return (StatusCode::SERVICE_UNAVAILABLE, later).into_response();
    };
    let packages = state.desk.packages.clone();
    let wanted = name.clone();
    let opened = tokio::task::spawn_blocking(move || packages.open(&wanted)).await;
    let (file, bytes) = match opened.map_err(std::io::Error::other).flatten() {
        Ok(Some(opened)) => opened,
        Ok(None) => return Trouble::NotFound.into_response(),
        Err(error) => return Trouble::failed(error).into_response(),
    };
    let content = tokio::fs::File::from_std(file).take(bytes);
    let content = ReaderStream::with_capacity(content, CHUNK).map(move |chunk| {
        let _held = &place;
        chunk
    });
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, bytes.to_string()),
        // The name was checked: it needs no quoting.
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    (headers, Body::from_stream(content)).into_response()
}
