//! How often somebody may try: per address and overall, in bounded memory.
//!
//! An attacker must neither guess quickly nor, by guessing, keep the owner out. So browsers that have
//! signed in before carry a proof of it and try in a lane of their own, which strangers cannot fill.

use std::{collections::HashMap, net::IpAddr, time::Duration};

use crate::clock::UnixMillis;

/// Addresses remembered. Beyond that, further strangers share one budget.
const ADDRESSES: usize = 4096;

/// What one address, or one known browser, may try.
const EACH: Rate = Rate {
    burst: 8,
    every: Duration::from_secs(20),
};

/// What all strangers together may try.
const OVERALL: Rate = Rate {
    burst: 40,
    every: Duration::from_secs(1),
};

/// Who tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    /// A browser that has signed in before, by the nonce of its proof.
    Known([u8; 16]),
    /// Anybody else, by address.
    Stranger(IpAddr),
}

#[derive(Clone, Copy)]
struct Rate {
    burst: u32,
    every: Duration,
}

/// Attempts made lately.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    addresses: HashMap<Network, Bucket>,
    overflow: Bucket,
    overall: Bucket,
    known: HashMap<[u8; 16], Bucket>,
}

/// An IPv4 address, or the first half of an IPv6 address: the rest is the subscriber's own choice.
type Network = u64;

/// A leaky bucket: when it will be empty again.
#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    empty_at: i64,
}

impl Throttle {
    /// Takes one attempt, or tells how long to wait.
    pub(super) fn take(&mut self, lane: Lane, now: UnixMillis) -> Result<(), Duration> {
        match lane {
            Lane::Known(nonce) => {
                // Only proofs made here get this far, so that the table stays as small as the household.
                forget(&mut self.known, now);
                self.known.entry(nonce).or_default().take(EACH, now)
            }
            Lane::Stranger(address) => {
                self.overall.check(OVERALL, now)?;
                self.address(address, now).take(EACH, now)?;
                self.overall.take(OVERALL, now)
            }
        }
    }

    /// Gives an attempt back that turned out to be right.
    pub(super) fn give_back(&mut self, lane: Lane, now: UnixMillis) {
        match lane {
            Lane::Known(nonce) => self.known.entry(nonce).or_default().give_back(EACH),
            Lane::Stranger(address) => {
                self.address(address, now).give_back(EACH);
                self.overall.give_back(OVERALL);
            }
        }
    }

    fn address(&mut self, address: IpAddr, now: UnixMillis) -> &mut Bucket {
        let network = network(address);
        if self.addresses.len() >= ADDRESSES && !self.addresses.contains_key(&network) {
            forget(&mut self.addresses, now);
            if self.addresses.len() >= ADDRESSES {
                return &mut self.overflow;
            }
        }
        self.addresses.entry(network).or_default()
    }
}

/// Drops buckets that are empty: they say nothing.
fn forget<K>(buckets: &mut HashMap<K, Bucket>, now: UnixMillis) {
    buckets.retain(|_, bucket| bucket.empty_at > now.0);
}

impl Bucket {
    fn check(self, rate: Rate, now: UnixMillis) -> Result<(), Duration> {
        let full = rate.every * rate.burst.saturating_sub(1);
        let filled = UnixMillis(self.empty_at).since(now);
        match filled.checked_sub(full) {
            Some(excess) if !excess.is_zero() => Err(excess),
            _ => Ok(()),
        }
    }

    fn take(&mut self, rate: Rate, now: UnixMillis) -> Result<(), Duration> {
        self.check(rate, now)?;
        self.empty_at = UnixMillis(self.empty_at.max(now.0)).plus(rate.every).0;
        Ok(())
    }

    fn give_back(&mut self, rate: Rate) {
        self.empty_at = UnixMillis(self.empty_at).minus(rate.every).0;
    }
}

fn network(address: IpAddr) -> Network {
    match address.to_canonical() {
        IpAddr::V4(v4) => u64::from(v4.to_bits()),
        // No IPv4 address collides: the upper half of a routable IPv6 address is far above 32 bits.
        IpAddr::V6(v6) => (v6.to_bits() >> 64) as u64,
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

    fn stranger(n: u32) -> Lane {
        Lane::Stranger(IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0000 + n)))
    }

    fn exhaust(throttle: &mut Throttle, lane: Lane) -> u32 {
        (0..1000)
            .find(|_| throttle.take(lane, NOW).is_err())
            .unwrap()
    }

    #[test]
    fn one_address_is_slowed_down_and_told_how_long_to_wait() {
        let mut throttle = Throttle::default();
        assert_eq!(exhaust(&mut throttle, stranger(1)), EACH.burst);
        let wait = throttle.take(stranger(1), NOW).unwrap_err();
        assert_eq!(wait, EACH.every);
        assert!(throttle.take(stranger(2), NOW).is_ok(), "others are not");
        assert!(throttle.take(stranger(1), NOW.plus(wait)).is_ok());
    }

    #[test]
    fn a_whole_ipv6_network_counts_as_one_address() {
        let mut throttle = Throttle::default();
        let host =
            |n: u128| Lane::Stranger(IpAddr::V6(Ipv6Addr::from_bits((0x2001_0db8 << 96) + n)));
        let allowed = (0..100)
            .filter(|n| throttle.take(host(*n), NOW).is_ok())
            .count();
        assert_eq!(allowed, EACH.burst as usize);
    }

    #[test]
    fn many_addresses_together_are_slowed_down() {
        let mut throttle = Throttle::default();
        let allowed = (0..10_000)
            .filter(|n| throttle.take(stranger(*n), NOW).is_ok())
            .count();
        assert_eq!(allowed, OVERALL.burst as usize);
    }

    #[test]
    fn a_flood_of_strangers_does_not_keep_a_known_browser_out() {
        let mut throttle = Throttle::default();
        for n in 0..10_000 {
            let _ = throttle.take(stranger(n), NOW);
        }
        assert!(throttle.take(Lane::Known([7; 16]), NOW).is_ok());
        assert_eq!(
            exhaust(&mut throttle, Lane::Known([8; 16])),
            EACH.burst,
            "but a stolen proof is bounded too"
        );
    }

    #[test]
    fn memory_stays_bounded_under_a_flood_of_addresses() {
        let mut throttle = Throttle::default();
        let mut now = NOW;
        for n in 0..100_000 {
            now = now.plus(Duration::from_millis(1));
            let _ = throttle
                .address(IpAddr::V4(Ipv4Addr::from_bits(n)), now)
                .take(EACH, now);
        }
        assert!(throttle.addresses.len() <= ADDRESSES);
    }

    #[test]
    fn a_right_password_costs_nothing() {
        let mut throttle = Throttle::default();
        for _ in 0..1000 {
            throttle.take(stranger(1), NOW).unwrap();
            throttle.give_back(stranger(1), NOW);
        }
    }
}
