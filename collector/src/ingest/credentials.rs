//! What agents need to trust and reach this collector, and whether they have it.

use std::sync::{Arc, PoisonError, RwLock};

use freehold_agent::identity::{CredentialsDigest, credentials_digest};
use freehold_proto::v1::{CredentialBundle, RenewRequest, RenewResponse};

use super::{Rejection, Shared, validate};
use crate::{machines::MachineError, peer::MachinePeer};

/// The current trust anchors and addresses.
#[derive(Debug)]
pub(super) struct Credentials {
    current: RwLock<Arc<Bundle>>,
}

#[derive(Debug)]
struct Bundle {
    trust_anchors: Vec<Vec<u8>>,
    addresses: Vec<String>,
    digest: CredentialsDigest,
}

impl Credentials {
    pub(super) fn new(trust_anchors: Vec<Vec<u8>>, addresses: Vec<String>) -> Self {
        Self {
            current: RwLock::new(Bundle::new(trust_anchors, addresses)),
        }
    }

    pub(super) fn replace(&self, trust_anchors: Vec<Vec<u8>>, addresses: Vec<String>) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) =
            Bundle::new(trust_anchors, addresses);
    }

    /// The bundle for an agent that holds other anchors or addresses; none when it holds these.
    pub(super) fn newer_than(&self, held: Option<CredentialsDigest>) -> Option<CredentialBundle> {
        let current = self.current();
        (held != Some(current.digest)).then(|| current.with_chain(Vec::new()))
    }

    /// The bundle with a certificate.
    pub(super) fn with_chain(&self, chain: Vec<Vec<u8>>) -> CredentialBundle {
        self.current().with_chain(chain)
    }

    fn current(&self) -> Arc<Bundle> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        current.clone()
    }
}

impl Bundle {
    fn new(trust_anchors: Vec<Vec<u8>>, addresses: Vec<String>) -> Arc<Self> {
        let digest = credentials_digest(&trust_anchors, &addresses);
        Arc::new(Self {
            trust_anchors,
            addresses,
            digest,
        })
    }

    fn with_chain(&self, certificate_chain: Vec<Vec<u8>>) -> CredentialBundle {
        CredentialBundle {
            certificate_chain,
            trust_anchors: self.trust_anchors.clone(),
            collector_addresses: self.addresses.clone(),
        }
    }
}

impl Shared {
    /// Issues a new certificate to a machine that holds one.
    pub(super) async fn renew(
        &self,
        peer: MachinePeer,
        request: &RenewRequest,
    ) -> Result<RenewResponse, Rejection> {
        validate::csr(&request.csr)?;
        let now = self.clock.now();
        let issued = self
            .authority
            .issue_machine(peer.id, &request.csr, now)
            .map_err(|error| Rejection::field("csr", error.to_string()))?;
        // Durable before the machine learns of it: the new key must be known when it is used.
        match self.machines.renewed(&peer, &issued).await {
            Ok(()) => {}
            Err(MachineError::Unknown { .. }) => return Err(Rejection::NotInService),
            Err(error) => {
                tracing::error!(machine = %peer.id, %error, "a renewed certificate could not be stored");
                return Err(Rejection::NotStored);
            }
        }
        tracing::info!(machine = %peer.id, until = %issued.not_after, "certificate renewed");
        Ok(RenewResponse {
            credentials: Some(self.credentials.with_chain(issued.chain)),
        })
    }
}
