//! To a program, as signed JSON over HTTP.
//!
//! `Freehold-Signature: t=SECONDS,v1=HEX` is HMAC-SHA256 over `SECONDS.BODY` with the secret that the settings show
//! once; `Freehold-Delivery` is the same for each attempt at the same message. Redirections are not followed: the
//! message is for the address that the owner wrote.

use std::{fmt::Write as _, sync::Arc, time::Duration};

use http::{Request, Uri, header};
use http_body_util::Full;
use hyper::{body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use ring::hmac;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::ServerName;
use secrecy::ExposeSecret as _;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;

use super::{delivery::Undelivered, settings::Webhook};
use crate::clock::UnixMillis;

/// How long all of it may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Sends a message. `id` is the same for each attempt.
pub(super) async fn send(
    webhook: &Webhook,
    id: &str,
    body: &str,
    now: UnixMillis,
) -> Result<(), Undelivered> {
    let host = webhook.host();
    match timeout(PATIENCE, post(webhook, id, body, now)).await {
        Ok(sent) => sent.map_err(|undelivered| Undelivered {
            problem: format!("{host}: {}", undelivered.problem),
            ..undelivered
        }),
        Err(_) => Err(Undelivered::for_now(format!(
            "{host} did not answer in time"
        ))),
    }
}

async fn post(webhook: &Webhook, id: &str, body: &str, now: UnixMillis) -> Result<(), Undelivered> {
    let unusable = || Undelivered {
        problem: "the address cannot be used: correct it in the settings".to_owned(),
        is_final: true,
    };
    let uri: Uri = webhook.url.parse().map_err(|_| unusable())?;
    let host = uri.host().ok_or_else(unusable)?;
    let bare = host.trim_matches(['[', ']']);
    let is_secure = uri.scheme_str() == Some("https");
    let port = uri.port_u16().unwrap_or(if is_secure { 443 } else { 80 });
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let authority = uri.authority().map_or(host, |authority| authority.as_str());
    let request = Request::post(path)
        .header(header::HOST, authority)
        .header(header::CONTENT_TYPE, "application/json")
        .header(
            header::USER_AGENT,
            concat!("Freehold/", env!("CARGO_PKG_VERSION")),
        )
        .header("Freehold-Delivery", id)
        .header("Freehold-Signature", signature(webhook, body, now))
        .body(Full::new(Bytes::from(body.to_owned())))
        .map_err(|_| unusable())?;
    let stream = TcpStream::connect((bare, port))
        .await
        .map_err(cannot("be reached"))?;
    if is_secure {
        let name = ServerName::try_from(bare.to_owned()).map_err(|_| unusable())?;
        let connector = TlsConnector::from(client_config()?);
        let stream = connector
            .connect(name, stream)
            .await
            .map_err(cannot("be trusted"))?;
        exchange(stream, request).await
    } else {
        exchange(stream, request).await
    }
}

async fn exchange<S>(stream: S, request: Request<Full<Bytes>>) -> Result<(), Undelivered>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(cannot("be spoken to"))?;
    let talk = tokio::spawn(connection);
    let response = sender
        .send_request(request)
        .await
        .map_err(cannot("be spoken to"));
    talk.abort();
    let status = response?.status();
    if status.is_success() {
        return Ok(());
    }
    Err(Undelivered {
        problem: format!("it answered {status}"),
        // What a server does not want now it will not want later, but for being asked too often.
        is_final: status.is_client_error() && !matches!(status.as_u16(), 408 | 425 | 429),
    })
}

fn cannot<E: std::fmt::Display>(what: &'static str) -> impl Fn(E) -> Undelivered {
    move |error| Undelivered::for_now(format!("it cannot {what}: {error}"))
}

/// Trusts whom this computer trusts: the receiver is somebody else's, unlike everything else that Freehold speaks to.
fn client_config() -> Result<Arc<ClientConfig>, Undelivered> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        return Err(Undelivered::for_now(
            "this computer trusts no authority: install its certificates (package ca-certificates)",
        ));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(cannot("be trusted"))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn signature(webhook: &Webhook, body: &str, now: UnixMillis) -> String {
    let seconds = now.0.div_euclid(1000);
    let key = hmac::Key::new(hmac::HMAC_SHA256, webhook.secret.expose_secret().as_bytes());
    let tag = hmac::sign(&key, format!("{seconds}.{body}").as_bytes());
    let mut text = format!("t={seconds},v1=");
    for byte in tag.as_ref() {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_the_one_that_other_programs_compute() {
        let webhook = Webhook {
            url: "https://hooks.example.com/".into(),
            secret: "key".to_owned().into(),
        };
        // printf '1700000000.{}' | openssl dgst -sha256 -hmac key
        let expected =
            "t=1700000000,v1=9d713ed406bb7076d4123f0dc2c39d2df5c654ed4b0cd56b52c8b4c940bd63ae";
        assert_eq!(
            signature(&webhook, "{}", UnixMillis(1_700_000_000_999)),
            expected
        );
    }
}
