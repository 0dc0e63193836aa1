//! Going through what computers report, ahead of whoever opens a page: what lists say of them, and what is found.
//!
//! Pages show what is known when they are asked for and say of how many computers that is not everything; nobody
//! waits for this work. It takes a bounded part of one processor, however much there is to do.

use std::{sync::Arc, time::Duration};

use freehold_agent::probe;
use freehold_proto::v1::{System, section::Kind};
use prost::Message as _;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{self, Instant},
};
use tokio_util::sync::CancellationToken;

use super::Parts;
use crate::{access::ReadError, demo, events::Event};

/// How soon after a report it is gone through, at the earliest.
const AHEAD: Duration = Duration::from_secs(1);

/// For how many times as long as a piece of the work took everything else goes first: reports and pages are more
/// urgent. Without their lines pages say nothing of computers, so those get more.
const REST: u32 = 3;
const REST_OF_LINES: u32 = 1;

/// The same while so many reports a second come in: those wait for an answer, and there will be time afterwards.
const REST_IN_A_RUSH: u32 = 19;
const RUSH: u32 = 40;

/// How long it is tried again after when the store could not be read.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long one piece of the work takes, give or take one computer: nobody waits longer for the processor.
const PIECE: Duration = Duration::from_millis(20);

/// Machines whose lines are read in one piece.
const LINES: usize = 64;

/// Machines that are looked at in one piece, if that is quick.
const LOOKS: usize = 200;

/// How often it is felt whether something moved that nobody reported: silence, a disk that fills.
const FEELING: Duration = Duration::from_secs(60);

/// What is found is written when there is so much of it, and when there is nothing left to do.
const UNWRITTEN: usize = 200;

/// Runs until told to stop. What is found on one computer may depend on what lists say of the others: those come
/// first.
pub(super) async fn run(parts: &Arc<Parts>, shutdown: CancellationToken) {
    parts.board.at_home(&home(parts).await);
    let inventory = parts.inventory.clone();
    let _ = tokio::task::spawn_blocking(move || inventory.hear_of_suppliers()).await;
    let mut events = parts.events.listen();
    let mut felt = Instant::now();
    loop {
        if felt.elapsed() >= FEELING {
            felt = Instant::now();
            let inventory = parts.inventory.clone();
            let _ = tokio::task::spawn_blocking(move || inventory.feel()).await;
        }
        if !go_through(parts, &mut events, &shutdown).await {
            return;
        }
        let left = FEELING.saturating_sub(felt.elapsed());
        let Some(more) = shutdown.run_until_cancelled(heard(&mut events, left)).await else {
            return;
        };
        if !more {
            return;
        }
    }
}

/// Waits until something may have to be gone through, at most so long; false when nothing will ever again.
async fn heard(events: &mut Receiver<Event>, most: Duration) -> bool {
    let next = async {
        loop {
            match events.recv().await {
                // Those are announced here.
                Ok(Event::Finding(_) | Event::Complete) => {}
                Err(RecvError::Closed) => return false,
                Ok(_) | Err(RecvError::Lagged(_)) => return true,
            }
        }
    };
    time::timeout(most, next).await.unwrap_or(true)
}

/// Goes through all there is, piece by piece; false when told to stop.
async fn go_through(
    parts: &Arc<Parts>,
    events: &mut Receiver<Event>,
    shutdown: &CancellationToken,
) -> bool {
    let mut counted = Instant::now();
    loop {
        let rush = is_rush(events.len(), counted.elapsed());
        // What was heard so far is gone through now.
        *events = events.resubscribe();
        counted = Instant::now();
        let inventory = parts.inventory.clone();
        let began = Instant::now();
        let worked = tokio::task::spawn_blocking(move || {
            // Lines first: while there are more, nothing is looked at.
            match inventory.read_ahead(LINES)? {
                LINES => Ok((LINES, REST_OF_LINES)),
                _ => inventory
                    .look_again(LOOKS, PIECE)
                    .map(|machines| (machines, if rush { REST_IN_A_RUSH } else { REST })),
            }
        });
        let (is_done, mut rest) = match worked.await {
            Ok(Ok((machines, times))) => (machines == 0, began.elapsed() * times),
            Ok(Err(error)) => {
                complain(&error);
                (false, PATIENCE)
            }
            Err(_) => return false,
        };
        let unwritten = parts.inventory.unwritten_findings();
        if unwritten >= UNWRITTEN || (is_done && unwritten > 0) {
            write(parts).await;
        }
        if is_done {
            parts.inventory.complete();
            rest = rest.max(AHEAD);
        }
        let rested = shutdown.run_until_cancelled(time::sleep(rest)).await;
        if rested.is_none() {
            return false;
        }
        if is_done {
            return true;
        }
    }
}

/// Whether reports come in faster than there should be other work beside them.
fn is_rush(heard: usize, within: Duration) -> bool {
    heard as u128 * 1000 >= u128::from(RUSH) * within.as_millis().max(100)
}

fn complain(error: &ReadError) {
    tracing::warn!(%error, "computers could not be looked at");
}

async fn write(parts: &Parts) {
    if let Err(error) = parts.inventory.write_findings().await {
        tracing::warn!(%error, "findings are not durable yet");
    }
}

/// What the operating system of the collector's computer calls its installation: a made-up one's does in a demo.
async fn home(parts: &Parts) -> String {
    if parts.demo {
        return demo::HOME.to_owned();
    }
    let own = tokio::task::spawn_blocking(own_machine_id).await;
    own.unwrap_or_default()
}

/// What the operating system of this computer calls its installation; empty when that cannot be read.
fn own_machine_id() -> String {
    let system = probe::collect(Kind::System, &probe::Root::live());
    system
        .and_then(|collected| System::decode(collected.body.as_slice()).ok())
        .map(|system| system.machine_id)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_reports_a_second_are_no_rush() {
        let second = Duration::from_secs(1);
        assert!(!is_rush(5, second));
        assert!(!is_rush(3, Duration::ZERO));
        assert!(is_rush(300, second));
        assert!(is_rush(30, second / 10));
    }
}
