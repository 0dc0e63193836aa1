//! pacman's local database: one "desc" file a package, of "%FIELD%" lines with values below them.

use super::glob;

/// A package. Texts are empty where the file has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Package<'a> {
    /// Name.
    pub name: &'a [u8],
    /// Version with epoch and release.
    pub version: &'a [u8],
    /// Source package.
    pub base: &'a [u8],
    /// Architecture.
    pub architecture: &'a [u8],
    /// Who built it.
    pub packager: &'a [u8],
    /// When it was installed, seconds since 1970-01-01 UTC.
    pub installed: Option<i64>,
    /// Installed size in bytes.
    pub size: Option<u64>,
}

impl<'a> Package<'a> {
    /// Reads a "desc" file; `None` when it names no package.
    pub fn parse(desc: &'a [u8]) -> Option<Self> {
        let mut package = Self::default();
        let mut field = None;
        for line in desc.split(|&byte| byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            match line {
                [] => field = None,
                [b'%', name @ .., b'%'] if field.is_none() => field = Some(name),
                // Only the first value counts of the fields kept.
                value => {
                    if let Some(name) = field.replace(&b""[..]) {
                        package.set(name, value);
                    }
                }
            }
        }
        (!package.name.is_empty()).then_some(package)
    }

    fn set(&mut self, field: &[u8], value: &'a [u8]) {
        let text = std::str::from_utf8(value).ok();
        match field {
            b"NAME" => self.name = value,
            b"VERSION" => self.version = value,
            b"BASE" => self.base = value,
            b"ARCH" => self.architecture = value,
            b"PACKAGER" => self.packager = value,
            b"INSTALLDATE" => self.installed = text.and_then(|text| text.parse().ok()),
            // Older databases say CSIZE for the download and SIZE or ISIZE for this.
            b"SIZE" | b"ISIZE" => self.size = text.and_then(|text| text.parse().ok()),
            _ => {}
        }
    }

    /// Name of the source package where it is not that of the package.
    pub fn source_name(&self) -> &'a [u8] {
        if self.base == self.name {
            b""
        } else {
            self.base
        }
    }
}

/// What pacman.conf says about the database and about packages that are not upgraded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Configuration<'a> {
    /// Folder of the databases, where it is not the usual one.
    pub database: Option<&'a str>,
    /// Patterns of names that are left as they are.
    pub ignored: Vec<&'a str>,
    /// Files included in the same part of the configuration.
    pub includes: Vec<&'a str>,
}

impl<'a> Configuration<'a> {
    /// Reads the options. What belongs to repositories is passed over.
    pub fn parse(text: &'a str) -> Self {
        let mut configuration = Self::default();
        let mut in_options = false;
        for line in text.lines() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if let Some(section) = line.strip_prefix('[') {
                in_options = section.trim_end_matches(']') == "options";
            } else if in_options && let Some((key, value)) = line.split_once('=') {
                configuration.set(key.trim(), value.trim());
            }
        }
        configuration
    }

    fn set(&mut self, key: &str, value: &'a str) {
        match key {
            "DBPath" if value.starts_with('/') => self.database = Some(value),
            "IgnorePkg" => self.ignored.extend(value.split_whitespace()),
            "Include" => self.includes.push(value),
            _ => {}
        }
    }

    /// Whether upgrades leave a package as it is.
    pub fn ignores(&self, name: &[u8]) -> bool {
        let mut patterns = self.ignored.iter();
        patterns.any(|pattern| glob::matches(pattern.as_bytes(), name))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_package_is_read_with_its_fields() {
        let desc = b"%NAME%\nlinux-headers\n\n%VERSION%\n1:6.9.1.arch1-1\n\n%BASE%\nlinux\n\n%DESC%\n%NAME%\nother\n\n%ARCH%\nx86_64\n\n\
            %BUILDDATE%\n1716000000\n\n%INSTALLDATE%\n1716100000\n\n%PACKAGER%\nJan <j@x>\n\n%SIZE%\n42\n\n%DEPENDS%\na\nb\n\n";
        let package = Package::parse(desc).unwrap();
        assert_eq!(package.name, b"linux-headers");
        assert_eq!(package.version, b"1:6.9.1.arch1-1");
        assert_eq!(package.source_name(), b"linux");
        assert_eq!(
            (package.installed, package.size),
            (Some(1_716_100_000), Some(42))
        );
        assert_eq!(package.packager, b"Jan <j@x>");
        assert_eq!(Package::parse(b"%VERSION%\n1-1\n"), None);
    }

    #[test]
    fn only_options_count() {
        let text = "[options]\nDBPath = /srv/pacman/ # moved\nIgnorePkg = linux* gimp\nIgnorePkg=vim\nInclude = /etc/x\n\
            [core]\nInclude = /etc/pacman.d/mirrorlist\nIgnorePkg = no\n";
        let configuration = Configuration::parse(text);
        assert_eq!(configuration.database, Some("/srv/pacman/"));
        assert_eq!(configuration.includes, ["/etc/x"]);
        assert!(configuration.ignores(b"linux-lts") && configuration.ignores(b"vim"));
        assert!(!configuration.ignores(b"no"));
    }

    fn printed(package: &Package<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        let mut field = |name: &str, value: &[u8]| {
            if !value.is_empty() {
                out.extend_from_slice(format!("%{name}%\n").as_bytes());
                out.extend_from_slice(value);
                out.extend_from_slice(b"\n\n");
            }
        };
        field("NAME", package.name);
        field("VERSION", package.version);
        field("BASE", package.base);
        field("ARCH", package.architecture);
        field("PACKAGER", package.packager);
        let number = |number: Option<i64>| number.map_or(String::new(), |n| n.to_string());
        field("INSTALLDATE", number(package.installed).as_bytes());
        field(
            "SIZE",
            package
                .size
                .map_or(String::new(), |n| n.to_string())
                .as_bytes(),
        );
        out
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>, text in "\\PC*") {
            Package::parse(&bytes);
            Configuration::parse(&text).ignores(&bytes);
        }

        #[test]
        fn what_is_printed_is_read_again(lines in prop::collection::vec("%(NAME|VERSION|BASE|ARCH|SIZE|INSTALLDATE)%|[ -~]{0,9}|[0-9]{1,9}|", 0..40)) {
            let text = format!("%NAME%\nx\n\n{}", lines.join("\n"));
            let package = Package::parse(text.as_bytes()).unwrap();
            let again = printed(&package);
            prop_assert_eq!(Package::parse(&again), Some(package));
        }
    }
}
