//! Records of what the owner should know about a machine, and of what the rules remember of it.

use prost::{Enumeration, Message};

/// A finding: open, or resolved and kept for its history. Its key is the machine and a hash of rule and
/// subject.
#[derive(Clone, PartialEq, Message)]
pub struct FindingRecord {
    /// The rule that found it, by its identifier.
    #[prost(string, tag = "1")]
    pub rule: String,
    /// What on the machine it is about, such as a disk; empty for the machine as a whole.
    #[prost(string, tag = "2")]
    pub subject: String,
    /// How serious it is.
    #[prost(enumeration = "FindingSeverity", tag = "3")]
    pub severity: i32,
    /// What its sentences name.
    #[prost(message, repeated, tag = "4")]
    pub particulars: Vec<ParticularRecord>,
    /// What it was concluded from.
    #[prost(message, repeated, tag = "5")]
    pub evidence: Vec<EvidenceRecord>,
    /// When it opened, the last time.
    #[prost(int64, tag = "6")]
    pub opened_at: i64,
    /// When what it says last changed.
    #[prost(int64, tag = "7")]
    pub changed_at: i64,
    /// When it was resolved; 0 while it is open.
    #[prost(int64, tag = "8")]
    pub resolved_at: i64,
    /// Since when it is no longer found, while it is kept open because it has come back too often; else 0.
    #[prost(int64, tag = "9")]
    pub absent_since: i64,
    /// Since when it cannot be checked; 0 while it can.
    #[prost(int64, tag = "10")]
    pub unchecked_since: i64,
    /// When it came back, the last few times.
    #[prost(int64, repeated, tag = "11")]
    pub returns: Vec<i64>,
    /// The last times it was open before, oldest first.
    #[prost(message, repeated, tag = "12")]
    pub episodes: Vec<EpisodeRecord>,
}

/// A time during which a finding was open.
#[derive(Clone, PartialEq, Message)]
pub struct EpisodeRecord {
    /// When it opened.
    #[prost(int64, tag = "1")]
    pub opened_at: i64,
    /// When it was resolved.
    #[prost(int64, tag = "2")]
    pub resolved_at: i64,
}

/// How serious a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enumeration)]
#[repr(i32)]
pub enum FindingSeverity {
    /// Never stored.
    Unspecified = 0,
    /// Act now.
    ActNow = 1,
    /// Plan this.
    Plan = 2,
    /// It could not be read.
    Unknown = 3,
    /// Good to know.
    Know = 4,
}

/// Something that a finding's sentences name.
#[derive(Clone, PartialEq, Message)]
pub struct ParticularRecord {
    /// The place in the sentences.
    #[prost(string, tag = "1")]
    pub place: String,
    /// How it is meant.
    #[prost(enumeration = "ParticularKind", tag = "2")]
    pub kind: i32,
    /// One name, or several.
    #[prost(string, repeated, tag = "3")]
    pub names: Vec<String>,
    /// A number, bytes, or a time.
    #[prost(int64, tag = "4")]
    pub number: i64,
}

/// How something in a sentence is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enumeration)]
#[repr(i32)]
pub enum ParticularKind {
    /// Never stored.
    Unspecified = 0,
    /// Names, as the machine writes them.
    Names = 1,
    /// A number.
    Number = 2,
    /// A number of bytes.
    Bytes = 3,
    /// A moment.
    Time = 4,
    /// A day.
    Day = 5,
}

/// A fact that a finding was concluded from.
#[derive(Clone, PartialEq, Message)]
pub struct EvidenceRecord {
    /// `v1::section::Kind` as a number; 0 for what the collector itself has seen.
    #[prost(uint32, tag = "1")]
    pub section: u32,
    /// What is told, such as "State of ClamAV".
    #[prost(string, tag = "2")]
    pub fact: String,
    /// What was read.
    #[prost(string, tag = "3")]
    pub value: String,
    /// Where it was read on the machine; empty where that is not known.
    #[prost(string, tag = "4")]
    pub source: String,
}

/// That the owner set a finding aside. Its key is that of the finding.
#[derive(Clone, PartialEq, Message)]
pub struct AsideRecord {
    /// Why, in the owner's words.
    #[prost(string, tag = "1")]
    pub reason: String,
    /// When it was set aside.
    #[prost(int64, tag = "2")]
    pub at: i64,
    /// When it returns.
    #[prost(int64, tag = "3")]
    pub until: i64,
    /// How serious it was then: when it becomes more serious, it returns before its time.
    #[prost(enumeration = "FindingSeverity", tag = "4")]
    pub severity: i32,
    /// Name of the person who set it aside.
    #[prost(string, tag = "5")]
    pub by: String,
}

/// What the owner said about a machine's administrators. Its key is the machine.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct ClaimsRecord {
    /// Each of them once.
    #[prost(message, repeated, tag = "1")]
    pub claims: Vec<ClaimRecord>,
}

/// Whose the account of an administrator is, as the owner said.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct ClaimRecord {
    /// The account, as the machine writes it.
    #[prost(string, tag = "1")]
    pub principal: String,
    /// Whose it is.
    #[prost(enumeration = "ClaimedBy", tag = "2")]
    pub whose: i32,
    /// Name of the supplier; empty unless it is a supplier's.
    #[prost(string, tag = "3")]
    pub supplier: String,
    /// When that was said.
    #[prost(int64, tag = "4")]
    pub at: i64,
    /// Name of the person who said it.
    #[prost(string, tag = "5")]
    pub by: String,
}

/// Whose an account can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enumeration)]
#[repr(i32)]
pub enum ClaimedBy {
    /// Never stored.
    Unspecified = 0,
    /// The business's own.
    Ours = 1,
    /// A supplier's.
    Supplier = 2,
    /// One that the maker of a program needs.
    Maker = 3,
}

/// What the rules remember of a machine. Its key is the machine.
#[derive(Clone, PartialEq, Message)]
pub struct MemoryRecord {
    /// What holds, and since when.
    #[prost(message, repeated, tag = "1")]
    pub marks: Vec<MarkRecord>,
}

/// Something that holds for a while.
#[derive(Clone, PartialEq, Message)]
pub struct MarkRecord {
    /// The rule's identifier, a colon, and the rule's own word for it.
    #[prost(string, tag = "1")]
    pub mark: String,
    /// When that was first seen.
    #[prost(int64, tag = "2")]
    pub since: i64,
}

/// What a machine was like when the rules last looked at it: while all of it is the same, nothing else is found.
/// Its key is the machine.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct LookedRecord {
    /// A hash of which sections it had reported.
    #[prost(fixed64, tag = "1")]
    pub sections: u64,
    /// A hash of what moves without a report.
    #[prost(fixed64, tag = "2")]
    pub pulse: u64,
    /// The collector had run long enough that a computer which is on was heard.
    #[prost(bool, tag = "3")]
    pub is_settled: bool,
    /// A hash of the rules that looked.
    #[prost(fixed64, tag = "4")]
    pub rules: u64,
}
