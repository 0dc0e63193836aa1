//! Settings of the OpenSSH server. The first value of a keyword counts; what stands in a Match block
//! counts for some connections only.

/// A line that matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// A setting: its keyword in lower case, and its value.
    Setting(String, String),
    /// Patterns of files to read in this place.
    Include(Vec<String>),
    /// From here on settings count for some connections only; `true` when for all of them.
    Match(bool),
}

/// The lines of a file, comments left out.
pub fn lines(text: &str) -> impl Iterator<Item = Line> {
    text.lines().filter_map(|line| {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return None;
        }
        let end = line
            .find(|c: char| c.is_whitespace() || c == '=')
            .unwrap_or(line.len());
        let keyword = line[..end].to_ascii_lowercase();
        let rest = line[end..].trim_start_matches(|c: char| c.is_whitespace() || c == '=');
        let words = words(rest);
        Some(match keyword.as_str() {
            "include" => Line::Include(words),
            "match" => Line::Match(
                words
                    .first()
                    .is_some_and(|word| word.eq_ignore_ascii_case("all")),
            ),
            _ => Line::Setting(keyword, words.into_iter().next().unwrap_or_default()),
        })
    })
}

/// Words between white space; quotes keep a word together, and `#` begins a comment.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() && !rest.starts_with('#') {
        let (word, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                rest.split_at(end)
            }
        };
        words.push(word.to_owned());
        rest = after.trim_start();
    }
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keywords_values_and_blocks_are_read() {
        let text = "# x\nInclude /etc/ssh/sshd_config.d/*.conf \"a b\"\nPermitRootLogin=no # y\npasswordauthentication  YES\nMatch User anna\n Match all\n";
        let lines: Vec<_> = lines(text).collect();
        let setting = |key: &str, value: &str| Line::Setting(key.into(), value.into());
        assert_eq!(
            lines,
            [
                Line::Include(vec!["/etc/ssh/sshd_config.d/*.conf".into(), "a b".into()]),
                setting("permitrootlogin", "no"),
                setting("passwordauthentication", "YES"),
                Line::Match(false),
                Line::Match(true),
            ]
        );
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC*") {
            lines(&text).count();
        }

        #[test]
        fn a_printed_setting_is_read_again(key in "[a-z]{1,12}", value in "[a-z0-9./]{1,12}") {
            prop_assume!(key != "include" && key != "match");
            let read: Vec<_> = lines(&format!("{key} {value}\n")).collect();
            prop_assert_eq!(read, [Line::Setting(key, value)]);
        }
    }
}
