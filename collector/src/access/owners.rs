//! The owners: how one sets a password with the console's code, signs in and out.

mod change;
mod code;
mod error;
mod password;
mod session;
mod throttle;

use std::{
    fmt,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;

pub use change::ChangeError;
pub use code::SetupCode;
use error::set_up_error;
pub use error::{OwnersError, SetUpError, SignInError, TooMany};
use password::Hasher;
pub use password::{HashError, SHORTEST as SHORTEST_PASSWORD, WeakPassword};
pub use session::{DEVICE, FormToken, IDLE, LONGEST, Session, SessionToken, SignedIn};
use throttle::{Lane, Throttle};

use crate::{
    clock::{Clock, UnixMillis},
    store::{
        Read as _, Store, StoreError, Txn, WriteError,
        record::{PersonRecord, PersonRole, SessionRecord, SetupCodeRecord},
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
    /// Name.
    pub name: String,
    /// When the password was set; `None` while there is none.
    pub password_set_at: Option<UnixMillis>,
    /// When access was last restored at the console, beyond the first set-up.
    pub reset_at: Option<UnixMillis>,
}

/// A session as the settings page shows one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSession {
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
pub struct Owners {
    store: Store,
    clock: Clock,
    hasher: Hasher,
    throttle: Arc<Mutex<Throttle>>,
}

impl Owners {
    /// Over a store.
    pub fn new(store: Store, clock: Clock) -> Self {
        Self {
            store,
            clock,
            hasher: Hasher::new(),
            throttle: Arc::default(),
        }
    }

    /// Whether an owner has set a password.
    pub fn set_up(&self) -> Result<bool, StoreError> {
        Ok(self.owner()?.is_some())
    }

    /// Makes a new one-time code that lets whoever reads it choose the owner's password. Replaces an
    /// earlier code. Only for the collector's console.
    pub async fn issue_code(&self) -> Result<(SetupCode, UnixMillis), OwnersError> {
        let code = SetupCode::random();
        let expires_at = self.clock.now().plus(CODE_LASTS);
        let record = SetupCodeRecord {
            hash: code.hash().as_bytes().to_vec(),
            expires_at: expires_at.0,
            failures: 0,
        };
        self.write(move |txn| {
            txn.put_setup_code(Some(&record));
            Ok::<(), StoreError>(())
        })
        .await
        .map_err(|error| OwnersError::Write(error.into()))?;
        Ok((code, expires_at))
    }

    /// Sets the owner's name and password by the console's code and signs in. Every earlier session ends.
    pub async fn choose_password(
        &self,
        code: &str,
        name: &str,
        password: SecretString,
        again: &SecretString,
        origin: &Origin,
    ) -> Result<SignedIn, SetUpError> {
        let now = self.clock.now();
        let lane = Lane::Stranger(origin.address);
        self.take(lane, now)?;
        let hash = SetupCode::typed(code).hash();
        self.try_code(hash, now).await?;
        self.give_back(lane, now);
        password::check(&password)?;
        if password.expose_secret() != again.expose_secret() {
            return Err(WeakPassword::Mismatch.into());
        }
        let password_hash = self.hasher.hash(password).await?;
        let previous = self.owner()?;
        let person = PersonRecord {
            id: previous.as_ref().map_or_else(
                || uuid::Uuid::new_v4().as_bytes().to_vec(),
                |previous| previous.id.clone(),
            ),
            name: person_name(name, previous.as_ref()),
            role: PersonRole::Owner.into(),
            password: password_hash,
            password_set_at: now.0,
            reset_at: previous.map_or(0, |_| now.0),
        };
        let (signed_in, record) = open(&person, origin, now);
        let session = signed_in.session.hash;
        self.store
            .write(move |txn| {
                // Checked again, alone: the code may have been used by somebody else meanwhile.
                check_code(txn.setup_code()?, &hash, now)?;
                for (other, _) in txn.sessions()? {
                    txn.remove_session(&other);
                }
                txn.put_person(&signed_id(&person), &person);
                txn.put_setup_code(None);
                txn.put_session(&session, &record);
                Ok(())
            })
            .await
            .map_err(set_up_error)?;
        tracing::info!(address = %origin.address, "the owner's password was set with a set-up code");
        Ok(signed_in)
    }

    /// Opens a session for whoever knows the owner's password.
    pub async fn sign_in(
        &self,
        password: SecretString,
        origin: &Origin,
    ) -> Result<SignedIn, SignInError> {
        let now = self.clock.now();
        let owner = self.owner()?.ok_or(SignInError::NotSetUp)?;
        let lane = lane(&owner, origin, now);
        self.take(lane, now)?;
        if !self.hasher.verify(password, owner.password.clone()).await? {
            tracing::warn!(address = %origin.address, "a sign-in failed");
            return Err(SignInError::WrongPassword);
        }
        self.give_back(lane, now);
        let (signed_in, record) = open(&owner, origin, now);
        let session = signed_in.session.hash;
        let (id, known) = (signed_id(&owner), owner.password);
        self.store
            .write_urgent(move |txn| {
                // Checked again, alone: the password may have been changed meanwhile.
                let present = txn.person(&id)?.ok_or(SignInError::WrongPassword)?;
                if present.password != known {
                    return Err(SignInError::WrongPassword);
                }
                for (other, old) in txn.sessions()? {
                    if ended(&old, now) {
                        txn.remove_session(&other);
                    }
                }
                txn.put_session(&session, &record);
                Ok(())
            })
            .await
            .map_err(|error| match error {
                WriteError::Change(error) => error,
                other => SignInError::Write(other.into()),
            })?;
        tracing::info!(address = %origin.address, "the owner signed in");
        Ok(signed_in)
    }

    /// The live session of a cookie's value, and notes that it was used.
    pub async fn session(&self, cookie: &str) -> Result<Option<Session>, StoreError> {
        let Some((session, mut record)) = self.look_up(cookie)? else {
            return Ok(None);
        };
        let now = self.clock.now();
        if now.since(UnixMillis(record.seen_at)) >= session::SEEN_EVERY {
            record.seen_at = now.0;
            let hash = session.hash;
            let noted = self
                .write(move |txn| {
                    // It may have been ended meanwhile: that must not bring it back.
                    if txn.session(&hash)?.is_some() {
                        txn.put_session(&hash, &record);
                    }
                    Ok::<(), StoreError>(())
                })
                .await;
            if let Err(error) = noted {
                tracing::warn!(%error, "the use of a session could not be noted");
            }
        }
        Ok(Some(session))
    }

    /// Whether a session is still good. Reads only.
    pub fn is_live(&self, session: &Session) -> Result<bool, StoreError> {
        let Some(record) = self.store.session(&session.hash)? else {
            return Ok(false);
        };
        self.is_good(&record)
    }

    /// Ends a session.
    pub async fn sign_out(&self, session: &Session) -> Result<(), OwnersError> {
        let hash = session.hash;
        self.write(move |txn| {
            txn.remove_session(&hash);
            Ok::<(), StoreError>(())
        })
        .await
        .map_err(|error| OwnersError::Write(error.into()))
    }

    /// Ends every session but this one.
    pub async fn sign_out_others(&self, session: &Session) -> Result<(), OwnersError> {
        let hash = session.hash;
        self.write(move |txn| {
            for (other, _) in txn.sessions()? {
                if other != hash {
                    txn.remove_session(&other);
                }
            }
            Ok::<(), StoreError>(())
        })
        .await
        .map_err(|error| OwnersError::Write(error.into()))
    }

    /// Everybody who may sign in.
    pub fn people(&self) -> Result<Vec<Person>, StoreError> {
        let people = self.store.people()?;
        let known = |at: i64| (at != 0).then_some(UnixMillis(at));
        Ok(people
            .into_iter()
            .map(|person| Person {
                name: person.name,
                password_set_at: known(person.password_set_at),
                reset_at: known(person.reset_at),
            })
            .collect())
    }

    /// Open sessions, the latest first.
    pub fn open_sessions(&self, asking: &Session) -> Result<Vec<OpenSession>, StoreError> {
        let mut open = Vec::new();
        for (hash, record) in self.store.sessions()? {
            if self.is_good(&record)? {
                open.push(OpenSession {
                    remote: record.remote,
                    browser: record.user_agent,
                    opened_at: UnixMillis(record.opened_at),
                    seen_at: UnixMillis(record.seen_at),
                    is_this: hash == asking.hash,
                });
            }
        }
        open.sort_by_key(|session| std::cmp::Reverse(session.opened_at));
        Ok(open)
    }

    fn look_up(&self, cookie: &str) -> Result<Option<(Session, SessionRecord)>, StoreError> {
        let Some(token) = SessionToken::decode(cookie) else {
            return Ok(None);
        };
        let Some(record) = self.store.session(&token.hash())? else {
            return Ok(None);
        };
        if !self.is_good(&record)? {
            return Ok(None);
        }
        let Some(person) = self.person_of(&record)? else {
            return Ok(None);
        };
        let session = Session::new(
            &token,
            PersonId(signed_id(&person)),
            person.name,
            UnixMillis(record.opened_at),
            UnixMillis(record.expires_at),
        );
        Ok(Some((session, record)))
    }

    fn is_good(&self, record: &SessionRecord) -> Result<bool, StoreError> {
        if ended(record, self.clock.now()) {
            return Ok(false);
        }
        Ok(self
            .person_of(record)?
            .is_some_and(|person| record.opened_at >= person.password_set_at))
    }

    fn person_of(&self, record: &SessionRecord) -> Result<Option<PersonRecord>, StoreError> {
        match <[u8; 16]>::try_from(record.person.as_slice()) {
            Ok(id) => self.store.person(&id),
            Err(_) => Ok(None),
        }
    }

    /// The owner with a password. With several, the one who set it first.
    fn owner(&self) -> Result<Option<PersonRecord>, StoreError> {
        Ok(self
            .store
            .people()?
            .into_iter()
            .filter(|person| person.role == i32::from(PersonRole::Owner))
            .filter(|person| !person.password.is_empty())
            .min_by_key(|person| person.password_set_at))
    }

    /// Compares a code with the one outstanding and counts a wrong one.
    async fn try_code(&self, hash: crate::id::Digest, now: UnixMillis) -> Result<(), SetUpError> {
        match check_code(self.store.setup_code()?, &hash, now) {
            Err(SetUpError::WrongCode) => {}
            other => return other,
        }
        self.write(|txn| {
            if let Some(mut code) = txn.setup_code()? {
                code.failures = code.failures.saturating_add(1);
                txn.put_setup_code(Some(&code));
            }
            Ok::<(), StoreError>(())
        })
        .await
        .map_err(|error| SetUpError::Write(error.into()))?;
        tracing::warn!("a wrong set-up code was entered");
        Err(SetUpError::WrongCode)
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

impl fmt::Debug for Owners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Owners")
    }
}

/// A new session and its record. Always a fresh secret: what the browser held before plays no part.
fn open(person: &PersonRecord, origin: &Origin, now: UnixMillis) -> (SignedIn, SessionRecord) {
    let token = SessionToken::random();
    let id = PersonId(signed_id(person));
    let expires_at = now.plus(LONGEST);
    let session = Session::new(&token, id, person.name.clone(), now, expires_at);
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

fn ended(record: &SessionRecord, now: UnixMillis) -> bool {
    record.expires_at <= now.0 || now.since(UnixMillis(record.seen_at)) >= IDLE
}

fn lane(owner: &PersonRecord, origin: &Origin, now: UnixMillis) -> Lane {
    let person = PersonId(signed_id(owner));
    session::known_device(&origin.device, &owner.password, person, now)
        .map_or(Lane::Stranger(origin.address), Lane::Known)
}

fn check_code(
    code: Option<SetupCodeRecord>,
    hash: &crate::id::Digest,
    now: UnixMillis,
) -> Result<(), SetUpError> {
    let code = code.ok_or(SetUpError::NoCode)?;
    if code.expires_at <= now.0 || code.failures >= CODE_FAILURES {
        return Err(SetUpError::Spent);
    }
    if bool::from(code.hash.as_slice().ct_eq(hash.as_bytes())) {
        Ok(())
    } else {
        Err(SetUpError::WrongCode)
    }
}

fn person_name(name: &str, previous: Option<&PersonRecord>) -> String {
    let name: String = name.trim().chars().take(LONGEST_NAME).collect();
    match (name.is_empty(), previous) {
        (false, _) => name,
        (true, Some(previous)) => previous.name.clone(),
        (true, None) => "Owner".to_owned(),
    }
}

/// A person's id; ours always has 16 bytes.
fn signed_id(person: &PersonRecord) -> [u8; 16] {
    person.id.as_slice().try_into().unwrap_or_default()
}
