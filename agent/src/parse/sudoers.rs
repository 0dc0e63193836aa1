//! sudoers: who may run what as whom, where.
//!
//! The grammar is that of sudo 1.9: rules, the four kinds of alias, `Defaults`, and includes. A line that
//! breaks it is a problem with its place and has no effect, as in sudo; the rest is read.

mod command;
mod cursor;
mod defaults;
mod entry;
mod keyword;
mod name;
mod option;
mod print;
mod program;
#[cfg(test)]
mod tests;

use super::problem::Problem;

pub use keyword::{OptionKind, TagKind};
pub use option::{time, timeout};

/// A file, parsed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sudoers {
    /// Its entries, in order.
    pub entries: Vec<Entry>,
    /// Lines that could not be understood.
    pub problems: Vec<Problem>,
}

/// An entry and the line it begins on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Line, from 1.
    pub line: u32,
    /// What it says.
    pub kind: EntryKind,
}

/// Kinds of entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// `@include` or `@includedir`, also written with `#`.
    Include {
        /// Path as written, quotes and backslashes resolved.
        path: String,
        /// Every file of a directory is meant.
        directory: bool,
    },
    /// A name for a list.
    Alias(Alias),
    /// Settings.
    Defaults(Defaults),
    /// Who may run what.
    Rule(Rule),
}

/// A name for a list. Each kind of alias has names of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// Name, such as "ADMINS".
    pub name: String,
    /// The list.
    pub list: AliasList,
}

/// What an alias stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AliasList {
    /// `User_Alias`.
    Users(Vec<Member>),
    /// `Runas_Alias`.
    Runas(Vec<Member>),
    /// `Host_Alias`.
    Hosts(Vec<Member>),
    /// `Cmnd_Alias`.
    Commands(Vec<CommandMember>),
}

/// A name in a list of users, groups or hosts. The last one that matches decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Taken out of the list instead of put in.
    pub negated: bool,
    /// The name.
    pub name: Name,
}

/// Names of users, groups and hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// `ALL`.
    All,
    /// An upper-case word: an alias when one is defined, else a plain name.
    Alias(String),
    /// A user, group or host, by name or host pattern.
    Plain(String),
    /// `#1000`: a user or group by number.
    Id(i64),
    /// `%wheel`: the members of a group.
    Group(String),
    /// `%#10`: the members of a group, by number.
    GroupId(i64),
    /// `%:name`: the members of a group that only a plugin knows, as those of a domain.
    DirectoryGroup(String),
    /// `+name`: a netgroup.
    Netgroup(String),
    /// An address, with a mask or the length of a prefix.
    Network(String),
}

/// `Defaults` settings and what they are limited to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defaults {
    /// Where they hold.
    pub scope: DefaultsScope,
    /// The settings, in order.
    pub settings: Vec<Setting>,
}

/// Where `Defaults` hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DefaultsScope {
    /// Everywhere.
    Everywhere,
    /// `Defaults:users`.
    Users(Vec<Member>),
    /// `Defaults>targets`.
    Runas(Vec<Member>),
    /// `Defaults@hosts`.
    Hosts(Vec<Member>),
    /// `Defaults!commands`.
    Commands(Vec<CommandMember>),
}

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Name, such as "authenticate".
    pub name: String,
    /// What is done to it.
    pub change: Change,
}

/// What is done to a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// `name`.
    On,
    /// `!name`.
    Off,
    /// `name=value`.
    Set(String),
    /// `name+=value`.
    Add(String),
    /// `name-=value`.
    Remove(String),
}

/// Who may run what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Who.
    pub users: Vec<Member>,
    /// What, where.
    pub grants: Vec<Grant>,
}

/// What may be run on some hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Where.
    pub hosts: Vec<Member>,
    /// What; the last one that matches decides. Targets, tags and options that an item leaves out are
    /// filled in from the item before it, as in sudo.
    pub commands: Vec<CommandSpec>,
}

/// A command with the conditions it runs under.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandSpec {
    /// As whom; absent for sudo's default, root.
    pub runas: Option<Runas>,
    /// `CWD=`, `TIMEOUT=` and the like.
    pub options: Vec<SpecOption>,
    /// `NOPASSWD:` and the like.
    pub tags: Vec<Tag>,
    /// The command.
    pub command: CommandMember,
}

/// As whom a command may run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Runas {
    /// As these users; empty for the invoking user only.
    pub users: Vec<Member>,
    /// With these groups.
    pub groups: Vec<Member>,
}

/// An option of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecOption {
    /// Which.
    pub kind: OptionKind,
    /// Its value.
    pub value: String,
}

/// A tag: a setting that is switched one way or the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Which.
    pub kind: TagKind,
    /// On, or off as in `NO...`; `NOPASSWD` is `Password` off.
    pub on: bool,
}

/// A command in a list. The last one that matches decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandMember {
    /// Forbidden instead of allowed.
    pub negated: bool,
    /// Checksums, one of which the program must have; empty for any.
    pub digests: Vec<FileDigest>,
    /// The command.
    pub command: Command,
}

/// A checksum a program must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDigest {
    /// "sha224", "sha256", "sha384" or "sha512".
    pub algorithm: &'static str,
    /// The checksum, as written.
    pub value: String,
}

/// A command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Command {
    /// `ALL`.
    #[default]
    All,
    /// An alias.
    Alias(String),
    /// A program.
    Program {
        /// Path, pattern, directory ending in "/", regular expression between "^" and "$", or one of the
        /// built-in "sudoedit" and "list".
        path: String,
        /// The only arguments, as a pattern; `""` for none at all. Absent for any.
        arguments: Option<String>,
    },
}

/// Parses a file.
pub fn parse(text: &str) -> Sudoers {
    entry::file(text)
}
