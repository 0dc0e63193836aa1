//! Invitations: a link that lets one named person choose a password and a second factor, once.

mod error;
mod making;
mod token;

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

pub(super) use self::making::withdraw;
pub use self::{error::InvitationError, making::Invited, token::InvitationToken};

use super::{
    Origin, People, PersonId, Role, SetupCode, SignedIn, TotpSecret, WeakPassword, factor, open,
    password, signed_id,
};
use crate::{
    access::{Grant, GrantId, GrantState},
    audit::Event,
    clock::UnixMillis,
    id::Digest,
    store::{
        Read as _, Txn, WriteError,
        record::{InvitationRecord, LogAct, PersonRecord, PersonRole},
    },
};

/// How long an invitation is good for.
pub const INVITATION_LASTS: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What an invitation is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Name of whom it is for.
    pub name: String,
    /// E-mail address of whom it is for.
    pub email: String,
    /// When it expires.
    pub expires_at: UnixMillis,
    /// What it leads to; `None` for an owner's.
    pub grant: Option<Grant>,
    /// The person may invite colleagues.
    pub leads: bool,
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
    /// What an invitation is for. Reads only: looking at a link does not use it up.
    pub fn invitation(&self, token: &InvitationToken) -> Result<Invitation, InvitationError> {
        let now = self.clock.now();
        let record = open_invitation(self.store.invitation(&token.hash())?, now)?;
        let grant = if record.owner {
            None
        } else {
            Some(holding(&self.store, &record.grant, now)?)
        };
        Ok(Invitation {
            leads: record.leads,
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
        self.unsealed_for(sealed, &token.hash())
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
        password::check(&form.password)?;
        if form.password.expose_secret() != form.again.expose_secret() {
            return Err(WeakPassword::Mismatch.into());
        }
        let step = match invitation.grant {
            None => None,
            Some(_) => Some(self.taken_up(&form, token, now)?),
        };
        let password = form.password;
        let known = self.by_email(&invitation.email)?;
        let known = known.filter(|known| known.role() == PersonRole::Delegate);
        let id = known.map_or_else(
            || uuid::Uuid::new_v4().into_bytes(),
            |known| signed_id(&known),
        );
        let person = PersonRecord {
            id: id.to_vec(),
            name: invitation.name,
            role: match invitation.grant {
                None => PersonRole::Owner.into(),
                Some(_) => PersonRole::Delegate.into(),
            },
            password: self.hasher.hash(password).await?,
            password_set_at: now.0,
            email: invitation.email,
            grant: invitation
                .grant
                .as_ref()
                .map(|grant| grant.id.0.to_vec())
                .unwrap_or_default(),
            leads: invitation.leads,
            ..PersonRecord::default()
        };
        let (recovery, factor) = match step {
            Some((secret, step)) => {
                let (codes, factor) = factor::begun(&secret, step, PersonId(id));
                (codes, Some(factor))
            }
            None => (Vec::new(), None),
        };
        let role = match invitation.grant {
            None => Role::Owner,
            Some(grant) => Role::Delegate(super::role::delegation(grant, invitation.leads)),
        };
        let (signed_in, session) = open(&person, role, origin, now);
        let (hash, opened) = (token.hash(), signed_in.session.hash);
        let (log, by) = (self.log.clone(), signed_in.session.actor(origin.address));
        self.change(move |txn| {
            use_up(txn, &hash, &person, now)?;
            txn.put_person(&id, &person);
            txn.put_factor(&id, factor.as_ref());
            txn.put_session(&opened, &session);
            log.note(txn, &by, Event::new(LogAct::AcceptedInvitation))?;
            Ok(())
        })
        .await?;
        tracing::info!(address = %origin.address, "somebody accepted an invitation");
        Ok(Accepted {
            signed_in,
            recovery,
        })
    }

    /// The secret that a form brought back, and which code of it proves that it was taken up.
    fn taken_up(
        &self,
        form: &Acceptance,
        token: &InvitationToken,
        now: UnixMillis,
    ) -> Result<(TotpSecret, u64), InvitationError> {
        let secret = self.unsealed(&form.sealed, token);
        let secret = secret.ok_or(InvitationError::Stale)?;
        let code: String = form.code.chars().filter(|c| !c.is_whitespace()).collect();
        let step = secret.check(&code, now, 0).ok_or(InvitationError::Code)?;
        Ok((secret, step))
    }

    /// A secret as the form of an invitation carries it.
    pub fn sealed(&self, secret: &TotpSecret, token: &InvitationToken) -> Zeroizing<String> {
        self.sealed_for(secret, &token.hash())
    }

    /// A secret as a form carries it that belongs to whatever has this hash.
    pub(super) fn sealed_for(&self, secret: &TotpSecret, to: &Digest) -> Zeroizing<String> {
        let mut hasher = blake3::Hasher::new_keyed(&self.seal);
        hasher.update(to.as_bytes()).update(secret.as_bytes());
        let mac = URL_SAFE_NO_PAD.encode(hasher.finalize().as_bytes());
        Zeroizing::new(format!("{}.{mac}", *secret.base32()))
    }

    /// The secret that a form brought back which belongs to whatever has this hash.
    pub(super) fn unsealed_for(&self, sealed: &str, to: &Digest) -> Option<TotpSecret> {
        use subtle::ConstantTimeEq as _;
        let (secret, _) = sealed.split_once('.')?;
        let secret = TotpSecret::from_base32(secret)?;
        let expected = self.sealed_for(&secret, to);
        bool::from(expected.as_bytes().ct_eq(sealed.as_bytes())).then_some(secret)
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
    if !invitation.owner {
        holding(txn, &invitation.grant, now)?;
    }
    let grant = (!invitation.owner).then(|| GrantId(grant_of(person)));
    refuse_taken(txn, &person.email, grant, now)?;
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

/// Refuses an e-mail address of an owner, or of somebody who reads under another grant that is not over: who signs in
/// with it must be one person.
fn refuse_taken(
    txn: &Txn,
    email: &str,
    grant: Option<GrantId>,
    now: UnixMillis,
) -> Result<(), InvitationError> {
    for person in txn.people()? {
        let same = person.ended_at == 0 && person.email == email;
        if !same || grant.is_some_and(|grant| person.grant == grant.0) {
            continue;
        }
        if person.role() == PersonRole::Owner {
            return Err(InvitationError::Taken);
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
