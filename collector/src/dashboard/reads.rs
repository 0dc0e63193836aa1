//! What a guest may ask for, and the entry that is durable before there is an answer.

use std::num::NonZeroU32;

use axum::{
    RequestExt as _,
    extract::{Query, RawPathParams, Request},
    http::Method,
};
use freehold_proto::v1::section::Kind;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::{
    State,
    computer::section_kind,
    route::{Open, Reads},
    trouble::Trouble,
};
use crate::{
    access::{PersonId, Session},
    audit::{Actor, Event},
    finding::FindingId,
    history::Moment,
    id::MachineId,
    store::record::LogAct,
};

/// Pages a guest may open at once, and each second after that: each leaves an entry that is kept for long.
const BURST: NonZeroU32 = NonZeroU32::new(120).unwrap();
const EACH_SECOND: NonZeroU32 = NonZeroU32::new(5).unwrap();

/// How often each guest asks.
pub(super) type Pace = DefaultKeyedRateLimiter<PersonId>;

/// Nobody has asked yet.
pub(super) fn pace() -> Pace {
    RateLimiter::keyed(Quota::per_second(EACH_SECOND).allow_burst(BURST))
}

/// Refuses what is not open to guests, and writes down what they read before they read it.
pub(super) async fn admit(
    state: &State,
    open: Open,
    session: &Session,
    by: &Actor,
    request: &mut Request,
) -> Result<(), Trouble> {
    let reads = match open {
        Open::People(Reads::Nothing) => return Ok(()),
        Open::People(Reads::Question) => {
            let pace = state.pace.check_key(&session.person);
            return pace.map_err(|_| Trouble::TooOften);
        }
        Open::People(reads) | Open::Proposes(reads)
            if matches!(*request.method(), Method::GET | Method::HEAD) =>
        {
            Some(reads)
        }
        Open::Proposes(_) => {
            let pace = state.pace.check_key(&session.person);
            return pace.map_err(|_| Trouble::TooOften);
        }
        Open::People(_) | Open::Owners | Open::Everybody => None,
    };
    let may_export = session.delegation().is_none_or(|under| under.may_export);
    let reads = reads.filter(|reads| *reads != Reads::Export || may_export);
    if state.pace.check_key(&session.person).is_err() {
        return Err(Trouble::TooOften);
    }
    let event = match reads {
        Some(reads) => {
            let at = parameter(request, "at");
            let moment = state.desk.inventory.moment(&at, state.desk.clock.now());
            let event = asked(state, reads, session, request).await;
            event.as_of(moment.unwrap_or_default())
        }
        None => Event::new(LogAct::WasRefused),
    };
    state
        .desk
        .journal
        .note(by, event)
        .await
        .map_err(Trouble::not_logged)?;
    if reads.is_some() {
        Ok(())
    } else {
        Err(Trouble::NotForGuests)
    }
}

/// What a request asks for.
async fn asked(state: &State, reads: Reads, session: &Session, request: &mut Request) -> Event {
    match reads {
        Reads::Nothing | Reads::Overview => Event::new(LogAct::OpenedOverview),
        Reads::Question => Event::new(LogAct::Asked),
        Reads::Computers => Event::new(LogAct::OpenedComputers).detail(&parameter(request, "q")),
        Reads::Software => {
            let about = [parameter(request, "name"), parameter(request, "q")];
            Event::new(LogAct::ReadSoftware).detail(about.join(" ").trim())
        }
        Reads::Search => Event::new(LogAct::Searched).detail(&parameter(request, "q")),
        Reads::Export => {
            let asked = request.uri().path_and_query();
            let asked = asked.map_or("", |asked| asked.as_str());
            Event::new(LogAct::ExportedList).detail(asked.trim_start_matches("/export/"))
        }
        Reads::Administrators => Event::new(LogAct::ReadAdministrators),
        Reads::Findings => Event::new(LogAct::OpenedFindings),
        Reads::Changes => Event::new(LogAct::OpenedChanges),
        Reads::Difference => difference(state, session, request),
        Reads::Access => Event::new(LogAct::OpenedAccess),
        Reads::Log => Event::new(LogAct::OpenedLog),
        Reads::Finding => finding(state, session, request).await,
        Reads::Computer => about(state, LogAct::OpenedComputer, session, request).await,
        Reads::ComputerChanges => {
            about(state, LogAct::OpenedComputerChanges, session, request).await
        }
        Reads::Section => about(state, LogAct::OpenedSection, session, request).await,
    }
}

/// Which computer's differences a request asks for, if not those of all.
fn difference(state: &State, session: &Session, request: &Request) -> Event {
    let between = |event: Event| {
        let moments = (parameter(request, "from"), parameter(request, "to"));
        event.detail(&format!("{} - {}", moments.0, moments.1))
    };
    let computer = parameter(request, "computer");
    if computer.is_empty() {
        return between(Event::new(LogAct::OpenedDifference));
    }
    let id: Option<MachineId> = computer.parse().ok();
    let inventory = &state.desk.inventory;
    let line = id.map(|id| inventory.machine(&session.viewer(), id, Moment::Now));
    match line {
        Some(Ok(line)) => {
            let event = Event::new(LogAct::OpenedDifference);
            between(event.machine(line.machine.id, &line.machine.name()))
        }
        _ => Event::new(LogAct::WasRefused),
    }
}

/// What a request about one computer asks for. What is not shared is not named, as it may not exist.
async fn about(state: &State, act: LogAct, session: &Session, request: &mut Request) -> Event {
    let refused = Event::new(LogAct::WasRefused);
    let Ok(places) = request.extract_parts::<RawPathParams>().await else {
        return refused;
    };
    let place = |name: &str| {
        places
            .iter()
            .find_map(|(key, value)| (key == name).then_some(value))
    };
    let id: Option<MachineId> = place("id").and_then(|id| id.parse().ok());
    let viewer = session.viewer();
    let found = id.and_then(|id| state.desk.inventory.machine(&viewer, id, Moment::Now).ok());
    let Some(line) = found else {
        return refused;
    };
    let named = |event: Event| event.machine(line.machine.id, &line.machine.name());
    if act != LogAct::OpenedSection {
        return named(Event::new(act));
    }
    let kind: Option<Kind> = place("section").and_then(section_kind);
    match kind {
        Some(kind) if viewer.scope().sees_section(&line.machine.labels, kind) => {
            named(Event::new(act)).section(kind)
        }
        _ => named(refused),
    }
}

/// Which finding a request asks for: the computer it is about.
async fn finding(state: &State, session: &Session, request: &mut Request) -> Event {
    let refused = Event::new(LogAct::WasRefused);
    let Ok(places) = request.extract_parts::<RawPathParams>().await else {
        return refused;
    };
    let id = places
        .iter()
        .find_map(|(key, value)| (key == "id").then_some(value));
    let id: Option<FindingId> = id.and_then(|id| id.parse().ok());
    let (inventory, viewer) = (state.desk.inventory.clone(), session.viewer());
    let found = tokio::task::spawn_blocking(move || inventory.finding(&viewer, id?).ok()).await;
    match found {
        Ok(Some((account, machine))) => Event::new(LogAct::OpenedFinding)
            .machine(machine.id, &machine.name())
            .detail(account.finding.rule.id),
        _ => refused,
    }
}

/// A parameter of what is asked for.
fn parameter(request: &Request, name: &str) -> String {
    let pairs = Query::<Vec<(String, String)>>::try_from_uri(request.uri());
    let pairs = pairs.map(|Query(pairs)| pairs).unwrap_or_default();
    let mut values = pairs.into_iter().filter(|(key, _)| key == name);
    // The last one counts, as it does for the page.
    values
        .next_back()
        .map(|(_, value)| value)
        .unwrap_or_default()
}
