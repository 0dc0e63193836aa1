//! Locks that keep packages of rpm from being upgraded: of dnf and yum, of dnf5, of zypper.

use super::{glob, rpm::Package, settings};

/// Most locks that count.
const MOST: usize = 1000;

/// Patterns of locked packages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Locks {
    patterns: Vec<String>,
}

impl Locks {
    /// Adds the lines of dnf's or yum's versionlock.list. Exclusions lock nothing.
    pub fn add_versionlock(&mut self, text: &str) {
        let lines = text.lines().map(str::trim);
        self.extend(lines.filter(|line| !line.is_empty() && !line.starts_with(['#', '!'])));
    }

    /// Adds the entries of dnf5's versionlock.toml that bind to one version.
    pub fn add_toml(&mut self, text: &str) -> Result<(), toml::de::Error> {
        let file: File = toml::from_str(text)?;
        let exact = |entry: &&Entry| entry.conditions.iter().any(|one| one.comparator == "=");
        self.extend(
            file.packages
                .iter()
                .filter(exact)
                .map(|entry| entry.name.as_str()),
        );
        Ok(())
    }

    /// Adds the names in zypper's list of locks.
    pub fn add_zypper(&mut self, bytes: &[u8]) {
        self.extend(settings::values(bytes, "solvable_name"));
    }

    fn extend<'a>(&mut self, patterns: impl Iterator<Item = &'a str>) {
        let room = MOST.saturating_sub(self.patterns.len());
        self.patterns.extend(patterns.take(room).map(str::to_owned));
    }

    /// Whether a package is locked.
    pub fn hold(&self, package: &Package<'_>) -> bool {
        if self.patterns.is_empty() {
            return false;
        }
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        let (name, architecture) = (text(package.name), text(package.architecture));
        let version = format!("{}-{}", text(package.version), text(package.release));
        let epoch = package.epoch.unwrap_or_default();
        let forms = [
            name.clone(),
            format!("{name}.{architecture}"),
            format!("{name}-{version}"),
            format!("{name}-{version}.{architecture}"),
            format!("{name}-{epoch}:{version}"),
            format!("{name}-{epoch}:{version}.{architecture}"),
            format!("{epoch}:{name}-{version}.{architecture}"),
        ];
        self.patterns.iter().any(|pattern| {
            let mut forms = forms.iter();
            forms.any(|form| glob::matches(pattern.as_bytes(), form.as_bytes()))
        })
    }
}

#[derive(serde::Deserialize)]
struct File {
    #[serde(default)]
    packages: Vec<Entry>,
}

#[derive(serde::Deserialize)]
struct Entry {
    name: String,
    #[serde(default)]
    conditions: Vec<Condition>,
}

#[derive(serde::Deserialize)]
struct Condition {
    #[serde(default)]
    comparator: String,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn package<'a>(name: &'a str, version: &'a str) -> Package<'a> {
        Package {
            name: name.as_bytes(),
            epoch: None,
            version: version.as_bytes(),
            release: b"4.el9",
            architecture: b"x86_64",
            vendor: b"",
            installed: None,
            size: None,
            source: b"",
        }
    }

    #[test]
    fn every_kind_of_lock_holds() {
        let mut dnf = Locks::default();
        dnf.add_versionlock("# comment\nbash-0:5.1.8-4.el9.*\n!vim-0:1-1.*\n");
        let mut yum = Locks::default();
        yum.add_versionlock("0:bash-5.1.8-4.el9.*\n");
        let mut dnf5 = Locks::default();
        let toml = "version = \"1.0\"\n[[packages]]\nname = \"bash\"\n[[packages.conditions]]\nkey = \"evr\"\ncomparator = \"=\"\nvalue = \"5.1.8-4.el9\"\n";
        dnf5.add_toml(toml).unwrap();
        let mut zypper = Locks::default();
        zypper.add_zypper(
            b"\ntype: package\nmatch_type: glob\ncase_sensitive: on\nsolvable_name: bas*\n",
        );
        for (name, locks) in [
            ("dnf", dnf),
            ("yum", yum),
            ("dnf5", dnf5),
            ("zypper", zypper),
        ] {
            assert!(locks.hold(&package("bash", "5.1.8")), "{name}");
            assert!(!locks.hold(&package("vim", "1")), "{name}");
        }
        assert!(Locks::default().add_toml("[[packages").is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC*", bytes: Vec<u8>) {
            let mut locks = Locks::default();
            locks.add_versionlock(&text);
            locks.add_zypper(&bytes);
            let _ = locks.add_toml(&text);
            locks.hold(&package(&text, &text));
        }

        #[test]
        fn a_lock_that_is_printed_holds_its_package(name in "[a-z]{1,9}(-[a-z]{1,4})?", version in "[0-9.]{1,9}") {
            let mut locks = Locks::default();
            locks.add_versionlock(&format!("{name}-0:{version}-4.el9.*\n"));
            prop_assert!(locks.hold(&package(&name, &version)));
            let other = format!("{version}.1");
            prop_assert!(!locks.hold(&package(&name, &other)));
        }
    }
}
