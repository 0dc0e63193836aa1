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

        #[test]
        fn what_is_printed_is_read_again(
            sections in prop::collection::vec((
                "[A-Z][A-Za-z]{0,8}",
                prop::collection::vec(("[A-Za-z]{1,12}", "([a-zA-Z0-9/=%\"'-]([ a-z=\"';#-]{0,20}[a-z])?)?"), 0..4),
            ), 0..4)
        ) {
            let (mut text, mut expected) = (String::new(), Vec::new());
            for (section, own) in sections {
                text = format!("{text}[{section}]\n; x\n");
                for (key, value) in own {
                    let line = u32::try_from(text.lines().count() + 1).unwrap();
                    text = format!("{text}{key} = {value}\n");
                    expected.push(Setting { line, section: section.clone(), key, value });
                }
            }
            prop_assert_eq!(settings(&text), expected);
        }

        #[test]
        fn a_command_that_is_printed_is_read_again(
            signs in "[-@:]{0,2}", privileged: bool, program in "/[ -~]{0,10}",
            arguments in prop::collection::vec("[ -~]{0,10}", 0..4),
        ) {
            let quoted = |word: &String| format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\""));
            let words = std::iter::once(&program).chain(&arguments);
            let words: Vec<_> = words.map(quoted).collect();
            let text = format!("{signs}{}{}", if privileged { "+" } else { "" }, words.join(" "));
            prop_assert_eq!(command(&text), Some(Command { program, privileged, arguments }));
        }
    }
}
