//! Products of Windows Installer, from its own keys: for everyone, and for each person, signed in or not.

use std::collections::HashSet;

use freehold_proto::v1::software::{Package, package::Source};

use super::{
    PERSONAL_ITEMS, Profile, bounded, note_gaps, note_long, profiles, programs::described,
};
use crate::{
    probe::section::Diagnostics,
    rows::{Answer, Below, Row, Unread},
};

/// Below it the SIDs of those for whom products are installed.
pub(super) const KEY: &str = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Installer\UserData";

/// Whose products are everyone's.
const MACHINE: &str = "S-1-5-18";

/// Adds the products that have no uninstall key of their own: those were found before.
pub(super) fn add(
    answers: &[(String, Answer<Below>)],
    people: &[Profile],
    found: &mut Vec<Package>,
    diagnostics: &mut Diagnostics,
) {
    let mut known: HashSet<(String, String)> = found.iter().map(identity).collect();
    for (sid, answer) in answers {
        let source = format!(r"{KEY}\{sid}");
        let below = match answer {
            Ok(below) => below,
            Err(Unread::Absent) => continue,
            Err(unread) => {
                let reason =
                    format_args!("{unread}, so products of Windows Installer may be missing");
                diagnostics.note(source, "", reason);
                continue;
            }
        };
        note_gaps(below, &source, "a product", diagnostics);
        let user = if sid == MACHINE {
            String::new()
        } else {
            profiles::name_of(sid, people)
        };
        let mut products = Vec::new();
        for row in &below.rows {
            let product = product(row, &user).filter(|product| known.insert(identity(product)));
            if let Some(product) = product {
                note_long(row, &source, diagnostics);
                products.push(bounded(product, &source, diagnostics));
            }
        }
        if !user.is_empty() {
            diagnostics.limit(&source, "products", &mut products, PERSONAL_ITEMS);
        }
        found.extend(products);
    }
}

fn identity(package: &Package) -> (String, String) {
    (
        package.product_code.to_ascii_lowercase(),
        package.user.clone(),
    )
}

fn product(row: &Row, user: &str) -> Option<Package> {
    let name = row.text("DisplayName");
    let code = product_code(&row.name)?;
    (!name.is_empty()).then(|| Package {
        name: name.into(),
        user: user.into(),
        product_code: code,
        source: Source::Msi.into(),
        ..described(row)
    })
}

/// The product code out of the form in which Windows Installer names its keys: the same digits, the first three
/// groups backwards, then each pair.
fn product_code(packed: &str) -> Option<String> {
    let digits: Vec<char> = packed.chars().collect();
    if digits.len() != 32 || !digits.iter().all(char::is_ascii_hexdigit) {
        return None;
    }
    let backwards = |range: std::ops::Range<usize>| digits[range].iter().rev().collect::<String>();
    let pairs: String = (16..32)
        .step_by(2)
        .map(|at| backwards(at..at + 2))
        .collect();
    let (fourth, fifth) = pairs.split_at(4);
    let code = format!(
        "{{{}-{}-{}-{fourth}-{fifth}}}",
        backwards(0..8),
        backwards(8..12),
        backwards(12..16)
    );
    Some(code.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_name_is_the_products_code() {
        let code = product_code("00004159010070400000000000F01FEC").unwrap();
        assert_eq!(code, "{95140000-0010-0407-0000-0000000FF1CE}");
        for odd in [
            "",
            "00004159",
            "Z0004159010070400000000000F01FEC",
            "會計會計會計會計會計會計會計會計",
        ] {
            assert_eq!(product_code(odd), None, "{odd}");
        }
    }
}
