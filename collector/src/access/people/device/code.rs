//! The one-time code as text: where the collector is, how it proves itself, and the secret.

use std::{fmt, str::FromStr};

use freehold_agent::identity::{JoinString, Token};

/// What a code begins with. A join string begins otherwise, so that neither is taken for the other.
const PREFIX: &str = "freehold-device1:";
const JOIN_PREFIX: &str = "freehold1:";

/// Addresses of a collector, the pin that proves it, and the secret that adds one device.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceCode(JoinString);

/// Why a text is not a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceCodeError {
    /// It does not begin as one.
    #[error(
        "this is not a code for the command line: it begins with '{PREFIX}'; copy the whole line that the dashboard's \
         page Command line shows"
    )]
    Prefix,
    /// Cut off or altered.
    #[error(
        "the code is damaged: it was cut off or altered on its way; copy the whole line that the dashboard's page \
         Command line shows"
    )]
    Damaged,
}

impl DeviceCode {
    /// Of a collector at some addresses with a pin.
    pub fn new(addresses: Vec<String>, pin: [u8; 32], secret: Token) -> Self {
        Self(JoinString {
            addresses,
            pin,
            token: secret,
        })
    }

    /// Addresses of the collector, in order of preference.
    pub fn addresses(&self) -> &[String] {
        &self.0.addresses
    }

    /// SHA-256 over the public key of the root of the collector's authority.
    pub fn pin(&self) -> [u8; 32] {
        self.0.pin
    }

    /// The secret.
    pub fn secret(&self) -> &Token {
        &self.0.token
    }

    /// The text to hand over. It holds the secret: show it, never log it.
    pub fn encode(&self) -> String {
        self.0.encode().replacen(JOIN_PREFIX, PREFIX, 1)
    }
}

impl FromStr for DeviceCode {
    type Err = DeviceCodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rest = text
            .trim()
            .strip_prefix(PREFIX)
            .ok_or(DeviceCodeError::Prefix)?;
        let join = format!("{JOIN_PREFIX}{rest}");
        join.parse().map(Self).map_err(|_| DeviceCodeError::Damaged)
    }
}

impl fmt::Debug for DeviceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code() -> DeviceCode {
        DeviceCode::new(
            vec!["office.lan:7443".to_owned()],
            [7; 32],
            Token::generate(),
        )
    }

    #[test]
    fn a_code_is_read_back_and_shows_in_no_log() {
        let code = code();
        let text = code.encode();
        assert_eq!(format!(" {text}\n").parse(), Ok(code.clone()));
        assert!(!format!("{code:?}").contains(&text[PREFIX.len()..]));
    }

    #[test]
    fn a_join_string_and_a_code_are_not_taken_for_each_other() {
        let text = code().encode();
        assert!(text.parse::<JoinString>().is_err());
        let join = text.replacen(PREFIX, JOIN_PREFIX, 1);
        assert_eq!(join.parse::<DeviceCode>(), Err(DeviceCodeError::Prefix));
        let cut = &text[..text.len() - 1];
        assert_eq!(cut.parse::<DeviceCode>(), Err(DeviceCodeError::Damaged));
    }
}
