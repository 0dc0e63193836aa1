//! axe-core, the checker of accessibility rules, from where `tests/run` installs it.

use std::path::PathBuf;

use serde_json::Value;

use super::Chromium;

/// The rules that pages keep: WCAG 2.2 A and AA, and what is good practice beyond.
const RUN: &str = "axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', \
    'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'] }).then(found => found.violations.map(rule => \
    rule.id + ' (' + rule.help + '): ' + rule.nodes.map(node => node.html.slice(0, 200) + ' ' + \
    node.any.concat(node.all, node.none).map(check => check.message).join('; ')).join(' | ')))";

/// The checker's source.
#[derive(Clone, Debug)]
pub struct Axe(String);

impl Axe {
    /// Reads it. `None`, with a message, where `tests/run` could not install it.
    pub fn installed() -> Option<Self> {
        let file = cache()?.join("freehold/axe/node_modules/axe-core/axe.min.js");
        match std::fs::read_to_string(&file) {
            Ok(source) => Some(Self(source)),
            Err(error) => {
                eprintln!(
                    "NOT TESTED: accessibility rules: axe-core is not in {} ({error}); tests/run installs it \
                     where npm and a network are",
                    file.display()
                );
                None
            }
        }
    }
}

impl Chromium {
    /// What is wrong on the page, a line a rule, with every element that breaks it. The checker comes in
    /// by the debugging protocol: the page's own policy stays as it is.
    pub async fn violations(&mut self, axe: &Axe) -> Vec<String> {
        if self.evaluate("typeof axe").await == "undefined" {
            self.evaluate(&format!("{}; 0", axe.0)).await;
        }
        let found = self.evaluate(RUN).await;
        let found = found.as_array().into_iter().flatten();
        found.filter_map(Value::as_str).map(str::to_owned).collect()
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "tests/run keeps its tools where the environment says"
)]
fn cache() -> Option<PathBuf> {
    let absolute = |name| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")))
}
