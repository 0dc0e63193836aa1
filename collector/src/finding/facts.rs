//! What a machine reported, decoded.

use freehold_agent::probe::KINDS;
use freehold_proto::v1::{
    Accounts, Antivirus, Hardware, Network, Protection, Services, Software, System,
    section::{Kind, Status},
};
use prost::Message;

use crate::{
    id::{Digest, MachineId},
    store::{Read as _, Store, StoreError},
};

/// A section, or why there is none.
#[derive(Clone, Debug, PartialEq)]
pub enum Told<T> {
    /// It was never reported.
    Never,
    /// It is stored, but damaged.
    Damaged,
    /// As reported.
    Section(T),
}

/// A section that says how much of it could be read.
pub trait Reported {
    /// How much of it could be read.
    fn extent(&self) -> Status;
}

macro_rules! reported {
    ($($section:ty),*) => {
        $(impl Reported for $section {
            fn extent(&self) -> Status {
                self.status()
            }
        })*
    };
}

reported!(
    Accounts, Antivirus, Hardware, Network, Protection, Services, Software, System
);

impl<T: Reported> Told<T> {
    /// The section, if any of it could be read.
    pub fn read(&self) -> Option<&T> {
        match self {
            Self::Section(section)
                if matches!(section.extent(), Status::Complete | Status::Partial) =>
            {
                Some(section)
            }
            _ => None,
        }
    }

    /// Every source was read: what is not there does not exist.
    pub fn is_whole(&self) -> bool {
        matches!(self, Self::Section(section) if section.extent() == Status::Complete)
    }

    /// Its status; unspecified when there is no section.
    pub fn status(&self) -> Status {
        match self {
            Self::Section(section) => section.extent(),
            _ => Status::Unspecified,
        }
    }
}

/// Everything a machine last reported.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// Operating system and name.
    pub system: Told<System>,
    /// Equipment.
    pub hardware: Told<Hardware>,
    /// Installed software.
    pub software: Told<Software>,
    /// Protection against malware.
    pub antivirus: Told<Antivirus>,
    /// Accounts and administrators.
    pub accounts: Told<Accounts>,
    /// Services, sockets, databases.
    pub services: Told<Services>,
    /// Encryption, firewall, updates, ways in.
    pub protection: Told<Protection>,
}

impl Default for Facts {
    fn default() -> Self {
        Self {
            system: Told::Never,
            hardware: Told::Never,
            software: Told::Never,
            antivirus: Told::Never,
            accounts: Told::Never,
            services: Told::Never,
            protection: Told::Never,
        }
    }
}

impl Facts {
    /// As stored. One damaged section does not hide the others.
    pub(super) fn read(store: &Store, id: MachineId, versions: &Versions) -> Self {
        Self {
            system: section(store, id, versions, Kind::System),
            hardware: section(store, id, versions, Kind::Hardware),
            software: section(store, id, versions, Kind::Software),
            antivirus: section(store, id, versions, Kind::Antivirus),
            accounts: section(store, id, versions, Kind::Accounts),
            services: section(store, id, versions, Kind::Services),
            protection: section(store, id, versions, Kind::Protection),
        }
    }

    /// The status of a section.
    pub fn status(&self, kind: Kind) -> Status {
        match kind {
            Kind::System => self.system.status(),
            Kind::Hardware => self.hardware.status(),
            Kind::Software => self.software.status(),
            Kind::Antivirus => self.antivirus.status(),
            Kind::Accounts => self.accounts.status(),
            Kind::Services => self.services.status(),
            Kind::Protection => self.protection.status(),
            Kind::Network | Kind::Unspecified => Status::Unspecified,
        }
    }
}

/// Which versions of its sections a machine has, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Versions([Option<Digest>; KINDS.len() + 1]);

impl Versions {
    /// The current ones.
    pub(super) fn current(store: &Store, id: MachineId) -> Result<Self, StoreError> {
        let mut versions = Self::default();
        for kind in KINDS {
            let version = store.current(id, kind)?;
            // A digest of another length can only be damage: no body has it.
            let digest = version
                .map(|version| Digest::from_slice(&version.digest).unwrap_or(Digest([0; 32])));
            versions.0[kind as usize] = digest;
        }
        Ok(versions)
    }
}

fn section<T: Message + Default>(
    store: &Store,
    id: MachineId,
    versions: &Versions,
    kind: Kind,
) -> Told<T> {
    let Some(digest) = versions.0[kind as usize] else {
        return Told::Never;
    };
    match store.body(&digest) {
        Ok(body) => T::decode(body.as_slice()).map_or(Told::Damaged, Told::Section),
        Err(error) => {
            tracing::error!(machine = %id, section = ?kind, %error, "a section could not be read");
            Told::Damaged
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_read_is_no_section_to_conclude_from() {
        let told = |status: Status| {
            Told::Section(System {
                status: status.into(),
                ..System::default()
            })
        };
        assert!(told(Status::Complete).is_whole());
        assert!(told(Status::Partial).read().is_some());
        assert!(!told(Status::Partial).is_whole());
        for status in [Status::Unreadable, Status::Unsupported, Status::Unspecified] {
            assert!(told(status).read().is_none());
        }
        for absent in [Told::<System>::Never, Told::Damaged] {
            assert!(absent.read().is_none() && !absent.is_whole());
        }
    }
}
