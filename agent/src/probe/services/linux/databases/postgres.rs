//! Clusters of PostgreSQL: Debian's configuration and the usual folders of other distributions.

use std::collections::BTreeSet;

use crate::{
    parse::settings,
    probe::{Root, section::Diagnostics},
};

use super::{super::files, Instance, configured::plain};

const MISSING: &str = "clusters of PostgreSQL may be";
/// Where the packages of other distributions keep one cluster each, or one for each version.
const FOLDER: &str = "/var/lib/pgsql";
const DEBIAN: &str = "/etc/postgresql";
/// Most clusters that are looked at.
const CLUSTERS: usize = 500;

/// The clusters that are set up.
pub(super) fn clusters(root: &Root, diagnostics: &mut Diagnostics) -> Vec<Instance> {
    let mut clusters = Vec::new();
    for version in diagnostics.list_optional(root, DEBIAN, MISSING) {
        let folder = format!("{DEBIAN}/{version}");
        for name in diagnostics.list_optional(root, &folder, MISSING) {
            let source = format!("{folder}/{name}/postgresql.conf");
            let Some(text) = files::text(root, &source, MISSING, diagnostics) else {
                continue;
            };
            let data_path = settings::values(text.as_bytes(), "data_directory").last();
            clusters.push(Instance {
                name: format!("{version}/{name}"),
                data_path: diagnostics.fit(&source, "", data_path.map(plain).unwrap_or_default()),
                version: version.clone(),
                running: false,
                source,
            });
        }
    }
    let versions = diagnostics.list_optional(root, FOLDER, MISSING);
    let folders = versions.iter().map(|version| match version.as_str() {
        "data" => (String::new(), format!("{FOLDER}/data")),
        version => (version.to_owned(), format!("{FOLDER}/{version}/data")),
    });
    for (name, data_path) in folders {
        let source = format!("{data_path}/PG_VERSION");
        if files::exists(root, &source, MISSING, diagnostics) {
            clusters.push(Instance {
                name,
                data_path,
                source,
                ..Instance::default()
            });
        }
    }
    diagnostics.limit(DEBIAN, "clusters of PostgreSQL", &mut clusters, CLUSTERS);
    clusters
}

/// Names that the server's package may have: they carry the number of the version.
pub(super) fn packages(instances: &[Instance]) -> Vec<String> {
    let mut versions: BTreeSet<&str> = BTreeSet::new();
    for instance in instances {
        versions.insert(&instance.version);
        // "/usr/lib/postgresql/15/bin/postgres", "/var/lib/pgsql/15/data".
        versions.extend(instance.source.split('/').filter(|part| is_version(part)));
    }
    let mut names = vec!["postgresql-server".to_owned()];
    for version in versions.into_iter().filter(|version| is_version(version)) {
        names.push(format!("postgresql-{version}"));
        names.push(format!("postgresql{}-server", version.replace('.', "")));
    }
    names
}

fn is_version(text: &str) -> bool {
    !text.is_empty() && text.len() < 8 && text.chars().all(|c| c.is_ascii_digit() || c == '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_carry_the_version_of_the_cluster() {
        let instance = Instance {
            source: "process /usr/lib/postgresql/15/bin/postgres".into(),
            ..Instance::default()
        };
        let expected = ["postgresql-server", "postgresql-15", "postgresql15-server"];
        assert_eq!(packages(&[instance]), expected);
    }
}
