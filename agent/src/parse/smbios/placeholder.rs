//! What makers leave in firmware instead of a fact.

/// Texts that say nothing, lower-case.
const PLACEHOLDERS: [&str; 46] = [
    "0123456789",
    "1234567890",
    "123456789",
    "asset tag",
    "asset tag#",
    "asset-1234567890",
    "base board asset tag",
    "base board serial number",
    "base board version",
    "chassis asset tag",
    "chassis manufacture",
    "chassis manufacturer",
    "chassis serial number",
    "chassis version",
    "default",
    "empty",
    "family",
    "fill by oem",
    "invalid",
    "manufacturer",
    "n/a",
    "na",
    "no asset information",
    "no asset tag",
    "no dimm",
    "no module installed",
    "none",
    "not applicable",
    "not available",
    "not present",
    "not settable",
    "not specified",
    "null",
    "o.e.m.",
    "oem",
    "product name",
    "serial number",
    "sku",
    "system manufacturer",
    "system product name",
    "system serial number",
    "system sku",
    "system version",
    "type2 - board serial number",
    "undefined",
    "unknown",
];

/// Beginnings of texts that say nothing, lower-case.
const BEGINNINGS: [&str; 11] = [
    "array0_",
    "array1_",
    "bad index",
    "<bad index",
    "default string",
    "modulepartnumber",
    "partnum",
    "sernum",
    "serial_number",
    "to be filled",
    "tobefilled",
];

/// UUIDs that many machines share.
const UUIDS: [&str; 5] = [
    "00020003-0004-0005-0006-000700080009",
    "03000200-0400-0500-0006-000700080009",
    "12345678-1234-5678-90ab-cddeefaabbcc",
    "11111111-1111-1111-1111-111111111111",
    "fefefefe-fefe-fefe-fefe-fefefefefefe",
];

/// The text without surrounding white space; empty when it is a placeholder.
pub fn meaningful(text: &str) -> &str {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    let lower = text.to_lowercase();
    let bare = lower.trim_matches(['[', ']', '<', '>', '(', ')']);
    let says_nothing = is_filling(bare)
        || PLACEHOLDERS.contains(&bare)
        || BEGINNINGS
            .iter()
            .any(|beginning| bare.starts_with(beginning));
    if says_nothing { "" } else { text }
}

/// Whether a UUID is one that makers leave in.
pub(super) fn is_placeholder_uuid(uuid: &str) -> bool {
    UUIDS.contains(&uuid)
}

/// Whether a text is one character over and over: "0000", "xxxx", "......".
fn is_filling(text: &str) -> bool {
    let mut characters = text.chars().filter(|c| !c.is_whitespace());
    let Some(first) = characters.next() else {
        return true;
    };
    matches!(
        first,
        '0' | '.' | '-' | '_' | '*' | '?' | '#' | ' ' | 'x' | 'f'
    ) && (text.len() > 1 || !first.is_ascii_alphanumeric() || first == '0')
        && characters.all(|character| character == first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_say_nothing() {
        for text in [
            "To Be Filled By O.E.M.",
            "Default string",
            " Not Specified ",
            "0",
            "00000000",
            "FFFFFFFF",
            "xxxx",
            "..",
            "[Empty]",
            "System Product Name",
            "SerNum0",
            "\0",
            "",
        ] {
            assert_eq!(meaningful(text), "", "{text:?}");
        }
    }

    #[test]
    fn facts_stay() {
        for text in [
            "ABC1234",
            "OptiPlex 7090",
            "1.0",
            "X",
            "F",
            "00000001",
            "Default Ltd.",
        ] {
            assert_eq!(meaningful(text), text);
        }
        assert_eq!(meaningful("  Dell Inc.\0"), "Dell Inc.");
    }
}
