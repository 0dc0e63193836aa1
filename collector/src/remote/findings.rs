//! What is found about the computers that are shared.

use freehold_proto::v1;
use tonic::{Request, Response, Status};

use super::{
    Remote,
    computers::{broke_off, unreadable},
    streams::{Stream, batches, streamed},
};
use crate::{
    access::{Inventory, MachineLine, ReadError, Viewer},
    audit::Event,
    clock::UnixMillis,
    control, dashboard,
    id::MachineId,
    store::record::LogAct,
};

/// What a list holds.
struct Found {
    findings: Vec<v1::ComputerFinding>,
    unlooked: u32,
}

impl Remote {
    /// Lists findings, once that is written down.
    pub(super) async fn findings(
        &self,
        request: Request<v1::ListFindingsRequest>,
    ) -> Result<Response<Stream<v1::ListFindingsResponse>>, Status> {
        let caller = self.caller(&request)?;
        let place = self.places.take(caller.reader.name.person)?;
        let computer = request.into_inner().computer;
        let (only, event) = if computer.is_empty() {
            (None, Event::new(LogAct::OpenedFindings))
        } else {
            let id = self.find(&caller, &computer).await?;
            let viewer = caller.sight(&self.desk).viewer()?;
            (Some(id), self.about(&viewer, LogAct::OpenedFindings, id)?)
        };
        let viewer = self.noted(&caller, event).await?;
        let (inventory, now) = (self.desk.inventory.clone(), self.desk.clock.now());
        let seen = viewer.clone();
        let read = tokio::task::spawn_blocking(move || found(&inventory, &seen, only, now));
        let found = read.await.map_err(|_| broke_off())?;
        let found = found.map_err(|error| unreadable(&error))?;
        let sight = caller.sight(&self.desk);
        Ok(streamed(place, move |sink| {
            for findings in batches(found.findings) {
                sight.unchanged(&viewer)?;
                sink.send(v1::ListFindingsResponse {
                    findings,
                    unlooked: found.unlooked,
                })?;
            }
            Ok(())
        }))
    }
}

/// The open findings that a viewer may see, the most serious first, of one computer or of all. Blocks on the disk.
fn found(
    inventory: &Inventory,
    viewer: &Viewer,
    only: Option<MachineId>,
    now: UnixMillis,
) -> Result<Found, ReadError> {
    let lines: Vec<MachineLine> = match only {
        Some(id) => vec![inventory.machine(viewer, id)?],
        None => inventory.machines(viewer)?,
    };
    let findings = dashboard::sorted(&lines, |_| true).into_iter();
    let findings = findings.map(|(line, finding)| v1::ComputerFinding {
        id: line.machine.id.to_string(),
        name: line.machine.name().into_owned(),
        finding: Some(control::shown_finding(line, finding, now)),
        why: dashboard::said(&line.machine, finding, now).1,
    });
    Ok(Found {
        findings: findings.collect(),
        unlooked: u32::try_from(inventory.unlooked(&lines)).unwrap_or(u32::MAX),
    })
}
