//! The packages found, in order and within what a section may hold.

use freehold_proto::{
    limits,
    v1::software::{Package, package::Source},
};
use prost::Message as _;

use crate::probe::section::Diagnostics;

/// Most packages: a section's items, with room for its diagnostics.
const PACKAGES: usize = limits::SECTION_ITEMS - 1000;

/// Most bytes of all packages together: a section's, with room for its diagnostics.
const BYTES: u64 = limits::SECTION_BYTES - 8 * 1024 * 1024;

/// Databases in which a name, with its architecture, stands once.
const UNIQUE: [Source; 3] = [Source::Dpkg, Source::Apk, Source::Pacman];

/// The packages found so far.
#[derive(Debug, Default)]
pub(super) struct List {
    packages: Vec<Package>,
    left_out: usize,
}

impl List {
    /// None so far.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Adds one, or counts it where the section can hold no more.
    pub(super) fn push(&mut self, package: Package) {
        if self.packages.len() < PACKAGES {
            self.packages.push(package);
        } else {
            self.left_out += 1;
        }
    }

    /// The packages in the order of the section, with a note on each that is missing.
    pub(super) fn finish(mut self, diagnostics: &mut Diagnostics) -> Vec<Package> {
        self.keep_latest(diagnostics);
        self.packages.sort_unstable_by(|a, b| {
            let installed = |one: &Package| one.installed_at.map(|at| at.seconds);
            identity(a)
                .cmp(&identity(b))
                .then_with(|| a.version.cmp(&b.version))
                .then_with(|| a.release.cmp(&b.release))
                .then_with(|| a.epoch.cmp(&b.epoch))
                .then_with(|| a.location.cmp(&b.location))
                .then_with(|| installed(a).cmp(&installed(b)))
        });
        self.fit();
        if self.left_out > 0 {
            let (left_out, kept) = (self.left_out, self.packages.len());
            let reason = format_args!(
                "a section holds no more than {PACKAGES} packages of {BYTES} bytes; {kept} are reported, {left_out} are missing"
            );
            diagnostics.note("packages", "", reason);
        }
        self.packages
    }

    /// Where a database names a package twice, the later entry counts.
    fn keep_latest(&mut self, diagnostics: &mut Diagnostics) {
        self.packages.sort_by(|a, b| identity(a).cmp(&identity(b)));
        self.packages.dedup_by(|later, earlier| {
            let twice = UNIQUE.contains(&later.source()) && identity(later) == identity(earlier);
            if twice {
                let source = format!("{:?}", later.source()).to_lowercase();
                let reason = "stands twice in the database; only the later entry is reported";
                diagnostics.note(source, &later.name, reason);
                std::mem::swap(later, earlier);
            }
            twice
        });
    }

    /// Cuts what a section cannot hold.
    fn fit(&mut self) {
        let mut bytes = 0;
        let fitting = self.packages.iter().take_while(|package| {
            // The tag and the length of an item in its list take up to six bytes.
            bytes += package.encoded_len() as u64 + 6;
            bytes <= BYTES
        });
        let fitting = fitting.count();
        self.left_out += self.packages.len() - fitting;
        self.packages.truncate(fitting);
    }
}

/// What readers of whole databases need besides.
#[cfg(target_os = "linux")]
impl List {
    /// Prepares for some more.
    pub(super) fn reserve(&mut self, more: usize) {
        let room = PACKAGES.saturating_sub(self.packages.len());
        self.packages.reserve(more.min(room));
    }

    /// Keeps only some.
    pub(super) fn retain(&mut self, keep: impl FnMut(&Package) -> bool) {
        self.packages.retain(keep);
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.packages.len()
    }

    /// The packages, in the order they were found.
    pub(super) fn into_found(self) -> Vec<Package> {
        self.packages
    }
}

/// What makes a package another one, in the order of the section.
fn identity(package: &Package) -> (i32, &str, &str, &str, &str) {
    (
        package.source,
        &package.name,
        &package.architecture,
        &package.user,
        &package.channel,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(source: Source, name: &str, version: &str) -> Package {
        Package {
            name: name.into(),
            version: version.into(),
            source: source.into(),
            ..Package::default()
        }
    }

    #[test]
    fn a_name_that_stands_twice_counts_once_and_is_named() {
        let mut list = List::new();
        for (source, name, version) in [
            (Source::Dpkg, "b", "2"),
            (Source::Rpm, "kernel", "6"),
            (Source::Rpm, "kernel", "5"),
            (Source::Dpkg, "a", "1"),
            (Source::Dpkg, "b", "1"),
        ] {
            list.push(package(source, name, version));
        }
        let mut diagnostics = Diagnostics::new();
        let packages = list.finish(&mut diagnostics);
        let found: Vec<_> = packages
            .iter()
            .map(|one| (one.name.as_str(), one.version.as_str()))
            .collect();
        assert_eq!(
            found,
            [("a", "1"), ("b", "1"), ("kernel", "5"), ("kernel", "6")]
        );
        let diagnostics = diagnostics.finish();
        assert_eq!(
            (diagnostics.len(), diagnostics[0].position.as_str()),
            (1, "b")
        );
    }

    #[test]
    fn more_than_a_section_holds_is_cut_and_said() {
        let mut list = List::new();
        for number in 0..PACKAGES + 3 {
            list.push(package(Source::Rpm, &number.to_string(), ""));
        }
        let mut diagnostics = Diagnostics::new();
        assert_eq!(list.finish(&mut diagnostics).len(), PACKAGES);
        assert!(diagnostics.finish()[0].reason.ends_with(" 3 are missing"));

        let mut list = List::new();
        let long = "x".repeat(limits::STRING_BYTES);
        for number in 0..10_000 {
            list.push(Package {
                publisher: long.clone(),
                ..package(Source::Rpm, &number.to_string(), "")
            });
        }
        let mut diagnostics = Diagnostics::new();
        let packages = list.finish(&mut diagnostics);
        let section = freehold_proto::v1::Software {
            packages,
            diagnostics: diagnostics.finish(),
            ..Default::default()
        };
        assert!(section.encoded_len() as u64 <= limits::SECTION_BYTES);
        assert!(section.packages.len() > 5000 && section.diagnostics.len() == 1);
    }
}
