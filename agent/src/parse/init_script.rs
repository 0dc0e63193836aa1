//! Scripts in /etc/init.d: whose they are and what they say of themselves.

/// A script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// It is one of `OpenRC`'s.
    pub open_rc: bool,
    /// What it is, in its own words.
    pub description: String,
}

/// Lines of a script that are looked at.
const LINES: usize = 200;

/// Reads a script; `None` when it is none.
pub fn read(text: &str) -> Option<Script> {
    let first = text.lines().next()?.strip_prefix("#!")?;
    let open_rc = ["openrc-run", "runscript"]
        .iter()
        .any(|runner| first.split_whitespace().any(|word| word.ends_with(runner)));
    let described = text.lines().take(LINES).find_map(|line| {
        let line = line.trim();
        if open_rc {
            let value = line.strip_prefix("description=")?;
            return Some(value.trim_matches(['"', '\'']));
        }
        let (key, value) = line.strip_prefix('#')?.trim().split_once(':')?;
        (key.eq_ignore_ascii_case("short-description")).then(|| value.trim())
    });
    Some(Script {
        open_rc,
        description: described.unwrap_or_default().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn scripts_of_both_kinds_are_read() {
        let sysv = "#!/bin/sh -e\n### BEGIN INIT INFO\n# Provides: x\n# Short-Description: PostgreSQL RDBMS server\n";
        let script = read(sysv).unwrap();
        assert_eq!(
            (script.open_rc, script.description.as_str()),
            (false, "PostgreSQL RDBMS server")
        );
        let open_rc = read("#!/sbin/openrc-run\ndescription=\"Keeps time\"\n").unwrap();
        assert_eq!(
            (open_rc.open_rc, open_rc.description.as_str()),
            (true, "Keeps time")
        );
        assert_eq!(read("Read me first"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC*") {
            read(&text);
        }
    }
}
