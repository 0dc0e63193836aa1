//! Who may speak on which name, and with which certificate.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use freehold_proto::v1::{CheckInRequest, RenewRequest, reporting_client::ReportingClient};
use freehold_tests::{
    Inventory, Machine, TestCollector,
    forger::{Claim, Forger, self_signed},
    machine::{Applicant, Chain, now_ms, reporting},
    process::Answer,
    wire::{self, ENROLMENT, Http, Identity, Meter, REPORTING, Trust},
};
use http::Uri;
use rcgen::{ExtendedKeyUsagePurpose, KeyPair};
use tokio::process::Command;
use tonic::{Code, Status};

/// Checks in with some identity under some name. TLS 1.3 lets a client believe that it is connected
/// before the server refused its certificate, so both ways of being refused are errors here.
async fn attempt(
    collector: &TestCollector,
    name: &str,
    identity: Option<&Identity>,
) -> anyhow::Result<()> {
    let meter = Meter::default();
    let stream =
        wire::connect(collector.target(), name, identity, &Trust::Anything, &meter).await?;
    let mut client = reporting(Http::over(stream).await?);
    // Nothing is wrong with it but who sends it.
    let request = CheckInRequest {
        chain: Some(Chain::default().link()),
        clock_unix_ms: now_ms(),
        ..CheckInRequest::default()
    };
    client.check_in(request).await?;
    Ok(())
}

async fn refused(collector: &TestCollector, name: &str, identity: Option<&Identity>, what: &str) {
    let answer = attempt(collector, name, identity).await;
    assert!(answer.is_err(), "{what} was let in");
}

async fn still_serves(collector: &TestCollector) {
    let mut machine = collector.machine("honest").await;
    machine
        .report(&Inventory::small(1).sections())
        .await
        .expect("an honest machine reports");
}

#[tokio::test]
async fn without_a_certificate_only_joining_is_possible() {
    let collector = TestCollector::start().await;
    refused(&collector, REPORTING, None, "nobody").await;
    refused(&collector, ENROLMENT, None, "nobody on the joining name").await;
    refused(&collector, "example.org", None, "nobody on an unknown name").await;
    still_serves(&collector).await;
}

#[tokio::test]
async fn the_joining_name_does_not_serve_reports_to_machines_either() {
    let collector = TestCollector::start().await;
    let mut machine = collector.machine("confused").await;
    machine.check_in(&[]).await.expect("on the right name");
    refused(
        &collector,
        ENROLMENT,
        Some(&machine.identity),
        "a report on the joining name",
    )
    .await;
}

#[tokio::test]
async fn the_reporting_name_does_not_serve_joining() {
    let collector = TestCollector::start().await;
    let machine = collector.machine("helpful").await;
    let meter = Meter::default();
    let trust = Trust::Anything;
    let identity = Some(&machine.identity);
    let stream = wire::connect(collector.target(), REPORTING, identity, &trust, &meter).await;
    let http = Http::over(stream.expect("TLS")).await.expect("HTTP/2");
    let origin = Uri::from_static("https://collector.freehold");
    let mut client =
        freehold_proto::v1::enrolment_client::EnrolmentClient::with_origin(http, origin);
    let join = collector.token(&[]).await;
    let request = freehold_proto::v1::EnrolRequest {
        token: join.token.expose().to_vec(),
        csr: Applicant::new().expect("a key").csr,
        ..Default::default()
    };
    let refused = client
        .enrol(request)
        .await
        .expect_err("no such service here");
    assert_eq!(refused.code(), Code::Unimplemented, "{refused:?}");
}

#[tokio::test]
async fn only_certificates_the_collector_made_for_machines_are_accepted() {
    let collector = TestCollector::start().await;
    let forger = Forger::new(&collector.data()).expect("the issuing key");
    let machine = collector.machine("victim").await;
    let id = machine.id.as_str();
    let key = KeyPair::try_from(machine.identity.key.clone()).expect("its key");
    // Signed by the issuing key for the machine's own key: what a claim is refused for is in the claim.
    let signed = |claim: &Claim| forger.identity_for(claim, &key).expect("a certificate");
    let claim = |uri: &str| Claim {
        uri: uri.to_owned(),
        ..Claim::machine(id)
    };
    attempt(&collector, REPORTING, Some(&signed(&Claim::machine(id))))
        .await
        .expect("a certificate without a fault");

    let own = self_signed(&Claim::machine(id)).expect("a certificate");
    refused(
        &collector,
        REPORTING,
        Some(&own),
        "a self-signed certificate",
    )
    .await;

    let delegate = signed(&claim("freehold://delegate/grant/person/device"));
    refused(
        &collector,
        REPORTING,
        Some(&delegate),
        "a delegate-shaped certificate",
    )
    .await;

    let collector_like = signed(&claim("freehold://collector"));
    refused(
        &collector,
        REPORTING,
        Some(&collector_like),
        "a collector's certificate",
    )
    .await;

    let unknown = signed(&Claim::machine("00000000-0000-4000-8000-000000000000"));
    refused(
        &collector,
        REPORTING,
        Some(&unknown),
        "a machine never enrolled",
    )
    .await;

    let usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let server = signed(&Claim {
        usages,
        ..Claim::machine(id)
    });
    refused(&collector, REPORTING, Some(&server), "a server certificate").await;

    let other_key = forger.identity(&Claim::machine(id)).expect("a certificate");
    refused(
        &collector,
        REPORTING,
        Some(&other_key),
        "another key under a machine's name",
    )
    .await;

    let elsewhere = TestCollector::start().await;
    let stranger = elsewhere.machine("stranger").await;
    refused(
        &collector,
        REPORTING,
        Some(&stranger.identity),
        "another collector's machine",
    )
    .await;
    still_serves(&collector).await;
}

#[tokio::test]
async fn a_machine_reports_for_itself_only() {
    let collector = TestCollector::start().await;
    let mut one = collector.machine("one").await;
    let two = collector.machine("two").await;
    one.report(&Inventory::small(1).sections())
        .await
        .expect("reports");
    let shown = collector.show(&two.id).await;
    assert_eq!(
        shown["sections"].as_object().map(serde_json::Map::len),
        Some(0),
        "{shown}"
    );
    // The key of one does not open the certificate of the other.
    let mixed = Identity {
        chain: two.identity.chain.clone(),
        key: one.identity.key.clone(),
    };
    refused(
        &collector,
        REPORTING,
        Some(&mixed),
        "one machine's key with another's name",
    )
    .await;
}

/// Calls with an expired certificate for the key of a machine.
async fn expired(
    collector: &TestCollector,
    days: i64,
) -> anyhow::Result<(ReportingClient<Http>, Machine)> {
    let join = collector.token(&[]).await;
    let key = KeyPair::generate()?;
    let applicant = Applicant::with(&key, &rcgen::CertificateParams::default())?;
    let answer = applicant
        .enrol(collector.target(), &join.token, "drawer")
        .await?;
    let bundle = answer.credentials.expect("credentials");
    let mut machine = Machine::from_bundle(collector.target(), applicant.key, bundle)?;
    let claim = Claim::machine(&machine.id).expired(days);
    machine.identity = Forger::new(&collector.data())?.identity_for(&claim, &key)?;
    let client = machine.client().await?;
    Ok((client, machine))
}

#[tokio::test]
async fn the_laptop_in_the_drawer_may_renew_and_nothing_else() {
    let collector = TestCollector::made_long_ago().await;
    let (mut client, mut machine) = expired(&collector, 399).await.expect("it may connect");
    let refused = client
        .check_in(CheckInRequest::default())
        .await
        .expect_err("expired");
    assert_eq!(refused.code(), Code::Unauthenticated, "{refused:?}");
    assert!(refused.message().contains("expired"), "{refused:?}");
    machine.renew().await.expect("renews");
    machine
        .report(&Inventory::small(1).sections())
        .await
        .expect("reports again");
}

#[tokio::test]
async fn after_four_hundred_days_a_machine_must_join_again() {
    let collector = TestCollector::made_long_ago().await;
    let outcome = async {
        let (mut client, _) = expired(&collector, 401).await?;
        let csr = Applicant::new()?.csr;
        client.renew(RenewRequest { csr }).await?;
        anyhow::Ok(())
    };
    assert!(outcome.await.is_err(), "it renewed after 401 days");
    still_serves(&collector).await;
}

#[tokio::test]
async fn renewing_replaces_the_certificate() {
    let collector = TestCollector::start().await;
    let mut machine = collector.machine("renewing").await;
    let old = machine.identity.clone();
    machine.renew().await.expect("renews");
    assert_ne!(old.chain[0], machine.identity.chain[0]);
    machine
        .check_in(&[])
        .await
        .expect("the new certificate works");
    // The very last answer may have been lost: until the new key was used the old one stays good, from
    // then on it is not.
    refused(&collector, REPORTING, Some(&old), "a replaced certificate").await;
}

#[tokio::test]
async fn older_tls_is_refused() {
    let collector = TestCollector::start().await;
    let address = collector.address().to_string();
    let openssl = |version: &'static str, name: &'static str| {
        let mut command = Command::new("openssl");
        command.args([
            "s_client",
            "-connect",
            &address,
            "-servername",
            name,
            version,
            "-alpn",
            "h2",
        ]);
        Answer::of(command)
    };
    let modern = openssl("-tls1_3", ENROLMENT).await;
    assert!(
        modern.output.contains("TLSv1.3"),
        "{}{}",
        modern.output,
        modern.errors
    );
    for name in [ENROLMENT, REPORTING, "localhost"] {
        let old = openssl("-tls1_2", name).await;
        assert_ne!(old.code, 0, "TLS 1.2 was accepted for {name}");
        assert!(old.output.contains("Cipher is (NONE)"), "{}", old.output);
    }
}

#[tokio::test]
async fn a_refusal_is_a_status_with_a_sentence_where_tls_lets_it_be() {
    let collector = TestCollector::start().await;
    let mut machine = collector.machine("shut out").await;
    machine.check_in(&[]).await.expect("before");
    collector
        .run(&["machine", "revoke", &machine.id])
        .await
        .expect();
    let refused: Status = machine.check_in(&[]).await.expect_err("after");
    assert_ne!(refused.code(), Code::Ok);
}
