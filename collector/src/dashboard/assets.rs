//! Style sheet, script and icon, compiled in, at addresses that hold a hash of their content.

use std::sync::LazyLock;

use axum::{
    extract::Path,
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};

/// Where each asset lies.
#[derive(Debug)]
pub(super) struct Assets {
    pub(super) style: String,
    pub(super) script: String,
    pub(super) icon: String,
}

const STYLE: &str = include_str!("assets/style.css");
const SCRIPT: &str = include_str!("assets/script.js");
const ICON: &str = include_str!("assets/icon.svg");

/// A browser never asks again for an address it has: other content has another address.
const FOREVER: &str = "public, max-age=31536000, immutable";

static ASSETS: LazyLock<Assets> = LazyLock::new(|| Assets {
    style: address("style", "css", STYLE),
    script: address("script", "js", SCRIPT),
    icon: address("icon", "svg", ICON),
});

/// Where each asset lies.
pub(super) fn assets() -> &'static Assets {
    &ASSETS
}

fn address(name: &str, ending: &str, content: &str) -> String {
    let hash = blake3::hash(content.as_bytes()).to_hex();
    format!("/assets/{name}.{}.{ending}", &hash[..16])
}

/// Answers with an asset.
pub(super) async fn show(Path(name): Path<String>) -> Response {
    let path = format!("/assets/{name}");
    let (kind, content) = match path {
        path if path == ASSETS.style => ("text/css; charset=utf-8", STYLE),
        path if path == ASSETS.script => ("text/javascript; charset=utf-8", SCRIPT),
        path if path == ASSETS.icon => ("image/svg+xml", ICON),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let headers: [(HeaderName, &str); 2] = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, FOREVER),
    ];
    (headers, content).into_response()
}
