//! Where databases keep their data, as their own configuration says.

use crate::{
    parse::{ini, settings},
    probe::{Root, section::Diagnostics, sysfs},
};

use super::{
    super::{files, is_kind},
    Instance,
    catalogue::{Entry, Setting},
};

const MISSING: &str = "the folder of a database's data may be";
/// Most files that a file of MySQL includes, and how deeply.
const INCLUDES: usize = 200;
const DEPTH: usize = 8;

/// The folder that the last setting found names, and the file that says so.
pub(super) fn data_path(
    root: &Root,
    wanted: &[Setting],
    diagnostics: &mut Diagnostics,
) -> Option<(String, String)> {
    wanted.iter().find_map(|setting| {
        let mut found = None;
        if setting.sections.is_empty() {
            let text = files::text(root, setting.file, MISSING, diagnostics)?;
            let value = settings::values(text.as_bytes(), setting.key).last()?;
            found = Some((plain(value), setting.file.to_owned()));
        } else {
            let mut left = INCLUDES;
            sectioned(
                root,
                setting,
                setting.file,
                (DEPTH, &mut left),
                diagnostics,
                &mut found,
            );
        }
        let (path, file) = found.filter(|(path, _)| path.starts_with('/'))?;
        Some((diagnostics.fit(&file, setting.key, path), file))
    })
}

/// Files with sections, which may include others as MySQL's do.
fn sectioned(
    root: &Root,
    setting: &Setting,
    file: &str,
    (depth, left): (usize, &mut usize),
    diagnostics: &mut Diagnostics,
    found: &mut Option<(String, String)>,
) {
    let Some(text) = files::text(root, file, MISSING, diagnostics) else {
        return;
    };
    let values = ini::settings(&text);
    for section in setting.sections {
        if let Some(value) = ini::value(&values, section, setting.key) {
            *found = Some((plain(value), file.to_owned()));
        }
    }
    let mut included = Vec::new();
    for line in text.lines() {
        included.extend(
            include(root, line.trim(), diagnostics)
                .into_iter()
                .flatten(),
        );
    }
    for included in included {
        if depth == 0 || *left == 0 {
            let reason = "includes too many files, or itself: where a database keeps its data may be missing";
            diagnostics.note(file, "", reason);
            return;
        }
        *left -= 1;
        sectioned(
            root,
            setting,
            &included,
            (depth - 1, left),
            diagnostics,
            found,
        );
    }
}

/// The files that a line includes.
fn include(root: &Root, line: &str, diagnostics: &mut Diagnostics) -> Option<Vec<String>> {
    if let Some(folder) = line.strip_prefix("!includedir") {
        let folder = folder.trim().trim_end_matches('/');
        let names = diagnostics.list_optional(root, folder, MISSING).into_iter();
        let names = names.filter(|name| is_kind(name, "cnf"));
        return Some(names.map(|name| format!("{folder}/{name}")).collect());
    }
    let file = line.strip_prefix("!include")?.trim();
    Some(vec![file.to_owned()])
}

/// The first of the usual folders that is there.
pub(super) fn usual_path(root: &Root, entry: &Entry) -> Option<(String, String)> {
    let path = entry.data.iter().find(|path| sysfs::exists(root, path))?;
    Some(((*path).to_owned(), (*path).to_owned()))
}

/// The instances of Oracle: `SID:HOME:START`.
pub(super) fn oratab(root: &Root, entry: &Entry, diagnostics: &mut Diagnostics) -> Vec<Instance> {
    const FILE: &str = "/etc/oratab";
    let text = files::text(root, FILE, "the instances of Oracle are", diagnostics);
    let (folder, _) = usual_path(root, entry).unwrap_or_default();
    let mut instances = Vec::new();
    for line in text.unwrap_or_default().lines() {
        let name = line.trim().split(':').next().unwrap_or_default();
        if name.is_empty() || name.starts_with(['#', '*']) || instances.len() == INCLUDES {
            continue;
        }
        let own = format!("{folder}/{name}");
        instances.push(Instance {
            name: diagnostics.fit(FILE, "", name.to_owned()),
            data_path: if sysfs::exists(root, &own) {
                own
            } else {
                folder.clone()
            },
            source: FILE.into(),
            ..Instance::default()
        });
    }
    instances
}

/// A value without quotes and without a comment behind it.
pub(super) fn plain(value: &str) -> String {
    let value = value.trim();
    for quote in ['\'', '"'] {
        if let Some(rest) = value.strip_prefix(quote) {
            return rest.split(quote).next().unwrap_or_default().to_owned();
        }
    }
    let value = value.split(['#', ';']).next().unwrap_or_default();
    value.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_lose_quotes_and_comments() {
        assert_eq!(plain("'/srv/pg data'\t\t# use another"), "/srv/pg data");
        assert_eq!(plain("/srv/x # no"), "/srv/x");
        assert_eq!(plain("\"/srv/y"), "/srv/y");
    }
}
