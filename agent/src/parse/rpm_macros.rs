//! rpm's settings: lines of "%name value", the later ones winning.

/// The last value of a setting, as it is written; `None` where there is none.
pub fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut values = text.lines().rev().filter_map(|line| {
        let rest = line.trim_start().strip_prefix('%')?.strip_prefix(name)?;
        let value = rest.trim_start();
        // A longer name, or a setting with parameters, is another one.
        (value.len() < rest.len()).then(|| value.trim_end())
    });
    values.next()
}

/// A folder with the settings in it replaced that rpm brings along itself; `None` when there are others, or it is no
/// absolute path.
pub fn folder(value: &str) -> Option<String> {
    const KNOWN: [(&str, &str); 5] = [
        ("_var", "/var"),
        ("_usr", "/usr"),
        ("_localstatedir", "/var"),
        ("_prefix", "/usr"),
        ("_sharedstatedir", "/var/lib"),
    ];
    let mut path = value.to_owned();
    for (name, meaning) in KNOWN {
        path = path.replace(&format!("%{{{name}}}"), meaning);
    }
    let is_plain = path.starts_with('/') && !path.contains(['%', '\\', '\0']);
    let path = path.trim_end_matches('/');
    (is_plain && !path.is_empty()).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_last_value_of_a_name_counts() {
        let text = "# a comment\n%_dbpath\t\t%{_var}/lib/rpm\n%_dbpath_rebuild /x\n%_dbpath(x) /y\n  %_dbpath /srv/rpm \n";
        assert_eq!(value(text, "_dbpath"), Some("/srv/rpm"));
        assert_eq!(value(text, "_dbpat"), None);
        assert_eq!(value("_dbpath /x\n", "_dbpath"), None);
    }

    #[test]
    fn a_folder_is_known_when_all_in_it_is() {
        let known = |value| folder(value).unwrap_or_default();
        assert_eq!(known("%{_usr}/lib/sysimage/rpm/"), "/usr/lib/sysimage/rpm");
        assert_eq!(known("/srv/rpm"), "/srv/rpm");
        for unknown in [
            "%{getenv:HOME}/.rpmdb",
            "%(echo /x)",
            "rpm",
            "",
            "/",
            "/x\\",
        ] {
            assert_eq!(known(unknown), "", "{unknown}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in ".{0,200}") {
            let _ = value(&text, "_dbpath").and_then(folder);
        }
    }
}
