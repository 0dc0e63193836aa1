//! The owner's pages: server-rendered, complete without a script, and nothing from any other host.
//!
//! [`Desk`] is what pages work with, [`route`] declares every address once, [`guard`] stands before all of
//! them, one file a page answers. Pages read through [`Inventory`](crate::access::Inventory) alone.

mod access;
mod action;
mod add;
mod administrators;
mod alerts;
mod assets;
mod browsers;
mod certificate;
mod changes;
mod computer;
mod computers;
mod cookie;
mod demo;
mod devices;
mod difference;
mod door;
mod export;
mod facts;
mod findings;
mod guard;
mod health;
mod invitation;
mod lens;
mod list;
mod live;
mod markup;
mod overview;
mod owners;
mod packages;
mod page;
mod password;
mod plain;
mod questions;
mod reads;
mod route;
mod search;
mod second;
mod serve;
mod settings;
mod software;
mod standing;
mod suggestions;
mod text;
mod timeline;
mod tone;
mod trouble;

#[cfg(test)]
mod tests;

use std::{path::PathBuf, sync::Arc};

use axum::Router;
use tokio::sync::Semaphore;

pub(crate) use computers::called;
pub(crate) use findings::{behind, said, sentence, sorted};
pub use guard::Site;
pub(crate) use markup::{exact, filled, plain};
pub use serve::{Server, ServerError};

use crate::{
    access::{Grants, Inventory, People, Suggestions},
    alert::Alerts,
    audit::Journal,
    authority::Authority,
    clock::{Clock, UnixMillis},
    enrolment::Tokens,
    events::Events,
    machines::Machines,
    packages::Packages,
    question::Questions,
};

/// What the pages work with.
#[derive(Clone)]
pub struct Desk {
    /// Reads.
    pub inventory: Inventory,
    /// What is sent to people who are not looking.
    pub alerts: Alerts,
    /// What suppliers may read.
    pub grants: Grants,
    /// Who read and changed what.
    pub journal: Journal,
    /// Who signs in.
    pub people: People,
    /// What is asked in SQL.
    pub questions: Questions,
    /// What guests propose.
    pub suggestions: Suggestions,
    /// Decisions about computers.
    pub machines: Machines,
    /// Join strings.
    pub tokens: Tokens,
    /// The certificate authority.
    pub authority: Authority,
    /// What just happened.
    pub events: Events,
    /// The clock.
    pub clock: Clock,
    /// Addresses agents are told, "host:port".
    pub addresses: Vec<String>,
    /// What agents are installed with.
    pub packages: Packages,
    /// The data directory, to name it.
    pub data: PathBuf,
    /// Its computers are made up.
    pub demo: bool,
    /// When the last backup was written.
    pub last_backup: Arc<dyn Fn() -> Option<UnixMillis> + Send + Sync>,
}

/// What handlers share.
#[derive(Clone)]
struct State {
    desk: Desk,
    site: Arc<Site>,
    /// Open live connections of owners, bounded.
    live: Arc<Semaphore>,
    /// Those of guests, who must not take the owners' away.
    live_guests: Arc<Semaphore>,
    /// How often guests ask.
    pace: Arc<reads::Pace>,
    /// Downloads under way, bounded.
    downloads: Arc<Semaphore>,
    /// Exports under way, bounded.
    exports: Arc<Semaphore>,
}

/// Every page, behind every guard.
pub fn router(desk: Desk, site: Site) -> Router {
    route::router(State {
        desk,
        site: Arc::new(site),
        live: Arc::new(Semaphore::new(live::CONNECTIONS)),
        live_guests: Arc::new(Semaphore::new(live::CONNECTIONS)),
        pace: Arc::new(reads::pace()),
        downloads: Arc::new(Semaphore::new(packages::DOWNLOADS)),
        exports: Arc::new(Semaphore::new(export::AT_ONCE)),
    })
}
