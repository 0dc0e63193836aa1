//! What the owner is told about a machine's reports. Rare, and never more often than useful.

use std::time::Duration;

use super::{Rejection, Shared};
use crate::{id::MachineId, machines::lost_reports, store::record::NoticeKind};

/// How often the owner is told about invalid reports of the same machine, at most.
const INVALID: Duration = Duration::from_secs(60 * 60);

/// Longest sentence kept with a notice, in characters.
const DETAIL: usize = 200;

/// Something the owner should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// Two machines use the same key, or one was set back.
    ForkedChain,
    /// The clock is wrong by so much, or right again.
    Clock { offset_ms: Option<i64> },
    /// Reports were lost on the machine; its timeline has room to say so.
    SpoolOverflow { lost: u32, in_timeline: bool },
    /// It sent more than it may.
    OverQuota,
    /// It sent something that is not valid.
    Invalid { detail: String },
}

impl Shared {
    /// Tells the owner. A failure to store it is logged: the request itself goes on.
    pub(super) async fn tell(&self, id: MachineId, finding: Finding) {
        let told = match finding {
            Finding::Clock { offset_ms: None } => {
                self.machines.clear_notice(id, NoticeKind::WrongClock).await
            }
            Finding::Clock {
                offset_ms: Some(offset),
            } => {
                let detail = clock_words(offset);
                self.machines
                    .raise_notice(id, NoticeKind::WrongClock, &detail)
                    .await
            }
            Finding::ForkedChain => {
                let detail =
                    "another computer uses its key, or it was set back to an earlier state";
                self.machines
                    .raise_notice(id, NoticeKind::ForkedChain, detail)
                    .await
            }
            Finding::SpoolOverflow {
                lost,
                in_timeline: true,
            } => self.machines.note_gap(id, lost).await,
            Finding::SpoolOverflow { lost, .. } => {
                self.machines
                    .raise_notice(id, NoticeKind::SpoolOverflow, &lost_reports(lost))
                    .await
            }
            Finding::OverQuota => {
                let detail = "it reported more in a day than a computer may; the rest is summarised or comes later";
                self.machines
                    .raise_notice(id, NoticeKind::OverQuota, detail)
                    .await
            }
            Finding::Invalid { detail } => {
                self.machines
                    .raise_notice(id, NoticeKind::InvalidReport, &detail)
                    .await
            }
        };
        if let Err(error) = told {
            tracing::warn!(machine = %id, %error, "a notice could not be stored");
        }
    }

    /// Tells the owner about a refused request, where he should know.
    pub(super) async fn tell_refusal(&self, id: MachineId, rejection: &Rejection) {
        let finding = match rejection {
            Rejection::Field { .. } => {
                let detail = rejection.to_string().chars().take(DETAIL).collect();
                self.is_invalid_news(id)
                    .then_some(Finding::Invalid { detail })
            }
            Rejection::OverQuota { .. } => self.is_quota_news(id).then_some(Finding::OverQuota),
            _ => None,
        };
        if let Some(finding) = finding {
            self.tell(id, finding).await;
        }
    }

    /// Whether the owner was not told today that a machine used up its quota. From now on he was.
    pub(super) fn is_quota_news(&self, id: MachineId) -> bool {
        let now = self.clock.now();
        let day =
            super::quota::Usage::of(&crate::store::record::PresenceRecord::default(), now).day;
        self.presence
            .with(id, |entry| entry.told_quota_day.replace(day) != Some(day))
    }

    fn is_invalid_news(&self, id: MachineId) -> bool {
        let now = self.clock.now();
        self.presence.with(id, |entry| {
            let is_news = entry
                .told_invalid_at
                .is_none_or(|at| now.since(at) >= INVALID);
            if is_news {
                entry.told_invalid_at = Some(now);
            }
            is_news
        })
    }
}

/// How wrong a clock is, coarsely, so that drift does not make news.
fn clock_words(offset_ms: i64) -> String {
    let seconds = offset_ms.unsigned_abs() / 1000;
    let (count, unit) = match seconds {
        0..7_200 => (seconds / 60, "minutes"),
        7_200..172_800 => (seconds / 3600, "hours"),
        _ => (seconds / 86_400, "days"),
    };
    let direction = if offset_ms > 0 { "ahead" } else { "behind" };
    format!("its clock is {count} {unit} {direction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_clock_is_told_in_words() {
        assert_eq!(clock_words(600_000), "its clock is 10 minutes ahead");
        assert_eq!(clock_words(-7_200_000), "its clock is 2 hours behind");
        assert_eq!(
            clock_words(i64::MIN),
            "its clock is 106751991167 days behind"
        );
    }
}
