//! Making invitations: by owners and the console for anybody, by a technician who may for colleagues.

use std::time::Duration;

use super::{
    super::{LONGEST_NAME, People, PersonId, Session, normalised},
    INVITATION_LASTS, InvitationError, InvitationToken, holding, refuse_taken,
};
use crate::{
    access::GrantId,
    audit::{Actor, Event},
    clock::UnixMillis,
    store::{
        Read as _, StoreError, Txn,
        record::{InvitationRecord, LogAct},
    },
};

/// How long one that is over is remembered, to say so.
const REMEMBERED: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Invitations outstanding at once.
const OUTSTANDING: usize = 1000;

/// Invitations of one grant that were not accepted, after which a colleague can make no more.
const LED: usize = 10;

/// Longest e-mail address, in characters.
const LONGEST_EMAIL: usize = 120;

/// What somebody is invited to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invited {
    /// An owner, like the one who invites.
    Owner,
    /// A technician under a grant.
    Technician {
        /// The grant.
        grant: GrantId,
        /// Who may invite colleagues under the same grant.
        leads: bool,
    },
}

impl From<GrantId> for Invited {
    fn from(grant: GrantId) -> Self {
        Self::Technician {
            grant,
            leads: false,
        }
    }
}

impl Invited {
    fn grant(self) -> Option<GrantId> {
        match self {
            Self::Owner => None,
            Self::Technician { grant, .. } => Some(grant),
        }
    }
}

impl People {
    /// Invites a technician, or another owner. The link's secret is told once. Somebody who reads under this grant
    /// already gets a new password and second factor by it. Only for owners and the console.
    pub async fn invite(
        &self,
        to: impl Into<Invited>,
        name: &str,
        email: &str,
        by: &Actor,
    ) -> Result<(InvitationToken, UnixMillis), InvitationError> {
        self.make_invitation(to.into(), name, email, by, |_| Ok(()))
            .await
    }

    /// Invites a colleague under the own grant, which only who may is allowed.
    pub async fn invite_colleague(
        &self,
        session: &Session,
        name: &str,
        email: &str,
        by: &Actor,
    ) -> Result<(InvitationToken, UnixMillis), InvitationError> {
        let under = session.delegation().ok_or(InvitationError::NotLead)?;
        let (id, grant, wanted) = (session.person.0, under.grant, normalised(email));
        let now = self.clock.now();
        // Decided alone: the owner may have thought otherwise meanwhile.
        let allowed = move |txn: &Txn| {
            let person = txn.person(&id)?.ok_or(InvitationError::NotLead)?;
            let leads = person.leads && person.ended_at == 0 && person.grant == grant.0;
            if !leads {
                return Err(InvitationError::NotLead);
            }
            refuse_known(txn, &wanted, id, now)?;
            let open = txn.invitations()?;
            let open = open
                .iter()
                .filter(|(_, invitation)| invitation.grant == grant.0 && is_open(invitation, now));
            if open.count() >= LED {
                return Err(InvitationError::TooMany);
            }
            Ok(())
        };
        self.make_invitation(grant.into(), name, email, by, allowed)
            .await
    }

    async fn make_invitation(
        &self,
        to: Invited,
        name: &str,
        email: &str,
        by: &Actor,
        allowed: impl FnOnce(&Txn) -> Result<(), InvitationError> + Send + 'static,
    ) -> Result<(InvitationToken, UnixMillis), InvitationError> {
        let (name, email) = (checked_name(name)?, checked_email(email)?);
        let now = self.clock.now();
        let expires_at = now.plus(INVITATION_LASTS);
        let grant = to.grant();
        let record = InvitationRecord {
            grant: grant.map(|grant| grant.0.to_vec()).unwrap_or_default(),
            name: name.clone(),
            email: email.clone(),
            created_at: now.0,
            expires_at: expires_at.0,
            used_at: 0,
            owner: to == Invited::Owner,
            by: by.person.map(|id| id.0.to_vec()).unwrap_or_default(),
            leads: matches!(to, Invited::Technician { leads: true, .. }),
        };
        let token = InvitationToken::random();
        let hash = token.hash();
        let (log, by) = (self.log.clone(), by.clone());
        let act = match to {
            Invited::Owner => LogAct::InvitedOwner,
            Invited::Technician { .. } => LogAct::Invited,
        };
        let mut event = Event::new(act).subject(&name).detail(&email);
        event.grant = grant;
        self.change(move |txn| {
            allowed(txn)?;
            if let Some(grant) = grant {
                holding(txn, &grant.0, now)?;
            }
            refuse_taken(txn, &email, grant, now)?;
            let forgotten = now.minus(REMEMBERED).0;
            let mut outstanding = 0;
            for (old, invitation) in txn.invitations()? {
                // A new invitation takes the place of one that the same person has not accepted.
                let replaced = invitation.used_at == 0
                    && invitation.email == email
                    && invitation.grant == record.grant;
                if replaced || invitation.expires_at < forgotten {
                    txn.remove_invitation(&old);
                } else if is_open(&invitation, now) {
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
}

/// Forgets what somebody has invited others to who did not accept yet: whoever is shut out must not come back by that.
pub(in crate::access::people) fn withdraw(txn: &mut Txn, by: PersonId) -> Result<(), StoreError> {
    for (hash, invitation) in txn.invitations()? {
        if invitation.by == by.0 && invitation.used_at == 0 {
            txn.remove_invitation(&hash);
        }
    }
    Ok(())
}

/// Refuses an e-mail address of somebody who signs in, or whom somebody else has invited: whoever makes a link sees it,
/// and could become that person with it.
fn refuse_known(
    txn: &Txn,
    email: &str,
    by: [u8; 16],
    now: UnixMillis,
) -> Result<(), InvitationError> {
    let people = txn.people()?;
    let signs_in = people
        .iter()
        .any(|person| person.ended_at == 0 && person.email == email);
    let invitations = txn.invitations()?;
    let invited = invitations.iter().any(|(_, invitation)| {
        invitation.email == email && is_open(invitation, now) && invitation.by != by
    });
    if signs_in || invited {
        Err(InvitationError::Taken)
    } else {
        Ok(())
    }
}

/// Whether an invitation can still be accepted.
fn is_open(invitation: &InvitationRecord, now: UnixMillis) -> bool {
    invitation.used_at == 0 && invitation.expires_at > now.0
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
