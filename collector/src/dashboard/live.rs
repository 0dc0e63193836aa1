//! Tells open pages that something happened. Carries no data: the page is fetched anew, through the gate.

use std::{convert::Infallible, time::Duration};

use axum::{
    Extension,
    extract::{Query, State as Shared},
    http::StatusCode,
    response::{
        IntoResponse, Response,
        sse::{Event as Message, Sse},
    },
};
use serde::Deserialize;
use tokio::{
    sync::{OwnedSemaphorePermit, broadcast, mpsc},
    time::{Instant, MissedTickBehavior, interval},
};
use tokio_stream::wrappers::ReceiverStream;

use super::{Desk, State};
use crate::{access::Session, events::Event, id::MachineId};

/// Live pages at once.
pub(super) const CONNECTIONS: usize = 128;

/// How often a live page is told of something at most, and how soon it ends with its session.
const BEAT: Duration = Duration::from_millis(500);

/// How often a quiet connection shows that it is alive.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

#[derive(Deserialize)]
pub(super) struct Wanted {
    /// Only what happens to this computer.
    computer: Option<String>,
    /// When the page was asked for, as it carries it: what happened since is told at once.
    since: Option<String>,
}

/// Opens a live connection.
pub(super) async fn listen(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Query(wanted): Query<Wanted>,
) -> Response {
    let places = if session.is_owner() {
        &state.live
    } else {
        &state.live_guests
    };
    let Ok(place) = places.clone().try_acquire_owned() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let (sender, receiver) = mpsc::channel(4);
    let page = LivePage {
        events: state.desk.events.listen(),
        only: wanted.computer.and_then(|id| id.parse().ok()),
        desk: state.desk,
        session,
        sender,
        _place: place,
    };
    // Heard since before it was asked for what happened: nothing is lost in between.
    let missed = wanted.since.is_some_and(|mark| page.missed(&mark));
    tokio::spawn(page.run(missed));
    Sse::new(ReceiverStream::new(receiver)).into_response()
}

struct LivePage {
    desk: Desk,
    events: broadcast::Receiver<Event>,
    session: Session,
    only: Option<MachineId>,
    sender: mpsc::Sender<Result<Message, Infallible>>,
    _place: OwnedSemaphorePermit,
}

impl LivePage {
    /// Whether something happened since the page was asked for, or that is not known.
    fn missed(&self, mark: &str) -> bool {
        let events = self.desk.events.since(mark.parse().unwrap_or_default());
        events.is_none_or(|events| events.into_iter().any(|event| self.concerns(event)))
    }

    async fn run(mut self, mut news: bool) {
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut spoken = Instant::now();
        loop {
            tokio::select! {
                () = self.sender.closed() => return,
                event = self.events.recv() => match event {
                    Ok(event) => news |= self.concerns(event),
                    Err(broadcast::error::RecvError::Lagged(_)) => news = true,
                    Err(broadcast::error::RecvError::Closed) => return,
                },
                _ = beat.tick() => {
                    // Anew each time: what is shared may have changed, or ended.
                    let Ok(Some(session)) = self.desk.people.current(&self.session) else {
                        let _ = self.say(Message::default().event("end").data("now")).await;
                        return;
                    };
                    // What is shown may be hidden now, or more may be shown.
                    news |= session.role != self.session.role;
                    self.session = session;
                    // Browsers pass over an event without data.
                    let message = if std::mem::take(&mut news) {
                        Message::default().event("change").data("now")
                    } else if spoken.elapsed() >= KEEP_ALIVE {
                        Message::default().comment("")
                    } else {
                        continue;
                    };
                    spoken = Instant::now();
                    if !self.say(message).await {
                        return;
                    }
                }
            }
        }
    }

    fn concerns(&self, event: Event) -> bool {
        let id = match event {
            Event::Machine(id) | Event::Report(id) | Event::Finding(id) => id,
            Event::Complete => return true,
        };
        if self.only.is_some_and(|only| only != id) {
            return false;
        }
        // What the viewer may not see must not even make the page blink.
        self.desk.inventory.knows(&self.session.viewer(), id)
    }

    async fn say(&self, message: Message) -> bool {
        self.sender.send(Ok(message)).await.is_ok()
    }
}
