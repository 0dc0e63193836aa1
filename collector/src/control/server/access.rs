//! Grants and the log, for the console.

use freehold_proto::v1::{self, change_grant_request::Change, grant::State};
use tonic::Status;

use super::{internal, refused};
use crate::{
    access::{
        DEFAULT_DAYS, Grant, GrantState, Invited, NewGrant, Technician, Terms, Viewer, described,
        parsed_scope, written,
    },
    app::Parts,
    audit::{Actor, Entry, VerifyError},
    clock::UnixMillis,
};

/// Entries told unless asked for more or fewer, and at most.
const ENTRIES: usize = 100;
const MOST_ENTRIES: usize = 10_000;

/// Makes a grant.
pub(super) async fn create_grant(
    parts: &Parts,
    request: v1::CreateGrantRequest,
) -> Result<v1::CreateGrantResponse, Status> {
    let new = NewGrant {
        supplier: request.supplier,
        scope: parsed_scope(&request.rules).map_err(refused)?,
        days: if request.days == 0 {
            DEFAULT_DAYS
        } else {
            request.days
        },
        note: request.note,
        may_export: request.may_export,
    };
    let grant = parts
        .grants
        .create(new, &Actor::console())
        .await
        .map_err(refused)?;
    Ok(v1::CreateGrantResponse {
        grant: Some(shown(parts, &grant)),
    })
}

/// All grants.
pub(super) fn list_grants(parts: &Parts) -> Result<v1::ListGrantsResponse, Status> {
    let grants = parts.grants.all().map_err(internal)?;
    Ok(v1::ListGrantsResponse {
        grants: grants.iter().map(|grant| shown(parts, grant)).collect(),
    })
}

/// One grant with its technicians.
pub(super) fn show_grant(
    parts: &Parts,
    request: &v1::ShowGrantRequest,
) -> Result<v1::ShowGrantResponse, Status> {
    let grant = find(parts, &request.id)?;
    let technicians = parts.people.technicians(grant.id).map_err(internal)?;
    Ok(v1::ShowGrantResponse {
        grant: Some(shown(parts, &grant)),
        technicians: technicians.iter().map(technician).collect(),
    })
}

/// Moves the end of a grant, has it rest, confirms or ends it.
pub(super) async fn change_grant(
    parts: &Parts,
    request: &v1::ChangeGrantRequest,
) -> Result<v1::ChangeGrantResponse, Status> {
    let id = find(parts, &request.id)?.id;
    let (grants, by) = (&parts.grants, Actor::console());
    let changed = match request.change() {
        Change::Extend => grants.extend(id, request.days, &by).await,
        Change::Suspend => grants.suspend(id, &by).await,
        Change::Resume => grants.resume(id, &by).await,
        Change::Revoke => grants.revoke(id, &by).await,
        Change::Alter => {
            let terms = terms(request)?;
            grants.alter(id, terms, &by).await
        }
        Change::Unspecified => return Err(Status::invalid_argument("missing field 'change'")),
    };
    Ok(v1::ChangeGrantResponse {
        grant: Some(shown(parts, &changed.map_err(refused)?)),
    })
}

/// What a grant's terms shall be from now on.
fn terms(request: &v1::ChangeGrantRequest) -> Result<Terms, Status> {
    let rules = &request.rules;
    let scope = (!rules.is_empty()).then(|| parsed_scope(rules));
    let terms = Terms {
        scope: scope.transpose().map_err(refused)?,
        note: request.note.clone(),
        may_export: request.may_export,
    };
    if terms == Terms::default() {
        return Err(Status::invalid_argument(
            "nothing was said that should be otherwise",
        ));
    }
    Ok(terms)
}

/// Invites a technician.
pub(super) async fn invite(
    parts: &Parts,
    request: &v1::InviteTechnicianRequest,
) -> Result<v1::InviteTechnicianResponse, Status> {
    let grant = find(parts, &request.grant)?.id;
    let by = Actor::console();
    let invited = parts
        .people
        .invite(
            Invited::Technician {
                grant,
                leads: request.leads,
            },
            &request.name,
            &request.email,
            &by,
        )
        .await;
    let (token, expires_at) = invited.map_err(refused)?;
    Ok(v1::InviteTechnicianResponse {
        link: format!(
            "{}/invitation/{}",
            parts.dashboard_elsewhere(),
            *token.encode()
        ),
        expires_at: Some(expires_at.timestamp()),
    })
}

/// Entries of the log.
pub(super) fn list_log(
    parts: &Parts,
    request: &v1::ListLogRequest,
) -> Result<v1::ListLogResponse, Status> {
    let limit = match request.limit as usize {
        0 => ENTRIES,
        some => some.min(MOST_ENTRIES),
    };
    let before = (request.before > 0).then_some(request.before);
    let journal = &parts.journal;
    let entries = journal
        .entries(&Viewer::console(), before, limit)
        .map_err(internal)?;
    Ok(v1::ListLogResponse {
        entries: entries.iter().map(entry).collect(),
        checkpoint: journal.checkpoint().map_err(internal)?.unwrap_or_default(),
        verifier: journal.verifier(),
    })
}

/// Reads the whole log again.
pub(super) async fn verify_log(
    parts: &Parts,
    request: v1::VerifyLogRequest,
) -> Result<v1::VerifyLogResponse, Status> {
    let journal = parts.journal.clone();
    let verify = move || {
        let kept = request.checkpoint;
        journal.verify((!kept.is_empty()).then_some(kept.as_str()))
    };
    let verified = tokio::task::spawn_blocking(verify)
        .await
        .map_err(internal)?;
    let verdict = verified.map_err(|error| match error {
        VerifyError::Given(error) => refused(error),
        other => internal(other),
    })?;
    Ok(v1::VerifyLogResponse {
        entries: verdict.entries,
        erased: verdict.erased,
        epoch: verdict.epoch,
        root: verdict.root.to_vec(),
        flaws: verdict.flaws.iter().map(ToString::to_string).collect(),
    })
}

fn find(parts: &Parts, text: &str) -> Result<Grant, Status> {
    parts
        .grants
        .find(text)
        .map_err(|error| Status::not_found(error.to_string()))
}

fn shown(parts: &Parts, grant: &Grant) -> v1::Grant {
    let state = match grant.state(parts.clock.now()) {
        GrantState::Active => State::Active,
        GrantState::Suspended => State::Suspended,
        GrantState::Expired => State::Expired,
        GrantState::Revoked => State::Revoked,
    };
    v1::Grant {
        id: grant.id.to_string(),
        supplier: grant.supplier.clone(),
        scope: described(&grant.scope),
        created_at: Some(grant.created_at.timestamp()),
        expires_at: Some(grant.expires_at.timestamp()),
        note: grant.note.clone(),
        may_export: grant.may_export,
        state: state.into(),
        rules: written(&grant.scope),
    }
}

fn technician(person: &Technician) -> v1::Technician {
    let last = person.last_read.as_ref();
    v1::Technician {
        name: person.name.clone(),
        email: person.email.clone(),
        accepted: person.id.is_some(),
        since: Some(person.since.timestamp()),
        ended_at: person.ended_at.map(UnixMillis::timestamp),
        last_read: last.map(Entry::deed).unwrap_or_default(),
        last_read_at: last.map(|entry| entry.at.timestamp()),
        leads: person.leads,
    }
}

/// An entry of the log.
pub(crate) fn entry(entry: &Entry) -> v1::LogEntry {
    v1::LogEntry {
        index: entry.index,
        at: Some(entry.at.timestamp()),
        who: entry.who(),
        deed: entry.deed(),
        remote: entry.body.remote.clone(),
        grant: entry.grant().map(|id| id.to_string()).unwrap_or_default(),
        machine: entry.machine().map(|id| id.to_string()).unwrap_or_default(),
    }
}
