//! What there is to install, as the page shows it.

use super::line::line;
use crate::{
    dashboard::{State, markup::Markup, text::add as t},
    packages::{Package, Processor, Program, System},
};

/// A package, as a row.
pub(in crate::dashboard) struct Offer {
    pub(in crate::dashboard) name: String,
    pub(in crate::dashboard) system: &'static str,
    pub(in crate::dashboard) bytes: Markup,
    pub(in crate::dashboard) sha256: String,
}

/// What to run on a kind of system.
pub(super) struct Line {
    pub(super) system: &'static str,
    pub(super) text: String,
}

/// What the collector hands out of a program, or why it cannot. Reads files that it does not know yet.
pub(in crate::dashboard) async fn packages(
    state: &State,
    program: Program,
) -> (Vec<Package>, Option<String>) {
    let packages = state.desk.packages.clone();
    let listed = tokio::task::spawn_blocking(move || packages.list(program)).await;
    match listed.map_err(std::io::Error::other).flatten() {
        Ok(packages) => (packages, None),
        Err(error) => {
            let folder = state.desk.packages.folder().display();
            tracing::warn!(%folder, %error, "the packages to hand out cannot be read");
            (
                Vec::new(),
                Some(format!("{} {folder}: {error}", t::UNREADABLE)),
            )
        }
    }
}

/// What to run with each package, for a computer that fetches it from `source` or has it already.
pub(super) fn lines(packages: &[Package], source: Option<&str>, join_string: &str) -> Vec<Line> {
    let lines = packages.iter().map(|package| Line {
        system: run_on(package.system),
        text: line(package, source, join_string),
    });
    lines.collect()
}

impl Offer {
    pub(in crate::dashboard) fn of(package: &Package) -> Self {
        Self {
            name: package.name.clone(),
            system: named(package.system),
            bytes: Markup::bytes(package.bytes),
            sha256: package.sha256.clone(),
        }
    }
}

fn named(system: System) -> &'static str {
    match system {
        System::Windows => t::WINDOWS,
        System::Debian(Processor::Intel) => t::DEBIAN,
        System::Debian(Processor::Arm) => t::DEBIAN_ARM,
        System::RedHat(Processor::Intel) => t::RED_HAT,
        System::RedHat(Processor::Arm) => t::RED_HAT_ARM,
    }
}

fn run_on(system: System) -> &'static str {
    match system {
        System::Windows => t::ON_WINDOWS,
        System::Debian(Processor::Intel) => t::ON_DEBIAN,
        System::Debian(Processor::Arm) => t::ON_DEBIAN_ARM,
        System::RedHat(Processor::Intel) => t::ON_RED_HAT,
        System::RedHat(Processor::Arm) => t::ON_RED_HAT_ARM,
    }
}
