//! The name in the `ClientHello` decides.

use std::sync::Arc;

use http::Request;
use rustls::{HandshakeKind, RootCertStore, crypto::ring, pki_types::CertificateDer};
use tokio::io::AsyncReadExt as _;

use super::world::{CHECK_IN, World};
use crate::{
    authority::{ENROLMENT_NAME, REPORTING_NAME},
    store::record::MachineState,
};

#[tokio::test]
async fn the_enrolment_name_reaches_enrolment_whatever_the_path() {
    let world = World::new().await;
    for path in ["/freehold.v1.Enrolment/Enrol", CHECK_IN, "/"] {
        let answer = world.stranger().call(path).await.unwrap();
        assert_eq!(answer.text, "enrolment Nobody", "{path}");
    }
    let shouted = world.caller().named(Some("Enrol.FREEHOLD"));
    assert!(
        shouted
            .call("/")
            .await
            .unwrap()
            .text
            .starts_with("enrolment")
    );
}

#[tokio::test]
async fn a_machine_on_the_enrolment_name_is_nobody() {
    let world = World::new().await;
    let machine = world.machine(MachineState::Active).await;
    let caller = world.calling(&machine).named(Some(ENROLMENT_NAME));
    assert_eq!(
        caller.call(CHECK_IN).await.unwrap().text,
        "enrolment Nobody"
    );
}

#[tokio::test]
async fn every_other_name_and_none_demand_a_certificate() {
    let world = World::new().await;
    let machine = world.machine(MachineState::Active).await;
    for name in [Some(REPORTING_NAME), Some("example.org"), None] {
        let stranger = world.caller().named(name);
        assert!(stranger.call(CHECK_IN).await.is_err(), "{name:?}");
        let answer = world.calling(&machine).named(name).call(CHECK_IN).await;
        let text = answer.unwrap().text;
        assert!(text.starts_with("reporting Machine"), "{name:?}: {text}");
        assert!(text.contains(&machine.id.to_string()));
    }
}

#[tokio::test]
async fn the_authority_of_a_request_does_not_decide() {
    let world = World::new().await;
    let mut stranger = world.stranger().connect().await.unwrap();
    let request = Request::post(format!("https://{REPORTING_NAME}{CHECK_IN}"))
        .body(axum::body::Body::empty())
        .unwrap();
    assert_eq!(
        stranger.send(request).await.unwrap().text,
        "enrolment Nobody"
    );
}

#[tokio::test]
async fn tls_1_2_is_refused_on_every_name() {
    let world = World::new().await;
    let machine = world.machine(MachineState::Active).await;
    for caller in [world.calling(&machine), world.stranger()] {
        let old = caller.speaking(&rustls::version::TLS12);
        assert!(old.call(CHECK_IN).await.is_err());
    }
}

#[tokio::test]
async fn a_client_that_knows_only_the_root_trusts_both_names_and_no_other() {
    let world = World::new().await;
    let mut roots = RootCertStore::empty();
    for anchor in world.authority.trust_anchors() {
        roots.add(CertificateDer::from(anchor)).unwrap();
    }
    let configuration = Arc::new(
        rustls::ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth(),
    );
    let dial = async |name| {
        let caller = world.caller().named(Some(name));
        caller.dial(configuration.clone()).await
    };
    assert!(dial(REPORTING_NAME).await.is_ok());
    assert!(dial(ENROLMENT_NAME).await.is_ok());
    assert!(dial("example.org").await.is_err());
}

#[tokio::test]
async fn no_session_is_ever_resumed() {
    let world = World::new().await;
    let machine = world.machine(MachineState::Active).await;
    let configuration = Arc::new(world.calling(&machine).configuration());
    for name in [
        ENROLMENT_NAME,
        ENROLMENT_NAME,
        REPORTING_NAME,
        REPORTING_NAME,
    ] {
        let caller = world.caller().named(Some(name));
        let mut stream = caller.dial(configuration.clone()).await.unwrap();
        // Tickets would come with the first bytes, the settings of HTTP/2.
        stream.read_u8().await.unwrap();
        assert_eq!(
            stream.get_ref().1.handshake_kind(),
            Some(HandshakeKind::Full)
        );
        assert_eq!(stream.get_ref().1.tls13_tickets_received(), 0);
    }
}
