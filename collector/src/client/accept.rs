//! `accept`: how this device comes by its key and certificate.

use std::io::Read as _;

use freehold_agent::{
    identity::{Identity, Key},
    report::call_pinned,
    state::StateDirectory,
};
use freehold_proto::v1::{
    AcceptDeviceRequest, AcceptDeviceResponse, devices_client::DevicesClient,
};
use tonic::Code;
use zeroize::{Zeroize as _, Zeroizing};

use super::{
    args,
    line::within,
    profile::{Known, Profiles},
    trouble::Trouble,
};
use crate::{access::DeviceCode, authority::ENROLMENT_NAME, cli::table::printable};

const PENDING: &str = "accepting";

/// Longest code that is read, in bytes.
const LONGEST: u64 = 16 * 1024;

/// An attempt that may have reached the collector: the same key must be used again, so that a lost answer does not
/// burn the code.
#[derive(Clone, PartialEq, prost::Message)]
struct Pending {
    #[prost(string, tag = "1")]
    code: String,
    #[prost(bytes = "vec", tag = "2")]
    key: Vec<u8>,
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.code.zeroize();
        self.key.zeroize();
    }
}

/// Adds this device with a code.
pub(super) async fn accept(profiles: &Profiles, args: &args::Accept) -> Result<(), Trouble> {
    let text = match &args.code {
        Some(code) => Zeroizing::new(code.clone()),
        None => read_code()?,
    };
    let code: DeviceCode = text.parse()?;
    let key = key_for(profiles.state(), &code)?;
    let answer = match ask(&code, &key).await {
        Ok(answer) => answer,
        Err(status) => {
            if matches!(status.code(), Code::Unauthenticated | Code::InvalidArgument) {
                profiles.state().remove(PENDING)?;
            }
            return Err(status.into());
        }
    };
    let credentials = answer.credentials.ok_or(Trouble::Missing("credentials"))?;
    let identity = Identity::new(key, credentials, code.addresses()).map_err(Trouble::Answer)?;
    let known = Known {
        business: answer.business.chars().take(80).collect(),
        pin: code.pin().to_vec(),
        ..Known::default()
    };
    let profile = profiles.keep(args.name.as_deref(), identity, known)?;
    profiles.state().remove(PENDING)?;
    println!(
        "This device reads the records of {} from now on, as client {}. Try `freehold computers`.",
        printable(&profile.known.business),
        profile.name
    );
    Ok(())
}

async fn ask(code: &DeviceCode, key: &Key) -> Result<AcceptDeviceResponse, tonic::Status> {
    let unavailable = |error: &dyn std::fmt::Display| tonic::Status::unavailable(error.to_string());
    let call = call_pinned(code.addresses(), code.pin(), ENROLMENT_NAME).await;
    let call = call.map_err(|error| unavailable(&error))?;
    let request = AcceptDeviceRequest {
        code: code.secret().expose().to_vec(),
        csr: key.signing_request().map_err(|error| unavailable(&error))?,
        device_name: freehold_agent::host_name().unwrap_or_default(),
    };
    let mut client = DevicesClient::new(call.channel);
    let answer = within(client.accept_device(request)).await;
    answer
        .map_err(|error| unavailable(&error))?
        .map(tonic::Response::into_inner)
}

/// The key of an earlier attempt with the same code, else a new one; kept before it is used.
fn key_for(state: &StateDirectory, code: &DeviceCode) -> Result<Key, Trouble> {
    let encoded = code.encode();
    if let Ok(Some(mut pending)) = state.load::<Pending>(PENDING)
        && pending.code == encoded
        && let Ok(key) = Key::from_pkcs8(std::mem::take(&mut pending.key))
    {
        return Ok(key);
    }
    let key = Key::generate()?;
    let pending = Pending {
        code: encoded,
        key: key.expose_pkcs8().to_vec(),
    };
    state.save(PENDING, &pending)?;
    Ok(key)
}

fn read_code() -> Result<Zeroizing<String>, Trouble> {
    let mut text = Zeroizing::new(String::new());
    std::io::stdin()
        .take(LONGEST)
        .read_to_string(&mut text)
        .map_err(Trouble::NoCode)?;
    Ok(text)
}
