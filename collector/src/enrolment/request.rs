//! What a machine that joins says about itself: checked, and worth no more than that.

use std::{collections::BTreeSet, net::IpAddr};

use freehold_proto::v1::{EnrolRequest, HardwareFingerprint};
use prost::Message as _;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::{
    authority::{CsrError, RequestedKey},
    id::Digest,
    machines::is_label,
    peer::Remote,
};

/// Longest host name that is kept: that of a DNS name.
const HOST_NAME_CHARACTERS: usize = 253;

/// Most labels that a machine may propose.
const PROPOSED: usize = 8;

/// Most network adapters that identify a machine.
const ADAPTERS: usize = 64;

/// A machine that asks to be let in.
#[derive(Clone, Debug)]
pub(super) struct Applicant {
    /// Hash of the token it shows.
    pub(super) token: Digest,
    /// The key it holds.
    pub(super) key: RequestedKey,
    /// What it is called.
    pub(super) host_name: String,
    /// Labels that whoever installed its agent proposes.
    pub(super) proposed_labels: Vec<String>,
    /// What identifies its hardware.
    pub(super) fingerprint: Fingerprint,
    /// Where it asks from.
    pub(super) address: IpAddr,
}

/// What identifies hardware.
#[derive(Clone, Debug, Default)]
pub(super) struct Fingerprint {
    pub(super) firmware: Option<Digest>,
    pub(super) adapters: Vec<Digest>,
    pub(super) machine_id: Option<Digest>,
}

/// Why a request makes no sense.
#[derive(Debug, Error, PartialEq, Eq)]
pub(super) enum InvalidRequest {
    #[error("field 'token' must have 32 bytes: update the agent")]
    Token,
    #[error(transparent)]
    Csr(#[from] CsrError),
    #[error("field 'fingerprint.{field}' must have 32 bytes: update the agent")]
    Hash { field: &'static str },
    #[error("field 'fingerprint.adapters' has more than {ADAPTERS} entries: update the agent")]
    Adapters,
}

impl Applicant {
    pub(super) fn from_request(
        request: EnrolRequest,
        remote: Remote,
    ) -> Result<Self, InvalidRequest> {
        let token = Zeroizing::new(request.token);
        if token.len() != 32 {
            return Err(InvalidRequest::Token);
        }
        Ok(Self {
            token: Digest::of(&token),
            key: RequestedKey::from_csr(&request.csr)?,
            host_name: host_name(&request.host_name),
            proposed_labels: proposed(&request.proposed_labels),
            fingerprint: Fingerprint::new(&request.fingerprint.unwrap_or_default())?,
            address: remote.0.ip().to_canonical(),
        })
    }
}

impl Fingerprint {
    fn new(sent: &HardwareFingerprint) -> Result<Self, InvalidRequest> {
        if sent.adapters.len() > ADAPTERS {
            return Err(InvalidRequest::Adapters);
        }
        let mut adapters = sent
            .adapters
            .iter()
            .map(|bytes| {
                Digest::from_slice(bytes).ok_or(InvalidRequest::Hash { field: "adapters" })
            })
            .collect::<Result<Vec<_>, _>>()?;
        adapters.sort_unstable();
        adapters.dedup();
        Ok(Self {
            firmware: optional(&sent.firmware, "firmware")?,
            adapters,
            machine_id: optional(&sent.machine_id, "machine_id")?,
        })
    }

    /// As it is stored.
    pub(super) fn encode(&self) -> Vec<u8> {
        let bytes = |digest: &Digest| digest.as_bytes().to_vec();
        HardwareFingerprint {
            firmware: self.firmware.as_ref().map(bytes).unwrap_or_default(),
            adapters: self.adapters.iter().map(bytes).collect(),
            machine_id: self.machine_id.as_ref().map(bytes).unwrap_or_default(),
        }
        .encode_to_vec()
    }

    /// Its parts with how much each says: adapters move between machines, and copied systems share a
    /// machine id.
    pub(super) fn parts(&self) -> impl Iterator<Item = (Digest, u32)> + '_ {
        let firmware = self.firmware.iter().map(|part| (*part, 16));
        let adapters = self.adapters.iter().map(|part| (*part, 4));
        let machine_id = self.machine_id.iter().map(|part| (*part, 2));
        firmware.chain(adapters).chain(machine_id)
    }
}

fn optional(bytes: &[u8], field: &'static str) -> Result<Option<Digest>, InvalidRequest> {
    if bytes.is_empty() {
        return Ok(None);
    }
    Digest::from_slice(bytes)
        .map(Some)
        .ok_or(InvalidRequest::Hash { field })
}

/// A host name without what could disturb a line of text.
fn host_name(sent: &str) -> String {
    let name: String = sent
        .chars()
        .filter(|letter| !letter.is_control() && !is_invisible(*letter))
        .take(HOST_NAME_CHARACTERS)
        .collect();
    let name = name.trim();
    if name.is_empty() {
        return "unnamed".to_owned();
    }
    name.to_owned()
}

/// The proposals that could be labels, in order and each once; a proposal is not worth a refusal.
fn proposed(sent: &[String]) -> Vec<String> {
    let labels = sent.iter().map(|label| label.trim());
    let usable = labels.filter(|label| is_label(label) && !label.chars().any(is_invisible));
    let labels: BTreeSet<_> = usable.take(PROPOSED).map(str::to_owned).collect();
    labels.into_iter().collect()
}

/// Characters that reorder or hide text.
fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_name_cannot_disturb_a_line_of_text() {
        assert_eq!(host_name("front-desk"), "front-desk");
        assert_eq!(host_name("a\n\u{202e}b\u{1b}[31m\u{0}c"), "ab[31mc");
        assert_eq!(host_name(" \u{feff} "), "unnamed");
        assert_eq!(host_name(&"x".repeat(1000)).len(), HOST_NAME_CHARACTERS);
    }

    #[test]
    fn a_proposal_that_could_be_no_label_is_dropped() {
        let sent = [
            " reception ",
            "",
            "a,b",
            "x@y",
            "a\u{202e}b",
            "back\noffice",
            "reception",
        ];
        let sent = sent.map(str::to_owned);
        assert_eq!(proposed(&sent), ["reception"]);
        assert!(proposed(&["x".repeat(65)]).is_empty());
        let many: Vec<_> = (0..1000).map(|number| number.to_string()).collect();
        assert_eq!(proposed(&many).len(), PROPOSED);
    }

    #[test]
    fn a_fingerprint_has_hashes_only() {
        let sent = HardwareFingerprint {
            firmware: vec![1; 31],
            ..HardwareFingerprint::default()
        };
        assert_eq!(
            Fingerprint::new(&sent).unwrap_err(),
            InvalidRequest::Hash { field: "firmware" }
        );
        let sent = HardwareFingerprint {
            adapters: vec![vec![1; 32]; ADAPTERS + 1],
            ..HardwareFingerprint::default()
        };
        assert_eq!(
            Fingerprint::new(&sent).unwrap_err(),
            InvalidRequest::Adapters
        );
    }
}
