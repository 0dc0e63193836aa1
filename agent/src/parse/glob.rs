//! Shell patterns as package managers use them: `*`, `?` and `[...]`.

/// Whether a pattern matches all of a text. The time is bounded by the product of both lengths.
pub fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut pos) = (0, 0);
    // Where to go on when what follows the latest "*" does not fit: one byte further on.
    let mut again: Option<(usize, usize)> = None;
    while pos < text.len() {
        if pattern.get(at) == Some(&b'*') {
            again = Some((at + 1, pos));
            at += 1;
        } else if let Some(next) = one(pattern, at, text[pos]) {
            at = next;
            pos += 1;
        } else if let Some((star, from)) = again {
            again = Some((star, from + 1));
            (at, pos) = (star, from + 1);
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|&byte| byte == b'*')
}

/// Where the pattern goes on when the element at `at` matches a byte.
fn one(pattern: &[u8], at: usize, byte: u8) -> Option<usize> {
    match *pattern.get(at)? {
        b'?' => Some(at + 1),
        b'[' => match set(&pattern[at + 1..], byte) {
            Some((true, length)) => Some(at + 1 + length),
            Some((false, _)) => None,
            // Never closed: a bracket like any other character.
            None => (byte == b'[').then_some(at + 1),
        },
        b'\\' if at + 1 < pattern.len() => (pattern[at + 1] == byte).then_some(at + 2),
        other => (other == byte).then_some(at + 1),
    }
}

/// Whether a set holds a byte, and the set's length with its closing bracket.
fn set(pattern: &[u8], byte: u8) -> Option<(bool, usize)> {
    let negated = matches!(pattern.first(), Some(b'!' | b'^'));
    let start = usize::from(negated);
    // A bracket right at the beginning belongs to the set.
    let end = start + 1 + pattern.get(start + 1..)?.iter().position(|&b| b == b']')?;
    let (mut members, mut holds) = (&pattern[start..end], false);
    while let [first, rest @ ..] = members {
        members = if let [b'-', last, after @ ..] = rest {
            holds |= (*first..=*last).contains(&byte);
            after
        } else {
            holds |= *first == byte;
            rest
        };
    }
    Some((holds != negated, end + 1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn patterns_match_as_a_shell_would() {
        for (pattern, text, expected) in [
            ("linux", "linux", true),
            ("linux", "linux-lts", false),
            ("linux*", "linux-lts", true),
            ("*-lts", "linux-lts", true),
            ("l?nux", "linux", true),
            ("[kl]inux", "linux", true),
            ("[!kl]inux", "linux", false),
            ("[a-m]inux", "linux", true),
            ("[]]x", "]x", true),
            ("[x", "[x", true),
            ("a\\*", "a*", true),
            ("a\\*", "ab", false),
            ("*", "", true),
            ("", "", true),
            ("?", "", false),
            ("*a*b", "aaab", true),
        ] {
            let found = matches(pattern.as_bytes(), text.as_bytes());
            assert_eq!(found, expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_hostile_pattern_takes_no_time() {
        let pattern = b"*a".repeat(500);
        assert!(!matches(&pattern, &vec![b'b'; 10_000]));
    }

    proptest! {
        #[test]
        fn any_pattern_is_survived(pattern: Vec<u8>, text: Vec<u8>) {
            matches(&pattern, &text);
        }

        #[test]
        fn a_name_matches_itself_and_any_beginning_of_it(name in "[a-z0-9+.-]{1,20}", cut in 0usize..20) {
            prop_assert!(matches(name.as_bytes(), name.as_bytes()));
            let beginning = format!("{}*", &name[..cut.min(name.len())]);
            prop_assert!(matches(beginning.as_bytes(), name.as_bytes()));
        }
    }
}
