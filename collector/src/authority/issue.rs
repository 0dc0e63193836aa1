//! What the issuing key signs for those who ask.

use super::{Authority, DEVICE_LIFE, IssueError, MACHINE_LIFE, RequestedKey, certificate};
use crate::{
    clock::UnixMillis,
    id::{Digest, MachineId},
    peer::DeviceName,
};

/// The new certificate of a machine or of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedCertificate {
    /// The certificate and its issuers without the root, DER, leaf first.
    pub chain: Vec<Vec<u8>>,
    /// When it expires.
    pub not_after: UnixMillis,
    /// BLAKE3-256 over its `SubjectPublicKeyInfo`.
    pub public_key: Digest,
}

impl Authority {
    /// When a machine certificate issued now expires: in 30 days, or with the issuing authority.
    pub fn machine_expiry(&self, now: UnixMillis) -> UnixMillis {
        self.expiry(now.plus(MACHINE_LIFE))
    }

    /// Issues a machine certificate for the key of a certificate signing request (DER), from which nothing
    /// else is taken.
    pub fn issue_machine(
        &self,
        id: MachineId,
        csr_der: &[u8],
        now: UnixMillis,
    ) -> Result<IssuedCertificate, IssueError> {
        Ok(self.issue_for(id, &RequestedKey::from_csr(csr_der)?, now)?)
    }

    /// Issues a machine certificate for a key whose holder asked for it.
    pub fn issue_for(
        &self,
        id: MachineId,
        key: &RequestedKey,
        now: UnixMillis,
    ) -> Result<IssuedCertificate, rcgen::Error> {
        let not_after = self.machine_expiry(now);
        self.signed(&certificate::machine(id, now, not_after)?, key, not_after)
    }

    /// Issues the certificate of a person's device for a key whose holder asked for it.
    pub fn issue_device(
        &self,
        name: &DeviceName,
        key: &RequestedKey,
        now: UnixMillis,
    ) -> Result<IssuedCertificate, rcgen::Error> {
        let not_after = self.expiry(now.plus(DEVICE_LIFE));
        self.signed(&certificate::device(name, now, not_after)?, key, not_after)
    }

    /// At the latest with the issuing authority. Certificates count in seconds.
    fn expiry(&self, wanted: UnixMillis) -> UnixMillis {
        let end = wanted.min(self.state.issuing.not_after);
        UnixMillis(end.0.div_euclid(1000).saturating_mul(1000))
    }

    fn signed(
        &self,
        params: &rcgen::CertificateParams,
        key: &RequestedKey,
        not_after: UnixMillis,
    ) -> Result<IssuedCertificate, rcgen::Error> {
        let issuing = &self.state.issuing;
        let certificate = params.signed_by(&key.key, &issuing.issuer)?;
        Ok(IssuedCertificate {
            chain: vec![certificate.der().to_vec(), issuing.certificate.to_vec()],
            not_after,
            public_key: key.digest(),
        })
    }
}
