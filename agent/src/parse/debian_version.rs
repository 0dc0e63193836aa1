//! Versions of Debian packages, compared as dpkg does.

use std::cmp::Ordering;

use super::dpkg::version;

/// Which of two versions is newer: by epoch, then by the upstream version, then by the revision.
pub fn compare(a: &[u8], b: &[u8]) -> Ordering {
    let (a, b) = (version(a), version(b));
    a.epoch
        .unwrap_or(0)
        .cmp(&b.epoch.unwrap_or(0))
        .then_with(|| part(a.upstream, b.upstream))
        .then_with(|| part(a.revision, b.revision))
}

/// Pieces without digits and numbers take turns.
fn part(mut a: &[u8], mut b: &[u8]) -> Ordering {
    while !a.is_empty() || !b.is_empty() {
        let ((a_word, a_rest), (b_word, b_rest)) = (split(a, false), split(b, false));
        let ((a_number, a_rest), (b_number, b_rest)) = (split(a_rest, true), split(b_rest, true));
        let order = word(a_word, b_word).then_with(|| number(a_number, b_number));
        if order.is_ne() {
            return order;
        }
        (a, b) = (a_rest, b_rest);
    }
    Ordering::Equal
}

/// The beginning that consists of digits, or of none, and the rest.
fn split(text: &[u8], digits: bool) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| byte.is_ascii_digit() != digits);
    text.split_at(end.unwrap_or(text.len()))
}

/// "~" comes before the end, the end before letters, letters before all else.
fn word(a: &[u8], b: &[u8]) -> Ordering {
    let weight = |byte: Option<&u8>| match byte {
        Some(b'~') => -1,
        None => 0,
        Some(letter) if letter.is_ascii_alphabetic() => i32::from(*letter),
        Some(other) => i32::from(*other) + 256,
    };
    let length = a.len().max(b.len());
    let orders = (0..length).map(|at| weight(a.get(at)).cmp(&weight(b.get(at))));
    let mut different = orders.filter(|order| order.is_ne());
    different.next().unwrap_or(Ordering::Equal)
}

/// Numbers of any length.
fn number(a: &[u8], b: &[u8]) -> Ordering {
    let plain = |digits: &[u8]| {
        let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
        digits.split_at(zeros).1.to_vec()
    };
    let (a, b) = (plain(a), plain(b));
    a.len().cmp(&b.len()).then_with(|| a.cmp(&b))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn versions_are_ordered_as_policy_says() {
        let ordered = [
            "0.9",
            "1.0~~",
            "1.0~beta1",
            "1.0",
            "1.0-0ubuntu1",
            "1.0-1",
            "1.0-1+deb12u1",
            "1.0-1+deb12u2",
            "1.0-1+deb12u10",
            "1.0a",
            "1.0+b",
            "1.0.1",
            "1.10",
            "1:0.1",
        ];
        for (index, older) in ordered.iter().enumerate() {
            for newer in &ordered[index + 1..] {
                let (older, newer) = (older.as_bytes(), newer.as_bytes());
                assert_eq!(compare(older, newer), Ordering::Less, "{older:?} {newer:?}");
                assert_eq!(compare(newer, older), Ordering::Greater);
            }
        }
        assert_eq!(compare(b"1.0", b"0:1.0"), Ordering::Equal);
        assert_eq!(compare(b"1.01", b"1.1"), Ordering::Equal);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived_and_the_order_is_one(a in "[0-9a-z.+~:-]{0,12}", b in "[0-9a-z.+~:-]{0,12}", c: Vec<u8>) {
            prop_assert_eq!(compare(a.as_bytes(), b.as_bytes()), compare(b.as_bytes(), a.as_bytes()).reverse());
            prop_assert_eq!(compare(&c, &c), Ordering::Equal);
            compare(&c, a.as_bytes());
        }
    }
}
