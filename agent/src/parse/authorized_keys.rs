//! OpenSSH's `authorized_keys`: public keys that open an account.

use base64::{
    Engine as _, engine::general_purpose::STANDARD, engine::general_purpose::STANDARD_NO_PAD,
};

use super::problem::{self, Problem};

/// A key. The key material is reduced to its fingerprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Type, such as "ssh-ed25519".
    pub kind: String,
    /// "SHA256:" and the digest in base64 without padding.
    pub fingerprint: String,
    /// Comment.
    pub comment: String,
    /// Names of options; values are left out.
    pub options: Vec<String>,
    /// Line, from 1.
    pub line: u32,
}

/// Reads the file.
pub fn parse(bytes: &[u8]) -> (Vec<Key>, Vec<Problem>) {
    let (mut keys, mut problems) = (Vec::new(), Vec::new());
    for (number, line) in (1..).zip(bytes.split(|&byte| byte == b'\n')) {
        let line = String::from_utf8_lossy(line.trim_ascii());
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match key(&line, number) {
            Ok(key) => keys.push(key),
            Err(reason) => problem::keep(&mut problems, Problem::on(number, reason)),
        }
    }
    (keys, problems)
}

fn key(line: &str, number: u32) -> Result<Key, &'static str> {
    let (kind, rest) = word(line);
    if is_kind(kind) {
        return body(kind, rest, Vec::new(), number);
    }
    let (options, rest) = options(line)?;
    let (kind, rest) = word(rest);
    if !is_kind(kind) {
        return Err("names no type of key that OpenSSH knows, so the line opens nothing");
    }
    body(kind, rest, options, number)
}

fn body(kind: &str, rest: &str, options: Vec<String>, line: u32) -> Result<Key, &'static str> {
    let (encoded, comment) = word(rest);
    let blob = STANDARD
        .decode(encoded)
        .or_else(|_| STANDARD_NO_PAD.decode(encoded))
        .map_err(|_| "the key is not valid base64, so the line opens nothing")?;
    if !holds_kind(&blob, kind) {
        return Err("the key is not of the type the line names, so the line opens nothing");
    }
    let digest = ring::digest::digest(&ring::digest::SHA256, &blob);
    Ok(Key {
        kind: kind.to_owned(),
        fingerprint: format!("SHA256:{}", STANDARD_NO_PAD.encode(digest)),
        comment: comment.to_owned(),
        options,
        line,
    })
}

/// Whether a blob begins with the length and name of its type.
fn holds_kind(blob: &[u8], kind: &str) -> bool {
    blob.split_first_chunk::<4>().is_some_and(|(length, rest)| {
        u32::from_be_bytes(*length) as usize == kind.len() && rest.starts_with(kind.as_bytes())
    })
}

fn is_kind(word: &str) -> bool {
    let plain = word.strip_suffix("-cert-v01@openssh.com");
    let plain = plain.or_else(|| word.strip_suffix("@openssh.com"));
    matches!(
        plain.unwrap_or(word),
        "ssh-rsa"
            | "ssh-dss"
            | "ssh-ed25519"
            | "ecdsa-sha2-nistp256"
            | "ecdsa-sha2-nistp384"
            | "ecdsa-sha2-nistp521"
            | "sk-ssh-ed25519"
            | "sk-ecdsa-sha2-nistp256"
    )
}

/// The first word and what follows it.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start_matches([' ', '\t']);
    let end = text.find([' ', '\t']).unwrap_or(text.len());
    (&text[..end], text[end..].trim_start_matches([' ', '\t']))
}

/// Names of the options before a key, and what follows them. A value may stand between double quotes, in
/// which a backslash protects a quote.
fn options(text: &str) -> Result<(Vec<String>, &str), &'static str> {
    let (mut names, mut start, mut quoted, mut protected) = (Vec::new(), 0, false, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' if !protected => quoted = !quoted,
            ',' if !quoted => {
                names.push(name(&text[start..at]));
                start = at + 1;
            }
            ' ' | '\t' if !quoted => {
                names.push(name(&text[start..at]));
                return Ok((names, &text[at..]));
            }
            _ => {}
        }
        protected = c == '\\' && !protected;
    }
    Err(if quoted {
        "has an option whose quote is never closed, so the line opens nothing"
    } else {
        "holds no key, so the line opens nothing"
    })
}

fn name(option: &str) -> String {
    let end = option.find('=').unwrap_or(option.len());
    option[..end].to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Made with ssh-keygen; its own `ssh-keygen -lf` names the fingerprint below.
    const KEY: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";

    fn one(line: &str) -> Key {
        let (keys, problems) = parse(line.as_bytes());
        assert_eq!(problems, []);
        keys.into_iter().next().unwrap()
    }

    #[test]
    fn a_plain_key_has_type_fingerprint_and_comment() {
        let key = one(&format!("ssh-ed25519 {KEY} anna@laptop home office\n"));
        assert_eq!(key.kind, "ssh-ed25519");
        assert_eq!(key.comment, "anna@laptop home office");
        assert!(key.fingerprint.starts_with("SHA256:") && key.fingerprint.len() == 50);
        assert!(key.options.is_empty());
    }

    #[test]
    fn options_are_reported_by_name_only() {
        let line = format!(
            "no-pty,Command=\"echo \\\"a, b\\\" ssh-rsa\",from=\"10.0.0.0/8,!10.1.1.1\" ssh-ed25519 {KEY} x"
        );
        let key = one(&line);
        assert_eq!(key.options, ["no-pty", "command", "from"]);
        assert!(!format!("{key:?}").contains("echo"));
    }

    #[test]
    fn lines_that_open_nothing_are_named() {
        let text = format!(
            "# comment\n\nssh-ed25519 !!!! x\nssh-rsa {KEY}\nfoo\ncommand=\"x ssh-ed25519 {KEY}\nnonsense {KEY}\nssh-ed25519 {KEY}\n"
        );
        let (keys, problems) = parse(text.as_bytes());
        assert_eq!((keys.len(), keys[0].line), (1, 8));
        let lines: Vec<_> = problems.iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [3, 4, 5, 6, 7]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>, text in "[ -~\n\t]{0,200}") {
            parse(&bytes);
            parse(text.as_bytes());
        }

        #[test]
        fn what_is_printed_is_read_again(
            options in prop::collection::vec(("[a-z][a-z-]{0,9}", prop::option::of("[ a-z0-9,/=@]{0,12}")), 0..4),
            seed in prop::collection::vec(any::<u8>(), 0..40),
            comment in "([a-z@]{1,8}( [a-z]{1,5}){0,2})?",
        ) {
            let kind = "ssh-ed25519";
            let length = u32::try_from(kind.len()).unwrap().to_be_bytes();
            let blob = [&length[..], kind.as_bytes(), &seed].concat();
            let printed = options.iter().map(|(name, value)| match value {
                Some(value) => format!("{name}=\"{value}\""),
                None => name.clone(),
            });
            let printed = printed.collect::<Vec<_>>().join(",");
            let line = format!("# x\n{printed} {kind} {} {comment}\n", STANDARD.encode(&blob));
            let digest = ring::digest::digest(&ring::digest::SHA256, &blob);
            let expected = Key {
                kind: kind.to_owned(),
                fingerprint: format!("SHA256:{}", STANDARD_NO_PAD.encode(digest)),
                comment,
                options: options.into_iter().map(|(name, _)| name).collect(),
                line: 2,
            };
            prop_assert_eq!(parse(line.as_bytes()), (vec![expected], vec![]));
        }
    }
}
