//! The same finding about several computers, as one: an owner reads one sentence, and unfolds whom it is about.

use std::collections::{BTreeMap, BTreeSet};

use super::view::{Card, severity_tone, word};
use crate::{
    access::MachineLine,
    clock::UnixMillis,
    dashboard::{
        markup::Markup,
        text::{computers_counted, findings as t},
    },
    finding::{Finding, RULES},
    store::record::FindingSeverity,
};

/// Computers named before the rest is counted.
const NAMES: usize = 4;

/// Findings that a list of the overview unfolds; the page of findings has them all.
pub(in crate::dashboard) const UNFOLDED: usize = 20;

type One<'a> = (&'a MachineLine, &'a Finding);

/// Findings of one rule that are equally serious.
pub(in crate::dashboard) struct Fold<'a> {
    pub(in crate::dashboard) found: Vec<One<'a>>,
    /// How many computers they are about.
    computers: usize,
}

/// Puts equal findings together: the worst first, then in the order of the rules, then as they came.
pub(in crate::dashboard) fn folded<'a>(found: &[One<'a>]) -> Vec<Fold<'a>> {
    let place = |finding: &Finding| RULES.iter().position(|rule| rule == finding.rule);
    let mut folds: BTreeMap<(FindingSeverity, Option<usize>), Vec<One<'a>>> = BTreeMap::new();
    for (line, finding) in found {
        let key = (finding.severity, place(finding));
        folds.entry(key).or_default().push((line, finding));
    }
    folds.into_values().map(Fold::of).collect()
}

/// The part of the folds that a page shows, counted in findings. A fold that it cuts still says how many there are.
pub(super) fn part(folds: Vec<Fold<'_>>, first: usize, most: usize) -> Vec<Fold<'_>> {
    let (mut skipped, mut left) = (first, most);
    let mut shown = Vec::new();
    for mut fold in folds {
        let skips = skipped.min(fold.found.len());
        skipped -= skips;
        fold.found.drain(..skips);
        fold.found.truncate(left);
        left -= fold.found.len();
        if !fold.found.is_empty() {
            shown.push(fold);
        }
    }
    shown
}

impl<'a> Fold<'a> {
    fn of(found: Vec<One<'a>>) -> Self {
        let computers: BTreeSet<_> = found.iter().map(|(line, _)| line.machine.id).collect();
        Self {
            computers: computers.len(),
            found,
        }
    }

    /// How serious they are.
    pub(super) fn severity(&self) -> FindingSeverity {
        self.found
            .first()
            .map_or(FindingSeverity::Unspecified, |(_, finding)| {
                finding.severity
            })
    }

    /// As lists show it: one card for several computers, else one for each finding.
    pub(in crate::dashboard) fn cards(
        &self,
        now: UnixMillis,
        finished: impl Fn(&MachineLine, &Finding, Card) -> Card,
    ) -> Vec<Card> {
        let cards = self.found.iter().map(|(line, finding)| {
            let card = Card::of(&line.machine, finding, now);
            finished(line, finding, card)
        });
        match self.found.first() {
            Some((_, first)) if self.computers > 1 => vec![self.one(first, cards.collect())],
            _ => cards.collect(),
        }
    }

    fn one(&self, first: &Finding, members: Vec<Card>) -> Card {
        let count = Markup::text(&computers_counted(self.computers));
        let rule = first.rule;
        let why = Some(rule.words.why).filter(|why| !why.contains('{'));
        Card {
            tone: severity_tone(first.severity),
            word: word(first.severity),
            path: String::new(),
            sentence: Markup::fill(t::several(rule.id), &[("computers", count)]),
            why: why.map(Markup::text).unwrap_or_default(),
            request: None,
            aside: None,
            whom: Some(self.whom()),
            members,
        }
    }

    /// Whom it is about, by name.
    fn whom(&self) -> Markup {
        let mut names: Vec<String> = Vec::new();
        for (line, _) in &self.found {
            let name = line.machine.name().into_owned();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        // What another page shows is counted too.
        names.resize(self.computers.max(names.len()), String::new());
        Markup::names(names.iter().map(String::as_str), NAMES.min(names.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_can_be_said_of_several_computers() {
        for rule in RULES {
            let said = t::several(rule.id);
            assert!(said.starts_with("{computers}"), "{}: {said}", rule.id);
            assert_eq!(said.matches('{').count(), 1, "{}: {said}", rule.id);
            assert_ne!(said, t::several("no such rule"), "{}", rule.id);
            assert!(said.split(' ').count() < 15, "{said}");
        }
    }
}
