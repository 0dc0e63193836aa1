//! What changed.

use freehold_proto::v1;
use tonic::{Request, Response, Status};

use super::{
    Remote,
    computers::{broke_off, unreadable},
    past,
    service::bounded,
    shown,
    streams::batches,
};
use crate::{access::ChangePosition, audit::Event, store::record::LogAct};

impl Remote {
    /// Tells changes, newest first, once that is written down.
    pub(super) async fn changes(
        &self,
        request: Request<v1::ListChangesRequest>,
    ) -> Result<Response<v1::ListChangesResponse>, Status> {
        let caller = self.caller(&request)?;
        let _place = self.places.take(caller.reader.name.person)?;
        let request = request.into_inner();
        let moment = self.moment("as_of", request.as_of.as_ref())?;
        let from = match request.before.as_str() {
            "" => moment.at().map(ChangePosition::until),
            text => Some(text.parse().map_err(|_| {
                Status::invalid_argument("before: this is not a position in the list of changes")
            })?),
        };
        let (id, event) = if request.computer.is_empty() {
            (None, Event::new(LogAct::OpenedChanges))
        } else {
            let id = self.find(&caller, &request.computer).await?;
            let viewer = caller.sight(&self.desk).viewer()?;
            let event = self.about(&viewer, LogAct::OpenedComputerChanges, id)?;
            (Some(id), event)
        };
        let viewer = self.noted(&caller, event.as_of(moment)).await?;
        past::begun(&self.desk.inventory, &viewer, moment)?;
        let (inventory, limit) = (self.desk.inventory.clone(), bounded(request.limit));
        let read = tokio::task::spawn_blocking(move || match id {
            Some(id) => inventory.changes(&viewer, id, from, limit),
            None => inventory.all_changes(&viewer, from, limit),
        });
        let changes = read.await.map_err(|_| broke_off())?;
        let mut changes = changes.map_err(|error| unreadable(&error))?;
        let positions: Vec<ChangePosition> = changes.iter().map(|change| change.position).collect();
        let shown = changes.drain(..).map(shown::change).collect();
        // What does not fit into one message follows when it is asked for.
        let changes = batches(shown).swap_remove(0);
        let last = changes.len().checked_sub(1).map(|last| positions[last]);
        Ok(Response::new(v1::ListChangesResponse {
            changes,
            last: last.map(|last| last.to_string()).unwrap_or_default(),
        }))
    }
}
