//! What the parts of a running collector share.

use std::{
    net::{IpAddr, SocketAddr},
    path::Path,
    sync::Arc,
    time::Duration,
};

use super::{BuildError, upkeep};
use crate::{
    access::{Grants, Inventory, People, Suggestions},
    addresses,
    alert::{self, Alerts},
    audit::{Journal, Log, Witness},
    authority::Authority,
    clock::{Clock, UnixMillis},
    config::{Config, DashboardTls},
    dashboard::Desk,
    data::DataDirectory,
    enrolment::Tokens,
    events::Events,
    finding::Board,
    ingest::Presence,
    machines::{Connections, Machines},
    packages::Packages,
    question::{Launcher, Questions},
    remote,
    store::{
        Read as _, Store,
        backup::{BackupError, BackupSummary, Backups},
    },
};

/// What the parts of a running collector share.
pub struct Parts {
    /// The data directory.
    pub data: DataDirectory,
    /// The clock.
    pub clock: Clock,
    /// Everything that must survive a restart.
    pub store: Store,
    /// The certificate authority.
    pub authority: Authority,
    /// The machines and their states.
    pub machines: Machines,
    /// What moves with every check-in.
    pub presence: Presence,
    /// Join tokens.
    pub tokens: Tokens,
    /// Who signs in.
    pub people: People,
    /// What suppliers may read.
    pub grants: Grants,
    /// Who read and changed what.
    pub log: Log,
    /// The log's last checkpoint, outside the store.
    pub witness: Witness,
    /// The log, for those who read it.
    pub journal: Journal,
    /// The gate for reads.
    pub inventory: Inventory,
    /// What is asked in SQL.
    pub questions: Questions,
    /// What is found about machines.
    pub board: Board,
    /// What is sent to people who are not looking.
    pub alerts: Alerts,
    /// Connections of agents.
    pub connections: Connections,
    /// What just happened.
    pub events: Events,
    /// What became of scheduled backups.
    pub backups: Backups,
    /// Addresses agents are told.
    pub addresses: Vec<String>,
    /// What agents are installed with.
    pub packages: Packages,
    /// Its computers are made up.
    pub demo: bool,
    /// When the collector started.
    pub started_at: UnixMillis,
    /// Where it listens for agents.
    pub agents_address: SocketAddr,
    /// Where the dashboard is, as a person at this computer enters it.
    pub dashboard_url: String,
}

/// How long before its end a certificate of the authority is warned about.
const EXPIRY_WARNING: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// What was opened first.
pub(super) struct Opened {
    pub(super) data: DataDirectory,
    pub(super) clock: Clock,
    pub(super) store: Store,
    pub(super) authority: Authority,
}

impl Parts {
    /// Writes a backup of everything.
    pub async fn backup(&self, to: &Path) -> Result<BackupSummary, BackupError> {
        self.store.backup(to, &upkeep::contents(self)).await
    }

    /// Where the dashboard is for somebody at another computer, as far as that is known.
    pub fn dashboard_elsewhere(&self) -> String {
        elsewhere(&self.dashboard_url, &self.addresses)
    }

    /// What the owner should look at, as sentences.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        match self.store.statistics() {
            Ok(statistics) if statistics.failed => warnings.push(
                "The store stopped writing after an error: restart the collector.".to_owned(),
            ),
            Ok(statistics) if statistics.full => warnings.push(
                "The disk is full: computers' reports wait until there is space again.".to_owned(),
            ),
            Ok(_) => {}
            Err(error) => warnings.push(format!("The store cannot be looked at: {error}.")),
        }
        if let Some(failure) = self.backups.failure() {
            warnings.push(format!("The last backup failed: {failure}."));
        }
        match self.witness.contradiction(&self.log, &self.store) {
            Ok(None) => {}
            Ok(Some(flaw)) => warnings.push(format!(
                "The log of reads and changes is not what it was: {flaw}. Run `freehold-collector audit verify`."
            )),
            Err(error) => warnings.push(format!("The log's checkpoint cannot be looked at: {error}.")),
        }
        warnings.extend(self.expiries());
        warnings
    }

    /// Certificates that end within a year.
    fn expiries(&self) -> Vec<String> {
        let status = self.authority.status();
        let soon = self.clock.now().plus(EXPIRY_WARNING);
        [
            ("root", status.root_expires_at),
            ("issuing", status.issuing_expires_at),
        ]
        .into_iter()
        .filter(|(_, expires_at)| *expires_at < soon)
        .map(|(which, at)| format!("The authority's {which} certificate expires at {at}."))
        .collect()
    }

    /// What the dashboard's pages work with.
    pub(super) fn desk(&self) -> Desk {
        let backups = self.backups.clone();
        Desk {
            inventory: self.inventory.clone(),
            alerts: self.alerts.clone(),
            people: self.people.clone(),
            questions: self.questions.clone(),
            suggestions: self.suggestions(),
            grants: self.grants.clone(),
            journal: self.journal.clone(),
            machines: self.machines.clone(),
            tokens: self.tokens.clone(),
            authority: self.authority.clone(),
            events: self.events.clone(),
            clock: self.clock.clone(),
            addresses: self.addresses.clone(),
            packages: self.packages.clone(),
            data: self.data.path().to_path_buf(),
            demo: self.demo,
            last_backup: Arc::new(move || backups.last()),
        }
    }

    fn suggestions(&self) -> Suggestions {
        let (store, log) = (self.store.clone(), self.log.clone());
        Suggestions::new(store, log, self.machines.clone())
    }

    /// What the reads of people with a command line work with.
    pub(super) fn remote_desk(&self) -> remote::Desk {
        remote::Desk {
            inventory: self.inventory.clone(),
            journal: self.journal.clone(),
            people: self.people.clone(),
            suggestions: self.suggestions(),
            questions: self.questions.clone(),
            authority: self.authority.clone(),
            addresses: self.addresses.clone(),
            clock: self.clock.clone(),
        }
    }

    /// Builds everything that lives over the store. Blocks on the disk.
    pub(super) fn assemble(
        config: &Config,
        opened: Opened,
        agents: SocketAddr,
        dashboard: SocketAddr,
    ) -> Result<Self, BuildError> {
        let Opened {
            data,
            clock,
            store,
            authority,
        } = opened;
        let settings = store.settings()?.unwrap_or_default();
        let configured = if config.addresses.is_empty() {
            &settings.addresses
        } else {
            &config.addresses
        };
        let addresses = addresses::advertised(configured, agents);
        let events = Events::default();
        let connections = Connections::default();
        let log = authority.log();
        let witness = Witness::at(&data.log_checkpoint());
        let machines = Machines::load(
            store.clone(),
            authority.revocations(),
            connections.clone(),
            log.clone(),
            events.clone(),
        )?;
        let presence = Presence::load(store.clone())?;
        let board = Board::load(store.clone(), log.clone(), clock.clone(), &events)?;
        let inventory = Inventory::new(
            store.clone(),
            machines.clone(),
            presence.clone(),
            board.clone(),
            &events,
        );
        let grants = Grants::new(store.clone(), log.clone(), clock.clone())
            .noting_in(authority.revocations());
        let dashboard_url = dashboard_url(&config.dashboard_tls, dashboard);
        Ok(Self {
            alerts: Alerts::new(
                alert::Source {
                    store: store.clone(),
                    log: log.clone(),
                    clock: clock.clone(),
                    events: events.clone(),
                    inventory: inventory.clone(),
                    grants: grants.clone(),
                },
                elsewhere(&dashboard_url, &addresses),
            ),
            tokens: Tokens::new(
                store.clone(),
                authority.clone(),
                addresses.clone(),
                clock.clone(),
            ),
            people: People::new(store.clone(), log.clone()).noting_in(authority.revocations()),
            grants,
            journal: Journal::new(log.clone(), store.clone(), witness.clone()),
            witness,
            log,
            questions: Questions::new(inventory.clone(), store.clone(), Launcher::default()),
            inventory,
            board,
            started_at: clock.now(),
            agents_address: agents,
            dashboard_url,
            addresses,
            packages: Packages::new(config.packages.clone()),
            demo: config.demo,
            data,
            clock,
            store,
            authority,
            machines,
            presence,
            connections,
            events,
            backups: Backups::default(),
        })
    }
}

fn dashboard_url(tls: &DashboardTls, address: SocketAddr) -> String {
    let scheme = if *tls == DashboardTls::None {
        "http"
    } else {
        "https"
    };
    if address.ip().is_unspecified() {
        format!("{scheme}://localhost:{}", address.port())
    } else {
        format!("{scheme}://{address}")
    }
}

/// Where a dashboard is for somebody at another computer, as far as that is known.
fn elsewhere(url: &str, addresses: &[String]) -> String {
    let parts = url.split_once("://localhost:");
    let Some((scheme, port)) = parts.filter(|(scheme, _)| *scheme == "https") else {
        return url.to_owned();
    };
    let host = addresses.iter().find_map(|address| {
        let host = address.rsplit_once(':')?.0;
        let plain = host.trim_matches(['[', ']']);
        let here = plain == "localhost" || plain.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        (!here).then_some(host)
    });
    format!("{scheme}://{}:{port}", host.unwrap_or("localhost"))
}
