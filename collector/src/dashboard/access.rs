//! Who may see these records: suppliers, technicians, what each may see and looked at last.

mod colleague;
mod decision;
mod form;
mod log;
mod notices;

use askama::Template;
use axum::{
    Extension,
    extract::{Query, State as Shared},
    response::Response,
};

pub(super) use self::{
    colleague::{InviteForm, invite_colleague, show_invite},
    decision::{Made, act, ask, sentence},
    form::{change_terms, create, show_form, show_terms},
    log::show_log,
    notices::notices,
};
use super::{
    Desk, State,
    facts::Fact,
    markup::{Markup, plain},
    page::{Done, Page, render},
    text::{self, access as t},
    tone::{Badge, Tone},
    trouble::Trouble,
};
use crate::{
    access::{Device, Grant, GrantState, Session, Technician, described},
    clock::UnixMillis,
    peer::DeviceId,
};

#[derive(Template)]
#[template(path = "access.html")]
struct AccessPage {
    page: Page,
    notices: Vec<Markup>,
    /// Who reads it may invite colleagues.
    leads: bool,
    grants: Vec<GrantView>,
}

struct GrantView {
    supplier: Markup,
    plain_supplier: String,
    state: Badge,
    facts: Vec<Fact>,
    technicians: Vec<PersonView>,
    devices: Vec<DeviceView>,
    /// Where each thing is decided, and what its button says.
    actions: Vec<(String, &'static str)>,
}

/// A device that reads under a grant.
struct DeviceView {
    id: DeviceId,
    says: Markup,
    plain: String,
}

struct PersonView {
    name: Markup,
    plain_name: String,
    email: Markup,
    last: Markup,
    leads: bool,
    /// What can be decided about the person: where, and what its button says.
    actions: Vec<(String, &'static str)>,
}

/// Shows every grant to an owner, and a guest its own.
pub(super) async fn show(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Query(done): Query<Done>,
) -> Result<Response, Trouble> {
    let (desk, now) = (&state.desk, state.desk.clock.now());
    let mut grants = match session.delegation() {
        None => desk.grants.all()?,
        Some(under) => desk.grants.of(under.grant)?.into_iter().collect(),
    };
    grants.sort_by_key(|grant| grant.state(now) != GrantState::Active);
    let notices = notices(desk, &session, &grants, now)?;
    let devices = desk.people.devices(&session)?;
    let grants = grants
        .iter()
        .map(|grant| view(desk, &session, grant, &devices, now));
    Ok(render(&AccessPage {
        page: Page::signed_in(desk, &session, t::TITLE, "/access")?.done(&done),
        notices,
        leads: session.delegation().is_some_and(|under| under.leads),
        grants: grants.collect::<Result<_, _>>()?,
    }))
}

fn view(
    desk: &Desk,
    session: &Session,
    grant: &Grant,
    devices: &[Device],
    now: UnixMillis,
) -> Result<GrantView, Trouble> {
    let owner = session.is_owner();
    let state = grant.state(now);
    let technicians = desk.people.technicians(grant.id)?;
    let technicians = technicians
        .iter()
        // Colleagues are in the log by name; their addresses are the owner's business.
        .filter(|person| owner || person.id == Some(session.person))
        .map(|person| person_view(grant, person, owner, now));
    Ok(GrantView {
        supplier: Markup::name(&grant.supplier),
        plain_supplier: plain(&grant.supplier),
        state: badge(state),
        facts: facts(grant, owner, now),
        technicians: technicians.collect(),
        devices: devices
            .iter()
            .filter(|device| device.grant == Some(grant.id))
            .map(|device| device_view(device, now))
            .collect(),
        actions: if owner {
            actions(grant, state)
        } else {
            Vec::new()
        },
    })
}

fn badge(state: GrantState) -> Badge {
    match state {
        GrantState::Active => Badge::new(Tone::Good, t::ACTIVE),
        GrantState::Suspended => Badge::new(Tone::Warn, t::SUSPENDED),
        GrantState::Expired => Badge::new(Tone::Plain, t::EXPIRED),
        GrantState::Revoked => Badge::new(Tone::Plain, t::REVOKED),
    }
}

fn facts(grant: &Grant, owner: bool, now: UnixMillis) -> Vec<Fact> {
    let note = (owner && !grant.note.is_empty()).then(|| (t::NOTE, Markup::value(&grant.note)));
    let export = if grant.may_export { t::YES } else { t::NO };
    [
        Some((t::SEES, Markup::value(&described(&grant.scope)))),
        Some((t::UNTIL, Markup::moment(grant.expires_at, now))),
        Some((t::EXPORT, Markup::text(export))),
        note,
    ]
    .into_iter()
    .flatten()
    .map(|(label, value)| Fact {
        label: label.to_owned(),
        value,
    })
    .collect()
}

fn person_view(grant: &Grant, person: &Technician, owner: bool, now: UnixMillis) -> PersonView {
    let when = |at| ("when", Markup::time(at, now));
    let last = match (&person.last_read, person.ended_at) {
        _ if person.id.is_none() => Markup::fill(t::INVITED, &[when(person.since)]),
        (_, Some(at)) => Markup::fill(t::PERSON_OVER, &[when(at)]),
        (None, None) => Markup::text(t::NOTHING_READ),
        (Some(entry), None) => {
            let deed = ("deed", Markup::value(&entry.deed()));
            Markup::fill(t::LAST_READ, &[deed, when(entry.at)])
        }
    };
    let id = person.id.filter(|_| owner && person.ended_at.is_none());
    let actions = id.map_or_else(Vec::new, |id| {
        let (word, title) = if person.leads {
            ("leadnot", t::LEAD_OFF)
        } else {
            ("lead", t::LEAD_ON)
        };
        vec![
            (format!("/access/{}/end-{id:?}", grant.id), t::REVOKE),
            (format!("/access/{}/{word}-{id:?}", grant.id), title),
        ]
    });
    PersonView {
        name: Markup::name(&person.name),
        plain_name: plain(&person.name),
        email: Markup::value(&person.email),
        last,
        leads: person.leads,
        actions,
    }
}

fn device_view(device: &Device, now: UnixMillis) -> DeviceView {
    let places = [
        ("device", Markup::name(&device.name)),
        ("name", Markup::name(&device.person_name)),
        ("when", Markup::time(device.seen_at, now)),
    ];
    DeviceView {
        id: device.id,
        says: Markup::fill(t::DEVICE_LINE, &places),
        plain: plain(&device.name),
    }
}

fn actions(grant: &Grant, state: GrantState) -> Vec<(String, &'static str)> {
    let words: &[(&str, &'static str)] = match state {
        GrantState::Active => &[
            ("invite", t::INVITE),
            ("change", t::CHANGE),
            ("extend", t::EXTEND),
            ("suspend", t::SUSPEND),
            ("revoke", t::REVOKE),
        ],
        GrantState::Suspended => &[
            ("resume", t::RESUME),
            ("change", t::CHANGE),
            ("revoke", t::REVOKE),
        ],
        GrantState::Expired => &[
            ("extend", t::EXTEND),
            ("change", t::CHANGE),
            ("revoke", t::REVOKE),
        ],
        GrantState::Revoked => &[],
    };
    let path =
        |(word, title): &(&str, &'static str)| (format!("/access/{}/{word}", grant.id), *title);
    words.iter().map(path).collect()
}
