//! Whether a machine is let in: decided alone on the store's thread, so that two machines never share the
//! last use of a token.

use std::collections::HashMap;

use thiserror::Error;
use tonic::Status;

use super::request::Applicant;
use crate::{
    clock::UnixMillis,
    id::MachineId,
    machines::{id_of, lifecycle},
    store::{
        Read as _, StoreError, Txn,
        record::{MachineRecord, MachineState, TokenRecord},
    },
};

/// An application, and what it is answered with.
pub(super) struct Admission {
    pub(super) applicant: Applicant,
    /// Identifier of the machine, should it be new.
    pub(super) id: MachineId,
    pub(super) now: UnixMillis,
    /// When a certificate issued now expires.
    pub(super) expiry: UnixMillis,
}

/// Why a machine is not let in. Each is a sentence for whoever joins it.
#[derive(Debug, Error)]
pub(super) enum Denial {
    #[error(
        "this collector does not know the join string's token: it was made by another collector or has \
         long expired; ask the owner for a new join string"
    )]
    UnknownToken,
    #[error("the join string expired at {at}: ask the owner for a new one")]
    Expired { at: UnixMillis },
    #[error(
        "the join string is used up: it was good for {uses} computer(s) and {uses} joined with it; ask \
         the owner for a new one, and tell the owner if you did not expect this"
    )]
    UsedUp { uses: u32 },
    #[error(
        "the join string cannot be used from the address {address}: join from the network it was made for, \
         or ask the owner for a new one"
    )]
    OtherNetwork { address: std::net::IpAddr },
    #[error(
        "the owner has refused this computer or put it out of service: ask the owner for a new join string"
    )]
    Refused,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Denial {
    pub(super) fn status(&self) -> Status {
        let message = self.to_string();
        match self {
            Self::UnknownToken | Self::Expired { .. } | Self::UsedUp { .. } => {
                Status::unauthenticated(message)
            }
            Self::OtherNetwork { .. } | Self::Refused => Status::permission_denied(message),
            Self::Store(_) => Status::internal("the collector is in trouble"),
        }
    }
}

impl Admission {
    /// The machine that is let in or waits.
    pub(super) fn decide(self, txn: &mut Txn) -> Result<(MachineId, Vec<MachineRecord>), Denial> {
        let earlier = match txn.machine_by_key(&self.applicant.key.digest())? {
            Some(id) => txn.machine(id)?,
            None => None,
        };
        let record = match earlier {
            // A lost answer does not burn the token, not even after it expired.
            Some(record) if record.token == self.applicant.token.as_bytes() => record,
            Some(record) => {
                let token = self.use_token(txn)?;
                self.again(txn, record, &token)?
            }
            None => {
                let token = self.use_token(txn)?;
                self.new_machine(txn, &token)?
            }
        };
        let record = self.with_certificate(record)?;
        let id = id_of(&record)?;
        txn.put_machine(id, &record);
        Ok((id, vec![record]))
    }

    /// Takes one use of the token.
    fn use_token(&self, txn: &mut Txn) -> Result<TokenRecord, Denial> {
        let hash = &self.applicant.token;
        let mut token = txn.token(hash)?.ok_or(Denial::UnknownToken)?;
        if self.now.0 >= token.expires_at {
            return Err(Denial::Expired {
                at: UnixMillis(token.expires_at),
            });
        }
        if token.used >= token.uses {
            return Err(Denial::UsedUp { uses: token.uses });
        }
        let address = self.applicant.address;
        let permits = |network: &String| {
            network
                .parse::<ipnet::IpNet>()
                .is_ok_and(|network| network.contains(&address))
        };
        if !token.networks.is_empty() && !token.networks.iter().any(permits) {
            return Err(Denial::OtherNetwork { address });
        }
        token.used += 1;
        txn.put_token(hash, &token);
        Ok(token)
    }

    fn new_machine(&self, txn: &mut Txn, token: &TokenRecord) -> Result<MachineRecord, Denial> {
        let applicant = &self.applicant;
        let state = if token.wait {
            MachineState::Waiting
        } else {
            MachineState::Active
        };
        let alike = same_hardware(txn, applicant)?;
        let record = MachineRecord {
            id: self.id.as_bytes().to_vec(),
            state: state.into(),
            host_name: applicant.host_name.clone(),
            labels: token.labels.clone(),
            proposed_labels: applicant.proposed_labels.clone(),
            enrolled_at: self.now.0,
            state_since: self.now.0,
            token: applicant.token.as_bytes().to_vec(),
            public_key: applicant.key.digest().as_bytes().to_vec(),
            fingerprint: applicant.fingerprint.encode(),
            same_hardware_as: alike.map(|id| id.as_bytes().to_vec()).unwrap_or_default(),
            ..MachineRecord::default()
        };
        txn.put_key(&applicant.key.digest(), self.id);
        for (part, _) in applicant.fingerprint.parts() {
            txn.put_fingerprint(&part, self.id);
        }
        let what = match state {
            MachineState::Waiting => "joined, waits for approval",
            _ => "joined",
        };
        txn.put_change(self.id, &lifecycle(self.now.0, &record, what))?;
        Ok(record)
    }

    /// A known machine came back with the same key and another token.
    fn again(
        &self,
        txn: &mut Txn,
        mut record: MachineRecord,
        token: &TokenRecord,
    ) -> Result<MachineRecord, Denial> {
        match record.state() {
            MachineState::Active => {}
            MachineState::Waiting if token.wait => {}
            MachineState::Waiting => {
                record.set_state(MachineState::Active);
                record.state_since = self.now.0;
            }
            _ => return Err(Denial::Refused),
        }
        record.token = self.applicant.token.as_bytes().to_vec();
        for label in &token.labels {
            if !record.labels.contains(label) {
                record.labels.push(label.clone());
            }
        }
        txn.put_change(
            id_of(&record)?,
            &lifecycle(self.now.0, &record, "joined again"),
        )?;
        Ok(record)
    }

    fn with_certificate(&self, mut record: MachineRecord) -> Result<MachineRecord, Denial> {
        match record.state() {
            MachineState::Active => record.certificate_expires_at = self.expiry.0,
            MachineState::Waiting => {}
            _ => return Err(Denial::Refused),
        }
        Ok(record)
    }
}

/// The known machine that shares most of the hardware; among equals the one that joined last.
fn same_hardware(txn: &Txn, applicant: &Applicant) -> Result<Option<MachineId>, StoreError> {
    let mut weights: HashMap<MachineId, u32> = HashMap::new();
    for (part, weight) in applicant.fingerprint.parts() {
        for id in txn.machines_by_fingerprint(&part)? {
            *weights.entry(id).or_default() += weight;
        }
    }
    let mut best: Option<((u32, i64), MachineId)> = None;
    for (id, weight) in weights {
        let Some(record) = txn.machine(id)? else {
            continue;
        };
        let rank = (weight, record.enrolled_at);
        let better = best.is_none_or(|(other, _)| rank > other);
        if better && record.state() != MachineState::Erased {
            best = Some((rank, id));
        }
    }
    Ok(best.map(|(_, id)| id))
}
