//! Grants over a real store.

use std::sync::Arc;

use ring::signature::Ed25519KeyPair;

use super::*;
use crate::{
    audit::LogKey,
    store::{Options, ReadLog as _},
};

fn grants() -> (tempfile::TempDir, Grants) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create(&dir.path().join("store"), &Options::default()).unwrap();
    let key = Ed25519KeyPair::generate_pkcs8(&ring::rand::SystemRandom::new()).unwrap();
    let key = LogKey::from_pkcs8("freehold/test", key.as_ref()).unwrap();
    let clock = Clock::system();
    let log = Log::new(Arc::new(key), clock.clone());
    (dir, Grants::new(store, log, clock))
}

fn acme() -> NewGrant {
    NewGrant {
        supplier: "Acme IT".to_owned(),
        scope: parsed_scope(&["all,-network@surgery"]).unwrap(),
        days: DEFAULT_DAYS,
        note: "contract of March".to_owned(),
        may_export: false,
    }
}

#[tokio::test]
async fn a_grant_ends_by_itself_and_not_a_moment_later() {
    let (_dir, grants) = grants();
    let grant = grants.create(acme(), &Actor::console()).await.unwrap();
    assert_eq!(grants.find("acme it").unwrap(), grant);
    let end = grant.expires_at;
    assert_eq!(
        grant.state(end.minus(Duration::from_millis(1))),
        GrantState::Active
    );
    assert_eq!(grant.state(end), GrantState::Expired);
    let longer = grants
        .extend(grant.id, 120, &Actor::console())
        .await
        .unwrap();
    assert_eq!(longer.state(end), GrantState::Active);
}

#[tokio::test]
async fn a_grant_is_never_without_an_end_nor_longer_than_a_year() {
    let (_dir, grants) = grants();
    for days in [0, LONGEST_DAYS + 1, u32::MAX] {
        let new = NewGrant { days, ..acme() };
        let refused = grants.create(new, &Actor::console()).await;
        assert!(matches!(refused, Err(GrantError::Days { .. })), "{days}");
    }
    let grant = grants.create(acme(), &Actor::console()).await.unwrap();
    assert!(grants.extend(grant.id, 0, &Actor::console()).await.is_err());
    assert!(
        grants
            .extend(grant.id, 366, &Actor::console())
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_revoked_grant_never_comes_back_and_a_suspended_one_does_when_confirmed() {
    let (_dir, grants) = grants();
    let by = Actor::console();
    let now = grants.clock.now();
    let id = grants.create(acme(), &by).await.unwrap().id;
    assert_eq!(
        grants.suspend(id, &by).await.unwrap().state(now),
        GrantState::Suspended
    );
    assert_eq!(
        grants.resume(id, &by).await.unwrap().state(now),
        GrantState::Active
    );
    assert_eq!(
        grants.revoke(id, &by).await.unwrap().state(now),
        GrantState::Revoked
    );
    for again in [
        grants.resume(id, &by).await,
        grants.extend(id, 9, &by).await,
    ] {
        assert!(matches!(again, Err(GrantError::Revoked)));
    }
    assert_eq!(
        grants.of(id).unwrap().unwrap().state(now),
        GrantState::Revoked
    );
}

#[tokio::test]
async fn every_decision_about_a_grant_is_in_the_log_and_a_refused_one_is_not() {
    let (_dir, grants) = grants();
    let by = Actor::console();
    let id = grants.create(acme(), &by).await.unwrap().id;
    grants.extend(id, 30, &by).await.unwrap();
    grants.revoke(id, &by).await.unwrap();
    let _ = grants.extend(id, 30, &by).await;
    let entries = grants.log.of_grant(&grants.store, id, None, 10).unwrap();
    let deeds: Vec<String> = entries
        .iter()
        .rev()
        .map(crate::audit::Entry::deed)
        .collect();
    assert!(deeds[0].starts_with(
        "gave Acme IT access: everything except network of computers labelled surgery, until"
    ));
    assert!(deeds[1].starts_with("moved the end of Acme IT's access: until"));
    assert_eq!(deeds[2], "ended the access of Acme IT for good");
    assert_eq!(grants.store.log_head().unwrap().unwrap().size, 3);
}

#[tokio::test]
async fn names_and_notes_are_one_ordinary_line() {
    let (_dir, grants) = grants();
    for supplier in ["", "  ", "a\nb", &"x".repeat(81)] {
        let new = NewGrant {
            supplier: supplier.to_owned(),
            ..acme()
        };
        assert!(matches!(
            grants.create(new, &Actor::console()).await,
            Err(GrantError::Supplier)
        ));
    }
    let new = NewGrant {
        note: "a\u{1b}[2J".to_owned(),
        ..acme()
    };
    assert!(matches!(
        grants.create(new, &Actor::console()).await,
        Err(GrantError::Note)
    ));
    assert!(matches!(grants.find("nobody"), Err(GrantError::Unknown)));
}

#[tokio::test]
async fn an_end_is_told_once_two_weeks_three_days_and_no_time_before() {
    let (_dir, grants) = grants();
    let by = Actor::console();
    let told = async || {
        let endings = grants.endings().unwrap();
        let noted = endings.clone();
        let written = grants.store.write(move |txn| {
            for ending in &noted {
                ending.note_told(txn)?;
            }
            Ok::<_, StoreError>(())
        });
        written.await.unwrap();
        assert_eq!(grants.endings().unwrap(), [], "told already");
        let of = |ending: Ending| (ending.supplier, ending.days, ending.has_come);
        endings.into_iter().map(of).collect::<Vec<_>>()
    };
    let named = |supplier: &str, days| NewGrant {
        supplier: supplier.to_owned(),
        days,
        ..acme()
    };
    let grant = grants.create(named("Acme IT", 20), &by).await.unwrap();
    assert_eq!(told().await, []);
    grants.clock.advance(DAY * 7);
    let said = |days, has_come| vec![("Acme IT".to_owned(), days, has_come)];
    assert_eq!(told().await, said(14, false));
    grants.clock.advance(DAY * 9);
    assert_eq!(told().await, []);
    grants.clock.advance(DAY * 2);
    assert_eq!(told().await, said(3, false));
    // Moved: it is another end, of which nobody was told yet.
    grants.extend(grant.id, 10, &by).await.unwrap();
    assert_eq!(told().await, said(14, false));
    grants.clock.advance(DAY * 10);
    assert_eq!(told().await, said(0, true));
    grants.clock.advance(DAY * 5);
    assert_eq!(told().await, []);

    // What rests or was ended reaches nobody, and what ended long ago is no news.
    let rests = grants.create(named("Rests", 2), &by).await.unwrap();
    let ended = grants.create(named("Ended", 2), &by).await.unwrap();
    grants.create(named("Old", 2), &by).await.unwrap();
    grants.suspend(rests.id, &by).await.unwrap();
    grants.revoke(ended.id, &by).await.unwrap();
    let soon: Vec<String> = grants
        .endings()
        .unwrap()
        .into_iter()
        .map(|it| it.supplier)
        .collect();
    assert_eq!(soon, ["Old"]);
    grants.clock.advance(DAY * 20);
    assert_eq!(grants.endings().unwrap(), []);
}
