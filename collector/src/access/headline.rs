//! What the list of machines says about each, distilled from its sections.

use std::{collections::BTreeSet, sync::Arc};

use freehold_proto::v1::{
    Accounts, Antivirus, System,
    accounts::privilege::PrincipalKind,
    antivirus::{Product, product::RunningMode},
    section::{Kind, Status},
    system::ChassisKind,
    toggle,
};

use super::words::Words;

/// Something a section tells, or why it does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact<T> {
    /// The viewer may not see the section.
    Hidden,
    /// The collector has not read the section since it was started.
    NotRead,
    /// The section was never reported.
    NotReported,
    /// The section was reported, but not to be understood: it is damaged or could not be read.
    Unreadable,
    /// What it tells.
    Known(T),
}

impl<T> Fact<T> {
    /// What is known, if it is.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            _ => None,
        }
    }
}

/// The sections a headline is made of.
pub(super) const SECTIONS: [Kind; 3] = [Kind::System, Kind::Antivirus, Kind::Accounts];

/// One machine in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headline {
    /// From the section system.
    pub system: Fact<SystemLine>,
    /// From the section antivirus.
    pub protection: Fact<Protection>,
    /// From the section accounts.
    pub administrators: Fact<Administrators>,
}

/// The operating system in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemLine {
    /// Such as "Debian GNU/Linux 12"; empty when not known.
    pub name: Arc<str>,
    /// Kind of machine.
    pub chassis: ChassisKind,
}

/// How well a machine is protected against malware, by its best product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Protection {
    /// A product runs and checks files as they are opened.
    Working {
        /// The product.
        product: Arc<str>,
    },
    /// A product is there, but does not protect as it should, or may not.
    Weak {
        /// The product.
        product: Arc<str>,
        /// What is wrong.
        weakness: Weakness,
    },
    /// Every source was read; there is no product.
    Absent,
    /// No product was found, but not every source could be read.
    Unknown,
}

/// What keeps a product from protecting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weakness {
    /// It runs, but whether it checks files as they are opened could not be read.
    MayNotWatch,
    /// It works, but considers its signatures out of date.
    Outdated,
    /// It runs, but does not check files as they are opened.
    NotWatching,
    /// It only scans when somebody asks it to.
    OnDemand,
    /// It watches beside another product and does not block.
    Passive,
    /// Whether it runs could not be read.
    StateUnknown,
    /// It is installed, but not running.
    Stopped,
}

/// Who can administer a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Administrators {
    /// Everybody with full control: accounts, and groups whose members are not known here. Ordered.
    pub names: Arc<[Arc<str>]>,
    /// Every source was read: there are no others.
    pub complete: bool,
}

impl Headline {
    /// A headline of a machine whose sections nobody may see.
    pub(super) fn hidden() -> Self {
        Self {
            system: Fact::Hidden,
            protection: Fact::Hidden,
            administrators: Fact::Hidden,
        }
    }

    /// A headline of a machine whose sections were not read yet.
    pub(super) fn not_read() -> Self {
        Self {
            system: Fact::NotRead,
            protection: Fact::NotRead,
            administrators: Fact::NotRead,
        }
    }

    /// Takes in a section.
    pub(super) fn take_in(&mut self, kind: Kind, body: &[u8], words: &mut Words) {
        match kind {
            Kind::System => self.system = fact(body, |section| system(section, words)),
            Kind::Antivirus => self.protection = fact(body, |section| protection(section, words)),
            Kind::Accounts => {
                self.administrators = fact(body, |section| administrators(section, words));
            }
            _ => {}
        }
    }

    /// Takes in a section that is stored, but cannot be read.
    pub(super) fn take_in_unreadable(&mut self, kind: Kind) {
        match kind {
            Kind::System => self.system = Fact::Unreadable,
            Kind::Antivirus => self.protection = Fact::Unreadable,
            Kind::Accounts => self.administrators = Fact::Unreadable,
            _ => {}
        }
    }

    /// Says of a section that it was never reported.
    pub(super) fn not_reported(&mut self, kind: Kind) {
        match kind {
            Kind::System => self.system = Fact::NotReported,
            Kind::Antivirus => self.protection = Fact::NotReported,
            Kind::Accounts => self.administrators = Fact::NotReported,
            _ => {}
        }
    }

    /// Takes over what another headline says of a section.
    pub(super) fn take_over(&mut self, kind: Kind, other: &Self) {
        match kind {
            Kind::System => self.system.clone_from(&other.system),
            Kind::Antivirus => self.protection.clone_from(&other.protection),
            Kind::Accounts => self.administrators.clone_from(&other.administrators),
            _ => {}
        }
    }

    /// Forgets a section.
    pub(super) fn hide(&mut self, kind: Kind) {
        match kind {
            Kind::System => self.system = Fact::Hidden,
            Kind::Antivirus => self.protection = Fact::Hidden,
            Kind::Accounts => self.administrators = Fact::Hidden,
            _ => {}
        }
    }
}

fn fact<M: prost::Message + Default, T>(
    body: &[u8],
    tell: impl FnOnce(&M) -> Option<T>,
) -> Fact<T> {
    M::decode(body)
        .ok()
        .and_then(|section| tell(&section))
        .map_or(Fact::Unreadable, Fact::Known)
}

fn system(section: &System, words: &mut Words) -> Option<SystemLine> {
    if nothing_read(section.status()) {
        return None;
    }
    let name = section
        .operating_system
        .as_ref()
        .map(|os| {
            [os.name.as_str(), os.version.as_str(), os.edition.as_str()]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(" ")
        })
        .unwrap_or_default();
    Some(SystemLine {
        name: words.shared(&name),
        chassis: section.chassis(),
    })
}

#[expect(clippy::unnecessary_wraps, reason = "tells like its siblings")]
fn protection(section: &Antivirus, words: &mut Words) -> Option<Protection> {
    let best = section
        .products
        .iter()
        .map(|product| (weakness(product), product))
        .min_by_key(|(weakness, _)| *weakness);
    Some(match (best, section.status()) {
        (Some((None, product)), _) => Protection::Working {
            product: words.shared(&product.name),
        },
        (Some((Some(weakness), product)), _) => Protection::Weak {
            product: words.shared(&product.name),
            weakness,
        },
        (None, Status::Complete) => Protection::Absent,
        (None, _) => Protection::Unknown,
    })
}

/// What keeps one product from protecting; `None` when nothing does.
pub fn weakness(product: &Product) -> Option<Weakness> {
    match product.running_mode() {
        RunningMode::Stopped => Some(Weakness::Stopped),
        RunningMode::Unknown | RunningMode::Unspecified => Some(Weakness::StateUnknown),
        RunningMode::Passive | RunningMode::EdrBlock => Some(Weakness::Passive),
        RunningMode::OnDemand => Some(Weakness::OnDemand),
        RunningMode::Active => match product.real_time_protection() {
            toggle::State::Off => Some(Weakness::NotWatching),
            toggle::State::Unknown | toggle::State::Unspecified => Some(Weakness::MayNotWatch),
            toggle::State::On if product.signatures_current() == toggle::State::Off => {
                Some(Weakness::Outdated)
            }
            toggle::State::On => None,
        },
    }
}

fn administrators(section: &Accounts, words: &mut Words) -> Option<Administrators> {
    if nothing_read(section.status()) {
        return None;
    }
    let named: BTreeSet<&str> = section
        .privileges
        .iter()
        .filter(|privilege| privilege.full_control() == toggle::State::On)
        .filter(|privilege| privilege.principal_kind() != PrincipalKind::LocalGroup)
        .map(|privilege| privilege.principal.as_str())
        .collect();
    Some(Administrators {
        names: named.into_iter().map(|name| words.shared(name)).collect(),
        complete: section.status() == Status::Complete,
    })
}

fn nothing_read(status: Status) -> bool {
    matches!(
        status,
        Status::Unreadable | Status::Unsupported | Status::Unspecified
    )
}

#[cfg(test)]
mod tests {
    use freehold_proto::v1::{OperatingSystem, accounts::Privilege};
    use prost::Message as _;

    use super::*;

    fn product(name: &str, mode: RunningMode, watching: toggle::State) -> Product {
        Product {
            name: name.into(),
            running_mode: mode.into(),
            real_time_protection: watching.into(),
            ..Product::default()
        }
    }

    fn verdict(status: Status, products: Vec<Product>) -> Protection {
        let section = Antivirus {
            status: status.into(),
            products,
            ..Antivirus::default()
        };
        let mut headline = Headline::hidden();
        let body = section.encode_to_vec();
        headline.take_in(Kind::Antivirus, &body, &mut Words::default());
        headline.protection.known().unwrap().clone()
    }

    #[test]
    fn no_antivirus_is_claimed_only_when_every_source_was_read() {
        assert_eq!(verdict(Status::Complete, vec![]), Protection::Absent);
        for status in [Status::Partial, Status::Unreadable, Status::Unsupported] {
            assert_eq!(verdict(status, vec![]), Protection::Unknown);
        }
    }

    #[test]
    fn an_installed_product_that_does_not_run_is_not_protection() {
        let stopped = product("ClamAV", RunningMode::Stopped, toggle::State::Off);
        assert!(matches!(
            verdict(Status::Complete, vec![stopped]),
            Protection::Weak {
                weakness: Weakness::Stopped,
                ..
            }
        ));
    }

    #[test]
    fn the_best_product_speaks_for_the_machine() {
        let products = vec![
            product("Old", RunningMode::Stopped, toggle::State::Off),
            product("Good", RunningMode::Active, toggle::State::On),
            product("Quiet", RunningMode::Passive, toggle::State::On),
        ];
        assert_eq!(
            verdict(Status::Partial, products),
            Protection::Working {
                product: "Good".into()
            }
        );
    }

    #[test]
    fn protection_that_may_not_watch_is_not_called_working() {
        for watching in [toggle::State::Unknown, toggle::State::Unspecified] {
            let product = product("Maybe", RunningMode::Active, watching);
            assert!(matches!(
                verdict(Status::Complete, vec![product]),
                Protection::Weak { .. }
            ));
        }
    }

    #[test]
    fn an_administrator_with_several_reasons_counts_once() {
        let privilege = |who: &str, full: toggle::State| Privilege {
            principal: who.into(),
            full_control: full.into(),
            ..Privilege::default()
        };
        let section = Accounts {
            status: Status::Partial.into(),
            privileges: vec![
                privilege("anna", toggle::State::On),
                privilege("anna", toggle::State::On),
                privilege("root", toggle::State::On),
                privilege("backup", toggle::State::Off),
            ],
            ..Accounts::default()
        };
        let told = administrators(&section, &mut Words::default()).unwrap();
        assert_eq!(*told.names, ["anna".into(), "root".into()]);
        assert!(!told.complete);
    }

    #[test]
    fn a_section_that_was_never_read_tells_nothing() {
        let mut headline = Headline::hidden();
        headline.not_reported(Kind::Accounts);
        assert_eq!(headline.administrators, Fact::NotReported);
        let mut take_in = |body: &[u8]| {
            headline.take_in(Kind::Accounts, body, &mut Words::default());
            headline.administrators.clone()
        };
        let unread = Accounts {
            status: Status::Unreadable.into(),
            ..Accounts::default()
        };
        assert_eq!(take_in(&unread.encode_to_vec()), Fact::Unreadable);
        assert_eq!(take_in(&[0xff, 0xff]), Fact::Unreadable);
    }

    #[test]
    fn a_system_is_named_by_what_is_known_of_it() {
        let section = System {
            status: Status::Complete.into(),
            operating_system: Some(OperatingSystem {
                name: "Debian GNU/Linux".into(),
                version: "12".into(),
                ..OperatingSystem::default()
            }),
            ..System::default()
        };
        let told = system(&section, &mut Words::default()).unwrap();
        assert_eq!(&*told.name, "Debian GNU/Linux 12");
    }
}
