//! The second factor: codes of an authenticator (RFC 6238), and recovery codes for the day it is lost.

use std::fmt;

use subtle::ConstantTimeEq as _;
use totp_rs::{Algorithm, Builder, Secret, Totp};
use zeroize::{Zeroize as _, Zeroizing};

use super::{PersonId, SetupCode};
use crate::{clock::UnixMillis, id::Digest, store::record::FactorRecord};

/// Bytes of a secret: what RFC 4226 recommends.
const BYTES: usize = 20;

/// Recovery codes a person gets.
pub(super) const RECOVERY_CODES: usize = 10;

/// Wrong codes, given with the right password, after which a person cannot sign in any more: with these an
/// attacker guesses right once in ten thousand.
pub(super) const LOCKED_AFTER: u32 = 30;

/// What a person's authenticator shares with the collector.
#[derive(Clone)]
pub struct TotpSecret(Zeroizing<[u8; BYTES]>);

/// What a code proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// The authenticator's code of these 30 seconds.
    Step(u64),
    /// A recovery code, by its hash.
    Recovery([u8; 32]),
}

impl TotpSecret {
    /// A new one.
    pub(super) fn random() -> Self {
        let mut bytes = Zeroizing::new([0; BYTES]);
        rand::fill(&mut bytes[..]);
        Self(bytes)
    }

    pub(super) fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes
            .try_into()
            .ok()
            .map(|bytes| Self(Zeroizing::new(bytes)))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0[..]
    }

    /// As it is typed into an authenticator.
    pub fn base32(&self) -> Zeroizing<String> {
        Zeroizing::new(Secret::from(self.as_bytes()).to_base32())
    }

    pub(super) fn from_base32(text: &str) -> Option<Self> {
        let secret = Secret::try_from_base32(text).ok()?;
        Self::from_slice(secret.as_ref())
    }

    /// The address that a QR code carries to an authenticator.
    pub fn address(&self, business: &str, account: &str) -> Zeroizing<String> {
        let issuer = encoded(&format!("Freehold {}", business.replace(':', " ")));
        let account = encoded(&account.replace(':', " "));
        let secret = self.base32();
        Zeroizing::new(format!(
            "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}",
            *secret
        ))
    }

    /// Which 30 seconds a code belongs to: these, or those before or after. `None` for a wrong code, and for
    /// one of a time up to `last`, which was used before.
    pub(super) fn check(&self, code: &str, now: UnixMillis, last: u64) -> Option<u64> {
        let seconds = u64::try_from(now.0.div_euclid(1000)).ok()?;
        let step = self.totp()?.check(code, seconds)?;
        (step > last).then_some(step)
    }

    /// The code of a moment, as an authenticator shows it.
    pub(crate) fn code_at(&self, at: UnixMillis) -> Option<String> {
        let seconds = u64::try_from(at.0.div_euclid(1000)).ok()?;
        Some(self.totp()?.generate(seconds).to_string())
    }

    /// The same, in a test.
    #[cfg(test)]
    pub(crate) fn code(&self, at: UnixMillis) -> String {
        self.code_at(at).unwrap()
    }

    fn totp(&self) -> Option<Totp> {
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_skew(1)
            .with_step_duration(30)
            .with_secret(Secret::from(self.as_bytes()))
            .build()
            .ok()
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

/// What a code proves about a person; `None` when it is wrong or was used before.
pub(super) fn check(
    factor: &FactorRecord,
    person: PersonId,
    code: &str,
    now: UnixMillis,
) -> Option<Proof> {
    let typed: Zeroizing<String> = Zeroizing::new(
        code.chars()
            .filter(|c| !c.is_whitespace())
            .take(40)
            .collect(),
    );
    if typed.len() == 6 && typed.bytes().all(|byte| byte.is_ascii_digit()) {
        let secret = TotpSecret::from_slice(&factor.secret)?;
        return secret.check(&typed, now, factor.last_step).map(Proof::Step);
    }
    let hash = recovery_hash(&SetupCode::typed(&typed), person);
    // All are compared, whichever fits.
    let fits = factor.recovery.iter().fold(0_u8, |fits, known| {
        fits | known.as_slice().ct_eq(hash.as_bytes()).unwrap_u8()
    });
    (fits == 1).then_some(Proof::Recovery(*hash.as_bytes()))
}

/// Takes account of a proof in the record as it is now; `false` when it was used meanwhile.
pub(super) fn consume(factor: &mut FactorRecord, proof: Proof) -> bool {
    let fresh = match proof {
        Proof::Step(step) => step > factor.last_step,
        Proof::Recovery(hash) => factor.recovery.iter().any(|known| *known == hash),
    };
    if fresh {
        factor.failures = 0;
        match proof {
            Proof::Step(step) => factor.last_step = step,
            Proof::Recovery(hash) => factor.recovery.retain(|known| *known != hash),
        }
    }
    fresh
}

/// A factor that begins with a code of its secret, and its recovery codes.
pub(super) fn begun(
    secret: &TotpSecret,
    step: u64,
    person: PersonId,
) -> (Vec<SetupCode>, FactorRecord) {
    let (codes, hashes) = recovery_codes(person);
    let mut factor = FactorRecord {
        secret: secret.as_bytes().to_vec(),
        recovery: hashes,
        ..FactorRecord::default()
    };
    consume(&mut factor, Proof::Step(step));
    (codes, factor)
}

/// New recovery codes, and what is kept of them.
fn recovery_codes(person: PersonId) -> (Vec<SetupCode>, Vec<Vec<u8>>) {
    let codes: Vec<SetupCode> = (0..RECOVERY_CODES).map(|_| SetupCode::random()).collect();
    let hash = |code| recovery_hash(code, person).as_bytes().to_vec();
    let hashes = codes.iter().map(hash).collect();
    (codes, hashes)
}

pub(super) fn recovery_hash(code: &SetupCode, person: PersonId) -> Digest {
    let mut bytes = code.hash().as_bytes().to_vec();
    bytes.extend_from_slice(&person.0);
    let hash = Digest(blake3::derive_key("freehold 2026 recovery code", &bytes));
    bytes.zeroize();
    hash
}

/// Text as a part of an address.
fn encoded(text: &str) -> String {
    use fmt::Write as _;
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);
    const PERSON: PersonId = PersonId([3; 16]);
    const STEP: Duration = Duration::from_secs(30);

    fn factor() -> (TotpSecret, FactorRecord) {
        let secret = TotpSecret::random();
        let record = FactorRecord {
            secret: secret.as_bytes().to_vec(),
            ..FactorRecord::default()
        };
        (secret, record)
    }

    #[test]
    fn the_codes_are_those_of_rfc_6238() {
        let secret = TotpSecret::from_slice(b"12345678901234567890").unwrap();
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret.code(UnixMillis(seconds * 1000)), code);
        }
        assert_eq!(
            TotpSecret::from_base32(&secret.base32()).unwrap().0,
            secret.0
        );
    }

    #[test]
    fn a_clock_may_be_half_a_minute_off_and_no_more() {
        let (secret, factor) = factor();
        for at in [NOW.minus(STEP), NOW, NOW.plus(STEP)] {
            assert!(
                check(&factor, PERSON, &secret.code(at), NOW).is_some(),
                "{at}"
            );
        }
        for at in [NOW.minus(3 * STEP), NOW.minus(2 * STEP), NOW.plus(2 * STEP)] {
            assert!(
                check(&factor, PERSON, &secret.code(at), NOW).is_none(),
                "{at}"
            );
        }
    }

    #[test]
    fn a_code_works_once_and_no_older_one_after_it() {
        let (secret, mut factor) = factor();
        let code = secret.code(NOW);
        let proof = check(&factor, PERSON, &code, NOW).unwrap();
        assert!(consume(&mut factor, proof));
        assert!(check(&factor, PERSON, &code, NOW).is_none(), "replayed");
        assert!(!consume(&mut factor, proof), "two at once");
        let older = secret.code(NOW.minus(STEP));
        assert!(
            check(&factor, PERSON, &older, NOW).is_none(),
            "an older one"
        );
        let later = NOW.plus(STEP);
        assert!(check(&factor, PERSON, &secret.code(later), later).is_some());
    }

    #[test]
    fn a_recovery_code_works_once_and_for_one_person() {
        let (_, mut factor) = factor();
        let (codes, hashes) = recovery_codes(PERSON);
        factor.recovery = hashes;
        let shown = codes[3].expose().to_lowercase();
        assert!(check(&factor, PersonId([4; 16]), &shown, NOW).is_none());
        let proof = check(&factor, PERSON, &shown, NOW).unwrap();
        assert!(consume(&mut factor, proof));
        assert!(check(&factor, PERSON, &shown, NOW).is_none(), "used");
        assert!(!consume(&mut factor, proof), "two at once");
        assert_eq!(factor.recovery.len(), RECOVERY_CODES - 1);
        assert!(check(&factor, PERSON, "", NOW).is_none());
        assert!(check(&factor, PERSON, "AAAAA-AAAAA", NOW).is_none());
    }

    #[test]
    fn a_secret_shows_in_no_log_and_names_cannot_break_out_of_the_address() {
        let secret = TotpSecret::random();
        assert_eq!(format!("{secret:?}"), "TotpSecret(…)");
        let address = secret.address("A:B & \"C\"", "x?secret=y&issuer=z");
        assert!(address.starts_with(
            "otpauth://totp/Freehold%20A%20B%20%26%20%22C%22:x%3Fsecret%3Dy%26issuer%3Dz?secret="
        ));
    }
}
