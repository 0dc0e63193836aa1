//! The names of this machine, and host lists in words.

use crate::parse::sudoers::{Member, Name};
use crate::probe::Root;

/// What this machine is called.
pub(super) struct HostNames {
    full: String,
}

impl HostNames {
    /// Reads the name; empty when it is not known.
    pub(super) fn read(root: &Root) -> Self {
        let path = if root.is_live() {
            "/proc/sys/kernel/hostname"
        } else {
            "/etc/hostname"
        };
        let bytes = root.read_at_most(path, 4096).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let name = text
            .lines()
            .map(str::trim)
            .find(|line| !line.is_empty() && !line.starts_with('#'));
        Self {
            full: name.unwrap_or_default().to_ascii_lowercase(),
        }
    }

    /// The name up to the first dot.
    pub(super) fn short(&self) -> &str {
        self.full.split('.').next().unwrap_or_default()
    }

    /// Whether a name or pattern means this machine. A longer name than the machine knows of itself may.
    pub(super) fn matches(&self, pattern: &str) -> Option<bool> {
        if self.full.is_empty() {
            return None;
        }
        let pattern = pattern.to_ascii_lowercase();
        let Some((first, _)) = pattern.split_once('.') else {
            return Some(glob(pattern.as_bytes(), self.short().as_bytes()));
        };
        if glob(pattern.as_bytes(), self.full.as_bytes()) {
            return Some(true);
        }
        let may = !self.full.contains('.') && glob(first.as_bytes(), self.full.as_bytes());
        if may { None } else { Some(false) }
    }
}

/// Host lists in words; nothing for all hosts.
pub(super) fn condition(hosts: &[Member], here: Option<bool>) -> Option<String> {
    if let [
        Member {
            negated: false,
            name: Name::All,
        },
    ] = hosts
    {
        return None;
    }
    let names: Vec<_> = hosts.iter().map(ToString::to_string).collect();
    let plural = if names.len() == 1 { "" } else { "s" };
    let not_here = if here == Some(false) {
        ", not on this computer"
    } else {
        ""
    };
    Some(format!(
        "only on host{plural} {}{not_here}",
        names.join(", ")
    ))
}

/// Whether a shell pattern matches a whole text: "*", "?" and sets in brackets.
pub(in super::super) fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut from, mut star) = (0, 0, None);
    while from < text.len() {
        match step(&pattern[at..], text[from]) {
            Some(0) => {
                star = Some((at + 1, from));
                at += 1;
            }
            Some(length) => {
                at += length;
                from += 1;
            }
            None => match star {
                Some((after, taken)) => {
                    star = Some((after, taken + 1));
                    at = after;
                    from = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|&byte| byte == b'*')
}

/// Length of the pattern's element that matches a byte; 0 for a star.
fn step(pattern: &[u8], byte: u8) -> Option<usize> {
    match pattern {
        [b'*', ..] => Some(0),
        [b'?', ..] => Some(1),
        [b'\\', literal, ..] => (*literal == byte).then_some(2),
        [b'[', rest @ ..] => {
            let end = rest.iter().skip(1).position(|&byte| byte == b']')? + 1;
            let (negated, set) = match &rest[..end] {
                [b'!' | b'^', set @ ..] => (true, set),
                set => (false, set),
            };
            (in_set(set, byte) != negated).then_some(end + 2)
        }
        [literal, ..] => (*literal == byte).then_some(1),
        [] => None,
    }
}

fn in_set(mut set: &[u8], byte: u8) -> bool {
    loop {
        match set {
            [first, b'-', last, rest @ ..] => {
                if (*first..=*last).contains(&byte) {
                    return true;
                }
                set = rest;
            }
            [first, rest @ ..] => {
                if *first == byte {
                    return true;
                }
                set = rest;
            }
            [] => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn patterns_match_as_in_the_shell() {
        for (pattern, text, expected) in [
            ("web*", "web12", true),
            ("web?", "web12", false),
            ("w*b*2", "web12", true),
            ("[a-w]eb[!3]", "web1", true),
            ("[!w]eb", "web", false),
            ("*", "", true),
            ("", "x", false),
            ("a\\*", "a*", true),
            ("[", "[", false),
        ] {
            assert_eq!(
                glob(pattern.as_bytes(), text.as_bytes()),
                expected,
                "{pattern} {text}"
            );
        }
    }

    #[test]
    fn a_longer_name_than_the_machine_knows_is_undecided() {
        let short = HostNames { full: "web".into() };
        assert_eq!(short.matches("WEB"), Some(true));
        assert_eq!(short.matches("db"), Some(false));
        assert_eq!(short.matches("web.example.com"), None);
        assert_eq!(short.matches("db.example.com"), Some(false));
        let full = HostNames {
            full: "web.example.com".into(),
        };
        assert_eq!(full.matches("web"), Some(true));
        assert_eq!(full.matches("*.example.com"), Some(true));
        assert_eq!(full.matches("web.example.org"), Some(false));
    }

    proptest! {
        #[test]
        fn any_pattern_is_survived(pattern: Vec<u8>, text: Vec<u8>) {
            glob(&pattern, &text);
        }

        #[test]
        fn every_text_matches_itself(text in "[a-z0-9.-]{0,20}") {
            prop_assert!(glob(text.as_bytes(), text.as_bytes()));
        }
    }
}
