//! What holds a text.

use std::{cmp::Reverse, sync::Arc};

use freehold_proto::v1::{
    self,
    search_response::{Hit, Kind},
};
use tonic::{Request, Response, Status};

use super::{
    Remote,
    computers::{broke_off, unreadable},
    difference::shared,
    streams::{Stream, batches, streamed},
};
use crate::{
    access::{self, Inventory, Machine, ReadError, Title, Trait, Viewer},
    audit::Event,
    dashboard,
    history::Moment,
    store::record::LogAct,
};

/// Length of what is searched for, in characters.
const LENGTH: std::ops::RangeInclusive<usize> = 2..=200;

/// Computers and programs that are told.
const MOST: usize = 200;

/// Programs whose computers are named: looking each up costs time.
const PLACED: usize = 20;

/// Computers named of one thing that was found.
const NAMED: usize = 100;

/// What was found.
#[derive(Default)]
struct Found {
    hits: Vec<Hit>,
    more: bool,
    unread: usize,
    cut: usize,
}

impl Remote {
    /// Searches everything that is shared, once that is written down.
    pub(super) async fn searched(
        &self,
        request: Request<v1::SearchRequest>,
    ) -> Result<Response<Stream<v1::SearchResponse>>, Status> {
        let caller = self.caller(&request)?;
        let place = self.places.take(caller.reader.name.person)?;
        let text = request.into_inner().text.trim().to_owned();
        if !LENGTH.contains(&text.chars().count()) {
            return Err(Status::invalid_argument(format!(
                "text: write {} to {} characters to search for",
                LENGTH.start(),
                LENGTH.end()
            )));
        }
        let event = Event::new(LogAct::Searched).detail(&text);
        let viewer = self.noted(&caller, event).await?;
        let (inventory, seen) = (self.desk.inventory.clone(), viewer.clone());
        let read = tokio::task::spawn_blocking(move || found(&inventory, &seen, &text));
        let found = read.await.map_err(|_| broke_off())?;
        let found = found.map_err(|error| unreadable(&error))?;
        let sight = caller.sight(&self.desk);
        Ok(streamed(place, move |sink| {
            let mut first = v1::SearchResponse {
                more: found.more,
                unread: u32::try_from(found.unread).unwrap_or(u32::MAX),
                cut: u32::try_from(found.cut).unwrap_or(u32::MAX),
                ..v1::SearchResponse::default()
            };
            for hits in batches(found.hits) {
                sight.unchanged(&viewer)?;
                sink.send(v1::SearchResponse {
                    hits,
                    ..std::mem::take(&mut first)
                })?;
            }
            Ok(())
        }))
    }
}

/// What holds a text, as far as a viewer may see it. Blocks on the disk.
fn found(inventory: &Inventory, viewer: &Viewer, text: &str) -> Result<Found, ReadError> {
    let mut found = Found::default();
    found.computers(inventory, viewer, text)?;
    found.programs(inventory, viewer, text)?;
    let others = inventory.search(viewer, text)?;
    found.more |= others.is_more;
    found.unread = found.unread.max(others.unread);
    found.cut = others.cut.len();
    found.hits.extend(others.hits.into_iter().map(other));
    Ok(found)
}

impl Found {
    fn computers(
        &mut self,
        inventory: &Inventory,
        viewer: &Viewer,
        text: &str,
    ) -> Result<(), ReadError> {
        let (lines, all) = inventory.machines_that(viewer, MOST, dashboard::called(text))?;
        self.more |= all > MOST;
        self.hits.extend(lines.iter().map(|line| Hit {
            kind: Kind::Computer.into(),
            text: line.machine.name().into_owned(),
            count: 1,
            computers: named(std::slice::from_ref(&line.machine)),
        }));
        Ok(())
    }

    fn programs(
        &mut self,
        inventory: &Inventory,
        viewer: &Viewer,
        text: &str,
    ) -> Result<(), ReadError> {
        let text = text.to_lowercase();
        let mut titles = inventory.titles(viewer, Moment::Now, &text)?;
        self.unread = self.unread.max(titles.gaps.unread);
        self.more |= titles.titles.len() > MOST || titles.gaps.overflowed;
        // What is called exactly so first, then what most computers have.
        titles.titles.sort_by_cached_key(|title| {
            let is_other = title.name.to_lowercase() != text;
            (is_other, Reverse(title.machines), title.name.clone())
        });
        for (number, title) in titles.titles.iter().take(MOST).enumerate() {
            let computers = if number < PLACED {
                placed(inventory, viewer, title)?
            } else {
                Vec::new()
            };
            self.hits.push(Hit {
                kind: Kind::Program.into(),
                text: title.name.to_string(),
                count: counted(title.machines),
                computers,
            });
        }
        Ok(())
    }
}

/// The computers that have a program.
fn placed(
    inventory: &Inventory,
    viewer: &Viewer,
    title: &Title,
) -> Result<Vec<v1::SharedComputer>, ReadError> {
    let (installed, _) = inventory.installed(viewer, Moment::Now, &title.name)?;
    let mut machines: Vec<Arc<Machine>> = Vec::new();
    for (machine, _) in installed {
        // One that has it in two versions comes twice in a row.
        if machines.last().is_none_or(|last| last.id != machine.id) {
            machines.push(machine);
        }
    }
    Ok(named(&machines))
}

fn other(hit: access::Hit) -> Hit {
    let kind = match hit.kind {
        Trait::Person => Kind::Person,
        Trait::Serial => Kind::Serial,
        Trait::HardwareAddress => Kind::HardwareAddress,
        Trait::Address => Kind::Address,
    };
    Hit {
        kind: kind.into(),
        text: hit.text,
        count: counted(hit.machines.len()),
        computers: named(&hit.machines),
    }
}

fn named(machines: &[Arc<Machine>]) -> Vec<v1::SharedComputer> {
    let machines = machines.iter().take(NAMED);
    machines
        .map(|machine| shared((machine.id, machine.name().into_owned())))
        .collect()
}

fn counted(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
