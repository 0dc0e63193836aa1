//! Files of one setting a line: a name, white space, a value.

/// Values of a setting, in the order of the file. Names are compared without regard to case; `#` begins
/// a comment line.
pub fn values<'a>(bytes: &'a [u8], name: &'a str) -> impl Iterator<Item = &'a str> {
    lines(bytes).filter_map(move |(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
}

/// Names and values, in the order of the file. The name ends at white space, "=" or ":".
pub fn lines(bytes: &[u8]) -> impl Iterator<Item = (&str, &str)> {
    bytes.split(|&byte| byte == b'\n').filter_map(|line| {
        let line = std::str::from_utf8(line).ok()?.trim();
        if line.starts_with('#') {
            return None;
        }
        let end = line.find(|c: char| c.is_whitespace() || c == '=' || c == ':')?;
        let value = line[end..].trim_start_matches(|c: char| c.is_whitespace() || c == '=');
        Some((&line[..end], unquote(value.trim_start_matches(':').trim())))
    })
}

fn unquote(value: &str) -> &str {
    value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'))
        .unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_are_found_by_name() {
        let text = b"# DatabaseDirectory /no\nDatabaseDirectory /var/lib/clamav\nsudoers:\tfiles sss\nUID_MIN\t\t1000\nName=\"a b\"\n";
        let first = |name| values(text, name).next();
        assert_eq!(first("databasedirectory"), Some("/var/lib/clamav"));
        assert_eq!(first("sudoers"), Some("files sss"));
        assert_eq!(first("UID_MIN"), Some("1000"));
        assert_eq!(first("Name"), Some("a b"));
        assert_eq!(first("Other"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>) {
            lines(&bytes).count();
        }

        #[test]
        fn what_is_printed_is_read_again(
            pairs in prop::collection::vec(
                ("[A-Za-z]{1,10}", "( |\t|=| = |: )", "[a-z0-9/]([ -~]{0,12}[a-z0-9])?", any::<bool>()), 0..5
            )
        ) {
            let print = |(name, sign, value, is_quoted): &(String, String, String, bool)| {
                let quote = if *is_quoted { "\"" } else { "" };
                format!("# x\n{name}{sign}{quote}{value}{quote}\n")
            };
            let text: String = pairs.iter().map(print).collect();
            let read: Vec<_> = lines(text.as_bytes()).collect();
            let expected = pairs.iter().map(|(name, _, value, _)| (name.as_str(), value.as_str()));
            prop_assert_eq!(read, expected.collect::<Vec<_>>());
        }
    }
}
