//! Cookies: read strictly, set safely.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};

use crate::access::{DEVICE, LONGEST, SignedIn};

/// Cookies this dashboard sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cookie {
    /// The session.
    Session,
    /// The proof that this browser has signed in before.
    Device,
    /// The columns that were chosen for a list.
    Columns(List),
}

/// A list whose columns can be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    /// Computers.
    Computers,
    /// Titles of software.
    Software,
    /// Where one of them is.
    Places,
    /// Administrators.
    Administrators,
}

impl Cookie {
    /// Its name. Over HTTPS the prefix makes browsers refuse it from other hosts and from plain HTTP.
    pub(super) fn name(self, https: bool) -> &'static str {
        match (self, https) {
            (Self::Session, true) => "__Host-freehold",
            (Self::Session, false) => "freehold",
            (Self::Device, true) => "__Host-freehold-browser",
            (Self::Device, false) => "freehold-browser",
            (Self::Columns(List::Computers), true) => "__Host-freehold-columns-computers",
            (Self::Columns(List::Computers), false) => "freehold-columns-computers",
            (Self::Columns(List::Software), true) => "__Host-freehold-columns-software",
            (Self::Columns(List::Software), false) => "freehold-columns-software",
            (Self::Columns(List::Places), true) => "__Host-freehold-columns-places",
            (Self::Columns(List::Places), false) => "freehold-columns-places",
            (Self::Columns(List::Administrators), true) => "__Host-freehold-columns-administrators",
            (Self::Columns(List::Administrators), false) => "freehold-columns-administrators",
        }
    }

    /// Its value in a request; `None` when it is absent or there are two of the name.
    pub(super) fn of(self, headers: &HeaderMap, https: bool) -> Option<&str> {
        let name = self.name(https);
        let mut values = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| value);
        let value = values.next()?;
        values.next().is_none().then_some(value)
    }

    pub(super) fn set(self, value: &str, lasts: Duration, https: bool) -> Option<HeaderValue> {
        let secure = if https { "; Secure" } else { "" };
        HeaderValue::from_str(&format!(
            "{}={value}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{secure}",
            self.name(https),
            lasts.as_secs()
        ))
        .ok()
    }
}

/// Gives a browser its new session.
pub(super) fn sign_in(headers: &mut HeaderMap, signed_in: &SignedIn, https: bool) {
    let session = Cookie::Session.set(&signed_in.token.encode(), LONGEST, https);
    let device = Cookie::Device.set(&signed_in.device, DEVICE, https);
    for value in [session, device].into_iter().flatten() {
        headers.append(header::SET_COOKIE, value);
    }
}

/// Takes the session away from a browser.
pub(super) fn sign_out(headers: &mut HeaderMap, https: bool) {
    if let Some(value) = Cookie::Session.set("", Duration::ZERO, https) {
        headers.append(header::SET_COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(cookies: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(header::COOKIE, HeaderValue::from_str(cookie).unwrap());
        }
        headers
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let headers = request(&["a=b; freehold=secret; freehold-browser=x"]);
        assert_eq!(Cookie::Session.of(&headers, false), Some("secret"));
        assert_eq!(Cookie::Device.of(&headers, false), Some("x"));
        assert_eq!(Cookie::Session.of(&headers, true), None);
    }

    #[test]
    fn a_doubled_cookie_counts_as_none() {
        let headers = request(&["freehold=planted; freehold=secret"]);
        assert_eq!(Cookie::Session.of(&headers, false), None);
        let headers = request(&["freehold=planted", "freehold=secret"]);
        assert_eq!(Cookie::Session.of(&headers, false), None);
    }

    #[test]
    fn over_https_a_cookie_is_bound_to_this_host() {
        let value = Cookie::Session
            .set("v", Duration::from_secs(9), true)
            .unwrap();
        assert_eq!(
            value.to_str().unwrap(),
            "__Host-freehold=v; Path=/; Max-Age=9; HttpOnly; SameSite=Strict; Secure"
        );
    }
}
