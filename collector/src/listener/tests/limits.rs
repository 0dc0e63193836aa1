//! Peers that want too much.

use std::{
    collections::HashMap,
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use freehold_proto::limits::ENROLMENT_BYTES;
use http::HeaderValue;
use tokio::{io::AsyncReadExt as _, net::TcpStream};

use super::world::{CHECK_IN, Machine, STALL, World, endless, long, request};
use crate::{
    listener::{BindError, Limits, Listener, accept},
    store::record::MachineState,
};

/// Nothing is hoped for sooner.
const SOON: Duration = Duration::from_millis(300);

async fn is_closed(socket: &mut TcpStream) -> bool {
    let mut byte = [0];
    let read = tokio::time::timeout(Duration::from_secs(5), socket.read(&mut byte));
    matches!(read.await, Ok(Ok(0) | Err(_)))
}

#[tokio::test]
async fn a_handshake_that_never_begins_is_given_up_and_holds_nobody_up() {
    let world = World::with(Limits {
        handshake_time: SOON,
        ..Limits::default()
    })
    .await;
    let machine = world.machine(MachineState::Active).await;
    let mut silent = TcpStream::connect(world.address).await.unwrap();
    assert!(world.calling(&machine).call(CHECK_IN).await.is_ok());
    assert!(is_closed(&mut silent).await);
}

#[tokio::test]
async fn rubbish_instead_of_tls_harms_nobody() {
    use tokio::io::AsyncWriteExt as _;
    let world = World::new().await;
    let machine = world.machine(MachineState::Active).await;
    for rubbish in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        &[0x16, 3, 1, 0xff, 0xff],
        &[0; 100],
    ] {
        let mut socket = TcpStream::connect(world.address).await.unwrap();
        socket.write_all(rubbish).await.unwrap();
        socket.shutdown().await.unwrap();
    }
    assert!(world.calling(&machine).call(CHECK_IN).await.is_ok());
}

#[tokio::test]
async fn one_address_cannot_hold_all_handshakes() {
    let world = World::with(Limits {
        handshakes_per_address: 2,
        ..Limits::default()
    })
    .await;
    let mut sockets = Vec::new();
    for _ in 0..3 {
        sockets.push(TcpStream::connect(world.address).await.unwrap());
    }
    let started = Instant::now();
    assert!(is_closed(&mut sockets[2]).await);
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn when_all_handshakes_are_taken_the_next_waits_its_turn() {
    let world = World::with(Limits {
        handshakes: 2,
        handshake_time: SOON,
        ..Limits::default()
    })
    .await;
    let machine = world.machine(MachineState::Active).await;
    let mut silent = Vec::new();
    for _ in 0..4 {
        silent.push(TcpStream::connect(world.address).await.unwrap());
    }
    assert!(world.calling(&machine).call(CHECK_IN).await.is_ok());
}

#[tokio::test]
async fn a_long_enrolment_is_refused_and_the_longest_allowed_is_not() {
    let world = World::new().await;
    let mut stranger = world.stranger().connect().await.unwrap();
    let most = stranger.send(request("/", long(ENROLMENT_BYTES + 5))).await;
    assert_eq!(most.unwrap().text, "enrolment Nobody");
    let answer = stranger.send(request("/", long(ENROLMENT_BYTES + 6))).await;
    let answer = answer.unwrap();
    assert!(answer.is(tonic::Code::InvalidArgument), "{answer:?}");
    assert!(answer.message.contains("16384"), "{answer:?}");
    assert!(stranger.call("/").await.is_ok(), "the connection survives");
}

#[tokio::test]
async fn an_enrolment_that_never_ends_is_given_up() {
    let world = World::with(Limits {
        enrolment_time: SOON,
        ..Limits::default()
    })
    .await;
    let mut stranger = world.stranger().connect().await.unwrap();
    let answer = stranger.send(request("/", endless())).await.unwrap();
    assert!(answer.is(tonic::Code::DeadlineExceeded), "{answer:?}");
    let ended = tokio::time::timeout(Duration::from_secs(5), stranger.driver).await;
    assert!(ended.is_ok(), "the connection ends, too");
}

#[tokio::test]
async fn who_finds_no_place_to_enrol_is_told_to_come_back() {
    let world = World::with(Limits {
        enrolments_per_address: 1,
        ..Limits::default()
    })
    .await;
    let mut first = world.stranger().connect().await.unwrap();
    assert!(first.call("/").await.is_ok());
    let answer = world.stranger().call("/").await.unwrap();
    assert!(answer.is(tonic::Code::ResourceExhausted), "{answer:?}");
    assert_eq!(answer.retry_after.as_deref(), Some("3000"));
    drop(first);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(world.stranger().call("/").await.unwrap().code, 0);
}

#[tokio::test]
async fn a_machine_has_at_most_16_requests_open() {
    let world = World::new().await;
    let machine = world.machine(MachineState::Active).await;
    let mut line = world.calling(&machine).connect().await.unwrap();
    assert!(line.call(CHECK_IN).await.is_ok());
    let stalled: Vec<_> = (0..16).map(|_| tokio::spawn(line.start(STALL))).collect();
    let waiting = line.start(CHECK_IN);
    assert!(tokio::time::timeout(SOON, waiting).await.is_err());
    for stream in stalled {
        stream.abort();
    }
}

/// What a collector demands of a peer in the first frame that it sends (RFC 9113, 6.5): numbers and values.
async fn demands(world: &World, machine: &Machine) -> HashMap<u16, u32> {
    const SETTINGS: u8 = 4;
    let caller = world.calling(machine);
    let mut stream = caller.dial(Arc::new(caller.configuration())).await.unwrap();
    let mut head = [0; 9];
    stream.read_exact(&mut head).await.unwrap();
    assert_eq!(head[3], SETTINGS);
    let length = usize::from(u16::from_be_bytes([head[1], head[2]]));
    let mut payload = vec![0; length];
    stream.read_exact(&mut payload).await.unwrap();
    let number = |bytes: &[u8]| {
        bytes
            .iter()
            .fold(0, |sum, byte| sum << 8 | u32::from(*byte))
    };
    let settings = payload.chunks(6).map(|setting| {
        let id = number(&setting[..2]) as u16;
        (id, number(&setting[2..]))
    });
    settings.collect()
}

#[tokio::test]
async fn a_peer_has_nothing_kept_between_its_requests() {
    const HEADER_TABLE_SIZE: u16 = 1;
    const MAX_FRAME_SIZE: u16 = 5;
    const LEAST: u32 = 16 * 1024;
    let world = World::new().await;
    let machine = world.machine(MachineState::Active).await;
    let demands = demands(&world, &machine).await;
    assert_eq!(demands.get(&HEADER_TABLE_SIZE), Some(&0));
    assert_eq!(*demands.get(&MAX_FRAME_SIZE).unwrap_or(&LEAST), LEAST);
}

#[tokio::test]
async fn resetting_requests_rapidly_ends_the_connection_and_no_other() {
    let world = World::new().await;
    let machine = world.machine(MachineState::Active).await;
    let bystander = world.machine(MachineState::Active).await;
    let mut line = world.calling(&machine).connect().await.unwrap();
    let mut other = world.calling(&bystander).connect().await.unwrap();
    assert!(other.call(CHECK_IN).await.is_ok());
    let mut ended = false;
    for _ in 0..20_000 {
        if line.requests.ready().await.is_err() {
            ended = true;
            break;
        }
        let abandoned = tokio::spawn(line.start(STALL));
        tokio::task::yield_now().await;
        abandoned.abort();
    }
    // Whether it is ended depends on how far the collector keeps up; that it stays well does not.
    if !ended {
        assert!(line.call(CHECK_IN).await.is_ok());
    }
    assert!(other.call(CHECK_IN).await.is_ok());
}

#[tokio::test]
async fn long_headers_are_refused_and_the_port_goes_on() {
    let world = World::new().await;
    let machine = world.machine(MachineState::Active).await;
    let mut line = world.calling(&machine).connect().await.unwrap();
    assert!(line.call(CHECK_IN).await.is_ok());
    let mut long = request(CHECK_IN, axum::body::Body::empty());
    let value = HeaderValue::from_str(&"x".repeat(20_000)).unwrap();
    long.headers_mut().insert("x-long", value);
    if let Ok(answer) = line.send(long).await {
        assert!(!answer.text.starts_with("reporting"), "{answer:?}");
    }
    assert!(world.calling(&machine).call(CHECK_IN).await.is_ok());
}

#[tokio::test]
async fn hundreds_of_machines_are_served_at_once() {
    let world = World::new().await;
    let machine = world.machine(MachineState::Active).await;
    let mut machines = vec![machine];
    for _ in 0..200 {
        machines.push(world.machine(MachineState::Active).await);
    }
    let mut callers = tokio::task::JoinSet::new();
    for machine in &machines {
        let caller = world.calling(machine);
        callers.spawn(async move {
            let mut line = caller.connect().await?;
            line.call(CHECK_IN).await.map(|_| line)
        });
    }
    let lines: Vec<_> = callers.join_all().await;
    assert!(lines.iter().all(Result::is_ok));
    assert_eq!(world.connections.machines(), machines.len());
    drop(lines);
}

#[tokio::test]
async fn accepting_survives_a_system_without_file_descriptors() {
    let calls = AtomicUsize::new(0);
    let accepted = accept(|| async {
        match calls.fetch_add(1, Ordering::Relaxed) {
            0..=2 => Err(io::Error::from_raw_os_error(libc::EMFILE)),
            3 => Err(io::ErrorKind::ConnectionAborted.into()),
            4 => Err(io::Error::from_raw_os_error(libc::ENOBUFS)),
            call => Ok(call),
        }
    });
    assert_eq!(accepted.await, 5);
}

#[test]
fn all_the_open_files_that_the_system_permits_may_be_used() {
    let allowed = crate::listener::descriptors::allow_all();
    assert!(allowed.is_none_or(|files| files >= 1024), "{allowed:?}");
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    assert_eq!(limit.current, limit.maximum);
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let first = Listener::bind("127.0.0.1:0".parse().unwrap())
        .await
        .unwrap();
    let error = Listener::bind(first.local_addr()).await.unwrap_err();
    assert!(matches!(error, BindError::InUse { .. }));
    assert!(error.to_string().contains("--listen"), "{error}");
}
