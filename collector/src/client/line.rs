//! A connection to one client's collector.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use freehold_agent::report::call;
use freehold_proto::v1::{RenewDeviceRequest, access_client::AccessClient};
use rustls_pki_types::CertificateDer;
use tokio::time::timeout;
use tonic::{Response, Status, Streaming, transport::Channel};

use super::{profile::Profile, record, trouble::Trouble};
use crate::authority::ACCESS_NAME;

/// How long a collector may take to be reached.
const REACHED: Duration = Duration::from_secs(20);

/// How long it may take for an answer, or for the next piece of one.
const ANSWERED: Duration = Duration::from_secs(60);

/// Longest message that is taken, in bytes.
const MESSAGE_BYTES: usize = 8 * 1024 * 1024;

/// A connection.
pub(super) type Line = AccessClient<Channel>;

/// Reaches a client's collector, renews the certificate where that is due, and checks that the log of reads is still
/// what it was.
pub(super) async fn open(profile: &mut Profile) -> Result<Line, Trouble> {
    let mut line = open_unchecked(profile).await?;
    record::check(profile, &mut line).await?;
    Ok(line)
}

/// The same without a look at the log: for whoever accepts that it begins anew.
pub(super) async fn open_unchecked(profile: &mut Profile) -> Result<Line, Trouble> {
    let (line, collector) = dial(profile).await?;
    if !is_due(profile) {
        return Ok(line);
    }
    renew(profile, line, &collector).await?;
    Ok(dial(profile).await?.0)
}

/// An answer, if it comes in time.
pub(super) async fn within<T>(answer: impl Future<Output = T>) -> Result<T, Trouble> {
    timeout(ANSWERED, answer).await.map_err(|_| Trouble::Late)
}

/// The next piece of a long answer; `None` at its end.
pub(super) async fn next<T>(stream: &mut Streaming<T>) -> Result<Option<T>, Trouble> {
    within(stream.message())
        .await?
        .map_err(|status| match status.code() {
            tonic::Code::PermissionDenied => status.into(),
            _ => Trouble::CutOff(status.message().chars().take(200).collect()),
        })
}

/// All pieces of an answer that is not too long to be held.
pub(super) async fn all<T>(
    answer: impl Future<Output = Result<Response<Streaming<T>>, Status>>,
) -> Result<Vec<T>, Trouble> {
    let mut stream = within(answer).await??.into_inner();
    let mut pieces = Vec::new();
    while let Some(piece) = next(&mut stream).await? {
        pieces.push(piece);
    }
    Ok(pieces)
}

/// A connection, and the chain the collector proved itself with.
async fn dial(profile: &Profile) -> Result<(Line, Vec<CertificateDer<'static>>), Trouble> {
    let call = timeout(REACHED, call(&profile.identity, ACCESS_NAME)).await;
    let call = call.map_err(|_| Trouble::Late)??;
    let line = AccessClient::new(call.channel).max_decoding_message_size(MESSAGE_BYTES);
    Ok((line, call.collector))
}

/// From a third of its life on: a device that is used every day never meets an expired certificate.
fn is_due(profile: &Profile) -> bool {
    let validity = profile.identity.certificate().validity;
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let due = validity
        .issued()
        .saturating_add((validity.life() / 3).as_secs().cast_signed());
    now.cast_signed() >= due
}

async fn renew(
    profile: &mut Profile,
    mut line: Line,
    collector: &[CertificateDer<'static>],
) -> Result<(), Trouble> {
    let csr = profile.identity.signing_request()?;
    let answer = within(line.renew_device(RenewDeviceRequest { csr })).await??;
    let credentials = answer.into_inner().credentials;
    let credentials = credentials.ok_or(Trouble::Missing("credentials"))?;
    let next = profile.identity.with(credentials, collector);
    profile.identity = next.map_err(Trouble::Answer)?;
    Ok(profile.identity.save(&profile.state)?)
}
