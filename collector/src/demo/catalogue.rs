//! What the demo is made of, as tables: a dental practice that does not exist, its computers, what became of them in a
//! year, and its suppliers. To show something else, change a line.
//!
//! Names of people, of the practice and of its suppliers are invented; programs and models are those of the market. All
//! days are counted back from the day on which the demo is made.

mod computers;
mod suppliers;
mod year;

use freehold_proto::v1::{section::Kind, system::ChassisKind};

pub(super) use computers::{COMPUTERS, SERVER_SYSTEMS};
pub(super) use suppliers::SUPPLIERS;
pub(super) use year::YEAR;

/// The practice.
pub(super) const PRACTICE: &str = "Quillfeather Dental (demo)";

/// What the operating system of the demo's collector calls its installation: the practice's server keeps the record.
pub(super) const HOME: &str = "5d1f0000000000000000000000000011";

/// So many days before the demo was made.
pub(super) type Ago = u32;

/// The first day.
pub(super) const FIRST: Ago = 364;

/// A computer, as it was when it joined.
#[derive(Debug)]
pub(super) struct Computer {
    /// What it calls itself.
    pub(super) host: &'static str,
    /// What the owner calls it.
    pub(super) name: &'static str,
    /// Its label.
    pub(super) label: &'static str,
    /// What the owner noted; may be empty.
    pub(super) note: &'static str,
    pub(super) chassis: ChassisKind,
    /// Maker and model.
    pub(super) model: (&'static str, &'static str),
    pub(super) system: System,
    /// Memory and disk in GB.
    pub(super) size: (u64, u64),
    /// Who sits there, and works with this account.
    pub(super) user: &'static str,
    pub(super) administrators: &'static [&'static str],
    pub(super) guard: Guard,
    /// What is peculiar about it, all the time.
    pub(super) quirks: &'static [Quirk],
    /// Programs beside those every computer has.
    pub(super) programs: &'static [Program],
}

/// What is peculiar about a computer, all the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quirk {
    /// Its disk is not encrypted.
    Unencrypted,
    /// Its screen does not lock by itself.
    StaysOpen,
    /// Its administrators give no password.
    NoPasswordForSudo,
    /// Somebody is in the group that may start containers.
    InDocker(&'static str),
    /// root may sign in from elsewhere with a password.
    RootByPassword,
    /// An administrator's password stays good for ever.
    PasswordNeverExpires(&'static str),
    /// A database runs on it.
    Database(&'static str),
    /// Its disks stand in for each other.
    Array,
}

/// An operating system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct System {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) version: &'static str,
    pub(super) edition: &'static str,
    pub(super) build: &'static str,
}

/// A program. `{month}` in a version stands for a number that grows every month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Program {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
    pub(super) publisher: &'static str,
}

/// Protection against malware.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guard {
    /// A product works.
    Works(&'static str),
    /// None is there.
    None,
    /// It was switched off.
    Off(&'static str),
    /// It watches beside another one that is not there.
    Passive(&'static str),
    /// It scans when somebody asks it to.
    OnDemand(&'static str),
    /// It runs, but does not check files as they are opened.
    Blind(&'static str),
    /// It runs; whether it checks files cannot be read.
    PerhapsBlind(&'static str),
    /// Whether it runs cannot be read.
    StateUnknown(&'static str),
    /// Its list of threats is old.
    Outdated(&'static str),
    /// It works; its licence ends so many days after the demo was made.
    Licensed(&'static str, u32),
    /// Two work at once.
    Two(&'static str, &'static str),
    /// No source can be read.
    Unreadable,
}

/// Something that happened.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) ago: Ago,
    pub(super) host: &'static str,
    pub(super) what: What,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// The computer joined.
    Joins,
    /// It asked to join with a join string for several, and waits.
    Waits,
    /// It joined, and says nothing until it is switched on.
    JoinsSilently,
    /// It was installed anew and joined a second time, with the same hardware.
    JoinsAgain,
    /// It was switched off for good, or on again.
    Power(bool),
    /// Something on it is different from then on.
    Becomes(Trait),
    /// Something is wrong between it and the collector.
    Reports(Fault),
    /// The owner decided something.
    Owner(Decision),
}

/// What can be different on a computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trait {
    Guard(Guard),
    Installs(Program),
    Removes(&'static str),
    Administrator(&'static str),
    /// An administrator's account needs no password, or does again.
    BlankPassword(&'static str, bool),
    Updates(Updates),
    RestartPending(bool),
    Firewall(bool),
    Backup(Backup),
    DiskWarns(bool),
    /// Percent of the disk that are free.
    Free(u64),
    /// Disks that are missing in the array.
    DisksMissing(u32),
    /// No source of a section can be read, or it can again.
    Unreadable(Kind, bool),
    /// Not every account can be read, or it can again.
    AccountsPartial(bool),
}

/// How updates arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Updates {
    /// By themselves.
    Automatic,
    /// When somebody installs them.
    Off,
    /// By themselves, but none succeeded for so many days.
    Failing(u32),
    /// By themselves, with so many for security missing.
    Missing(u32),
}

/// A backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Backup {
    /// Runs every night.
    Nightly(&'static str),
    /// Has not succeeded since that day.
    Stopped(&'static str),
}

/// What can be wrong between a computer and the collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Its clock is wrong by so many minutes; 0 when it is right again.
    Clock(i64),
    /// It lost so many reports.
    Lost(u32),
    /// It sent what is no report.
    Garbage,
    /// One of its programs opened another port every few minutes, so that it had news all day.
    Restless,
    /// A second computer reports with its key.
    Clone,
    /// It does not renew its certificate, or does again.
    Stale(bool),
}

/// What an owner decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// The computer continues the history of its earlier self.
    Link,
    /// The account of an administrator belongs to the practice, or to a supplier of that name.
    Claims(&'static str, &'static str),
    /// What a rule found is set aside for so many days, for a reason.
    SetAside(&'static str, &'static str, u32),
}

/// A supplier.
#[derive(Debug)]
pub(super) struct Supplier {
    pub(super) name: &'static str,
    /// When its grant began, and for how many days it was given.
    pub(super) began: Ago,
    pub(super) days: u32,
    /// What is shared.
    pub(super) scope: &'static [&'static str],
    pub(super) may_export: bool,
    /// What the owner noted.
    pub(super) note: &'static str,
    pub(super) technicians: &'static [Technician],
    pub(super) visits: &'static [Visit],
}

/// Somebody who works for a supplier.
#[derive(Debug)]
pub(super) struct Technician {
    pub(super) name: &'static str,
    pub(super) email: &'static str,
    /// When they accepted their invitation, and when the owner ended their access, if ever.
    pub(super) since: Ago,
    pub(super) until: Option<Ago>,
    /// May invite colleagues.
    pub(super) leads: bool,
}

/// What a technician read on a day.
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) ago: Ago,
    pub(super) technician: &'static str,
    pub(super) reads: &'static [Read],
}

/// What is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Read {
    Overview,
    Findings,
    Computers,
    Administrators,
    Changes,
    Computer(&'static str),
    Section(&'static str, Kind),
    /// A search in the list of software.
    Software(&'static str),
    /// A list, taken along.
    Export(&'static str),
    /// Proposes a note about a computer.
    Proposes(&'static str, &'static str),
}

/// Every day on which something happens, the first first.
pub(super) fn days() -> Vec<Ago> {
    let events = YEAR.iter().map(|event| event.ago);
    let suppliers = SUPPLIERS.iter().flat_map(|supplier| {
        let people = supplier.technicians.iter();
        let people = people.flat_map(|person| [Some(person.since), person.until]);
        let visits = supplier.visits.iter().map(|visit| visit.ago);
        std::iter::once(supplier.began)
            .chain(people.flatten())
            .chain(visits)
    });
    let mut days: Vec<Ago> = events
        .chain(suppliers)
        // Computers are heard now and then, whatever happens, and in the end to this day.
        .chain((0..=FIRST).step_by(14))
        .chain([1, 2])
        .collect();
    days.sort_unstable_by(|a, b| b.cmp(a));
    days.dedup();
    days
}

#[cfg(test)]
mod tests;
