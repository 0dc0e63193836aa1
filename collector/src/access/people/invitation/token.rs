//! The secret in an invitation's link.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::id::Digest;

/// What an invitation's link holds: 256 random bits. Only its hash is stored.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct InvitationToken([u8; 32]);

impl InvitationToken {
    pub(super) fn random() -> Self {
        Self(rand::random())
    }

    /// From the end of a link.
    pub fn decode(text: &str) -> Option<Self> {
        let mut decoded = URL_SAFE_NO_PAD.decode(text).ok()?;
        let token = decoded.as_slice().try_into().ok().map(Self);
        decoded.zeroize();
        token
    }

    /// The end of the link.
    pub fn encode(&self) -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(self.0))
    }

    pub(in crate::access::people) fn hash(&self) -> Digest {
        Digest(blake3::derive_key("freehold 2026 invitation", &self.0))
    }
}

impl fmt::Debug for InvitationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InvitationToken(…)")
    }
}
