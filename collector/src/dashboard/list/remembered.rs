//! Columns that a reader chose, kept by the reader's browser: a list that is asked for without columns comes with those
//! that were chosen for it last.
//!
//! Only the form that chooses columns is remembered: an address that somebody shares shows its columns once and changes
//! nothing for whoever opens it.

use std::time::Duration;

use axum::{
    http::{HeaderMap, header},
    response::Response,
};

use super::Wanted;
use crate::dashboard::{
    Site,
    cookie::{Cookie, List},
    trouble::Trouble,
};

/// How long they are kept.
const KEPT: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// Most columns that are kept, and most characters of the word of one.
const MOST: usize = 24;
const WORD: usize = 24;

/// What separates them.
const BETWEEN: char = '.';

impl Wanted {
    /// The same, with the columns of the last choice where the address names none.
    pub(in crate::dashboard) fn recalling(
        mut self,
        list: List,
        headers: &HeaderMap,
        site: &Site,
    ) -> Self {
        if self.columns.is_empty() {
            let kept = Cookie::Columns(list)
                .of(headers, site.https)
                .unwrap_or_default();
            self.columns = words(kept.split(BETWEEN));
        }
        self.columns.retain(|word| !word.is_empty());
        self
    }

    /// A page of the list, which has the browser keep the columns if they were just chosen.
    pub(in crate::dashboard) fn remembered(
        columns: &[String],
        list: List,
        site: &Site,
        page: Result<Response, Trouble>,
    ) -> Result<Response, Trouble> {
        let mut page = page?;
        // The form that chooses sends an empty one with those that are chosen.
        if columns.iter().any(String::is_empty) {
            let chosen = words(columns.iter().map(String::as_str)).join(&BETWEEN.to_string());
            let lasts = if chosen.is_empty() {
                Duration::ZERO
            } else {
                KEPT
            };
            let cookie = Cookie::Columns(list).set(&chosen, lasts, site.https);
            if let Some(cookie) = cookie {
                page.headers_mut().append(header::SET_COOKIE, cookie);
            }
        }
        Ok(page)
    }
}

/// Words that can name a column; anything else a browser may send is passed over.
fn words<'a>(words: impl Iterator<Item = &'a str>) -> Vec<String> {
    let is_word = |word: &&str| {
        (1..=WORD).contains(&word.len())
            && word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'-')
    };
    words
        .filter(is_word)
        .take(MOST)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use axum::{http::HeaderValue, response::IntoResponse as _};

    use super::*;

    const HERE: Site = Site {
        https: false,
        port: 80,
        names: Vec::new(),
        public: false,
        networked: false,
    };

    fn asked(columns: &[&str]) -> Wanted {
        let pair = |word: &&str| ("column".to_owned(), (*word).to_owned());
        Wanted::of(columns.iter().map(pair).collect())
    }

    fn cookie(columns: &[&str]) -> Option<String> {
        let wanted = asked(columns);
        let page = Ok("".into_response());
        let page = Wanted::remembered(&wanted.columns, List::Computers, &HERE, page).unwrap();
        let cookie = page.headers().get(header::SET_COOKIE)?;
        Some(cookie.to_str().unwrap().to_owned())
    }

    #[test]
    fn what_the_form_chose_comes_back_and_an_address_changes_nothing() {
        assert_eq!(cookie(&["system", "seen"]), None);
        let kept = cookie(&["", "system", "seen"]).unwrap();
        assert!(
            kept.starts_with("freehold-columns-computers=system.seen;"),
            "{kept}"
        );
        let mut headers = HeaderMap::new();
        let pair = HeaderValue::from_str(kept.split(';').next().unwrap()).unwrap();
        headers.insert(header::COOKIE, pair);
        let recalled = asked(&[]).recalling(List::Computers, &headers, &HERE);
        assert_eq!(recalled.columns, ["system", "seen"]);
        let other = asked(&[]).recalling(List::Software, &headers, &HERE);
        assert!(other.columns.is_empty());
        let named = asked(&["agent"]).recalling(List::Computers, &headers, &HERE);
        assert_eq!(named.columns, ["agent"]);
    }

    #[test]
    fn choosing_none_brings_the_usual_ones_back() {
        assert!(cookie(&[""]).unwrap().contains("Max-Age=0"));
    }

    #[test]
    fn nothing_but_words_is_kept() {
        let kept = cookie(&["", "a;b", "x=y", "agent", "\u{e9}"]).unwrap();
        assert!(
            kept.starts_with("freehold-columns-computers=agent;"),
            "{kept}"
        );
    }
}
