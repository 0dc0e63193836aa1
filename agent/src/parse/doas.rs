//! doas.conf: `permit|deny [options] identity [as target] [cmd command [args ...]]`, one rule a line.

use super::problem::{self, Problem};

/// A rule. Of all that match, the last decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// Permits; otherwise denies.
    pub permit: bool,
    /// No password is asked for.
    pub no_password: bool,
    /// The password is remembered for a while.
    pub persist: bool,
    /// Who: a user's name or id, or a group behind ":".
    pub identity: String,
    /// As whom; absent for anyone, root by default.
    pub target: Option<String>,
    /// The only command; absent for any.
    pub command: Option<String>,
    /// The only arguments; absent for any.
    pub arguments: Option<Vec<String>>,
    /// Line, from 1.
    pub line: u32,
}

/// Reads the file.
pub fn parse(text: &str) -> (Vec<Rule>, Vec<Problem>) {
    let (mut rules, mut problems) = (Vec::new(), Vec::new());
    for line in lines(text) {
        match line {
            Ok((number, words)) if !words.is_empty() => match rule(&words, number) {
                Ok(rule) => rules.push(rule),
                Err(reason) => problem::keep(&mut problems, Problem::on(number, reason)),
            },
            Ok(_) => {}
            Err(problem) => problem::keep(&mut problems, problem),
        }
    }
    (rules, problems)
}

/// A word, and whether any of it was quoted: quoted words are no keywords.
#[derive(Debug, PartialEq, Eq)]
struct Word {
    text: String,
    quoted: bool,
}

impl Word {
    fn is(&self, keyword: &str) -> bool {
        !self.quoted && self.text == keyword
    }
}

fn rule(words: &[Word], line: u32) -> Result<Rule, &'static str> {
    let mut words = words.iter().peekable();
    let action = words.next().map(|word| word.text.as_str());
    let mut rule = Rule {
        permit: action == Some("permit"),
        line,
        ..Rule::default()
    };
    if !rule.permit && action != Some("deny") {
        return Err("begins with neither \"permit\" nor \"deny\", so doas refuses the file");
    }
    while let Some(word) = words.peek() {
        match word.text.as_str() {
            _ if word.quoted => break,
            "nopass" => rule.no_password = true,
            "persist" => rule.persist = true,
            "nolog" | "keepenv" => {}
            "setenv" => {
                words.next();
                skip_environment(&mut words)?;
                continue;
            }
            _ => break,
        }
        words.next();
    }
    let identity = words
        .next()
        .ok_or("names no user and no group, so doas refuses the file")?;
    rule.identity.clone_from(&identity.text);
    if words.next_if(|word| word.is("as")).is_some() {
        let target = words
            .next()
            .ok_or("names nobody after \"as\", so doas refuses the file")?;
        rule.target = Some(target.text.clone());
    }
    if words.next_if(|word| word.is("cmd")).is_some() {
        let command = words
            .next()
            .ok_or("names nothing after \"cmd\", so doas refuses the file")?;
        rule.command = Some(command.text.clone());
        if words.next_if(|word| word.is("args")).is_some() {
            rule.arguments = Some(words.by_ref().map(|word| word.text.clone()).collect());
        }
    }
    match words.next() {
        None => Ok(rule),
        Some(_) => Err("goes on after its end, so doas refuses the file"),
    }
}

fn skip_environment<'a>(words: &mut impl Iterator<Item = &'a Word>) -> Result<(), &'static str> {
    if !words.next().is_some_and(|word| word.is("{")) {
        return Err("has no \"{\" after \"setenv\", so doas refuses the file");
    }
    words
        .find(|word| word.is("}"))
        .map(|_| ())
        .ok_or("has no \"}\" after \"setenv {\", so doas refuses the file")
}

/// Words of each rule with the line it begins on. A backslash joins lines; `#` begins a comment; double
/// quotes keep blanks.
fn lines(text: &str) -> Vec<Result<(u32, Vec<Word>), Problem>> {
    let mut found = Vec::new();
    let mut lexer = Lexer {
        rest: text.chars().peekable(),
        line: 1,
    };
    while lexer.rest.peek().is_some() {
        found.push(lexer.rule());
    }
    found
}

struct Lexer<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    line: u32,
}

impl Lexer<'_> {
    fn rule(&mut self) -> Result<(u32, Vec<Word>), Problem> {
        let (start, mut words) = (self.line, Vec::new());
        loop {
            match self.rest.peek() {
                None => return Ok((start, words)),
                Some('\n') => {
                    self.rest.next();
                    self.line += 1;
                    return Ok((start, words));
                }
                Some(' ' | '\t' | '\r') => {
                    self.rest.next();
                }
                Some('#') => while self.rest.next_if(|&c| c != '\n').is_some() {},
                Some('{' | '}') => words.push(Word {
                    text: self.rest.next().into_iter().collect(),
                    quoted: false,
                }),
                Some(_) => words.extend(self.word()?),
            }
        }
    }

    /// A word; `None` when it was only a joined line.
    fn word(&mut self) -> Result<Option<Word>, Problem> {
        let (mut text, mut quoted, mut inside) = (String::new(), false, false);
        while let Some(&c) = self.rest.peek() {
            match c {
                '\n' => break,
                ' ' | '\t' | '\r' | '{' | '}' | '#' if !inside => break,
                '"' => (quoted, inside) = (true, !inside),
                '\\' => {
                    self.rest.next();
                    match self.rest.peek() {
                        Some('\n') => self.line += 1,
                        Some(&c) => text.push(c),
                        None => break,
                    }
                }
                _ => text.push(c),
            }
            self.rest.next();
        }
        if inside {
            return Err(Problem::on(
                self.line,
                "has a quote that is never closed, so doas refuses the file",
            ));
        }
        Ok((quoted || !text.is_empty()).then_some(Word { text, quoted }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rules_are_read_with_all_their_parts() {
        let (rules, problems) = parse(
            "# admins\npermit persist :wheel\npermit nopass keepenv setenv { PATH=/bin -X } anna as root \\\n  cmd /usr/bin/apt args update \"a b\"\ndeny 1001\n",
        );
        assert_eq!(problems, []);
        assert_eq!(
            rules,
            [
                Rule {
                    permit: true,
                    persist: true,
                    identity: ":wheel".into(),
                    line: 2,
                    ..Rule::default()
                },
                Rule {
                    permit: true,
                    no_password: true,
                    identity: "anna".into(),
                    target: Some("root".into()),
                    command: Some("/usr/bin/apt".into()),
                    arguments: Some(vec!["update".into(), "a b".into()]),
                    line: 3,
                    ..Rule::default()
                },
                Rule {
                    identity: "1001".into(),
                    line: 5,
                    ..Rule::default()
                },
            ]
        );
    }

    #[test]
    fn broken_rules_are_named_and_the_rest_is_read() {
        let (rules, problems) = parse(
            "allow anna\npermit\npermit a as\npermit b cmd\npermit c or d\npermit \"e\npermit setenv x f\npermit setenv { x\npermit ok\n",
        );
        assert_eq!((rules.len(), rules[0].line), (1, 9));
        let lines: Vec<_> = problems.iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [1, 2, 3, 4, 5, 6, 7, 8]);
    }

    #[test]
    fn no_arguments_at_all_is_not_any_arguments() {
        let (rules, _) = parse("permit a cmd b args\npermit a cmd b\n");
        assert_eq!(rules[0].arguments, Some(Vec::new()));
        assert_eq!(rules[1].arguments, None);
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text: String, likely in "(permit|deny|nopass|as|cmd|args|setenv|[{}\"\\\\\n #:a]){0,40}") {
            parse(&text);
            parse(&likely);
        }

        #[test]
        fn what_is_printed_is_read_again(permit: bool, no_password: bool, identity in ":?[a-z0-9]{1,8}", target in prop::option::of("[b-z]{1,8}")) {
            let mut text = String::from(if permit { "permit" } else { "deny" });
            if no_password {
                text += " nopass";
            }
            text = format!("{text} \"{identity}\"");
            if let Some(target) = &target {
                text = format!("{text} as {target}");
            }
            let expected = Rule { permit, no_password, identity, target, line: 1, ..Rule::default() };
            prop_assert_eq!(parse(&text), (vec![expected], vec![]));
        }
    }
}
