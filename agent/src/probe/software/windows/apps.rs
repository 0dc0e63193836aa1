//! App packages (`AppX`, `MSIX`), by the names under which the deployment service registers them.

use std::collections::{BTreeMap, BTreeSet};

use freehold_proto::v1::software::{
    Package,
    package::{Source, State},
};

use super::{Profile, bounded, note_gaps, profiles};
use crate::{
    probe::{section::Diagnostics, software::list::List},
    rows::{Answer, Below, Unread},
};

/// Below it the packages of everyone and, by SID, those of each person, signed in or not.
pub(super) const KEY: &str = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Appx\AppxAllUserStore";

/// The publisher of what is part of Windows itself.
const WINDOWS: &str = "cw5n1h2txyewy";

/// Beginnings of the names of libraries, which are there for other packages only.
const LIBRARIES: [&str; 6] = [
    "Microsoft.VCLibs.",
    "Microsoft.NET.Native.",
    "Microsoft.UI.Xaml.",
    "Microsoft.WindowsAppRuntime.",
    "Microsoft.Services.Store.Engagement",
    "Microsoft.DirectXRuntime",
];

/// What the deployment service's keys answer; each row is named like a package.
#[derive(Debug)]
pub(super) struct Rows {
    /// What each new person gets.
    pub(super) provisioned: Answer<Below>,
    /// What is part of the installation.
    pub(super) inbox: Answer<Below>,
    /// What each person has, by SID.
    pub(super) people: Vec<(String, Answer<Below>)>,
}

impl Rows {
    /// Whether there was any answer.
    pub(super) fn any_read(&self) -> bool {
        self.provisioned.is_ok()
            || self.inbox.is_ok()
            || self.people.iter().any(|(_, answer)| answer.is_ok())
    }
}

/// A package's full name, taken apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Name<'a> {
    product: &'a str,
    publisher: &'a str,
    version: &'a str,
    architecture: &'a str,
    is_bundle: bool,
}

/// The package as a product, whatever its version.
type Family<'a> = (&'a str, &'a str);

impl<'a> Name<'a> {
    /// `None` for what is no package's name, and for parts of packages, such as their texts in one language.
    fn parse(full: &'a str) -> Option<Self> {
        let [name, version, architecture, resource, publisher] =
            full.split('_').collect::<Vec<_>>().try_into().ok()?;
        let is_version = version.starts_with(|c: char| c.is_ascii_digit());
        let is_part = resource.starts_with("split.");
        (!name.is_empty() && is_version && !is_part).then_some(Self {
            product: name,
            publisher,
            version,
            architecture,
            is_bundle: resource == "~",
        })
    }

    fn family(&self) -> Family<'a> {
        (self.product, self.publisher)
    }
}

/// Adds the packages. What everyone has and each new person gets is the machine's; the rest is of those who
/// have it.
pub(super) fn read(
    rows: &Rows,
    people: &[Profile],
    list: &mut List,
    diagnostics: &mut Diagnostics,
) {
    let provisioned = names(&rows.provisioned, "Applications", diagnostics);
    let inbox = names(&rows.inbox, "InboxApplications", diagnostics);
    if rows.provisioned == Err(Unread::Absent) {
        let reason = "does not exist on this system, so app packages are missing";
        diagnostics.note(KEY, "", reason);
    }
    let mut holders: BTreeMap<Name<'_>, BTreeSet<&str>> = BTreeMap::new();
    let mut all = BTreeSet::new();
    for (sid, answer) in &rows.people {
        for name in names(answer, sid, diagnostics) {
            holders.entry(name).or_default().insert(sid);
            all.insert(sid.as_str());
        }
    }
    let common: Vec<Name<'_>> = provisioned.into_iter().chain(inbox).collect();
    let families: BTreeSet<_> = common.iter().map(Name::family).collect();
    let held: BTreeSet<_> = holders.keys().map(Name::family).collect();
    for (name, sids) in &holders {
        if sids.len() == all.len() && families.contains(&name.family()) {
            list.push(bounded(package(name, ""), KEY, diagnostics));
        } else {
            for sid in sids {
                let user = profiles::name_of(sid, people);
                list.push(bounded(package(name, &user), KEY, diagnostics));
            }
        }
    }
    let unheld: BTreeSet<_> = common
        .iter()
        .filter(|name| !held.contains(&name.family()))
        .collect();
    for name in unheld {
        list.push(bounded(package(name, ""), KEY, diagnostics));
    }
}

/// The packages of one place. Beside a bundle stands what was taken out of it for this machine; then the
/// bundle itself is left out.
fn names<'a>(
    answer: &'a Answer<Below>,
    place: &str,
    diagnostics: &mut Diagnostics,
) -> Vec<Name<'a>> {
    let source = format!(r"{KEY}\{place}");
    let below = match answer {
        Ok(below) => below,
        Err(Unread::Absent) => return Vec::new(),
        Err(unread) => {
            let reason = format_args!("{unread}, so app packages are missing");
            diagnostics.note(source, "", reason);
            return Vec::new();
        }
    };
    note_gaps(below, &source, "an app package", diagnostics);
    let names = below.rows.iter().filter_map(|row| Name::parse(&row.name));
    let (bundles, packages): (Vec<_>, Vec<_>) = names.partition(|name| name.is_bundle);
    let families: BTreeSet<_> = packages.iter().map(Name::family).collect();
    let alone = bundles
        .into_iter()
        .filter(|bundle| !families.contains(&bundle.family()))
        .collect::<Vec<_>>();
    [packages, alone].concat()
}

fn package(name: &Name<'_>, user: &str) -> Package {
    let is_library = LIBRARIES
        .iter()
        .any(|library| name.product.starts_with(library));
    Package {
        name: name.product.into(),
        version: name.version.into(),
        architecture: name.architecture.to_ascii_lowercase(),
        source: Source::Appx.into(),
        state: State::Installed.into(),
        user: user.into(),
        product_code: format!("{}_{}", name.product, name.publisher),
        system_component: is_library || name.publisher == WINDOWS,
        ..Package::default()
    }
}
