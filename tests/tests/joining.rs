//! Joining: what a join string, a signing request and a waiting list hold, and what they refuse.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use freehold_agent::identity::{JoinString, Token};
use freehold_proto::v1::HardwareFingerprint;
use freehold_tests::{
    Agent, Inventory, Machine, TestCollector,
    machine::Applicant,
    process::{Answer, Process},
    wait,
};
use rcgen::{CertificateParams, KeyPair, SanType};
use tonic::Code;

#[tokio::test]
async fn damaged_join_strings_are_told_from_wrong_ones() {
    let collector = TestCollector::start().await;
    let agent = Agent::new(collector.scratch());
    let text = collector.token(&[]).await.encode();
    let truncated = &text[..text.len() - 5];
    agent
        .join_with(truncated)
        .await
        .refused(&["damaged", "copy the whole line"]);
    let mut altered = text.clone();
    let replaced = if text.as_bytes()[40] == b'x' {
        "y"
    } else {
        "x"
    };
    altered.replace_range(40..41, replaced);
    agent.join_with(&altered).await.refused(&["damaged"]);
    agent.join_with("hello").await.refused(&["freehold1:"]);
    agent.join_with(&text).await.expect();
}

#[tokio::test]
async fn a_wrong_pin_is_noticed_before_the_token_is_sent() {
    let collector = TestCollector::start().await;
    let agent = Agent::new(collector.scratch());
    let join = collector.token(&[]).await;
    let wrong = JoinString {
        pin: [7; 32],
        ..join.clone()
    };
    agent.join(&wrong).await.refused(&["join string"]);
    agent.join(&join).await.expect();
}

#[tokio::test]
async fn a_token_of_another_collector_is_refused() {
    let (ours, theirs) = (TestCollector::start().await, TestCollector::start().await);
    let agent = Agent::new(ours.scratch());
    let (our, their) = (ours.token(&[]).await, theirs.token(&[]).await);
    let mixed = JoinString {
        token: their.token.clone(),
        ..our
    };
    agent.join(&mixed).await.refused(&["token"]);
    // The other collector's whole string, pointing here: its pin does not fit.
    let elsewhere = JoinString {
        addresses: vec![ours.address().to_string()],
        ..their
    };
    agent.join(&elsewhere).await.refused(&["join string"]);
}

#[tokio::test]
async fn an_expired_or_used_up_token_says_which() {
    let collector = TestCollector::start().await;
    let short = collector.token(&["--expires", "1s"]).await;
    let single = collector.token(&[]).await;
    let (first, second) = (
        Agent::new(collector.scratch()),
        Agent::new(collector.scratch()),
    );
    first.join(&single).await.expect();
    second.join(&single).await.refused(&["used"]);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    second.join(&short).await.refused(&["expired"]);
}

#[tokio::test]
async fn an_unreachable_collector_is_named() {
    let mut collector = TestCollector::start().await;
    let join = collector.token(&[]).await;
    collector.stop().await;
    let agent = Agent::new(collector.scratch());
    agent
        .join(&join)
        .await
        .refused(&[&collector.address().to_string()]);
}

#[tokio::test]
async fn a_join_string_left_by_an_installer_is_used_and_erased() {
    let collector = TestCollector::start().await;
    let mut agent = Agent::new(collector.scratch());
    let file = agent.hand(&format!("{}\n", collector.token(&[]).await.encode()));
    agent.run();
    collector.only_machine().await;
    assert!(!file.exists());
    agent.stop().await;

    // One that comes too late is worth something only to whoever finds it.
    let file = agent.hand(&collector.token(&[]).await.encode());
    agent.run();
    wait::eventually(
        "the join string is erased",
        Duration::from_secs(10),
        async || (!file.exists()).then_some(()),
    )
    .await;
}

#[tokio::test]
async fn a_spoilt_join_string_left_by_an_installer_ends_in_a_sentence() {
    let collector = TestCollector::start().await;
    let used = collector.token(&[]).await;
    let first = Agent::new(collector.scratch());
    first.join(&used).await.expect();
    for (text, said) in [
        (used.encode(), "used"),
        ("freehold1:half".to_owned(), "no join string"),
    ] {
        let agent = Agent::new(collector.scratch());
        let file = agent.hand(&text);
        let mut run = agent.command(&["run"]);
        run.env("NOTIFY_SOCKET", collector.scratch().join("systemd"));
        let answer = Answer::of(run).await;
        // Its unit does not start it again in vain.
        assert_eq!(answer.code, 78);
        assert!(answer.errors.contains(said), "{}", answer.errors);
        assert!(!file.exists(), "{said}");
        let status = Answer::of(agent.command(&["status"])).await.expect();
        assert!(status.contains("not running"), "{status}");
        assert!(status.contains(said), "{status}");
    }
}

#[tokio::test]
async fn a_join_string_left_by_an_installer_waits_for_its_collector() {
    let mut collector = TestCollector::start().await;
    let join = collector.token(&[]).await;
    collector.stop().await;
    let mut agent = Agent::new(collector.scratch());
    let file = agent.hand(&join.encode());
    agent.run();
    let told = wait::eventually("the status says so", Duration::from_secs(10), async || {
        let status = Answer::of(agent.command(&["status"])).await;
        status
            .output
            .contains("has not joined")
            .then_some(status.output)
    });
    let told = told.await;
    assert!(told.contains("trying again in"), "{told}");
    assert!(!file.exists());
    collector.resume().await;
    collector.only_machine().await;
}

#[tokio::test]
async fn a_clock_that_is_years_off_does_not_keep_a_machine_out() {
    for offset in ["-6y", "+6y"] {
        let collector = TestCollector::start().await;
        let mut agent = Agent::new(collector.scratch()).with_clock(offset);
        agent.join(&collector.token(&[]).await).await.expect();
        agent.run();
        let id = collector.only_machine().await;
        let shown = collector.show(&id).await;
        let notices = shown["notices"].to_string().to_lowercase();
        assert!(notices.contains("clock"), "with {offset}: {notices}");
        let collected = shown["sections"]["software"]["collected_at"]
            .as_str()
            .expect("a time");
        let year = time::OffsetDateTime::now_utc().year().to_string();
        assert!(
            collected.starts_with(&year),
            "with {offset}: collected {collected}"
        );
        agent.stop().await;
    }
}

#[tokio::test]
async fn a_lost_answer_does_not_burn_the_token() {
    let collector = TestCollector::start().await;
    let join = collector.token(&[]).await;
    let applicant = Applicant::new().expect("a key");
    let target = collector.target();
    let first = applicant
        .enrol(target, &join.token, "twice")
        .await
        .expect("joins");
    let second = applicant
        .enrol(target, &join.token, "twice")
        .await
        .expect("joins again");
    let id = |answer: freehold_proto::v1::EnrolResponse| {
        let bundle = answer.credentials.expect("credentials");
        Machine::from_bundle(target, applicant.key.clone(), bundle)
            .expect("a machine")
            .id
    };
    assert_eq!(id(first), id(second));
    let other = Applicant::new().expect("a key");
    let refused = other
        .enrol(target, &join.token, "thief")
        .await
        .expect_err("used up");
    assert_eq!(refused.code(), Code::Unauthenticated, "{refused:?}");
}

#[tokio::test]
async fn a_guessed_token_lets_nobody_in() {
    let collector = TestCollector::start().await;
    let applicant = Applicant::new().expect("a key");
    let refused = applicant
        .enrol(collector.target(), &Token::generate(), "guess")
        .await;
    let refused = refused.expect_err("unknown");
    assert_eq!(refused.code(), Code::Unauthenticated);
    assert!(refused.message().contains("token"), "{refused:?}");
}

#[tokio::test]
async fn a_key_of_the_wrong_type_is_refused_and_does_not_burn_the_token() {
    let collector = TestCollector::start().await;
    let join = collector.token(&[]).await;
    for algorithm in [&rcgen::PKCS_ED25519, &rcgen::PKCS_ECDSA_P384_SHA384] {
        let key = KeyPair::generate_for(algorithm).expect("a key");
        let applicant = Applicant::with(&key, &CertificateParams::default()).expect("a request");
        let refused = applicant
            .enrol(collector.target(), &join.token, "odd")
            .await;
        let refused = refused.expect_err("not P-256");
        assert_eq!(refused.code(), Code::InvalidArgument, "{refused:?}");
        assert!(refused.message().contains("P-256"), "{refused:?}");
    }
    Machine::join(collector.target(), &join, "right")
        .await
        .expect("the token still works");
}

#[tokio::test]
async fn nothing_but_the_key_is_taken_from_a_signing_request() {
    let collector = TestCollector::start().await;
    let victim = collector.machine("victim").await;
    let join = collector.token(&[]).await;
    let key = KeyPair::generate().expect("a key");
    let mut request = CertificateParams::default();
    let uri = format!("freehold://machine/{}", victim.id);
    request.subject_alt_names = vec![SanType::URI(uri.as_str().try_into().expect("a URI"))];
    let applicant = Applicant::with(&key, &request).expect("a request");
    match applicant
        .enrol(collector.target(), &join.token, "mallory")
        .await
    {
        Ok(answer) => {
            let bundle = answer.credentials.expect("credentials");
            let machine = Machine::from_bundle(collector.target(), applicant.key, bundle);
            assert_ne!(
                machine.expect("a machine").id,
                victim.id,
                "it became somebody else"
            );
        }
        Err(refused) => assert_eq!(refused.code(), Code::InvalidArgument, "{refused:?}"),
    }
}

#[tokio::test]
async fn a_broken_signing_request_is_refused_in_a_sentence() {
    let collector = TestCollector::start().await;
    let join = collector.token(&[]).await;
    let mut applicant = Applicant::new().expect("a key");
    let last = applicant.csr.len() - 1;
    applicant.csr[last] ^= 1;
    let refused = applicant
        .enrol(collector.target(), &join.token, "bent")
        .await
        .expect_err("bent");
    assert_eq!(refused.code(), Code::InvalidArgument, "{refused:?}");
    applicant.csr = b"not a request".to_vec();
    let refused = applicant
        .enrol(collector.target(), &join.token, "junk")
        .await
        .expect_err("junk");
    assert_eq!(refused.code(), Code::InvalidArgument, "{refused:?}");
    assert!(refused.message().contains("csr"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn machines_of_a_shared_token_wait_for_the_owner() {
    let collector = TestCollector::start().await;
    let join = collector.token(&["--uses", "2"]).await;
    let agent = Agent::new(collector.scratch());
    let mut joining = Process::start(agent.command(&["join", &join.encode()]));
    let waiting = freehold_tests::eventually(
        "the machine is on the waiting list",
        Duration::from_secs(15),
        async || {
            let machines = collector.json(&["machine", "list"]).await;
            let machine = machines.as_array()?.first()?.clone();
            (machine["state"] == "WAITING")
                .then(|| machine["id"].as_str().expect("an id").to_owned())
        },
    )
    .await;
    assert!(joining.is_running(), "it must wait, not fail");
    collector
        .run(&["machine", "approve", &waiting])
        .await
        .expect();
    let status = joining.ended(Duration::from_secs(90)).await;
    assert!(status.success(), "{status}");
    assert_eq!(collector.show(&waiting).await["state"], "ACTIVE");
    collector
        .run(&["machine", "approve", &waiting])
        .await
        .refused(&["wait"]);
}

#[tokio::test]
async fn a_token_for_one_network_is_refused_from_another() {
    let collector = TestCollector::start().await;
    let join = collector.token(&["--network", "127.9.0.0/16"]).await;
    let here = Machine::join(collector.target(), &join, "here").await;
    assert!(
        here.is_err(),
        "it joined from a network that the token does not name"
    );
    let inside = collector.target().seen_from(8 << 16);
    assert!(inside.from.octets()[..2] == [127, 9], "{inside:?}");
    Machine::join(inside, &join, "there")
        .await
        .expect("joins from the named network");
}

#[tokio::test]
async fn the_same_hardware_is_offered_for_linking_and_never_linked_by_itself() {
    let collector = TestCollector::start().await;
    let fingerprint = HardwareFingerprint {
        firmware: vec![1; 32],
        adapters: vec![vec![2; 32]],
        machine_id: vec![3; 32],
    };
    let mut ids = Vec::new();
    for machine_id in [3, 4] {
        let join = collector.token(&[]).await;
        let applicant = Applicant::new().expect("a key");
        let fingerprint = HardwareFingerprint {
            machine_id: vec![machine_id; 32],
            ..fingerprint.clone()
        };
        let target = collector.target();
        let answer = applicant
            .enrol_as(target, &join.token, "reinstalled", fingerprint)
            .await;
        let bundle = answer.expect("joins").credentials.expect("credentials");
        let mut machine = Machine::from_bundle(target, applicant.key, bundle).expect("a machine");
        machine
            .report(&Inventory::small(1).sections())
            .await
            .expect("reports");
        ids.push(machine.id);
    }
    let shown = collector.show(&ids[1]).await;
    assert_eq!(shown["same_hardware_as"], ids[0].as_str());
    assert_eq!(collector.show(&ids[0]).await["state"], "ACTIVE");
    collector
        .run(&["machine", "link", &ids[1], &ids[0]])
        .await
        .expect();
    assert_eq!(collector.show(&ids[0]).await["state"], "RETIRED");
}

#[tokio::test]
async fn a_join_string_that_leads_nowhere_else_is_not_handed_out() {
    let mut collector = TestCollector::unmade(&[]);
    let init = ["init", "--name", "Alone", "--address", "127.0.0.1:7443"];
    if collector.run(&init).await.code != 0 {
        return; // Refusing it at init is as good.
    }
    collector.resume().await;
    collector
        .run(&["token", "create"])
        .await
        .refused(&["address"]);
}
