//! Windows: the uninstall keys of the machine and of every person, Windows Installer, app packages, updates.
//!
//! Never `Win32_Product`: asking it makes Windows Installer check, and repair, every product there is.

mod apps;
mod date;
#[cfg(windows)]
mod gather;
mod installer;
mod profiles;
mod programs;
#[cfg(test)]
mod tests;
mod updates;

use freehold_proto::v1::{Software, software::Package};

use super::list::List;
use crate::{
    probe::section::Diagnostics,
    rows::{Answer, Below, Row},
};
use profiles::Profile;

/// What the system answers.
#[derive(Debug)]
struct Rows {
    /// Uninstall keys: those of the machine first.
    programs: Vec<Programs>,
    /// Products of Windows Installer, by the SID of whom they are installed for.
    products: Vec<(String, Answer<Below>)>,
    /// App packages.
    apps: apps::Rows,
    /// Updates of Windows.
    updates: updates::Rows,
    /// The people who have a profile.
    profiles: Answer<Vec<Profile>>,
}

/// The uninstall keys of one place.
#[derive(Debug)]
struct Programs {
    /// Where they stand, for diagnostics.
    source: String,
    /// Whose they are; empty for the machine's.
    user: String,
    /// Architecture of what stands there; empty where both stand together.
    architecture: &'static str,
    /// What it answers; a key that does not exist is none for a person.
    answer: Answer<Below>,
    /// A remark on the answer as a whole; empty where there is none.
    remark: String,
}

/// Most programs of one person.
const PERSONAL_ITEMS: usize = 1000;
/// Longest text taken over from what a person can write.
const PERSONAL_TEXT: usize = 512;

#[cfg(windows)]
pub(crate) fn collect(root: &crate::probe::Root) -> Software {
    if root.is_live() {
        assemble(&gather::rows())
    } else {
        super::unsupported::collect(root)
    }
}

/// Makes the section out of what the system answers.
fn assemble(rows: &Rows) -> Software {
    let mut diagnostics = Diagnostics::new();
    let mut list = List::new();
    if let Err(unread) = &rows.profiles {
        let reason = format_args!("{unread}, so what people installed for themselves is missing");
        diagnostics.note(profiles::SOURCE, "", reason);
    }
    let people = rows.profiles.as_deref().unwrap_or_default();
    let mut found = programs::read(&rows.programs, &mut diagnostics);
    installer::add(&rows.products, people, &mut found, &mut diagnostics);
    for package in found {
        list.push(package);
    }
    apps::read(&rows.apps, people, &mut list, &mut diagnostics);
    updates::read(&rows.updates, &mut list, &mut diagnostics);
    let any_source_read = rows.programs.iter().any(|place| place.answer.is_ok())
        || rows.products.iter().any(|(_, answer)| answer.is_ok())
        || rows.apps.any_read()
        || rows.updates.any_read();
    let packages = list.finish(&mut diagnostics);
    Software {
        status: diagnostics.status(any_source_read).into(),
        diagnostics: diagnostics.finish(),
        packages,
    }
}

/// Takes the texts of a package within their limits; what was no UTF-16 is remarked.
fn bounded(mut package: Package, source: &str, diagnostics: &mut Diagnostics) -> Package {
    let personal = !package.user.is_empty();
    let Package {
        name,
        version,
        publisher,
        location,
        product_code,
        title,
        ..
    } = &mut package;
    let mut is_odd = false;
    for text in [name, version, publisher, location, product_code, title] {
        is_odd |= text.contains('\u{fffd}');
        *text = if personal {
            shortened(std::mem::take(text))
        } else {
            diagnostics.fit(source, "", std::mem::take(text))
        };
    }
    if is_odd {
        let reason = "holds what is no UTF-16; each such place is shown as U+FFFD";
        diagnostics.remark(source, &package.name, reason);
    }
    package
}

fn shortened(mut text: String) -> String {
    if text.len() > PERSONAL_TEXT {
        let end = (0..=PERSONAL_TEXT).rfind(|at| text.is_char_boundary(*at));
        text.truncate(end.unwrap_or_default());
    }
    text
}

/// Notes what is missing of an answer that came.
fn note_gaps(below: &Below, source: &str, what: &str, diagnostics: &mut Diagnostics) {
    for (key, unread) in &below.unread {
        diagnostics.note(
            source,
            key,
            format_args!("{unread}, so {what} may be missing"),
        );
    }
    if below.more {
        let reason = format_args!(
            "holds more than {} keys; the others are missing",
            crate::rows::ROWS
        );
        diagnostics.note(source, "", reason);
    }
}

/// Notes values that are longer than any that belong there.
fn note_long(row: &Row, source: &str, diagnostics: &mut Diagnostics) {
    for value in row.too_long() {
        let reason = format_args!("its value {value} is too long to be read, so it is missing");
        diagnostics.note(source, &row.name, reason);
    }
}
