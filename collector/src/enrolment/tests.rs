//! Joining, through the service.

mod agent;

use std::{collections::HashSet, net::SocketAddr, time::Duration};

use freehold_agent::identity::JoinString;
use freehold_proto::v1::HardwareFingerprint;
use rcgen::{CertificateParams, KeyPair};
use tonic::Code;

use super::*;
use crate::{
    access::People,
    audit::Actor,
    events::Events,
    machines::Connections,
    store::{Options, record::MachineRecord},
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

struct World {
    _dir: tempfile::TempDir,
    store: Store,
    machines: Machines,
    clock: Clock,
    tokens: Tokens,
    enrolment: Enrolment,
}

impl World {
    fn new() -> Self {
        Self::reached_at(&["office-pc.lan:7443"])
    }

    fn reached_at(addresses: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::system();
        let authority = Authority::init(&dir.path().join("authority"), "Example", &clock).unwrap();
        let store = Store::create(&dir.path().join("store"), &Options::default()).unwrap();
        let machines = Machines::load(
            store.clone(),
            authority.revocations(),
            connections(),
            authority.log(),
            Events::default(),
        )
        .unwrap();
        let addresses: Vec<String> = addresses.iter().map(|text| (*text).to_owned()).collect();
        let tokens = Tokens::new(
            store.clone(),
            authority.clone(),
            addresses.clone(),
            clock.clone(),
        );
        let enrolment = Enrolment::new(
            store.clone(),
            machines.clone(),
            People::new(store.clone(), authority.log()),
            authority,
            addresses,
            clock.clone(),
        );
        Self {
            _dir: dir,
            store,
            machines,
            clock,
            tokens,
            enrolment,
        }
    }

    async fn token(&self, new: NewToken) -> JoinString {
        self.tokens.create(new, &Actor::console()).await.unwrap().0
    }

    async fn enrol(&self, request: EnrolRequest) -> Result<EnrolResponse, Status> {
        self.enrol_from("192.0.2.7:5000", request).await
    }

    async fn enrol_from(
        &self,
        remote: &str,
        request: EnrolRequest,
    ) -> Result<EnrolResponse, Status> {
        let remote: SocketAddr = remote.parse().unwrap();
        let mut request = Request::new(request);
        request.extensions_mut().insert(Peer::Nobody);
        request.extensions_mut().insert(Remote(remote));
        let answer = self.enrolment.enrol(request).await;
        answer.map(Response::into_inner)
    }

    fn only_machine(&self) -> std::sync::Arc<MachineRecord> {
        let mut machines = self.machines.list();
        assert_eq!(machines.len(), 1);
        machines.remove(0)
    }
}

fn connections() -> Connections {
    Connections::default()
}

fn csr() -> Vec<u8> {
    let key = KeyPair::generate().unwrap();
    let request = CertificateParams::default().serialize_request(&key);
    request.unwrap().der().to_vec()
}

fn request(join: &JoinString) -> EnrolRequest {
    EnrolRequest {
        token: join.token.expose().to_vec(),
        csr: csr(),
        fingerprint: None,
        host_name: "front-desk".to_owned(),
        agent_version: "0.1.0".to_owned(),
        proposed_labels: Vec::new(),
    }
}

fn bundle(answer: Result<EnrolResponse, Status>) -> CredentialBundle {
    answer.unwrap().credentials.expect("credentials")
}

#[tokio::test]
async fn a_machine_joins_with_a_token_and_gets_all_it_needs() {
    let world = World::new();
    let labels = vec!["reception".to_owned()];
    let join = world
        .token(NewToken {
            labels: labels.clone(),
            ..NewToken::default()
        })
        .await;
    let bundle = bundle(world.enrol(request(&join)).await);
    assert_eq!(bundle.certificate_chain.len(), 2);
    assert_eq!(bundle.collector_addresses, ["office-pc.lan:7443"]);
    let root = &bundle.trust_anchors[0];
    let (_, root) = x509_parser::parse_x509_certificate(root).unwrap();
    let pin = ring::digest::digest(&ring::digest::SHA256, root.public_key().raw);
    assert_eq!(join.pin, pin.as_ref());

    let record = world.only_machine();
    assert_eq!(record.state(), MachineState::Active);
    assert_eq!(record.host_name, "front-desk");
    assert_eq!(record.labels, labels);
    let (_, leaf) = x509_parser::parse_x509_certificate(&bundle.certificate_chain[0]).unwrap();
    assert_eq!(
        record.certificate_expires_at,
        leaf.validity().not_after.timestamp() * 1000
    );
}

#[tokio::test]
async fn proposed_labels_are_kept_beside_the_labels_and_gone_once_the_owner_gives_some() {
    let world = World::new();
    let join = world
        .token(NewToken {
            labels: vec!["reception".to_owned()],
            ..NewToken::default()
        })
        .await;
    bundle(
        world
            .enrol(EnrolRequest {
                proposed_labels: vec!["surgery".to_owned(), "not,one".to_owned()],
                ..request(&join)
            })
            .await,
    );
    let record = world.only_machine();
    assert_eq!(record.labels, ["reception"]);
    assert_eq!(record.proposed_labels, ["surgery"]);
    let id = crate::machines::id_of(&record).unwrap();
    let given = ["office".to_owned()];
    world
        .machines
        .label(id, &given, &Actor::console())
        .await
        .unwrap();
    let record = world.only_machine();
    assert_eq!(record.labels, given);
    assert!(record.proposed_labels.is_empty());
}

#[tokio::test]
async fn only_a_hash_of_the_token_is_kept() {
    let world = World::new();
    let join = world.token(NewToken::default()).await;
    let kept = world.store.tokens().unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].0.as_bytes(), &join.token.hash());
    let stored = prost::Message::encode_to_vec(&kept[0].1);
    let secret = join.token.expose();
    assert!(!stored.windows(32).any(|part| part == secret));
}

#[tokio::test]
async fn a_lost_answer_does_not_burn_the_token_not_even_after_it_expired() {
    let world = World::new();
    let join = world.token(NewToken::default()).await;
    let request = request(&join);
    bundle(world.enrol(request.clone()).await);
    let id = world.only_machine().id.clone();
    world.clock.advance(2 * DAY);
    bundle(world.enrol(request).await);
    assert_eq!(world.only_machine().id, id);
}

#[tokio::test]
async fn a_second_machine_cannot_use_a_single_use_token() {
    let world = World::new();
    let join = world.token(NewToken::default()).await;
    bundle(world.enrol(request(&join)).await);
    let status = world.enrol(request(&join)).await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated);
    assert!(status.message().contains("used up"), "{status}");
    assert!(status.message().contains("ask the owner"), "{status}");
    world.only_machine();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_machines_at_once_exactly_as_many_get_in_as_the_token_allows() {
    let world = std::sync::Arc::new(World::new());
    for uses in [1, 3] {
        let before = world.machines.list().len();
        let new = NewToken {
            uses,
            wait: Some(false),
            ..NewToken::default()
        };
        let join = world.token(new).await;
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..12 {
            let (world, request) = (world.clone(), request(&join));
            let remote = format!("192.0.2.{number}:5000");
            tasks.spawn(async move { world.enrol_from(&remote, request).await });
        }
        let answers = tasks.join_all().await;
        let (in_, out): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
        assert_eq!(in_.len(), uses as usize);
        assert!(out.iter().all(|answer| {
            let status = answer.as_ref().unwrap_err();
            status.code() == Code::Unauthenticated && status.message().contains("used up")
        }));
        assert_eq!(world.machines.list().len(), before + uses as usize);
    }
}

#[tokio::test]
async fn the_same_request_sent_twice_at_once_makes_one_machine() {
    let world = World::new();
    let join = world.token(NewToken::default()).await;
    let request = request(&join);
    let (one, two) = tokio::join!(world.enrol(request.clone()), world.enrol(request));
    bundle(one);
    bundle(two);
    world.only_machine();
}

#[tokio::test]
async fn expired_and_unknown_tokens_are_told_apart() {
    let world = World::new();
    let join = world.token(NewToken::default()).await;
    world.clock.advance(DAY + Duration::from_secs(1));
    let status = world.enrol(request(&join)).await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated);
    assert!(status.message().contains("expired at 20"), "{status}");

    let other = World::new();
    let stray = other.token(NewToken::default()).await;
    let status = world.enrol(request(&stray)).await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated);
    assert!(status.message().contains("does not know"), "{status}");
}

#[tokio::test]
async fn expired_tokens_are_forgotten_after_a_while() {
    let world = World::new();
    world.token(NewToken::default()).await;
    world.clock.advance(40 * DAY);
    world.token(NewToken::default()).await;
    assert_eq!(world.store.tokens().unwrap().len(), 1);
}

#[tokio::test]
async fn a_token_may_be_limited_to_networks() {
    let world = World::new();
    let networks = ["192.0.2.0/24".to_owned(), "2001:db8::/32".to_owned()];
    let new = NewToken::asked(2, 0, Vec::new(), &networks, Some(false)).unwrap();
    let join = world.token(new).await;
    let outside = world.enrol_from("198.51.100.1:1", request(&join)).await;
    let status = outside.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
    assert!(status.message().contains("198.51.100.1"), "{status}");
    assert!(!status.message().contains("192.0.2"), "{status}");
    for inside in ["[::ffff:192.0.2.9]:1", "[2001:db8::1]:1"] {
        bundle(world.enrol_from(inside, request(&join)).await);
    }
}

#[tokio::test]
async fn machines_of_a_token_for_many_wait_for_the_owner() {
    let world = World::new();
    let join = world
        .token(NewToken {
            uses: 5,
            ..NewToken::default()
        })
        .await;
    let request = request(&join);
    for _ in 0..3 {
        let answer = world.enrol(request.clone()).await.unwrap();
        assert_eq!(answer.credentials, None);
        assert_eq!(answer.retry_after_seconds, ASK_AGAIN_SECONDS);
    }
    let record = world.only_machine();
    assert_eq!(record.state(), MachineState::Waiting);
    assert_eq!(record.certificate_expires_at, 0);
    let id = world.machines.find("front-desk").unwrap();
    world.machines.approve(id, &Actor::console()).await.unwrap();
    world.clock.advance(2 * DAY);
    bundle(world.enrol(request).await);
    assert!(world.only_machine().certificate_expires_at > 0);
}

#[tokio::test]
async fn a_machine_that_the_owner_refused_does_not_get_in() {
    let world = World::new();
    let join = world
        .token(NewToken {
            uses: 5,
            ..NewToken::default()
        })
        .await;
    let request = request(&join);
    world.enrol(request.clone()).await.unwrap();
    let id = world.machines.find("front-desk").unwrap();
    world.machines.revoke(id, &Actor::console()).await.unwrap();
    let status = world.enrol(request.clone()).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
    assert!(status.message().contains("refused"), "{status}");
    // Nor with another token and the same key.
    let again = world.token(NewToken::default()).await;
    let token = again.token.expose().to_vec();
    let status = world
        .enrol(EnrolRequest { token, ..request })
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn a_waiting_machine_that_gets_a_better_token_is_let_in() {
    let world = World::new();
    let many = world
        .token(NewToken {
            uses: 5,
            ..NewToken::default()
        })
        .await;
    let request = request(&many);
    world.enrol(request.clone()).await.unwrap();
    let one = world.token(NewToken::default()).await;
    let token = one.token.expose().to_vec();
    bundle(world.enrol(EnrolRequest { token, ..request }).await);
    assert_eq!(world.only_machine().state(), MachineState::Active);
}

#[tokio::test]
async fn a_machine_with_known_hardware_is_pointed_out_and_nothing_more() {
    let world = World::new();
    let hash = |byte: u8| vec![byte; 32];
    let with = |join: &JoinString, firmware: u8, adapter: u8| EnrolRequest {
        fingerprint: Some(HardwareFingerprint {
            firmware: hash(firmware),
            adapters: vec![hash(adapter), hash(99)],
            machine_id: Vec::new(),
        }),
        ..request(join)
    };
    let new = NewToken {
        uses: 5,
        wait: Some(false),
        ..NewToken::default()
    };
    let join = world.token(new).await;
    let mut known = HashSet::new();
    let mut joined = async |request| {
        bundle(world.enrol(request).await);
        let machines = world.machines.list();
        let new = machines
            .iter()
            .find(|record| known.insert(record.id.clone()));
        new.unwrap().clone()
    };
    let first = joined(with(&join, 1, 1)).await;
    assert!(first.same_hardware_as.is_empty());
    let dock = joined(with(&join, 2, 2)).await;
    assert_eq!(dock.same_hardware_as, first.id, "they shared an adapter");
    let reinstalled = joined(with(&join, 1, 1)).await;
    assert_eq!(reinstalled.same_hardware_as, first.id);
    assert_eq!(reinstalled.state(), MachineState::Active);
    assert!(reinstalled.continues.is_empty());
}

#[tokio::test]
async fn senseless_requests_are_refused_by_field() {
    let world = World::new();
    let join = world.token(NewToken::default()).await;
    let good = request(&join);
    let fingerprint = Some(HardwareFingerprint {
        machine_id: vec![1],
        ..HardwareFingerprint::default()
    });
    for (request, field) in [
        (
            EnrolRequest {
                token: vec![1; 31],
                ..good.clone()
            },
            "'token'",
        ),
        (
            EnrolRequest {
                csr: Vec::new(),
                ..good.clone()
            },
            "'csr'",
        ),
        (
            EnrolRequest {
                csr: vec![0x30; 300],
                ..good.clone()
            },
            "'csr'",
        ),
        (
            EnrolRequest {
                fingerprint,
                ..good.clone()
            },
            "machine_id",
        ),
    ] {
        let status = world.enrol(request).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert!(status.message().contains(field), "{status}");
    }
    bundle(world.enrol(good).await);
}

#[tokio::test]
async fn a_wrong_key_type_is_refused_and_does_not_burn_the_token() {
    let world = World::new();
    let join = world.token(NewToken::default()).await;
    let key = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let csr = CertificateParams::default().serialize_request(&key);
    let csr = csr.unwrap().der().to_vec();
    let status = world
        .enrol(EnrolRequest {
            csr,
            ..request(&join)
        })
        .await;
    assert!(status.unwrap_err().message().contains("ECDSA P-256"));
    bundle(world.enrol(request(&join)).await);
}

#[tokio::test]
async fn whoever_keeps_failing_has_to_wait() {
    let world = World::new();
    let other = World::new();
    let stray = other.token(NewToken::default()).await;
    for _ in 0..30 {
        let status = world.enrol(request(&stray)).await.unwrap_err();
        assert_eq!(status.code(), Code::Unauthenticated);
    }
    let good = world.token(NewToken::default()).await;
    let status = world.enrol(request(&good)).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert!(status.metadata().contains_key("retry-after-ms"));
    bundle(world.enrol_from("203.0.113.9:1", request(&good)).await);
}

#[tokio::test]
async fn the_service_answers_on_the_enrolment_name_only() {
    let world = World::new();
    let join = world.token(NewToken::default()).await;
    let bare = Request::new(request(&join));
    let status = world.enrolment.enrol(bare).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn a_join_string_that_leads_nowhere_is_not_handed_out() {
    let world = World::reached_at(&["127.0.0.1:7443", "localhost:7443"]);
    let error = world
        .tokens
        .create(NewToken::default(), &Actor::console())
        .await
        .unwrap_err();
    assert!(matches!(error, TokenError::OnlyLoopback));
    assert!(world.store.tokens().unwrap().is_empty());
    let here = NewToken {
        for_this_computer: true,
        ..NewToken::default()
    };
    let (join, _) = world.tokens.create(here, &Actor::console()).await.unwrap();
    assert_eq!(join.addresses, ["127.0.0.1:7443", "localhost:7443"]);

    let world = World::reached_at(&["127.0.0.1:7443", "office-pc:7443"]);
    let join = world.token(NewToken::default()).await;
    assert_eq!(join.addresses, ["office-pc:7443"]);
}

#[tokio::test]
async fn a_join_string_reads_back_as_made() {
    let world = World::new();
    let join = world.token(NewToken::default()).await;
    assert_eq!(join.encode().parse::<JoinString>().unwrap(), join);
}

#[tokio::test]
async fn a_collector_in_trouble_says_come_back_and_keeps_the_details() {
    let world = World::new();
    let join = world.token(NewToken::default()).await;
    world.store.clone().close().await;
    let status = world.enrol(request(&join)).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert!(status.metadata().contains_key("retry-after-ms"));
    assert!(!status.message().contains("store"), "{status}");
}
