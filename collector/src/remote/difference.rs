//! What is different between two moments.

use freehold_proto::v1::{self, difference::Action, read_difference_response::Uncompared};
use tonic::{Request, Response, Status};

use super::{
    Remote,
    caller::Caller,
    computers::{broke_off, unreadable},
    past,
    streams::{Stream, batches, streamed},
};
use crate::{
    access::{Change, Differences},
    audit::Event,
    clock::UnixMillis,
    history::Moment,
    id::MachineId,
    store::record::{self, LogAct},
};

impl Remote {
    /// Tells what is different, once that is written down.
    pub(super) async fn difference(
        &self,
        request: Request<v1::ReadDifferenceRequest>,
    ) -> Result<Response<Stream<v1::ReadDifferenceResponse>>, Status> {
        let caller = self.caller(&request)?;
        let place = self.places.take(caller.reader.name.person)?;
        let request = request.into_inner();
        let (from, to) = self.span(&request)?;
        let (only, event) = self.compared(&caller, &request.computer).await?;
        let viewer = self
            .noted(&caller, event.detail(&format!("{from} - {to}")))
            .await?;
        past::begun(&self.desk.inventory, &viewer, to)?;
        if let Some(id) = only {
            self.require_joined(&viewer, id, to)?;
        }
        let (inventory, seen) = (self.desk.inventory.clone(), viewer.clone());
        let read = tokio::task::spawn_blocking(move || inventory.difference(&seen, only, from, to));
        let found = read.await.map_err(|_| broke_off())?;
        let found = found.map_err(|error| unreadable(&error))?;
        let sight = caller.sight(&self.desk);
        Ok(streamed(place, move |sink| {
            for message in messages(found) {
                sight.unchanged(&viewer)?;
                sink.send(message)?;
            }
            Ok(())
        }))
    }

    /// The two moments.
    fn span(&self, request: &v1::ReadDifferenceRequest) -> Result<(UnixMillis, Moment), Status> {
        let from = self.moment("from", request.from.as_ref())?.at();
        let from = from.ok_or_else(|| {
            Status::invalid_argument("from: say which moment, before now, is the earlier one")
        })?;
        let to = self.moment("to", request.to.as_ref())?;
        if to.at().is_some_and(|to| to <= from) {
            return Err(Status::invalid_argument(
                "from: this moment is not earlier than the other one",
            ));
        }
        Ok((from, to))
    }

    /// The computer that is asked about, if it is one, and what the read is written down as.
    async fn compared(
        &self,
        caller: &Caller,
        computer: &str,
    ) -> Result<(Option<MachineId>, Event), Status> {
        if computer.is_empty() {
            return Ok((None, Event::new(LogAct::OpenedDifference)));
        }
        let id = self.find(caller, computer).await?;
        let viewer = caller.sight(&self.desk).viewer()?;
        let event = self.about(&viewer, LogAct::OpenedDifference, id)?;
        Ok((Some(id), event))
    }
}

/// As they are sent: what is not about one difference comes with the first of them.
fn messages(found: Differences) -> impl Iterator<Item = v1::ReadDifferenceResponse> {
    let mut first = v1::ReadDifferenceResponse {
        joined: found.joined.into_iter().map(shared).collect(),
        uncompared: found
            .damaged
            .into_iter()
            .map(|(name, section)| Uncompared {
                name,
                section: section.into(),
            })
            .collect(),
        left_out: u32::try_from(found.left_out).unwrap_or(u32::MAX),
        ..v1::ReadDifferenceResponse::default()
    };
    let differences = found.changes.into_iter().map(shown).collect();
    batches(differences)
        .into_iter()
        .map(move |differences| v1::ReadDifferenceResponse {
            differences,
            ..std::mem::take(&mut first)
        })
}

pub(super) fn shared((id, name): (MachineId, String)) -> v1::SharedComputer {
    v1::SharedComputer {
        id: id.to_string(),
        name,
    }
}

fn shown(change: Change) -> v1::Difference {
    let field = |field: record::FieldChange| v1::difference::Field {
        name: field.name,
        before: field.before,
        after: field.after,
    };
    v1::Difference {
        id: change.machine.to_string(),
        name: change.machine_name,
        section: change.section.into(),
        action: action(change.action).into(),
        noun: change.noun,
        item: change.item,
        summary: change.summary,
        fields: change.fields.into_iter().map(field).collect(),
        folded: change.folded,
    }
}

fn action(action: record::Action) -> Action {
    match action {
        record::Action::Added => Action::Added,
        record::Action::Removed => Action::Removed,
        record::Action::Altered => Action::Altered,
        record::Action::FirstReport => Action::FirstReport,
        // Neither follows from comparing two versions.
        record::Action::Unspecified | record::Action::Lifecycle | record::Action::Gap => {
            Action::Unspecified
        }
    }
}
