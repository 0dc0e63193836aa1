//! What stands before every page: the right host, requests from our own pages, a session, safe headers.

use std::net::{IpAddr, Ipv4Addr};

use axum::{
    extract::{Request, State as Shared},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};

use super::{State, cookie::Cookie, reads, route::Open, trouble::Trouble};
use crate::{access::Origin, peer::Remote};

/// Under which addresses the dashboard answers. Any other is refused: another site could make a browser
/// believe that its name belongs to this computer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// It is served over HTTPS.
    pub https: bool,
    /// Its port.
    pub port: u16,
    /// Host names it answers to, beside those of loopback and, over HTTPS, plain addresses.
    pub names: Vec<String>,
    /// Its certificate is one the owner brought, which browsers trust without being told to.
    pub public: bool,
    /// Other computers reach it too.
    pub networked: bool,
}

/// How long a browser that came over HTTPS never again tries plain HTTP.
const ONLY_HTTPS: HeaderValue = HeaderValue::from_static("max-age=31536000");

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 8] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
];

impl Site {
    /// Whether browsers shall insist on HTTPS for this host, which binds its other ports too and makes a
    /// certificate error final. Only where the host name is the dashboard's alone: a certificate that
    /// everybody trusts, on the port that belongs to the name.
    fn insists(&self) -> bool {
        self.https && self.public && self.port == 443
    }

    /// Whether a `Host` is one of ours.
    pub(super) fn answers_to(&self, authority: &str) -> bool {
        let (host, port) = split(authority);
        let default = if self.https { 443 } else { 80 };
        if port.unwrap_or(default) != self.port {
            return false;
        }
        if host.eq_ignore_ascii_case("localhost") {
            return true;
        }
        if let Ok(address) = host.parse::<IpAddr>() {
            // A plain address cannot be made to point elsewhere. Plain HTTP never leaves this computer.
            return self.https || address.is_loopback();
        }
        self.https
            && self
                .names
                .iter()
                .any(|name| name.eq_ignore_ascii_case(host))
    }

    fn origin(&self, authority: &str) -> String {
        let scheme = if self.https { "https" } else { "http" };
        format!("{scheme}://{}", authority.to_ascii_lowercase())
    }
}

fn split(authority: &str) -> (&str, Option<u16>) {
    if let Some((host, rest)) = authority
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
    {
        return match rest.strip_prefix(':') {
            Some(port) => (host, Some(port.parse().unwrap_or(0))),
            None if rest.is_empty() => (host, None),
            None => (authority, Some(0)),
        };
    }
    match authority.rsplit_once(':') {
        Some((host, port)) => match port.parse() {
            Ok(port) => (host, Some(port)),
            Err(_) => (authority, Some(0)),
        },
        None => (authority, None),
    }
}

/// The host a request names; `None` when it names none or two.
pub(super) fn authority<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    if let Some(authority) = uri.authority() {
        return Some(authority.as_str());
    }
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next()?.to_str().ok()?;
    hosts.next().is_none().then_some(host)
}

/// Sets the headers that keep a browser from doing what no page of ours needs.
pub(super) async fn harden(Shared(state): Shared<State>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if state.site.insists() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, ONLY_HTTPS);
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// Refuses other hosts, and requests that change something but do not come from our own pages.
pub(super) async fn admit(Shared(state): Shared<State>, request: Request, next: Next) -> Response {
    let site = &state.site;
    let Some(host) = authority(request.uri(), request.headers()) else {
        return Trouble::WrongHost.into_response();
    };
    if !site.answers_to(host) {
        return Trouble::WrongHost.into_response();
    }
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if !reads && !is_own(request.headers(), &site.origin(host)) {
        return Trouble::Refused.into_response();
    }
    next.run(request).await
}

/// Whether a browser says that one of our own pages sent the request. Browsers say so in
/// `Sec-Fetch-Site`, older ones in `Origin`; with our referrer policy a form's `Origin` is "null".
fn is_own(headers: &HeaderMap, own: &str) -> bool {
    let one = |name: &HeaderName| {
        let mut values = headers.get_all(name).iter();
        let value = values.next().map(|value| value.to_str().unwrap_or("?"));
        if values.next().is_some() {
            Some("?")
        } else {
            value
        }
    };
    let site = one(&HeaderName::from_static("sec-fetch-site"));
    let origin = one(&header::ORIGIN);
    match (site, origin) {
        (Some("same-origin"), None | Some("null")) => true,
        (Some("same-origin") | None, Some(origin)) => origin.eq_ignore_ascii_case(own),
        _ => false,
    }
}

/// What a page is guarded by.
#[derive(Clone)]
pub(super) struct Guarded {
    pub(super) state: State,
    pub(super) open: Open,
}

/// Lets only signed-in browsers through, guests only to what is open to them and only once it is written down,
/// and tells the page who it is.
pub(super) async fn signed_in(
    Shared(guarded): Shared<Guarded>,
    mut request: Request,
    next: Next,
) -> Response {
    let Guarded { state, open } = guarded;
    // Before anything is read: what is announced later is not shown yet.
    let asked = state.desk.events.mark();
    let session = match Cookie::Session.of(request.headers(), state.site.https) {
        Some(cookie) => state.desk.people.session(cookie).await,
        None => Ok(None),
    };
    let session = match session {
        Ok(Some(session)) => session.asked(asked),
        Ok(None) => return turned_away(&state, &request),
        Err(error) => return Trouble::failed(error).into_response(),
    };
    let by = session.actor(address(request.extensions().get::<Remote>()));
    if !session.is_owner()
        && let Err(trouble) = reads::admit(&state, open, &session, &by, &mut request).await
    {
        return trouble.into_response();
    }
    request.extensions_mut().insert(by);
    request.extensions_mut().insert(session);
    next.run(request).await
}

fn turned_away(state: &State, request: &Request) -> Response {
    let streams = request
        .headers()
        .get(header::ACCEPT)
        .is_some_and(|accept| accept == "text/event-stream");
    if streams {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    match state.desk.people.set_up() {
        Ok(false) => Redirect::to("/setup").into_response(),
        Ok(true) if request.method() == Method::GET && request.uri().path() != "/" => {
            let wanted = request
                .uri()
                .path_and_query()
                .map_or("/", |path| path.as_str());
            Redirect::to(&format!("/sign-in?next={}", encoded(wanted))).into_response()
        }
        Ok(true) => Redirect::to("/sign-in").into_response(),
        Err(error) => Trouble::failed(error).into_response(),
    }
}

/// Text as a value in a query.
pub(super) fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

/// The dashboard's address as this request names it, which was admitted.
pub(super) fn base(site: &Site, uri: &Uri, headers: &HeaderMap) -> String {
    authority(uri, headers).map_or_else(String::new, |authority| site.origin(authority))
}

/// The address a request comes from.
pub(super) fn address(remote: Option<&Remote>) -> IpAddr {
    remote.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |remote| remote.0.ip())
}

/// Where a request comes from.
pub(super) fn origin(headers: &HeaderMap, remote: Option<&Remote>, https: bool) -> Origin {
    let text = |name: HeaderName| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    Origin {
        address: address(remote),
        browser: text(header::USER_AGENT),
        device: Cookie::Device
            .of(headers, https)
            .unwrap_or_default()
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain() -> Site {
        Site {
            https: false,
            port: 8080,
            names: vec!["office.lan".into()],
            public: false,
            networked: false,
        }
    }

    #[test]
    fn plain_http_answers_to_loopback_alone() {
        for host in [
            "127.0.0.1:8080",
            "localhost:8080",
            "LOCALHOST:8080",
            "[::1]:8080",
        ] {
            assert!(plain().answers_to(host), "{host}");
        }
        for host in [
            "evil.example:8080",
            "127.0.0.1.evil.example:8080",
            "office.lan:8080",
            "192.168.1.2:8080",
            "127.0.0.1",
            "127.0.0.1:8081",
            "127.0.0.1:8080:8080",
            "localhost:8080@evil",
            "",
        ] {
            assert!(!plain().answers_to(host), "{host}");
        }
    }

    #[test]
    fn https_answers_to_its_names_and_to_plain_addresses() {
        let site = Site {
            https: true,
            port: 8443,
            ..plain()
        };
        for host in [
            "office.lan:8443",
            "192.168.1.2:8443",
            "localhost:8443",
            "[fe80::1]:8443",
        ] {
            assert!(site.answers_to(host), "{host}");
        }
        assert!(!site.answers_to("evil.example:8443"));
        assert!(!site.answers_to("office.lan"));
    }

    #[test]
    fn browsers_are_bound_to_https_only_where_the_name_is_ours_alone() {
        let site = |https, public, port| Site {
            https,
            port,
            public,
            ..plain()
        };
        assert!(site(true, true, 443).insists());
        // A router or a printer may answer on other ports of the same name.
        assert!(!site(true, true, 8443).insists());
        // An authority that has to be installed first: an error must stay something one can pass.
        assert!(!site(true, false, 443).insists());
        assert!(!site(false, true, 443).insists());
    }

    #[test]
    fn only_our_own_pages_may_change_something() {
        let own = "http://127.0.0.1:8080";
        let request = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.append(*name, HeaderValue::from_static(value));
            }
            is_own(&headers, own)
        };
        assert!(request(&[
            ("sec-fetch-site", "same-origin"),
            ("origin", "null")
        ]));
        assert!(request(&[("sec-fetch-site", "same-origin")]));
        assert!(request(&[("origin", own)]));
        assert!(!request(&[]));
        assert!(!request(&[("origin", "null")]));
        assert!(!request(&[("origin", "http://127.0.0.1:9999")]));
        assert!(!request(&[("origin", "https://127.0.0.1:8080")]));
        assert!(!request(&[
            ("sec-fetch-site", "cross-site"),
            ("origin", own)
        ]));
        assert!(!request(&[
            ("sec-fetch-site", "same-site"),
            ("origin", own)
        ]));
        assert!(!request(&[("sec-fetch-site", "none")]));
        assert!(!request(&[
            ("origin", own),
            ("origin", "http://evil.example")
        ]));
        assert!(!request(&[
            ("sec-fetch-site", "same-origin"),
            ("origin", "http://evil.example")
        ]));
    }
}
