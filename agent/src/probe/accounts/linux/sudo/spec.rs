//! Parts of a grant that share targets, options and tags, in words.

use std::time::SystemTime;

use crate::parse::sudoers::{
    self, Command, CommandMember, CommandSpec, Grant, Member, Name, OptionKind, TagKind,
};

use crate::probe::section;

use super::super::privilege::EVERYTHING;
use super::matching::{Matcher, targets_everyone};
use super::programs::amounts_to_root;

/// Commands next to each other that share everything but the command.
pub(super) struct Bundle<'a> {
    common: &'a CommandSpec,
    members: Vec<&'a CommandMember>,
}

/// Splits the commands of a grant where targets, options or tags change. What stands before "!ALL" has no
/// effect and is left out.
pub(super) fn bundles(grant: &Grant) -> Vec<Bundle<'_>> {
    let is_denied =
        |spec: &CommandSpec| spec.command.negated && spec.command.command == Command::All;
    let start = grant.commands.iter().rposition(is_denied).unwrap_or(0);
    let mut bundles: Vec<Bundle<'_>> = Vec::new();
    for spec in &grant.commands[start..] {
        match bundles.last_mut() {
            Some(bundle) if bundle.shares(spec) => bundle.members.push(&spec.command),
            _ => bundles.push(Bundle {
                common: spec,
                members: vec![&spec.command],
            }),
        }
    }
    bundles
}

impl Bundle<'_> {
    fn shares(&self, spec: &CommandSpec) -> bool {
        self.common.runas == spec.runas
            && self.common.options == spec.options
            && self.common.tags == spec.tags
    }

    /// What a tag says about the password.
    pub(super) fn password(&self) -> Option<bool> {
        self.tag(TagKind::Password)
    }

    fn tag(&self, kind: TagKind) -> Option<bool> {
        let mut tags = self.common.tags.iter();
        tags.find(|tag| tag.kind == kind).map(|tag| tag.on)
    }

    /// The targets it names; absent for the default.
    pub(super) fn targets(&self) -> Option<&[Member]> {
        self.common
            .runas
            .as_ref()
            .map(|runas| runas.users.as_slice())
    }

    /// The commands, aliases resolved, each with whether it is forbidden.
    pub(super) fn commands<'b>(&'b self, matcher: &'b Matcher<'_>) -> Vec<(bool, &'b Command)> {
        self.members
            .iter()
            .flat_map(|member| matcher.commands(member))
            .collect()
    }

    /// Whether it only forbids.
    pub(super) fn is_denial(&self) -> bool {
        self.members.iter().all(|member| member.negated)
    }

    /// Whether it takes back everything that may be run as root.
    pub(super) fn forbids_everything(&self, matcher: &Matcher<'_>) -> bool {
        let commands = self.commands(matcher);
        let all = |(negated, command): &(bool, &Command)| *negated && **command == Command::All;
        let as_root = self
            .targets()
            .is_none_or(|targets| matcher.targets_root(targets) == Some(true));
        as_root && self.is_denial() && commands.last().is_some_and(all)
    }

    /// Whether it amounts to full control.
    pub(super) fn full_control(&self, matcher: &Matcher<'_>, default_target: &str) -> Option<bool> {
        if self.is_denial() {
            return Some(false);
        }
        let as_root = match &self.common.runas {
            None => Some(matcher.is_root(default_target)),
            Some(runas) if matcher.targets_strong_group(&runas.groups) => Some(true),
            Some(runas) => match matcher.targets_root(&runas.users) {
                // Everyone but root leaves those who can become root.
                Some(false) if targets_everyone(&runas.users) => None,
                known => known,
            },
        };
        if self.is_over() {
            return Some(false);
        }
        let confined = self
            .common
            .options
            .iter()
            .any(|option| option.kind == OptionKind::Chroot);
        match (as_root, self.runs_anything(matcher)) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) if !confined => Some(true),
            _ => None,
        }
    }

    /// Whether the time it is limited to has passed or not yet come.
    fn is_over(&self) -> bool {
        let now = section::timestamp(SystemTime::now()).seconds;
        self.common.options.iter().any(|option| {
            let Some(time) = sudoers::time(&option.value) else {
                return false;
            };
            match option.kind {
                OptionKind::NotBefore => now < time,
                OptionKind::NotAfter => now > time,
                _ => false,
            }
        })
    }

    /// Whether the commands include one that hands over the machine. Forbidding single programs beside ALL
    /// changes nothing: a copy of the program under another name is allowed.
    fn runs_anything(&self, matcher: &Matcher<'_>) -> Option<bool> {
        let mut any = Some(false);
        for (negated, command) in self.commands(matcher) {
            let this = match command {
                Command::All if negated => {
                    any = Some(false);
                    continue;
                }
                _ if negated => continue,
                Command::All => Some(true),
                Command::Alias(_) => Some(false),
                Command::Program { path, arguments } => amounts_to_root(path, arguments.as_deref()),
            };
            any = match (any, this) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (None, _) | (_, None) => None,
                _ => Some(false),
            };
        }
        any
    }

    /// What it allows, in words.
    pub(super) fn scope(&self, matcher: &Matcher<'_>, default_target: &str) -> String {
        let commands = self.commands(matcher);
        let wanted = self.is_denial();
        let listed = |forbidden: bool| {
            let of_kind = commands.iter().filter(|(negated, _)| *negated == forbidden);
            let texts: Vec<_> = of_kind.map(|(_, command)| words(command)).collect();
            texts.join(", ")
        };
        let all = commands
            .iter()
            .any(|(negated, command)| !negated && **command == Command::All);
        let allowed = match (wanted, all) {
            (true, _) => listed(true),
            (false, true) => EVERYTHING.to_owned(),
            (false, false) => listed(false),
        };
        let mut scope = allowed;
        if !wanted && commands.iter().any(|(negated, _)| *negated) {
            scope = format!("{scope} except {}", listed(true));
        }
        let targets = self.target_words(default_target);
        let root = match &self.common.runas {
            None => matcher.is_root(default_target),
            Some(runas) => matcher.targets_root(&runas.users) == Some(true),
        };
        if all && root && scope == EVERYTHING {
            return scope;
        }
        format!("{scope} as {targets}")
    }

    fn target_words(&self, default_target: &str) -> String {
        let Some(runas) = &self.common.runas else {
            return default_target.to_owned();
        };
        let list = |members: &[Member], all: &str| {
            let texts: Vec<_> = members
                .iter()
                .map(|member| match member {
                    Member {
                        negated: false,
                        name: Name::All,
                    } => all.to_owned(),
                    Member {
                        negated: true,
                        name,
                    } => format!("but not {name}"),
                    Member { name, .. } => name.to_string(),
                })
                .collect();
            texts.join(", ")
        };
        let users = if runas.users.is_empty() {
            "the same user".to_owned()
        } else {
            list(&runas.users, "any user")
        };
        if runas.groups.is_empty() {
            return users;
        }
        format!("{users} with group {}", list(&runas.groups, "any"))
    }

    /// Conditions that its tags, options and checksums set.
    pub(super) fn conditions(&self) -> Vec<String> {
        let mut conditions = Vec::new();
        if self.is_denial() {
            conditions.push("negated".to_owned());
        }
        for tag in &self.common.tags {
            let condition = match (tag.kind, tag.on) {
                (TagKind::Exec, false) => "programs may not start others",
                (TagKind::Intercept, true) => "programs it starts are checked as well",
                (TagKind::SetEnv, true) => "may set the environment",
                (TagKind::LogInput, true) => "what is typed is recorded",
                (TagKind::LogOutput, true) => "what is shown is recorded",
                _ => continue,
            };
            conditions.push(condition.to_owned());
        }
        for option in &self.common.options {
            let value = &option.value;
            conditions.push(match option.kind {
                OptionKind::Role => format!("with SELinux role {value}"),
                OptionKind::Type => format!("with SELinux type {value}"),
                OptionKind::AppArmorProfile => format!("with AppArmor profile {value}"),
                OptionKind::Privs => format!("with privileges {value}"),
                OptionKind::LimitPrivs => format!("with at most privileges {value}"),
                OptionKind::Timeout => format!("for at most {value}"),
                OptionKind::NotBefore => format!("not before {value}"),
                OptionKind::NotAfter => format!("not after {value}"),
                OptionKind::Cwd => format!("in directory {value}"),
                OptionKind::Chroot => format!("in root directory {value}"),
            });
        }
        if self.members.iter().any(|member| !member.digests.is_empty()) {
            conditions.push("only programs with the stated checksum".into());
        }
        conditions
    }
}

fn words(command: &Command) -> String {
    match command {
        Command::All => EVERYTHING.to_owned(),
        Command::Alias(name) => format!("{name} (an alias that is not defined)"),
        Command::Program {
            path,
            arguments: None,
        } => path.clone(),
        Command::Program {
            path,
            arguments: Some(text),
        } if text == "\"\"" => {
            format!("{path} without arguments")
        }
        Command::Program {
            path,
            arguments: Some(text),
        } => format!("{path} {text}"),
    }
}
