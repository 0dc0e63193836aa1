//! That a grant ends soon, or has ended, is told beforehand: once at each of some days before its end.

use super::{DAY, Grant, GrantId, GrantState, Grants};
use crate::{
    clock::UnixMillis,
    store::{Read as _, StoreError, Txn},
};

/// How many days before the end it is told, the last time when it has come.
const TOLD_AT: [u32; 3] = [0, 3, 14];

/// For how long the end is still worth telling when nobody could be told at that time.
const LATE: u32 = 14;

/// That a grant ends soon, or has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// The grant.
    pub grant: GrantId,
    /// The supplier.
    pub supplier: String,
    /// When it ends, or did.
    pub ends_at: UnixMillis,
    /// It has come.
    pub has_come: bool,
    /// How many days before its end it is told at the latest: 0 when that has come.
    pub(super) days: u32,
}

impl Grants {
    /// What people were not told yet of grants that end, the next to end first. Blocks on the disk.
    pub fn endings(&self) -> Result<Vec<Ending>, StoreError> {
        let now = self.clock.now();
        let mut endings: Vec<Ending> = self
            .all()?
            .iter()
            .filter_map(|grant| grant.ending(now))
            .collect();
        endings.sort_by_key(|ending| ending.ends_at);
        Ok(endings)
    }
}

impl Grant {
    /// What people were not told yet of its end.
    fn ending(&self, now: UnixMillis) -> Option<Ending> {
        let has_come = match self.state(now) {
            GrantState::Active => false,
            GrantState::Expired if now.since(self.expires_at) < DAY * LATE => true,
            GrantState::Expired | GrantState::Suspended | GrantState::Revoked => return None,
        };
        let left = self.expires_at.since(now);
        let days = TOLD_AT.into_iter().find(|days| left <= DAY * *days)?;
        let is_told = |(end, told)| end == self.expires_at && told <= days;
        (!self.end_told.is_some_and(is_told)).then(|| Ending {
            grant: self.id,
            supplier: self.supplier.clone(),
            ends_at: self.expires_at,
            has_come,
            days,
        })
    }
}

impl Ending {
    /// Notes, with the message about it, that people were told.
    pub fn note_told(&self, txn: &mut Txn) -> Result<(), StoreError> {
        let Some(mut record) = txn.grant(&self.grant.0)? else {
            return Ok(());
        };
        record.end_told = self.ends_at.0;
        record.end_told_days = self.days;
        txn.put_grant(&self.grant.0, &record);
        Ok(())
    }
}
