//! What status commands of products print: "key: value" lines of many makes, or a JSON object.

/// Most facts that are kept of one answer.
pub const FACTS: usize = 1000;

/// Most levels of objects within objects that are looked into.
const LEVELS: usize = 8;

/// Keys and values of an answer, in its order. A line without a separator has the key "". In a JSON object
/// the values of inner objects have the inner keys, except that `{"value": x}` and `{"$type": x}` stand
/// for x; items of a list are joined by ", ". What is no text at all yields nothing.
pub fn facts(answer: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(answer);
    let text = text.trim();
    let mut facts = Vec::new();
    if text.starts_with('{') {
        match serde_json::from_str(text) {
            Ok(serde_json::Value::Object(object)) => members(&object, LEVELS, &mut facts),
            // JSON that ends in the middle says nothing that could be relied on.
            _ => return facts,
        }
    } else {
        lines(text, &mut facts);
    }
    facts.truncate(FACTS);
    facts
}

fn lines(text: &str, facts: &mut Vec<(String, String)>) {
    for line in text.lines() {
        if facts.len() >= FACTS {
            return;
        }
        // "a=b, c = d" holds several facts; a comma after a colon belongs to the value.
        let assigned = line.find('=').is_some_and(|at| !line[..at].contains(':'));
        if assigned {
            facts.extend(line.split(", ").filter_map(fact));
        } else {
            facts.extend(fact(line));
        }
    }
}

fn fact(text: &str) -> Option<(String, String)> {
    let text = text.trim().trim_start_matches("- ").trim();
    if text.is_empty() {
        return None;
    }
    let (key, value) = text
        .split_once(": ")
        .or_else(|| text.strip_suffix(':').map(|key| (key, "")))
        .or_else(|| text.split_once('='))
        .or_else(|| text.split_once("  "))
        .or_else(|| text.split_once('\t'))
        .unwrap_or(("", text));
    let value = value.trim().trim_end_matches(['.', ',']);
    Some((key.trim().to_owned(), unquote(value).to_owned()))
}

fn unquote(value: &str) -> &str {
    let inner = value.strip_prefix('"');
    inner
        .and_then(|value| value.strip_suffix('"'))
        .unwrap_or(value)
}

type Object = serde_json::Map<String, serde_json::Value>;

fn members(object: &Object, levels: usize, facts: &mut Vec<(String, String)>) {
    for (key, value) in object {
        if facts.len() >= FACTS {
            return;
        }
        match value {
            serde_json::Value::Object(inner) => match wrapped(inner) {
                Some(value) => facts.push((key.clone(), value)),
                None if levels > 0 => members(inner, levels - 1, facts),
                None => {}
            },
            serde_json::Value::Array(items) => {
                let items: Vec<_> = items.iter().take(FACTS).filter_map(scalar).collect();
                facts.push((key.clone(), items.join(", ")));
            }
            other => facts.extend(scalar(other).map(|value| (key.clone(), value))),
        }
    }
}

/// The value of an object that only wraps one.
fn wrapped(object: &Object) -> Option<String> {
    let value = object.get("value").or_else(|| object.get("$type"))?;
    scalar(value)
}

fn scalar(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) => Some(text.trim().to_owned()),
        serde_json::Value::Bool(truth) => Some(truth.to_string()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pairs(answer: &str) -> Vec<(String, String)> {
        facts(answer.as_bytes())
    }

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn lines_of_every_make_are_told_apart() {
        assert_eq!(
            pairs("rfm-state=false, version = 7.05.16004.0\n"),
            [pair("rfm-state", "false"), pair("version", "7.05.16004.0")]
        );
        assert_eq!(
            pairs(
                "Agent state                 Enabled\n  - Product version: 7.0.3\nOn-Access Scan: Enabled"
            ),
            [
                pair("Agent state", "Enabled"),
                pair("Product version", "7.0.3"),
                pair("On-Access Scan", "Enabled")
            ]
        );
        assert_eq!(
            pairs("Last release date of databases: 2021-12-07 03:11:00\nEnabled\nFaults:"),
            [
                pair("Last release date of databases", "2021-12-07 03:11:00"),
                pair("", "Enabled"),
                pair("Faults", "")
            ]
        );
    }

    #[test]
    fn values_in_json_are_found_where_they_are_wrapped() {
        let answer = r#"{"healthy":true,"passiveModeEnabled":{"value":false,"source":"local"},
            "definitionsStatus":{"$type":"upToDate"},"healthIssues":["a","b"],"engineVersion":"1.1","inner":{"x":7},"n":null}"#;
        assert_eq!(
            pairs(answer),
            [
                pair("healthy", "true"),
                pair("passiveModeEnabled", "false"),
                pair("definitionsStatus", "upToDate"),
                pair("healthIssues", "a, b"),
                pair("engineVersion", "1.1"),
                pair("x", "7"),
            ]
        );
    }

    #[test]
    fn json_that_is_cut_or_endless_says_nothing() {
        assert_eq!(pairs(r#"{"healthy":true,"#), []);
        assert_eq!(pairs(&"{\"a\":".repeat(100_000)), []);
        let many = "a: b\n".repeat(5000);
        assert_eq!(pairs(&many).len(), FACTS);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>) {
            facts(&bytes);
        }

        #[test]
        fn any_object_is_survived(keys in proptest::collection::vec("[a-z]{1,4}", 0..20)) {
            let object: Object = keys
                .into_iter()
                .map(|key| (key.clone(), serde_json::Value::String(key)))
                .collect();
            let answer = serde_json::to_vec(&object).unwrap();
            prop_assert_eq!(facts(&answer).len(), object.len());
        }

        #[test]
        fn a_printed_fact_is_read_again(key in "[A-Za-z][A-Za-z ]{0,10}[a-z]", value in "[a-z0-9]{1,10}") {
            prop_assume!(!key.contains("  "));
            prop_assert_eq!(pairs(&format!("{key}: {value}\n")), [pair(&key, &value)]);
        }
    }
}
