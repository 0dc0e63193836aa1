//! smb.conf: the shares of Samba and ksmbd.

/// A line that matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A section begins, by its name.
    Section(String),
    /// A key, lower-case without white space, and its value.
    Setting(String, String),
}

/// The sections and settings of a file, in order. Comments and lines that make no sense are passed over.
pub fn items(text: &str) -> Vec<Item> {
    let joined = text.replace("\\\n", " ");
    joined
        .lines()
        .filter_map(|line| {
            let line = line.trim();
            if line.starts_with(['#', ';']) {
                return None;
            }
            if let Some(name) = line.strip_prefix('[') {
                let name = name.split(']').next()?.trim();
                return Some(Item::Section(name.to_owned()));
            }
            let (key, value) = line.split_once('=')?;
            let key: String = key.split_whitespace().collect();
            Some(Item::Setting(key.to_lowercase(), value.trim().to_owned()))
        })
        .collect()
}

/// Whether a value says yes.
pub fn is_yes(value: &str) -> bool {
    matches!(
        value.to_ascii_lowercase().as_str(),
        "yes" | "true" | "1" | "on"
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sections_keep_their_names_and_keys_lose_their_spacing() {
        let text = "[global]\n  Server Role = standalone\n; no\n[Daten Büro]\npath = /srv/a \\\n b\nnonsense\n";
        let setting = |key: &str, value: &str| Item::Setting(key.into(), value.into());
        let expected = [
            Item::Section("global".into()),
            setting("serverrole", "standalone"),
            Item::Section("Daten Büro".into()),
            setting("path", "/srv/a   b"),
        ];
        assert_eq!(items(text), expected);
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC*") {
            items(&text);
        }

        #[test]
        fn what_is_printed_is_read_again(
            sections in prop::collection::vec((
                "[A-Za-zäß$]([A-Za-z $]{0,8}[A-Za-z$])?",
                prop::collection::vec(("[a-z]{1,8}", "([A-Za-z0-9/%]([ -~]{0,12}[a-z])?)?"), 0..4),
            ), 0..4)
        ) {
            let (mut text, mut expected) = (String::from("; x\n"), Vec::new());
            for (name, settings) in sections {
                text = format!("{text}[{name}]\n");
                expected.push(Item::Section(name));
                for (key, value) in settings {
                    let (first, rest) = key.split_at(1);
                    text = format!("{text}\t{} {rest} = {value}\n", first.to_uppercase());
                    expected.push(Item::Setting(key, value));
                }
            }
            prop_assert_eq!(items(&text), expected);
        }
    }
}
