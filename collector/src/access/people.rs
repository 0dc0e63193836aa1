//! The people who may sign in: how one sets a password with the console's code, signs in and out.
//!
//! The time that an answer takes must tell nothing of a secret:
//!
//! | secret | random bits | how it is checked |
//! |---|---|---|
//! | cookie of a session, link of an invitation, one-time code of a device (and a join string's token) | 256 | looked up by a hash of all of it: one that is almost right leads elsewhere |
//! | set-up code, recovery codes | 49 | hashes are compared in constant time, all of them; few failures are allowed |
//! | token of a form, sealed secret of an authenticator, key of a device, proof of a known browser | 256 | compared in constant time |
//! | password | | Argon2id, also for an address that nobody signs in with |

mod change;
mod code;
mod delegates;
mod device;
mod error;
mod factor;
mod failures;
mod invitation;
mod owners;
mod password;
mod role;
mod second;
#[cfg(test)]
mod secrets;
mod session;
mod sessions;
mod set_up;
mod sign_in;
mod technicians;
mod throttle;

use std::{
    fmt,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

pub use change::ChangeError;
pub use code::SetupCode;
pub use device::{
    DEVICE_AWAY, DEVICE_CODE_LASTS, Device, DeviceCode, DeviceCodeError, DeviceError,
    DeviceRefusal, Reader,
};
pub use error::{PeopleError, SetUpError, SignInError, TooMany};
pub use factor::TotpSecret;
use failures::Failures;
pub use invitation::{
    Acceptance, Accepted, INVITATION_LASTS, Invitation, InvitationError, InvitationToken, Invited,
};
pub use owners::OwnerError;
use password::Hasher;
pub use password::{HashError, SHORTEST as SHORTEST_PASSWORD, WeakPassword};
pub use role::{Delegation, Role};
pub use second::FactorError;
pub use session::{DEVICE, FormToken, IDLE, LONGEST, Session, SessionToken, SignedIn};
pub use technicians::Technician;
use throttle::{Lane, Throttle};

use zeroize::Zeroizing;

use crate::{
    audit::Log,
    authority::Revocations,
    clock::{Clock, UnixMillis},
    store::{
        Store, StoreError, Txn, WriteError,
        record::{PersonRecord, SessionRecord},
    },
};

/// How long a set-up code is good for.
pub const CODE_LASTS: Duration = Duration::from_secs(24 * 60 * 60);

/// Wrong codes after which a set-up code is worthless.
pub const CODE_FAILURES: u32 = 20;

/// Longest name of a person, in characters.
const LONGEST_NAME: usize = 60;

/// How much of a browser's own name is kept, in characters.
const LONGEST_BROWSER: usize = 160;

/// A person who signs in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(pub [u8; 16]);

impl fmt::Debug for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&uuid::Uuid::from_bytes(self.0), f)
    }
}

/// Where an attempt comes from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Address.
    pub address: IpAddr,
    /// What the browser calls itself; kept, shortened, to recognise the session by.
    pub browser: String,
    /// Value of the cookie that proves that this browser has signed in before; empty when it has none.
    pub device: String,
}

/// A person as the settings page shows one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Identifier.
    pub id: PersonId,
    /// Name.
    pub name: String,
    /// E-mail address; empty for the owner who set the collector up.
    pub email: String,
    /// A second factor is asked for.
    pub has_factor: bool,
    /// When the password was set; `None` while there is none.
    pub password_set_at: Option<UnixMillis>,
    /// When access was last restored at the console, beyond the first set-up.
    pub reset_at: Option<UnixMillis>,
}

/// A session as the settings page shows one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSession {
    /// What it is called, to end it. Gives nothing away.
    pub id: String,
    /// Whose it is.
    pub name: String,
    /// Address it was opened from.
    pub remote: String,
    /// What the browser called itself.
    pub browser: String,
    /// When it was opened.
    pub opened_at: UnixMillis,
    /// When it was last used, give or take a few minutes.
    pub seen_at: UnixMillis,
    /// It is the session that asks.
    pub is_this: bool,
}

/// Sets passwords, opens and ends sessions. Clones share their limits.
#[derive(Clone)]
pub struct People {
    store: Store,
    log: Log,
    clock: Clock,
    hasher: Hasher,
    throttle: Arc<Mutex<Throttle>>,
    failures: Arc<Failures>,
    /// Who was ended, also for the day an old backup is restored.
    revocations: Option<Revocations>,
    /// Seals what a form carries until it comes back.
    seal: Arc<Zeroizing<[u8; 32]>>,
}

impl People {
    /// Over a store.
    pub fn new(store: Store, log: Log) -> Self {
        Self {
            store,
            clock: log.clock().clone(),
            log,
            hasher: Hasher::new(),
            throttle: Arc::default(),
            failures: Arc::default(),
            revocations: None,
            seal: Arc::new(Zeroizing::new(rand::random())),
        }
    }

    /// The same, noting who is ended where an old backup does not bring anybody back.
    #[must_use]
    pub fn noting_in(self, revocations: Revocations) -> Self {
        Self {
            revocations: Some(revocations),
            ..self
        }
    }

    async fn ended_for_good(&self, id: PersonId) {
        if let Some(revocations) = &self.revocations {
            revocations.add_ended(id.0, self.clock.now()).await;
        }
    }

    fn take(&self, lane: Lane, now: UnixMillis) -> Result<(), TooMany> {
        let mut throttle = self.throttle.lock().unwrap_or_else(PoisonError::into_inner);
        throttle.take(lane, now).map_err(|wait| TooMany { wait })
    }

    fn give_back(&self, lane: Lane, now: UnixMillis) {
        let mut throttle = self.throttle.lock().unwrap_or_else(PoisonError::into_inner);
        throttle.give_back(lane, now);
    }

    /// Urgent: the owner must get in to shut others out, also while the disk is nearly full.
    async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Txn) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, WriteError<StoreError>> {
        self.store.write_urgent(change).await
    }
}

impl fmt::Debug for People {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("People")
    }
}

/// A new session and its record. Always a fresh secret: what the browser held before plays no part.
fn open(
    person: &PersonRecord,
    role: Role,
    origin: &Origin,
    now: UnixMillis,
) -> (SignedIn, SessionRecord) {
    let token = SessionToken::random();
    let id = PersonId(signed_id(person));
    let expires_at = now.plus(LONGEST);
    let session = Session::new(&token, person, role, now, expires_at);
    let record = SessionRecord {
        person: person.id.clone(),
        opened_at: now.0,
        expires_at: expires_at.0,
        remote: origin.address.to_canonical().to_string(),
        user_agent: origin.browser.chars().take(LONGEST_BROWSER).collect(),
        seen_at: now.0,
    };
    let signed_in = SignedIn {
        token,
        device: session::device(&person.password, id, now),
        session,
    };
    (signed_in, record)
}

fn lane(owner: &PersonRecord, origin: &Origin, now: UnixMillis) -> Lane {
    let person = PersonId(signed_id(owner));
    session::known_device(&origin.device, &owner.password, person, now)
        .map_or(Lane::Stranger(origin.address), Lane::Known)
}

/// An e-mail address as it is compared.
fn normalised(email: &str) -> String {
    email.trim().to_lowercase()
}

/// A person's id; ours always has 16 bytes.
fn signed_id(person: &PersonRecord) -> [u8; 16] {
    person.id.as_slice().try_into().unwrap_or_default()
}
