//! Local authorities of polkit (`.pkla`): who gets which actions without being asked for root's password.

use super::{
    ini,
    polkit::{Identity, identities},
};

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name, lower-case.
    pub name: String,
    /// Line its section begins on, from 1.
    pub line: u32,
    /// Whom it is for.
    pub identities: Vec<Identity>,
    /// It is for everyone, as in "unix-user:*".
    pub everyone: bool,
    /// Actions, as patterns in which "*" stands for anything.
    pub actions: Vec<String>,
    /// Answers such as "yes" or "`auth_self`", for any, inactive and active sessions.
    pub results: [String; 3],
}

/// Reads a file. Settings that are not known are passed over.
pub fn parse(text: &str) -> Vec<Entry> {
    let settings = ini::settings(text);
    let lines = (1..).zip(text.lines().map(str::trim));
    let sections = lines.filter(|(_, line)| line.starts_with('['));
    let mut entries: Vec<Entry> = Vec::new();
    for (line, header) in sections {
        let alone = format!("{header}\nx=y");
        let Some(name) = ini::settings(&alone)
            .first()
            .map(|setting| setting.section.to_string())
        else {
            continue;
        };
        // The last section of a name counts; ini::value reads them as one.
        entries.retain(|entry| entry.name != name);
        let value = |key| ini::value(&settings, &name, key).unwrap_or_default();
        let who = value("identity");
        let result = |key| value(key).to_ascii_lowercase();
        entries.push(Entry {
            line,
            identities: identities(who),
            everyone: who.split(';').any(|one| one.trim() == "unix-user:*"),
            actions: list(value("action")),
            results: [
                result("resultany"),
                result("resultinactive"),
                result("resultactive"),
            ],
            name,
        });
    }
    for entry in &mut entries {
        entry
            .identities
            .retain(|identity| *identity != Identity::User("*".into()));
    }
    entries
}

fn list(text: &str) -> Vec<String> {
    let items = text.split(';').map(str::trim);
    items
        .filter(|item| !item.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn entries_are_read() {
        let text = "# c\n[Let Ops]\nIdentity=unix-group:ops;unix-user:anna\nAction=org.freedesktop.policykit.exec;org.x.*\nResultActive=yes\n\n[all]\nIdentity=unix-user:*\nAction=*\nResultAny=auth_self\n";
        let entries = parse(text);
        assert_eq!(
            entries[0],
            Entry {
                name: "let ops".into(),
                line: 2,
                identities: vec![Identity::Group("ops".into()), Identity::User("anna".into())],
                everyone: false,
                actions: vec!["org.freedesktop.policykit.exec".into(), "org.x.*".into()],
                results: [String::new(), String::new(), "yes".into()],
            }
        );
        assert!(entries[1].everyone && entries[1].identities.is_empty());
        assert_eq!(
            (entries[1].line, entries[1].results[0].as_str()),
            (7, "auth_self")
        );
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text: String, likely in "(\\[a\\]|Identity=|unix-user:a|;|\n|=|\\[){0,40}") {
            parse(&text);
            parse(&likely);
        }

        #[test]
        fn what_is_printed_is_read_again(
            entries in prop::collection::vec((
                prop::collection::vec(("(user|group|netgroup)", "[a-z0-9]{1,6}"), 1..4),
                prop::collection::vec("[a-z.*]{1,12}", 1..4),
                prop::collection::vec("(yes|no|auth_self|auth_admin_keep)", 3),
                any::<bool>(),
            ), 0..4)
        ) {
            let (mut text, mut expected) = (String::new(), Vec::new());
            for (number, (who, actions, results, everyone)) in entries.into_iter().enumerate() {
                let mut names: Vec<_> = who.iter().map(|(kind, name)| format!("unix-{kind}:{name}")).collect();
                let identities = identities(&names.join(";"));
                prop_assert_eq!(identities.len(), names.len());
                if everyone {
                    names.push("unix-user:*".to_owned());
                }
                let [any, inactive, active] = <[String; 3]>::try_from(results).unwrap();
                let line = u32::try_from(text.lines().count() + 1).unwrap();
                text = format!(
                    "{text}[entry {number}]\nIdentity={}\nAction={}\nResultAny={any}\nResultInactive={inactive}\nResultActive={active}\n\n",
                    names.join(";"), actions.join(";")
                );
                let results = [any, inactive, active];
                let name = format!("entry {number}");
                expected.push(Entry { name, line, identities, everyone, actions, results });
            }
            prop_assert_eq!(parse(&text), expected);
        }
    }
}
