//! Whose administrators are, as the owner said, and which suppliers have left.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use freehold_proto::v1::section::Kind;

use super::{Inventory, ReadError};
use crate::{
    access::{Fact, Grant, GrantState, MachineLine, Scope, Viewer},
    audit::Actor,
    clock::UnixMillis,
    finding::{ClaimError, Claims, Whose},
    history::Moment,
    id::MachineId,
    store::{Read as _, record::MachineState},
};

impl Inventory {
    /// What the owner said about administrators, of the machines whose accounts the viewer may see. Who the suppliers
    /// are is told to who sees everything.
    pub fn claims(&self, viewer: &Viewer) -> Claims {
        let all = self.board.claims();
        if *viewer.scope() == Scope::Everything {
            return all;
        }
        let shared = |id: &MachineId| self.shares(viewer, *id, Kind::Accounts);
        let shown = all.into_iter().filter(|(id, _)| shared(id));
        let cut = shown.map(|(id, mut claims)| {
            for claim in &mut Arc::make_mut(&mut claims).claims {
                claim.supplier.clear();
            }
            (id, claims)
        });
        cut.collect()
    }

    /// Notes whose an account is, wherever it administers a computer now; `None` takes back what was said. Answers on
    /// how many computers that is: on none nothing is noted. Only an owner may say so: who calls has checked it.
    pub async fn claim(
        &self,
        principal: &str,
        whose: Option<Whose>,
        by: &Actor,
    ) -> Result<usize, ClaimError> {
        let machines = self
            .administered_by(&Viewer::console(), principal)
            .map_err(|error| match error {
                ReadError::Store(error) => ClaimError::Store(error),
                other => ClaimError::Write(other.into()),
            })?;
        let machines: Vec<MachineId> = machines.iter().map(|line| line.machine.id).collect();
        if !machines.is_empty() {
            self.board.claim(&machines, principal, whose, by).await?;
        }
        Ok(machines.len())
    }

    /// The computers in service that an account administers now, as far as the viewer may see that.
    pub fn administered_by(
        &self,
        viewer: &Viewer,
        principal: &str,
    ) -> Result<Vec<MachineLine>, ReadError> {
        let mut lines = self.machines(viewer, Moment::Now)?;
        lines.retain(|line| match &line.headline.administrators {
            Fact::Known(known) => {
                line.machine.state == MachineState::Active
                    && known.names.iter().any(|name| **name == *principal)
            }
            _ => false,
        });
        Ok(lines)
    }

    /// Notes which suppliers have left. What could not be read is left as it was known.
    pub fn hear_of_suppliers(&self) {
        match self.store.grants() {
            Ok(records) => {
                let grants = records.iter().filter_map(Grant::new);
                self.board.note_ended(ended(grants, self.board.now()));
            }
            Err(error) => tracing::warn!(%error, "who has access could not be read"),
        }
    }
}

/// Suppliers that had access once and have none now, by their names in small letters.
fn ended(grants: impl Iterator<Item = Grant>, now: UnixMillis) -> BTreeSet<String> {
    let mut holds: BTreeMap<String, bool> = BTreeMap::new();
    for grant in grants {
        let state = grant.state(now);
        let is_in = matches!(state, GrantState::Active | GrantState::Suspended);
        *holds.entry(grant.supplier.to_lowercase()).or_default() |= is_in;
    }
    let ended = holds.into_iter().filter(|(_, is_in)| !is_in);
    ended.map(|(supplier, _)| supplier).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::record::{GrantRecord, GrantStanding};

    #[test]
    fn a_supplier_has_left_once_none_of_its_grants_holds() {
        let grant = |supplier: &str, standing: GrantStanding, expires_at| {
            let record = GrantRecord {
                id: vec![7; 16],
                supplier: supplier.to_owned(),
                standing: standing.into(),
                expires_at,
                ..GrantRecord::default()
            };
            Grant::new(&record).unwrap()
        };
        let grants = [
            grant("Acme IT", GrantStanding::Active, 10),
            grant("ACME it", GrantStanding::Active, 99),
            grant("Resting", GrantStanding::Suspended, 99),
            grant("Gone", GrantStanding::Revoked, 99),
            grant("Over", GrantStanding::Active, 10),
        ];
        let left = ended(grants.into_iter(), UnixMillis(50));
        assert_eq!(left, ["gone", "over"].map(str::to_owned).into());
    }
}
