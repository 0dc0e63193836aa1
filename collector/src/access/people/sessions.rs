//! What becomes of a session once it was opened.

use std::net::IpAddr;

use super::{
    OpenSession, People, PeopleError, PersonId, Role,
    role::Standing,
    session::{self, IDLE, Session, SessionToken},
};
use crate::{
    access::GrantId,
    audit::Event,
    clock::UnixMillis,
    id::Digest,
    store::{
        Read as _, StoreError, Txn,
        record::{LogAct, PersonRecord, SessionRecord},
    },
};

impl People {
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

    /// The session as it stands now; `None` once it has ended. What it may read can have changed. Reads only.
    pub fn current(&self, session: &Session) -> Result<Option<Session>, StoreError> {
        let Some(record) = self.store.session(&session.hash)? else {
            return Ok(None);
        };
        let Some((person, role)) = self.good(&record)? else {
            return Ok(None);
        };
        Ok(Some(Session {
            name: person.name,
            role,
            ..session.clone()
        }))
    }

    /// Ends a session.
    pub async fn sign_out(&self, session: &Session) -> Result<(), PeopleError> {
        let hash = session.hash;
        self.write(move |txn| {
            txn.remove_session(&hash);
            Ok::<(), StoreError>(())
        })
        .await
        .map_err(|error| PeopleError::Write(error.into()))
    }

    /// Ends every session but this one: everybody's for an owner, else that person's own.
    pub async fn sign_out_others(
        &self,
        session: &Session,
        address: IpAddr,
    ) -> Result<(), PeopleError> {
        let (hash, person, everybody) = (session.hash, session.person.0, session.is_owner());
        let (log, by) = (self.log.clone(), session.actor(address));
        self.write(move |txn| {
            for (other, record) in txn.sessions()? {
                if other != hash && (everybody || record.person == person) {
                    txn.remove_session(&other);
                }
            }
            log.note(txn, &by, Event::new(LogAct::EndedSessions))?;
            Ok::<(), StoreError>(())
        })
        .await
        .map_err(|error| PeopleError::Write(error.into()))
    }

    /// Ends one session: an owner anybody's, others their own. Open pages of it stop within a second. Answers whether
    /// it was there.
    pub async fn end_session(
        &self,
        id: &str,
        asking: &Session,
        address: IpAddr,
    ) -> Result<bool, PeopleError> {
        let (wanted, person, everybody) = (id.to_owned(), asking.person.0, asking.is_owner());
        let (log, by) = (self.log.clone(), asking.actor(address));
        self.write(move |txn| {
            let sessions = txn.sessions()?.into_iter();
            let mut own = sessions.filter(|(_, record)| everybody || record.person == person);
            let Some((hash, record)) = own.find(|(hash, _)| called(hash) == wanted) else {
                return Ok(false);
            };
            txn.remove_session(&hash);
            let mut event = Event::new(LogAct::EndedSession);
            if let Ok(whose) = <[u8; 16]>::try_from(record.person.as_slice())
                && let Some(whose) = txn.person(&whose)?
            {
                event = event.subject(&whose.name);
                event.about = record.person.as_slice().try_into().ok().map(PersonId);
                event.grant = whose.grant.as_slice().try_into().ok().map(GrantId);
            }
            log.note(txn, &by, event)?;
            Ok::<bool, StoreError>(true)
        })
        .await
        .map_err(|error| PeopleError::Write(error.into()))
    }

    /// Open sessions that whoever asks may see, the latest first: an owner sees everybody's.
    pub fn open_sessions(&self, asking: &Session) -> Result<Vec<OpenSession>, StoreError> {
        let mut open = Vec::new();
        for (hash, record) in self.store.sessions()? {
            if !asking.is_owner() && record.person != asking.person.0 {
                continue;
            }
            if let Some((person, _)) = self.good(&record)? {
                open.push(OpenSession {
                    id: called(&hash),
                    name: person.name,
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
        let Some((person, role)) = self.good(&record)? else {
            return Ok(None);
        };
        let (opened_at, expires_at) = (record.opened_at, record.expires_at);
        let (opened_at, expires_at) = (UnixMillis(opened_at), UnixMillis(expires_at));
        let session = Session::new(&token, &person, role, opened_at, expires_at);
        Ok(Some((session, record)))
    }

    /// Whose a session is, and what it may do now; `None` once it has ended.
    fn good(&self, record: &SessionRecord) -> Result<Option<(PersonRecord, Role)>, StoreError> {
        if ended(record, self.clock.now()) {
            return Ok(None);
        }
        let Ok(id) = <[u8; 16]>::try_from(record.person.as_slice()) else {
            return Ok(None);
        };
        let Some(person) = self.store.person(&id)? else {
            return Ok(None);
        };
        if record.opened_at < person.password_set_at {
            return Ok(None);
        }
        Ok(match self.standing(&person)? {
            Standing::Good(role) => Some((person, role)),
            Standing::Over(..) | Standing::Ended => None,
        })
    }
}

/// What a session is called in lists: the beginning of what is stored of it, of which its secret cannot be found.
fn called(hash: &Digest) -> String {
    hash.to_string().chars().take(24).collect()
}

/// Forgets sessions that have ended.
pub(super) fn forget_ended(txn: &mut Txn, now: UnixMillis) -> Result<(), StoreError> {
    for (other, old) in txn.sessions()? {
        if ended(&old, now) {
            txn.remove_session(&other);
        }
    }
    Ok(())
}

/// Whether a session is too old, or was idle for too long.
fn ended(record: &SessionRecord, now: UnixMillis) -> bool {
    record.expires_at <= now.0 || now.since(UnixMillis(record.seen_at)) >= IDLE
}
