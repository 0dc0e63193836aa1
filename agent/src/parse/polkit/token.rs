//! The words of a rule.

/// A word, a string or a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Word(&'a str),
    /// Contents as written, backslashes included.
    Text(&'a str),
    /// Anything else; a run of "=" is one.
    Sign(char),
}

impl<'a> Token<'a> {
    pub(super) fn string(&self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Words, strings and signs with their lines; comments and blanks are passed over.
pub(super) fn tokens(text: &str) -> Vec<(u32, Token<'_>)> {
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
