//! Whether the authority has other keys than when the collector last ran.

use super::{BuildError, Parts};
use crate::{
    audit::{Actor, Event},
    store::{Read as _, StoreError, record::LogAct},
};

/// Writes into the log that the authority has other keys. They are made while the collector is stopped, by whoever
/// is at its computer; the store remembers which it had, so that other keys do not go unnoticed, however they came.
pub(super) async fn settle(parts: &Parts) -> Result<(), BuildError> {
    let Some(mut settings) = parts.store.settings()? else {
        return Ok(());
    };
    let root = parts.authority.status().root_fingerprint;
    if settings.root == root {
        return Ok(());
    }
    let before = std::mem::replace(&mut settings.root, root);
    let event = (!before.is_empty()).then(|| {
        let detail = format!("root fingerprint {}, before {before}", settings.root);
        Event::new(LogAct::ReplacedKeys).detail(&detail)
    });
    let (log, is_news) = (parts.log.clone(), event.is_some());
    let written = parts.store.write(move |txn| {
        txn.put_settings(&settings);
        if let Some(event) = event {
            log.note(txn, &Actor::console(), event)?;
        }
        Ok::<(), StoreError>(())
    });
    match written.await {
        Ok(()) if is_news => tracing::warn!("the authority has new keys since the last start"),
        Ok(()) => {}
        // A full disk must not keep the collector from starting: the next start tries again.
        Err(error) => {
            tracing::warn!(%error, "it could not be written which keys the authority has");
        }
    }
    Ok(())
}
