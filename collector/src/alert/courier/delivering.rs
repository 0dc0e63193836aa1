//! Delivering what is due.

use super::{Alerts, PassError};
use crate::{
    alert::{Settings, delivery, mail, webhook},
    clock::UnixMillis,
    store::{
        StoreError,
        record::{DeliveryChannel, DeliveryRecord},
    },
};

/// Messages that are kept to be shown.
const KEPT: usize = 40;

impl Alerts {
    /// Tries what is due; answers when the next attempt is.
    pub(super) async fn deliver(
        &self,
        settings: &Settings,
    ) -> Result<Option<UnixMillis>, PassError> {
        let now = self.shared.source.clock.now();
        let stored = self.shared.source.store.deliveries()?;
        let due = |record: &DeliveryRecord| record.next_at != 0 && record.next_at <= now.0;
        let of = |channel| {
            let due: Vec<_> = stored
                .iter()
                .filter(|(_, record)| due(record) && record.channel() == channel)
                .collect();
            async move {
                // One after the other: what cannot be reached is not asked twice at once.
                for (number, record) in due {
                    self.attempt(settings, *number, record).await?;
                }
                Ok::<_, PassError>(())
            }
        };
        let (mail, webhook) = tokio::join!(of(DeliveryChannel::Mail), of(DeliveryChannel::Webhook));
        mail.and(webhook)?;
        self.forget_old(&stored).await?;
        let later = stored
            .iter()
            .map(|(_, record)| record.next_at)
            .filter(|at| *at > now.0);
        Ok(later.min().map(UnixMillis))
    }

    async fn attempt(
        &self,
        settings: &Settings,
        number: u64,
        record: &DeliveryRecord,
    ) -> Result<(), PassError> {
        let id = format!("freehold-{number}-{}", record.created_at);
        let now = self.shared.source.clock.now();
        let attempt = match record.channel() {
            DeliveryChannel::Mail => match &settings.mail {
                Some(mail) => mail::send(mail, &id, &record.subject, &record.body).await,
                None => Err(switched_off()),
            },
            DeliveryChannel::Webhook | DeliveryChannel::Unspecified => match &settings.webhook {
                Some(webhook) => webhook::send(webhook, &id, &record.body, now).await,
                None => Err(switched_off()),
            },
        };
        if let Err(problem) = &attempt {
            tracing::warn!(%problem, "a message could not be delivered");
        }
        let after = delivery::after(record, attempt, self.shared.source.clock.now());
        let written = self.shared.source.store.write(move |txn| {
            txn.put_delivery(number, &after);
            Ok::<_, StoreError>(())
        });
        Ok(written.await?)
    }

    async fn forget_old(&self, stored: &[(u64, DeliveryRecord)]) -> Result<(), PassError> {
        let surplus = stored.len().saturating_sub(KEPT);
        let old: Vec<u64> = stored[..surplus]
            .iter()
            .filter(|(_, record)| record.next_at == 0)
            .map(|(number, _)| *number)
            .collect();
        if old.is_empty() {
            return Ok(());
        }
        let written = self.shared.source.store.write(move |txn| {
            for number in old {
                txn.remove_delivery(number);
            }
            Ok::<_, StoreError>(())
        });
        Ok(written.await?)
    }
}

fn switched_off() -> delivery::Undelivered {
    delivery::Undelivered {
        problem: "this way was switched off before the message could go".to_owned(),
        is_final: true,
    }
}
