//! Scopes as text: `all`, `all,-network@surgery`, `system,hardware@office,reception`.

use std::{collections::BTreeSet, fmt::Write as _};

use freehold_agent::{probe::KINDS, snapshot::section_name};
use freehold_proto::v1::section::Kind;

use super::ScopeError;
use crate::{
    access::viewer::{Reach, Rule, Scope},
    store::record::RuleRecord,
};

/// Most rules of a scope, and most labels of a rule.
const MOST: usize = 32;

/// Longest label, in characters.
const LONGEST_LABEL: usize = 64;

/// Reads rules: sections (or `all`, less those with a minus sign), then `@` and labels for machines that carry
/// one of them. Without labels a rule is about every machine. No rules at all share everything there is now.
pub fn parsed_scope(rules: &[impl AsRef<str>]) -> Result<Scope, ScopeError> {
    if rules.len() > MOST {
        return Err(ScopeError::TooMany);
    }
    let mut parsed: Vec<Rule> = rules
        .iter()
        .map(|rule| parsed_rule(rule.as_ref()))
        .collect::<Result<_, _>>()?;
    if parsed.is_empty() {
        parsed.push(parsed_rule("all")?);
    }
    Ok(Scope::Rules(parsed))
}

fn parsed_rule(text: &str) -> Result<Rule, ScopeError> {
    let (sections, labels) = match text.split_once('@') {
        Some((sections, labels)) => (sections, Some(labels)),
        None => (text, None),
    };
    let mut shared = BTreeSet::new();
    let mut withheld = BTreeSet::new();
    for word in words(sections) {
        match word.strip_prefix('-') {
            Some(word) => withheld.insert(kind(word)? as i32),
            None if word == "all" => {
                shared.extend(KINDS.iter().map(|kind| *kind as i32));
                true
            }
            None => shared.insert(kind(word)? as i32),
        };
    }
    shared.retain(|kind| !withheld.contains(kind));
    if shared.is_empty() {
        return Err(ScopeError::Nothing {
            text: text.to_owned(),
        });
    }
    let reach = match labels {
        None => Reach::Every,
        Some(labels) => Reach::Labelled(parsed_labels(labels)?),
    };
    Ok(Rule {
        reach,
        sections: shared,
    })
}

fn parsed_labels(text: &str) -> Result<BTreeSet<String>, ScopeError> {
    let labels: BTreeSet<String> = words(text).map(str::to_owned).collect();
    let is_label = |label: &String| {
        label.chars().count() <= LONGEST_LABEL && !label.chars().any(char::is_control)
    };
    if labels.is_empty() || !labels.iter().all(is_label) {
        return Err(ScopeError::Label);
    }
    if labels.len() > MOST {
        return Err(ScopeError::TooMany);
    }
    Ok(labels)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty())
}

fn kind(name: &str) -> Result<Kind, ScopeError> {
    KINDS
        .into_iter()
        .find(|kind| section_name(*kind) == name)
        .ok_or_else(|| ScopeError::Section {
            name: name.to_owned(),
            known: KINDS.map(section_name).join(", "),
        })
}

/// A scope as a sentence's object: "everything of every computer".
pub fn described(scope: &Scope) -> String {
    let rules = match scope {
        Scope::Everything => return "everything of every computer".to_owned(),
        Scope::Rules(rules) if rules.is_empty() => return "nothing".to_owned(),
        Scope::Rules(rules) => rules,
    };
    let mut text = String::new();
    for (number, rule) in rules.iter().enumerate() {
        if number > 0 {
            text.push_str("; ");
        }
        let _ = write!(text, "{} of {}", sections(rule), machines(&rule.reach));
    }
    text
}

fn sections(rule: &Rule) -> String {
    let named = |wanted: bool| -> Vec<&'static str> {
        KINDS
            .into_iter()
            .filter(|kind| rule.sections.contains(&(*kind as i32)) == wanted)
            .map(section_name)
            .collect()
    };
    let (shared, withheld) = (named(true), named(false));
    match (shared.as_slice(), withheld.as_slice()) {
        (_, []) => "everything".to_owned(),
        (shared, withheld) if withheld.len() < shared.len() => {
            format!("everything except {}", withheld.join(", "))
        }
        (shared, _) => shared.join(", "),
    }
}

fn machines(reach: &Reach) -> String {
    match reach {
        Reach::Every => "every computer".to_owned(),
        Reach::Labelled(labels) => {
            let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
            format!("computers labelled {}", labels.join(" or "))
        }
    }
}

/// A scope as the rules that [`parsed_scope`] reads.
pub fn written(scope: &Scope) -> Vec<String> {
    let Scope::Rules(rules) = scope else {
        return vec!["all".to_owned()];
    };
    let rule = |rule: &Rule| {
        let kinds = KINDS.into_iter();
        let named = kinds.filter(|kind| rule.sections.contains(&(*kind as i32)));
        let named: Vec<&str> = named.map(section_name).collect();
        let sections = if named.len() == KINDS.len() {
            "all".to_owned()
        } else {
            named.join(",")
        };
        match &rule.reach {
            Reach::Every => sections,
            Reach::Labelled(labels) => {
                let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
                format!("{sections}@{}", labels.join(","))
            }
        }
    };
    rules.iter().map(rule).collect()
}

/// As stored.
pub(super) fn to_records(scope: &Scope) -> Result<Vec<RuleRecord>, ScopeError> {
    let Scope::Rules(rules) = scope else {
        return Err(ScopeError::Everything);
    };
    let record = |rule: &Rule| RuleRecord {
        every_machine: rule.reach == Reach::Every,
        labels: match &rule.reach {
            Reach::Every => Vec::new(),
            Reach::Labelled(labels) => labels.iter().cloned().collect(),
        },
        sections: rule.sections.iter().copied().collect(),
    };
    Ok(rules.iter().map(record).collect())
}

/// As stored, read back.
pub(super) fn from_records(rules: &[RuleRecord]) -> Scope {
    let rule = |record: &RuleRecord| Rule {
        reach: if record.every_machine {
            Reach::Every
        } else {
            Reach::Labelled(record.labels.iter().cloned().collect())
        },
        sections: record.sections.iter().copied().collect(),
    };
    Scope::Rules(rules.iter().map(rule).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described_text(rules: &[&str]) -> String {
        described(&parsed_scope(rules).unwrap())
    }

    #[test]
    fn a_scope_is_said_as_it_is_meant() {
        assert_eq!(described_text(&[]), "everything of every computer");
        assert_eq!(
            described_text(&["all,-network@surgery", "all@office,lab"]),
            "everything except network of computers labelled surgery; everything of computers labelled lab \
             or office"
        );
        assert_eq!(
            described_text(&["software, system"]),
            "system, software of every computer"
        );
    }

    #[test]
    fn what_is_stored_is_what_was_meant() {
        for rules in [&["all"][..], &["all,-network@surgery", "system"]] {
            let scope = parsed_scope(rules).unwrap();
            assert_eq!(from_records(&to_records(&scope).unwrap()), scope);
        }
    }

    #[test]
    fn a_scope_is_written_as_it_is_read() {
        for rules in [&["all"][..], &["all,-network@surgery,lab", "system"]] {
            let scope = parsed_scope(rules).unwrap();
            assert_eq!(parsed_scope(&written(&scope)).unwrap(), scope);
        }
    }

    #[test]
    fn a_scope_that_shares_nothing_or_names_nothing_known_is_refused() {
        for wrong in [
            "",
            "@office",
            "-network",
            "everything",
            "all@",
            "../system",
            "system' OR 1=1",
        ] {
            assert!(parsed_scope(&[wrong]).is_err(), "{wrong}");
        }
    }
}
