//! What the owner hands to a machine so that it can join.

use std::{fmt, str::FromStr};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use prost::Message as _;
use zeroize::Zeroizing;

use super::{AddressError, Token, check_address};

const PREFIX: &str = "freehold1:";
const VERSION: u8 = 1;
const CHECKSUM_BYTES: usize = 8;
/// Longest text that is looked at: sixteen long addresses fit.
const TEXT_BYTES: usize = 8 * 1024;

/// Addresses of a collector, the pin that proves it, and the token that admits one machine.
///
/// As text it is `freehold1:` and base64url of a version byte, an encoded message and the first 8 bytes of
/// the BLAKE3 of both, so that a string that was cut off or altered is told from a wrong token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinString {
    /// Addresses of the collector, `host:port`, in order of preference.
    pub addresses: Vec<String>,
    /// SHA-256 over the `SubjectPublicKeyInfo` of the root of the collector's authority.
    pub pin: [u8; 32],
    /// The secret.
    pub token: Token,
}

/// Why a text is not a join string.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JoinStringError {
    /// It does not begin as one.
    #[error(
        "this is not a join string: it must begin with 'freehold1:'; copy the whole line that the collector printed"
    )]
    Prefix,
    /// Cut off, altered, or wrapped by something that added to it.
    #[error(
        "the join string is damaged: it was cut off or altered on its way; copy the whole line that the collector printed"
    )]
    Damaged,
    /// Made by a collector that knows more than this agent.
    #[error(
        "the join string has format {0}, which this agent does not know; install a newer agent"
    )]
    Version(u8),
    /// It names no collector or too many.
    #[error("the join string names {0} addresses of the collector instead of 1 to {max}; ask for a new one", max = JoinString::ADDRESSES)]
    Addresses(usize),
    /// It names an address that cannot be dialled.
    #[error("the join string cannot be used: {0}; ask for a new one")]
    Address(#[source] AddressError),
}

/// The encoded message. Fields that a later version adds are passed over.
#[derive(Clone, PartialEq, prost::Message)]
struct Content {
    #[prost(string, repeated, tag = "1")]
    addresses: Vec<String>,
    #[prost(bytes = "vec", tag = "2")]
    pin: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    token: Vec<u8>,
}

impl JoinString {
    /// Most addresses a join string may name.
    pub const ADDRESSES: usize = 16;

    /// The text to hand over. It holds the token: print it, never log it.
    pub fn encode(&self) -> String {
        let mut content = Content {
            addresses: self.addresses.clone(),
            pin: self.pin.to_vec(),
            token: self.token.expose().to_vec(),
        };
        let mut bytes = Zeroizing::new(vec![VERSION]);
        bytes.extend(Zeroizing::new(content.encode_to_vec()).iter());
        zeroize::Zeroize::zeroize(&mut content.token);
        let checksum = checksum(&bytes);
        bytes.extend(checksum);
        format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(&bytes[..]))
    }
}

impl FromStr for JoinString {
    type Err = JoinStringError;

    /// White space within the text is passed over: mail programs wrap long lines.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut text = Zeroizing::new(text.to_owned());
        text.retain(|character| !character.is_whitespace());
        let encoded = text.strip_prefix(PREFIX).ok_or(JoinStringError::Prefix)?;
        if encoded.len() > TEXT_BYTES {
            return Err(JoinStringError::Damaged);
        }
        let bytes = BASE64_URL_SAFE_NO_PAD
            .decode(encoded)
            .map_err(|_| JoinStringError::Damaged)?;
        Self::from_bytes(&Zeroizing::new(bytes))
    }
}

impl JoinString {
    fn from_bytes(bytes: &[u8]) -> Result<Self, JoinStringError> {
        let (checked, sum) = bytes
            .split_last_chunk::<CHECKSUM_BYTES>()
            .ok_or(JoinStringError::Damaged)?;
        let (&version, content) = checked.split_first().ok_or(JoinStringError::Damaged)?;
        if checksum(checked) != *sum {
            return Err(JoinStringError::Damaged);
        }
        if version != VERSION {
            return Err(JoinStringError::Version(version));
        }
        let content = Content::decode(content).map_err(|_| JoinStringError::Damaged)?;
        let token = Zeroizing::new(content.token);
        let addresses = content.addresses;
        if addresses.is_empty() || addresses.len() > Self::ADDRESSES {
            return Err(JoinStringError::Addresses(addresses.len()));
        }
        for address in &addresses {
            check_address(address).map_err(JoinStringError::Address)?;
        }
        Ok(Self {
            addresses,
            pin: content
                .pin
                .try_into()
                .map_err(|_| JoinStringError::Damaged)?,
            token: Token::from_bytes(token[..].try_into().map_err(|_| JoinStringError::Damaged)?),
        })
    }
}

impl fmt::Display for JoinString {
    /// Shows where it leads, without the secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{PREFIX}... for {}", self.addresses.join(", "))
    }
}

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let hash = blake3::hash(bytes);
    let mut sum = [0; CHECKSUM_BYTES];
    sum.copy_from_slice(&hash.as_bytes()[..CHECKSUM_BYTES]);
    sum
}

#[cfg(test)]
pub(super) fn example() -> JoinString {
    JoinString {
        addresses: vec!["office.example:7443".into(), "[fd00::1]:7443".into()],
        pin: [7; 32],
        token: Token::from_bytes([9; 32]),
    }
}

#[cfg(test)]
mod tests {
    use super::{example as sample, *};

    #[test]
    fn what_is_encoded_is_read_back() {
        assert_eq!(sample().encode().parse(), Ok(sample()));
    }

    #[test]
    fn a_string_wrapped_by_a_mail_program_is_still_read() {
        let text = sample().encode();
        let (left, right) = text.split_at(60);
        assert_eq!(format!("  {left}\r\n {right}\n").parse(), Ok(sample()));
    }

    #[test]
    fn every_truncation_is_told() {
        let text = sample().encode();
        for end in PREFIX.len()..text.len() {
            assert_eq!(
                text[..end].parse::<JoinString>(),
                Err(JoinStringError::Damaged),
                "cut at {end}"
            );
        }
        assert_eq!(
            "freehold".parse::<JoinString>(),
            Err(JoinStringError::Prefix)
        );
    }

    #[test]
    fn every_altered_character_is_told() {
        let text = sample().encode();
        for position in PREFIX.len()..text.len() {
            let mut altered = text.clone().into_bytes();
            altered[position] = if altered[position] == b'A' {
                b'B'
            } else {
                b'A'
            };
            let altered = String::from_utf8(altered).unwrap();
            assert_eq!(altered.parse::<JoinString>(), Err(JoinStringError::Damaged));
        }
    }

    #[test]
    fn a_string_of_a_later_format_asks_for_a_newer_agent() {
        let mut bytes = vec![2, 1, 2, 3];
        bytes.extend(checksum(&bytes));
        let text = format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes));
        assert_eq!(text.parse::<JoinString>(), Err(JoinStringError::Version(2)));
    }

    #[test]
    fn a_string_without_addresses_or_with_a_bad_one_is_refused() {
        let none = JoinString {
            addresses: vec![],
            ..sample()
        };
        assert_eq!(
            none.encode().parse::<JoinString>(),
            Err(JoinStringError::Addresses(0))
        );
        let bad = JoinString {
            addresses: vec!["office".into()],
            ..sample()
        };
        assert!(matches!(
            bad.encode().parse::<JoinString>(),
            Err(JoinStringError::Address(_))
        ));
    }

    #[test]
    fn no_way_of_showing_it_betrays_the_token() {
        let secret = BASE64_URL_SAFE_NO_PAD.encode([9; 32]);
        for shown in [format!("{:?}", sample()), sample().to_string()] {
            assert!(
                !shown.contains(&secret) && !shown.contains("9, 9"),
                "{shown}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_too_strange(text in ".{0,200}") {
            let _ = text.parse::<JoinString>();
            let _ = format!("{PREFIX}{text}").parse::<JoinString>();
        }

        #[test]
        fn no_content_is_too_strange(content in proptest::collection::vec(0_u8.., 0..200)) {
            let mut bytes = vec![VERSION];
            bytes.extend(content);
            bytes.extend(checksum(&bytes));
            let _ = JoinString::from_bytes(&bytes);
        }
    }
}
