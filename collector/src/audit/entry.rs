//! What an entry of the log says.

use std::net::IpAddr;

use freehold_proto::v1::section::Kind;
use prost::Message as _;
use sha2::{Digest as _, Sha256};

use super::tree::Hash;
use crate::{
    access::{GrantId, PersonId},
    clock::UnixMillis,
    history::Moment,
    id::MachineId,
    store::{
        LogBody, StoreError,
        record::{LogAct, LogBodyRecord, LogCapacity},
    },
};

/// Domain of the commitments.
const COMMITMENT: &[u8] = b"freehold 2026 log entry\n";

/// Longest name or particular that is kept, in characters.
const LONGEST_TEXT: usize = 300;

/// Longest statement that is kept, in characters.
const LONGEST_STATEMENT: usize = 2000;

/// Who does something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// In which capacity.
    pub capacity: LogCapacity,
    /// The person, if it is one who signs in.
    pub person: Option<PersonId>,
    /// The person's name; empty for nobody in particular.
    pub name: String,
    /// The person's company; empty for owners.
    pub supplier: String,
    /// The grant it happens under.
    pub grant: Option<GrantId>,
    /// Address it comes from; empty for the console.
    pub remote: String,
    /// Name of the device whose command line it comes from; empty for a browser.
    pub device: String,
}

impl Actor {
    /// Whoever holds the collector's computer.
    pub fn console() -> Self {
        Self::nobody(LogCapacity::Console)
    }

    /// The collector, by itself.
    pub fn collector() -> Self {
        Self::nobody(LogCapacity::Collector)
    }

    /// Somebody who has not signed in.
    pub fn stranger(address: IpAddr) -> Self {
        Self::nobody(LogCapacity::Stranger).from(address)
    }

    /// Several who have not signed in.
    pub fn strangers() -> Self {
        Self::nobody(LogCapacity::Stranger)
    }

    /// An owner.
    pub fn owner(person: PersonId, name: &str) -> Self {
        Self {
            person: Some(person),
            name: name.to_owned(),
            ..Self::nobody(LogCapacity::Owner)
        }
    }

    /// A technician of a supplier.
    pub fn delegate(person: PersonId, name: &str, supplier: &str, grant: GrantId) -> Self {
        Self {
            person: Some(person),
            name: name.to_owned(),
            supplier: supplier.to_owned(),
            grant: Some(grant),
            ..Self::nobody(LogCapacity::Delegate)
        }
    }

    /// The same, from an address.
    #[must_use]
    pub fn from(self, address: IpAddr) -> Self {
        Self {
            remote: address.to_canonical().to_string(),
            ..self
        }
    }

    /// The same, with the command line of a device.
    #[must_use]
    pub fn with(self, device: &str) -> Self {
        Self {
            device: device.to_owned(),
            ..self
        }
    }

    fn nobody(capacity: LogCapacity) -> Self {
        Self {
            capacity,
            person: None,
            name: String::new(),
            supplier: String::new(),
            grant: None,
            remote: String::new(),
            device: String::new(),
        }
    }
}

/// What is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What.
    pub act: LogAct,
    /// The grant it is about, when not that of whoever does it.
    pub grant: Option<GrantId>,
    /// The person it is about, to find it by.
    pub about: Option<PersonId>,
    /// The machine it is about.
    pub machine: Option<MachineId>,
    /// What it is about, by name.
    pub subject: String,
    /// The section it is about.
    pub section: Option<Kind>,
    /// Particulars.
    pub detail: String,
    /// How many.
    pub count: u64,
    /// The moment that was asked about.
    pub moment: Moment,
}

impl Event {
    /// Something without particulars.
    pub fn new(act: LogAct) -> Self {
        Self {
            act,
            grant: None,
            about: None,
            machine: None,
            subject: String::new(),
            section: None,
            detail: String::new(),
            count: 0,
            moment: Moment::Now,
        }
    }

    /// About a machine.
    #[must_use]
    pub fn machine(self, id: MachineId, name: &str) -> Self {
        Self {
            machine: Some(id),
            ..self.subject(name)
        }
    }

    /// About something by name.
    #[must_use]
    pub fn subject(self, subject: &str) -> Self {
        Self {
            subject: short(subject),
            ..self
        }
    }

    /// About a section.
    #[must_use]
    pub fn section(self, kind: Kind) -> Self {
        Self {
            section: Some(kind),
            ..self
        }
    }

    /// About a grant.
    #[must_use]
    pub fn grant(self, id: GrantId) -> Self {
        Self {
            grant: Some(id),
            ..self
        }
    }

    /// About a person.
    #[must_use]
    pub fn about(self, id: PersonId) -> Self {
        Self {
            about: Some(id),
            ..self
        }
    }

    /// With particulars.
    #[must_use]
    pub fn detail(self, detail: &str) -> Self {
        Self {
            detail: short(detail),
            ..self
        }
    }

    /// With a statement that was asked, in one line.
    #[must_use]
    pub fn statement(self, sql: &str) -> Self {
        let words = sql.replace(char::is_whitespace, " ");
        Self {
            detail: words.trim().chars().take(LONGEST_STATEMENT).collect(),
            ..self
        }
    }

    /// So many.
    #[must_use]
    pub fn count(self, count: u64) -> Self {
        Self { count, ..self }
    }

    /// The moment that was asked about.
    #[must_use]
    pub fn as_of(self, moment: Moment) -> Self {
        Self { moment, ..self }
    }
}

fn short(text: &str) -> String {
    text.chars().take(LONGEST_TEXT).collect()
}

/// An entry as it was stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its number, from 0.
    pub index: u64,
    /// When.
    pub at: UnixMillis,
    /// What it says.
    pub body: LogBodyRecord,
}

impl Entry {
    pub(super) fn new(index: u64, body: &LogBody) -> Result<Self, StoreError> {
        let body = body.record()?;
        Ok(Self {
            index,
            at: UnixMillis(body.at),
            body,
        })
    }

    /// The person who did it.
    pub fn person(&self) -> Option<PersonId> {
        self.body.person.as_slice().try_into().ok().map(PersonId)
    }

    /// The grant it was done under, or is about.
    pub fn grant(&self) -> Option<GrantId> {
        self.body.grant.as_slice().try_into().ok().map(GrantId)
    }

    /// The machine it is about.
    pub fn machine(&self) -> Option<MachineId> {
        let id = self.body.machine.as_slice().try_into().ok()?;
        Some(MachineId::from_bytes(id))
    }

    /// It is a delegate's read.
    pub fn is_read(&self) -> bool {
        self.body.capacity() == LogCapacity::Delegate && self.body.act < LogAct::MadeToken as i32
    }
}

/// The body of a new entry.
pub(super) fn body(at: UnixMillis, by: &Actor, event: Event) -> LogBody {
    let grant = event.grant.or(by.grant);
    let record = LogBodyRecord {
        at: at.0,
        act: event.act.into(),
        capacity: by.capacity.into(),
        person: by.person.map(|id| id.0.to_vec()).unwrap_or_default(),
        person_name: short(&by.name),
        supplier: short(&by.supplier),
        grant: grant.map(|id| id.0.to_vec()).unwrap_or_default(),
        remote: by.remote.clone(),
        machine: event
            .machine
            .map(|id| id.as_bytes().to_vec())
            .unwrap_or_default(),
        subject: event.subject,
        section: event.section.map_or(0, |kind| kind as u32),
        detail: event.detail,
        count: event.count,
        as_of: event.moment.at().map_or(0, |at| at.0),
        about: event.about.map(|id| id.0.to_vec()).unwrap_or_default(),
        device: short(&by.device),
    };
    let mut blinding = [0; 16];
    rand::fill(&mut blinding);
    LogBody {
        blinding,
        bytes: record.encode_to_vec(),
    }
}

/// What an entry commits to.
pub(super) fn commitment(body: &LogBody) -> Hash {
    Sha256::new_with_prefix(COMMITMENT)
        .chain_update(body.blinding)
        .chain_update(&body.bytes)
        .finalize()
        .into()
}
