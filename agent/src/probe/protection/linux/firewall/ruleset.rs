//! What a set of rules does with what comes in.

use std::collections::HashSet;

use crate::parse::netfilter::{Action, Chain, Rule, Table, Verdict};

/// Deepest chain of jumps; the kernel allows 16.
const JUMPS: usize = 16;

/// What happens to a connection from outside that no rule speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Inbound {
    pub(super) four: Verdict,
    pub(super) six: Verdict,
}

/// Chains and rules.
#[derive(Debug, Default)]
pub(super) struct Ruleset {
    pub(super) chains: Vec<Chain>,
    pub(super) rules: Vec<Rule>,
}

impl Ruleset {
    /// What it does by default. A packet has to get through every chain.
    pub(super) fn inbound(&self) -> Inbound {
        let worst = |families: [u8; 2]| {
            let inputs = self.inputs();
            let inputs = inputs.filter(|chain| families.contains(&chain.table.family));
            let verdicts = inputs.map(|chain| self.default(chain));
            let mut refusals = verdicts.filter(|verdict| *verdict != Verdict::Accept);
            refusals.next().unwrap_or(Verdict::Accept)
        };
        Inbound {
            four: worst([1, 2]),
            six: worst([1, 10]),
        }
    }

    /// Whether anything that comes in can be turned away.
    pub(super) fn filters(&self) -> bool {
        self.inputs().any(|chain| {
            let refuses = chain.policy.is_some_and(|policy| policy != Verdict::Accept);
            refuses || self.can_refuse(&chain.table, &chain.name, &mut HashSet::new())
        })
    }

    fn inputs(&self) -> impl Iterator<Item = &Chain> {
        self.chains.iter().filter(|chain| chain.is_input)
    }

    fn rules_of<'a>(&'a self, table: &'a Table, chain: &'a str) -> impl Iterator<Item = &'a Rule> {
        let rules = self.rules.iter();
        rules.filter(move |rule| rule.chain == chain && rule.table == *table)
    }

    fn default(&self, chain: &Chain) -> Verdict {
        let decided = match self.falls_through(&chain.table, &chain.name, JUMPS) {
            Fall::Decided(verdict) => Some(verdict),
            Fall::Back | Fall::Policy => chain.policy,
        };
        decided.unwrap_or(Verdict::Accept)
    }

    /// What the rules that count for every packet come to.
    fn falls_through(&self, table: &Table, chain: &str, jumps: usize) -> Fall {
        let Some(jumps) = jumps.checked_sub(1) else {
            return Fall::Policy;
        };
        for rule in self.rules_of(table, chain).filter(|rule| rule.always) {
            match &rule.action {
                Action::None | Action::Dispatch => {}
                Action::Verdict(verdict) => return Fall::Decided(*verdict),
                Action::Return => return Fall::Back,
                Action::Jump(other) => match self.falls_through(table, other, jumps) {
                    Fall::Back => {}
                    decided => return decided,
                },
                Action::Goto(other) => {
                    return match self.falls_through(table, other, jumps) {
                        Fall::Back => Fall::Policy,
                        decided => decided,
                    };
                }
            }
        }
        Fall::Back
    }

    /// Whether a rule that can be reached from a chain turns something away.
    fn can_refuse<'a>(
        &'a self,
        table: &'a Table,
        chain: &'a str,
        seen: &mut HashSet<&'a str>,
    ) -> bool {
        if !seen.insert(chain) {
            return false;
        }
        // Not by calling itself: chains can form a line as long as there are chains.
        let mut waiting = vec![chain];
        while let Some(chain) = waiting.pop() {
            for rule in self.rules_of(table, chain) {
                match &rule.action {
                    Action::Verdict(Verdict::Drop | Verdict::Reject) => return true,
                    Action::Jump(other) | Action::Goto(other) => {
                        waiting.extend(seen.insert(other).then_some(other.as_str()));
                    }
                    // Which chains the table names is not read: any may be meant.
                    Action::Dispatch => {
                        let own = self.chains.iter().filter(|other| other.table == *table);
                        let own = own.filter(|other| other.policy.is_none());
                        waiting.extend(
                            own.map(|other| other.name.as_str())
                                .filter(|other| seen.insert(other)),
                        );
                    }
                    _ => {}
                }
            }
        }
        false
    }
}

enum Fall {
    Decided(Verdict),
    /// The chain that jumped here goes on.
    Back,
    /// The policy decides.
    Policy,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::netfilter::saved;

    fn ruleset(text: &str) -> Ruleset {
        let (chains, rules) = saved(text, 2);
        Ruleset { chains, rules }
    }

    #[test]
    fn a_last_rule_that_refuses_all_is_the_default() {
        let rules = ruleset(
            ":INPUT ACCEPT [0:0]\n:zones - [0:0]\n-A INPUT -p tcp -j ACCEPT\n-A INPUT -j zones\n\
             -A zones -s 10.0.0.0/8 -j ACCEPT\n-A INPUT -j REJECT --reject-with x\n",
        );
        assert_eq!(rules.inbound().four, Verdict::Reject);
        assert_eq!(rules.inbound().six, Verdict::Accept);
        assert!(rules.filters());
    }

    #[test]
    fn rules_that_only_let_in_filter_nothing() {
        let rules = ruleset(
            ":INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n-A INPUT -p tcp -j ACCEPT\n-A FORWARD -j DROP\n",
        );
        assert_eq!(rules.inbound().four, Verdict::Accept);
        assert!(!rules.filters());
    }

    #[test]
    fn a_refusal_of_some_in_another_chain_filters() {
        let rules = ruleset(
            ":INPUT ACCEPT [0:0]\n:ban - [0:0]\n-A INPUT -p tcp -j ban\n-A ban -s 10.0.0.1/32 -j REJECT\n-A ban -j RETURN\n",
        );
        assert!(rules.filters());
        assert_eq!(rules.inbound().four, Verdict::Accept);
    }

    #[test]
    fn chains_that_jump_in_a_circle_come_to_an_end() {
        let rules = ruleset(
            ":INPUT ACCEPT [0:0]\n:a - [0:0]\n:b - [0:0]\n-A INPUT -j a\n-A a -j b\n-A b -j a\n",
        );
        assert!(!rules.filters());
        assert_eq!(rules.inbound().four, Verdict::Accept);
    }

    #[test]
    fn a_chain_that_returns_goes_on_where_it_was_called_and_one_that_was_gone_to_does_not() {
        let rules = |way: &str| {
            ruleset(&format!(
                ":INPUT DROP [0:0]\n:a - [0:0]\n-A INPUT -{way} a\n-A INPUT -j ACCEPT\n-A a -j RETURN\n"
            ))
        };
        assert_eq!(rules("j").inbound().four, Verdict::Accept);
        assert_eq!(rules("g").inbound().four, Verdict::Drop);
    }

    #[test]
    fn an_early_verdict_for_all_counts_whatever_the_policy() {
        let rules = ruleset(":INPUT DROP [0:0]\n-A INPUT -j ACCEPT\n");
        assert_eq!(rules.inbound().four, Verdict::Accept);
    }
}
