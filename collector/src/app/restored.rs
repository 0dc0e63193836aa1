//! The first start after a backup was restored.

use std::{fs, io};

use super::{BuildError, Parts};
use crate::{
    audit::{Actor, Epoch, Event},
    clock::UnixMillis,
    store::{
        Read as _, StoreError, Txn,
        record::{GrantStanding, LogAct, PersonRecord},
    },
};

/// Begins a new part of the log, and has every grant rest until the owner confirms it: what was ended after the
/// backup had been made must not come back by itself.
pub(super) async fn settle(parts: &Parts) -> Result<(), BuildError> {
    let marker = parts.data.restored();
    let said = match fs::read_to_string(&marker) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        said => said.map_err(BuildError::restored)?,
    };
    let before = parts
        .witness
        .checkpoint(&parts.log)
        .map_err(BuildError::restored)?;
    let epoch = Epoch {
        backup_from: UnixMillis::parse(said.trim()).unwrap_or_default(),
        before: before.and_then(Result::ok),
    };
    let (log, now) = (parts.log.clone(), parts.clock.now());
    let ended = parts.authority.revocations().all();
    let ended: Vec<[u8; 16]> = ended.iter().map(|id| *id.as_bytes()).collect();
    parts
        .store
        .write(move |txn| {
            log.begin_epoch(txn, &epoch)?;
            end_again(txn, &ended, now)?;
            for id in suspended(txn, now)? {
                let event = Event::new(LogAct::SuspendedGrant).grant(crate::access::GrantId(id.0));
                log.note(txn, &Actor::collector(), event.subject(&id.1))?;
            }
            for (hash, _) in txn.sessions()? {
                txn.remove_session(&hash);
            }
            // Which were accepted, or taken back, after the backup had been made is not known: all are made anew.
            for (hash, _) in txn.invitations()? {
                txn.remove_invitation(&hash);
            }
            // Which were ended, or used, after the backup had been made is not known: all are added anew.
            for (hash, _) in txn.device_codes()? {
                txn.remove_device_code(&hash);
            }
            for device in txn.devices()? {
                if let Ok(id) = device.id.as_slice().try_into() {
                    txn.remove_device(&id);
                }
            }
            Ok::<(), StoreError>(())
        })
        .await
        .map_err(BuildError::restored)?;
    // From here on the new epoch is what the file beside the store vouches for.
    parts
        .witness
        .testify(&parts.log, &parts.store)
        .map_err(BuildError::restored)?;
    fs::remove_file(&marker).map_err(BuildError::restored)?;
    tracing::warn!("a backup was restored: grants rest until the owner confirms them");
    Ok(())
}

/// Ends whoever, and whatever grant, the list outside the store names: what was ended after the backup had been made stays
/// so, without a word from the owner.
fn end_again(txn: &mut Txn, ended: &[[u8; 16]], now: UnixMillis) -> Result<(), StoreError> {
    for id in ended {
        if let Some(person) = txn.person(id)?.filter(|person| person.ended_at == 0) {
            txn.put_factor(id, None);
            let person = PersonRecord {
                ended_at: now.0,
                password: String::new(),
                ..person
            };
            txn.put_person(id, &person);
        }
        if let Some(mut grant) = txn.grant(id)? {
            grant.set_standing(GrantStanding::Revoked);
            grant.standing_since = now.0;
            txn.put_grant(id, &grant);
        }
    }
    Ok(())
}

fn suspended(txn: &mut Txn, now: UnixMillis) -> Result<Vec<([u8; 16], String)>, StoreError> {
    let mut suspended = Vec::new();
    for mut grant in txn.grants()? {
        let Ok(id) = <[u8; 16]>::try_from(grant.id.as_slice()) else {
            continue;
        };
        if grant.standing() == GrantStanding::Active && grant.expires_at > now.0 {
            grant.set_standing(GrantStanding::Suspended);
            grant.standing_since = now.0;
            txn.put_grant(&id, &grant);
            suspended.push((id, grant.supplier));
        }
    }
    Ok(suspended)
}
