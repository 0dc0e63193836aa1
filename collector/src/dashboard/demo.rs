//! The pages of a demo say on top, and in the title, that everything on them is made up.
//!
//! This is done to every page that leaves, errors and the forms of those who are not signed in included, and not by the
//! templates: so no page can come to be that does not say it.

use axum::{
    body::{Body, to_bytes},
    http::{Response as Answer, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::text::demo as t;

/// Longest page that is marked. No page comes near.
const PAGE_BYTES: usize = 64 * 1024 * 1024;

const TITLE: &str = "<title>";
const CONTENT: &str = "<main ";

/// Marks a page; anything else passes as it is.
pub(super) async fn mark(response: Response) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_page = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if !is_page {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(page) = to_bytes(body, PAGE_BYTES).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let marked = marked(&String::from_utf8_lossy(&page));
    parts.headers.remove(header::CONTENT_LENGTH);
    Answer::from_parts(parts, Body::from(marked))
}

/// A page with the mark in its title and above its content. Both are written by the one template all pages share, so
/// that nothing that a computer says can come before them.
fn marked(page: &str) -> String {
    let title = format!("{TITLE}{} \u{b7} ", t::TITLE);
    let banner = format!(
        "<aside class=\"demo\" id=\"demo\" aria-label=\"{}\"><p class=\"wide\"><strong>{}</strong> {}</p></aside>\n{CONTENT}",
        t::TITLE,
        t::TITLE,
        t::BANNER
    );
    page.replacen(TITLE, &title, 1)
        .replacen(CONTENT, &banner, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn title_and_page_are_marked_once() {
        let page =
            "<title>Overview</title><body><header></header><main id=\"x\">a <main id=\"y\"></main>";
        let marked = marked(page);
        assert!(marked.contains("<title>Demo \u{b7} Overview"), "{marked}");
        assert_eq!(marked.matches("id=\"demo\"").count(), 1);
        assert!(marked.find("id=\"demo\"") < marked.find("id=\"x\""));
    }

    #[tokio::test]
    async fn what_is_no_page_is_left_alone() {
        let list = ([(header::CONTENT_TYPE, "text/csv")], "<title>,<main ").into_response();
        let body = to_bytes(mark(list).await.into_body(), 100).await.unwrap();
        assert_eq!(&body[..], b"<title>,<main ");
    }
}
