//! One section of all computers: installed software, administrators.

use freehold_proto::v1::{
    Accounts, ListAdministratorsResponse, ListSoftwareResponse, Software,
    section::{Kind, Status as Read},
    software::Package,
};
use prost::Message;
use prost_types::Timestamp;

use super::{
    caller::Sight,
    computers::{no_longer_shared, unreadable},
    streams::{Sink, Stop, batches},
};
use crate::{
    access::{Inventory, ReadError},
    history::Moment,
    id::MachineId,
};

/// What is asked about.
pub(super) struct Asked<'a> {
    pub(super) inventory: &'a Inventory,
    pub(super) sight: &'a Sight,
    /// The computers.
    pub(super) ids: &'a [MachineId],
    pub(super) moment: Moment,
}

/// What one section of a computer says, and how well it could be read.
struct Found<M> {
    machine: MachineId,
    kind: Kind,
    id: String,
    name: String,
    /// `None` when it was never reported, or is damaged.
    section: Option<M>,
    confirmed_at: Option<Timestamp>,
}

impl<M> Found<M> {
    /// Refuses to go on with a section that meanwhile is no longer shared.
    fn still_shared(&self, asked: &Asked) -> Result<(), Stop> {
        let viewer = asked.sight.viewer()?;
        if asked.inventory.shares(&viewer, self.machine, self.kind) {
            Ok(())
        } else {
            Err(no_longer_shared().into())
        }
    }
}

/// Sends the packages of some computers that fit a search.
pub(super) fn software(
    asked: &Asked,
    search: &str,
    sink: &Sink<ListSoftwareResponse>,
) -> Result<(), Stop> {
    let search = search.to_lowercase();
    each(asked, Kind::Software, |mut found: Found<Software>| {
        let status = found
            .section
            .as_ref()
            .map_or(Read::Unspecified, Software::status);
        let mut packages = found.section.take().unwrap_or_default().packages;
        packages.retain(|package| fits(package, &search));
        for packages in batches(packages) {
            found.still_shared(asked)?;
            sink.send(ListSoftwareResponse {
                id: found.id.clone(),
                name: found.name.clone(),
                status: status.into(),
                packages,
                confirmed_at: found.confirmed_at,
            })?;
        }
        Ok(())
    })
}

/// Sends every reason why somebody can administer some computers.
pub(super) fn administrators(
    asked: &Asked,
    sink: &Sink<ListAdministratorsResponse>,
) -> Result<(), Stop> {
    each(asked, Kind::Accounts, |mut found: Found<Accounts>| {
        let status = found
            .section
            .as_ref()
            .map_or(Read::Unspecified, Accounts::status);
        let privileges = found.section.take().unwrap_or_default().privileges;
        for privileges in batches(privileges) {
            found.still_shared(asked)?;
            sink.send(ListAdministratorsResponse {
                id: found.id.clone(),
                name: found.name.clone(),
                status: status.into(),
                privileges,
                confirmed_at: found.confirmed_at,
            })?;
        }
        Ok(())
    })
}

/// Reads a section of each computer as it may be seen when its turn comes. Computers whose section is not shared are
/// passed over.
fn each<M: Message + Default>(
    asked: &Asked,
    kind: Kind,
    mut tell: impl FnMut(Found<M>) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let inventory = asked.inventory;
    for id in asked.ids {
        let viewer = asked.sight.viewer()?;
        let section = match inventory.section(&viewer, *id, kind, asked.moment) {
            Ok(section) => section,
            Err(ReadError::OutOfScope | ReadError::NoMachine) => continue,
            Err(error) => {
                tracing::error!(machine = %id, %error, "a section could not be read for somebody");
                None
            }
        };
        let line = match inventory.machine(&viewer, *id, Moment::Now) {
            Ok(line) => line,
            Err(ReadError::NoMachine) => continue,
            Err(error) => return Err(unreadable(&error).into()),
        };
        tell(Found {
            machine: *id,
            kind,
            id: id.to_string(),
            name: line.machine.name().into_owned(),
            confirmed_at: section
                .as_ref()
                .map(|section| section.true_at().timestamp()),
            section: section.and_then(|section| M::decode(section.body.as_slice()).ok()),
        })?;
    }
    Ok(())
}

fn fits(package: &Package, search: &str) -> bool {
    search.is_empty()
        || [&package.name, &package.title, &package.publisher]
            .into_iter()
            .any(|text| text.to_lowercase().contains(search))
}
