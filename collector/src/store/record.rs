//! Records as they are stored, version 1 of the schema: prost messages, so that fields can be added.
//!
//! Times are milliseconds since 1970-01-01 UTC.

mod access;
mod alert;
mod finding;
mod log;

use prost::{Enumeration, Message};

pub use self::{
    access::{
        DeviceCodeRecord, DeviceRecord, FactorRecord, GrantRecord, GrantStanding, InvitationRecord,
        RuleRecord, SavedQuestion, SavedQuestionsRecord, SuggestionKind, SuggestionRecord,
    },
    alert::{
        AlertMailRecord, AlertSettingsRecord, AlertWebhookRecord, DeliveryChannel, DeliveryRecord,
        MailSecurity, ToldRecord,
    },
    finding::{
        AsideRecord, ClaimRecord, ClaimedBy, ClaimsRecord, EpisodeRecord, EvidenceRecord,
        FindingRecord, FindingSeverity, LookedRecord, MarkRecord, MemoryRecord, ParticularKind,
        ParticularRecord,
    },
    log::{LogAct, LogBodyRecord, LogCapacity, LogHeadRecord},
};

/// What the collector is, one record.
#[derive(Clone, PartialEq, Message)]
pub struct SettingsRecord {
    /// Name of the business.
    #[prost(string, tag = "1")]
    pub name: String,
    /// Addresses agents are told, "host:port".
    #[prost(string, repeated, tag = "2")]
    pub addresses: Vec<String>,
    /// When the store was made.
    #[prost(int64, tag = "3")]
    pub created_at: i64,
    /// Fingerprint of the authority's root when the collector last ran; empty before it first did.
    #[prost(string, tag = "4")]
    pub root: String,
    /// It is a demo: its computers are made up.
    #[prost(bool, tag = "5")]
    pub demo: bool,
}

/// A machine.
#[derive(Clone, PartialEq, Message)]
pub struct MachineRecord {
    /// Its identifier, 16 bytes.
    #[prost(bytes = "vec", tag = "1")]
    pub id: Vec<u8>,
    /// Its state.
    #[prost(enumeration = "MachineState", tag = "2")]
    pub state: i32,
    /// Host name it enrolled with.
    #[prost(string, tag = "3")]
    pub host_name: String,
    /// Name given by the owner; empty when none was.
    #[prost(string, tag = "4")]
    pub given_name: String,
    /// Labels, from the owner or the join token.
    #[prost(string, repeated, tag = "5")]
    pub labels: Vec<String>,
    /// When it enrolled.
    #[prost(int64, tag = "6")]
    pub enrolled_at: i64,
    /// Hash of the join token it used, 32 bytes.
    #[prost(bytes = "vec", tag = "7")]
    pub token: Vec<u8>,
    /// BLAKE3-256 over the `SubjectPublicKeyInfo` of its current key, 32 bytes.
    #[prost(bytes = "vec", tag = "8")]
    pub public_key: Vec<u8>,
    /// When its current certificate expires; 0 while it has none.
    #[prost(int64, tag = "9")]
    pub certificate_expires_at: i64,
    /// Hashes that identify its hardware, 32 bytes each: `v1::HardwareFingerprint`, encoded.
    #[prost(bytes = "vec", tag = "10")]
    pub fingerprint: Vec<u8>,
    /// A known machine with the same hardware, 16 bytes; empty when there is none.
    #[prost(bytes = "vec", tag = "11")]
    pub same_hardware_as: Vec<u8>,
    /// Earlier selves whose history this machine continues, 16 bytes each.
    #[prost(bytes = "vec", repeated, tag = "12")]
    pub continues: Vec<Vec<u8>>,
    /// Why the owner should look at it.
    #[prost(message, repeated, tag = "13")]
    pub notices: Vec<NoticeRecord>,
    /// When its state last changed.
    #[prost(int64, tag = "14")]
    pub state_since: i64,
    /// The same as `public_key` of the key it renewed with another one: good until that one is used, because
    /// the answer that brought it may have been lost. Empty when there is none.
    #[prost(bytes = "vec", tag = "15")]
    pub earlier_key: Vec<u8>,
    /// A note, in the owner's words or taken over from a supplier; may be empty.
    #[prost(string, tag = "17")]
    pub note: String,
    /// Labels that whoever installed its agent proposed: without effect, and gone as soon as the owner gives it labels.
    #[prost(string, repeated, tag = "16")]
    pub proposed_labels: Vec<String>,
}

/// States of a machine; the same as in `control.proto`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enumeration)]
#[repr(i32)]
pub enum MachineState {
    /// Never stored.
    Unspecified = 0,
    /// Waits for the owner's approval.
    Waiting = 1,
    /// Reports.
    Active = 2,
    /// Put out of service; its records are kept.
    Retired = 3,
    /// Shut out.
    Revoked = 4,
    /// Its records are gone.
    Erased = 5,
}

/// Something the owner should look at.
#[derive(Clone, PartialEq, Message)]
pub struct NoticeRecord {
    /// What.
    #[prost(enumeration = "NoticeKind", tag = "1")]
    pub kind: i32,
    /// Since when.
    #[prost(int64, tag = "2")]
    pub since: i64,
    /// Particulars, such as how wrong a clock is; may be empty.
    #[prost(string, tag = "3")]
    pub detail: String,
}

/// What the owner should look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enumeration)]
#[repr(i32)]
pub enum NoticeKind {
    /// Never stored.
    Unspecified = 0,
    /// Two machines use the same key, or one was rolled back to an earlier state.
    ForkedChain = 1,
    /// Its clock is wrong.
    WrongClock = 2,
    /// It reported more than a machine may; the rest is summarised.
    OverQuota = 3,
    /// Snapshots were lost while it could not reach the collector.
    SpoolOverflow = 4,
    /// It sent something that is not a valid section.
    InvalidReport = 5,
}

/// What moves with every check-in; written behind, at most 60 s late.
#[derive(Clone, PartialEq, Message)]
pub struct PresenceRecord {
    /// When the machine last checked in.
    #[prost(int64, tag = "1")]
    pub last_seen_at: i64,
    /// Counter of the last link of its chain of check-ins.
    #[prost(uint64, tag = "2")]
    pub chain_counter: u64,
    /// Value of that link, 16 bytes.
    #[prost(bytes = "vec", tag = "3")]
    pub chain_value: Vec<u8>,
    /// Version of its agent.
    #[prost(string, tag = "4")]
    pub agent_version: String,
    /// Its clock minus the collector's, in milliseconds.
    #[prost(int64, tag = "5")]
    pub clock_offset_ms: i64,
    /// Latest readings: `v1::Readings`, encoded.
    #[prost(bytes = "vec", tag = "6")]
    pub readings: Vec<u8>,
    /// When the readings were sent.
    #[prost(int64, tag = "7")]
    pub readings_at: i64,
    /// For each `section::Kind` by its number: when the current version was last confirmed.
    #[prost(int64, repeated, tag = "8")]
    pub confirmed_at: Vec<i64>,
    /// Day (days since 1970-01-01 UTC) that the quota counters are for.
    #[prost(uint32, tag = "9")]
    pub quota_day: u32,
    /// Compressed bytes uploaded that day.
    #[prost(uint64, tag = "10")]
    pub quota_bytes: u64,
    /// Section versions stored that day.
    #[prost(uint32, tag = "11")]
    pub quota_versions: u32,
    /// Change entries stored that day.
    #[prost(uint32, tag = "12")]
    pub quota_changes: u32,
    /// Added to the positions the agent sends: 0 until its chain of check-ins forks, from then on the last
    /// position stored before the fork.
    #[prost(uint64, tag = "13")]
    pub sequence_base: u64,
}

/// One version of a section of a machine. The body lies in the packs under its digest.
#[derive(Clone, PartialEq, Message)]
pub struct VersionRecord {
    /// `v1::section::Kind` as a number.
    #[prost(uint32, tag = "1")]
    pub kind: u32,
    /// BLAKE3-256 over the decompressed bytes, 32 bytes.
    #[prost(bytes = "vec", tag = "2")]
    pub digest: Vec<u8>,
    /// When it was collected, true time.
    #[prost(int64, tag = "3")]
    pub collected_at: i64,
    /// When it was received.
    #[prost(int64, tag = "4")]
    pub received_at: i64,
    /// Position in the machine's series of versions: as sent by the agent, plus `sequence_base`.
    #[prost(uint64, tag = "5")]
    pub sequence: u64,
    /// Decompressed length in bytes.
    #[prost(uint64, tag = "6")]
    pub size: u64,
    /// `v1::section::Status` as a number.
    #[prost(uint32, tag = "7")]
    pub status: u32,
    /// Items in all its lists.
    #[prost(uint32, tag = "8")]
    pub items: u32,
}

/// One item added, removed or altered between two versions of a section.
#[derive(Clone, PartialEq, Message)]
pub struct ChangeRecord {
    /// When the newer version was collected.
    #[prost(int64, tag = "1")]
    pub at: i64,
    /// `v1::section::Kind` as a number.
    #[prost(uint32, tag = "2")]
    pub section: u32,
    /// What happened to the item.
    #[prost(enumeration = "Action", tag = "3")]
    pub action: i32,
    /// What the item is, in the section's terms: "package", "administrator".
    #[prost(string, tag = "4")]
    pub noun: String,
    /// Which one: "openssl".
    #[prost(string, tag = "5")]
    pub item: String,
    /// Fields that differ.
    #[prost(message, repeated, tag = "6")]
    pub fields: Vec<FieldChange>,
    /// The sentence: "package openssl 3.0.11 -> 3.0.15".
    #[prost(string, tag = "7")]
    pub summary: String,
    /// Entries this one stands for beyond itself, when a flood was summarised.
    #[prost(uint32, tag = "8")]
    pub folded: u32,
}

/// What happened to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enumeration)]
#[repr(i32)]
pub enum Action {
    /// Never stored.
    Unspecified = 0,
    /// It was not there before.
    Added = 1,
    /// It is no longer there.
    Removed = 2,
    /// It is still there, but differs.
    Altered = 3,
    /// The section was reported for the first time.
    FirstReport = 4,
    /// The machine enrolled, was approved, revoked or linked.
    Lifecycle = 5,
    /// Reports were lost: what they said of changes is missing.
    Gap = 6,
}

/// A field that differs.
#[derive(Clone, PartialEq, Message)]
pub struct FieldChange {
    /// Its name in the schema.
    #[prost(string, tag = "1")]
    pub name: String,
    /// Value before, as shown; empty when it was not known.
    #[prost(string, tag = "2")]
    pub before: String,
    /// Value after, as shown; empty when it is not known.
    #[prost(string, tag = "3")]
    pub after: String,
}

/// A join token. Its key is the hash of the token.
#[derive(Clone, PartialEq, Message)]
pub struct TokenRecord {
    /// When it was made.
    #[prost(int64, tag = "1")]
    pub created_at: i64,
    /// When it expires.
    #[prost(int64, tag = "2")]
    pub expires_at: i64,
    /// Machines that may use it.
    #[prost(uint32, tag = "3")]
    pub uses: u32,
    /// Machines that used it. Each of them remembers the token.
    #[prost(uint32, tag = "4")]
    pub used: u32,
    /// Labels its machines get.
    #[prost(string, repeated, tag = "5")]
    pub labels: Vec<String>,
    /// Networks it may be used from; empty for any.
    #[prost(string, repeated, tag = "6")]
    pub networks: Vec<String>,
    /// Its machines wait for approval.
    #[prost(bool, tag = "7")]
    pub wait: bool,
}

/// A person who signs in to the dashboard. Its key is a UUID.
#[derive(Clone, PartialEq, Message)]
pub struct PersonRecord {
    /// Identifier, 16 bytes.
    #[prost(bytes = "vec", tag = "1")]
    pub id: Vec<u8>,
    /// Name for the screen.
    #[prost(string, tag = "2")]
    pub name: String,
    /// What the person may do.
    #[prost(enumeration = "PersonRole", tag = "3")]
    pub role: i32,
    /// Argon2id hash in PHC format; empty while no password is set.
    #[prost(string, tag = "4")]
    pub password: String,
    /// When the password was set.
    #[prost(int64, tag = "5")]
    pub password_set_at: i64,
    /// When the password was last replaced through the console; 0 when it never was.
    #[prost(int64, tag = "6")]
    pub reset_at: i64,
    /// E-mail address, in lower case; empty for an owner without one.
    #[prost(string, tag = "7")]
    pub email: String,
    /// The grant a delegate reads under, 16 bytes; empty for owners.
    #[prost(bytes = "vec", tag = "8")]
    pub grant: Vec<u8>,
    /// When the person's access was ended; 0 while it was not.
    #[prost(int64, tag = "9")]
    pub ended_at: i64,
    /// A delegate who may invite colleagues under the same grant.
    #[prost(bool, tag = "10")]
    pub leads: bool,
}

/// What a person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enumeration)]
#[repr(i32)]
pub enum PersonRole {
    /// Never stored.
    Unspecified = 0,
    /// Owns the collector.
    Owner = 1,
    /// Reads under a grant.
    Delegate = 2,
}

/// A signed-in browser. Its key is the hash of the cookie.
#[derive(Clone, PartialEq, Message)]
pub struct SessionRecord {
    /// The person, 16 bytes.
    #[prost(bytes = "vec", tag = "1")]
    pub person: Vec<u8>,
    /// When it was opened.
    #[prost(int64, tag = "2")]
    pub opened_at: i64,
    /// When it ends at the latest.
    #[prost(int64, tag = "3")]
    pub expires_at: i64,
    /// Address it was opened from.
    #[prost(string, tag = "4")]
    pub remote: String,
    /// Browser, as it names itself, shortened.
    #[prost(string, tag = "5")]
    pub user_agent: String,
    /// When it was last used, give or take a few minutes.
    #[prost(int64, tag = "6")]
    pub seen_at: i64,
}

/// The one-time code that lets an owner choose a password, one record.
#[derive(Clone, PartialEq, Message)]
pub struct SetupCodeRecord {
    /// BLAKE3-256 over the code, 32 bytes.
    #[prost(bytes = "vec", tag = "1")]
    pub hash: Vec<u8>,
    /// When it expires.
    #[prost(int64, tag = "2")]
    pub expires_at: i64,
    /// Wrong codes entered since it was made.
    #[prost(uint32, tag = "3")]
    pub failures: u32,
}
