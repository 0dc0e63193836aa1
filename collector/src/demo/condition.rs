//! How a computer of the demo is at a moment: what events alter, and what its reports are made of.

use std::collections::BTreeSet;

use freehold_proto::v1::section::Kind;

use super::catalogue::{
    Ago, Backup, Computer, Guard, HOME, Program, Quirk, SERVER_SYSTEMS, System, Trait, Updates,
    What, YEAR,
};
use crate::{clock::UnixMillis, finding};

/// A computer at a moment.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, true or not"
)]
pub(super) struct Condition {
    pub(super) computer: &'static Computer,
    pub(super) system: System,
    pub(super) programs: Vec<Program>,
    /// Programs of every computer that it no longer has.
    pub(super) removed: Vec<&'static str>,
    pub(super) administrators: BTreeSet<&'static str>,
    pub(super) blank: BTreeSet<&'static str>,
    pub(super) guard: Guard,
    pub(super) updates: Updates,
    pub(super) restart_pending: bool,
    pub(super) firewall: bool,
    pub(super) backup: Option<Backup>,
    /// When the backup last succeeded, where it stopped.
    pub(super) backed_up_at: Option<UnixMillis>,
    pub(super) disk_warns: bool,
    pub(super) free: u64,
    pub(super) disks_missing: u32,
    pub(super) unreadable: BTreeSet<Kind>,
    pub(super) accounts_partial: bool,
    /// The moment from which the demo's days are counted back.
    pub(super) made_at: UnixMillis,
}

impl Condition {
    /// As the computer was when it joined.
    pub(super) fn new(computer: &'static Computer, made_at: UnixMillis) -> Self {
        let system = if computer.system == SERVER_SYSTEMS[0] {
            repaired(made_at)
        } else {
            computer.system
        };
        Self {
            computer,
            system,
            programs: computer.programs.to_vec(),
            removed: Vec::new(),
            administrators: computer.administrators.iter().copied().collect(),
            blank: BTreeSet::new(),
            guard: computer.guard,
            updates: Updates::Automatic,
            restart_pending: false,
            firewall: true,
            backup: None,
            backed_up_at: None,
            disk_warns: false,
            free: 48,
            disks_missing: 0,
            unreadable: BTreeSet::new(),
            accounts_partial: false,
            made_at,
        }
    }

    /// As it is after everything that happened to it up to a day.
    pub(super) fn after(computer: &'static Computer, made_at: UnixMillis, day: Ago) -> Self {
        let mut condition = Self::new(computer, made_at);
        for event in YEAR.iter().filter(|event| event.host == computer.host) {
            if let What::Becomes(became) = event.what
                && event.ago >= day
            {
                condition.become_(became, super::moment(made_at, event.ago));
            }
        }
        condition
    }

    /// Something is different from then on.
    pub(super) fn become_(&mut self, became: Trait, at: UnixMillis) {
        match became {
            Trait::Guard(guard) => self.guard = guard,
            Trait::Installs(program) => self.programs.push(program),
            Trait::Removes(name) => self.removed.push(name),
            Trait::Administrator(name) => {
                self.administrators.insert(name);
            }
            Trait::BlankPassword(name, true) => {
                self.blank.insert(name);
            }
            Trait::BlankPassword(name, false) => {
                self.blank.remove(name);
            }
            Trait::Updates(updates) => self.updates = updates,
            Trait::RestartPending(pending) => self.restart_pending = pending,
            Trait::Firewall(on) => self.firewall = on,
            Trait::Backup(backup) => {
                self.backed_up_at = matches!(backup, Backup::Stopped(_)).then_some(at);
                self.backup = Some(backup);
            }
            Trait::DiskWarns(warns) => self.disk_warns = warns,
            Trait::Free(percent) => self.free = percent,
            Trait::DisksMissing(missing) => self.disks_missing = missing,
            Trait::Unreadable(kind, true) => {
                self.unreadable.insert(kind);
            }
            Trait::Unreadable(kind, false) => {
                self.unreadable.remove(&kind);
            }
            Trait::AccountsPartial(partial) => self.accounts_partial = partial,
        }
    }

    /// It has Windows.
    pub(super) fn is_windows(&self) -> bool {
        self.system.id == "windows"
    }

    /// Something is peculiar about it.
    pub(super) fn has(&self, quirk: Quirk) -> bool {
        self.computer.quirks.contains(&quirk)
    }

    /// What its operating system calls this installation.
    pub(super) fn machine_id(&self) -> String {
        if self.computer.host == KEEPER {
            return HOME.to_owned();
        }
        self.number("machine id", 16)
    }

    /// A number of its own, the same whenever it is asked for.
    pub(super) fn number(&self, of_what: &str, bytes: usize) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.computer.host.as_bytes());
        hasher.update(&[0]);
        hasher.update(of_what.as_bytes());
        hasher.finalize().to_hex()[..bytes * 2].to_owned()
    }
}

/// The computer that keeps the record.
const KEEPER: &str = "SERVER";

/// The first system of the server's whose maker still repairs it.
fn repaired(now: UnixMillis) -> System {
    let is_repaired =
        |system: &&System| finding::support_ends(&system.to_proto()).is_some_and(|end| end > now);
    let repaired = SERVER_SYSTEMS.iter().find(is_repaired);
    *repaired.unwrap_or(&SERVER_SYSTEMS[SERVER_SYSTEMS.len() - 1])
}

impl System {
    pub(super) fn to_proto(self) -> freehold_proto::v1::OperatingSystem {
        freehold_proto::v1::OperatingSystem {
            id: self.id.into(),
            name: self.name.into(),
            version: self.version.into(),
            edition: self.edition.into(),
            build: self.build.into(),
            ..Default::default()
        }
    }
}
