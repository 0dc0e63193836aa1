//! Records of the log of who read and changed what.

use prost::{Enumeration, Message};

/// Where the log stands, one record. It changes with every entry.
#[derive(Clone, PartialEq, Message)]
pub struct LogHeadRecord {
    /// Number of the epoch: 1, and one more for each time a backup was restored.
    #[prost(uint32, tag = "1")]
    pub epoch: u32,
    /// Entries.
    #[prost(uint64, tag = "2")]
    pub size: u64,
    /// Roots of the perfect trees that the entries make up, the largest first, 32 bytes each.
    #[prost(bytes = "vec", repeated, tag = "3")]
    pub peaks: Vec<Vec<u8>>,
    /// The signed checkpoint over exactly these entries.
    #[prost(string, tag = "4")]
    pub checkpoint: String,
}

/// What an entry says. What was shown then is kept as it was: names may change later.
#[derive(Clone, PartialEq, Message)]
pub struct LogBodyRecord {
    /// When.
    #[prost(int64, tag = "1")]
    pub at: i64,
    /// What was done.
    #[prost(enumeration = "LogAct", tag = "2")]
    pub act: i32,
    /// In which capacity it was done.
    #[prost(enumeration = "LogCapacity", tag = "3")]
    pub capacity: i32,
    /// The person, 16 bytes; empty when it was nobody who signs in.
    #[prost(bytes = "vec", tag = "4")]
    pub person: Vec<u8>,
    /// The person's name.
    #[prost(string, tag = "5")]
    pub person_name: String,
    /// The person's company; empty for owners.
    #[prost(string, tag = "6")]
    pub supplier: String,
    /// The grant it was done under, or that it is about, 16 bytes; empty for none.
    #[prost(bytes = "vec", tag = "7")]
    pub grant: Vec<u8>,
    /// Address it was done from; empty for the console.
    #[prost(string, tag = "8")]
    pub remote: String,
    /// The machine it is about, 16 bytes; empty for none.
    #[prost(bytes = "vec", tag = "9")]
    pub machine: Vec<u8>,
    /// What it is about, by name: a machine, a supplier, a person; empty for nothing in particular.
    #[prost(string, tag = "10")]
    pub subject: String,
    /// `v1::section::Kind` as a number; 0 for none.
    #[prost(uint32, tag = "11")]
    pub section: u32,
    /// Particulars: a new name, what is shared; may be empty.
    #[prost(string, tag = "12")]
    pub detail: String,
    /// How many: computers, failed attempts, an entry's number. 0 when that means nothing.
    #[prost(uint64, tag = "13")]
    pub count: u64,
    /// The person it is about, when not the one who did it, 16 bytes; empty for none.
    #[prost(bytes = "vec", tag = "14")]
    pub about: Vec<u8>,
    /// Name of the device whose command line it was done with; empty for a browser.
    #[prost(string, tag = "15")]
    pub device: String,
    /// The past time that was asked about; 0 for now.
    #[prost(int64, tag = "16")]
    pub as_of: i64,
}

/// In which capacity something was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enumeration)]
#[repr(i32)]
pub enum LogCapacity {
    /// Never stored.
    Unspecified = 0,
    /// An owner.
    Owner = 1,
    /// A technician of a supplier.
    Delegate = 2,
    /// Whoever holds the collector's computer.
    Console = 3,
    /// The collector by itself.
    Collector = 4,
    /// Somebody who has not signed in.
    Stranger = 5,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enumeration)]
#[repr(i32)]
pub enum LogAct {
    /// Never stored.
    Unspecified = 0,
    /// Opened the overview.
    OpenedOverview = 1,
    /// Opened the list of computers.
    OpenedComputers = 2,
    /// Opened a computer's page.
    OpenedComputer = 3,
    /// Opened one section of a computer.
    OpenedSection = 4,
    /// Opened the changes of all computers.
    OpenedChanges = 5,
    /// Opened the changes of one computer.
    OpenedComputerChanges = 6,
    /// Opened the access page.
    OpenedAccess = 7,
    /// Opened the read log.
    OpenedLog = 8,
    /// Opened the list of findings.
    OpenedFindings = 15,
    /// Opened one finding.
    OpenedFinding = 16,
    /// Compared two moments.
    OpenedDifference = 17,
    /// Searched everything.
    Searched = 18,
    /// Took a list along.
    ExportedList = 19,
    /// Asked a question in SQL.
    Asked = 13,
    /// Asked for something that is not shared with them.
    WasRefused = 9,
    /// Read the installed software of all computers.
    ReadSoftware = 10,
    /// Read the administrators of all computers.
    ReadAdministrators = 11,
    /// Took everything that is shared along.
    Exported = 12,
    /// A join string was made.
    MadeToken = 20,
    /// A machine was let in.
    Approved = 21,
    /// A machine was given another name.
    Renamed = 22,
    /// A machine was given other labels.
    Labelled = 23,
    /// A machine was put out of service.
    Retired = 24,
    /// A machine was shut out.
    Revoked = 25,
    /// A machine's history was joined to an earlier one.
    Linked = 26,
    /// A machine was given another note.
    NotedMachine = 27,
    /// A finding was set aside.
    SetAside = 30,
    /// A finding that was set aside was taken up again.
    TookUp = 31,
    /// It was said whose the account of an administrator is.
    Claimed = 32,
    /// A set-up code was made at the console.
    MadeCode = 40,
    /// A password was set with the console's code.
    SetPassword = 41,
    /// A password was changed.
    ChangedPassword = 42,
    /// Somebody signed in.
    SignedIn = 43,
    /// Attempts to sign in failed.
    FailedSignIns = 44,
    /// Other sessions were ended.
    EndedSessions = 45,
    /// A recovery code took the place of the second factor.
    UsedRecoveryCode = 46,
    /// A person's sign-in was locked after too many wrong codes.
    LockedPerson = 47,
    /// A one-time code for a device was made.
    MadeDeviceCode = 48,
    /// A device was added with its code.
    AddedDevice = 49,
    /// A device was shut out.
    EndedDevice = 50,
    /// A second factor was added to the password.
    AddedFactor = 51,
    /// The second factor was taken away.
    RemovedFactor = 52,
    /// One session was ended.
    EndedSession = 53,
    /// Somebody was invited to be an owner.
    InvitedOwner = 54,
    /// A grant was made.
    CreatedGrant = 60,
    /// A grant's end was moved.
    ExtendedGrant = 61,
    /// A grant was suspended.
    SuspendedGrant = 62,
    /// A suspended grant was confirmed.
    ResumedGrant = 63,
    /// A grant was ended for good.
    RevokedGrant = 64,
    /// A technician was invited.
    Invited = 65,
    /// An invitation was accepted.
    AcceptedInvitation = 66,
    /// A technician's access was ended.
    EndedPerson = 67,
    /// What a grant shares was changed.
    AlteredGrant = 68,
    /// A technician may, or may no longer, invite colleagues.
    ChangedLead = 69,
    /// Something was proposed about a machine.
    Suggested = 70,
    /// What was proposed was done.
    AcceptedSuggestion = 71,
    /// What was proposed was not done.
    RefusedSuggestion = 72,
    /// It was said anew what is sent to whom when something is found.
    ChangedAlerts = 90,
    /// A message was sent to try that out.
    TriedAlerts = 91,
    /// The content of an entry was erased.
    ErasedEntry = 80,
    /// A new epoch of the log began, because a backup was restored.
    BeganEpoch = 81,
    /// The authority has other keys than when the collector last ran.
    ReplacedKeys = 82,
}
