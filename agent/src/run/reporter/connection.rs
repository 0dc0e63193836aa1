//! The connection to the collector, and the credentials it is made with.

use std::time::{Duration, Instant};

use freehold_proto::v1::CredentialBundle;

use super::super::status::StatusFile;
use crate::{
    clock::{Boots, Moment},
    identity::{COLLECTOR_NAME, Identity},
    report::{Failure, Link, dial},
    state::StateDirectory,
};

/// A renewal that failed is not tried again sooner, while the certificate still holds.
const RENEWAL_PAUSE: Duration = Duration::from_secs(60 * 60);

/// One connection, made anew when it broke.
pub(super) struct Connection {
    state: StateDirectory,
    identity: Identity,
    link: Option<Link>,
    renewal_not_before: Instant,
}

impl Connection {
    pub(super) fn new(state: StateDirectory, identity: Identity) -> Self {
        Self {
            state,
            identity,
            link: None,
            renewal_not_before: Instant::now(),
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.link.is_some()
    }

    pub(super) fn close(&mut self) {
        self.link = None;
    }

    pub(super) fn link(&mut self) -> Result<&mut Link, Failure> {
        let closed = || Failure::Lost("it was closed".to_owned());
        self.link.as_mut().ok_or_else(closed)
    }

    pub(super) fn credentials_digest(&self) -> Vec<u8> {
        self.identity.credentials_digest().to_vec()
    }

    /// Connects unless there is a connection.
    pub(super) async fn open(&mut self, status: &mut StatusFile) -> Result<(), Failure> {
        if self.link.is_some() {
            return Ok(());
        }
        let unusable = |error: crate::identity::IdentityError| Failure::Lost(error.to_string());
        let (tls, verifier) = self.identity.tls().map_err(unusable)?;
        let dialled = dial(self.identity.addresses(), &tls.into(), COLLECTOR_NAME)
            .await
            .map_err(Failure::Unreachable)?;
        let link = Link::open(dialled).await?;
        tracing::debug!(address = link.address, "connected");
        let fault = verifier.clock_fault();
        if let Some(fault) = &fault {
            tracing::warn!("{fault}");
        }
        status.update(|report| {
            report.clock_fault = fault.map(|fault| fault.to_string());
            report.connected_to = Some(link.address.clone());
        });
        self.link = Some(link);
        Ok(())
    }

    /// Renews the certificate when it is time. One that still holds is good enough for now should that
    /// fail.
    pub(super) async fn renew_when_due(
        &mut self,
        boots: &Boots,
        now: &Moment,
        status: &mut StatusFile,
    ) -> Result<(), Failure> {
        let is_due = self.identity.renewal_in(boots, now).is_zero();
        if !is_due || Instant::now() < self.renewal_not_before {
            return Ok(());
        }
        match self.renew(status).await {
            Err(failure) if failure.breaks_connection() => Err(failure),
            Err(failure) => {
                tracing::warn!("the certificate was not renewed: {failure}");
                Ok(())
            }
            Ok(()) => self.open(status).await,
        }
    }

    /// Renews the certificate after the collector refused it, at once the first time. True when there is a
    /// new one.
    pub(super) async fn renew_if_refused(
        &mut self,
        is_first: bool,
        status: &mut StatusFile,
    ) -> bool {
        if !is_first && Instant::now() < self.renewal_not_before {
            return false;
        }
        let renewed = self.renew(status).await;
        if let Err(failure) = &renewed {
            tracing::debug!("no renewal either: {failure}");
        }
        renewed.is_ok()
    }

    /// The next connection presents the new certificate.
    async fn renew(&mut self, status: &mut StatusFile) -> Result<(), Failure> {
        self.renewal_not_before = Instant::now() + RENEWAL_PAUSE;
        let unusable = |error: crate::identity::IdentityError| Failure::Lost(error.to_string());
        let csr = self.identity.signing_request().map_err(unusable)?;
        let bundle = self.link()?.renew(csr).await?;
        if bundle.certificate_chain.is_empty() {
            let message = "missing field 'certificate_chain'".to_owned();
            return Err(Failure::Rejected(message));
        }
        if !self.take(bundle, status) {
            let message = "the new certificate is not usable".to_owned();
            return Err(Failure::Rejected(message));
        }
        tracing::info!("the certificate was renewed");
        self.link = None;
        Ok(())
    }

    /// Takes over anchors, addresses and a certificate. False when they are not usable.
    pub(super) fn take(&mut self, bundle: CredentialBundle, status: &mut StatusFile) -> bool {
        let Some(link) = &self.link else {
            return false;
        };
        let next = match self.identity.with(bundle, &link.collector) {
            Ok(next) => next,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "credentials from the collector were not taken");
                return false;
            }
        };
        if let Err(error) = next.save(&self.state) {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, "new credentials could not be kept");
            return false;
        }
        self.identity = next;
        status.identify(&self.identity);
        true
    }
}
