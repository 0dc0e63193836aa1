//! Settings of apt: `Key::Sub "value";`, blocks, lists, and what clears them again.

use std::collections::BTreeMap;

use super::problem::{self, Problem};

/// Deepest blocks that are followed.
const LEVELS: usize = 64;

/// Longest key.
const KEY_BYTES: usize = 1024;

/// Settings by key in lower case, parts joined by "::". Files are read one after the other into the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    values: BTreeMap<String, String>,
    lists: BTreeMap<String, Vec<String>>,
}

impl Settings {
    /// Reads a file on top of what was read before.
    pub fn read(&mut self, text: &str) -> Vec<Problem> {
        let mut reader = Reader {
            settings: self,
            parents: Vec::new(),
            words: Vec::new(),
            line: 1,
            problems: Vec::new(),
        };
        reader.all(text);
        reader.problems
    }

    /// The last value of a key, which is to be in lower case.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    /// The items of a list, whose key is to be in lower case.
    pub fn list(&self, key: &str) -> &[String] {
        self.lists.get(key).map_or(&[], Vec::as_slice)
    }

    /// Whether a value says yes; a missing one says `default`. Numbers other than 0 say yes.
    pub fn is_true(&self, key: &str, default: bool) -> bool {
        match self.value(key).map(str::to_ascii_lowercase).as_deref() {
            None | Some("") => default,
            Some("no" | "false" | "without" | "off" | "disable") => false,
            Some("yes" | "true" | "with" | "on" | "enable") => true,
            Some(text) => text.parse().map_or(default, |number: i64| number != 0),
        }
    }

    /// All values and items of lists, for comparing.
    pub fn all(&self) -> impl Iterator<Item = (String, &str)> {
        let values = self.values.iter();
        let values = values.map(|(key, value)| (key.clone(), value.as_str()));
        let items = self.lists.iter().flat_map(|(key, items)| {
            let key = format!("{key}::");
            items.iter().map(move |item| (key.clone(), item.as_str()))
        });
        values.chain(items)
    }

    fn set(&mut self, key: String, value: String) {
        match key.strip_suffix("::") {
            Some(list) => self.lists.entry(list.to_owned()).or_default().push(value),
            None => {
                self.values.insert(key, value);
            }
        }
    }

    /// Forgets a key and everything below it.
    fn clear(&mut self, key: &str) {
        let key = key.trim_end_matches(':');
        let below = format!("{key}::");
        let is_meant = |known: &String| *known == key || known.starts_with(&below);
        self.values.retain(|known, _| !is_meant(known));
        self.lists.retain(|known, _| !is_meant(known));
    }
}

struct Reader<'a> {
    settings: &'a mut Settings,
    parents: Vec<String>,
    words: Vec<String>,
    line: u32,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn all(&mut self, text: &str) {
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            rest = if let Some(comment) = rest.strip_prefix("/*") {
                self.skip(comment.split_once("*/"), comment)
            } else if rest.starts_with("//") || (first == '#' && !is_directive(rest)) {
                let end = rest.find('\n').unwrap_or(rest.len());
                &rest[end..]
            } else if first == '"' {
                self.quoted(&rest[1..])
            } else if matches!(first, ';' | '{' | '}') {
                self.mark(first);
                &rest[1..]
            } else if first.is_whitespace() {
                self.line += u32::from(first == '\n');
                &rest[first.len_utf8()..]
            } else {
                self.bare(rest)
            };
        }
        if !self.words.is_empty() || !self.parents.is_empty() {
            self.problem("the file ends within a setting");
        }
    }

    fn problem(&mut self, reason: &str) {
        problem::keep(&mut self.problems, Problem::on(self.line, reason));
    }

    fn skip<'t>(&mut self, split: Option<(&str, &'t str)>, comment: &'t str) -> &'t str {
        let (skipped, rest) = split.unwrap_or((comment, ""));
        self.line += skipped.matches('\n').count() as u32;
        rest
    }

    fn quoted<'t>(&mut self, text: &'t str) -> &'t str {
        let (word, rest) = match text.find(['"', '\n']) {
            Some(end) if text[end..].starts_with('"') => (&text[..end], &text[end + 1..]),
            end => {
                self.problem("a quote is not closed on its line");
                text.split_at(end.unwrap_or(text.len()))
            }
        };
        self.words.push(word.to_owned());
        rest
    }

    fn bare<'t>(&mut self, text: &'t str) -> &'t str {
        let ends = |c: char| c.is_whitespace() || matches!(c, ';' | '{' | '}' | '"');
        let end = text.find(ends).unwrap_or(text.len());
        self.words.push(text[..end].to_owned());
        &text[end..]
    }

    fn mark(&mut self, mark: char) {
        match mark {
            '{' => self.open(),
            '}' => {
                self.statement();
                if self.parents.pop().is_none() {
                    self.problem("a block ends that did not begin");
                }
            }
            _ => self.statement(),
        }
    }

    fn open(&mut self) {
        let words = std::mem::take(&mut self.words);
        let mut words = words.into_iter();
        let name = words.next().unwrap_or_default();
        let key = self.key(&name);
        let value: String = words.collect();
        if !value.is_empty() {
            self.settings.set(key.clone(), value);
        }
        if self.parents.len() >= LEVELS || key.len() > KEY_BYTES {
            self.problem("blocks are nested too deeply");
            self.parents.push(String::new());
        } else {
            self.parents.push(key);
        }
    }

    fn statement(&mut self) {
        let words = std::mem::take(&mut self.words);
        match words.as_slice() {
            [] => {}
            [directive, keys @ ..] if directive == "#clear" => {
                for key in keys {
                    let key = self.key(key);
                    self.settings.clear(&key);
                }
            }
            [directive, ..] if directive.starts_with('#') => {
                self.problem("what this includes is not read");
            }
            [item] => {
                let key = self.key("");
                self.settings.set(key, item.clone());
            }
            [key, value @ ..] => {
                let key = self.key(key);
                self.settings.set(key, value.concat());
            }
        }
    }

    /// A key within the block it stands in.
    fn key(&self, name: &str) -> String {
        let name = name.to_lowercase();
        match self.parents.last() {
            Some(parent) => format!("{parent}::{name}"),
            None => name,
        }
    }
}

fn is_directive(text: &str) -> bool {
    text.starts_with("#clear") || text.starts_with("#include")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> (Settings, Vec<Problem>) {
        let mut settings = Settings::default();
        let problems = settings.read(text);
        (settings, problems)
    }

    #[test]
    fn values_blocks_lists_and_comments_are_read() {
        let (settings, problems) = read(
            "// a\n# b\nAPT::Periodic::Enable \"1\"; /* \n c */\nAPT { Periodic { Unattended-Upgrade \"2\"; }; };\n\
             Unattended-Upgrade::Allowed-Origins { \"a:b\"; \"c%3ad\"; };\nX:: \"one\"; X:: \"two\"; Url http://h/;",
        );
        assert_eq!(problems, []);
        assert_eq!(
            settings.value("apt::periodic::unattended-upgrade"),
            Some("2")
        );
        assert!(settings.is_true("apt::periodic::enable", false));
        assert_eq!(
            settings.list("unattended-upgrade::allowed-origins"),
            ["a:b", "c%3ad"]
        );
        assert_eq!(settings.list("x"), ["one", "two"]);
        assert_eq!(settings.value("url"), Some("http://h/"));
    }

    #[test]
    fn later_values_win_and_clearing_forgets() {
        let (mut settings, _) = read("A::B \"1\"; A::B \"2\"; A::L { \"x\"; };");
        assert_eq!(settings.value("a::b"), Some("2"));
        settings.read("#clear A::L; A::L { \"y\"; };");
        assert_eq!(settings.list("a::l"), ["y"]);
        settings.read("#clear A;");
        assert_eq!(settings, Settings::default());
    }

    #[test]
    fn what_is_broken_is_named_and_the_rest_is_read() {
        let (settings, problems) = read("A \"1\";\nB \"2\n;\n}; C \"3\";\nD { E \"4\";");
        assert_eq!(settings.value("c"), Some("3"));
        assert_eq!(settings.value("d::e"), Some("4"));
        let lines: Vec<u32> = problems.iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [2, 4, 5]);
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC*") {
            read(&text);
        }

        #[test]
        fn nesting_without_end_is_survived(levels in 0_usize..5000) {
            read(&"a{".repeat(levels));
        }

        #[test]
        fn what_is_printed_is_read_again(
            values in proptest::collection::btree_map("[a-z]{1,8}(::[a-z]{1,8}){0,3}", "[ -!#-$&-~]{0,20}", 0..10)
        ) {
            let text: String = values.iter().map(|(key, value)| format!("{key} \"{value}\";\n")).collect();
            let (settings, problems) = read(&text);
            prop_assert_eq!(problems, []);
            for (key, value) in &values {
                prop_assert_eq!(settings.value(key), Some(value.as_str()));
            }
        }
    }
}
