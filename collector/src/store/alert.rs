//! What is sent to people who are not looking: settings, and messages on their way.

use super::{
    Store,
    error::StoreError,
    read,
    record::{AlertSettingsRecord, DeliveryRecord},
    schema::{Key, Keyspace},
    source::{Order, Source as _},
    txn::Txn,
};

impl Store {
    /// What is sent to whom and when; `None` before somebody said so.
    pub fn alert_settings(&self) -> Result<Option<AlertSettingsRecord>, StoreError> {
        read::record(self, &Keyspace::Alert.single())
    }

    /// Messages by their numbers, the oldest first.
    pub fn deliveries(&self) -> Result<Vec<(u64, DeliveryRecord)>, StoreError> {
        self.entries(Keyspace::Delivery.below(&[]), Order::Up)
            .map(|entry| {
                let (key, value) = entry?;
                Ok((number(&key)?, read::decode(&key, &value)?))
            })
            .collect()
    }
}

fn key(number: u64) -> Key {
    Keyspace::Delivery.key(&[&number.to_be_bytes()])
}

fn number(key: &[u8]) -> Result<u64, StoreError> {
    let number = read::tail(key, 8).try_into();
    number
        .map(u64::from_be_bytes)
        .map_err(|_| read::undecodable(key))
}

impl Txn {
    /// The settings as they are now.
    pub fn alert_settings(&self) -> Result<Option<AlertSettingsRecord>, StoreError> {
        read::record(self, &Keyspace::Alert.single())
    }

    /// Says what is sent to whom and when.
    pub fn put_alert_settings(&mut self, settings: &AlertSettingsRecord) {
        self.put(Keyspace::Alert.single(), settings);
    }

    /// Adds a message; answers with its number.
    pub fn add_delivery(&mut self, delivery: &DeliveryRecord) -> Result<u64, StoreError> {
        let last = self.entries(Keyspace::Delivery.below(&[]), Order::Down);
        let last = last.map(|entry| number(&entry?.0)).next().transpose()?;
        let next = last.unwrap_or(0) + 1;
        self.put_delivery(next, delivery);
        Ok(next)
    }

    /// Replaces a message.
    pub fn put_delivery(&mut self, number: u64, delivery: &DeliveryRecord) {
        self.put(key(number), delivery);
    }

    /// Forgets a message.
    pub fn remove_delivery(&mut self, number: u64) {
        self.remove(key(number));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Options;

    #[tokio::test]
    async fn messages_are_numbered_on_and_survive_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store");
        let store = Store::create(&path, &Options::default()).unwrap();
        let delivery = |about: &str| DeliveryRecord {
            about: about.to_owned(),
            ..DeliveryRecord::default()
        };
        let (one, two) = (delivery("one"), delivery("two"));
        let settings = AlertSettingsRecord {
            severity: 2,
            ..AlertSettingsRecord::default()
        };
        let (first, second, kept) = (one.clone(), two.clone(), settings.clone());
        store
            .write(move |txn| {
                assert_eq!(txn.add_delivery(&first)?, 1);
                assert_eq!(txn.add_delivery(&second)?, 2);
                txn.remove_delivery(1);
                txn.put_alert_settings(&kept);
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
        store.close().await;
        let store = Store::open(&path, &Options::default()).unwrap();
        assert_eq!(store.deliveries().unwrap(), [(2, two)]);
        assert_eq!(store.alert_settings().unwrap(), Some(settings));
        let again = store.write(move |txn| txn.add_delivery(&one)).await;
        assert_eq!(again.unwrap(), 3);
        store.close().await;
    }
}
