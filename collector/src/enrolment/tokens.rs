//! Join tokens: made by the owner, kept as hashes, good for a few machines and a short time.

use std::{fmt, net::IpAddr, time::Duration};

use freehold_agent::identity::{AddressError, JoinString, Token, check_address};
use ipnet::IpNet;
use thiserror::Error;

use crate::{
    audit::{Actor, Event, Log},
    authority::Authority,
    clock::{Clock, UnixMillis},
    id::Digest,
    store::{
        Read as _, Store, StoreError, WriteError,
        record::{LogAct, TokenRecord},
    },
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Most machines that one token lets in.
const USES: u32 = 100_000;

/// Longest time a token is good for.
const LONGEST: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// Most labels of a token, and most characters of each.
const LABELS: usize = 32;
const LABEL_CHARACTERS: usize = 64;

/// Most networks of a token.
const NETWORKS: usize = 32;

/// How long an expired token is remembered, to tell its users that it expired.
const REMEMBERED: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// What a new token shall be good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToken {
    /// Machines that may use it.
    pub uses: u32,
    /// How long it may be used.
    pub expires_in: Duration,
    /// Labels its machines get.
    pub labels: Vec<String>,
    /// Networks it may be used from; empty for any.
    pub networks: Vec<IpNet>,
    /// Whether its machines wait for approval; by default when more than one may use it.
    pub wait: Option<bool>,
    /// The join string is for the collector's own computer: loopback addresses will do.
    pub for_this_computer: bool,
}

impl Default for NewToken {
    fn default() -> Self {
        Self {
            uses: 1,
            expires_in: DAY,
            labels: Vec::new(),
            networks: Vec::new(),
            wait: None,
            for_this_computer: false,
        }
    }
}

impl NewToken {
    /// From what the console was asked for: 0 uses mean one, 0 seconds a day.
    pub fn asked(
        uses: u32,
        expires_in_seconds: u64,
        labels: Vec<String>,
        networks: &[String],
        wait: Option<bool>,
    ) -> Result<Self, TokenError> {
        let network = |text: &String| {
            let text = text.trim();
            text.parse()
                .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
                .map_err(|_| TokenError::Network {
                    text: text.to_owned(),
                })
        };
        let expires_in = match expires_in_seconds {
            0 => DAY,
            seconds => Duration::from_secs(seconds),
        };
        Ok(Self {
            uses: uses.max(1),
            expires_in,
            labels,
            networks: networks.iter().map(network).collect::<Result<_, _>>()?,
            wait,
            for_this_computer: false,
        })
    }
}

/// Why no token is made.
#[derive(Debug, Error)]
pub enum TokenError {
    /// No machine, or more than a token is for.
    #[error("a join string is good for 1 to {USES} computers, not for {uses}")]
    Uses {
        /// What was asked for.
        uses: u32,
    },
    /// No time, or too much.
    #[error("a join string is good for at least a second and at most 400 days")]
    Expiry,
    /// Labels that cannot be used.
    #[error(
        "a join string carries at most {LABELS} labels of 1 to {LABEL_CHARACTERS} characters, none of them \
         a control character"
    )]
    Labels,
    /// A text that is no network.
    #[error("{text:?} is not a network: write it as 192.168.1.0/24 or fd00::/8")]
    Network {
        /// The text.
        text: String,
    },
    /// Too many networks.
    #[error("a join string is limited to at most {NETWORKS} networks")]
    Networks,
    /// No other computer could reach the collector.
    #[error(
        "this collector has no address that other computers can reach: tell it one, as in \
         addresses = [\"office-pc.lan:7443\"] in collector.toml in its data directory, and start it again"
    )]
    OnlyLoopback,
    /// An address that cannot be handed out.
    #[error("the collector's address cannot be handed out; correct it in the configuration file")]
    Address(#[source] AddressError),
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The token could not be stored.
    #[error("the join string could not be stored")]
    NotStored(#[source] Box<WriteError<StoreError>>),
}

/// Makes join tokens. Clones share them.
#[derive(Clone)]
pub struct Tokens {
    store: Store,
    authority: Authority,
    log: Log,
    addresses: Vec<String>,
    clock: Clock,
}

impl Tokens {
    /// Makes tokens for a collector that is reached at some addresses, `host:port`.
    pub fn new(store: Store, authority: Authority, addresses: Vec<String>, clock: Clock) -> Self {
        Self {
            store,
            log: authority.log(),
            authority,
            addresses,
            clock,
        }
    }

    /// Makes a token. The join string is shown once; only a hash of its token is kept. Also says when it
    /// expires.
    pub async fn create(
        &self,
        new: NewToken,
        by: &Actor,
    ) -> Result<(JoinString, UnixMillis), TokenError> {
        check(&new)?;
        let addresses = self.addresses(new.for_this_computer)?;
        let now = self.clock.now();
        let expires_at = now.plus(new.expires_in);
        let record = TokenRecord {
            created_at: now.0,
            expires_at: expires_at.0,
            uses: new.uses,
            used: 0,
            labels: new.labels,
            networks: new.networks.iter().map(ToString::to_string).collect(),
            wait: new.wait.unwrap_or(new.uses > 1),
        };
        let token = Token::generate();
        let hash = Digest(token.hash());
        let (log, by) = (self.log.clone(), by.clone());
        self.store
            .write(move |txn| {
                let forgotten = now.minus(REMEMBERED).0;
                for (old, record) in txn.tokens()? {
                    if record.expires_at < forgotten {
                        txn.remove_token(&old);
                    }
                }
                txn.put_token(&hash, &record);
                let labels = record.labels.join(", ");
                let event = Event::new(LogAct::MadeToken).count(record.uses.into());
                log.note(txn, &by, event.detail(&labels))?;
                Ok(())
            })
            .await
            .map_err(|error| match error {
                WriteError::Change(own) => TokenError::Store(own),
                other => TokenError::NotStored(Box::new(other)),
            })?;
        let join_string = JoinString {
            addresses,
            pin: self.authority.root_pin(),
            token,
        };
        Ok((join_string, expires_at))
    }

    /// The addresses to hand out. Loopback leads nowhere on another computer.
    fn addresses(&self, for_this_computer: bool) -> Result<Vec<String>, TokenError> {
        let addresses: Vec<String> = self
            .addresses
            .iter()
            .filter(|address| for_this_computer || !is_only_here(address))
            .take(JoinString::ADDRESSES)
            .cloned()
            .collect();
        if addresses.is_empty() {
            return Err(TokenError::OnlyLoopback);
        }
        for address in &addresses {
            check_address(address).map_err(TokenError::Address)?;
        }
        Ok(addresses)
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("addresses", &self.addresses)
            .finish_non_exhaustive()
    }
}

fn check(new: &NewToken) -> Result<(), TokenError> {
    if !(1..=USES).contains(&new.uses) {
        return Err(TokenError::Uses { uses: new.uses });
    }
    if new.expires_in < Duration::from_secs(1) || new.expires_in > LONGEST {
        return Err(TokenError::Expiry);
    }
    let is_label = |label: &String| {
        (1..=LABEL_CHARACTERS).contains(&label.chars().count())
            && !label.chars().any(char::is_control)
    };
    if new.labels.len() > LABELS || !new.labels.iter().all(is_label) {
        return Err(TokenError::Labels);
    }
    if new.networks.len() > NETWORKS {
        return Err(TokenError::Networks);
    }
    Ok(())
}

/// Whether an address, `host:port`, means this computer wherever it is used.
fn is_only_here(address: &str) -> bool {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = host.parse::<IpAddr>() {
        let address = address.to_canonical();
        return address.is_loopback() || address.is_unspecified();
    }
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    host == "localhost" || host.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_recognised_in_every_spelling() {
        for address in [
            "localhost:7443",
            "LOCALHOST.:7443",
            "127.0.0.1:7443",
            "127.8.9.10:7443",
            "[::1]:7443",
            "[::ffff:127.0.0.1]:7443",
            "0.0.0.0:7443",
            "[::]:7443",
            "pc.localhost:7443",
        ] {
            assert!(is_only_here(address), "{address}");
        }
        for address in ["office-pc:7443", "192.168.1.2:7443", "[fd00::1]:7443"] {
            assert!(!is_only_here(address), "{address}");
        }
    }

    #[test]
    fn the_console_may_leave_everything_out() {
        let asked = NewToken::asked(0, 0, Vec::new(), &[], None).unwrap();
        assert_eq!(asked, NewToken::default());
        let networks = ["192.168.1.0/24".to_owned(), "fd00::1".to_owned()];
        let asked = NewToken::asked(2, 60, Vec::new(), &networks, Some(false)).unwrap();
        assert_eq!(asked.networks[1].to_string(), "fd00::1/128");
        assert!(NewToken::asked(1, 1, Vec::new(), &["office".to_owned()], None).is_err());
    }

    #[test]
    fn senseless_tokens_are_refused() {
        let refused = |new: NewToken| check(&new).unwrap_err().to_string();
        let good = NewToken::default;
        assert!(refused(NewToken { uses: 0, ..good() }).contains("not for 0"));
        let expires_in = Duration::ZERO;
        assert!(
            refused(NewToken {
                expires_in,
                ..good()
            })
            .contains("second")
        );
        for label in ["", "a\nb"] {
            let labels = vec![label.to_owned()];
            assert!(refused(NewToken { labels, ..good() }).contains("labels"));
        }
        assert!(check(&good()).is_ok());
    }
}
