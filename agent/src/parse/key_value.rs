//! Lines of `KEY=value` with shell quoting, as in os-release, locale.conf and systemd's state files.

/// The pairs of a file, in order. Comments, blank lines and lines without `=` are passed over; `export`
/// before a key is allowed.
pub fn pairs(text: &str) -> impl Iterator<Item = (&str, String)> {
    text.lines().filter_map(|line| {
        let line = line.trim();
        if line.starts_with('#') {
            return None;
        }
        let (key, value) = line.split_once('=')?;
        let key = key.strip_prefix("export ").unwrap_or(key).trim();
        (!key.is_empty()).then(|| (key, unquote(value.trim())))
    })
}

/// The last value of a key that is not empty.
pub fn value(text: &str, key: &str) -> Option<String> {
    pairs(text)
        .filter(|(name, value)| *name == key && !value.is_empty())
        .map(|(_, value)| value)
        .last()
}

fn unquote(value: &str) -> String {
    let mut plain = String::with_capacity(value.len());
    let mut quote = None;
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), close) if open == close => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None | Some('"'), '\\') => plain.extend(characters.next()),
            (None, ' ' | '\t') => break,
            _ => plain.push(character),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quotes_escapes_and_comments_are_read_as_a_shell_would() {
        let text = "# comment\nNAME=\"Debian GNU/Linux\"\nID=debian # trailing\nA='x \\y'\nB=\"\\$1\"\nexport C=d\nbad";
        let pairs: Vec<_> = pairs(text).collect();
        let expected = [
            ("NAME", "Debian GNU/Linux"),
            ("ID", "debian"),
            ("A", "x \\y"),
            ("B", "$1"),
            ("C", "d"),
        ];
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(key, value)| (*key, value.as_str()))
            .collect();
        assert_eq!(pairs, expected);
    }

    #[test]
    fn the_last_value_that_is_not_empty_counts() {
        assert_eq!(value("A=1\nA=2\nA=", "A").as_deref(), Some("2"));
        assert_eq!(value("AB=1", "A"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC*") {
            pairs(&text).for_each(drop);
        }

        #[test]
        fn a_quoted_value_comes_back(value in "[^\n\r]*") {
            let quoted = value.replace('\\', "\\\\").replace('"', "\\\"");
            let line = format!("KEY=\"{quoted}\"");
            let read = pairs(&line).next().map(|(_, value)| value);
            prop_assert_eq!(read, Some(value));
        }
    }
}
