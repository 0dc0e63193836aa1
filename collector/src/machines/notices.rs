//! What the owner should look at.

use super::{MachineError, Machines, Urgency};
use crate::{
    id::MachineId,
    store::record::{NoticeKind, NoticeRecord},
};

impl Machines {
    /// Notes something the owner should look at. Writes nothing when it is noted already.
    pub async fn raise_notice(
        &self,
        id: MachineId,
        kind: NoticeKind,
        detail: &str,
    ) -> Result<(), MachineError> {
        let known = self.of(id).ok_or(MachineError::Unknown { id })?;
        let is_noted = |notice: &NoticeRecord| notice.kind() == kind && notice.detail == detail;
        if known.notices.iter().any(is_noted) {
            return Ok(());
        }
        let (detail, now) = (detail.to_owned(), self.shared.clock.now());
        self.edit(Urgency::Usual, id, move |_, record| {
            let earlier = record.notices.iter().find(|notice| notice.kind() == kind);
            let since = earlier.map_or(now.0, |notice| notice.since);
            record.notices.retain(|notice| notice.kind() != kind);
            let kind = kind.into();
            record.notices.push(NoticeRecord {
                kind,
                since,
                detail,
            });
            Ok(())
        })
        .await?;
        Ok(())
    }

    /// Takes a notice back. Writes nothing when there is none.
    pub async fn clear_notice(&self, id: MachineId, kind: NoticeKind) -> Result<(), MachineError> {
        let known = self.of(id).ok_or(MachineError::Unknown { id })?;
        if known.notices.iter().all(|notice| notice.kind() != kind) {
            return Ok(());
        }
        self.edit(Urgency::Usual, id, move |_, record| {
            record.notices.retain(|notice| notice.kind() != kind);
            Ok(())
        })
        .await?;
        Ok(())
    }
}
