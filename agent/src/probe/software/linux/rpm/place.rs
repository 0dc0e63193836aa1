//! Where rpm keeps its database: the places of distributions, and the one that rpm's settings name.

use crate::{
    parse::rpm_macros,
    probe::{Root, section::Diagnostics},
};

use super::MISSING;

/// Where distributions keep it.
pub(crate) const FOLDERS: [&str; 3] = ["/usr/lib/sysimage/rpm", "/var/lib/rpm", "/usr/share/rpm"];

/// The files that make a folder a database: SQLite, ndb, Berkeley DB.
pub(crate) const FILES: [&str; 3] = ["rpmdb.sqlite", "Packages.db", "Packages"];

/// Settings in the order in which rpm reads them, the last ones winning.
const OF_DISTRIBUTION: &str = "/usr/lib/rpm/macros";
const PARTS: &str = "/etc/rpm";
const OF_MACHINE: &str = "/etc/rpm/macros";

const MISSING_PLACE: &str = "where rpm keeps its database is";

/// Paths at which a database may be.
pub(super) fn databases(root: &Root, diagnostics: &mut Diagnostics) -> Vec<String> {
    let further = further(root, diagnostics);
    let folders = FOLDERS.into_iter().map(str::to_owned).chain(further);
    let files = |folder: String| FILES.map(|file| format!("{folder}/{file}"));
    folders.flat_map(files).collect()
}

/// The folder that the settings name, where it is none of the usual ones.
pub(crate) fn further(root: &Root, diagnostics: &mut Diagnostics) -> Option<String> {
    let parts = diagnostics
        .list_optional(root, PARTS, MISSING_PLACE)
        .into_iter();
    let parts = parts.filter(|name| name.starts_with("macros."));
    let parts = parts.map(|name| format!("{PARTS}/{name}"));
    let files = std::iter::once(OF_DISTRIBUTION.to_owned())
        .chain(parts)
        .chain([OF_MACHINE.to_owned()]);
    let mut last = None;
    for path in files {
        let text = diagnostics.read_optional(root, &path, MISSING_PLACE);
        let text = text.unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        if let Some(value) = rpm_macros::value(&text, "_dbpath") {
            last = Some((path, value.to_owned()));
        }
    }
    let (path, value) = last?;
    if let Some(folder) = rpm_macros::folder(&value) {
        return (!FOLDERS.contains(&folder.as_str())).then_some(folder);
    }
    // Debian gives each person a database of their own, in which nothing of the system stands.
    if path == OF_DISTRIBUTION {
        return None;
    }
    let reason = format!(
        "puts rpm's database at {value}, which this agent cannot follow, so {MISSING} missing unless they are in a usual place"
    );
    diagnostics.note(path, "_dbpath", reason);
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::fixture::root_with;

    #[test]
    fn a_database_is_looked_for_where_the_settings_put_it() {
        let (_directory, root) = root_with(&[
            (OF_DISTRIBUTION, b"%_dbpath %{_var}/lib/rpm\n"),
            ("/etc/rpm/macros.local", b"%_dbpath /srv/rpm\n"),
            ("/etc/rpm/platform", b"%_dbpath /no\n"),
        ]);
        let mut diagnostics = Diagnostics::new();
        let all = databases(&root, &mut diagnostics);
        assert_eq!(all.len(), 12);
        assert!(all.contains(&"/srv/rpm/Packages.db".to_owned()));
        assert!(diagnostics.finish().is_empty());
        let (_directory, root) = root_with(&[(OF_DISTRIBUTION, b"%_dbpath %{_var}/lib/rpm\n")]);
        assert_eq!(further(&root, &mut Diagnostics::new()), None);
    }

    #[test]
    fn a_place_that_cannot_be_followed_is_said() {
        let debian = b"%_dbpath %(bash -c 'echo ~/.rpmdb')\n";
        let (_directory, root) = root_with(&[(OF_DISTRIBUTION, debian)]);
        let mut diagnostics = Diagnostics::new();
        assert_eq!(databases(&root, &mut diagnostics).len(), 9);
        assert!(
            diagnostics.finish().is_empty(),
            "that is no place of the system"
        );
        let (_directory, root) = root_with(&[(OF_MACHINE, b"%_dbpath %{getenv:HOME}/rpm\n")]);
        let mut diagnostics = Diagnostics::new();
        assert_eq!(databases(&root, &mut diagnostics).len(), 9);
        let said = diagnostics.finish();
        assert_eq!((said.len(), said[0].source.as_str()), (1, OF_MACHINE));
        assert!(said[0].reason.contains("cannot follow"));
    }
}
