//! What a product told, put into its place.

use std::time::SystemTime;

use freehold_proto::v1::{
    antivirus::{Product, product::RunningMode},
    toggle::State,
};

use crate::parse::when;
use crate::probe::section::{self, Diagnostics};

use super::{
    answers::Answer,
    catalogue::{Meaning, Source, Words},
};

/// Takes over what a product told. Returns what is wrong with it in its own words.
pub(super) fn take_over(
    answer: &Answer,
    product: &mut Product,
    diagnostics: &mut Diagnostics,
) -> Vec<String> {
    let mut problems = Vec::new();
    for (question, facts) in answer {
        let (Source::Program(source, _) | Source::File(source)) = question.source;
        for (key, value) in facts {
            let rules = question.rules.iter();
            for (_, meaning) in rules.filter(|(name, _)| name.eq_ignore_ascii_case(key)) {
                let fact = Fact { source, key, value };
                problems.extend(fact.settle(*meaning, product, diagnostics));
            }
        }
    }
    problems
}

/// Whether a licence that ends then has ended.
pub(super) fn has_ended(ends: i64) -> bool {
    ends < section::timestamp(SystemTime::now()).seconds
}

struct Fact<'a> {
    source: &'a str,
    key: &'a str,
    value: &'a str,
}

impl Fact<'_> {
    /// Puts the fact into its place; a problem if it is one.
    fn settle(
        &self,
        meaning: Meaning,
        product: &mut Product,
        diagnostics: &mut Diagnostics,
    ) -> Option<String> {
        match meaning {
            Meaning::Version => product.version = self.text(diagnostics),
            Meaning::Engine => product.engine_version = self.text(diagnostics),
            Meaning::Signatures => product.signature_version = self.text(diagnostics),
            Meaning::ManagedBy => product.managed_by = self.text(diagnostics),
            Meaning::SignaturesMade => {
                product.signatures_at = self.time(diagnostics).map(section::seconds);
            }
            Meaning::LicenceEnds => {
                product.licence_expires_at = self.time(diagnostics).map(section::seconds);
            }
            Meaning::Current(words) => {
                product.signatures_current = self.state(words, diagnostics).into();
            }
            Meaning::RealTime(words) => {
                product.real_time_protection = self.state(words, diagnostics).into();
            }
            Meaning::Tamper(words) => {
                product.tamper_protection = self.state(words, diagnostics).into();
            }
            Meaning::Passive(words) => {
                let passive = self.state(words, diagnostics) == State::On;
                if passive && product.running_mode() == RunningMode::Active {
                    product.running_mode = RunningMode::Passive.into();
                }
            }
            Meaning::Fine(fine) => {
                let is_fine = fine
                    .iter()
                    .any(|fine| fine.eq_ignore_ascii_case(self.value));
                return (!is_fine).then(|| format!("{}: {}", self.key, self.value));
            }
        }
        None
    }

    fn text(&self, diagnostics: &mut Diagnostics) -> String {
        diagnostics.fit(self.source, self.key, self.value.to_owned())
    }

    fn time(&self, diagnostics: &mut Diagnostics) -> Option<i64> {
        let seconds = when::seconds(self.value);
        if seconds.is_none() {
            let reason = format_args!(
                "says \"{}\", which is no time that is understood",
                self.value
            );
            diagnostics.note(self.source, self.key, reason);
        }
        seconds
    }

    fn state(&self, words: Words, diagnostics: &mut Diagnostics) -> State {
        let is = |known: &[&str]| {
            known
                .iter()
                .any(|word| word.eq_ignore_ascii_case(self.value))
        };
        if is(words.yes) {
            return State::On;
        }
        if is(words.no) {
            return State::Off;
        }
        let reason = format_args!(
            "says \"{}\", which is neither a yes nor a no that is understood",
            self.value
        );
        diagnostics.note(self.source, self.key, reason);
        State::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_licence_has_ended_once_its_last_second_is_over() {
        let now = section::timestamp(SystemTime::now()).seconds;
        assert!(has_ended(now - 60));
        assert!(!has_ended(now + 60));
    }
}
