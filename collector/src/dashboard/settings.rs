//! Settings: people, sessions, addresses, backups, certificates.

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Query, State as Shared},
    response::{IntoResponse, Redirect, Response},
};

use super::{
    Desk, State,
    browsers::{self, SessionRow},
    facts::Fact,
    guard,
    markup::{Markup, plain},
    page::{Done, Nothing, Page, Signed, render},
    text::{self, settings as t},
    trouble::Trouble,
};
use crate::{access::Session, clock::UnixMillis, peer::Remote};

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    page: Page,
    people: Vec<PersonRow>,
    sessions: Vec<SessionRow>,
    several_owners: bool,
    collector: Vec<Fact>,
    backup: Markup,
    authority: Vec<Fact>,
}

struct PersonRow {
    name: Markup,
    plain: String,
    email: Markup,
    has_factor: &'static str,
    end: String,
    password_set: Markup,
    reset: Markup,
}

/// Shows the settings.
pub(super) async fn show(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Query(done): Query<Done>,
) -> Result<Response, Trouble> {
    let desk = &state.desk;
    let now = desk.clock.now();
    let time = |at: Option<UnixMillis>| at.map_or_else(Markup::unknown, |at| Markup::time(at, now));
    let owners = desk.people.owners()?;
    let several_owners = owners.len() > 1;
    let people = owners
        .into_iter()
        .map(|person| PersonRow {
            plain: plain(&person.name),
            email: if person.email.is_empty() {
                Markup::text(t::NO_EMAIL)
            } else {
                Markup::value(&person.email)
            },
            has_factor: if person.has_factor { t::YES } else { t::NO },
            end: format!("/settings/owners/{:?}/end", person.id),
            name: Markup::name(&person.name),
            password_set: time(person.password_set_at),
            reset: time(person.reset_at),
        })
        .collect();
    Ok(render(&SettingsPage {
        page: Page::signed_in(desk, &session, t::TITLE, "/settings")?.done(&done),
        people,
        sessions: browsers::rows(desk, &session)?,
        several_owners,
        collector: collector(desk, &session)?,
        backup: (desk.last_backup)().map_or_else(
            || Markup::text(t::NO_BACKUP),
            |at| Markup::fill(t::LAST_BACKUP, &[("when", Markup::time(at, now))]),
        ),
        authority: authority(desk, now),
    }))
}

/// Ends every other session.
pub(super) async fn sign_out_others(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    remote: Option<Extension<Remote>>,
    Form(form): Form<Signed<Nothing>>,
) -> Result<Response, Trouble> {
    form.of(&session)?;
    state
        .desk
        .people
        .sign_out_others(&session, guard::address(remote.as_deref()))
        .await?;
    Ok(Redirect::to("/settings?done=ended").into_response())
}

fn fact(label: &str, value: Markup) -> Fact {
    Fact {
        label: label.to_owned(),
        value,
    }
}

fn collector(desk: &Desk, session: &Session) -> Result<Vec<Fact>, Trouble> {
    let business = desk.inventory.business(&session.viewer())?;
    let reached = if desk.addresses.is_empty() {
        Markup::text(t::REACHED_NOWHERE)
    } else {
        Markup::joined(
            desk.addresses.iter().map(|address| Markup::code(address)),
            ", ",
        )
    };
    Ok(vec![
        fact(t::BUSINESS, Markup::name(&business)),
        fact(t::VERSION, Markup::text(env!("CARGO_PKG_VERSION"))),
        fact(t::DATA, Markup::code(&desk.data.to_string_lossy())),
        fact(t::REACHED, reached),
    ])
}

fn authority(desk: &Desk, now: UnixMillis) -> Vec<Fact> {
    let status = desk.authority.status();
    let kit = match &status.owner_kit {
        Some(path) => {
            let path = Markup::code(&path.to_string_lossy());
            Markup::fill(t::KIT_AT, &[("path", path)])
        }
        None if status.root_key_present => Markup::text(t::KIT_NOT_WRITTEN),
        None => Markup::text(t::KIT_GONE),
    };
    let mut facts = vec![
        fact(t::FINGERPRINT, Markup::code(&status.root_fingerprint)),
        fact(t::ROOT_EXPIRES, Markup::time(status.root_expires_at, now)),
        fact(
            t::ISSUING_EXPIRES,
            Markup::time(status.issuing_expires_at, now),
        ),
        fact(
            t::SERVER_EXPIRES,
            Markup::time(status.server_expires_at, now),
        ),
        fact(t::KIT, kit),
    ];
    if matches!(desk.authority.dashboard_certificate(), Ok(Some(_))) {
        let link = Markup::link("/certificate", &Markup::text(t::DOWNLOAD));
        facts.push(fact(t::DASHBOARD_CERTIFICATE, link));
    }
    facts
}
