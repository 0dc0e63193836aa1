//! Sessions of signed-in browsers, and the proof that a browser has signed in before.

use std::{fmt, net::IpAddr, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{Delegation, PersonId, Role, signed_id};
use crate::{
    access::Viewer, audit::Actor, clock::UnixMillis, events::Mark, id::Digest,
    store::record::PersonRecord,
};

/// How long a session lasts at most.
pub const LONGEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How long a session lasts without a request.
pub const IDLE: Duration = Duration::from_secs(8 * 60 * 60);

/// How coarsely the last request is remembered, to spare the disk.
pub(super) const SEEN_EVERY: Duration = Duration::from_secs(5 * 60);

/// How long a browser is known after it signed in.
pub const DEVICE: Duration = Duration::from_secs(180 * 24 * 60 * 60);

/// The secret a signed-in browser holds: 256 random bits. Only its hash is stored.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SessionToken([u8; 32]);

impl SessionToken {
    pub(super) fn random() -> Self {
        let mut bytes = [0; 32];
        rand::fill(&mut bytes);
        Self(bytes)
    }

    /// From a cookie's value; `None` when it is not of that form.
    pub(super) fn decode(cookie: &str) -> Option<Self> {
        let mut decoded = URL_SAFE_NO_PAD.decode(cookie).ok()?;
        let token = decoded.as_slice().try_into().ok().map(Self);
        decoded.zeroize();
        token
    }

    /// The cookie's value.
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What is stored of it.
    pub(super) fn hash(&self) -> Digest {
        Digest(blake3::derive_key("freehold 2026 session", &self.0))
    }

    fn form_token(&self) -> FormToken {
        FormToken(URL_SAFE_NO_PAD.encode(blake3::derive_key("freehold 2026 form", &self.0)))
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(…)")
    }
}

/// What the forms of a session carry, so that no other site can send them.
#[derive(Clone)]
pub struct FormToken(String);

impl FormToken {
    /// The hidden field's value.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether a form brought this token, compared in constant time.
    pub fn matches(&self, sent: &str) -> bool {
        self.0.as_bytes().ct_eq(sent.as_bytes()).into()
    }
}

impl fmt::Debug for FormToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FormToken(…)")
    }
}

/// A signed-in browser.
#[derive(Clone, Debug)]
pub struct Session {
    /// Who signed in.
    pub person: PersonId,
    /// The name for the screen.
    pub name: String,
    /// When the session began.
    pub opened_at: UnixMillis,
    /// When it ends at the latest.
    pub expires_at: UnixMillis,
    /// What its forms carry.
    pub form_token: FormToken,
    /// In which capacity.
    pub role: Role,
    /// When the request was made that is answered in it.
    pub asked: Mark,
    /// Identifies the session without giving it away.
    pub(super) hash: Digest,
}

impl Session {
    pub(super) fn new(
        token: &SessionToken,
        person: &PersonRecord,
        role: Role,
        opened_at: UnixMillis,
        expires_at: UnixMillis,
    ) -> Self {
        Self {
            person: PersonId(signed_id(person)),
            name: person.name.clone(),
            opened_at,
            expires_at,
            form_token: token.form_token(),
            role,
            asked: Mark::default(),
            hash: token.hash(),
        }
    }

    /// The same session, of a request that was made then.
    #[must_use]
    pub fn asked(self, asked: Mark) -> Self {
        Self { asked, ..self }
    }

    /// What this session may read.
    pub fn viewer(&self) -> Viewer {
        self.role.viewer(self.person)
    }

    /// Whether it is an owner's.
    pub fn is_owner(&self) -> bool {
        self.role == Role::Owner
    }

    /// Under what it reads; `None` for an owner.
    pub fn delegation(&self) -> Option<&Delegation> {
        self.role.delegation()
    }

    /// Who acts in this session, for the log.
    pub fn actor(&self, address: IpAddr) -> Actor {
        self.role.actor(self.person, &self.name).from(address)
    }
}

/// A session just opened: what the browser gets.
#[derive(Debug)]
pub struct SignedIn {
    /// Value of the session cookie.
    pub token: SessionToken,
    /// Value of the cookie that proves later that this browser has signed in before.
    pub device: String,
    /// The session.
    pub session: Session,
}

/// Makes the proof that a browser has signed in with the password of this hash. Nothing is stored: a new
/// password makes all proofs worthless.
pub(super) fn device(password_hash: &str, person: PersonId, now: UnixMillis) -> String {
    let mut proof = [0; 56];
    let mut nonce = [0; 16];
    rand::fill(&mut nonce);
    proof[..16].copy_from_slice(&nonce);
    proof[16..24].copy_from_slice(&now.plus(DEVICE).0.to_be_bytes());
    let mac = device_mac(password_hash, person, &proof[..24]);
    proof[24..].copy_from_slice(mac.as_bytes());
    URL_SAFE_NO_PAD.encode(proof)
}

/// The nonce of a valid proof.
pub(super) fn known_device(
    cookie: &str,
    password_hash: &str,
    person: PersonId,
    now: UnixMillis,
) -> Option<[u8; 16]> {
    let proof = URL_SAFE_NO_PAD.decode(cookie).ok()?;
    let (said, mac) = proof.split_at_checked(24)?;
    let mac: [u8; 32] = mac.try_into().ok()?;
    // blake3::Hash compares in constant time.
    if device_mac(password_hash, person, said) != blake3::Hash::from(mac) {
        return None;
    }
    let (nonce, expires_at) = said.split_at_checked(16)?;
    let expires_at = i64::from_be_bytes(expires_at.try_into().ok()?);
    if expires_at <= now.0 {
        return None;
    }
    nonce.try_into().ok()
}

fn device_mac(password_hash: &str, person: PersonId, said: &[u8]) -> blake3::Hash {
    let key = blake3::derive_key("freehold 2026 known browser", password_hash.as_bytes());
    let mut hasher = blake3::Hasher::new_keyed(&key);
    hasher.update(&person.0).update(said);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);
    const PERSON: PersonId = PersonId([3; 16]);

    #[test]
    fn a_cookie_leads_back_to_its_session_and_shows_in_no_log() {
        let token = SessionToken::random();
        let again = SessionToken::decode(&token.encode()).unwrap();
        assert_eq!(again.hash(), token.hash());
        assert!(!format!("{token:?}").contains(&token.encode()));
        for bad in ["", "short", "%%%", &"A".repeat(1000)] {
            assert!(SessionToken::decode(bad).is_none());
        }
    }

    #[test]
    fn a_form_token_belongs_to_one_session() {
        let (one, other) = (SessionToken::random(), SessionToken::random());
        assert!(one.form_token().matches(one.form_token().expose()));
        assert!(!one.form_token().matches(other.form_token().expose()));
        assert!(!one.form_token().matches(""));
        assert_ne!(one.form_token().expose(), one.encode());
    }

    /// A comparison that stopped at the first difference would take a hundred times as long for a secret whose end
    /// alone is wrong.
    #[test]
    fn how_much_of_a_secret_is_right_cannot_be_told_by_the_time() {
        use std::{hint::black_box, time::Instant};

        let secret = FormToken("s".repeat(64 * 1024));
        let begins = format!("x{}", &secret.0[1..]);
        let ends = format!("{}x", &secret.0[1..]);
        let mut times = [Vec::new(), Vec::new()];
        for _ in 0..301 {
            for (wrong, times) in [&begins, &ends].into_iter().zip(&mut times) {
                let began = Instant::now();
                assert!(!black_box(&secret).matches(black_box(wrong)));
                times.push(began.elapsed());
            }
        }
        let [begins, ends] = times.map(|mut times| {
            times.sort();
            times[times.len() / 2]
        });
        assert!(
            ends < begins * 2 && begins < ends * 2,
            "{begins:?} {ends:?}"
        );
    }

    #[test]
    fn a_known_browser_is_one_that_knew_this_password() {
        let proof = device("$argon2id$one", PERSON, NOW);
        assert!(known_device(&proof, "$argon2id$one", PERSON, NOW).is_some());
        assert!(known_device(&proof, "$argon2id$two", PERSON, NOW).is_none());
        assert!(known_device(&proof, "$argon2id$one", PersonId([4; 16]), NOW).is_none());
        let later = NOW.plus(DEVICE);
        assert!(known_device(&proof, "$argon2id$one", PERSON, later).is_none());
        let mut altered = URL_SAFE_NO_PAD.decode(&proof).unwrap();
        altered[20] ^= 1;
        let altered = URL_SAFE_NO_PAD.encode(altered);
        assert!(known_device(&altered, "$argon2id$one", PERSON, NOW).is_none());
        assert!(known_device("AAAA", "$argon2id$one", PERSON, NOW).is_none());
    }
}
