//! Entries as sudoers text, which parses to the same entries again.

use std::fmt::{self, Display, Formatter, Write as _};

use super::name::{is_alias, is_ipv4};
use super::{
    AliasList, Change, Command, CommandMember, CommandSpec, Defaults, DefaultsScope, EntryKind,
    Grant, Member, Name, OptionKind, Rule, Runas, Setting, Tag, TagKind,
};

/// Items between a separator.
pub(super) struct List<'a, T>(pub(super) &'a [T], pub(super) &'a str);

impl<T: Display> Display for List<'_, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (index, item) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(self.1)?;
            }
            item.fmt(f)?;
        }
        Ok(())
    }
}

fn list<T>(items: &[T]) -> List<'_, T> {
    List(items, ", ")
}

impl Display for Name {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("ALL"),
            Self::Alias(text) | Self::Network(text) => f.write_str(text),
            Self::Plain(text) => plain(f, text),
            Self::Id(id) => write!(f, "#{id}"),
            Self::Group(text) => prefixed(f, "%", text),
            Self::GroupId(id) => write!(f, "%#{id}"),
            Self::DirectoryGroup(text) if is_id(text) => write!(f, "%:{text}"),
            Self::DirectoryGroup(text) => prefixed(f, "%:", text),
            Self::Netgroup(text) => prefixed(f, "+", text),
        }
    }
}

fn is_id(text: &str) -> bool {
    let digits = text
        .strip_prefix('#')
        .map(|id| id.strip_prefix('-').unwrap_or(id));
    digits.is_some_and(|digits| {
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn prefixed(f: &mut Formatter<'_>, prefix: &str, text: &str) -> fmt::Result {
    f.write_str(prefix)?;
    escaped(f, text)
}

/// A plain name; a first character that would make it something else is protected.
fn plain(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    let special = text.starts_with(['%', '+', '/']) || is_alias(text) || is_ipv4(text);
    if special && !text.starts_with(|c: char| c == 'x' || !c.is_ascii_graphic() || is_separator(c))
    {
        f.write_char('\\')?;
    }
    escaped(f, text)
}

fn is_separator(c: char) -> bool {
    "#>!=:,() \\\"".contains(c)
}

fn escaped(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    for c in text.chars() {
        match c {
            '\t' | '\n' | '\r' => write!(f, "\\x{:02x}", c as u32)?,
            _ if is_separator(c) => write!(f, "\\{c}")?,
            _ => f.write_char(c)?,
        }
    }
    Ok(())
}

impl Display for Member {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", negation(self.negated), self.name)
    }
}

fn negation(negated: bool) -> &'static str {
    if negated { "!" } else { "" }
}

impl Display for Command {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("ALL"),
            Self::Alias(name) => f.write_str(name),
            Self::Program { path, arguments } => {
                if path.starts_with('^') {
                    f.write_str(path)?;
                } else {
                    self::path(f, path)?;
                }
                arguments
                    .as_deref()
                    .map_or(Ok(()), |text| write_arguments(f, text))
            }
        }
    }
}

fn path(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    for c in text.chars() {
        if ",:=\\ \t#".contains(c) {
            f.write_char('\\')?;
        }
        f.write_char(c)?;
    }
    Ok(())
}

fn write_arguments(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char(' ')?;
    if text.starts_with('^') {
        return f.write_str(text);
    }
    // A "=" that stands alone would end the arguments.
    let (mut before, mut alone) = (' ', true);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let next = rest.peek().copied();
        match c {
            '\\' if next.is_some_and(|next| "*?[]!^".contains(next)) => {
                write!(f, "\\{}", next.unwrap_or_default())?;
                rest.next();
                alone = true;
            }
            ' ' if before == ' ' || next.is_none_or(|next| next == ' ') => {
                f.write_str("\\ ")?;
                alone = true;
            }
            '\\' | ':' | ',' | '#' | '\t' => {
                write!(f, "\\{c}")?;
                alone = true;
            }
            '=' if alone => f.write_str("\\=")?,
            _ => {
                f.write_char(c)?;
                alone = c == ' ';
            }
        }
        before = c;
    }
    Ok(())
}

impl Display for CommandMember {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (index, digest) in self.digests.iter().enumerate() {
            let separator = if index > 0 { ", " } else { "" };
            write!(f, "{separator}{}:{}", digest.algorithm, digest.value)?;
        }
        if !self.digests.is_empty() {
            f.write_char(' ')?;
        }
        write!(f, "{}{}", negation(self.negated), self.command)
    }
}

impl Display for Runas {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "({}", list(&self.users))?;
        if !self.groups.is_empty() {
            write!(f, " : {}", list(&self.groups))?;
        }
        f.write_char(')')
    }
}

impl Display for Tag {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}{}:",
            if self.on { "" } else { "NO" },
            self.kind.word()
        )
    }
}

impl TagKind {
    /// The tag that switches it one way or the other.
    pub fn switched(self, on: bool) -> Tag {
        Tag { kind: self, on }
    }
}

impl Display for CommandSpec {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(runas) = &self.runas {
            write!(f, "{runas} ")?;
        }
        for option in &self.options {
            let value = &option.value;
            if matches!(option.kind, OptionKind::Cwd | OptionKind::Chroot) {
                write!(f, "{}=", option.kind.word())?;
                path(f, value)?;
                f.write_char(' ')?;
            } else if value.contains(['"', '\n', '\r']) {
                write!(f, "{}=", option.kind.word())?;
                escaped(f, value)?;
                f.write_char(' ')?;
            } else {
                write!(f, "{}=\"{value}\" ", option.kind.word())?;
            }
        }
        for tag in &self.tags {
            write!(f, "{tag} ")?;
        }
        self.command.fmt(f)
    }
}

impl Display for Grant {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", list(&self.hosts), list(&self.commands))
    }
}

impl Display for Rule {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", list(&self.users), List(&self.grants, " : "))
    }
}

impl Display for Setting {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\\\""));
        let name = &self.name;
        match &self.change {
            Change::On => f.write_str(name),
            Change::Off => write!(f, "!{name}"),
            Change::Set(value) => write!(f, "{name}={}", quoted(value)),
            Change::Add(value) => write!(f, "{name}+={}", quoted(value)),
            Change::Remove(value) => write!(f, "{name}-={}", quoted(value)),
        }
    }
}

impl Display for Defaults {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("Defaults")?;
        match &self.scope {
            DefaultsScope::Everywhere => {}
            DefaultsScope::Users(members) => write!(f, ":{}", list(members))?,
            DefaultsScope::Runas(members) => write!(f, ">{}", list(members))?,
            DefaultsScope::Hosts(members) => write!(f, "@{}", list(members))?,
            DefaultsScope::Commands(members) => write!(f, "!{}", list(members))?,
        }
        write!(f, " {}", list(&self.settings))
    }
}

/// A path as it can stand without quotes, between which not every path could.
fn protected(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for character in path.chars() {
        if character.is_ascii_whitespace() || matches!(character, '\\' | '"') {
            text.push('\\');
        }
        text.push(character);
    }
    text
}

impl Display for EntryKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Include { path, directory } => {
                let word = if *directory {
                    "@includedir"
                } else {
                    "@include"
                };
                write!(f, "{word} {}", protected(path))
            }
            Self::Defaults(defaults) => defaults.fmt(f),
            Self::Rule(rule) => rule.fmt(f),
            Self::Alias(alias) => {
                let name = &alias.name;
                match &alias.list {
                    AliasList::Users(members) => write!(f, "User_Alias {name} = {}", list(members)),
                    AliasList::Runas(members) => {
                        write!(f, "Runas_Alias {name} = {}", list(members))
                    }
                    AliasList::Hosts(members) => write!(f, "Host_Alias {name} = {}", list(members)),
                    AliasList::Commands(members) => {
                        write!(f, "Cmnd_Alias {name} = {}", list(members))
                    }
                }
            }
        }
    }
}
