//! Unit files of systemd, and their fragments.

/// One setting with its section and the line it begins on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Line, from 1.
    pub line: u32,
    /// Section, such as "Service".
    pub section: String,
    /// Key, such as "`ExecStart`".
    pub key: String,
    /// Value; continued lines are joined by a blank.
    pub value: String,
}

/// A command of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Program, without the signs before it.
    pub program: String,
    /// "+" or "!" before it: it runs as root whatever the unit's user is.
    pub privileged: bool,
    /// Words after it.
    pub arguments: Vec<String>,
}

/// The settings of a file, in order. Comments and lines without "=" are passed over.
pub fn settings(text: &str) -> Vec<Setting> {
    let (mut found, mut section) = (Vec::new(), String::new());
    let mut lines = (1..).zip(text.lines());
    while let Some((number, line)) = lines.next() {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            name.clone_into(&mut section);
            continue;
        }
        let mut whole = line.to_owned();
        while whole.ends_with('\\') {
            whole.pop();
            let next = lines.find(|(_, next)| !next.trim_start().starts_with(['#', ';']));
            let Some((_, next)) = next else { break };
            whole.push(' ');
            whole += next.trim();
        }
        if let Some((key, value)) = whole.split_once('=') {
            found.push(Setting {
                line: number,
                section: section.clone(),
                key: key.trim().to_owned(),
                value: value.trim().to_owned(),
            });
        }
    }
    found
}

/// Reads a command line: signs before the program, then words, which quotes may hold together.
pub fn command(value: &str) -> Option<Command> {
    let unsigned = value.trim_start_matches(['-', '@', ':', '+', '!', '|']);
    let signs = &value[..value.len() - unsigned.len()];
    let mut words = words(unsigned).into_iter();
    let program = words.next().filter(|program| !program.is_empty())?;
    Some(Command {
        program,
        privileged: signs.contains(['+', '!']),
        arguments: words.collect(),
    })
}

fn words(text: &str) -> Vec<String> {
    let (mut found, mut word, mut quote, mut any) = (Vec::new(), String::new(), None, false);
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match (quote, c) {
            (Some(open), close) if open == close => quote = None,
            (None, '"' | '\'') => (quote, any) = (Some(c), true),
            (_, '\\') => word.extend(rest.next()),
            (None, c) if c.is_whitespace() => {
                if any || !word.is_empty() {
                    found.push(std::mem::take(&mut word));
                }
                any = false;
            }
            _ => word.push(c),
        }
    }
    if any || !word.is_empty() {
        found.push(word);
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn settings_have_their_section_and_line() {
        let text = "# c\n[Unit]\nDescription=x\n\n[Service]\nExecStart=/opt/a \\\n# c\n  b\nUser = anna\nrubbish\n";
        let found = settings(text);
        let short: Vec<_> = found
            .iter()
            .map(|one| {
                (
                    one.line,
                    one.section.as_str(),
                    one.key.as_str(),
                    one.value.as_str(),
                )
            })
            .collect();
        assert_eq!(
            short,
            [
                (3, "Unit", "Description", "x"),
                (6, "Service", "ExecStart", "/opt/a  b"),
                (9, "Service", "User", "anna"),
            ]
        );
    }

    #[test]
    fn commands_are_read_with_signs_and_quotes() {
        let read = command("-+\"/opt/a b\" 'c d' e\\ f \"\"").unwrap();
        assert_eq!(read.program, "/opt/a b");
        assert_eq!(read.arguments, ["c d", "e f", ""]);
        assert!(read.privileged && !command("@/bin/x y").unwrap().privileged);
        assert_eq!(command("-"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text: String, likely in "([Service]|ExecStart=|[-+!@\"' \\\\\n/a]){0,40}") {
            for text in [text, likely] {
                for setting in settings(&text) {
                    command(&setting.value);
                }
            }
        }
    }
}
