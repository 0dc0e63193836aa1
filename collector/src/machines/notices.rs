//! What the owner should look at.

use super::{MachineError, Machines, Urgency};
use crate::{
    clock::UnixMillis,
    id::MachineId,
    store::record::{Action, ChangeRecord, MachineRecord, NoticeKind, NoticeRecord},
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
            put_notice(record, kind, detail, now);
            Ok(())
        })
        .await?;
        Ok(())
    }

    /// Notes that reports of a machine were lost: something the owner should look at, and a gap in its timeline.
    pub async fn note_gap(&self, id: MachineId, lost: u32) -> Result<(), MachineError> {
        let now = self.shared.clock.now();
        self.edit(Urgency::Usual, id, move |txn, record| {
            let said = lost_reports(lost);
            txn.put_change(id, &gap(now, &said))?;
            put_notice(record, NoticeKind::SpoolOverflow, said, now);
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

/// Puts a notice in the place of an earlier one of its kind.
fn put_notice(record: &mut MachineRecord, kind: NoticeKind, detail: String, now: UnixMillis) {
    let earlier = record.notices.iter().find(|notice| notice.kind() == kind);
    let since = earlier.map_or(now.0, |notice| notice.since);
    record.notices.retain(|notice| notice.kind() != kind);
    let kind = kind.into();
    record.notices.push(NoticeRecord {
        kind,
        since,
        detail,
    });
}

/// What happened to the reports, in words.
pub(crate) fn lost_reports(lost: u32) -> String {
    let reports = if lost == 1 {
        "report was"
    } else {
        "reports were"
    };
    format!("{lost} {reports} lost on the computer before the collector could take them")
}

fn gap(now: UnixMillis, said: &str) -> ChangeRecord {
    ChangeRecord {
        at: now.0,
        action: Action::Gap.into(),
        noun: "report".to_owned(),
        summary: format!("{said}; what changed meanwhile may be missing here"),
        ..ChangeRecord::default()
    }
}
