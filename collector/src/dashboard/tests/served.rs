//! Through real sockets.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tokio_util::sync::CancellationToken;

use super::site::World;
use crate::{
    dashboard::{Server, ServerError},
    events::Event,
};

async fn ask(address: std::net::SocketAddr, request: String) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn plain_http_is_served_on_loopback_alone() {
    let world = World::new();
    let everywhere = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let refused = Server::new(everywhere, None, Vec::new(), false, world.desk());
    assert!(matches!(refused, Err(ServerError::NotLoopback { .. })));

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = Server::new(listener, None, Vec::new(), false, world.desk()).unwrap();
    let address = server.local_addr();
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(server.run(shutdown.clone()));
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let mut answer = String::new();
    ask(address, request)
        .await
        .read_to_string(&mut answer)
        .await
        .unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("ok\n"),
        "{answer}"
    );
    shutdown.cancel();
    tokio::time::timeout(Duration::from_secs(5), running)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn a_browser_that_speaks_plain_http_to_https_is_told_so() {
    let world = World::new();
    let desk = world.desk();
    let tls = desk
        .authority
        .dashboard_tls(&["localhost".to_owned()])
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = Server::new(listener, Some(tls), Vec::new(), false, desk).unwrap();
    let address = server.local_addr();
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(server.run(shutdown.clone()));
    let mut answer = String::new();
    let request = format!("GET / HTTP/1.1\r\nHost: {address}\r\n\r\n");
    ask(address, request)
        .await
        .read_to_string(&mut answer)
        .await
        .unwrap();
    assert!(answer.contains("write https://"), "{answer}");
    shutdown.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn an_open_page_hears_of_a_report_and_ends_with_its_session() {
    let world = World::new();
    let browser = world.owner().await;
    let now = world.clock.now();
    let id = world
        .add(super::site::given("pc", Vec::new(), Vec::new(), now))
        .await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let desk = browser.desk.clone();
    let server = Server::new(listener, None, Vec::new(), false, desk.clone()).unwrap();
    let address = server.local_addr();
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(server.run(shutdown.clone()));
    let cookie = browser.cookie("freehold").unwrap();
    let request =
        format!("GET /events HTTP/1.1\r\nHost: {address}\r\nCookie: freehold={cookie}\r\n\r\n");
    let mut stream = ask(address, request).await;
    let mut heard = String::new();
    hear(&mut stream, &mut heard, "text/event-stream").await;
    world.events.announce(Event::Report(id));
    hear(&mut stream, &mut heard, "event: change").await;
    let session = desk.people.session(cookie).await.unwrap().unwrap();
    desk.people.sign_out(&session).await.unwrap();
    let ended = tokio::time::Instant::now();
    hear(&mut stream, &mut heard, "event: end").await;
    assert!(ended.elapsed() < Duration::from_secs(1));
    shutdown.cancel();
    running.await.unwrap();
}

async fn hear(stream: &mut TcpStream, heard: &mut String, what: &str) {
    let listening = async {
        let mut buffer = [0; 4096];
        while !heard.contains(what) {
            let read = stream.read(&mut buffer).await.unwrap();
            assert_ne!(read, 0, "closed before {what}: {heard}");
            heard.push_str(&String::from_utf8_lossy(&buffer[..read]));
        }
    };
    let result = tokio::time::timeout(Duration::from_secs(5), listening).await;
    assert!(result.is_ok(), "{what} was not heard");
}
