use std::{collections::HashSet, sync::Arc};

use freehold_proto::v1::{Software, section::Status};

use super::*;
use crate::finding::{Told, tests::Case};

fn package(name: &str, source: Source) -> Package {
    Package {
        name: name.into(),
        title: format!("{name} for you"),
        version: "1".into(),
        source: source.into(),
        ..Package::default()
    }
}

fn case(packages: Vec<Package>, lonely: Option<&[&str]>) -> Case {
    let mut case = Case::new();
    case.facts.software = Told::Section(Software {
        status: Status::Complete.into(),
        packages,
        ..Software::default()
    });
    case.business.lonely = lonely.map(|names| {
        let names: HashSet<Arc<str>> = names.iter().map(|name| Arc::from(*name)).collect();
        Arc::new(names)
    });
    case
}

#[test]
fn what_one_computer_alone_has_is_told_but_for_what_comes_with_the_system() {
    let system = Package {
        system_component: true,
        ..package("driver", Source::Registry)
    };
    let packages = vec![
        package("cad", Source::Registry),
        package("shared", Source::Registry),
        package("libfoo", Source::Dpkg),
        system,
    ];
    let case = case(packages, Some(&["cad", "libfoo", "driver"]));
    let said = case.says("only-here");
    assert_eq!(said.found.len(), 1);
    let told = format!("{:?}", said.found[0].particulars);
    assert!(told.contains("cad for you"), "{told}");
    for other in ["shared", "libfoo", "driver"] {
        assert!(!told.contains(other), "{told}");
    }
}

#[test]
fn nothing_is_told_before_every_computer_is_known() {
    let mut unknown = case(vec![package("cad", Source::Registry)], None);
    assert!(unknown.is_unknown("only-here"));
    assert!(Case::new().is_unknown("only-here"));
    unknown.business.lonely = Some(Arc::default());
    assert!(unknown.is_fine("only-here"));
}
