//! Writing what people were not told yet.

use std::sync::PoisonError;

use jiff::tz::TimeZone;

use super::{Alerts, PassError, add, deliveries};
use crate::{
    access::{Change, Viewer},
    alert::{
        Settings, ending,
        message::Message,
        news::{News, Told},
        summary,
        time_of_day::OnTheWall,
    },
    clock::UnixMillis,
    finding::FindingId,
    history::Moment,
    store::StoreError,
};

/// Changes of one day that are gone through for those of administrators.
const CHANGES: usize = 2000;

impl Alerts {
    /// Writes messages about what people were not told yet.
    pub(super) async fn tell(&self, settings: &Settings) -> Result<Option<UnixMillis>, PassError> {
        let now = self.shared.source.clock.now();
        let wall = OnTheWall::at(now, &TimeZone::system());
        let is_quiet = settings.quiet.is_some_and(|quiet| quiet.holds(wall));
        let mut again_at = None;
        if settings.severity.is_some() && !is_quiet {
            again_at = self.tell_news(settings, now).await?;
        }
        if !is_quiet {
            self.tell_endings(settings, now).await?;
        }
        let is_due = settings.summary_at.is_some_and(|at| at <= wall.time)
            && settings.summary_day < wall.day;
        if is_due {
            self.tell_summary(settings, wall.day, now).await?;
        }
        Ok(again_at)
    }

    async fn tell_news(
        &self,
        settings: &Settings,
        now: UnixMillis,
    ) -> Result<Option<UnixMillis>, PassError> {
        let (this, wanted) = (self.clone(), settings.clone());
        let news = aside(move || {
            let lines = this
                .shared
                .source
                .inventory
                .machines(&Viewer::console(), Moment::Now)?;
            Ok::<_, PassError>(this.with_told(|told| News::of(&lines, told, &wanted, now))?)
        });
        let news = news.await?;
        if news.is_empty() && news.gone.is_empty() {
            return Ok(news.again_at);
        }
        let messages = if news.is_empty() {
            Vec::new()
        } else {
            deliveries(settings, &Message::news(&news, &self.sender()?, now), now)
        };
        let told: Vec<_> = news
            .found
            .iter()
            .map(|item| (item.id, item.told()))
            .collect();
        let over: Vec<FindingId> = news
            .ended
            .iter()
            .map(|ended| ended.id)
            .chain(news.gone.iter().copied())
            .collect();
        let (noted, forgotten) = (told.clone(), over.clone());
        self.shared
            .source
            .store
            .write(move |txn| {
                for (id, record) in &noted {
                    // One that was erased meanwhile leaves nothing behind.
                    if txn.knows_machine(id.machine)? {
                        txn.put_told(id.machine, id.hash, Some(record));
                    }
                }
                for id in &forgotten {
                    txn.put_told(id.machine, id.hash, None);
                }
                add(txn, &messages)
            })
            .await?;
        self.with_told(|known| {
            known.extend(told);
            for id in &over {
                known.remove(id);
            }
        })?;
        Ok(news.again_at)
    }

    /// Writes a message about grants that end soon or have ended: rare enough to be told whatever else is.
    async fn tell_endings(&self, settings: &Settings, now: UnixMillis) -> Result<(), PassError> {
        let grants = self.shared.source.grants.clone();
        let endings = aside(move || Ok(grants.endings()?)).await?;
        if endings.is_empty() {
            return Ok(());
        }
        let message = ending::message(&endings, &self.sender()?, now);
        let messages = deliveries(settings, &message, now);
        let written = self.shared.source.store.write(move |txn| {
            for ending in &endings {
                ending.note_told(txn)?;
            }
            add(txn, &messages)
        });
        Ok(written.await?)
    }

    async fn tell_summary(
        &self,
        settings: &Settings,
        day: i64,
        now: UnixMillis,
    ) -> Result<(), PassError> {
        let this = self.clone();
        let message = aside(move || this.summary(now)).await?;
        let deliveries = deliveries(settings, &message, now);
        self.shared
            .source
            .store
            .write(move |txn| {
                let mut settings = txn.alert_settings()?.unwrap_or_default();
                settings.summary_day = day;
                txn.put_alert_settings(&settings);
                add(txn, &deliveries)
            })
            .await?;
        Ok(())
    }

    fn summary(&self, now: UnixMillis) -> Result<Message, PassError> {
        let (inventory, viewer) = (&self.shared.source.inventory, Viewer::console());
        let lines = inventory.machines(&viewer, Moment::Now)?;
        let changes = inventory.all_changes(&viewer, None, CHANGES)?;
        let since = now.minus(summary::DAY);
        let is_told = |change: &Change| change.at >= since && change.noun == "administrator";
        let administrators: Vec<Change> = changes.into_iter().filter(is_told).collect();
        let stand = summary::Stand {
            lines: &lines,
            administrators: &administrators,
        };
        Ok(summary::message(&stand, &self.sender()?, now))
    }

    fn with_told<T>(&self, look: impl FnOnce(&mut Told) -> T) -> Result<T, StoreError> {
        let mut kept = self
            .shared
            .told
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(told) = kept.as_mut() {
            return Ok(look(told));
        }
        let mut told = Told::new();
        for (machine, stored) in self.shared.source.store.findings()? {
            let of_machine = stored.told.into_iter();
            told.extend(of_machine.map(|(hash, record)| (FindingId { machine, hash }, record)));
        }
        Ok(look(kept.insert(told)))
    }
}

/// Does what blocks on the disk where that holds nobody up.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PassError> + Send + 'static,
) -> Result<T, PassError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}
