//! Adding a computer: the line to run on it, and who arrives.

mod line;
pub(super) mod shelf;

use std::{net::IpAddr, time::Duration};

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Query, State as Shared},
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use shelf::{Line, Offer};

use super::{
    State,
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
    history::Moment,
    packages::{Package, Program},
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
    /// It was started with `serve`, not with `quickstart`.
    serves: bool,
    /// What can be installed.
    packages: Vec<Offer>,
    /// Other computers can fetch it by themselves.
    fetched: bool,
    made: Option<Made>,
    waiting: Vec<Arrival>,
    recent: Vec<Arrival>,
}

/// A join string just made. Shown once.
struct Made {
    join_string: String,
    good_for: Markup,
    lines: Vec<Line>,
}

/// A join string that has just come into being.
struct Ready {
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

/// Who asks, and how the dashboard was addressed.
struct Visit {
    session: Session,
    done: Done,
    /// Where other computers fetch packages from.
    source: Option<String>,
}

/// Shows how, and who waits.
pub(super) async fn show(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Query(done): Query<Done>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    let visit = Visit {
        session,
        done,
        source: line::source(&state.site, &uri, &headers, &state.desk.addresses),
    };
    page(state, visit, None, None).await
}

/// Makes a join string.
pub(super) async fn make(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Extension(by): Extension<Actor>,
    uri: Uri,
    headers: HeaderMap,
    Form(form): Form<Signed<AddForm>>,
) -> Result<Response, Trouble> {
    let form = form.of(&session)?;
    let visit = Visit {
        session,
        done: Done::default(),
        source: line::source(&state.site, &uri, &headers, &state.desk.addresses),
    };
    let uses = if form.uses == "1" { 1 } else { SEVERAL };
    let token = NewToken {
        uses,
        ..NewToken::default()
    };
    match state.desk.tokens.create(token, &by).await {
        Ok((join_string, expires_at)) => {
            let ready = Ready {
                join_string: join_string.encode(),
                good_for: good_for(uses, expires_at, state.desk.clock.now()),
            };
            page(state, visit, None, Some(ready)).await
        }
        Err(TokenError::OnlyLoopback) => {
            let page = page(state, visit, None, None).await?;
            Ok((StatusCode::CONFLICT, page).into_response())
        }
        Err(error @ (TokenError::Address(_) | TokenError::Uses { .. })) => {
            let page = page(state, visit, Some(error.to_string()), None).await?;
            Ok((StatusCode::CONFLICT, page).into_response())
        }
        Err(error) => Err(Trouble::failed(error)),
    }
}

fn good_for(uses: u32, expires_at: UnixMillis, now: UnixMillis) -> Markup {
    let message = if uses == 1 {
        t::GOOD_FOR_ONE
    } else {
        t::GOOD_FOR_MANY
    };
    Markup::fill(
        message,
        &[
            ("uses", Markup::number(uses)),
            ("when", Markup::moment(expires_at, now)),
        ],
    )
}

async fn page(
    state: State,
    visit: Visit,
    problem: Option<String>,
    ready: Option<Ready>,
) -> Result<Response, Trouble> {
    let (packages, unreadable) = shelf::packages(&state, Program::Agent).await;
    let problem = problem.or(unreadable);
    made_aside(move || filled(&state, &visit, &packages, problem, ready)).await
}

fn filled(
    state: &State,
    visit: &Visit,
    packages: &[Package],
    problem: Option<String>,
    ready: Option<Ready>,
) -> Result<Response, Trouble> {
    let desk = &state.desk;
    let now = desk.clock.now();
    let lines = desk
        .inventory
        .machines(&visit.session.viewer(), Moment::Now)?;
    let of = |keeps: &dyn Fn(&MachineLine) -> bool, message: &str| -> Vec<Arrival> {
        let mut found: Vec<&MachineLine> = lines.iter().filter(|line| keeps(line)).collect();
        found.sort_by_key(|line| std::cmp::Reverse(line.machine.enrolled_at));
        found
            .into_iter()
            .take(LISTED)
            .map(|line| arrival(line, message, now))
            .collect()
    };
    Ok(render(&AddPage {
        page: Page::signed_in(desk, &visit.session, t::TITLE, "/add")?
            .done(&visit.done)
            .live(),
        problem,
        loopback: loopback(&desk.addresses),
        serves: state.site.https,
        fetched: visit.source.is_some(),
        made: ready.map(|ready| Made {
            lines: shelf::lines(packages, visit.source.as_deref(), &ready.join_string),
            join_string: ready.join_string,
            good_for: ready.good_for,
        }),
        packages: packages.iter().map(Offer::of).collect(),
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

/// A sentence where no other computer can reach this one.
fn loopback(addresses: &[String]) -> Option<Markup> {
    if !addresses.iter().all(|address| is_loopback(address)) {
        return None;
    }
    let named = if addresses.is_empty() {
        Markup::unknown()
    } else {
        Markup::names(addresses.iter().map(String::as_str), 4)
    };
    Some(Markup::fill(t::LOOPBACK_HELP, &[("addresses", named)]))
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
pub(super) fn is_loopback(address: &str) -> bool {
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
