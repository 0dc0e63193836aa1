//! Joining, over real TLS, against a stand-in for a collector.

use std::time::Duration;

use crate::fake::{Collector, authority::Authority, source::Machine};
use freehold_agent::{
    identity::{Identity, IdentityError, JoinError, JoinString},
    run::RunError,
    state::StateDirectory,
};
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

const YEAR: Duration = Duration::from_secs(365 * 86_400);

#[tokio::test]
async fn a_machine_joins_and_only_its_user_can_read_its_key() {
    use std::os::unix::fs::PermissionsExt as _;
    let collector = Collector::start().await;
    let machine = Machine::new();
    let joined = machine.join(&collector.join_string()).await.unwrap();
    assert_eq!(
        joined.machine.unwrap(),
        "6f6a0c5e-0c62-4a36-9dc9-3f1f6c1b8f01"
    );
    assert_eq!(joined.clock, None);
    for entry in std::fs::read_dir(machine.state()).unwrap() {
        let mode = entry.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }
    let state = StateDirectory::open(machine.state()).unwrap();
    let identity = Identity::load(&state).unwrap().unwrap();
    assert_eq!(
        identity.addresses(),
        std::slice::from_ref(&collector.address)
    );
    assert!(!state.join("joining").exists());
}

#[tokio::test]
async fn a_machine_that_has_joined_does_not_join_again() {
    let collector = Collector::start().await;
    let machine = Machine::new();
    machine.join(&collector.join_string()).await.unwrap();
    let error = machine.join(&collector.join_string()).await.unwrap_err();
    assert!(matches!(error, JoinError::AlreadyJoined { .. }), "{error}");
}

#[tokio::test]
async fn a_lost_answer_does_not_burn_the_token() {
    let collector = Collector::start().await;
    collector.script().lose_enrolments = 1;
    let machine = Machine::new();
    machine.join(&collector.join_string()).await.unwrap();
    let enrolled = &collector.script().enrolled;
    assert_eq!(enrolled.len(), 2);
    assert_eq!(enrolled[0], enrolled[1], "the same token with the same key");
}

#[tokio::test]
async fn joining_again_after_being_killed_in_between_uses_the_same_key() {
    let collector = Collector::start().await;
    collector.script().lose_enrolments = 1;
    let machine = Machine::new();
    let join_string = collector.join_string();
    tokio::select! {
        outcome = machine.join(&join_string) => panic!("{outcome:?}"),
        () = collector.until("first try", |script| script.enrolled.len() == 1) => {}
    }
    machine.join(&join_string).await.unwrap();
    let enrolled = &collector.script().enrolled;
    assert_eq!(enrolled[0], enrolled[1]);
}

#[tokio::test]
async fn a_used_token_is_refused_in_the_collector_s_words() {
    let collector = Collector::start().await;
    let join_string = collector.join_string();
    Machine::new().join(&join_string).await.unwrap();
    let other = Machine::new();
    let error = other.join(&join_string).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the collector refused: the token is used up; ask its owner for a new join string"
    );
    assert!(!other.state().join("joining").exists());
}

#[tokio::test]
async fn another_collector_is_told_from_the_right_one_before_anything_is_sent() {
    let right = Collector::start().await;
    let other = Collector::start().await;
    let join_string = JoinString {
        addresses: vec![other.address.clone()],
        ..right.join_string()
    };
    let error = Machine::new()
        .join(&join_string)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("another collector answered there"),
        "{error}"
    );
    assert!(error.contains("Riverside Dental Issuing"), "{error}");
    assert!(other.script().enrolled.is_empty());
}

#[tokio::test]
async fn an_intercepting_box_is_named_and_not_trusted() {
    let right = Collector::start().await;
    let filter = Collector::with(Authority::interceptor("ACME Web Shield")).await;
    let join_string = JoinString {
        addresses: vec![filter.address.clone()],
        ..right.join_string()
    };
    let error = Machine::new()
        .join(&join_string)
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("issuer 'ACME Web Shield Issuing"), "{error}");
    assert!(error.contains("sits between"), "{error}");
    assert!(filter.script().enrolled.is_empty());
}

#[tokio::test]
async fn every_address_is_tried_and_each_failure_told() {
    let mut collector = Collector::start().await;
    let gone = Collector::start().await;
    let mut join_string = collector.join_string();
    join_string.addresses = vec![
        "no-such-host.invalid:7443".to_owned(),
        gone.address.clone(),
        collector.address.clone(),
    ];
    drop(gone);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let machine = Machine::new();
    let joined = machine.join(&join_string).await.unwrap();
    assert_eq!(joined.address, collector.address);

    collector.stop().await;
    let error = Machine::new()
        .join(&join_string)
        .await
        .unwrap_err()
        .to_string();
    for address in &join_string.addresses {
        assert!(error.contains(&format!("at {address} ")), "{error}");
    }
    assert!(error.contains("its name is not known here"), "{error}");
    assert!(
        error.contains("nothing accepts connections there"),
        "{error}"
    );
}

#[tokio::test]
async fn a_clock_that_is_off_by_years_is_survived_and_reported() {
    let now = OffsetDateTime::now_utc();
    for shift in [6, -6] {
        let then = now + time::Duration::days(365 * shift);
        let collector = Collector::with(Authority::valid(then, then + YEAR / 4)).await;
        let machine = Machine::new();
        let joined = machine.join(&collector.join_string()).await.unwrap();
        let fault = joined.clock.expect("reported").to_string();
        assert!(fault.contains(&then.year().to_string()), "{fault}");
    }
}

#[tokio::test]
async fn a_machine_waits_until_the_owner_lets_it_in() {
    let collector = Collector::start().await;
    collector.script().waiting = 2;
    let machine = Machine::new();
    machine.join(&collector.join_string()).await.unwrap();
    let enrolled = &collector.script().enrolled;
    assert_eq!(enrolled.len(), 3);
    assert!(enrolled.iter().all(|entry| *entry == enrolled[0]));
}

#[tokio::test]
async fn a_running_agent_goes_on_waiting_after_a_restart() {
    let collector = Collector::start().await;
    collector.script().waiting = 2;
    let mut machine = Machine::new();
    let join_string = collector.join_string();
    tokio::select! {
        outcome = machine.join(&join_string) => panic!("{outcome:?}"),
        () = collector.until("first try", |script| script.enrolled.len() == 1) => {}
    }
    machine.start();
    collector
        .until("first report", |script| !script.uploads.is_empty())
        .await;
    let enrolled = collector.script().enrolled.clone();
    assert!(enrolled.iter().all(|entry| *entry == enrolled[0]));
}

#[tokio::test]
async fn without_an_identity_the_agent_says_what_to_do() {
    let machine = Machine::new();
    let error = freehold_agent::run::run(machine.config.clone(), CancellationToken::new())
        .await
        .unwrap_err();
    assert!(matches!(error, RunError::NotJoined));
    assert!(error.to_string().contains("freehold-agent join"));
}

#[tokio::test]
async fn a_damaged_identity_is_a_clear_error_and_is_left_as_it_is() {
    let collector = Collector::start().await;
    let machine = Machine::new();
    machine.join(&collector.join_string()).await.unwrap();
    let path = machine.state().join("identity");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    let error = freehold_agent::run::run(machine.config.clone(), CancellationToken::new())
        .await
        .unwrap_err();
    assert!(
        matches!(error, RunError::Identity(IdentityError::Damaged(..))),
        "{error}"
    );
    assert!(
        error
            .to_string()
            .contains("join again with a new join string")
    );
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
}
