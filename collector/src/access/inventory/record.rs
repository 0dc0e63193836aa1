//! What the gate answers with.

use std::{borrow::Cow, sync::Arc};

use freehold_proto::v1::{
    self,
    section::{Kind, Status},
};
use prost::Message as _;

use super::{ChangePosition, Findings, makers};
use crate::{
    access::Headline,
    clock::UnixMillis,
    finding::Progress,
    history::Moment,
    id::MachineId,
    store::record::{
        Action, ChangeRecord, FieldChange, MachineRecord, MachineState, NoticeKind, PresenceRecord,
        VersionRecord,
    },
};

/// A machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Machine {
    /// Its identifier.
    pub id: MachineId,
    /// Its state.
    pub state: MachineState,
    /// When the state last changed.
    pub state_since: UnixMillis,
    /// Host name it enrolled with. Chosen by the machine: not to be trusted.
    pub host_name: String,
    /// Name given by the owner; empty when none was.
    pub given_name: String,
    /// Labels.
    pub labels: Vec<String>,
    /// A note, in the owner's words; may be empty.
    pub note: String,
    /// Labels that whoever installed its agent proposed, for the owner alone. Chosen by the machine: without effect.
    pub proposed_labels: Vec<String>,
    /// When it enrolled.
    pub enrolled_at: UnixMillis,
    /// When its certificate expires; `None` while it has none.
    pub certificate_expires_at: Option<UnixMillis>,
    /// A known machine with the same hardware, whose history it may continue.
    pub same_hardware_as: Option<MachineId>,
    /// Earlier selves whose history it continues.
    pub continues: Vec<MachineId>,
    /// Why the owner should look at it.
    pub notices: Vec<Notice>,
}

/// A machine, when it was last heard, and what its sections say in one line. Shares what is kept in memory:
/// cheap to make and to clone, however much there is to say.
#[derive(Clone, Debug, PartialEq)]
pub struct MachineLine {
    /// When this was true, but for what the machine is called and how it stands, which is as of now.
    pub moment: Moment,
    /// The machine.
    pub machine: Arc<Machine>,
    /// Its last check-in; `None` before the first, and for the past.
    pub seen: Option<Seen>,
    /// What its sections say.
    pub headline: Arc<Headline>,
    /// What is found about it: open findings, the worst first. For the past there are none, which says nothing.
    pub findings: Findings,
    /// Whether that is all that follows from what it has reported.
    pub progress: Progress,
}

/// Why the owner should look at a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What.
    pub kind: NoticeKind,
    /// Since when.
    pub since: UnixMillis,
    /// Particulars; may be empty.
    pub detail: String,
}

/// A machine's last check-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// When.
    pub at: UnixMillis,
    /// Version of its agent.
    pub agent_version: String,
    /// Its clock minus the collector's, in milliseconds.
    pub clock_offset_ms: i64,
}

/// A section as it was reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Which.
    pub kind: Kind,
    /// How much of it could be read on the machine.
    pub status: Status,
    /// When it was collected, true time.
    pub collected_at: UnixMillis,
    /// When it was received.
    pub received_at: UnixMillis,
    /// When the machine last said that nothing in it had changed; not known of the past.
    pub confirmed_at: Option<UnixMillis>,
    /// When the next version was collected; `None` for the last.
    pub until: Option<UnixMillis>,
    /// Items in all its lists.
    pub items: u32,
    /// The bytes as uploaded: `v1::System`, `v1::Hardware`, ... according to `kind`.
    pub body: Vec<u8>,
}

/// Values that move by themselves, as last sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Readings {
    /// When they were sent.
    pub at: UnixMillis,
    /// The values.
    pub values: v1::Readings,
}

/// Something that was added, removed or altered.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The machine.
    pub machine: MachineId,
    /// The machine's name.
    pub machine_name: String,
    /// Where it stands among those that the viewer may see.
    pub position: ChangePosition,
    /// When.
    pub at: UnixMillis,
    /// Section it belongs to.
    pub section: Kind,
    /// What happened.
    pub action: Action,
    /// What the item is: "package".
    pub noun: String,
    /// Which one: "openssl".
    pub item: String,
    /// Fields that differ.
    pub fields: Vec<FieldChange>,
    /// The sentence.
    pub summary: String,
    /// Entries this one stands for beyond itself.
    pub folded: u32,
}

impl Machine {
    /// As the registry has it; `None` when its identifier is damaged.
    pub(super) fn new(record: &MachineRecord) -> Option<Self> {
        Some(Self {
            id: machine_id(&record.id)?,
            state: record.state(),
            state_since: UnixMillis(record.state_since),
            enrolled_at: UnixMillis(record.enrolled_at),
            certificate_expires_at: time(record.certificate_expires_at),
            same_hardware_as: machine_id(&record.same_hardware_as),
            continues: record
                .continues
                .iter()
                .filter_map(|id| machine_id(id))
                .collect(),
            notices: record
                .notices
                .iter()
                .map(|notice| Notice {
                    kind: notice.kind(),
                    since: UnixMillis(notice.since),
                    detail: notice.detail.clone(),
                })
                .collect(),
            host_name: record.host_name.clone(),
            given_name: record.given_name.clone(),
            note: record.note.clone(),
            labels: record.labels.clone(),
            proposed_labels: record.proposed_labels.clone(),
        })
    }

    /// Whether it had joined by a moment.
    pub fn had_joined(&self, moment: Moment) -> bool {
        moment.at().is_none_or(|at| self.enrolled_at <= at)
    }

    /// The owner's name for it, else its host name, else the beginning of its identifier.
    pub fn name(&self) -> Cow<'_, str> {
        if !self.given_name.is_empty() {
            Cow::Borrowed(&self.given_name)
        } else if !self.host_name.is_empty() {
            Cow::Borrowed(&self.host_name)
        } else {
            Cow::Owned(self.id.to_string().chars().take(8).collect())
        }
    }
}

impl Seen {
    pub(crate) fn of(presence: &PresenceRecord) -> Self {
        Self {
            at: UnixMillis(presence.last_seen_at),
            agent_version: presence.agent_version.clone(),
            clock_offset_ms: presence.clock_offset_ms,
        }
    }
}

impl Section {
    pub(super) fn new(kind: Kind, version: &VersionRecord, body: Vec<u8>) -> Self {
        let status = i32::try_from(version.status)
            .ok()
            .and_then(|status| Status::try_from(status).ok())
            .unwrap_or(Status::Unspecified);
        Self {
            kind,
            status,
            collected_at: UnixMillis(version.collected_at),
            received_at: UnixMillis(version.received_at),
            confirmed_at: None,
            until: None,
            items: version.items,
            body,
        }
    }

    /// When what it says was last known to be true.
    pub fn true_at(&self) -> UnixMillis {
        self.confirmed_at
            .unwrap_or(self.collected_at)
            .max(self.collected_at)
    }
}

impl Readings {
    /// The readings of a machine, without those of sections that `sees` denies.
    pub(super) fn of(presence: &PresenceRecord, sees: impl Fn(Kind) -> bool) -> Option<Self> {
        let at = time(presence.readings_at)?;
        let mut values = v1::Readings::decode(presence.readings.as_slice()).ok()?;
        if !sees(Kind::Hardware) {
            values.volumes.clear();
            values.batteries.clear();
        }
        if !sees(Kind::Network) {
            values.neighbours.clear();
            values.signals.clear();
        }
        if !sees(Kind::Accounts) {
            values.sessions.clear();
        }
        if !sees(Kind::System) {
            values.uptime_seconds = None;
            values.memory_used_percent = None;
        }
        if !sees(Kind::Antivirus) {
            values.signature_ages.clear();
        }
        makers::fill_in(&mut values.neighbours);
        Some(Self { at, values })
    }
}

impl Change {
    pub(super) fn new(machine: &Machine, position: ChangePosition, record: ChangeRecord) -> Self {
        Self {
            machine: machine.id,
            machine_name: machine.name().into_owned(),
            position,
            at: UnixMillis(record.at),
            section: super::kind_of(record.section),
            action: record.action(),
            noun: record.noun,
            item: record.item,
            fields: record.fields,
            summary: record.summary,
            folded: record.folded,
        }
    }
}

fn time(at: i64) -> Option<UnixMillis> {
    (at != 0).then_some(UnixMillis(at))
}

fn machine_id(bytes: &[u8]) -> Option<MachineId> {
    bytes.try_into().ok().map(MachineId::from_bytes)
}
