//! Reporting, over real TLS, against a stand-in for a collector that misbehaves.

use std::time::{Duration, Instant};

use crate::fake::{Collector, Script, authority::Authority, source::Machine};
use freehold_agent::run::status::State;
use freehold_proto::v1::{CredentialBundle, section::Kind};
use time::OffsetDateTime;
use tonic::{Status, metadata::MetadataValue};

fn bodies(script: &Script, kind: Kind) -> Vec<String> {
    let of_kind = script
        .uploads
        .iter()
        .filter(|(_, header, _)| header.kind() == kind);
    of_kind
        .map(|(_, _, body)| String::from_utf8(body.clone()).unwrap())
        .collect()
}

fn busy(milliseconds: &'static str) -> Status {
    let mut status = Status::resource_exhausted("busy");
    let value = MetadataValue::from_static(milliseconds);
    status.metadata_mut().insert("retry-after-ms", value);
    status
}

#[tokio::test]
async fn the_first_report_carries_every_section_and_later_ones_nothing() {
    let collector = Collector::start().await;
    let mut machine = Machine::reporting_to(&collector).await;
    collector
        .until("more check-ins", |script| script.check_ins.len() >= 3)
        .await;
    machine.stop().await;
    let script = collector.script();
    assert_eq!(script.uploads.len(), 2);
    assert_eq!(bodies(&script, Kind::Accounts), ["nobody"]);
    let (_, first) = &script.check_ins[0];
    assert_eq!(first.sections.len(), 2);
    assert!(first.readings.is_some());
    let (_, last) = script.check_ins.last().unwrap();
    assert!(last.readings.is_none(), "only time passed");
    assert_eq!(
        last.sections,
        first
            .sections
            .iter()
            .zip(&last.sections)
            .map(|(first, last)| {
                let mut expected = first.clone();
                expected.age_ms = last.age_ms;
                expected
            })
            .collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn a_new_administrator_is_reported_in_seconds() {
    let collector = Collector::start().await;
    let machine = Machine::reporting_to(&collector).await;
    let changed = Instant::now();
    machine.write("passwd", "anna");
    collector
        .until("the change", |script| script.uploads.len() == 3)
        .await;
    assert!(
        changed.elapsed() < Duration::from_secs(3),
        "{:?}",
        changed.elapsed()
    );
    assert_eq!(
        bodies(&collector.script(), Kind::Accounts),
        ["nobody", "anna"]
    );
}

#[tokio::test]
async fn what_happened_offline_arrives_in_order_with_true_ages() {
    let mut collector = Collector::start().await;
    let machine = Machine::reporting_to(&collector).await;
    collector.stop().await;
    let mut changed = Vec::new();
    for (count, name) in ["anna", "boris", "nobody"].into_iter().enumerate() {
        machine.write("passwd", name);
        changed.push(Instant::now());
        let records = || {
            std::fs::read_dir(machine.state().join("spool"))
                .unwrap()
                .count()
        };
        while records() <= count {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    collector.restart().await;
    collector
        .until("delivery", |script| script.uploads.len() == 5)
        .await;
    let script = collector.script();
    assert_eq!(
        bodies(&script, Kind::Accounts),
        ["nobody", "anna", "boris", "nobody"]
    );
    let offline = &script.uploads[2..];
    for ((received, header, _), changed) in offline.iter().zip(changed) {
        let age = Duration::from_millis(header.age_ms);
        let since = received.saturating_duration_since(changed);
        assert!(
            age <= since + Duration::from_millis(50),
            "collected before it happened: {age:?} of {since:?}"
        );
        assert!(
            since.saturating_sub(age) < Duration::from_secs(5),
            "collected late: {age:?} of {since:?}"
        );
    }
    let sequences: Vec<_> = script
        .uploads
        .iter()
        .map(|(_, header, _)| header.sequence)
        .collect();
    assert!(
        sequences.is_sorted_by(|left, right| left < right),
        "{sequences:?}"
    );
}

#[tokio::test]
async fn a_lost_acknowledgement_leads_to_the_same_position_again() {
    let collector = Collector::start().await;
    let machine = Machine::reporting_to(&collector).await;
    collector.script().lose_acknowledgements = 1;
    machine.write("passwd", "anna");
    collector
        .until("sent again", |script| script.uploads.len() == 4)
        .await;
    machine
        .until_status("delivered", |report| report.pending_reports == 0)
        .await;
    let script = collector.script();
    let sequence = |index: usize| script.uploads[index].1.sequence;
    assert_eq!(sequence(2), sequence(3));
    assert_ne!(sequence(1), sequence(2));
}

#[tokio::test]
async fn nothing_leaves_the_spool_before_it_is_acknowledged() {
    let collector = Collector::start().await;
    let mut machine = Machine::reporting_to(&collector).await;
    collector.script().upload_errors = vec![busy("600000"); 3].into();
    machine.write("passwd", "anna");
    machine
        .until_status("waiting", |report| report.pending_reports == 1)
        .await;
    machine.kill().await;
    collector.script().upload_errors.clear();
    machine.start();
    collector
        .until("delivery", |script| script.uploads.len() == 3)
        .await;
}

#[tokio::test]
async fn a_collector_that_asks_for_time_is_left_alone_for_that_long() {
    let collector = Collector::start().await;
    let _machine = Machine::reporting_to(&collector).await;
    let count = {
        let mut script = collector.script();
        script.check_in_errors.push_back(busy("3000"));
        script.check_ins.len()
    };
    collector
        .until("the next try", |script| script.check_ins.len() == count + 2)
        .await;
    let script = collector.script();
    let (busy_at, _) = script.check_ins[count];
    let (next_at, _) = script.check_ins[count + 1];
    assert!(
        next_at - busy_at >= Duration::from_secs(3),
        "{:?}",
        next_at - busy_at
    );
}

#[tokio::test]
async fn a_machine_over_its_quota_keeps_its_reports_and_still_checks_in() {
    let collector = Collector::start().await;
    let machine = Machine::reporting_to(&collector).await;
    collector.script().upload_errors.push_back(busy("3600000"));
    machine.write("passwd", "anna");
    machine
        .until_status("held back", |report| report.pending_reports == 1)
        .await;
    let count = collector.script().check_ins.len();
    collector
        .until("check-ins", |script| script.check_ins.len() >= count + 2)
        .await;
    assert_eq!(collector.script().uploads.len(), 2);
    assert_eq!(machine.status().state, State::Reporting);
}

#[tokio::test]
async fn a_kill_breaks_neither_the_chain_nor_the_positions() {
    let collector = Collector::start().await;
    let mut machine = Machine::reporting_to(&collector).await;
    for round in 0..5 {
        machine.write("passwd", &format!("user {round}"));
        let content = format!("user {round}");
        collector
            .until("the change", |script| {
                bodies(script, Kind::Accounts).last() == Some(&content)
            })
            .await;
        machine.kill().await;
        machine.start();
    }
    collector
        .until("a last check-in", |script| script.check_ins.len() >= 12)
        .await;
    machine.stop().await;
    let script = collector.script();
    let mut answered = Vec::new();
    for (_, check_in) in &script.check_ins {
        let link = check_in.chain.clone().unwrap();
        let (counter, value): (u64, Vec<u8>) = answered.last().cloned().unwrap_or_default();
        if link.counter == counter {
            assert_eq!(
                link.next, value,
                "an unanswered check-in is repeated unchanged"
            );
        } else {
            assert_eq!((link.counter, link.previous), (counter + 1, value));
            answered.push((link.counter, link.next));
        }
    }
    let mut positions = script.delivered.clone();
    positions.dedup();
    assert!(
        positions.is_sorted_by(|left, right| left < right),
        "{positions:?}"
    );
    let restarts_uploaded_nothing = bodies(&script, Kind::System).len() == 1;
    assert!(restarts_uploaded_nothing);
}

#[tokio::test]
async fn a_revoked_machine_says_so_and_slows_down() {
    let collector = Collector::start().await;
    let machine = Machine::reporting_to(&collector).await;
    {
        let mut script = collector.script();
        script.refuse_renewal = true;
        script.check_in_errors =
            vec![Status::permission_denied("this computer was revoked"); 9].into();
    }
    machine
        .until_status("refused", |report| report.state == State::Refused)
        .await;
    let count = collector.script().check_ins.len();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(collector.script().check_ins.len(), count);
    assert!(machine.is_running());
    let report = machine.status();
    assert!(report.next_attempt_seconds >= 600, "{report:?}");
    assert!(
        report
            .explain(true)
            .contains("no longer accepts this computer")
    );
    assert!(
        report
            .last_error
            .unwrap()
            .message
            .contains("this computer was revoked")
    );
}

#[tokio::test]
async fn a_certificate_the_collector_sees_expired_is_renewed() {
    let collector = Collector::start().await;
    let mut machine = Machine::new();
    machine.join(&collector.join_string()).await.unwrap();
    collector.script().refuse_until_renewed = true;
    machine.start();
    collector
        .until("first report", |script| script.uploads.len() == 2)
        .await;
    assert_eq!(collector.script().renewals, 1);
}

#[tokio::test]
async fn a_certificate_is_renewed_before_it_ends() {
    let collector = Collector::start().await;
    collector.script().certificate_life = Some(Duration::from_secs(6));
    let mut machine = Machine::new();
    machine.join(&collector.join_string()).await.unwrap();
    collector.script().certificate_life = None;
    let joined = Instant::now();
    machine.start();
    collector
        .until("renewal", |script| script.renewals == 1)
        .await;
    let elapsed = joined.elapsed();
    assert!((3500..6000).contains(&elapsed.as_millis()), "{elapsed:?}");
    let count = collector.script().check_ins.len();
    collector
        .until("check-ins go on", |script| {
            script.check_ins.len() > count + 1
        })
        .await;
    assert_eq!(collector.script().renewals, 1);
}

#[tokio::test]
async fn new_addresses_are_taken_and_foreign_anchors_are_not() {
    let collector = Collector::start().await;
    let mut machine = Machine::reporting_to(&collector).await;
    let digest = collector.script().check_ins[0].1.credentials_digest.clone();
    let mut addresses = vec![collector.address.clone(), "office.example:7443".to_owned()];
    collector.script().bundle = Some(CredentialBundle {
        certificate_chain: vec![],
        trust_anchors: vec![collector.authority.root()],
        collector_addresses: addresses.clone(),
    });
    machine
        .until_status("taken", |report| report.collector_addresses == addresses)
        .await;
    let expected =
        freehold_agent::identity::credentials_digest(&[collector.authority.root()], &addresses);
    collector
        .until("new digest", |script| {
            script.check_ins.last().unwrap().1.credentials_digest == expected
        })
        .await;
    assert_ne!(digest, expected);

    addresses.pop();
    collector.script().bundle = Some(CredentialBundle {
        certificate_chain: vec![],
        trust_anchors: vec![Authority::new().root()],
        collector_addresses: addresses,
    });
    collector
        .until("the bundle was sent", |script| script.bundle.is_none())
        .await;
    machine.stop().await;
    machine.start();
    let count = collector.script().check_ins.len();
    collector
        .until("it still reports", |script| script.check_ins.len() > count)
        .await;
    let last = collector.script().check_ins.last().unwrap().1.clone();
    assert_eq!(last.credentials_digest, expected);
}

#[tokio::test]
async fn a_collector_restored_from_a_backup_gets_what_it_lacks() {
    let collector = Collector::start().await;
    let _machine = Machine::reporting_to(&collector).await;
    collector.script().current.remove(&Kind::Accounts);
    collector
        .until("delivered again", |script| script.uploads.len() == 3)
        .await;
    let script = collector.script();
    assert_eq!(bodies(&script, Kind::Accounts), ["nobody", "nobody"]);
    assert!(script.uploads[2].1.sequence > script.uploads[1].1.sequence);
}

#[tokio::test]
async fn one_report_that_is_refused_for_good_does_not_hold_up_the_others() {
    let mut collector = Collector::start().await;
    let machine = Machine::reporting_to(&collector).await;
    collector.stop().await;
    collector.script().poison = Some(b"poison".to_vec());
    for (count, content) in ["anna", "poison", "boris"].into_iter().enumerate() {
        machine.write("passwd", content);
        while std::fs::read_dir(machine.state().join("spool"))
            .unwrap()
            .count()
            <= count
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    collector.restart().await;
    collector
        .until("the others", |script| {
            bodies(script, Kind::Accounts).last().unwrap() == "boris"
        })
        .await;
    collector
        .until("the loss is told", |script| {
            let mut told = script.check_ins.iter();
            told.any(|(_, check_in)| check_in.spool_lost == 1)
        })
        .await;
    let mut seen = bodies(&collector.script(), Kind::Accounts);
    seen.dedup();
    assert_eq!(seen, ["nobody", "anna", "boris"]);
}

#[tokio::test]
async fn a_section_that_is_refused_again_and_again_holds_up_no_other() {
    let collector = Collector::start().await;
    let machine = Machine::reporting_to(&collector).await;
    collector.script().poison = Some(b"poison".to_vec());
    for count in 1..=3 {
        machine.write("passwd", &format!("poison {count}"));
        collector
            .until("it is refused", |script| script.poisoned == count)
            .await;
    }
    machine.write("passwd", "poison that waits");
    machine
        .until_status("it waits", |report| report.pending_reports == 1)
        .await;
    machine.write("hostname", "new-desk");
    let began = Instant::now();
    collector
        .until("the other section", |script| {
            bodies(script, Kind::System).last().unwrap() == "new-desk"
        })
        .await;
    assert!(
        began.elapsed() < Duration::from_secs(3),
        "it took {:?}",
        began.elapsed()
    );
    assert_eq!(collector.script().poisoned, 3);
}

#[tokio::test]
async fn a_section_beyond_the_quota_holds_up_no_other() {
    let collector = Collector::start().await;
    let machine = Machine::reporting_to(&collector).await;
    collector.script().upload_errors.push_back(busy("3600000"));
    machine.write("passwd", "anna");
    machine
        .until_status("held back", |report| report.pending_reports == 1)
        .await;
    machine.write("hostname", "new-desk");
    collector
        .until("the other section", |script| {
            bodies(script, Kind::System).last().unwrap() == "new-desk"
        })
        .await;
    assert_eq!(bodies(&collector.script(), Kind::Accounts), ["nobody"]);
    assert_eq!(machine.status().lost_reports, 0);
}

#[tokio::test]
async fn a_machine_stops_at_once_when_asked() {
    let mut collector = Collector::start().await;
    let mut machine = Machine::reporting_to(&collector).await;
    collector.stop().await;
    machine.write("passwd", "anna");
    machine
        .until_status("trouble", |report| report.state == State::Retrying)
        .await;
    let asked = Instant::now();
    machine.stop().await;
    assert!(asked.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn a_stolen_old_certificate_of_the_collector_is_not_believed() {
    let now = OffsetDateTime::now_utc();
    let day = Duration::from_secs(86_400);
    let expired = Authority::valid(now - 90 * day, now - day);
    let collector = Collector::with(expired).await;
    let mut machine = Machine::new();
    machine.join(&collector.join_string()).await.unwrap();
    machine.start();
    machine
        .until_status("refusing", |report| report.last_error.is_some())
        .await;
    let message = machine.status().last_error.unwrap().message;
    assert!(message.contains("certificate expired"), "{message}");
    assert!(collector.script().check_ins.is_empty());
}

#[tokio::test]
async fn a_clock_that_is_years_behind_does_not_keep_a_machine_from_reporting() {
    let then = OffsetDateTime::now_utc() + Duration::from_secs(5 * 365 * 86_400);
    let ahead = Authority::valid(then, then + Duration::from_secs(90 * 86_400));
    let collector = Collector::with(ahead).await;
    let machine = Machine::reporting_to(&collector).await;
    machine
        .until_status("told", |report| report.clock_fault.is_some())
        .await;
    assert!(
        machine
            .status()
            .explain(true)
            .contains("The clock is wrong")
    );
}

#[tokio::test]
async fn whoever_takes_the_collector_s_place_is_named() {
    let mut collector = Collector::start().await;
    let machine = Machine::reporting_to(&collector).await;
    let stranger = Authority::interceptor("ACME Web Shield");
    collector.stop().await;
    collector.authority = stranger.into();
    collector.restart().await;
    machine
        .until_status("named", |report| {
            let trouble = report.last_error.as_ref();
            trouble.is_some_and(|trouble| trouble.message.contains("issuer 'ACME Web Shield"))
        })
        .await;
}
