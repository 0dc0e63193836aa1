//! Who reads, and what that person may see.

use std::collections::BTreeSet;

use freehold_proto::v1::section::Kind;

use super::{GrantId, people::PersonId};

/// Someone who reads. Every read of the inventory needs one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    who: Who,
    scope: Scope,
}

/// Who a viewer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// An owner, signed in at the dashboard.
    Owner(PersonId),
    /// A technician of a supplier, under a grant.
    Delegate(PersonId, GrantId),
    /// Whoever holds the collector's computer, through its control socket.
    Console,
}

impl Viewer {
    /// A signed-in owner, who sees everything.
    pub fn owner(person: PersonId) -> Self {
        Self {
            who: Who::Owner(person),
            scope: Scope::Everything,
        }
    }

    /// A technician, who sees what the grant shares.
    pub fn delegate(person: PersonId, grant: GrantId, scope: Scope) -> Self {
        Self {
            who: Who::Delegate(person, grant),
            scope,
        }
    }

    /// The collector's console, which sees everything.
    pub fn console() -> Self {
        Self {
            who: Who::Console,
            scope: Scope::Everything,
        }
    }

    /// The same viewer, seeing only what `scope` allows.
    #[must_use]
    pub fn within(self, scope: Scope) -> Self {
        Self { scope, ..self }
    }

    /// Who this is.
    pub fn who(&self) -> Who {
        self.who
    }

    /// What this viewer may see.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// What a viewer may see. Scopes only allow: what no rule names is invisible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every section of every machine.
    Everything,
    /// What at least one of these rules allows.
    Rules(Vec<Rule>),
}

/// Allows some sections of some machines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Which machines.
    pub reach: Reach,
    /// Sections that may be seen.
    pub sections: BTreeSet<i32>,
}

/// Which machines a rule is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// All of them, also those without a label.
    Every,
    /// Those that carry one of these labels, set by the owner or the join token.
    Labelled(BTreeSet<String>),
}

impl Scope {
    /// Whether a machine with these labels may be seen at all.
    pub fn sees_machine(&self, labels: &[String]) -> bool {
        match self {
            Self::Everything => true,
            Self::Rules(rules) => rules.iter().any(|rule| rule.covers(labels)),
        }
    }

    /// Whether a section of a machine with these labels may be seen.
    pub fn sees_section(&self, labels: &[String], kind: Kind) -> bool {
        match self {
            Self::Everything => true,
            Self::Rules(rules) => rules
                .iter()
                .any(|rule| rule.covers(labels) && rule.sections.contains(&(kind as i32))),
        }
    }
}

impl Rule {
    fn covers(&self, labels: &[String]) -> bool {
        match &self.reach {
            Reach::Every => true,
            Reach::Labelled(wanted) => labels.iter().any(|label| wanted.contains(label)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_scope_shows_nothing_that_no_rule_names() {
        let scope = Scope::Rules(vec![Rule {
            reach: Reach::Labelled(BTreeSet::from(["office".to_owned()])),
            sections: BTreeSet::from([Kind::System as i32]),
        }]);
        assert!(scope.sees_machine(&labels(&["office", "server"])));
        assert!(!scope.sees_machine(&labels(&["surgery"])));
        assert!(
            !scope.sees_machine(&[]),
            "an unlabelled machine is invisible"
        );
        assert!(scope.sees_section(&labels(&["office"]), Kind::System));
        assert!(!scope.sees_section(&labels(&["office"]), Kind::Network));
        assert!(!scope.sees_section(&labels(&["surgery"]), Kind::System));
    }

    #[test]
    fn a_rule_for_every_machine_needs_no_label() {
        let scope = Scope::Rules(vec![Rule {
            reach: Reach::Every,
            sections: BTreeSet::from([Kind::System as i32]),
        }]);
        assert!(scope.sees_machine(&[]));
        assert!(scope.sees_section(&[], Kind::System));
        assert!(!scope.sees_section(&[], Kind::Network));
        assert!(!scope.sees_section(&[], Kind::Unspecified));
    }

    #[test]
    fn a_scope_without_rules_shows_nothing() {
        let scope = Scope::Rules(Vec::new());
        assert!(!scope.sees_machine(&labels(&["office"])));
        assert!(!scope.sees_section(&labels(&["office"]), Kind::System));
    }
}
