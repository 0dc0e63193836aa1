//! What somebody proposes to the owner.

use freehold_proto::v1::{self, suggest_request::Kind};
use tonic::{Request, Response, Status};

use super::Remote;
use crate::access::{Proposal, SuggestionError};

impl Remote {
    /// Takes down what is proposed about a computer that the caller may see.
    pub(super) async fn suggested(
        &self,
        request: Request<v1::SuggestRequest>,
    ) -> Result<Response<v1::SuggestResponse>, Status> {
        let caller = self.caller(&request)?;
        let request = request.into_inner();
        let kind = request.kind();
        let id = self.find(&caller, &request.computer).await?;
        let proposal = match kind {
            Kind::Name => Proposal::Name(request.text),
            Kind::Label => Proposal::Label(request.text),
            Kind::Note => Proposal::Note(request.text),
            Kind::Unspecified => {
                return Err(Status::invalid_argument("kind: there is no such proposal"));
            }
        };
        let (by, person) = (caller.actor(), caller.reader.name.person);
        let made = self
            .desk
            .suggestions
            .suggest(id, proposal, person, &by)
            .await;
        made.map_err(|error| refused(&error))?;
        caller.note_use(&self.desk).await;
        Ok(Response::new(v1::SuggestResponse {}))
    }
}

fn refused(error: &SuggestionError) -> Status {
    match error {
        SuggestionError::Text { .. } => Status::invalid_argument(error.to_string()),
        SuggestionError::TooMany { .. } => Status::resource_exhausted(error.to_string()),
        SuggestionError::Unknown => Status::not_found(error.to_string()),
        SuggestionError::Machine(_) | SuggestionError::Store(_) | SuggestionError::Write(_) => {
            tracing::error!(%error, "a proposal could not be stored");
            Status::unavailable(error.to_string())
        }
    }
}
