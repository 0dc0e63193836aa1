//! A demo: a practice that does not exist, whose computers report over the real protocol, with a year behind it.
//!
//! [`catalogue`] says in tables what there is and what happens. The year is lived through, quickly: the collector's clock
//! begins a year ago and is moved from day to day, and on each day whatever happens passes the same doors as ever.
//! Computers join with join strings, report over gRPC with certificates that they renew, the rules look at them, suppliers
//! get grants, technicians accept invitations, the log is written. So findings are as old as they say, and nothing is put
//! into the store by another way. Reports that are a year late would not do: the ingest takes them, at their true times,
//! but rules, grants and the log go by the collector's own clock.
//!
//! Afterwards the computers go on checking in for as long as the collector runs.

mod catalogue;
mod condition;
mod error;
mod living;
mod look;
mod reporter;
mod sections;
mod suppliers;
mod year;

use std::time::Duration;

use tokio_util::sync::CancellationToken;

pub(crate) use error::DemoError;
pub(crate) use living::go_on;

use crate::{
    clock::{Clock, UnixMillis},
    config::Config,
};
use catalogue::{Ago, FIRST};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Versions that a computer of the demo may report in a day: no more than an example of too many needs.
pub(crate) const VERSIONS_A_DAY: u32 = 60;

/// Name of the practice.
pub(crate) const PRACTICE: &str = catalogue::PRACTICE;

/// What the operating system of the demo's collector calls its installation.
pub(crate) const HOME: &str = catalogue::HOME;

/// The clock with which a demo begins: some hours before its first day.
pub(crate) fn clock() -> Clock {
    Clock::behind(DAY * (FIRST + 1))
}

/// Lives through the year, in a collector that was made with this clock. When it is over the clock is the system's.
/// Answers when that was: the days of the demo are counted back from there.
pub(crate) async fn live_through(config: Config, clock: Clock) -> Result<UnixMillis, DemoError> {
    let app = config.alone().build_with(clock.clone()).await?;
    let parts = app.parts().clone();
    let shutdown = CancellationToken::new();
    let serving = tokio::spawn(app.take_reports(shutdown.clone()));
    let lived = year::Year::new(parts, clock).live().await;
    shutdown.cancel();
    let served = serving.await;
    let made_at = lived?;
    served.map_err(DemoError::Interrupted)??;
    Ok(made_at)
}

/// The moment of a day before the demo was made: not at the same hour every day.
fn moment(made_at: UnixMillis, ago: Ago) -> UnixMillis {
    let minutes = u64::from(ago) * 37 % 300;
    made_at.minus(DAY * ago + Duration::from_secs(minutes * 60))
}
