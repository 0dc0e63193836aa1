//! A browser without a screen: follows the dashboard's cookies and forms.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

use http::{HeaderMap, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full};
use hyper::{body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;

use crate::wire::{self, Meter, Target, Trust};

/// A browser that shows one dashboard.
#[derive(Clone, Debug)]
pub struct Browser {
    origin: Uri,
    cookies: BTreeMap<String, String>,
}

/// A page.
#[derive(Debug)]
pub struct Page {
    /// HTTP status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Text.
    pub text: String,
}

/// A connection that is kept for one page after another.
#[derive(Debug)]
pub struct Connection {
    sender: http1::SendRequest<Full<Bytes>>,
    host: String,
    cookies: String,
}

/// A page that came over a kept connection.
#[derive(Debug)]
pub struct Visit {
    /// HTTP status.
    pub status: StatusCode,
    /// From asking until the head of the answer was there.
    pub first_byte: Duration,
    /// From asking until all of it was there.
    pub last_byte: Duration,
    /// The body as it came.
    pub body: Bytes,
}

impl Connection {
    /// Asks for a page.
    pub async fn visit(&mut self, path: &str) -> anyhow::Result<Visit> {
        let request = Request::get(path)
            .header(header::HOST, &self.host)
            .header(header::COOKIE, &self.cookies)
            .header(header::ACCEPT_ENCODING, "gzip, deflate, br, zstd");
        let request = request.body(Full::default())?;
        self.sender.ready().await?;
        let asked = Instant::now();
        let response = self.sender.send_request(request).await?;
        let first_byte = asked.elapsed();
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        Ok(Visit {
            status,
            first_byte,
            last_byte: asked.elapsed(),
            body,
        })
    }
}

impl Page {
    /// Value of a hidden form field.
    pub fn hidden(&self, name: &str) -> Option<String> {
        let at = self.text.find(&format!("name=\"{name}\""))?;
        let tag_start = self.text[..at].rfind('<')?;
        let tag = &self.text[tag_start..tag_start + self.text[tag_start..].find('>')?];
        let value = tag.split("value=\"").nth(1)?;
        Some(value.split('"').next()?.to_owned())
    }
}

impl Browser {
    /// A browser without cookies.
    pub fn new(origin: &str) -> Self {
        Self {
            origin: origin.parse().expect("the dashboard's address"),
            cookies: BTreeMap::new(),
        }
    }

    /// Cookies it was given.
    pub fn cookies(&self) -> &BTreeMap<String, String> {
        &self.cookies
    }

    /// Host and port as in the address.
    pub fn host(&self) -> String {
        self.origin
            .authority()
            .map(ToString::to_string)
            .unwrap_or_default()
    }

    /// Shows a page.
    pub async fn visit(&mut self, path: &str) -> Page {
        let request = Request::get(path).header(header::HOST, self.host());
        self.send(request.body(Full::default()).expect("a request"))
            .await
    }

    /// Sends a form as a page of the same origin does.
    pub async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let origin = self.origin.to_string().trim_end_matches('/').to_owned();
        self.submit_from(&origin, path, fields).await
    }

    /// Sends a form as a page of some origin does.
    pub async fn submit_from(&mut self, origin: &str, path: &str, fields: &[(&str, &str)]) -> Page {
        let body = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", encoded(value)));
        let body = body.collect::<Vec<_>>().join("&");
        let request = Request::post(path)
            .header(header::HOST, self.host())
            .header(header::ORIGIN, origin)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Full::from(body)).expect("a request"))
            .await
    }

    /// Sends any request.
    pub async fn send(&mut self, mut request: Request<Full<Bytes>>) -> Page {
        if !self.cookies.is_empty() {
            let cookies = self.cookie_header();
            request
                .headers_mut()
                .insert(header::COOKIE, cookies.parse().expect("cookies"));
        }
        let mut sender = self.dial().await.expect("the dashboard answers");
        let response = sender.send_request(request).await;
        let response = response.expect("the dashboard answers");
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().expect("a cookie");
            let pair = cookie.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        Page {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    /// Connects, and stays connected.
    pub async fn connect(&self) -> anyhow::Result<Connection> {
        Ok(Connection {
            sender: self.dial().await?,
            host: self.host(),
            cookies: self.cookie_header(),
        })
    }

    fn cookie_header(&self) -> String {
        let cookies = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        cookies.collect::<Vec<_>>().join("; ")
    }

    async fn dial(&self) -> anyhow::Result<http1::SendRequest<Full<Bytes>>> {
        let host = self.origin.host().unwrap_or_default();
        let port = self.origin.port_u16().unwrap_or(443);
        let address: SocketAddr = match host {
            "localhost" => ([127, 0, 0, 1], port).into(),
            host => format!("{host}:{port}").parse()?,
        };
        let target = Target::new(address);
        if self.origin.scheme_str() == Some("http") {
            return http1_over(wire::tcp(target).await?).await;
        }
        let config = wire::client_config(None, &Trust::Anything, &[b"http/1.1"])?;
        http1_over(wire::tls(target, host, config, &Meter::default()).await?).await
    }
}

async fn http1_over<S>(stream: S) -> anyhow::Result<http1::SendRequest<Full<Bytes>>>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

fn encoded(value: &str) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(byte.into());
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}
