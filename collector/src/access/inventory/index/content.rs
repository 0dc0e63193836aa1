//! What the index keeps of a machine's sections.

use std::collections::BTreeSet;

use freehold_proto::v1::{
    Accounts, Hardware, Network, section::Kind, software::package::State, toggle,
};
use prost::Message;

/// Longest name, version or number that is kept, in characters.
const LONGEST: usize = 100;

/// Stands at the end of what was longer.
const CUT: char = '\u{2026}';

/// Numbers and people of one machine that are kept, in bytes.
const MOST: usize = 8 * 1024;

/// What one machine is found by, besides its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trait {
    /// Somebody who can open a session, or administers it.
    Person,
    /// Serial number or asset tag of the machine or a part of it.
    Serial,
    /// Hardware address of a network adapter.
    HardwareAddress,
    /// Address in a network.
    Address,
}

impl Trait {
    /// The section that tells it.
    pub fn section(self) -> Kind {
        match self {
            Self::Person => Kind::Accounts,
            Self::Serial => Kind::Hardware,
            Self::HardwareAddress | Self::Address => Kind::Network,
        }
    }

    fn letter(self) -> char {
        match self {
            Self::Person => 'p',
            Self::Serial => 's',
            Self::HardwareAddress => 'h',
            Self::Address => 'a',
        }
    }

    fn of(letter: char) -> Option<Self> {
        [
            Self::Person,
            Self::Serial,
            Self::HardwareAddress,
            Self::Address,
        ]
        .into_iter()
        .find(|it| it.letter() == letter)
    }
}

/// What machines are found by, each on a line that begins with the letter of what it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Traits {
    lines: Box<str>,
    /// Sections of which not everything is kept.
    cut: Cut,
}

/// Some of the sections that tell traits, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Cut(u8);

impl Cut {
    /// The bit of a section; none for one that tells no trait.
    fn bit(section: Kind) -> u8 {
        match section {
            Kind::Accounts => 1,
            Kind::Hardware => 2,
            Kind::Network => 4,
            _ => 0,
        }
    }

    fn add(&mut self, section: Kind) {
        self.0 |= Self::bit(section);
    }

    fn remove(&mut self, section: Kind) {
        self.0 &= !Self::bit(section);
    }

    fn holds(self, section: Kind) -> bool {
        self.0 & Self::bit(section) != 0
    }
}

impl Traits {
    /// All of them, a line each.
    pub(super) fn text(&self) -> &str {
        &self.lines
    }

    /// Each of them, of a section.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Trait, &str)> {
        self.lines.lines().filter_map(|line| {
            let mut letters = line.chars();
            let kind = letters.next().and_then(Trait::of)?;
            Some((kind, letters.as_str()))
        })
    }

    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.lines.len()
    }

    /// Whether something that a section told is not kept, or not in full.
    pub(super) fn is_cut(&self, section: Kind) -> bool {
        self.cut.holds(section)
    }

    /// The same with those of one section replaced.
    pub(super) fn with(&self, section: Kind, traits: &[(Trait, String)]) -> Self {
        let mut cut = self.cut;
        cut.remove(section);
        let kept = self.iter().filter(|(kind, _)| kind.section() != section);
        let mut lines = String::new();
        for (kind, text) in kept.chain(traits.iter().map(|(kind, text)| (*kind, text.as_str()))) {
            if text.ends_with(CUT) {
                cut.add(kind.section());
            }
            if lines.len() + text.len() > MOST {
                cut.add(kind.section());
                continue;
            }
            lines.push(kind.letter());
            lines.extend(text.chars().map(|c| if c.is_control() { ' ' } else { c }));
            lines.push('\n');
        }
        Self {
            lines: lines.into(),
            cut,
        }
    }
}

/// An installed program and its version.
pub(in crate::access::inventory) type Program = (String, String);

/// As much of the section software as is kept.
#[derive(Clone, PartialEq, Message)]
struct Software {
    #[prost(message, repeated, tag = "3")]
    packages: Vec<Package>,
}

#[derive(Clone, PartialEq, Message)]
struct Package {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    version: String,
    #[prost(string, tag = "4")]
    release: String,
    #[prost(enumeration = "State", tag = "12")]
    state: i32,
}

/// The programs that a section software tells of; none when it cannot be understood.
pub(in crate::access::inventory) fn programs(body: &[u8]) -> BTreeSet<Program> {
    let section = Software::decode(body).unwrap_or_default();
    let installed = section.packages.into_iter();
    installed
        .filter(|package| package.state() != State::ConfigFiles && !package.name.is_empty())
        .map(|package| {
            let version = match package.release.as_str() {
                "" => package.version,
                release => format!("{}-{release}", package.version),
            };
            (short(&package.name), short(&version))
        })
        .collect()
}

/// What a section tells that its machine is found by.
pub(super) fn traits(kind: Kind, body: &[u8]) -> Vec<(Trait, String)> {
    let found: BTreeSet<(Trait, String)> = match kind {
        Kind::Accounts => Accounts::decode(body).map(people).unwrap_or_default(),
        Kind::Hardware => Hardware::decode(body).map(serials).unwrap_or_default(),
        Kind::Network => Network::decode(body).map(addresses).unwrap_or_default(),
        _ => BTreeSet::new(),
    };
    let told = found.into_iter().filter(|(_, text)| !text.is_empty());
    told.map(|(kind, text)| (kind, short(&text))).collect()
}

fn people(section: Accounts) -> BTreeSet<(Trait, String)> {
    let accounts = section.accounts.into_iter();
    let people = accounts
        .filter(|account| account.interactive() == toggle::State::On)
        .flat_map(|account| [account.name, account.full_name]);
    let privileges = section.privileges.into_iter();
    let administrators = privileges
        .filter(|privilege| privilege.full_control() == toggle::State::On)
        .map(|privilege| privilege.principal);
    people
        .chain(administrators)
        .map(|name| (Trait::Person, name))
        .collect()
}

fn serials(section: Hardware) -> BTreeSet<(Trait, String)> {
    let product = section.product.into_iter();
    let own = product.flat_map(|it| [it.serial, it.chassis_serial, it.asset_tag]);
    let board = section.board.into_iter().map(|it| it.serial);
    let disks = section.disks.into_iter().map(|it| it.serial);
    let monitors = section.monitors.into_iter().map(|it| it.serial);
    let all = own.chain(board).chain(disks).chain(monitors);
    all.map(|serial| (Trait::Serial, serial)).collect()
}

fn addresses(section: Network) -> BTreeSet<(Trait, String)> {
    let mut found = BTreeSet::new();
    for adapter in section.adapters {
        found.insert((Trait::HardwareAddress, adapter.mac));
        let addresses = adapter.addresses.into_iter();
        // Every machine has those of loopback.
        let own = addresses.filter(|it| !it.starts_with("127.") && !it.starts_with("::1"));
        found.extend(own.map(|address| (Trait::Address, address)));
    }
    found
}

/// A text, or as much of it as is kept, which is marked then.
fn short(text: &str) -> String {
    if text.chars().nth(LONGEST).is_none() {
        return text.to_owned();
    }
    text.chars().take(LONGEST - 1).chain([CUT]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_replaces_its_own_traits_alone_and_hostile_text_stays_one_line() {
        let of = |kind, text: &str| (kind, text.to_owned());
        let first = Traits::default()
            .with(Kind::Hardware, &[of(Trait::Serial, "ABC\nsX")])
            .with(Kind::Network, &[of(Trait::Address, "10.0.0.7")]);
        let told: Vec<_> = first.iter().collect();
        assert_eq!(
            told,
            [(Trait::Serial, "ABC sX"), (Trait::Address, "10.0.0.7")]
        );
        let next = first.with(Kind::Hardware, &[of(Trait::Serial, "DEF")]);
        assert_eq!(
            next.iter().collect::<Vec<_>>(),
            [(Trait::Address, "10.0.0.7"), (Trait::Serial, "DEF")]
        );
        let much = vec![of(Trait::Serial, &"x".repeat(100)); 10_000];
        assert!(first.with(Kind::Hardware, &much).bytes() < MOST + 200);
    }

    #[test]
    fn what_is_not_kept_of_a_section_is_known_until_it_is_reported_anew() {
        let many = vec![(Trait::Person, "x".repeat(100)); 200];
        let few = [(Trait::Serial, "ABC".to_owned())];
        let full = Traits::default()
            .with(Kind::Hardware, &few)
            .with(Kind::Accounts, &many);
        assert!(full.is_cut(Kind::Accounts) && !full.is_cut(Kind::Hardware));
        // Another section finds no room, and does not hide that the first one was cut.
        let addresses = [(Trait::Address, "10.0.0.7/24 and so on".repeat(5))];
        let more = full.with(Kind::Network, &addresses);
        assert!(more.is_cut(Kind::Network) && more.is_cut(Kind::Accounts));
        let less = more.with(Kind::Accounts, &[(Trait::Person, "anna".to_owned())]);
        assert!(!less.is_cut(Kind::Accounts) && less.is_cut(Kind::Network));
        let whole = less.with(Kind::Network, &addresses);
        assert!(!whole.is_cut(Kind::Network));
    }

    #[test]
    fn a_long_text_is_marked_where_it_ends() {
        assert_eq!(short(&"x".repeat(LONGEST)), "x".repeat(LONGEST));
        let long = short(&"x".repeat(LONGEST + 1));
        assert_eq!(long.chars().count(), LONGEST);
        assert!(long.ends_with(CUT));
        let traits = Traits::default().with(Kind::Hardware, &[(Trait::Serial, long)]);
        assert!(traits.is_cut(Kind::Hardware));
    }

    #[test]
    fn a_section_that_cannot_be_understood_tells_nothing() {
        assert!(programs(&[0xff, 0xff]).is_empty());
        for kind in [Kind::Accounts, Kind::Hardware, Kind::Network] {
            assert!(traits(kind, &[0xff, 0xff]).is_empty());
        }
    }
}
