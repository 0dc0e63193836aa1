//! Adding a computer: the line to run on it, and who arrives.

use std::{net::IpAddr, time::Duration};

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Query, State as Shared},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    Desk, State,
    markup::{Markup, plain},
    page::{Done, Page, Signed, made_aside, render},
    standing::{link, path},
    text::{self, add as t},
    trouble::Trouble,
};
use crate::{
    access::{MachineLine, Session},
    audit::Actor,
    clock::UnixMillis,
    enrolment::{NewToken, TokenError},
    store::record::MachineState,
};

/// How long an arrival is news.
const LATELY: Duration = Duration::from_secs(24 * 60 * 60);

/// Arrivals listed at most, the latest first; the list of computers holds them all.
const LISTED: usize = 50;

/// Computers a line for several is good for.
const SEVERAL: u32 = 20;

#[derive(Template)]
#[template(path = "add.html")]
struct AddPage {
    page: Page,
    problem: Option<String>,
    /// The addresses that only this computer reaches, as a sentence.
    loopback: Option<Markup>,
    made: Option<Made>,
    waiting: Vec<Arrival>,
    recent: Vec<Arrival>,
}

/// A join string just made. Shown once.
struct Made {
    join_string: String,
    good_for: Markup,
}

struct Arrival {
    path: String,
    name: Markup,
    plain_name: String,
    when: Markup,
}

/// What is asked for.
#[derive(Deserialize)]
pub(super) struct AddForm {
    #[serde(default)]
    uses: String,
}

/// Shows how, and who waits.
pub(super) async fn show(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Query(done): Query<Done>,
) -> Result<Response, Trouble> {
    page(state, session, done, None, None).await
}

/// Makes a join string.
pub(super) async fn make(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Extension(by): Extension<Actor>,
    Form(form): Form<Signed<AddForm>>,
) -> Result<Response, Trouble> {
    let form = form.of(&session)?;
    let uses = if form.uses == "1" { 1 } else { SEVERAL };
    let token = NewToken {
        uses,
        ..NewToken::default()
    };
    let done = Done::default();
    match state.desk.tokens.create(token, &by).await {
        Ok((join_string, expires_at)) => {
            let now = state.desk.clock.now();
            let message = if uses == 1 {
                t::GOOD_FOR_ONE
            } else {
                t::GOOD_FOR_MANY
            };
            let good_for = Markup::fill(
                message,
                &[
                    ("uses", Markup::number(uses)),
                    ("when", Markup::moment(expires_at, now)),
                ],
            );
            let made = Made {
                join_string: join_string.encode(),
                good_for,
            };
            page(state, session, done, None, Some(made)).await
        }
        Err(TokenError::OnlyLoopback) => {
            let page = page(state, session, done, None, None).await?;
            Ok((StatusCode::CONFLICT, page).into_response())
        }
        Err(error @ (TokenError::Address(_) | TokenError::Uses { .. })) => {
            let problem = Some(error.to_string());
            let page = page(state, session, done, problem, None).await?;
            Ok((StatusCode::CONFLICT, page).into_response())
        }
        Err(error) => Err(Trouble::failed(error)),
    }
}

async fn page(
    state: State,
    session: Session,
    done: Done,
    problem: Option<String>,
    made: Option<Made>,
) -> Result<Response, Trouble> {
    made_aside(move || filled(&state.desk, &session, &done, problem, made)).await
}

fn filled(
    desk: &Desk,
    session: &Session,
    done: &Done,
    problem: Option<String>,
    made: Option<Made>,
) -> Result<Response, Trouble> {
    let now = desk.clock.now();
    let lines = desk.inventory.machines(&session.viewer())?;
    let of = |keeps: &dyn Fn(&MachineLine) -> bool, message: &str| -> Vec<Arrival> {
        let mut found: Vec<&MachineLine> = lines.iter().filter(|line| keeps(line)).collect();
        found.sort_by_key(|line| std::cmp::Reverse(line.machine.enrolled_at));
        found
            .into_iter()
            .take(LISTED)
            .map(|line| arrival(line, message, now))
            .collect()
    };
    let loopback = desk.addresses.iter().all(|address| is_loopback(address));
    Ok(render(&AddPage {
        page: Page::signed_in(desk, session, t::TITLE, "/add")?
            .done(done)
            .live("/events"),
        problem,
        loopback: loopback.then(|| {
            let addresses = if desk.addresses.is_empty() {
                Markup::unknown()
            } else {
                Markup::names(desk.addresses.iter().map(String::as_str), 4)
            };
            Markup::fill(t::LOOPBACK_HELP, &[("addresses", addresses)])
        }),
        made,
        waiting: of(
            &|line| line.machine.state == MachineState::Waiting,
            t::ASKED,
        ),
        recent: of(
            &|line| {
                line.machine.state == MachineState::Active
                    && now.since(line.machine.enrolled_at) < LATELY
            },
            t::JOINED,
        ),
    }))
}

fn arrival(line: &MachineLine, message: &str, now: UnixMillis) -> Arrival {
    let when = Markup::time(line.machine.enrolled_at, now);
    Arrival {
        path: path(line.machine.id),
        name: link(line),
        plain_name: plain(&line.machine.name()),
        when: Markup::fill(message, &[("when", when)]),
    }
}

/// Whether "host:port" leads back to the computer that follows it.
fn is_loopback(address: &str) -> bool {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<IpAddr>()
            .is_ok_and(|ip| ip.to_canonical().is_loopback() || ip.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_only_this_computer_reaches_are_recognised() {
        for address in [
            "127.0.0.1:7443",
            "[::1]:7443",
            "localhost:7443",
            "0.0.0.0:7443",
        ] {
            assert!(is_loopback(address), "{address}");
        }
        for address in ["192.168.1.20:7443", "office.lan:7443", "[fe80::1]:7443"] {
            assert!(!is_loopback(address), "{address}");
        }
    }
}
