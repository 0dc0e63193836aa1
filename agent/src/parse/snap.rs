//! What snapd keeps about snaps, and what each says of itself.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What a snap's "meta/snap.yaml" says, as far as it stands in plain lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description<'a> {
    /// Name for people.
    pub title: &'a str,
    /// Version.
    pub version: &'a str,
    /// Kind; empty stands for an application.
    pub kind: &'a str,
    /// Architecture it is built for; empty where there are several, or "all".
    pub architecture: &'a str,
}

impl<'a> Description<'a> {
    /// Reads the outermost lines; what is nested belongs to something else.
    pub fn parse(yaml: &'a str) -> Self {
        let mut description = Self::default();
        let mut lines = yaml.lines().peekable();
        while let Some(line) = lines.next() {
            let Some((key, value)) = line.split_once(':') else {
                continue;
            };
            let value = plain(value);
            match key {
                "title" => description.title = value,
                "version" => description.version = value,
                "type" => description.kind = value,
                "architectures" => {
                    let listed = std::iter::from_fn(|| {
                        lines.next_if(|line| line.trim_start().starts_with("- "))
                    });
                    let mut listed =
                        listed.map(|line| plain(line.trim_start().trim_start_matches("- ")));
                    let inline = value.trim_start_matches('[').trim_end_matches(']');
                    description.architecture = match (inline, listed.next(), listed.next()) {
                        ("", Some(only), None) => only,
                        (only, None, None) if !only.contains(',') => plain(only),
                        _ => "",
                    };
                }
                _ => {}
            }
        }
        description
    }
}

/// A scalar without its quotes. Blocks of several lines count as empty.
fn plain(value: &str) -> &str {
    let value = value.trim();
    let unquoted = ['\'', '"']
        .into_iter()
        .find_map(|quote| value.strip_prefix(quote)?.split(quote).next());
    match unquoted {
        Some(value) => value,
        None if value.starts_with(['|', '>']) => "",
        None => value.split(" #").next().unwrap_or_default().trim(),
    }
}

/// snapd's "state.json", as far as it is about what is installed.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
pub struct State {
    #[serde(default)]
    data: Data,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
struct Data {
    #[serde(default)]
    snaps: BTreeMap<String, Snap>,
    #[serde(default, rename = "snaps-hold")]
    holds: BTreeMap<String, BTreeMap<String, Hold>>,
}

/// A snap.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
pub struct Snap {
    /// The revision in use.
    #[serde(default)]
    pub current: String,
    /// The channel it follows.
    #[serde(default)]
    pub channel: String,
    /// Whether it is switched on.
    #[serde(default)]
    pub active: bool,
    /// Kind, such as "app", "base".
    #[serde(default, rename = "type")]
    pub kind: String,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
struct Hold {
    #[serde(default, rename = "hold-until")]
    until: String,
}

impl State {
    /// Reads the file; `None` when it is not of that form.
    pub fn parse(json: &[u8]) -> Option<Self> {
        serde_json::from_slice(json).ok()
    }

    /// The snaps by name.
    pub fn snaps(&self) -> &BTreeMap<String, Snap> {
        &self.data.snaps
    }

    /// Until when, as RFC 3339, the machine's administrator keeps a snap from being upgraded.
    pub fn held_until(&self, name: &str) -> Option<&str> {
        Some(self.data.holds.get(name)?.get("system")?.until.as_str())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_outermost_lines_describe_the_snap() {
        let yaml = "name: core22\nversion: '20240111' # x\ntitle: \"Core\"\ntype: base\napps:\n  a:\n    version: 9\n  type: x\n\
            architectures:\n- amd64\nsummary: |\n  version: 8\n";
        let expected = Description {
            title: "Core",
            version: "20240111",
            kind: "base",
            architecture: "amd64",
        };
        assert_eq!(Description::parse(yaml), expected);
        for (list, expected) in [
            ("architectures: [amd64]", "amd64"),
            ("architectures: [amd64, i386]", ""),
            ("architectures:\n  - amd64\n  - i386", ""),
            ("architectures:", ""),
        ] {
            assert_eq!(Description::parse(list).architecture, expected, "{list}");
        }
    }

    #[test]
    fn the_state_tells_revision_channel_and_holds() {
        let json = br#"{"data":{"auth":{"x":[1]},"snaps":{"firefox":{"type":"app","sequence":[{"name":"firefox","revision":"9"}],
            "active":true,"current":"9","channel":"latest/stable"}},
            "snaps-hold":{"firefox":{"system":{"first-held":"2024-01-01T00:00:00Z","hold-until":"2316-01-01T00:00:00Z","level":1}},
            "b":{"other":{"hold-until":"x"}}}},"changes":{},"tasks":{}}"#;
        let state = State::parse(json).unwrap();
        let firefox = &state.snaps()["firefox"];
        assert!(firefox.active);
        assert_eq!(
            (firefox.current.as_str(), firefox.channel.as_str()),
            ("9", "latest/stable")
        );
        assert_eq!(state.held_until("firefox"), Some("2316-01-01T00:00:00Z"));
        assert_eq!(state.held_until("b"), None);
        assert_eq!(State::parse(b"{\"data\":[]"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>, text in "\\PC*", yaml in "((version|title|architectures|type|- ):? ?['\"\\[|]?[a-z\n]{0,5})*") {
            State::parse(&bytes);
            Description::parse(&text);
            Description::parse(&yaml);
        }

        #[test]
        fn what_is_printed_is_read_again(title in "[A-Z][a-z ]{0,9}[a-z]", version in "[0-9.]{1,9}", kind in "app|base|", architecture in "amd64|all|") {
            let yaml = format!("title: {title}\nversion: '{version}'\ntype: {kind}\narchitectures: [{architecture}]\n");
            let expected = Description { title: &title, version: &version, kind: &kind, architecture: &architecture };
            prop_assert_eq!(Description::parse(&yaml), expected);
        }
    }
}
