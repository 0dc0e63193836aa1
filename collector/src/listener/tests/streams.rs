//! The stream that TLS is read from and written to.

use std::{io::ErrorKind, sync::Arc};

use rustls_pki_types::ServerName;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, split},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{TlsConnector, client};

use super::world::World;
use crate::listener::tls::{self, TlsStream};

/// Both ends of a connection.
async fn ends(world: &World) -> (client::TlsStream<TcpStream>, TlsStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dialled = TcpStream::connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    let (accepted, _) = listener.accept().await.unwrap();
    let configuration = world.authority.agent_tls().unwrap().enrolment;
    let connector = TlsConnector::from(Arc::new(world.stranger().configuration()));
    let name = ServerName::try_from("enrol.freehold").unwrap();
    let (client, server) = tokio::join!(
        connector.connect(name, dialled),
        tls::accept(accepted, |hello| {
            assert_eq!(hello.server_name(), Some("enrol.freehold"));
            configuration
        })
    );
    (client.unwrap(), server.unwrap())
}

fn bytes(count: usize) -> Vec<u8> {
    (0..count).map(|at| (at % 251) as u8).collect()
}

#[tokio::test]
async fn much_goes_both_ways_at_once_and_leaves_no_memory() {
    const MANY: usize = 3_000_000;
    let world = World::new().await;
    let (client, server) = ends(&world).await;
    assert_eq!(server.memory(), 0);
    let (mut from_client, mut to_client) = split(server);
    let (mut from_server, mut to_server) = split(client);
    let (sent, answered) = (bytes(MANY), bytes(MANY + 1));
    let (mut received, mut heard) = (vec![0; MANY], vec![0; MANY + 1]);
    let read = async {
        from_client.read_exact(&mut received).await.unwrap();
    };
    let hear = async {
        from_server.read_exact(&mut heard).await.unwrap();
    };
    let (write, answer) = (to_server.write_all(&sent), to_client.write_all(&answered));
    let ((), (), upward, downward) = tokio::join!(read, hear, write, answer);
    upward.and(downward).unwrap();
    to_client.flush().await.unwrap();
    assert!(received == sent && heard == answered);
    assert_eq!(from_client.unsplit(to_client).memory(), 0);
}

#[tokio::test]
async fn a_peer_that_closes_ends_the_stream_and_one_that_vanishes_breaks_it() {
    let world = World::new().await;
    let (mut client, mut server) = ends(&world).await;
    client.write_all(b"the end").await.unwrap();
    client.shutdown().await.unwrap();
    let mut received = Vec::new();
    server.read_to_end(&mut received).await.unwrap();
    assert_eq!(received, b"the end");
    server.shutdown().await.unwrap();
    assert_eq!(client.read(&mut [0; 8]).await.unwrap(), 0);

    let (mut client, mut server) = ends(&world).await;
    client.write_all(b"half").await.unwrap();
    client.flush().await.unwrap();
    drop(client);
    let error = server.read_to_end(&mut Vec::new()).await.unwrap_err();
    assert!(matches!(
        error.kind(),
        ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset
    ));
}

#[tokio::test]
async fn records_that_were_tampered_with_break_the_stream() {
    let world = World::new().await;
    let (client, mut server) = ends(&world).await;
    let (mut socket, _) = client.into_inner();
    socket.write_all(&[23, 3, 3, 0, 32]).await.unwrap();
    socket.write_all(&[7; 32]).await.unwrap();
    let error = server.read(&mut [0; 8]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    let mut alert = Vec::new();
    drop(server);
    socket.read_to_end(&mut alert).await.unwrap();
    assert!(!alert.is_empty(), "the peer is told");
}

#[tokio::test]
async fn what_is_no_tls_is_answered_with_an_alert() {
    let world = World::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut dialled = TcpStream::connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    let (accepted, _) = listener.accept().await.unwrap();
    let configuration = world.authority.agent_tls().unwrap().enrolment;
    dialled
        .write_all(b"GET / HTTP/1.1\r\nHost: collector\r\n\r\n")
        .await
        .unwrap();
    let refused = tls::accept(accepted, |_| configuration).await;
    assert!(refused.is_err());
    let mut alert = [0; 7];
    dialled.read_exact(&mut alert).await.unwrap();
    assert_eq!(alert[0], 21);
}
