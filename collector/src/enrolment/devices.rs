//! How a person's device comes by its certificate: it shows a one-time code and a key.

use freehold_agent::identity::Token;
use freehold_proto::v1::{
    AcceptDeviceRequest, AcceptDeviceResponse, CredentialBundle, devices_server::Devices,
};
use tonic::{Request, Response, Status};

use super::{Enrolment, broken};
use crate::{access::DeviceError, authority::RequestedKey, peer::Remote, store::Read as _};

/// Names of devices beyond this are refused, in bytes; what is shown is shorter still.
const NAME_BYTES: usize = 1024;

impl Enrolment {
    async fn accept(
        &self,
        request: AcceptDeviceRequest,
        remote: Remote,
    ) -> Result<AcceptDeviceResponse, Status> {
        let code: [u8; Token::BYTES] = request.code.as_slice().try_into().map_err(|_| {
            Status::invalid_argument(format!("code: it has {} bytes", Token::BYTES))
        })?;
        if request.device_name.len() > NAME_BYTES {
            return Err(Status::invalid_argument("device_name: it is too long"));
        }
        let key = RequestedKey::from_csr(&request.csr)
            .map_err(|error| Status::invalid_argument(format!("csr: {error}")))?;
        let (secret, address) = (Token::from_bytes(code), remote.0.ip());
        let accepted = self
            .people
            .accept_device(&secret, key.digest(), &request.device_name, address)
            .await;
        let name = accepted.map_err(refused)?;
        let issued = self
            .authority
            .issue_device(&name, &key, self.clock.now())
            .map_err(broken)?;
        let settings = self.store.settings().map_err(broken)?;
        Ok(AcceptDeviceResponse {
            credentials: Some(CredentialBundle {
                certificate_chain: issued.chain,
                trust_anchors: self.authority.trust_anchors(),
                collector_addresses: self.addresses.clone(),
            }),
            business: settings.unwrap_or_default().name,
        })
    }
}

#[tonic::async_trait]
impl Devices for Enrolment {
    async fn accept_device(
        &self,
        request: Request<AcceptDeviceRequest>,
    ) -> Result<Response<AcceptDeviceResponse>, Status> {
        let remote = super::stranger(&request)?;
        self.attempts.check(remote)?;
        let answer = self.accept(request.into_inner(), remote).await;
        if let Err(status) = &answer
            && status.code() != tonic::Code::Unavailable
        {
            self.attempts.failed(remote);
            tracing::warn!(remote = %remote.0, reason = status.message(), "a device was not added");
        }
        answer.map(Response::new)
    }
}

fn refused(error: DeviceError) -> Status {
    match error {
        DeviceError::TooManyDevices => Status::failed_precondition(error.to_string()),
        DeviceError::NoCode
        | DeviceError::ExpiredCode
        | DeviceError::Used
        | DeviceError::NoAccess => Status::unauthenticated(error.to_string()),
        other => broken(other),
    }
}
