//! What becomes of a session once it was opened.

use super::{
    OpenSession, People, PeopleError, PersonId,
    session::{self, IDLE, Session, SessionToken},
    signed_id,
};
use crate::{
    clock::UnixMillis,
    store::{
        Read as _, StoreError,
        record::{PersonRecord, SessionRecord},
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

    /// Whether a session is still good. Reads only.
    pub fn is_live(&self, session: &Session) -> Result<bool, StoreError> {
        let Some(record) = self.store.session(&session.hash)? else {
            return Ok(false);
        };
        self.is_good(&record)
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

    /// Ends every session but this one.
    pub async fn sign_out_others(&self, session: &Session) -> Result<(), PeopleError> {
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
        .map_err(|error| PeopleError::Write(error.into()))
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
}

/// Whether a session is too old, or was idle for too long.
pub(super) fn ended(record: &SessionRecord, now: UnixMillis) -> bool {
    record.expires_at <= now.0 || now.since(UnixMillis(record.seen_at)) >= IDLE
}
