//! What the owner sets aside: with a reason, and a day on which it returns.

use std::sync::Arc;

use super::{Board, FindingId};
use crate::{
    audit::{Actor, Event as Entry},
    clock::UnixMillis,
    events::Event,
    store::{
        StoreError, WriteError,
        record::{AsideRecord, LogAct},
    },
};

/// Longest reason, in characters.
pub const LONGEST_REASON: usize = 300;

/// How far ahead a finding may be set aside, in days.
pub const LONGEST_DAYS: u32 = 400;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Why a finding was not set aside.
#[derive(Debug, thiserror::Error)]
pub enum AsideError {
    /// It says nothing, or too much.
    #[error("Say in a few words why: at most {LONGEST_REASON} characters.")]
    Reason,
    /// The day is no day, past, or too far ahead.
    #[error(
        "Choose the day on which it returns: tomorrow at the earliest, in {LONGEST_DAYS} days at the latest."
    )]
    Day,
    /// It is not open any more.
    #[error("This finding is not open any more.")]
    Resolved,
    /// The store failed.
    #[error("the finding could not be set aside")]
    Store(#[from] StoreError),
    /// The change could not be made durable.
    #[error("the finding could not be set aside")]
    Write(#[from] WriteError<StoreError>),
}

impl Board {
    /// Sets an open finding aside until a day. `name` is what the machine is called, `about` the finding in
    /// the log's words.
    pub async fn set_aside(
        &self,
        id: FindingId,
        reason: &str,
        until: UnixMillis,
        said: (&str, &str),
        by: &Actor,
    ) -> Result<(), AsideError> {
        let now = self.shared.clock.now();
        let reason = reason.trim();
        let is_text = |c: char| !c.is_control() || c == '\n' || c == '\r';
        if reason.is_empty()
            || reason.chars().count() > LONGEST_REASON
            || !reason.chars().all(is_text)
        {
            return Err(AsideError::Reason);
        }
        let ahead = until.0.saturating_sub(now.0);
        if ahead <= 0 || ahead > i64::from(LONGEST_DAYS) * DAY_MS {
            return Err(AsideError::Day);
        }
        let account = self.account(id)?.ok_or(AsideError::Resolved)?;
        if account.resolved_at.is_some() {
            return Err(AsideError::Resolved);
        }
        let aside = AsideRecord {
            reason: reason.to_owned(),
            at: now.0,
            until: until.0,
            severity: account.finding.severity.into(),
            by: by.name.clone(),
        };
        let (name, about) = said;
        let day = until.to_string();
        let day = day.split('T').next().unwrap_or_default();
        let detail = format!("{about}, until {day}: {reason}");
        let entry = Entry::new(LogAct::SetAside)
            .machine(id.machine, name)
            .detail(&detail);
        self.keep_aside(id, Some(aside), entry, by).await?;
        Ok(())
    }

    /// Takes a finding up again before its day.
    pub async fn take_up(
        &self,
        id: FindingId,
        (name, about): (&str, &str),
        by: &Actor,
    ) -> Result<(), AsideError> {
        let entry = Entry::new(LogAct::TookUp)
            .machine(id.machine, name)
            .detail(about);
        self.keep_aside(id, None, entry, by).await?;
        Ok(())
    }

    async fn keep_aside(
        &self,
        id: FindingId,
        aside: Option<AsideRecord>,
        entry: Entry,
        by: &Actor,
    ) -> Result<(), WriteError<StoreError>> {
        let (log, by, written) = (self.shared.log.clone(), by.clone(), aside.clone());
        self.shared
            .store
            .write(move |txn| {
                // One that was erased meanwhile leaves nothing behind.
                if !txn.knows_machine(id.machine)? {
                    return Ok(());
                }
                txn.put_aside(id.machine, id.hash, written.as_ref());
                log.note(txn, &by, entry)?;
                Ok::<_, StoreError>(())
            })
            .await?;
        let mut kept = self.kept();
        match aside.map(Arc::new) {
            Some(aside) => drop(kept.asides.insert(id, aside)),
            None => drop(kept.asides.remove(&id)),
        }
        let aside = kept.asides.get(&id).cloned();
        if let Some(open) = kept.open.get_mut(&id.machine) {
            for finding in Arc::make_mut(open) {
                if finding.id == id {
                    Arc::make_mut(finding).aside.clone_from(&aside);
                }
            }
        }
        drop(kept);
        self.shared.events.announce(Event::Finding(id.machine));
        Ok(())
    }
}
