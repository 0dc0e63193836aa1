//! What `Defaults` change about a rule: whether and whose password is asked for.

use crate::parse::sudoers::{Change, Command, Defaults, DefaultsScope, Member, Name, Setting};

use super::files::Policy;
use super::matching::{Candidate, Matcher};
use super::spec::Bundle;

/// The settings of all files, in order: the last one that applies counts.
pub(super) struct Settings<'a> {
    all: Vec<&'a Defaults>,
    matcher: &'a Matcher<'a>,
    default_target: &'a str,
}

/// What they come to for one holder and part of a grant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a switch of sudo's own"
)]
pub(super) struct Effect {
    /// A password is asked for.
    password: Option<bool>,
    rootpw: bool,
    runaspw: bool,
    targetpw: bool,
    noexec: bool,
    exempt: bool,
}

impl<'a> Settings<'a> {
    pub(super) fn new(policy: &'a Policy, matcher: &'a Matcher<'a>) -> Self {
        let all: Vec<_> = policy.defaults().map(|sourced| sourced.item).collect();
        let everywhere = all
            .iter()
            .filter(|defaults| defaults.scope == DefaultsScope::Everywhere);
        let target = everywhere
            .flat_map(|defaults| &defaults.settings)
            .filter_map(|setting| match &setting.change {
                Change::Set(value) if setting.name == "runas_default" => Some(value.as_str()),
                _ => None,
            })
            .next_back();
        Self {
            all,
            matcher,
            default_target: target.unwrap_or("root"),
        }
    }

    /// Whom commands run as when a rule does not say.
    pub(super) fn default_target(&self) -> &'a str {
        self.default_target
    }

    /// What the settings come to.
    pub(super) fn effect(&self, holder: &Candidate, bundle: &Bundle<'_>) -> Effect {
        let mut effect = Effect::default();
        let mut exempt_group = None;
        for defaults in &self.all {
            if self.applies(&defaults.scope, holder, bundle) {
                for setting in &defaults.settings {
                    effect.apply(setting);
                    if let ("exempt_group", Change::Set(group)) =
                        (setting.name.as_str(), &setting.change)
                    {
                        exempt_group = Some(group);
                    }
                }
            }
        }
        if let Some(group) = exempt_group {
            let list = [Member {
                negated: false,
                name: Name::Group(group.clone()),
            }];
            effect.exempt = self.matcher.holds_for(&list, holder);
        }
        // What the rule itself says goes before any setting.
        effect.password = bundle.password().or(effect.password);
        effect
    }

    fn applies(&self, scope: &DefaultsScope, holder: &Candidate, bundle: &Bundle<'_>) -> bool {
        match scope {
            DefaultsScope::Everywhere => true,
            DefaultsScope::Users(list) => self.matcher.holds_for(list, holder),
            DefaultsScope::Hosts(list) => self.matcher.is_here(list) != Some(false),
            DefaultsScope::Runas(list) => match bundle.targets() {
                Some(targets) => {
                    targets.iter().any(|target| {
                        list.contains(target) || (target.name == Name::All && !target.negated)
                    }) || (self.matcher.targets_root(list) == Some(true)
                        && self.matcher.targets_root(targets) == Some(true))
                }
                None => self
                    .matcher
                    .holds_for(list, &Candidate::User(self.default_target.to_owned())),
            },
            DefaultsScope::Commands(list) => {
                let named: Vec<_> = list
                    .iter()
                    .flat_map(|member| self.matcher.commands(member))
                    .collect();
                let own = bundle.commands(self.matcher);
                own.iter().all(|(_, command)| {
                    let same = |other: &Command| match (other, command) {
                        (Command::All, _) => true,
                        (Command::Program { path: a, .. }, Command::Program { path: b, .. }) => {
                            a == b
                        }
                        _ => false,
                    };
                    let mut named = named.iter().rev();
                    let decisive = named.find(|(_, other)| same(other));
                    decisive.is_some_and(|(negated, _)| !negated)
                })
            }
        }
    }
}

impl Effect {
    fn apply(&mut self, setting: &Setting) {
        let on = match setting.change {
            Change::On => true,
            Change::Off => false,
            _ => return,
        };
        match setting.name.as_str() {
            "authenticate" => self.password = Some(on),
            "rootpw" => self.rootpw = on,
            "runaspw" => self.runaspw = on,
            "targetpw" => self.targetpw = on,
            "noexec" => self.noexec = on,
            _ => {}
        }
    }

    fn asks(&self) -> bool {
        self.password != Some(false) && !self.exempt
    }

    /// Only who knows root's password already can use the rule.
    pub(super) fn asks_for_root(&self) -> bool {
        self.asks() && (self.rootpw || self.runaspw || self.targetpw)
    }

    /// In words.
    pub(super) fn conditions(&self) -> Vec<String> {
        let mut conditions = Vec::new();
        let password = match (self.asks(), self.rootpw, self.runaspw, self.targetpw) {
            (false, ..) => Some("without password"),
            (true, true, ..) => Some("asks for root's password"),
            (true, _, true, _) => Some("asks for the password of the default target user"),
            (true, _, _, true) => Some("asks for the password of the target user"),
            _ => None,
        };
        conditions.extend(password.map(str::to_owned));
        if self.noexec {
            conditions.push("programs may not start others".into());
        }
        conditions
    }
}
