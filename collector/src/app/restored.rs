//! The first start after a backup was restored.

use std::{fs, io};

use super::{BuildError, Parts};
use crate::{
    audit::{Actor, Epoch, Event},
    clock::UnixMillis,
    store::{
        Read as _, StoreError, Txn,
        record::{GrantStanding, LogAct},
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
    parts
        .store
        .write(move |txn| {
            log.begin_epoch(txn, &epoch)?;
            for id in suspended(txn, now)? {
                let event = Event::new(LogAct::SuspendedGrant).grant(crate::access::GrantId(id.0));
                log.note(txn, &Actor::collector(), event.subject(&id.1))?;
            }
            for (hash, _) in txn.sessions()? {
                txn.remove_session(&hash);
            }
            // Which were ended after the backup had been made is not known: all are added anew.
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
