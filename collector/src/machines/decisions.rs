//! What the owner decides about machines.

use std::{collections::BTreeSet, sync::Arc};

use super::{MachineError, Machines, Shared, Urgency, lifecycle, name_of, shut_out, standing};
use crate::{
    audit::{Actor, Event as Entry},
    events::Event,
    id::MachineId,
    store::{
        Read as _, StoreError, Txn,
        record::{LogAct, MachineRecord, MachineState},
    },
};

/// Longest name an owner may give, in characters.
const NAME_CHARACTERS: usize = 100;

/// Most labels of a machine, and most characters of each.
const LABELS: usize = 32;
const LABEL_CHARACTERS: usize = 64;

/// Longest note about a machine, in characters.
const NOTE_CHARACTERS: usize = 300;

/// A decision, as it is written down.
struct Decision {
    /// The word in the timeline.
    what: &'static str,
    act: LogAct,
    detail: String,
    by: Actor,
}

impl Decision {
    fn new(what: &'static str, act: LogAct, by: &Actor) -> Self {
        Self {
            what,
            act,
            detail: String::new(),
            by: by.clone(),
        }
    }

    fn detail(self, detail: &str) -> Self {
        Self {
            detail: detail.to_owned(),
            ..self
        }
    }
}

impl Machines {
    /// Lets a waiting machine in.
    pub async fn approve(
        &self,
        id: MachineId,
        by: &Actor,
    ) -> Result<Arc<MachineRecord>, MachineError> {
        let decision = Decision::new("approved", LogAct::Approved, by);
        self.change(id, decision, |_, record| match record.state() {
            MachineState::Waiting => {
                record.set_state(MachineState::Active);
                Ok(())
            }
            state => Err(MachineError::NotWaiting {
                name: name_of(record).to_owned(),
                state: standing::describe(state),
            }),
        })
        .await
    }

    /// Shuts a machine out for good: its next request is refused, its open streams end within a second.
    /// Effective when either the revocation list or the store could be written.
    pub async fn revoke(
        &self,
        id: MachineId,
        by: &Actor,
    ) -> Result<Arc<MachineRecord>, MachineError> {
        let is_here = |record: &Arc<MachineRecord>| record.state() != MachineState::Erased;
        let known = self.of(id).filter(is_here);
        let known = known.ok_or(MachineError::Unknown { id })?;
        let (revocations, now) = (self.shared.revocations.clone(), self.shared.clock.now());
        let listed = tokio::task::spawn_blocking(move || revocations.add(id, now))
            .await
            .map_err(|_| MachineError::Interrupted)?;
        self.shared.table.alter(id, |record| {
            if record.state() != MachineState::Revoked {
                shut_out(record, Some(now));
            }
        });
        self.shared.connections.cut(id);
        let stored = self.note_revocation(id, by).await;
        self.shared.events.announce(Event::Machine(id));
        match (listed, stored) {
            (Ok(()), Ok(record)) => Ok(record),
            (Err(error), Ok(record)) => {
                tracing::error!(
                    machine = %id, %error,
                    "the machine is revoked, but not in the list that outlives a restored backup"
                );
                Ok(record)
            }
            (Ok(()), Err(error)) => {
                tracing::error!(
                    machine = %id, %error,
                    "the machine is revoked, but the store could not be told; the revocation list holds"
                );
                Ok(self.of(id).unwrap_or(known))
            }
            (Err(error), Err(_)) => Err(MachineError::Revocation(error)),
        }
    }

    /// Puts a machine out of service; its records are kept.
    pub async fn retire(
        &self,
        id: MachineId,
        by: &Actor,
    ) -> Result<Arc<MachineRecord>, MachineError> {
        let decision = Decision::new("retired", LogAct::Retired, by);
        let retired = self
            .change(id, decision, |_, record| match record.state() {
                MachineState::Waiting | MachineState::Active | MachineState::Retired => {
                    record.set_state(MachineState::Retired);
                    Ok(())
                }
                state => Err(MachineError::NotInService {
                    name: name_of(record).to_owned(),
                    state: standing::describe(state),
                }),
            })
            .await?;
        self.shared.connections.cut(id);
        Ok(retired)
    }

    /// Gives a machine a name; an empty one brings its host name back.
    pub async fn rename(
        &self,
        id: MachineId,
        name: &str,
        by: &Actor,
    ) -> Result<Arc<MachineRecord>, MachineError> {
        let name = name.trim().to_owned();
        if name.chars().count() > NAME_CHARACTERS || name.chars().any(char::is_control) {
            return Err(MachineError::Name {
                maximum: NAME_CHARACTERS,
            });
        }
        let decision = Decision::new("renamed", LogAct::Renamed, by).detail(&name);
        self.change(id, decision, |_, record| {
            record.given_name = name;
            Ok(())
        })
        .await
    }

    /// Gives a machine other labels: what is shared with suppliers may depend on them, from the next request
    /// on.
    pub async fn label(
        &self,
        id: MachineId,
        labels: &[String],
        by: &Actor,
    ) -> Result<Arc<MachineRecord>, MachineError> {
        let labels = checked_labels(labels)?;
        let decision = Decision::new("labelled", LogAct::Labelled, by).detail(&labels.join(", "));
        self.change(id, decision, |_, record| {
            record.labels = labels;
            record.proposed_labels.clear();
            Ok(())
        })
        .await
    }

    /// Notes something about a machine; an empty note takes the one there is away.
    pub async fn note(
        &self,
        id: MachineId,
        note: &str,
        by: &Actor,
    ) -> Result<Arc<MachineRecord>, MachineError> {
        let note = note.trim().to_owned();
        if note.chars().count() > NOTE_CHARACTERS || note.chars().any(char::is_control) {
            return Err(MachineError::Note {
                maximum: NOTE_CHARACTERS,
            });
        }
        let decision = Decision::new("given a note", LogAct::NotedMachine, by).detail(&note);
        self.change(id, decision, |_, record| {
            record.note = note;
            Ok(())
        })
        .await
    }

    /// Joins the history of a machine's earlier self to it; the earlier one is retired.
    pub async fn link(
        &self,
        id: MachineId,
        earlier: MachineId,
        by: &Actor,
    ) -> Result<Arc<MachineRecord>, MachineError> {
        let (shared, by) = (self.shared.clone(), by.clone());
        self.submit(Urgency::Decision, move |txn| {
            let mut record = shared.read(txn, id)?;
            let mut before = shared.read(txn, earlier)?;
            refuse_link(txn, id, &record, earlier, &before)?;
            record.continues.push(before.id.clone());
            record.continues.extend(before.continues.clone());
            record.same_hardware_as.clear();
            if record.given_name.is_empty() {
                record.given_name.clone_from(&before.given_name);
            }
            shared.note(
                txn,
                id,
                &record,
                &format!("linked: continues the history of {}", name_of(&before)),
            )?;
            if before.state() != MachineState::Revoked {
                before.set_state(MachineState::Retired);
                before.state_since = shared.clock.now().0;
                shared.note(txn, earlier, &before, "retired")?;
            }
            let event = Entry::new(LogAct::Linked).machine(id, name_of(&record));
            shared.log.note(txn, &by, event.detail(name_of(&before)))?;
            txn.put_machine(id, &record);
            txn.put_machine(earlier, &before);
            Ok(((), vec![record, before]))
        })
        .await?;
        self.shared.connections.cut(earlier);
        self.of(id).ok_or(MachineError::Unknown { id })
    }

    /// Has the store say what the revocation list says: after a backup from before a revocation was
    /// restored, or when the store could not be told. The list holds without it; what comes of this is the
    /// entry in the timeline.
    pub async fn settle_revocations(&self) -> Result<(), MachineError> {
        for id in self.shared.revocations.all() {
            let Some(stored) = self.shared.store.machine(id)? else {
                continue;
            };
            if !matches!(stored.state(), MachineState::Revoked | MachineState::Erased) {
                self.note_revocation(id, &Actor::collector()).await?;
            }
        }
        Ok(())
    }

    /// Has the store say that a machine is revoked.
    async fn note_revocation(
        &self,
        id: MachineId,
        by: &Actor,
    ) -> Result<Arc<MachineRecord>, MachineError> {
        let decision = Decision::new("revoked", LogAct::Revoked, by);
        self.change(id, decision, |_, record| {
            record.set_state(MachineState::Revoked);
            Ok(())
        })
        .await
    }

    /// Changes a machine's state, name or labels and notes that in its timeline and in the log.
    async fn change(
        &self,
        id: MachineId,
        decision: Decision,
        change: impl FnOnce(&mut Txn, &mut MachineRecord) -> Result<(), MachineError> + Send + 'static,
    ) -> Result<Arc<MachineRecord>, MachineError> {
        let shared = self.shared.clone();
        self.edit(Urgency::Decision, id, move |txn, record| {
            // As stored: the list of revocations may know more.
            let before = txn.machine(id)?.ok_or(MachineError::Unknown { id })?;
            change(txn, record)?;
            if *record == before {
                return Ok(());
            }
            let is_since_known = record.state_since != before.state_since;
            if record.state != before.state && !is_since_known {
                record.state_since = shared.clock.now().0;
            }
            let event = Entry::new(decision.act).machine(id, name_of(&before));
            shared
                .log
                .note(txn, &decision.by, event.detail(&decision.detail))?;
            Ok(shared.note(txn, id, record, decision.what)?)
        })
        .await
    }
}

impl Shared {
    fn note(
        &self,
        txn: &mut Txn,
        id: MachineId,
        record: &MachineRecord,
        what: &str,
    ) -> Result<(), StoreError> {
        txn.put_change(id, &lifecycle(self.clock.now().0, record, what))?;
        Ok(())
    }
}

/// Whether a machine may have such a label.
pub(crate) fn is_label(label: &str) -> bool {
    let fits = (1..=LABEL_CHARACTERS).contains(&label.chars().count());
    // Commas and the at sign have a meaning where labels are listed.
    fits && !label
        .chars()
        .any(|c| c.is_control() || matches!(c, ',' | '@'))
}

/// Labels in order, each once.
fn checked_labels(labels: &[String]) -> Result<Vec<String>, MachineError> {
    let labels: BTreeSet<String> = labels
        .iter()
        .map(|label| label.trim().to_owned())
        .filter(|label| !label.is_empty())
        .collect();
    if labels.len() > LABELS || !labels.iter().all(|label| is_label(label)) {
        return Err(MachineError::Labels {
            most: LABELS,
            characters: LABEL_CHARACTERS,
        });
    }
    Ok(labels.into_iter().collect())
}

fn refuse_link(
    txn: &Txn,
    id: MachineId,
    record: &MachineRecord,
    earlier: MachineId,
    before: &MachineRecord,
) -> Result<(), MachineError> {
    let unlinkable = |reason| MachineError::Unlinkable {
        name: name_of(record).to_owned(),
        earlier: name_of(before).to_owned(),
        reason,
    };
    if id == earlier {
        return Err(unlinkable("it is the same computer"));
    }
    if before.continues.contains(&record.id) {
        return Err(unlinkable("the history already runs the other way"));
    }
    let continued = |other: &MachineRecord| other.continues.contains(&before.id);
    if txn.machines()?.iter().any(continued) {
        return Err(unlinkable("another computer already continues its history"));
    }
    if record.state() != MachineState::Active && record.state() != MachineState::Waiting {
        return Err(unlinkable("it is not in service"));
    }
    Ok(())
}
