//! The moment that is asked about.

use prost_types::Timestamp;
use tonic::Status;

use super::Remote;
use crate::{
    access::{Inventory, MachineLine, Viewer},
    clock::UnixMillis,
    history::{Moment, MomentError},
};

impl Remote {
    /// The moment a request names in a field, if it has passed and what was true then is kept.
    pub(super) fn moment(&self, field: &str, at: Option<&Timestamp>) -> Result<Moment, Status> {
        let Some(at) = at else {
            return Ok(Moment::Now);
        };
        let invalid = |why| Status::invalid_argument(format!("{field}: {why}"));
        let at = UnixMillis::of_timestamp(at).ok_or_else(|| invalid("this is not a time"))?;
        let now = self.desk.clock.now();
        if at > now {
            return Err(invalid("this moment is still to come"));
        }
        let moment = self.desk.inventory.moment_of(at, now);
        moment.map_err(|error| match error {
            MomentError::NotATime => invalid("this is not a time"),
            MomentError::NotKept { .. } => Status::out_of_range(error.to_string()),
        })
    }
}

/// Refuses a moment before the first computer that is shared had joined: an empty list would look like none. Where none
/// is shared at all there is nothing to tell.
pub(super) fn begun(inventory: &Inventory, viewer: &Viewer, moment: Moment) -> Result<(), Status> {
    let first = inventory.joined(viewer).into_iter().min();
    match (moment, first) {
        (Moment::At(at), Some(first)) if at < first => Err(Status::out_of_range(format!(
            "no computer that is shared with you had joined by then: the first did at {first}"
        ))),
        _ => Ok(()),
    }
}

/// Refuses a moment before a computer had joined.
pub(super) fn had_joined(line: &MachineLine, moment: Moment) -> Result<(), Status> {
    if line.machine.had_joined(moment) {
        return Ok(());
    }
    Err(Status::out_of_range(format!(
        "{} had not joined by then: it did at {}",
        line.machine.name(),
        line.machine.enrolled_at
    )))
}
