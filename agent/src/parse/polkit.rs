//! polkit's rules. They are programs in JavaScript; only what their usual forms say is read: whom
//! `addAdminRule` calls administrators, and to whom `addRule` allows which actions without asking for an
//! administrator's password.

mod token;

use token::{Token, tokens};

/// A call of `addAdminRule` or `addRule`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// Line, from 1.
    pub line: u32,
    /// What it decides.
    pub kind: Kind,
    /// Whom it names; for [`Kind::Allowed`] nobody means everyone.
    pub identities: Vec<Identity>,
    /// Actions it allows, by identifier or the beginning of one; none means all.
    pub actions: Vec<String>,
    /// Only at the computer itself.
    pub local: bool,
    /// Only in the session in front.
    pub active: bool,
    /// It holds under conditions that are not understood.
    pub conditional: bool,
}

/// What a rule decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Who is an administrator.
    #[default]
    Administrators,
    /// Who may do something without a password, or with their own.
    Allowed {
        /// Their own password is asked for.
        own_password: bool,
    },
    /// Something is allowed to someone, in a form that is not understood.
    Unclear,
}

/// Someone a rule names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// A user, by name or number.
    User(String),
    /// A group, by name or number.
    Group(String),
    /// A netgroup.
    Netgroup(String),
}

/// Reads a file of rules. Rules of `addRule` that allow nothing are left out.
pub fn parse(text: &str) -> Vec<Rule> {
    let tokens = tokens(text);
    let mut rules = Vec::new();
    for (at, (line, token)) in tokens.iter().enumerate() {
        let body = || call(&tokens[at + 1..]);
        match token {
            Token::Word("addAdminRule") => rules.push(administrators(*line, body())),
            Token::Word("addRule") => rules.extend(allowed(*line, body())),
            _ => {}
        }
    }
    rules
}

/// Reads a list of identities, such as "unix-group:sudo;unix-user:0".
pub fn identities(list: &str) -> Vec<Identity> {
    list.split(';')
        .filter_map(|text| identity(text.trim()))
        .collect()
}

fn identity(text: &str) -> Option<Identity> {
    let (kind, name) = text.split_once(':')?;
    let name = Some(name.to_owned()).filter(|name| !name.is_empty())?;
    match kind {
        "unix-user" => Some(Identity::User(name)),
        "unix-group" => Some(Identity::Group(name)),
        "unix-netgroup" => Some(Identity::Netgroup(name)),
        _ => None,
    }
}

fn administrators(line: u32, body: &[(u32, Token<'_>)]) -> Rule {
    let strings = body.iter().filter_map(|(_, token)| token.string());
    Rule {
        line,
        kind: Kind::Administrators,
        identities: strings.filter_map(identity).collect(),
        conditional: has_word(body, "if") || has_word(body, "switch"),
        ..Rule::default()
    }
}

/// Words of rules that are understood; names of parameters come on top.
const UNDERSTOOD: [&str; 25] = [
    "AUTH_SELF",
    "AUTH_SELF_KEEP",
    "NOT_HANDLED",
    "Result",
    "YES",
    "action",
    "active",
    "else",
    "false",
    "function",
    "groups",
    "id",
    "if",
    "indexOf",
    "isInGroup",
    "isInNetGroup",
    "local",
    "log",
    "null",
    "polkit",
    "return",
    "startsWith",
    "subject",
    "true",
    "user",
];

/// A rule that answers YES, or asks for no more than the user's own password.
fn allowed(line: u32, body: &[(u32, Token<'_>)]) -> Option<Rule> {
    let yes = has_word(body, "YES");
    if !yes && !has_word(body, "AUTH_SELF") && !has_word(body, "AUTH_SELF_KEEP") {
        return None;
    }
    let identities = named(body);
    let actions: Vec<_> = body
        .iter()
        .filter_map(|(_, token)| token.string())
        .filter(|text| is_action(text) && !is_named(&identities, text))
        .map(str::to_owned)
        .collect();
    let chosen = ["id", "match", "test", "RegExp", "lookup"];
    let unclear = actions.is_empty() && chosen.iter().any(|word| has_word(body, word));
    let several = identities.len() > 1 && has_sign(body, '&') && !has_sign(body, '|');
    Some(Rule {
        line,
        kind: if unclear {
            Kind::Unclear
        } else {
            Kind::Allowed { own_password: !yes }
        },
        identities,
        actions,
        local: has_word(body, "local"),
        active: has_word(body, "active"),
        conditional: several || has_sign(body, '!') || has_foreign_word(body),
    })
}

/// Those a rule names.
fn named(body: &[(u32, Token<'_>)]) -> Vec<Identity> {
    let mut identities = Vec::new();
    for three in body.windows(3) {
        let [(_, first), (_, second), (_, third)] = three else {
            continue;
        };
        let Some(name) = third.string().map(str::to_owned) else {
            continue;
        };
        identities.extend(match (first, second) {
            (Token::Word("isInGroup"), Token::Sign('(')) => Some(Identity::Group(name)),
            (Token::Word("isInNetGroup"), Token::Sign('(')) => Some(Identity::Netgroup(name)),
            (Token::Word("user"), Token::Sign('=')) => Some(Identity::User(name)),
            _ => None,
        });
    }
    identities
}

fn is_named(identities: &[Identity], text: &str) -> bool {
    identities.iter().any(|identity| match identity {
        Identity::User(name) | Identity::Group(name) | Identity::Netgroup(name) => name == text,
    })
}

/// Whether a text has the shape of an action, such as "org.freedesktop.policykit.exec".
fn is_action(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    text.contains('.') && text.bytes().all(is_part)
}

fn has_foreign_word(body: &[(u32, Token<'_>)]) -> bool {
    let words = body.iter().filter_map(|(_, token)| match token {
        Token::Word(word) => Some(*word),
        _ => None,
    });
    let begin = words.clone().position(|word| word == "function");
    let parameters: Vec<_> = begin
        .map(|at| words.clone().skip(at + 1).take(2).collect())
        .unwrap_or_default();
    words
        .into_iter()
        .filter(|word| !word.starts_with(|c: char| c.is_ascii_digit()))
        .any(|word| !UNDERSTOOD.contains(&word) && !parameters.contains(&word))
}

fn has_word(body: &[(u32, Token<'_>)], word: &str) -> bool {
    body.iter().any(|(_, token)| *token == Token::Word(word))
}

fn has_sign(body: &[(u32, Token<'_>)], sign: char) -> bool {
    body.iter().any(|(_, token)| *token == Token::Sign(sign))
}

/// The tokens of a call, from its "(" to the matching ")".
fn call<'a, 'b>(tokens: &'b [(u32, Token<'a>)]) -> &'b [(u32, Token<'a>)] {
    let mut depth = 0_usize;
    for (at, (_, token)) in tokens.iter().enumerate() {
        match token {
            Token::Sign('(') => depth += 1,
            Token::Sign(')') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return &tokens[..at];
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn administrators_are_read_from_the_usual_form() {
        let text = "// polkit.addAdminRule(x)\n/* \"unix-group:no\" */\npolkit.addAdminRule(function(action, subject) {\n  \
            return [\"unix-group:sudo\", 'unix-user:0', \"unix-netgroup:net\"];\n});\n";
        let expected = Rule {
            line: 3,
            identities: vec![
                Identity::Group("sudo".into()),
                Identity::User("0".into()),
                Identity::Netgroup("net".into()),
            ],
            ..Rule::default()
        };
        assert_eq!(parse(text), [expected]);
    }

    #[test]
    fn conditions_are_noticed() {
        let text = "polkit.addAdminRule(function(a, s) { if (a.id == \"x\") { return [\"unix-group:a\"]; } });";
        assert!(parse(text)[0].conditional);
    }

    fn rule(condition: &str, answer: &str) -> Rule {
        let text = format!(
            "polkit.addRule(function(action, subject) {{\n if ({condition}) {{\n return polkit.Result.{answer};\n}}}});"
        );
        parse(&text).remove(0)
    }

    #[test]
    fn whoever_may_do_everything_is_read() {
        let all = rule(
            "subject.isInGroup(\"wheel\") || subject.user == \"anna\"",
            "YES",
        );
        assert_eq!(
            all.kind,
            Kind::Allowed {
                own_password: false
            }
        );
        assert_eq!(
            all.identities,
            [
                Identity::Group("wheel".into()),
                Identity::User("anna".into())
            ]
        );
        assert!(all.actions.is_empty() && !all.conditional && !all.local);
        assert_eq!(
            rule("subject.isInNetGroup('n')", "AUTH_SELF_KEEP").kind,
            Kind::Allowed { own_password: true }
        );
        assert!(
            rule("subject.local && subject.active", "YES")
                .identities
                .is_empty()
        );
    }

    #[test]
    fn actions_and_what_limits_a_rule_are_read() {
        let one = rule(
            "(action.id == \"org.freedesktop.policykit.exec\" || action.id.indexOf(\"org.x.\") == 0) && subject.local && subject.isInGroup(\"w.x\")",
            "YES",
        );
        assert_eq!(one.actions, ["org.freedesktop.policykit.exec", "org.x."]);
        assert_eq!(one.identities, [Identity::Group("w.x".into())]);
        assert!(one.local && !one.active && !one.conditional);
        for condition in [
            "!subject.isInGroup(\"a\")",
            "subject.isInGroup(\"a\") && subject.isInGroup(\"b\")",
            "subject.isInGroup(\"a\") && action.lookup(\"unit\") == \"org.x\"",
            "isFriday() && subject.isInGroup(\"a\")",
        ] {
            assert!(rule(condition, "YES").conditional, "{condition}");
        }
    }

    #[test]
    fn what_is_not_understood_is_unclear_and_what_allows_nothing_is_left_out() {
        assert_eq!(rule("action.id.match(/^org/)", "YES").kind, Kind::Unclear);
        let text = "polkit.addRule(function(a, s) { if (s.isInGroup(\"netdev\")) return polkit.Result.NO; });";
        assert_eq!(parse(text), []);
    }

    #[test]
    fn lists_of_the_older_configuration_are_read() {
        assert_eq!(
            identities("unix-group:sudo; unix-user:0;rubbish;unix-group:"),
            [Identity::Group("sudo".into()), Identity::User("0".into())]
        );
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text: String, likely in "(addAdminRule|addRule|\\(|\\)|\"|'|/\\*|\\*/|//|\\\\|\n|unix-group:a|é| ){0,40}") {
            parse(&text);
            parse(&likely);
        }
    }
}
