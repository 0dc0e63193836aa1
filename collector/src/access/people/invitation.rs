//! Invitations: a link that lets one named person choose a password and a second factor, once.

mod error;
mod token;

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

pub use self::{error::InvitationError, token::InvitationToken};

use super::{
    LONGEST_NAME, Origin, People, PersonId, Role, SetupCode, SignedIn, TotpSecret, WeakPassword,
    factor::{self, Proof},
    normalised, open, password, signed_id,
};
use crate::{
    access::{Grant, GrantId, GrantState},
    audit::{Actor, Event},
    clock::UnixMillis,
    id::Digest,
    store::{
        Read as _, Txn, WriteError,
        record::{FactorRecord, InvitationRecord, LogAct, PersonRecord, PersonRole},
    },
};

/// How long an invitation is good for.
pub const INVITATION_LASTS: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How long one that is over is remembered, to say so.
const REMEMBERED: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Invitations outstanding at once.
const OUTSTANDING: usize = 1000;

/// Longest e-mail address, in characters.
const LONGEST_EMAIL: usize = 120;

/// What an invitation is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Name of whom it is for.
    pub name: String,
    /// E-mail address of whom it is for.
    pub email: String,
    /// When it expires.
    pub expires_at: UnixMillis,
    /// What it leads to.
    pub grant: Grant,
}

/// What comes back with the form of an invitation.
#[derive(Debug)]
pub struct Acceptance {
    /// The password.
    pub password: SecretString,
    /// Once more.
    pub again: SecretString,
    /// The sealed secret of the second factor, as the page carried it.
    pub sealed: String,
    /// The authenticator's code.
    pub code: String,
}

/// An invitation that was accepted.
#[derive(Debug)]
pub struct Accepted {
    /// The person is signed in.
    pub signed_in: SignedIn,
    /// Codes for the day the authenticator is lost. Shown once.
    pub recovery: Vec<SetupCode>,
}

impl People {
    /// Invites a technician. The link's secret is told once. Somebody who reads under this grant already gets
    /// a new password and second factor by it.
    pub async fn invite(
        &self,
        grant: GrantId,
        name: &str,
        email: &str,
        by: &Actor,
    ) -> Result<(InvitationToken, UnixMillis), InvitationError> {
        let (name, email) = (checked_name(name)?, checked_email(email)?);
        let now = self.clock.now();
        let expires_at = now.plus(INVITATION_LASTS);
        let record = InvitationRecord {
            grant: grant.0.to_vec(),
            name: name.clone(),
            email: email.clone(),
            created_at: now.0,
            expires_at: expires_at.0,
            used_at: 0,
        };
        let token = InvitationToken::random();
        let hash = token.hash();
        let (log, by) = (self.log.clone(), by.clone());
        let event = Event::new(LogAct::Invited)
            .grant(grant)
            .subject(&name)
            .detail(&email);
        self.change(move |txn| {
            holding(txn, &grant.0, now)?;
            refuse_taken(txn, &email, grant, now)?;
            let forgotten = now.minus(REMEMBERED).0;
            let mut outstanding = 0;
            for (old, invitation) in txn.invitations()? {
                // A new invitation takes the place of one that the same person has not accepted.
                let replaced = invitation.used_at == 0
                    && invitation.email == email
                    && invitation.grant == grant.0;
                if replaced || invitation.expires_at < forgotten {
                    txn.remove_invitation(&old);
                } else if invitation.used_at == 0 && invitation.expires_at > now.0 {
                    outstanding += 1;
                }
            }
            if outstanding >= OUTSTANDING {
                return Err(InvitationError::TooMany);
            }
            txn.put_invitation(&hash, &record);
            log.note(txn, &by, event)?;
            Ok(())
        })
        .await?;
        Ok((token, expires_at))
    }

    /// What an invitation is for. Reads only: looking at a link does not use it up.
    pub fn invitation(&self, token: &InvitationToken) -> Result<Invitation, InvitationError> {
        let now = self.clock.now();
        let record = open_invitation(self.store.invitation(&token.hash())?, now)?;
        let grant = holding(&self.store, &record.grant, now)?;
        Ok(Invitation {
            name: record.name,
            email: record.email,
            expires_at: UnixMillis(record.expires_at),
            grant,
        })
    }

    /// A new secret for the second factor, and the same sealed for the form of this invitation.
    pub fn new_secret(&self, token: &InvitationToken) -> (TotpSecret, Zeroizing<String>) {
        let secret = TotpSecret::random();
        let sealed = self.sealed(&secret, token);
        (secret, sealed)
    }

    /// The secret that a form brought back, if this collector sealed it for this invitation.
    pub fn unsealed(&self, sealed: &str, token: &InvitationToken) -> Option<TotpSecret> {
        use subtle::ConstantTimeEq as _;
        let (secret, _) = sealed.split_once('.')?;
        let secret = TotpSecret::from_base32(secret)?;
        let expected = self.sealed(&secret, token);
        bool::from(expected.as_bytes().ct_eq(sealed.as_bytes())).then_some(secret)
    }

    /// Accepts an invitation: the person exists from then on, and is signed in.
    pub async fn accept(
        &self,
        token: &InvitationToken,
        form: Acceptance,
        origin: &Origin,
    ) -> Result<Accepted, InvitationError> {
        let now = self.clock.now();
        let invitation = self.invitation(token)?;
        let secret = self
            .unsealed(&form.sealed, token)
            .ok_or(InvitationError::Stale)?;
        password::check(&form.password)?;
        if form.password.expose_secret() != form.again.expose_secret() {
            return Err(WeakPassword::Mismatch.into());
        }
        let code: String = form.code.chars().filter(|c| !c.is_whitespace()).collect();
        let step = secret.check(&code, now, 0).ok_or(InvitationError::Code)?;
        let known = self.delegate(&invitation.email)?;
        let id = known.map_or_else(
            || uuid::Uuid::new_v4().into_bytes(),
            |known| signed_id(&known),
        );
        let person = PersonRecord {
            id: id.to_vec(),
            name: invitation.name,
            role: PersonRole::Delegate.into(),
            password: self.hasher.hash(form.password).await?,
            password_set_at: now.0,
            email: invitation.email,
            grant: invitation.grant.id.0.to_vec(),
            ..PersonRecord::default()
        };
        let (recovery, hashes) = factor::recovery_codes(PersonId(id));
        let mut factor = FactorRecord {
            secret: secret.as_bytes().to_vec(),
            recovery: hashes,
            ..FactorRecord::default()
        };
        factor::consume(&mut factor, Proof::Step(step));
        let role = Role::Delegate(super::role::delegation(invitation.grant));
        let (signed_in, session) = open(&person, role, origin, now);
        let (hash, opened) = (token.hash(), signed_in.session.hash);
        let (log, by) = (self.log.clone(), signed_in.session.actor(origin.address));
        self.change(move |txn| {
            use_up(txn, &hash, &person, now)?;
            txn.put_person(&id, &person);
            txn.put_factor(&id, Some(&factor));
            txn.put_session(&opened, &session);
            log.note(txn, &by, Event::new(LogAct::AcceptedInvitation))?;
            Ok(())
        })
        .await?;
        tracing::info!(address = %origin.address, "a technician accepted an invitation");
        Ok(Accepted {
            signed_in,
            recovery,
        })
    }

    /// A secret as the form of an invitation carries it.
    pub fn sealed(&self, secret: &TotpSecret, token: &InvitationToken) -> Zeroizing<String> {
        let mut hasher = blake3::Hasher::new_keyed(&self.seal);
        hasher
            .update(token.hash().as_bytes())
            .update(secret.as_bytes());
        let mac = URL_SAFE_NO_PAD.encode(hasher.finalize().as_bytes());
        Zeroizing::new(format!("{}.{mac}", *secret.base32()))
    }

    async fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Txn) -> Result<T, InvitationError> + Send + 'static,
    ) -> Result<T, InvitationError> {
        self.store.write(change).await.map_err(|error| match error {
            WriteError::Change(error) => error,
            other => InvitationError::Write(other.into()),
        })
    }
}

/// Uses an invitation up, and ends what sessions the person had. Checks everything again, alone: somebody else may
/// have been quicker, or the owner thought otherwise.
fn use_up(
    txn: &mut Txn,
    hash: &Digest,
    person: &PersonRecord,
    now: UnixMillis,
) -> Result<(), InvitationError> {
    let mut invitation = open_invitation(txn.invitation(hash)?, now)?;
    holding(txn, &invitation.grant, now)?;
    refuse_taken(txn, &person.email, GrantId(grant_of(person)), now)?;
    invitation.used_at = now.0;
    txn.put_invitation(hash, &invitation);
    for (other, old) in txn.sessions()? {
        if old.person == person.id {
            txn.remove_session(&other);
        }
    }
    Ok(())
}

/// An invitation that can still be accepted.
fn open_invitation(
    found: Option<InvitationRecord>,
    now: UnixMillis,
) -> Result<InvitationRecord, InvitationError> {
    let invitation = found.ok_or(InvitationError::Unknown)?;
    if invitation.used_at != 0 {
        Err(InvitationError::Used)
    } else if invitation.expires_at <= now.0 {
        Err(InvitationError::Expired)
    } else {
        Ok(invitation)
    }
}

/// The grant, if it holds.
fn holding(
    store: &impl crate::store::Read,
    id: &[u8],
    now: UnixMillis,
) -> Result<Grant, InvitationError> {
    let id: [u8; 16] = id.try_into().map_err(|_| InvitationError::Unknown)?;
    let record = store.grant(&id)?.ok_or(InvitationError::Unknown)?;
    let grant = Grant::new(&record).ok_or(InvitationError::Unknown)?;
    match grant.state(now) {
        GrantState::Active => Ok(grant),
        over => Err(InvitationError::Over(over)),
    }
}

/// Refuses an e-mail address of somebody who reads under another grant that is not over.
fn refuse_taken(
    txn: &Txn,
    email: &str,
    grant: GrantId,
    now: UnixMillis,
) -> Result<(), InvitationError> {
    for person in txn.people()? {
        let reads = person.role() == PersonRole::Delegate && person.ended_at == 0;
        if !reads || person.email != email || person.grant == grant.0 {
            continue;
        }
        let other = txn.grant(&grant_of(&person))?.as_ref().and_then(Grant::new);
        let state = other.map(|other| other.state(now));
        if matches!(state, Some(GrantState::Active | GrantState::Suspended)) {
            return Err(InvitationError::Taken);
        }
    }
    Ok(())
}

fn grant_of(person: &PersonRecord) -> [u8; 16] {
    person.grant.as_slice().try_into().unwrap_or_default()
}

fn checked_name(name: &str) -> Result<String, InvitationError> {
    let name = name.trim();
    let fits = (1..=LONGEST_NAME).contains(&name.chars().count());
    if fits && !name.chars().any(char::is_control) {
        Ok(name.to_owned())
    } else {
        Err(InvitationError::Name)
    }
}

fn checked_email(email: &str) -> Result<String, InvitationError> {
    let email = normalised(email);
    let plain = email
        .chars()
        .all(|c| !c.is_control() && !c.is_whitespace() && !"<>\",;:".contains(c));
    let parts = email.split_once('@');
    let whole = parts
        .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
    if plain && whole && email.chars().count() <= LONGEST_EMAIL {
        Ok(email)
    } else {
        Err(InvitationError::Email)
    }
}
