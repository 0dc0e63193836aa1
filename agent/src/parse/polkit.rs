//! polkit's rules. They are programs in JavaScript; only what their usual forms say is read: whom
//! `addAdminRule` calls administrators, and to whom `addRule` allows everything without asking.

/// A call of `addAdminRule` or `addRule`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Line, from 1.
    pub line: u32,
    /// What it decides.
    pub kind: Kind,
    /// Whom it names.
    pub identities: Vec<Identity>,
    /// It holds under conditions that are not understood.
    pub conditional: bool,
}

/// What a rule decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Who is an administrator.
    Administrators,
    /// Who may do everything without a password.
    Allowed,
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

/// The action of starting any program as root.
const EXEC: &str = "org.freedesktop.policykit.exec";

/// Reads a file of rules. Rules of `addRule` that allow single actions are left out.
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
    }
}

/// A rule that answers YES for a group or user, whatever the action is.
fn allowed(line: u32, body: &[(u32, Token<'_>)]) -> Option<Rule> {
    if !has_word(body, "YES") {
        return None;
    }
    let everything = body.iter().any(|(_, token)| token.string() == Some(EXEC));
    if !everything && (has_word(body, "id") || has_word(body, "lookup")) {
        return None;
    }
    let mut identities = Vec::new();
    for pair in body.windows(3) {
        let [(_, first), (_, second), (_, third)] = pair else {
            continue;
        };
        match (first, second, third.string()) {
            (Token::Word("isInGroup"), Token::Sign('('), Some(group)) => {
                identities.push(Identity::Group(group.to_owned()));
            }
            (Token::Word("user"), Token::Sign('='), Some(user)) => {
                identities.push(Identity::User(user.to_owned()));
            }
            _ => {}
        }
    }
    (!identities.is_empty()).then_some(Rule {
        line,
        kind: Kind::Allowed,
        identities,
        conditional: everything || has_sign(body, '&') || has_sign(body, '!'),
    })
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    /// Contents as written, backslashes included.
    Text(&'a str),
    /// Anything else; a run of "=" is one.
    Sign(char),
}

impl<'a> Token<'a> {
    fn string(&self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Words, strings and signs with their lines; comments and blanks are passed over.
fn tokens(text: &str) -> Vec<(u32, Token<'_>)> {
    let mut found = Vec::new();
    let (mut at, mut line) = (0, 1);
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let length = match c {
            _ if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            _ if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '"' | '\'' | '`' => {
                let length = string(rest, c);
                let inside = &rest[1..length];
                found.push((line, Token::Text(inside.strip_suffix(c).unwrap_or(inside))));
                length
            }
            _ if c.is_alphanumeric() || c == '_' || c == '$' => {
                let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
                let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
                found.push((line, Token::Word(&rest[..length])));
                length
            }
            '=' => {
                found.push((line, Token::Sign(c)));
                rest.find(|c| c != '=').unwrap_or(rest.len())
            }
            _ => {
                if !c.is_whitespace() {
                    found.push((line, Token::Sign(c)));
                }
                c.len_utf8()
            }
        };
        line += rest[..length].matches('\n').count() as u32;
        at += length;
    }
    found
}

/// Length of a string with its quotes.
fn string(rest: &str, quote: char) -> usize {
    let mut protected = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if protected => protected = false,
            '\\' => protected = true,
            _ if c == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
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
            kind: Kind::Administrators,
            identities: vec![
                Identity::Group("sudo".into()),
                Identity::User("0".into()),
                Identity::Netgroup("net".into()),
            ],
            conditional: false,
        };
        assert_eq!(parse(text), [expected]);
    }

    #[test]
    fn conditions_are_noticed() {
        let text = "polkit.addAdminRule(function(a, s) { if (a.id == \"x\") { return [\"unix-group:a\"]; } });";
        assert!(parse(text)[0].conditional);
    }

    #[test]
    fn whoever_may_do_everything_is_read() {
        let text = "polkit.addRule(function(action, subject) {\n if (subject.isInGroup(\"wheel\") || subject.user == \"anna\") {\n return polkit.Result.YES;\n}});";
        let rules = parse(text);
        assert_eq!(rules[0].kind, Kind::Allowed);
        assert_eq!(
            rules[0].identities,
            [
                Identity::Group("wheel".into()),
                Identity::User("anna".into())
            ]
        );
        assert!(!rules[0].conditional);
        let exec = "polkit.addRule(function(a, s) { if (a.id == \"org.freedesktop.policykit.exec\" && s.isInGroup(\"w\")) return polkit.Result.YES; });";
        assert!(parse(exec)[0].conditional);
    }

    #[test]
    fn rules_for_single_actions_are_left_out() {
        let text = "polkit.addRule(function(a, s) { if (a.id == \"org.x\" && s.isInGroup(\"netdev\")) return polkit.Result.YES; });\n\
            polkit.addRule(function(a, s) { if (s.isInGroup(\"netdev\")) return polkit.Result.NO; });";
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
