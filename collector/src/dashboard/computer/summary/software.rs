//! What is installed, in a few sentences.

use freehold_proto::v1::{
    Software,
    software::{Package, package::State},
};

use super::{Block, time};
use crate::{
    clock::UnixMillis,
    dashboard::{
        markup::Markup,
        text::{self, computer as t},
    },
};

/// Packages named in a sentence.
const NAMES: usize = 5;

pub(super) fn of(section: &Software, now: UnixMillis) -> Vec<Block> {
    let of = |state: State| -> Vec<&Package> {
        let packages = section.packages.iter();
        packages
            .filter(|package| package.state() == state)
            .collect()
    };
    let left = of(State::ConfigFiles);
    let installed = section.packages.len() - left.len();
    if section.packages.is_empty() {
        return Vec::new();
    }
    let counted = |number| Markup::text(&text::count(number, "package", "packages"));
    let mut sentences = vec![Markup::fill(
        t::PACKAGES_LINE,
        &[("count", counted(installed).strong())],
    )];
    if let Some((names, at)) = newest(section) {
        sentences.push(Markup::fill(
            t::PACKAGES_NEWEST,
            &[("names", names), ("when", Markup::time(at, now))],
        ));
    }
    for (state, message) in [
        (State::Broken, t::PACKAGES_BROKEN),
        (State::Held, t::PACKAGES_HELD),
    ] {
        let packages = of(state);
        if !packages.is_empty() {
            sentences.push(Markup::fill(
                message,
                &[
                    ("count", counted(packages.len())),
                    ("names", named(&packages)),
                ],
            ));
        }
    }
    if !left.is_empty() {
        sentences.push(Markup::fill(
            t::PACKAGES_LEFT,
            &[("count", counted(left.len()))],
        ));
    }
    sentences.into_iter().map(Block::Sentence).collect()
}

/// What was installed on the latest day anything was.
fn newest(section: &Software) -> Option<(Markup, UnixMillis)> {
    let mut dated: Vec<(UnixMillis, &Package)> = section
        .packages
        .iter()
        .filter_map(|package| Some((time(package.installed_at.as_ref())?, package)))
        .collect();
    dated.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let (latest, _) = *dated.first()?;
    let day = std::time::Duration::from_secs(24 * 60 * 60);
    let packages: Vec<&Package> = dated
        .iter()
        .take_while(|(at, _)| latest.since(*at) < day)
        .map(|(_, package)| *package)
        .collect();
    Some((named(&packages), latest))
}

fn named(packages: &[&Package]) -> Markup {
    Markup::names(packages.iter().map(|package| package.name.as_str()), NAMES)
}
