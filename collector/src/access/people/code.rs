//! The one-time set-up code: proof that somebody sits at the collector's own console.

use std::fmt;

use zeroize::Zeroizing;

use crate::id::Digest;

/// Characters that nobody confuses when reading them aloud or off a screen.
const ALPHABET: &[u8] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Characters of a code: 49 bits, far beyond what its bounded failures allow to guess.
const LENGTH: usize = 10;

/// A one-time set-up code. A secret: only its hash is stored.
#[derive(Clone)]
pub struct SetupCode(Zeroizing<String>);

impl SetupCode {
    /// A new random code.
    pub(super) fn random() -> Self {
        let code = (0..LENGTH)
            .map(|_| char::from(ALPHABET[rand::random_range(0..ALPHABET.len())]))
            .collect();
        Self(Zeroizing::new(code))
    }

    /// What somebody typed: case, spaces and dashes do not matter.
    pub(super) fn typed(text: &str) -> Self {
        let code = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .take(LENGTH + 1)
            .map(|c| c.to_ascii_uppercase())
            .collect();
        Self(Zeroizing::new(code))
    }

    /// The code as it is shown to the person at the console: `ABCDE-FGHJK`.
    pub fn expose(&self) -> Zeroizing<String> {
        let (left, right) = self.0.split_at(self.0.len() / 2);
        Zeroizing::new(format!("{left}-{right}"))
    }

    /// What is stored of it.
    pub(super) fn hash(&self) -> Digest {
        Digest(blake3::derive_key(
            "freehold 2026 set-up code",
            self.0.as_bytes(),
        ))
    }
}

impl fmt::Debug for SetupCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SetupCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_accepted_however_it_is_typed() {
        let code = SetupCode::random();
        let shown = code.expose();
        let sloppy = format!(" {} ", shown.to_lowercase().replace('-', " "));
        assert_eq!(SetupCode::typed(&sloppy).hash(), code.hash());
        assert_eq!(shown.len(), LENGTH + 1);
    }

    #[test]
    fn a_code_holds_no_character_that_is_easily_misread() {
        for _ in 0..200 {
            let shown = SetupCode::random().expose();
            assert!(
                !shown.contains(['0', 'O', '1', 'I', 'L', 'U']),
                "{}",
                *shown
            );
        }
    }

    #[test]
    fn a_code_is_not_shown_by_debug() {
        let code = SetupCode::random();
        assert!(!format!("{code:?}").contains(&code.0[..4]));
    }

    #[test]
    fn a_longer_code_is_a_wrong_code() {
        let code = SetupCode::random();
        let longer = format!("{}2222", *code.expose());
        assert_ne!(SetupCode::typed(&longer).hash(), code.hash());
    }
}
