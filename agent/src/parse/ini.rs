//! Sections of `key = value`, as in smb.conf, sssd.conf and krb5.conf.

use std::rc::Rc;

/// One setting: its section, key and value. Section and key are lower-case with single spaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting<'a> {
    /// Section it stands in; empty before the first one.
    pub section: Rc<str>,
    /// Key.
    pub key: String,
    /// Value, white space around it removed.
    pub value: &'a str,
}

/// The settings of a file, in order. Comments and lines without `=` are passed over.
pub fn settings(text: &str) -> Vec<Setting<'_>> {
    let mut section: Rc<str> = "".into();
    let mut settings = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        if line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = line
            .strip_prefix('[')
            .and_then(|rest| rest.split(']').next())
        {
            section = normal(name).into();
        } else if let Some((key, value)) = line.split_once('=') {
            settings.push(Setting {
                section: Rc::clone(&section),
                key: normal(key),
                value: value.trim(),
            });
        }
    }
    settings
}

/// The last value of a key in a section that is not empty.
pub fn value<'a>(settings: &[Setting<'a>], section: &str, key: &str) -> Option<&'a str> {
    settings
        .iter()
        .rev()
        .find(|setting| {
            *setting.section == *section && setting.key == key && !setting.value.is_empty()
        })
        .map(|setting| setting.value)
}

fn normal(name: &str) -> String {
    let words: Vec<_> = name.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sections_and_keys_ignore_case_and_spacing() {
        let text = "; samba\n[Global]\n  Server   Role = member server\nrealm=EXAMPLE.COM\n[homes]\nrealm=x";
        let settings = settings(text);
        assert_eq!(
            value(&settings, "global", "server role"),
            Some("member server")
        );
        assert_eq!(value(&settings, "global", "realm"), Some("EXAMPLE.COM"));
        assert_eq!(value(&settings, "global", "workgroup"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC*") {
            settings(&text);
        }

        #[test]
        fn what_is_printed_is_read_again(
            written in proptest::collection::vec(("[a-z]{1,8}", "[a-z]{1,4}( [a-z]{1,4})?", "[!-~]{0,20}"), 0..20),
        ) {
            let text = written.iter().fold(String::new(), |text, (section, key, value)| {
                text + &format!("[{section}]\n  {key} = {value}\n; note\n")
            });
            let read: Vec<_> = settings(&text)
                .into_iter()
                .map(|setting| (setting.section.to_string(), setting.key, setting.value.to_owned()))
                .collect();
            prop_assert_eq!(read, written);
        }
    }
}
