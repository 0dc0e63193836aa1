//! What becomes of a grant: its end moved, its terms changed, at rest, ended. Each takes effect with the next request of
//! its technicians, and with streams and pages that are open.

use super::{
    DAY, Grant, GrantError, GrantId, Grants, LONGEST_DAYS, checked_note, described, scope,
};
use crate::{
    access::Scope,
    audit::{Actor, Event},
    clock::UnixMillis,
    store::{
        Read as _,
        record::{GrantRecord, GrantStanding, LogAct},
    },
};

/// What shall be otherwise; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// What is shared.
    pub scope: Option<Scope>,
    /// Why; may be empty.
    pub note: Option<String>,
    /// Whether whole lists may be taken along.
    pub may_export: Option<bool>,
}

impl Grants {
    /// Moves the end of a grant to so many days from now, later or earlier. What was revoked stays revoked.
    pub async fn extend(&self, id: GrantId, days: u32, by: &Actor) -> Result<Grant, GrantError> {
        let now = self.clock.now();
        let (expires_at, name) = (end(now, days)?, by.name.clone());
        self.change(id, by, LogAct::ExtendedGrant, move |record| {
            let before = UnixMillis(record.expires_at);
            record.moved_at = now.0;
            record.moved_from = before.0;
            record.moved_by = name;
            record.expires_at = expires_at.0;
            Ok(format!("until {expires_at} instead of {before}"))
        })
        .await
    }

    /// Changes what a grant shares. Where nothing would be otherwise nothing is written.
    pub async fn alter(&self, id: GrantId, terms: Terms, by: &Actor) -> Result<Grant, GrantError> {
        let rules = terms.scope.as_ref().map(scope::to_records).transpose()?;
        let note = terms.note.as_deref().map(checked_note).transpose()?;
        self.change(id, by, LogAct::AlteredGrant, move |record| {
            let mut told = Vec::new();
            if let Some(rules) = rules.filter(|rules| *rules != record.rules) {
                record.rules = rules;
                told.push(described(&scope::from_records(&record.rules)));
            }
            if let Some(may) = terms.may_export.filter(|may| *may != record.may_export) {
                record.may_export = may;
                let words = if may { "may" } else { "may not" };
                told.push(format!("whole lists {words} be taken along"));
            }
            if let Some(note) = note.filter(|note| *note != record.note) {
                record.note = note;
                // The note itself is the owner's own; the log is read by the supplier, too.
                told.push("another note".to_owned());
            }
            Ok(told.join("; "))
        })
        .await
    }

    /// Has a grant rest until it is resumed.
    pub async fn suspend(&self, id: GrantId, by: &Actor) -> Result<Grant, GrantError> {
        self.stand(id, by, LogAct::SuspendedGrant, GrantStanding::Suspended)
            .await
    }

    /// Confirms a grant that rests.
    pub async fn resume(&self, id: GrantId, by: &Actor) -> Result<Grant, GrantError> {
        self.stand(id, by, LogAct::ResumedGrant, GrantStanding::Active)
            .await
    }

    /// Ends a grant for good: the next request of its technicians is refused, open streams end within a
    /// second. Invitations to it end with it.
    pub async fn revoke(&self, id: GrantId, by: &Actor) -> Result<Grant, GrantError> {
        let revoked = self
            .stand(id, by, LogAct::RevokedGrant, GrantStanding::Revoked)
            .await?;
        if let Some(revocations) = &self.revocations {
            revocations.add_ended(id.0, self.clock.now()).await;
        }
        Ok(revoked)
    }

    async fn stand(
        &self,
        id: GrantId,
        by: &Actor,
        act: LogAct,
        standing: GrantStanding,
    ) -> Result<Grant, GrantError> {
        let now = self.clock.now();
        self.change(id, by, act, move |record| {
            record.set_standing(standing);
            record.standing_since = now.0;
            Ok(String::new())
        })
        .await
    }

    /// Changes a grant that was not ended for good; the change answers with particulars for the log.
    async fn change(
        &self,
        id: GrantId,
        by: &Actor,
        act: LogAct,
        change: impl FnOnce(&mut GrantRecord) -> Result<String, GrantError> + Send + 'static,
    ) -> Result<Grant, GrantError> {
        let (log, by) = (self.log.clone(), by.clone());
        self.write(move |txn| {
            let mut record = txn.grant(&id.0)?.ok_or(GrantError::Unknown)?;
            if record.standing() == GrantStanding::Revoked {
                return Err(GrantError::Revoked);
            }
            let before = record.clone();
            let detail = change(&mut record)?;
            let grant = Grant::new(&record).ok_or(GrantError::Unknown)?;
            if record != before {
                txn.put_grant(&id.0, &record);
                log.note(txn, &by, told(act, &grant).detail(&detail))?;
            }
            Ok(grant)
        })
        .await
    }
}

/// An event about a grant.
pub(super) fn told(act: LogAct, grant: &Grant) -> Event {
    Event::new(act).grant(grant.id).subject(&grant.supplier)
}

/// So many days from now: never earlier than tomorrow, never later than the longest time.
pub(super) fn end(now: UnixMillis, days: u32) -> Result<UnixMillis, GrantError> {
    if (1..=LONGEST_DAYS).contains(&days) {
        Ok(now.plus(DAY * days))
    } else {
        Err(GrantError::Days { days })
    }
}
