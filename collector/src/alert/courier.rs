//! Notices what there is to tell, writes messages, and delivers them.

mod delivering;
mod telling;

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{sync::Notify, time};
use tokio_util::sync::CancellationToken;

use super::{
    Delivery, Draft, Settings, SettingsError,
    message::{Message, Sender},
    news::Told,
    settings::Webhook,
};
use crate::{
    access::{Grants, Inventory, ReadError, Viewer},
    audit::{Actor, Event as Entry, Log},
    clock::{Clock, UnixMillis},
    events::Events,
    store::{
        Store, StoreError, Txn, WriteError,
        record::{AlertSettingsRecord, DeliveryChannel, DeliveryRecord, LogAct},
    },
};

/// How soon after something happened it is looked for again, and how long at most until then.
const SOON: Duration = Duration::from_secs(2);
const LATE: Duration = Duration::from_secs(60);

/// Tells people who are not looking. Clones share everything.
#[derive(Clone)]
pub struct Alerts {
    shared: Arc<Shared>,
}

/// What alerts are made from.
pub struct Source {
    /// What must survive a restart.
    pub store: Store,
    /// Who changed what.
    pub log: Log,
    /// The clock.
    pub clock: Clock,
    /// What just happened.
    pub events: Events,
    /// Reads.
    pub inventory: Inventory,
    /// Who may read, and until when.
    pub grants: Grants,
}

struct Shared {
    source: Source,
    dashboard: String,
    /// What people were told of, read when it is first needed.
    told: Mutex<Option<Told>>,
    /// Somebody changed the settings or wants something sent.
    wake: Notify,
}

/// Why settings were not saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// They make no sense.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// They could not be read or made durable.
    #[error("the settings could not be saved")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Why nothing was sent to try it out.
#[derive(Debug, thiserror::Error)]
pub enum TryError {
    /// There is nowhere to send it.
    #[error("Write a mail server or a program\u{2019}s address first.")]
    Nowhere,
    /// It could not be written.
    #[error("the message could not be written")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Why there is nothing to tell for the moment.
#[derive(Debug, thiserror::Error)]
enum PassError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a message could not be written: {0}")]
    Write(#[from] WriteError<StoreError>),
}

impl Alerts {
    /// Over what is found, with links that lead to `dashboard`.
    pub fn new(source: Source, dashboard: String) -> Self {
        Self {
            shared: Arc::new(Shared {
                source,
                dashboard,
                told: Mutex::default(),
                wake: Notify::new(),
            }),
        }
    }

    /// What is sent to whom and when.
    pub fn settings(&self) -> Result<Settings, StoreError> {
        let record = self.shared.source.store.alert_settings()?;
        Ok(record.as_ref().map(Settings::of).unwrap_or_default())
    }

    /// Changes that. Answers with the program's secret when there is a new one, to be shown once.
    pub async fn save(&self, draft: Draft, by: &Actor) -> Result<Option<Webhook>, SaveError> {
        let present = self
            .settings()
            .map_err(|error| SaveError::Store(error.into()))?;
        let settings = draft.check(&present, new_secret)?;
        let url =
            |settings: &Settings| settings.webhook.as_ref().map(|webhook| webhook.url.clone());
        let fresh = settings
            .webhook
            .clone()
            .filter(|_| url(&settings) != url(&present));
        let (log, by) = (self.shared.source.log.clone(), by.clone());
        let entry = Entry::new(LogAct::ChangedAlerts).detail(&settings.brief());
        let record = settings.record();
        let written = self.shared.source.store.write(move |txn| {
            let summary_day = txn.alert_settings()?.unwrap_or_default().summary_day;
            txn.put_alert_settings(&AlertSettingsRecord {
                summary_day,
                ..record
            });
            log.note(txn, &by, entry)?;
            Ok::<_, StoreError>(())
        });
        written
            .await
            .map_err(|error| SaveError::Store(error.into()))?;
        self.shared.wake.notify_one();
        Ok(fresh)
    }

    /// Sends a message on every way there is, to try it out.
    pub async fn try_out(&self, by: &Actor) -> Result<(), TryError> {
        let failed = |error: Box<dyn std::error::Error + Send + Sync>| TryError::Store(error);
        let settings = self.settings().map_err(|error| failed(error.into()))?;
        if !settings.leads_somewhere() {
            return Err(TryError::Nowhere);
        }
        let now = self.shared.source.clock.now();
        let sender = self.sender().map_err(|error| failed(error.into()))?;
        let deliveries = deliveries(&settings, &Message::trial(&sender, now), now);
        let (log, by) = (self.shared.source.log.clone(), by.clone());
        let written = self.shared.source.store.write(move |txn| {
            add(txn, &deliveries)?;
            log.note(txn, &by, Entry::new(LogAct::TriedAlerts))?;
            Ok::<_, StoreError>(())
        });
        written.await.map_err(|error| failed(error.into()))?;
        self.shared.wake.notify_one();
        Ok(())
    }

    /// Messages, the newest first.
    pub fn deliveries(&self) -> Result<Vec<Delivery>, StoreError> {
        let stored = self.shared.source.store.deliveries()?;
        Ok(stored
            .iter()
            .rev()
            .map(|(_, record)| Delivery::of(record))
            .collect())
    }

    /// Sends what there is to send until told to stop.
    pub async fn run(&self, shutdown: CancellationToken) {
        let mut events = self.shared.source.events.listen();
        loop {
            // A server that does not answer holds nobody up who stops the collector: the message is tried again.
            let passed = shutdown.run_until_cancelled(Box::pin(self.pass())).await;
            let next_at = match passed {
                None => return,
                Some(Ok(next_at)) => next_at,
                Some(Err(error)) => {
                    tracing::warn!(%error, "alerts could not be looked after");
                    None
                }
            };
            let now = self.shared.source.clock.now();
            let rest = next_at.map_or(LATE, |at| at.since(now)).clamp(SOON, LATE);
            let pause = async {
                // What happens at once is told at once, but not each piece of it.
                time::sleep(SOON).await;
                tokio::select! {
                    () = time::sleep(rest.saturating_sub(SOON)) => {}
                    _ = events.recv() => {}
                }
            };
            let going = shutdown.run_until_cancelled(async {
                tokio::select! {
                    () = pause => {}
                    () = self.shared.wake.notified() => {}
                }
            });
            if going.await.is_none() {
                return;
            }
            // What happened meanwhile is covered by the next pass.
            events = events.resubscribe();
        }
    }

    /// Writes and delivers what is due; answers when more may be.
    async fn pass(&self) -> Result<Option<UnixMillis>, PassError> {
        let settings = self.settings()?;
        let next = if settings.leads_somewhere() {
            self.tell(&settings).await?
        } else {
            None
        };
        let retry = self.deliver(&settings).await?;
        Ok([next, retry].into_iter().flatten().min())
    }

    fn sender(&self) -> Result<Sender, ReadError> {
        let business = self.shared.source.inventory.business(&Viewer::console())?;
        let business = if business.is_empty() {
            "Your business".to_owned()
        } else {
            crate::dashboard::plain(&business)
        };
        Ok(Sender {
            business,
            dashboard: self.shared.dashboard.clone(),
        })
    }
}

/// A message on every way there is.
fn deliveries(settings: &Settings, message: &Message, now: UnixMillis) -> Vec<DeliveryRecord> {
    let mail = settings.mail.as_ref().map(|_| DeliveryChannel::Mail);
    let webhook = settings.webhook.as_ref().map(|_| DeliveryChannel::Webhook);
    let channels = [mail, webhook].into_iter().flatten();
    channels
        .map(|channel| DeliveryRecord {
            channel: channel.into(),
            about: message.about.clone(),
            subject: message.subject.clone(),
            body: message.body(channel),
            created_at: now.0,
            next_at: now.0,
            ..DeliveryRecord::default()
        })
        .collect()
}

fn add(txn: &mut Txn, deliveries: &[DeliveryRecord]) -> Result<(), StoreError> {
    for delivery in deliveries {
        txn.add_delivery(delivery)?;
    }
    Ok(())
}

/// 256 random bits as text.
fn new_secret() -> secrecy::SecretString {
    let bytes: [u8; 32] = rand::random();
    let mut text = String::with_capacity(64);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text.into()
}
