//! The first password, by the code that stands on the collector's console.

use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;

use super::{
    CODE_FAILURES, CODE_LASTS, LONGEST_NAME, Lane, Origin, People, PeopleError, Role, SetUpError,
    SetupCode, SignedIn, WeakPassword, error::set_up_error, open, password, signed_id,
};
use crate::{
    audit::{Actor, Event},
    clock::UnixMillis,
    id::Digest,
    store::{
        Read as _, StoreError,
        record::{LogAct, PersonRecord, PersonRole, SetupCodeRecord},
    },
};

impl People {
    /// Makes a new one-time code that lets whoever reads it choose the owner's password. Replaces an
    /// earlier code. Only for the collector's console.
    pub async fn issue_code(&self, by: &Actor) -> Result<(SetupCode, UnixMillis), PeopleError> {
        let code = SetupCode::random();
        let expires_at = self.clock.now().plus(CODE_LASTS);
        let record = SetupCodeRecord {
            hash: code.hash().as_bytes().to_vec(),
            expires_at: expires_at.0,
            failures: 0,
        };
        let (log, by) = (self.log.clone(), by.clone());
        self.write(move |txn| {
            txn.put_setup_code(Some(&record));
            log.note(txn, &by, Event::new(LogAct::MadeCode))?;
            Ok::<(), StoreError>(())
        })
        .await
        .map_err(|error| PeopleError::Write(error.into()))?;
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
        if let Err(error) = self.try_code(hash, now).await {
            self.failures.count(origin.address);
            return Err(error);
        }
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
            email: previous
                .as_ref()
                .map_or_else(String::new, |previous| previous.email.clone()),
            reset_at: previous.map_or(0, |_| now.0),
            ..PersonRecord::default()
        };
        let (signed_in, record) = open(&person, Role::Owner, origin, now);
        let session = signed_in.session.hash;
        let (log, by) = (self.log.clone(), signed_in.session.actor(origin.address));
        self.store
            .write(move |txn| {
                // Checked again, alone: the code may have been used by somebody else meanwhile.
                check_code(txn.setup_code()?, &hash, now)?;
                for (other, _) in txn.sessions()? {
                    txn.remove_session(&other);
                }
                txn.put_person(&signed_id(&person), &person);
                // Whoever sits at the console must get in, also when the authenticator is lost.
                txn.put_factor(&signed_id(&person), None);
                txn.put_setup_code(None);
                txn.put_session(&session, &record);
                log.note(txn, &by, Event::new(LogAct::SetPassword))?;
                Ok(())
            })
            .await
            .map_err(set_up_error)?;
        tracing::info!(address = %origin.address, "the owner's password was set with a set-up code");
        Ok(signed_in)
    }

    /// Compares a code with the one outstanding and counts a wrong one.
    async fn try_code(&self, hash: Digest, now: UnixMillis) -> Result<(), SetUpError> {
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
}

fn check_code(
    code: Option<SetupCodeRecord>,
    hash: &Digest,
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
