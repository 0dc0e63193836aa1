//! What flatpak keeps about an installed application or runtime.

use super::{glob, gvariant};

/// The "deploy" file of an installation: a GVariant of the type "(ssasta{sv})".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deployment<'a> {
    /// The remote it came from.
    pub origin: &'a [u8],
    /// Installed size in bytes.
    pub size: Option<u64>,
    /// Name for people; empty where flatpak found none.
    pub title: &'a [u8],
    /// Version; empty where flatpak found none.
    pub version: &'a [u8],
    /// Why it gets no more updates; empty while it does.
    pub end_of_life: &'a [u8],
}

impl<'a> Deployment<'a> {
    /// Reads the file; `None` when it is not of that type.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        use gvariant::{NUMBER, TEXT, TEXTS, VARIANTS};
        let [origin, commit, _, size, more] =
            gvariant::tuple(bytes, [TEXT, TEXT, TEXTS, NUMBER, VARIANTS]);
        gvariant::text(commit?)?;
        let mut deployment = Self {
            origin: gvariant::text(origin?)?,
            // Unlike everything else in it, this number is big-endian on every machine.
            size: size.and_then(|size| Some(u64::from_be_bytes(size.try_into().ok()?))),
            ..Self::default()
        };
        for entry in gvariant::array(more?, 8) {
            let [key, value] = gvariant::tuple(entry, [TEXT, VARIANTS]);
            let value = value.and_then(gvariant::variant);
            if let Some((value, b"s")) = value
                && let (Some(key), Some(value)) =
                    (key.and_then(gvariant::text), gvariant::text(value))
            {
                deployment.set(key, value);
            }
        }
        Some(deployment)
    }

    fn set(&mut self, key: &[u8], value: &'a [u8]) {
        match key {
            b"appdata-name" => self.title = value,
            b"appdata-version" => self.version = value,
            b"eol" => self.end_of_life = value,
            _ => {}
        }
    }
}

/// Most patterns, and longest of them: each is compared with each package, and people write their own.
const PATTERNS: usize = 200;
const PATTERN_BYTES: usize = 256;

/// Patterns of what flatpak leaves as it is, from the "xa.masked" value of its repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Masks<'a> {
    patterns: Vec<&'a str>,
}

impl<'a> Masks<'a> {
    /// Reads the value: patterns that each end with a semicolon.
    pub fn parse(value: &'a str) -> Self {
        let patterns = value.split(';').map(str::trim);
        let usable = |pattern: &&str| (1..=PATTERN_BYTES).contains(&pattern.len());
        Self {
            patterns: patterns.filter(usable).take(PATTERNS).collect(),
        }
    }

    /// Whether one of them is about a reference, such as `app`, `org.example.App`, `x86_64`, `stable`.
    pub fn hold(&self, reference: [&str; 4]) -> bool {
        self.patterns.iter().any(|pattern| {
            let mut parts = pattern.split('/').peekable();
            if parts
                .peek()
                .is_some_and(|first| ["app", "runtime"].contains(first))
            {
                let kind = parts.next().unwrap_or_default();
                return kind == reference[0] && fit(parts, &reference[1..]);
            }
            fit(parts, &reference[1..])
        })
    }
}

/// Whether patterns, an empty one standing for anything, match the parts one by one.
fn fit<'p>(patterns: impl Iterator<Item = &'p str>, parts: &[&str]) -> bool {
    let mut parts = parts.iter();
    for pattern in patterns {
        let Some(part) = parts.next() else {
            return false;
        };
        if !pattern.is_empty() && !glob::matches(pattern.as_bytes(), part.as_bytes()) {
            return false;
        }
    }
    true
}

/// The version of the first release that an AppStream file ("metainfo") tells.
pub fn release(xml: &str) -> Option<&str> {
    let mut rest = xml;
    loop {
        rest = &rest[rest.find('<')? + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = &comment[comment.find("-->")?..];
        } else if let Some(tag) = rest.strip_prefix("release")
            && tag.starts_with(|c: char| c.is_ascii_whitespace())
        {
            return attribute(&tag[..tag.find('>')?], "version");
        }
    }
}

/// A quoted attribute of a tag. Values with references to characters are no versions.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = tag;
    loop {
        let equals = rest.find('=')?;
        let key = rest[..equals].trim();
        let value = rest[equals + 1..].trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let end = value[1..].find(quote)? + 1;
        if key == name {
            let value = value[1..end].trim();
            return (!value.is_empty() && !value.contains('&')).then_some(value);
        }
        rest = &value[end + 1..];
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::gvariant::print;
    use super::*;

    /// Prints a deployment as flatpak would.
    pub(super) fn printed(deployment: &Deployment<'_>) -> Vec<u8> {
        let entry = |key: &[u8], value: Vec<u8>| {
            print::tuple(&[(print::text(key), 1, false), (value, 8, false)])
        };
        let words = [
            (&b"appdata-name"[..], deployment.title),
            (b"appdata-version", deployment.version),
            (b"eol", deployment.end_of_life),
        ];
        let words = words.iter().filter(|(_, value)| !value.is_empty());
        let mut entries = vec![entry(
            b"deploy-version",
            print::variant(&4i32.to_le_bytes(), "i"),
        )];
        entries
            .extend(words.map(|(key, value)| entry(key, print::variant(&print::text(value), "s"))));
        print::tuple(&[
            (print::text(deployment.origin), 1, false),
            (print::text(b"0123abcd"), 1, false),
            (print::array(&[print::text(b"/de")], 1), 1, false),
            (
                deployment.size.unwrap_or_default().to_be_bytes().to_vec(),
                8,
                true,
            ),
            (print::array(&entries, 8), 8, false),
        ])
    }

    #[test]
    fn masks_are_partial_references() {
        let masks = Masks::parse("org.gimp.*;app/org.x.Y/x86_64/stable;runtime/org.z.*//1.0;");
        assert!(masks.hold(["app", "org.gimp.GIMP", "x86_64", "stable"]));
        assert!(masks.hold(["app", "org.x.Y", "x86_64", "stable"]));
        assert!(!masks.hold(["app", "org.x.Y", "x86_64", "beta"]));
        assert!(!masks.hold(["runtime", "org.x.Y", "x86_64", "stable"]));
        assert!(masks.hold(["runtime", "org.z.A", "aarch64", "1.0"]));
        assert!(!Masks::parse(";").hold(["app", "a", "b", "c"]));
    }

    #[test]
    fn the_first_release_tells_the_version() {
        let xml = "<component><!-- <release version=\"9\"/> --><releases><release date='2024' version = '1.2.3'/>\
            <release version=\"1.0\"></release></releases></component>";
        assert_eq!(release(xml), Some("1.2.3"));
        assert_eq!(
            release("<releases><releaser version='1'/></releases>"),
            None
        );
        assert_eq!(release("<release version=\"&#x41;\">"), None);
        assert_eq!(release("<release version="), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>, text in "\\PC*", xml in "(<|release| |version|=|\"|'|>|é|<!--|1){0,30}") {
            Deployment::parse(&bytes);
            Masks::parse(&text).hold(["app", &text, "", ""]);
            release(&text);
            release(&xml);
        }

        #[test]
        fn what_is_printed_is_read_again(origin in "[ -~]{0,30}", size: u64, title in "\\PC{0,90}", version in "[ -~]{0,300}") {
            let deployment = Deployment {
                origin: origin.as_bytes(),
                size: Some(size),
                title: title.as_bytes(),
                version: version.as_bytes(),
                end_of_life: b"",
            };
            prop_assume!(!title.contains('\0'));
            let bytes = printed(&deployment);
            prop_assert_eq!(Deployment::parse(&bytes), Some(deployment));
        }

        #[test]
        fn a_damaged_file_is_survived(at in 0usize..200, byte: u8) {
            let deployment = Deployment { origin: b"flathub", size: Some(7), title: b"Name", version: b"1", end_of_life: b"" };
            let mut bytes = printed(&deployment);
            let length = bytes.len();
            bytes[at % length] = byte;
            Deployment::parse(&bytes);
            Deployment::parse(&bytes[..at % length]);
        }
    }
}
