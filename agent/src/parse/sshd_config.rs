//! `sshd_config`: who may sign in over the network, and by which keys.

use super::problem::{self, Problem};

/// What a file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    /// Its settings, in order.
    pub directives: Vec<Directive>,
    /// Lines that sshd does not understand either: it refuses to start with them.
    pub problems: Vec<Problem>,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// Line, from 1.
    pub line: u32,
    /// Keyword in lower case, such as "permitrootlogin".
    pub keyword: String,
    /// Its arguments, quotes resolved.
    pub arguments: Vec<String>,
    /// The "Match" line it stands under, which limits it to some sign-ins.
    pub condition: Option<String>,
}

impl Directive {
    /// The first argument, in lower case.
    pub fn choice(&self) -> String {
        let first = self.arguments.first();
        first
            .map(|word| word.to_ascii_lowercase())
            .unwrap_or_default()
    }
}

/// Reads a file. `condition` is the "Match" line that an including file stands under.
pub fn parse(text: &str, condition: Option<&str>) -> File {
    let mut file = File::default();
    let mut condition = condition.map(str::to_owned);
    for (line, text) in (1..).zip(text.split('\n')) {
        let words = words(text.trim());
        let Some((keyword, arguments)) = words.split_first() else {
            continue;
        };
        let is_keyword = keyword.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_keyword || keyword.is_empty() || arguments.is_empty() {
            let reason = "is no setting with a value, so the line is left out";
            problem::keep(&mut file.problems, Problem::on(line, reason));
            continue;
        }
        let keyword = keyword.to_ascii_lowercase();
        if keyword == "match" {
            let all = arguments.len() == 1 && arguments[0].eq_ignore_ascii_case("all");
            condition = (!all).then(|| format!("Match {}", arguments.join(" ")));
        } else {
            file.directives.push(Directive {
                line,
                keyword,
                arguments: arguments.to_vec(),
                condition: condition.clone(),
            });
        }
    }
    file
}

/// Words between blanks; "=" may stand after the first; "#" begins a comment.
fn words(line: &str) -> Vec<String> {
    let (mut found, mut word, mut any) = (Vec::new(), String::new(), false);
    let (mut quote, mut signed) = (None, false);
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        match (quote, c) {
            (Some(open), close) if open == close => quote = None,
            (None, '"' | '\'') => (quote, any) = (Some(c), true),
            (Some(_), '\\') => word.extend(rest.next()),
            (None, '#') if word.is_empty() && !any => break,
            (None, '=') if !signed && is_before_value(&found, &word, any) => {
                signed = true;
                if any || !word.is_empty() {
                    found.push(std::mem::take(&mut word));
                }
                any = false;
            }
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

/// Whether nothing but the keyword was read, with or without blanks behind it.
fn is_before_value(found: &[String], word: &str, any: bool) -> bool {
    found.is_empty() || found.len() == 1 && word.is_empty() && !any
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_below_match_are_conditional() {
        let text = "# c\nPermitRootLogin=no # x\n  AuthorizedKeysFile \"/a b\" .ssh/k\nMatch User anna Address 10.0.0.0/8\nPermitRootLogin yes\nMatch all\nUsePAM yes\nlonely\n";
        let file = parse(text, None);
        let found = file.directives;
        let broken: Vec<_> = file.problems.iter().map(|one| one.line).collect();
        assert_eq!(broken, [8]);
        let short: Vec<_> = found
            .iter()
            .map(|one| {
                (
                    one.line,
                    one.keyword.as_str(),
                    one.arguments.join("|"),
                    one.condition.as_deref(),
                )
            })
            .collect();
        assert_eq!(
            short,
            [
                (2, "permitrootlogin", "no".to_owned(), None),
                (3, "authorizedkeysfile", "/a b|.ssh/k".to_owned(), None),
                (
                    5,
                    "permitrootlogin",
                    "yes".to_owned(),
                    Some("Match User anna Address 10.0.0.0/8")
                ),
                (7, "usepam", "yes".to_owned(), None),
            ]
        );
        assert_eq!(
            parse("A b", Some("Match User x")).directives[0]
                .condition
                .as_deref(),
            Some("Match User x")
        );
    }

    #[test]
    fn what_is_no_text_is_no_setting() {
        let lines = ["\u{fffd}=yes", "[x] y", "= no", "\"\" x", "UsePAM", "Match"];
        let file = parse(&lines.join("\n"), None);
        assert_eq!(
            (file.directives.len(), file.problems.len()),
            (0, lines.len())
        );
    }

    /// As `ssh -G` of OpenSSH 9.2 has it.
    #[test]
    fn one_sign_may_stand_between_keyword_and_value() {
        for sign in ["=", " = ", " =", "= ", "\t=\t"] {
            let file = parse(&format!("PermitRootLogin{sign}no"), None);
            assert_eq!(file.directives[0].arguments, ["no"], "{sign:?}");
        }
        let file = parse("PermitRootLogin == no", None);
        assert_eq!(file.directives[0].arguments, ["=", "no"]);
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text: String, likely in "(Match |all|User |[=\"' \\\\\n#a]){0,40}") {
            parse(&text, None);
            parse(&likely, Some("Match x"));
        }

        #[test]
        fn what_is_printed_is_read_again(
            directives in prop::collection::vec(
                ("x[a-z]{1,10}", prop::collection::vec("[ -~]{0,10}", 1..4), "( |=|\t| = )"), 0..5
            ),
            user in prop::option::of("[a-z]{1,8}"),
        ) {
            let quoted = |word: &String| format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\""));
            let (mut text, mut expected) = (String::from("# x\n"), Vec::new());
            if let Some(user) = &user {
                text = format!("{text}Match User {user}\n");
            }
            for (keyword, arguments, sign) in directives {
                let words: Vec<_> = arguments.iter().map(quoted).collect();
                let line = u32::try_from(text.lines().count() + 1).unwrap();
                text = format!("{text}{}{sign}{}\n", keyword.to_uppercase(), words.join(" "));
                let condition = user.as_ref().map(|user| format!("Match User {user}"));
                expected.push(Directive { line, keyword, arguments, condition });
            }
            let file = File { directives: expected, problems: Vec::new() };
            prop_assert_eq!(parse(&text, None), file);
        }
    }
}
