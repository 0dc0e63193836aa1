//! How a product is described: by what it is recognised, and where and how it tells about itself.

mod products;

pub(super) use products::CATALOGUE;

/// A product.
pub(super) struct Entry {
    /// Name.
    pub(super) name: &'static str,
    /// Maker.
    pub(super) vendor: &'static str,
    /// Packages of dpkg or rpm, the one with the product's version first.
    pub(super) packages: &'static [&'static str],
    /// Files and folders that only this product has.
    pub(super) files: &'static [&'static str],
    /// Its services.
    pub(super) services: &'static [Service],
    /// Processes whose names leave no doubt, as the kernel shows them: at most 15 characters.
    pub(super) processes: &'static [&'static str],
    /// It is whole without a service: it scans when asked to.
    pub(super) works_without_service: bool,
    /// Where it tells about itself. What is asked later wins.
    pub(super) questions: &'static [Question],
    /// Files of its settings: when one changes, the programs are asked again at once.
    pub(super) settings: &'static [&'static str],
}

/// A place where a product tells about itself.
pub(super) struct Question {
    pub(super) source: Source,
    /// What its facts mean. Facts without a rule are passed over.
    pub(super) rules: &'static [Rule],
}

/// Where a fact stands.
#[derive(Clone, Copy)]
pub(super) enum Source {
    /// The product's own program, with arguments that make it tell its state and change nothing.
    Program(&'static str, &'static [&'static str]),
    /// A file.
    File(&'static str),
}

/// What a fact means. Keys are compared without regard to case; the key "" stands for a line that is a
/// value alone.
pub(super) type Rule = (&'static str, Meaning);

/// What a value says.
#[derive(Clone, Copy)]
pub(super) enum Meaning {
    /// Version of the product.
    Version,
    /// Version of its engine.
    Engine,
    /// Version of its signatures.
    Signatures,
    /// When they were made.
    SignaturesMade,
    /// Whether they are current.
    Current(Words),
    /// Whether files are checked when they are opened.
    RealTime(Words),
    /// Whether it runs beside another product.
    Passive(Words),
    /// Whether it defends its settings.
    Tamper(Words),
    /// When its licence ends.
    LicenceEnds,
    /// Who manages it.
    ManagedBy,
    /// Any other value than these is a problem of the product.
    Fine(&'static [&'static str]),
}

/// Values that mean yes, and values that mean no. Any other is not understood, which is said.
#[derive(Clone, Copy)]
pub(super) struct Words {
    pub(super) yes: &'static [&'static str],
    pub(super) no: &'static [&'static str],
}

const fn words(yes: &'static [&'static str], no: &'static [&'static str]) -> Words {
    Words { yes, no }
}

const TRUE: Words = words(&["true"], &["false"]);
const ON: Words = words(
    &["on", "enabled", "running", "available and running"],
    &["off", "disabled", "stopped", "available and stopped"],
);

const fn program(
    path: &'static str,
    arguments: &'static [&'static str],
    rules: &'static [Rule],
) -> Question {
    Question {
        source: Source::Program(path, arguments),
        rules,
    }
}

const fn file(path: &'static str, rules: &'static [Rule]) -> Question {
    Question {
        source: Source::File(path),
        rules,
    }
}

/// A service of a product.
pub(super) struct Service {
    /// Unit of systemd.
    pub(super) unit: &'static str,
    /// Its process, as the kernel shows it: at most 15 characters.
    pub(super) process: &'static str,
    /// While it does not run, the product does not protect.
    pub(super) protects: bool,
}

const fn protects(unit: &'static str, process: &'static str) -> Service {
    Service {
        unit,
        process,
        protects: true,
    }
}

const fn helps(unit: &'static str, process: &'static str) -> Service {
    Service {
        unit,
        process,
        protects: false,
    }
}

const fn product(name: &'static str, vendor: &'static str) -> Entry {
    Entry {
        name,
        vendor,
        packages: &[],
        files: &[],
        services: &[],
        processes: &[],
        works_without_service: false,
        questions: &[],
        settings: &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_ordered_told_apart_and_recognisable() {
        for pair in CATALOGUE.windows(2) {
            assert!(pair[0].name < pair[1].name, "{}", pair[1].name);
        }
        for entry in CATALOGUE {
            assert!(!entry.vendor.is_empty(), "{}", entry.name);
            assert!(
                !entry.files.is_empty() && !entry.services.is_empty(),
                "{}",
                entry.name
            );
            assert!(
                entry.files.iter().all(|path| path.starts_with('/')),
                "{}",
                entry.name
            );
        }
        assert!(CATALOGUE.len() >= 20);
        let telling = CATALOGUE.iter().filter(|entry| !entry.questions.is_empty());
        assert!(telling.count() >= 12);
    }

    #[test]
    fn programs_are_named_by_absolute_paths_and_rules_by_plain_words() {
        let questions = CATALOGUE.iter().flat_map(|entry| entry.questions);
        for question in questions {
            let (Source::Program(path, _) | Source::File(path)) = question.source;
            assert!(path.starts_with('/') && !path.contains(".."), "{path}");
            assert!(!question.rules.is_empty(), "{path}");
            for (_, meaning) in question.rules {
                let words = match meaning {
                    Meaning::Current(words)
                    | Meaning::RealTime(words)
                    | Meaning::Passive(words)
                    | Meaning::Tamper(words) => [words.yes, words.no].concat(),
                    Meaning::Fine(fine) => fine.to_vec(),
                    _ => Vec::new(),
                };
                let mut seen = std::collections::HashSet::new();
                assert!(
                    words.iter().all(|word| seen.insert(word)),
                    "{path}: {words:?}"
                );
            }
        }
    }

    #[test]
    fn process_names_are_as_the_kernel_cuts_them() {
        for entry in CATALOGUE {
            let services = entry.services.iter().map(|service| service.process);
            for process in entry.processes.iter().copied().chain(services) {
                assert!(!process.is_empty() && process.len() <= 15, "{process}");
            }
        }
    }
}
