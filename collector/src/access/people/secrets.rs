//! That the time an answer takes tells nothing of a secret: see the table of [`people`](super).

use std::time::{Duration, Instant};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use freehold_agent::identity::Token;

use super::{
    InvitationToken, PersonId, SessionToken, SetupCode,
    device::code_hash,
    factor::{self, recovery_hash},
};
use crate::{clock::UnixMillis, store::record::FactorRecord};

const PERSON: PersonId = PersonId([3; 16]);

/// What is looked up, or compared, for the bytes of each secret.
fn hashes(secret: [u8; 32]) -> Vec<(&'static str, [u8; 32])> {
    let text = URL_SAFE_NO_PAD.encode(secret);
    let token = Token::from_bytes(secret);
    let letters: String = secret
        .iter()
        .take(10)
        .map(|byte| char::from(b'A' + byte % 16))
        .collect();
    let code = SetupCode::typed(&letters);
    vec![
        ("session", SessionToken::decode(&text).unwrap().hash().0),
        (
            "invitation",
            InvitationToken::decode(&text).unwrap().hash().0,
        ),
        ("code of a device", code_hash(&token).0),
        ("join string", token.hash()),
        ("set-up code", code.hash().0),
        ("recovery code", recovery_hash(&code, PERSON).0),
    ]
}

/// Whoever knows all of a secret but one bit is as far from what is stored as somebody who knows nothing: a search that
/// stops at the first difference, such as the store's, tells nothing worth knowing.
#[test]
fn a_secret_that_is_almost_right_leads_to_another_place_altogether() {
    let secret: [u8; 32] = rand::random();
    for changed in [0, 1, 5, 9] {
        let mut almost = secret;
        almost[changed] ^= 1;
        for ((name, right), (_, wrong)) in hashes(secret).into_iter().zip(hashes(almost)) {
            let alike = right.iter().zip(&wrong).take_while(|(a, b)| a == b).count();
            assert!(alike < 6, "{name}: {alike} bytes are the same");
            let bits: u32 = right
                .iter()
                .zip(&wrong)
                .map(|(a, b)| (a ^ b).count_ones())
                .sum();
            assert!(
                (64..192).contains(&bits),
                "{name}: {bits} of 256 bits differ"
            );
        }
    }
    let all = hashes(secret);
    for (number, (name, hash)) in all.iter().enumerate() {
        assert_ne!(*hash, secret, "{name} is stored as it is");
        let others = all[number + 1..].iter();
        assert!(
            others.clone().all(|(_, other)| other != hash),
            "{name} stands for another"
        );
    }
}

/// A comparison that ended with the right one would take thousands of times as long for the last one as for the first.
#[test]
fn which_recovery_code_is_right_cannot_be_told_by_the_time() {
    const CODES: usize = 20_000;
    let code = SetupCode::random();
    let right = recovery_hash(&code, PERSON).0.to_vec();
    let record = |place: usize| {
        let mut recovery: Vec<Vec<u8>> = vec![vec![7; 32]; CODES];
        recovery[place].clone_from(&right);
        FactorRecord {
            recovery,
            ..FactorRecord::default()
        }
    };
    let (first, last) = (record(0), record(CODES - 1));
    let (typed, now) = (code.expose(), UnixMillis(1_800_000_000_000));
    let mut times: [Vec<Duration>; 2] = [Vec::new(), Vec::new()];
    for _ in 0..31 {
        for (known, times) in [&first, &last].into_iter().zip(&mut times) {
            let began = Instant::now();
            let proof = factor::check(std::hint::black_box(known), PERSON, &typed, now);
            times.push(began.elapsed());
            assert!(proof.is_some());
        }
    }
    let [first, last] = times.map(|mut times| {
        times.sort();
        times[times.len() / 2]
    });
    assert!(last < first * 2 && first < last * 2, "{first:?} {last:?}");
}
