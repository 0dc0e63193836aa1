//! How much each address holds at once, so that one cannot take it all.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use crate::peer::Remote;

/// Counts what each address holds. Clones share the counts.
#[derive(Clone, Debug)]
pub(super) struct Addresses {
    limit: usize,
    held: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl Addresses {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            held: Arc::default(),
        }
    }

    /// A share for an address until it is dropped; `None` when the address holds as many as it may.
    pub(super) fn share(&self, remote: Remote) -> Option<Share> {
        let address = remote.subscriber();
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(address).or_insert(0);
        if *count >= self.limit {
            return None;
        }
        *count += 1;
        Some(Share {
            addresses: self.clone(),
            address,
        })
    }
}

/// What one address holds.
#[derive(Debug)]
pub(super) struct Share {
    addresses: Addresses,
    address: IpAddr,
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut held = self
            .addresses
            .held
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remote(text: &str) -> Remote {
        Remote(text.parse().unwrap())
    }

    #[test]
    fn an_address_gets_its_share_and_no_more() {
        let addresses = Addresses::new(2);
        let greedy = remote("192.0.2.1:1");
        let first = addresses.share(greedy).unwrap();
        let _second = addresses.share(greedy).unwrap();
        assert!(addresses.share(greedy).is_none());
        assert!(addresses.share(remote("192.0.2.2:1")).is_some());
        drop(first);
        assert!(addresses.share(greedy).is_some());
    }

    #[test]
    fn nothing_is_kept_of_addresses_that_hold_nothing() {
        let addresses = Addresses::new(1);
        drop(addresses.share(remote("192.0.2.1:1")));
        assert!(addresses.held.lock().unwrap().is_empty());
    }
}
