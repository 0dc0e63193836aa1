//! The secret in a join string.

use std::fmt;

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// One-time token that lets a machine join: 32 random bytes, wiped from memory when dropped.
#[derive(Clone)]
pub struct Token(Zeroizing<[u8; Token::BYTES]>);

impl Token {
    /// Length of a token.
    pub const BYTES: usize = 32;

    /// Makes a token that nobody can guess.
    pub fn generate() -> Self {
        let mut bytes = Zeroizing::new([0; Self::BYTES]);
        rand::fill(&mut bytes[..]);
        Self(bytes)
    }

    /// Wraps the bytes of a token that was made earlier.
    pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The secret itself, to be sent or encoded, never logged.
    pub fn expose(&self) -> &[u8; Self::BYTES] {
        &self.0
    }

    /// BLAKE3-256 over the token: what a collector keeps, so that reading its store lets nobody join.
    pub fn hash(&self) -> [u8; 32] {
        *blake3::hash(self.expose()).as_bytes()
    }
}

impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        self.expose().ct_eq(other.expose()).into()
    }
}

impl Eq for Token {}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_does_not_show_itself_in_debug_output() {
        let token = Token::from_bytes([0xAB; 32]);
        assert_eq!(format!("{token:?}"), "Token(redacted)");
    }

    #[test]
    fn two_tokens_are_never_alike() {
        assert_ne!(Token::generate(), Token::generate());
    }
}
