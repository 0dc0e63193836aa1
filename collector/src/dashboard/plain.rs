//! Browsers that speak plain HTTP to the HTTPS port: sent on to https, or told what to write.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::{guard::Site, serve::PATIENCE};

/// First byte of a TLS handshake.
const HANDSHAKE: u8 = 0x16;

/// How much of a request is looked at.
const HEAD_BYTES: usize = 4096;

/// Hands back whoever shakes hands; answers everybody else.
pub(super) async fn send_on(mut stream: TcpStream, site: &Site) -> Option<TcpStream> {
    let mut first = [0];
    match timeout(PATIENCE, stream.peek(&mut first)).await {
        Ok(Ok(1)) if first == [HANDSHAKE] => Some(stream),
        Ok(Ok(1)) => {
            let _ = timeout(PATIENCE, answer(&mut stream, site)).await;
            None
        }
        _ => None,
    }
}

async fn answer(stream: &mut TcpStream, site: &Site) -> std::io::Result<()> {
    let head = head(stream).await?;
    stream.write_all(said(&head, site).as_bytes()).await?;
    stream.shutdown().await
}

/// The head of a request, or its beginning. Reading it also keeps the answer from being lost: a connection
/// closed over unread bytes is reset.
async fn head(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    while head.len() < HEAD_BYTES && !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if stream.read_buf(&mut head).await? == 0 {
            break;
        }
    }
    Ok(head)
}

/// Leads to the same host over https where it is one of ours: nobody is sent elsewhere.
fn said(head: &[u8], site: &Site) -> String {
    let text = String::from_utf8_lossy(head);
    let host = text
        .lines()
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("host"))
        .map(|(_, host)| host.trim())
        .filter(|host| site.answers_to(host));
    let (status, location) = match host {
        Some(host) if text.starts_with("GET ") => (
            "307 Temporary Redirect",
            format!("Location: https://{host}/\r\n"),
        ),
        _ => ("400 Bad Request", String::new()),
    };
    format!(
        "HTTP/1.1 {status}\r\n{location}Content-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\n\
         Connection: close\r\n\r\nThis page is served over HTTPS: please write https:// before the address.\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> Site {
        Site {
            https: true,
            port: 8443,
            names: vec!["office.lan".into()],
            public: false,
            networked: true,
        }
    }

    #[test]
    fn a_browser_is_sent_to_the_same_host_over_https() {
        for host in ["office.lan:8443", "192.168.1.9:8443"] {
            let said = said(
                format!("GET /computers HTTP/1.1\r\nhost: {host}\r\n\r\n").as_bytes(),
                &site(),
            );
            assert!(said.starts_with("HTTP/1.1 307 "), "{said}");
            assert!(
                said.contains(&format!("\r\nLocation: https://{host}/\r\n")),
                "{said}"
            );
        }
    }

    #[test]
    fn nobody_is_sent_to_another_host() {
        for head in [
            "GET / HTTP/1.1\r\nHost: evil.example:8443\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\nHost: office.lan:8443\r\n",
            "POST / HTTP/1.1\r\nHost: office.lan:8443\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: office.lan:8443/@evil.example\r\n\r\n",
            "\u{0}\u{1}\u{2}",
        ] {
            let said = said(head.as_bytes(), &site());
            assert!(said.starts_with("HTTP/1.1 400 "), "{head}: {said}");
            assert!(
                !said.contains("Location") && said.contains("write https://"),
                "{said}"
            );
        }
    }
}
